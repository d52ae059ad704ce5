//! The timeline: what happened when, in lanes by kind. The past is tinted.

use highwater_cluster::time::{Span, Time};
use highwater_scenario::narration::LogKind;
use highwater_scenario::session::LogLine;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;

use crate::branches::Branches;
use crate::format::clock;
use crate::play::Desk;
use crate::shows::Shown;
use crate::texts::Text;

/// The lanes, from above.
const LANES: [Text; 4] = [
    text!("timeline.you"),
    text!("timeline.cluster"),
    text!("timeline.elections"),
    text!("timeline.groups"),
];

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

/// How far an arrow key goes, and a page key.
const STEP: Span = Span(100_000);
const LEAP: Span = Span(1_000_000);

/// What the timeline remembers of a run: its marks, those ahead of the present moment too.
#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    /// What tells one run from another.
    run: (u32, u32),
    marks: Vec<(Time, usize, &'static str)>,
}

/// The timeline, which can be dragged to any moment. The log says the same as its marks in words.
#[component]
pub fn Timeline() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sim = desk.sim;
    let span = Memo::new(move |_| span_for(sim.clock.get().max(sim.reached.get())));
    let told = Memo::new(move |before: Option<&Told>| {
        sim.log.track();
        let run = (sim.loaded.get(), sim.written.get());
        let (now, mut marks) = sim
            .read(|session| (session.now(), session.log().iter().filter_map(mark_of).collect()))
            .unwrap_or_else(|| (Time::ZERO, Vec::new()));
        // What lies ahead was told before time was taken back.
        if let Some(before) = before.filter(|before| before.run == run) {
            marks.extend(before.marks.iter().filter(|(at, ..)| *at > now).copied());
        }
        Told { run, marks }
    });
    let is_shown = move |lane: usize| {
        let shows = desk.shows.get();
        match lane {
            2 => shows.has(Shown::Leaders),
            3 => shows.has(Shown::Groups),
            _ => true,
        }
    };
    let marks = Memo::new(move |_| {
        let shown = |told: &Told| {
            told.marks.iter().filter(|(_, lane, _)| is_shown(*lane)).copied().collect::<Vec<_>>()
        };
        marks(&told.with(shown), span.get())
    });
    let percent = move |at: Time| format!("{:.3}%", 100.0 * part(at, span.get()));
    let now = move || percent(sim.clock.get());
    let height = LANES.len() as f64 * LANE;
    let middle = |lane: usize| (lane as f64 + 0.5) * LANE;

    let track = NodeRef::<Div>::new();
    let is_dragged = RwSignal::new(false);
    let seek_at = move |event: &PointerEvent| {
        let Some(track) = track.get_untracked() else { return };
        let area = track.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - area.left()) / area.width().max(1.0);
        let micros = share.clamp(0.0, 1.0) * span.get_untracked() as f64 * 1e6;
        sim.seek(Time(micros as u64));
    };
    let press = move |event: PointerEvent| {
        let Some(track) = track.get_untracked() else { return };
        event.prevent_default();
        let _ = track.focus();
        is_dragged.set(track.set_pointer_capture(event.pointer_id()).is_ok());
        sim.pause();
        seek_at(&event);
    };
    let drag = move |event: PointerEvent| {
        if is_dragged.get_untracked() {
            seek_at(&event);
        }
    };
    let by_key = move |event: KeyboardEvent| {
        // A moment that is on its way counts: keys come faster than it is reached.
        let now = sim.heading();
        let back = |by: Span| Time(now.0.saturating_sub(by.0));
        let to = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => back(STEP),
            "ArrowRight" | "ArrowUp" => now + STEP,
            "PageDown" => back(LEAP),
            "PageUp" => now + LEAP,
            "Home" => Time::ZERO,
            "End" => sim.reached.get_untracked(),
            _ => return,
        };
        event.prevent_default();
        sim.pause();
        sim.seek(to);
    };
    view! {
        <div class="timeline">
            <div class="lane-names" aria-hidden="true">{LANES.into_iter().enumerate().map(|(lane, name)| view! {
                <span>{move || is_shown(lane).then(|| name.say())}</span>
            }).collect_view()}</div>
            <div class="track" role="slider" tabindex="0" aria-label=t!("timeline.virtual-time") node_ref=track
                aria-valuemin="0" aria-valuemax=move || span.get() * 1_000
                aria-valuenow=move || sim.clock.get().0 / 1_000
                aria-valuetext=move || clock(sim.clock.get())
                title=t!("timeline.drag-to-any")
                on:pointerdown=press on:pointermove=drag
                on:pointerup=move |_| is_dragged.set(false) on:pointercancel=move |_| is_dragged.set(false)
                on:keydown=by_key>
                <svg width="100%" height=height aria-hidden="true">
                    <rect class="ahead" x="0" y="0" height=height width=move || percent(sim.reached.get())/>
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
                    {move || sim.telling.hits.read().iter().map(|hit| view! {
                        <svg x=percent(hit.at) y="0" overflow="visible">
                            <line class="hit" x1="0" x2="0" y1="0" y2=height/>
                            <path class="hit" d="M-2 -5h4l3 3v4l-3 3h-4l-3 -3v-4z"/>
                        </svg>
                    }).collect_view()}
                    <line class="now" x1=now x2=now y1="0" y2=height/>
                    <svg x=now y="0" overflow="visible"><path class="grip" d="M-5 -3h10l-5 7z"/></svg>
                </svg>
            </div>
            <span class="span">{move || label(span.get())}</span>
            <Branches span/>
        </div>
    }
    .into_any()
}

/// Where a line of the log is marked: when, in which lane, by which shape.
fn mark_of(line: &LogLine) -> Option<(Time, usize, &'static str)> {
    let (lane, shape) = match line.kind {
        LogKind::You => (0, "dot"),
        // With what it begins is no fault.
        LogKind::Fault if line.at > Time::ZERO => (1, "fault"),
        LogKind::Election => (2, "diamond"),
        LogKind::Isr => (2, "isr"),
        LogKind::Group => (3, "bar"),
        _ => return None,
    };
    Some((line.at, lane, shape))
}

/// The marks as they are drawn, those that lie upon each other as one.
fn marks(told: &[(Time, usize, &'static str)], span: u64) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for (at, lane, shape) in told.iter().copied() {
        let at = part(at, span);
        let is_there =
            |mark: &Mark| mark.lane == lane && mark.shape == shape && at - mark.at < NEAR;
        if !marks.iter().rev().take(8).any(is_there) {
            marks.push(Mark { lane, at, shape });
        }
    }
    marks
}

/// The span in which an instant is not near the end yet, in seconds.
pub fn span_for(now: Time) -> u64 {
    let needed = now.0 / 950_000;
    SPANS.into_iter().find(|span| *span > needed).unwrap_or(needed * 2)
}

/// An instant as a part of the width.
pub fn part(at: Time, span: u64) -> f64 {
    (at.0 as f64 / 1e6 / span.max(1) as f64).min(1.0)
}

fn label(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => t!("timeline.min", seconds = seconds / 60),
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
