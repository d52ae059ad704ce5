//! The cleaner's last pass played record by record: what it looks at, what it takes over, and what it leaves behind.

use std::time::Duration;

use highwater_scenario::cluster::log::{DropReason, Offset};
use leptos::prelude::*;

use super::pass::why_gone;

/// The records that are seen at once.
const WINDOW: usize = 16;

/// How long each is looked at while it plays.
const EACH: Duration = Duration::from_millis(600);

/// A record that the cleaner comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where it stands.
    pub offset: Offset,
    /// Why it goes, if it does.
    pub gone: Option<DropReason>,
}

/// The pass, to be stepped through.
#[component]
pub fn Steps(
    /// The records in the order in which the cleaner came to them.
    records: Vec<Step>,
) -> impl IntoView {
    let count = records.len();
    let records = StoredValue::new(records);
    // How many records the cleaner has been through.
    let done = RwSignal::new(0_usize);
    let is_playing = RwSignal::new(false);
    let go = move |to: usize| done.set(to.min(count));
    if let Ok(timer) = set_interval_with_handle(
        move || {
            if is_playing.get_untracked() {
                go(done.get_untracked() + 1);
                is_playing.set(done.get_untracked() < count);
            }
        },
        EACH,
    ) {
        on_cleanup(move || timer.clear());
    }
    let play = move |_| {
        if done.get_untracked() == count {
            done.set(0);
        }
        is_playing.update(|is_playing| *is_playing = !*is_playing);
    };
    let step = move |by: isize| {
        is_playing.set(false);
        go(done.get_untracked().saturating_add_signed(by));
    };
    let seek = move |event| {
        is_playing.set(false);
        go(event_target_value(&event).parse().unwrap_or(0));
    };
    let said = move || {
        let last = done.get().checked_sub(1)?;
        records.with_value(|records| records.get(last).map(sentence))
    };
    let cells = move |of: fn(&[Step], usize) -> Vec<Cell>| {
        move || records.with_value(|records| drawn(of(records, done.get())))
    };
    view! {
        <div class="pass-steps" role="group" aria-label=t!("anatomy.pass-record-by-record")>
            <p class="over">{t!("anatomy.log-before")}</p>
            {cells(before)}
            <p class="over">{t!("anatomy.log-that-is-written")}</p>
            {cells(after)}
            <p class="said" role="status">{move || said().unwrap_or_else(|| t!("anatomy.cleaner-begins").to_owned())}</p>
            <div class="window-buttons">
                <button type="button" on:click=play>
                    {move || if is_playing.get() { t!("anatomy.pause") } else { t!("anatomy.play-the-pass") }}
                </button>
                <button type="button" disabled=move || done.get() == 0 on:click=move |_| step(-1)>{t!("anatomy.record-before")}</button>
                <button type="button" disabled=move || done.get() == count on:click=move |_| step(1)>{t!("anatomy.next-record")}</button>
                <input type="range" min="0" max=count aria-label=t!("anatomy.records-looked-at") prop:value=move || done.get().to_string() on:input=seek/>
                <span class="range">{move || t!("anatomy.of-records", done = done.get(), count = count)}</span>
            </div>
        </div>
    }
    .into_any()
}

/// What became of a record, in a sentence.
fn sentence(step: &Step) -> String {
    match step.gone {
        Some(reason) => {
            t!("anatomy.offset-goes", offset = step.offset, why = why_gone(reason))
        }
        None => t!("anatomy.offset-stays", offset = step.offset),
    }
}

/// A record as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    offset: Offset,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ahead,
    Kept,
    Gone,
}

/// The log that is cleaned, around the record that was looked at last.
fn before(records: &[Step], done: usize) -> Vec<Cell> {
    let from = done.saturating_sub(WINDOW / 2).min(records.len().saturating_sub(WINDOW));
    let state = |index: usize, step: &Step| match (index < done, step.gone) {
        (false, _) => State::Ahead,
        (true, None) => State::Kept,
        (true, Some(_)) => State::Gone,
    };
    let all = records.iter().enumerate().skip(from).take(WINDOW);
    all.map(|(index, step)| Cell { offset: step.offset, state: state(index, step) }).collect()
}

/// The end of what is written so far.
fn after(records: &[Step], done: usize) -> Vec<Cell> {
    let kept = records.iter().take(done).filter(|step| step.gone.is_none());
    let mut cells: Vec<Cell> =
        kept.map(|step| Cell { offset: step.offset, state: State::Kept }).collect();
    cells.drain(..cells.len().saturating_sub(WINDOW));
    cells
}

fn drawn(cells: Vec<Cell>) -> AnyView {
    let cell = |cell: Cell| {
        let (class, word) = match cell.state {
            State::Ahead => ("ahead", ""),
            State::Kept => ("kept", t!("anatomy.stays")),
            State::Gone => ("gone", t!("anatomy.goes")),
        };
        view! { <li class=class>{cell.offset.to_string()}<span class="sr-only">{word}</span></li> }
    };
    view! { <ol class="cells">{cells.into_iter().map(cell).collect_view()}</ol> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(count: i64) -> Vec<Step> {
        let gone = |offset: i64| {
            (offset % 2 == 0).then_some(DropReason::Superseded { by: Offset(offset + 1) })
        };
        (0..count).map(|offset| Step { offset: Offset(offset), gone: gone(offset) }).collect()
    }

    fn check(cells: &[Cell], expect: &str) {
        let letter = |cell: &Cell| match cell.state {
            State::Ahead => format!("{}", cell.offset),
            State::Kept => format!("+{}", cell.offset),
            State::Gone => format!("-{}", cell.offset),
        };
        assert_eq!(cells.iter().map(letter).collect::<Vec<_>>().join(" "), expect);
    }

    #[test]
    fn what_the_cleaner_has_been_through_is_told_apart() {
        let records = records(4);
        check(&before(&records, 0), "0 1 2 3");
        check(&before(&records, 3), "-0 +1 -2 3");
        check(&after(&records, 3), "+1");
        check(&after(&records, 4), "+1 +3");
    }

    #[test]
    fn the_window_goes_along() {
        let records = records(100);
        for done in 0..=100 {
            let cells = before(&records, done);
            assert_eq!(cells.len(), WINDOW);
            let last = done.saturating_sub(1) as i64;
            assert!(cells.iter().any(|cell| cell.offset.0 == last), "{done}");
            assert!(after(&records, done).len() <= WINDOW);
        }
    }
}
