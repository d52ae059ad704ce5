//! The timeline: what happened when, in lanes by kind. The past is tinted.

use highwater_cluster::time::Time;
use highwater_scenario::narration::LogKind;
use highwater_scenario::session::LogLine;
use leptos::prelude::*;

use crate::play::Desk;

/// The lanes, from above.
const LANES: [&str; 4] = ["you", "cluster", "elections", "groups"];

/// The height of a lane.
const LANE: f64 = 15.0;

/// The spans that the timeline may stand for, in seconds: the next one is taken when one is full.
const SPANS: [u64; 12] = [20, 40, 60, 120, 180, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400];

/// Marks nearer to each other than this part of the width are drawn as one.
const NEAR: f64 = 0.003;

/// A mark on the timeline.
#[derive(Clone, Debug, PartialEq)]
struct Mark {
    lane: usize,
    /// Where it is, as a part of the width.
    at: f64,
    /// Its shape, by the name of its class.
    shape: &'static str,
}

/// The timeline. The log says the same in words.
#[component]
pub fn Timeline() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let span = Memo::new(move |_| span_for(sim.clock.get()));
    let marks = Memo::new(move |_| {
        sim.log.track();
        let span = span.get();
        sim.read(|session| marks(session.log().iter(), span)).unwrap_or_default()
    });
    let now = move || format!("{:.2}%", 100.0 * part(sim.clock.get(), span.get()));
    let height = LANES.len() as f64 * LANE;
    let middle = |lane: usize| (lane as f64 + 0.5) * LANE;
    view! {
        <div class="timeline" aria-hidden="true">
            <div class="lane-names">{LANES.map(|name| view! { <span>{name}</span> }).collect_view()}</div>
            <svg width="100%" height=height>
                <rect class="past" x="0" y="0" height=height width=now/>
                {(0..LANES.len()).map(|lane| view! {
                    <line class="lane" x1="0" x2="100%" y1=middle(lane) y2=middle(lane)/>
                }).collect_view()}
                {move || marks.get().into_iter().map(|mark| {
                    let shape = match mark.shape {
                        "diamond" | "fault" => "M0 -4.5l4.5 4.5 -4.5 4.5 -4.5 -4.5z",
                        "isr" => "M-1 -4.5h2v9h-2z",
                        "bar" => "M-4 -2.5h8v5h-8z",
                        _ => "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
                    };
                    view! {
                        <svg x=format!("{:.2}%", mark.at * 100.0) y=middle(mark.lane) overflow="visible">
                            <path class=mark.shape d=shape/>
                        </svg>
                    }
                }).collect_view()}
                <line class="now" x1=now x2=now y1="0" y2=height/>
            </svg>
            <span class="span">{move || label(span.get())}</span>
        </div>
    }
    .into_any()
}

/// The marks of a log, those that lie upon each other as one.
fn marks<'a>(log: impl Iterator<Item = &'a LogLine>, span: u64) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for line in log {
        let (lane, shape) = match line.kind {
            LogKind::You => (0, "dot"),
            // With what it begins is no fault.
            LogKind::Fault if line.at > Time::ZERO => (1, "fault"),
            LogKind::Election => (2, "diamond"),
            LogKind::Isr => (2, "isr"),
            LogKind::Group => (3, "bar"),
            _ => continue,
        };
        let at = part(line.at, span);
        let is_there =
            |mark: &Mark| mark.lane == lane && mark.shape == shape && at - mark.at < NEAR;
        if !marks.iter().rev().take(8).any(is_there) {
            marks.push(Mark { lane, at, shape });
        }
    }
    marks
}

/// The span in which an instant is not near the end yet, in seconds.
fn span_for(now: Time) -> u64 {
    let needed = now.0 / 950_000;
    SPANS.into_iter().find(|span| *span > needed).unwrap_or(needed * 2)
}

fn part(at: Time, span: u64) -> f64 {
    (at.0 as f64 / 1e6 / span.max(1) as f64).min(1.0)
}

fn label(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_grows_before_it_is_full() {
        assert_eq!(span_for(Time(0)), 20);
        assert_eq!(span_for(Time(19_500_000)), 40);
        assert_eq!(span_for(Time(100_000_000_000)), 210_526);
        assert_eq!([label(60), label(600), label(7_200)], ["60 s", "10 min", "2 h"]);
    }
}
