//! Who has shown a wrong belief is led to what refutes it: once with a word about it, then by a link.

use leptos::prelude::*;

use crate::beliefs;

/// The way to what refutes these beliefs.
#[component]
pub fn LedTo(
    /// By id.
    ids: Vec<String>,
    /// Those that one had shown before.
    known: Vec<String>,
) -> impl IntoView {
    let mut unlike: Vec<String> = Vec::new();
    for id in ids {
        if !unlike.contains(&id) {
            unlike.push(id);
        }
    }
    let way = |id: &String| {
        let belief = beliefs::find(id)?;
        let href = format!("#/beliefs/{id}");
        let words = t!("led.belief", belief = belief.belief);
        Some(if known.contains(id) {
            view! { <p class="led-again"><a href=href>{words}</a></p> }.into_any()
        } else {
            view! {
                <div class="led">
                    <p>{t!("led.many-think-so")}</p>
                    <p><strong>{words}</strong></p>
                    <p class="sources"><a class="button" href=href>{t!("led.see-it-refuted")}</a></p>
                </div>
            }
            .into_any()
        })
    };
    unlike.iter().filter_map(way).collect_view().into_any()
}
