//! Command lines as they are shown.

use leptos::prelude::*;

/// A command line that is broken between its words only, and never within an option.
pub fn unbroken(line: &str) -> impl IntoView + use<> {
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let word = |(index, word): (usize, String)| {
        view! {
            {(index > 0).then_some(" ")}
            <span class="word">{word}</span>
        }
    };
    words.into_iter().enumerate().map(word).collect_view()
}
