//! One sentence: what happened last, and because of what. At its right the line that a person wrote.

use std::time::Duration;

use highwater_scenario::narration::LogKind;
use leptos::prelude::*;

use crate::play::Desk;

/// How often the sentence is read out at most: a screen reader needs time to finish one.
const READ_OUT_EVERY: Duration = Duration::from_secs(4);

/// What is told when a step finds nothing to tell.
const NOTHING: &str =
    "Ten seconds passed in which nothing worth a sentence happened: the nodes only keep in touch";

/// The sentence under the stage.
#[component]
pub fn Narration() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let told = move || {
        if let Some(halt) = sim.halted.get() {
            return Some((halt.sentence, None));
        }
        if sim.idle.get() {
            return Some((NOTHING.to_owned(), None));
        }
        sim.told.get().map(|line| (line.sentence, line.because))
    };
    let written = Memo::new(move |_| {
        let log = sim.log.read();
        let newest = log.iter().rev().find(|line| line.kind == LogKind::You)?;
        Some(own_line(&newest.sentence).to_owned())
    });
    let idle = move || match (sim.replaying.get(), sim.playing.get()) {
        (Some(share), _) => {
            format!("The saved scenario is played again to where it was: {:.0} %.", share * 100.0)
        }
        (None, true) => "Time runs.".to_owned(),
        (None, false) => "Time stands still. Press Play, or Next event.".to_owned(),
    };
    view! {
        <p class="narration">
            {move || match told() {
                Some((sentence, because)) if sim.replaying.get().is_none() => view! {
                    <strong>{sentence}</strong>
                    {because.map(|because| view! { <span>" because " {because}</span> })}
                }.into_any(),
                _ => view! { <span>{idle}</span> }.into_any(),
            }}
        </p>
        <code class="written">{move || written.get()}</code>
        <ReadOut told=Signal::derive(move || told().map(|(sentence, because)| match because {
            Some(because) => format!("{sentence}, because {because}."),
            None => format!("{sentence}."),
        }))/>
    }
    .into_any()
}

/// What a person wrote, of the sentence that tells it.
pub fn own_line(sentence: &str) -> &str {
    sentence.strip_prefix("You: ").unwrap_or(sentence)
}

/// The same for screen readers, no oftener than one can listen.
#[component]
fn ReadOut(told: Signal<Option<String>>) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let is_waiting = StoredValue::new(false);
    Effect::new(move |_| {
        if told.read().is_none() || is_waiting.get_value() {
            return;
        }
        is_waiting.set_value(true);
        if let Some(told) = told.get_untracked() {
            said.set(told);
        }
        set_timeout(
            move || {
                let _ = is_waiting.try_set_value(false);
                if let Some(Some(told)) = told.try_get_untracked()
                    && said.try_get_untracked().is_some_and(|said| said != told)
                {
                    let _ = said.try_set(told);
                }
            },
            READ_OUT_EVERY,
        );
    });
    view! { <p class="sr-only" aria-live="polite">{move || said.get()}</p> }
}
