//! A chart with its title, its legend that reads it out, and its table.

use highwater_cluster::time::Time;
use highwater_scenario::metrics::{Chart, Line, Thousandths};
use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::Kept;
use super::backend::Shape;
use super::plot::{HEIGHT, Scene, amount, draw, shown};
use super::table::Table;
use crate::format::clock;
use crate::play::Desk;
use crate::texts::of_engine;

/// What a chart is drawn from: all its lines, and those of them that are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// All lines.
    pub all: Vec<Line>,
    /// Those that are drawn.
    pub shown: Vec<Line>,
}

/// A chart.
#[component]
pub fn Figure(chart: Chart, kept: Memo<Kept>, span: Memo<u64>) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let lines = Memo::new(move |_| {
        let all = kept.with(|kept| chart.lines(&kept.samples));
        let shown = shown(chart, &all);
        Lines { all, shown }
    });
    let plot = NodeRef::<Div>::new();
    let width = follow_width(plot);
    let scene = Memo::new(move |_| match width.get() {
        0 => Scene::default(),
        width => lines.with(|lines| draw(chart, &lines.shown, width, span.get())),
    });
    // The sample that is pointed at; none for the present moment.
    let pointed = RwSignal::new(None::<Time>);
    let is_table = RwSignal::new(false);
    let looked_at = Memo::new(move |_| {
        let at = pointed.get().unwrap_or_else(|| sim.clock.get());
        kept.with(|kept| nearest(kept, at))
    });
    let said = move || match looked_at.get() {
        Some(at) => {
            let values = lines.with(|lines| readout(chart, &lines.shown, at));
            let values: Vec<String> =
                values.into_iter().map(|(label, value)| format!("{label} {value}")).collect();
            format!("{}: {}", clock(at), values.join(", "))
        }
        None => t!("charts.nothing-yet").to_owned(),
    };
    let time_at = move |event: &MouseEvent| -> Option<Time> {
        let plot = plot.get_untracked()?;
        let x = f64::from(event.client_x()) - plot.get_bounding_client_rect().left();
        let area = scene.with_untracked(|scene| scene.area.0.clone());
        let share = (x - f64::from(area.start)) / f64::from((area.end - area.start).max(1));
        Some(Time((share.clamp(0.0, 1.0) * span.get_untracked() as f64 * 1e6) as u64))
    };
    let point = move |event: PointerEvent| {
        let at = time_at(&event).and_then(|at| kept.with_untracked(|kept| nearest(kept, at)));
        pointed.set(at);
    };
    let seek = move |event: MouseEvent| {
        if let Some(at) = time_at(&event) {
            sim.pause();
            sim.seek(at);
        }
    };
    let by_key = move |event: KeyboardEvent| {
        let now = looked_at.get_untracked();
        let to = match (event.key().as_str(), now) {
            ("ArrowLeft" | "ArrowDown", Some(now)) => {
                kept.with_untracked(|kept| beside(kept, now, -1))
            }
            ("ArrowRight" | "ArrowUp", Some(now)) => {
                kept.with_untracked(|kept| beside(kept, now, 1))
            }
            ("Home", _) => kept.with_untracked(|kept| kept.samples.first().map(|first| first.at)),
            ("End", _) => kept.with_untracked(|kept| kept.samples.last().map(|last| last.at)),
            ("Escape", _) => None,
            ("Enter", Some(now)) => {
                event.prevent_default();
                sim.pause();
                sim.seek(now);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        pointed.set(to);
    };
    let place = move |at: Time| {
        let (left, right) = scene.with(|scene| (scene.area.0.start, scene.area.0.end));
        let share = (at.0 as f64 / 1e6 / span.get().max(1) as f64).min(1.0);
        f64::from(left) + share * f64::from(right - left)
    };
    let edge = move |read: fn(&Scene) -> i32| move || scene.with(read);
    let (above, below) = (edge(|scene| scene.area.1.start), edge(|scene| scene.area.1.end));
    let high = move || (below() - above()).max(0);
    let left = edge(|scene| scene.area.0.start);
    let past = move || (place(sim.clock.get()) - f64::from(left())).max(0.0);
    view! {
        <figure class="chart">
            <figcaption>
                <h2>{of_engine(chart.title())} " " <span>{of_engine(chart.unit())}</span></h2>
                <span class="chart-at">{move || looked_at.get().map(clock)}</span>
                <button type="button" class="quiet" aria-pressed=move || is_table.get().to_string()
                    aria-label=t!("charts.as-table", title = of_engine(chart.title()))
                    on:click=move |_| is_table.update(|is_table| *is_table = !*is_table)>
                    {t!("charts.table")}
                </button>
            </figcaption>
            <Show when=move || is_table.get()><Table chart lines/></Show>
            <div class="plot" class:gone=is_table node_ref=plot role="slider" tabindex="0"
                aria-label=t!("charts.in-title", title = of_engine(chart.title()), unit = of_engine(chart.unit()))
                aria-valuemin="0" aria-valuemax=move || span.get()
                aria-valuenow=move || looked_at.get().unwrap_or_default().0 / 1_000_000
                aria-valuetext=said title=of_engine(chart.meaning())
                on:pointermove=point on:pointerleave=move |_| pointed.set(None)
                on:blur=move |_| pointed.set(None) on:click=seek on:keydown=by_key>
                <svg width="100%" height=HEIGHT aria-hidden="true">
                    <rect class="past" x=left y=above height=high width=past/>
                    {move || scene.with(|scene| scene.shapes.iter().map(shape).collect_view())}
                    <line class="now" x1=move || place(sim.clock.get()) x2=move || place(sim.clock.get())
                        y1=above y2=below/>
                    {move || pointed.get().map(|at| view! {
                        <line class="pointed" x1=place(at) x2=place(at) y1=above() y2=below()/>
                    })}
                </svg>
            </div>
            <ul class="chart-legend" class:gone=is_table>
                {move || {
                    let at = looked_at.get();
                    lines.with(|lines| legend(chart, lines, at))
                }}
            </ul>
        </figure>
    }
    .into_any()
}

/// The lines with their values at an instant.
fn readout(chart: Chart, lines: &[Line], at: Time) -> Vec<(String, String)> {
    let value = |line: &Line| -> Option<Thousandths> {
        let found = line.points.binary_search_by_key(&at, |(at, _)| *at).ok()?;
        line.points[found].1
    };
    lines
        .iter()
        .map(|line| {
            let value =
                value(line).map_or(t!("charts.none").to_owned(), |value| amount(chart, value));
            (line.label.clone(), value)
        })
        .collect()
}

fn legend(chart: Chart, lines: &Lines, at: Option<Time>) -> AnyView {
    let more = lines.all.len() - lines.shown.len();
    let values = readout(chart, &lines.shown, at.unwrap_or_default());
    let items = values.into_iter().enumerate().map(|(number, (label, value))| {
        let class = format!("series series-{number}");
        view! {
            <li>
                <svg width="26" height="8" aria-hidden="true"><path class=class d="M0 4H26"/></svg>
                <span>{label}</span>
                <b>{value}</b>
            </li>
        }
    });
    let items = items.collect_view();
    let more =
        (more > 0).then(|| view! { <li class="aside">{more} {t!("charts.more-in-table")}</li> });
    let none = lines
        .all
        .is_empty()
        .then(|| view! { <li class="aside">{t!("charts.nothing-to-draw")}</li> });
    view! { {items} {more} {none} }.into_any()
}

fn shape(shape: &Shape) -> AnyView {
    match shape.clone() {
        Shape::Stroke { path, class } => view! { <path class=class d=path/> }.into_any(),
        Shape::Area { path, class } => view! { <path class=class d=path/> }.into_any(),
        Shape::Text { at: (x, y), anchor, text } => {
            view! { <text x=x y=y text-anchor=anchor>{text}</text> }.into_any()
        }
    }
}

/// The instant of the last sample that is not after `at`; before the first, that of the first.
fn nearest(kept: &Kept, at: Time) -> Option<Time> {
    let after = kept.samples.partition_point(|sample| sample.at <= at);
    kept.samples.get(after.saturating_sub(1)).map(|sample| sample.at)
}

/// The instant of the sample so many places after that of `at`.
fn beside(kept: &Kept, at: Time, by: isize) -> Option<Time> {
    let place = kept.samples.partition_point(|sample| sample.at < at);
    let last = kept.samples.len().checked_sub(1)?;
    Some(kept.samples[place.saturating_add_signed(by).min(last)].at)
}

/// The width of an element, as it changes.
fn follow_width(element: NodeRef<Div>) -> RwSignal<u32> {
    let width = RwSignal::new(0_u32);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let measured = element.clone();
        let callback = Closure::<dyn FnMut()>::new(move || {
            let now = measured.client_width().max(0) as u32;
            if width.try_get_untracked().is_some_and(|before| before != now) {
                width.set(now);
            }
        });
        if let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let held = StoredValue::new_local((observer, callback));
            on_cleanup(move || {
                let _ = held.try_with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
    width
}
