//! One sentence: what happened last, and because of what. At its right the line that a person wrote.

use std::time::Duration;

use highwater_cluster::ids::EventId;
use highwater_scenario::narration::LogKind;
use highwater_scenario::session::LogLine;
use leptos::prelude::*;

use crate::play::Desk;
use crate::shows::Shows;
use crate::texts::Text;

/// How often a sentence is read out at most: a screen reader needs time to finish one.
const READ_OUT_EVERY: Duration = Duration::from_secs(2);

/// More than anything weighs that happens in the cluster: what stands still, or was asked for.
const MOST_WEIGHT: u8 = u8::MAX;

/// What is told when a step finds nothing to tell.
const NOTHING: Text = text!("narration.ten-seconds-passed");

/// The sentence under the stage.
#[component]
pub fn Narration() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sim = desk.sim;
    // What is said of the run itself rather than of the cluster.
    let of_run = Memo::new(move |_| {
        if let Some(halt) = sim.halted.get() {
            return Some((halt.sentence, None));
        }
        if let Some(hit) = sim.telling.hit.get() {
            return Some((t!("narration.paused", said = hit.said, why = hit.why), None));
        }
        sim.idle.get().then(|| (NOTHING.say().to_owned(), None))
    });
    let told = move || {
        let last = || {
            let tells_why = desk.shows.get() == Shows::ALL;
            last_told(desk).map(|line| (line.sentence, line.because.filter(|_| tells_why)))
        };
        of_run.get().or_else(last)
    };
    let written = Memo::new(move |_| {
        let log = sim.log.read();
        let newest = log.iter().rev().find(|line| line.kind == LogKind::You)?;
        Some(own_line(&newest.sentence).to_owned())
    });
    let idle = move || match (sim.replaying.get(), sim.playing.get()) {
        (Some(share), _) => {
            t!("narration.saved-scenario-played", percent = format_args!("{:.0}", share * 100.0))
        }
        (None, true) => t!("narration.time-runs").to_owned(),
        (None, false) => t!("narration.time-stands-still").to_owned(),
    };
    view! {
        <div class="narration">
            <p>
                {move || match told() {
                    Some((sentence, because)) if sim.replaying.get().is_none() => view! {
                        <strong>{sentence}</strong>
                        {because.map(|because| view! { <span>{t!("narration.because-before")} {because}</span> })}
                    }.into_any(),
                    _ => view! { <span>{idle}</span> }.into_any(),
                }}
            </p>
            <Wait/>
        </div>
        <code class="written">{move || written.get()}</code>
        <ReadOut of_run/>
    }
    .into_any()
}

/// What was told last of what the stage draws.
pub fn last_told(desk: Desk) -> Option<LogLine> {
    let shows = desk.shows.get();
    desk.sim.told.get().filter(|line| shows.tells(line)).or_else(|| {
        let lines = desk.sim.telling.lines.read();
        lines.iter().rev().find(|line| shows.tells(line)).cloned()
    })
}

/// What a person wrote, of the sentence that tells it.
pub fn own_line(sentence: &str) -> &str {
    sentence.strip_prefix(t!("narration.you")).unwrap_or(sentence)
}

/// The offer to pass over a long wait.
#[component]
fn Wait() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    view! {
        <Show when=move || sim.telling.quiet_s.get().is_some()>
            <button type="button" class="skip" on:click=move |_| sim.skip() title=t!("narration.time-goes-on")>
                <span class="since">
                    {move || t!("narration.nothing-for-s", seconds = sim.telling.quiet_s.get().unwrap_or_default())}
                </span>
                <span>{t!("narration.skip-to-next")}</span>
            </button>
        </Show>
    }
    .into_any()
}

/// The sentences for screen readers, no oftener than one can listen: of what happened meanwhile, what
/// matters most.
#[component]
fn ReadOut(of_run: Memo<Option<(String, Option<String>)>>) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let said = RwSignal::new(String::new());
    let waiting = StoredValue::new(Waiting::default());
    let hear = move |heard: Heard| {
        let begin = waiting.try_update_value(|waiting| {
            waiting.hear(heard);
            !std::mem::replace(&mut waiting.is_speaking, true)
        });
        if begin == Some(true) {
            speak(said, waiting);
        }
    };
    Effect::new(move |_| {
        let (has_begun, newest) = waiting.with_value(|waiting| (waiting.has_begun, waiting.newest));
        let log = sim.log.read();
        let last = log.last().map(|line| line.event);
        // What was told before the page stood, or before time was taken back, is not said again.
        let lines = log.iter().rev().take_while(|line| has_begun && Some(line.event) > newest);
        let lines: Vec<Heard> = lines
            .filter(|line| !matches!(line.kind, LogKind::Output { .. }))
            .map(|line| Heard {
                weight: 1 + line.kind.weight(),
                text: sentence(&line.sentence, line.because.as_deref()),
            })
            .collect();
        waiting.update_value(|waiting| {
            waiting.has_begun = true;
            waiting.newest = last;
        });
        lines.into_iter().rev().for_each(hear);
    });
    Effect::new(move |_| {
        if let Some((text, because)) = of_run.get() {
            hear(Heard { weight: MOST_WEIGHT, text: sentence(&text, because.as_deref()) });
        }
    });
    Effect::new(move |_| {
        if let Some(line) = sim.told.get() {
            hear(Heard { weight: 0, text: sentence(&line.sentence, line.because.as_deref()) });
        }
    });
    view! { <p class="sr-only" aria-live="polite">{move || said.get()}</p> }.into_any()
}

/// Something that could be read out.
struct Heard {
    weight: u8,
    text: String,
}

/// What is to be read out when the last sentence has been listened to.
#[derive(Default)]
struct Waiting {
    is_speaking: bool,
    next: Option<Heard>,
    /// The newest line of the log that was heard.
    newest: Option<EventId>,
    has_begun: bool,
}

impl Waiting {
    fn hear(&mut self, heard: Heard) {
        if self.next.as_ref().is_none_or(|next| next.weight <= heard.weight) {
            self.next = Some(heard);
        }
    }
}

fn speak(said: RwSignal<String>, waiting: StoredValue<Waiting>) {
    let next = waiting.try_update_value(|waiting| {
        let next = waiting.next.take();
        waiting.is_speaking = next.is_some();
        next
    });
    let Some(Some(next)) = next else { return };
    if said.try_with_untracked(|said| *said != next.text) == Some(true) {
        said.set(next.text);
    }
    set_timeout(move || speak(said, waiting), READ_OUT_EVERY);
}

fn sentence(text: &str, because: Option<&str>) -> String {
    match because {
        Some(because) => t!("narration.because", text = text, because = because),
        None => format!("{text}."),
    }
}
