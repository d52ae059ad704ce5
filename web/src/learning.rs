//! What was done to learn, as this browser keeps it, and a report of it that its reader can take along. Nothing is sent.

use highwater_exercises::learning::{Deed, Learning, OfExercise, Report};
use leptos::prelude::*;

use crate::kept;
use crate::media;
use crate::packs;
use crate::save::storage::{self, StorageError};
use crate::share::files;
use crate::sim::Sim;

const KEY: &str = "highwater.learning";

/// What was noted so far. What cannot be read is put aside, and not written over.
pub fn noted() -> Learning {
    let Some(text) = storage::get(KEY) else { return Learning::default() };
    Learning::read(&text).unwrap_or_else(|| {
        kept::put_aside(KEY, &text);
        Learning::default()
    })
}

/// Keeps this in the place of what was noted.
pub fn keep(learning: &Learning) -> Result<(), StorageError> {
    storage::set(KEY, &learning.write())
}

/// Notes something that was done. Where nothing can be stored, nothing is.
pub fn note(deed: Deed) {
    let mut learning = noted();
    learning.note(js_sys::Date::now() as u64, deed);
    let _ = storage::set(KEY, &learning.write());
}

/// Notes that the page was opened, if it never was. A first visit does not wait for it.
pub fn note_arrival() {
    media::once_whole(|| note(Deed::Arrived));
}

/// Notes when the first record stands in a log that comes of a line of one's own: the scenario itself has `given` lines.
pub fn note_first_record(sim: Sim, given: usize) {
    let is_noted =
        StoredValue::new(noted().deeds.iter().any(|noted| noted.deed == Deed::FirstRecord));
    Effect::new(move |_| {
        let wrote = sim.calm.read().producers.iter().any(|one| one.records_acknowledged > 0);
        if wrote && !is_noted.get_value() && sim.written_lines() > given {
            is_noted.set_value(true);
            note(Deed::FirstRecord);
        }
    });
}

/// What can be said of one's learning, and what can be done with that.
#[component]
pub fn OwnReport(
    /// Whether there is a link to where one stands.
    is_linked: bool,
) -> impl IntoView {
    let learning = noted();
    let trouble = RwSignal::new(None::<String>);
    let report = StoredValue::new(learning.report());
    let save = move |_| {
        files::save("text", "highwater-learning.json", &report.with_value(Report::write), trouble)
    };
    let is_there = report.with_value(|report| !report.exercises.is_empty() || report.answered != 0);
    let said = move || {
        report.with_value(lines).into_iter().map(|line| view! { <li>{line}</li> }).collect_view()
    };
    view! {
        <Show when=move || is_there>
            <section class="own-report">
                <h2>{t!("learning.your-learning")}</h2>
                <p class="aside">{t!("learning.stays-here")}</p>
                <ul>{said}</ul>
                <p class="sources">
                    <button type="button" on:click=save>{t!("learning.save-report")}</button>
                    {is_linked.then(|| view! {
                        <a class="button" href="#/standing">{t!("standing.where-you-stand")}</a>
                    })}
                </p>
                <p role="status">{trouble}</p>
            </section>
        </Show>
    }
    .into_any()
}

/// The report in sentences.
fn lines(report: &Report) -> Vec<String> {
    let solved = |one: &&OfExercise| one.seconds_to_solve.is_some();
    let solved = report.exercises.iter().filter(solved).count();
    let hints: u32 = report.exercises.iter().flat_map(|one| one.hints.values()).sum();
    let mut lines =
        vec![t!("learning.begun-solved", begun = report.exercises.len(), solved = solved)];
    if let Some(seconds) = report.seconds_to_first_record {
        lines.push(t!("learning.first-record", seconds = seconds));
    }
    if hints > 0 {
        lines.push(t!("learning.hints", hints = hints));
    }
    if report.answered > 0 {
        let (right, answered) = (report.right_at_first_try, report.answered);
        lines.push(t!("learning.right-at-first", right = right, answered = answered));
    }
    let believed = report.beliefs.iter().filter_map(|(id, times)| {
        let belief = packs::misconception(id)?;
        Some(t!("learning.believed", number = u64::from(*times), belief = belief.belief))
    });
    lines.extend(believed);
    lines
}
