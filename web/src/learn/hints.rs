//! Hints, one at a time, for the first line of the checklist that is open. They can always be asked
//! for; some are offered when it has not gone well for a while.

use std::collections::BTreeMap;
use std::time::Duration;

use highwater_exercises::learning::Deed;
use highwater_exercises::{Exercise, HintLevel, Offered};
use highwater_scenario::narration::LogKind;
use highwater_scenario::session::LogLine;
use leptos::prelude::*;

use crate::learning;
use crate::play::Desk;

/// How often it is looked whether a hint is due.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// The hints for the check that comes first.
#[component]
pub fn Hints(exercise: &'static Exercise, first_unmet: Memo<Option<String>>) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let shown = RwSignal::new(BTreeMap::<String, usize>::new());
    let since = StoredValue::new(Beginning::default());
    let seconds = RwSignal::new(0_u32);
    Effect::new(move |_| {
        first_unmet.track();
        let last = sim.log.read_untracked().last().map_or(0, |line| line.event.0);
        since.set_value(Beginning { event: last, at_ms: js_sys::Date::now() });
        seconds.set(0);
    });
    if let Ok(timer) = set_interval_with_handle(
        move || {
            let waited = (js_sys::Date::now() - since.get_value().at_ms) / 1_000.0;
            seconds.set(waited as u32);
        },
        LOOK_EVERY,
    ) {
        on_cleanup(move || timer.clear());
    }
    let of_check = move || {
        let check = first_unmet.get().unwrap_or_default();
        let count = shown.read().get(&check).copied().unwrap_or(0);
        (exercise.hints_for(&check).collect::<Vec<_>>(), count, check)
    };
    let is_offered = Memo::new(move |_| {
        let (hints, count, _) = of_check();
        let after = since.get_value().event;
        let log = sim.log.read();
        let tries = Tries::count(log.iter().filter(|line| line.event.0 > after));
        // What makes a further hint due makes the next one due.
        hints.iter().skip(count).any(|hint| match hint.offered {
            Offered::Asked => false,
            Offered::AfterErrors(errors) => tries.errors >= errors,
            Offered::AfterAttempts(attempts) => tries.attempts >= attempts,
            Offered::AfterSeconds(wanted) => seconds.get() >= wanted,
        })
    });
    let show_next = move |_| {
        let (hints, count, check) = of_check();
        if let Some(hint) = hints.get(count) {
            let (exercise, check, level) = (exercise.id.clone(), check.clone(), hint.level);
            learning::note(Deed::Hint { exercise, check, level });
        }
        shown.update(|shown| {
            shown.insert(check, count + 1);
        });
    };
    let left = move || {
        let (hints, count, _) = of_check();
        hints.len().saturating_sub(count)
    };
    view! {
        <div class="hints">
            <ol>
                {move || {
                    let (hints, count, _) = of_check();
                    hints.into_iter().take(count).map(|hint| view! {
                        <li class="hint">
                            <p class="over">{level(hint.level)}</p>
                            <div class="text" inner_html=hint.text_html.clone()></div>
                            {hint.line.clone().map(|line| view! { <p><code>{line}</code></p> })}
                        </li>
                    }).collect_view()
                }}
            </ol>
            <Show when=move || { left() > 0 }>
                <p class="sources">
                    <button type="button" class:main=move || is_offered.get() on:click=show_next>
                        {move || match (is_offered.get(), of_check().1) {
                            (true, _) => t!("learn.hint-may-help"),
                            (false, 0) => t!("learn.show-hint"),
                            (false, _) => t!("learn.show-next-hint"),
                        }}
                    </button>
                    <span class="aside">{move || t!("learn.left-for-this", left = left())}</span>
                </p>
            </Show>
        </div>
    }
    .into_any()
}

/// When a check came first.
#[derive(Clone, Copy, Debug, Default)]
struct Beginning {
    event: u64,
    at_ms: f64,
}

/// What was tried.
#[derive(Debug, Default, PartialEq)]
struct Tries {
    /// Lines written.
    attempts: u32,
    /// Lines that ended in an error.
    errors: u32,
}

impl Tries {
    fn count<'a>(lines: impl Iterator<Item = &'a LogLine>) -> Self {
        let mut tries = Self::default();
        let mut has_failed = false;
        for line in lines {
            match &line.kind {
                LogKind::You => {
                    tries.attempts += 1;
                    has_failed = false;
                }
                LogKind::Output { is_error: true, .. } if !has_failed => {
                    tries.errors += 1;
                    has_failed = true;
                }
                _ => {}
            }
        }
        tries
    }
}

fn level(level: HintLevel) -> &'static str {
    match level {
        HintLevel::Where => t!("learn.where-to-look"),
        HintLevel::Idea => t!("learn.idea"),
        HintLevel::Step => t!("learn.next-step"),
        HintLevel::Solution => t!("learn.line"),
    }
}
