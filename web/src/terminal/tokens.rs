//! On a phone: the words that are likely to come next, to be tapped, so that a whole command can be made
//! without a keyboard.

use highwater_shell::Completion;
use leptos::prelude::*;

use crate::each::Each;

use super::Terminals;

/// The words that are offered at most.
const MOST: usize = 48;

/// The words that come first, since they are needed most.
const FIRST: &[&str] = &[
    "kafka-topics.sh",
    "kafka-console-producer.sh",
    "kafka-console-consumer.sh",
    "kafka-consumer-groups.sh",
    "kafka-configs.sh",
    "broker",
    "producer",
    "consumer",
    "help",
    "--create",
    "--list",
    "--describe",
    "--alter",
    "--topic",
    "--group",
    "--from-beginning",
    "--all-groups",
    "--partitions",
    "--replication-factor",
    "--bootstrap-server",
];

/// What is offered to a command that reads records.
const EXAMPLES: &[&str] = &["hello", "k1:one", "k2:two", "k1:three"];

/// The row of words.
#[component]
pub fn Tokens(terminals: Terminals) -> impl IntoView {
    let sim = terminals.sim;
    let words = Memo::new(move |_| {
        let line = terminals.typed.get();
        sim.written.track();
        // Names that appear while one types are there with the next word.
        if terminals.state.read().is_read {
            let from = line.chars().count();
            let example = |text: &&str| Completion { text: (*text).to_owned(), from, help: "" };
            return if line.is_empty() {
                EXAMPLES.iter().map(example).collect()
            } else {
                Vec::new()
            };
        }
        let mut words = terminals.completions(&line, line.chars().count());
        let place = |word: &Completion| {
            FIRST.iter().position(|first| *first == word.text).unwrap_or(usize::MAX)
        };
        words.sort_by_key(place);
        words.truncate(MOST);
        words
    });
    let put = move |word: &Completion| {
        let end = terminals.typed.read_untracked().chars().count();
        if terminals.state.read_untracked().is_read {
            terminals.typed.set(word.text.clone());
        } else {
            terminals.put(word, end);
        }
    };
    let cut = move |_| {
        terminals.typed.update(|line| {
            let kept = line.trim_end().rfind(' ').map_or(0, |blank| blank + 1);
            line.truncate(kept);
        });
    };
    let has_history = move || {
        sim.written.track();
        let name = terminals.current.get();
        sim.read(|session| !session.typed_lines(&name).is_empty()).unwrap_or(false)
    };
    let earlier = move || {
        let is_open = terminals.found.read_untracked().is_some();
        if is_open { terminals.found.set(None) } else { terminals.search() }
    };
    let operators = move || {
        let line = terminals.typed.read();
        let is_whole = line.contains(' ') && line.ends_with(' ') && !terminals.state.read().is_read;
        is_whole.then(|| {
            ["| ", "& "].map(|text| {
                let word = Completion { text: text.trim().to_owned(), from: usize::MAX, help: "" };
                view! {
                    <button type="button" on:mousedown=|event| event.prevent_default()
                        on:click=move |_| terminals.typed.update(|line| line.push_str(&format!("{} ", word.text)))>{text.trim()}</button>
                }
            }).collect_view()
        })
    };
    view! {
        <Show when=move || terminals.desk.is_phone.get()>
            <div class="tokens" role="group" aria-label=t!("terminal.next-words")>
                <Show when=move || !terminals.typed.read().is_empty()>
                    <button type="button" class="cut" on:mousedown=|event| event.prevent_default() on:click=cut>{t!("terminal.delete-word")}</button>
                </Show>
                <Show when=move || terminals.typed.read().is_empty() && !terminals.state.read().is_read && has_history()>
                    <button type="button" class="cut" on:mousedown=|event| event.prevent_default() on:click=move |_| earlier()>{t!("terminal.earlier-lines")}</button>
                </Show>
                <Each each=move || words.get() key=|word| (word.text.clone(), word.from) let:word>
                    {
                        let text = word.text.clone();
                        view! {
                            <button type="button" on:mousedown=|event| event.prevent_default()
                                on:click=move |_| put(&word)>{text}</button>
                        }
                    }
                </Each>
                {operators}
            </div>
        </Show>
    }
    .into_any()
}
