//! A cell of the matrix: one replica, with its role, its strip of offsets and the waterline.

use highwater_cluster::ids::{BrokerId, TopicPartition};
use leptos::prelude::*;

use super::Scene;
use super::measures::Density;
use super::pennants::Pennants;
use super::press::is_press;
use super::strip::{Role, Strip, draw_cells, draw_notches, draw_open, strip};
use crate::shows::Shown;
use crate::subject::Subject;

/// The crown of a leader, eleven wide.
pub const CROWN: &str = "M0 0.5l3 3 2.5 -3.5 2.5 3.5 3 -3 -1.2 7h-8.6z";

/// One replica; nothing where a broker has none of the partition.
#[component]
pub fn Replica(
    /// Which broker.
    broker: BrokerId,
    /// Which partition.
    partition: TopicPartition,
    /// The upper edge of its row.
    y: Memo<f64>,
) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let known = partition.clone();
    let part = scene.desk.sim.part(&partition);
    let state = Memo::new(move |_| {
        let cells = scene.geometry.read().measures.cells;
        let strip = part.with(|view| strip(view, broker, &known, cells));
        strip.filter(|strip| strip.role == Role::Leader || scene.shows(Shown::Replicas))
    });
    let exists = Memo::new(move |_| state.read().is_some());
    view! {
        <Show when=move || exists.get()>
            <Existing broker partition=partition.clone() y state/>
        </Show>
    }
}

#[component]
fn Existing(
    broker: BrokerId,
    partition: TopicPartition,
    y: Memo<f64>,
    state: Memo<Option<Strip>>,
) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let desk = scene.desk;
    let subject = Subject::Replica(broker, partition.clone());
    let is_selected = desk.is_selected(subject.clone());
    let select = desk.selecting(subject);
    let by_key = select.clone();
    let name = t!("stage.on-broker", partition = partition, broker = broker);

    let role = Memo::new(move |_| {
        let role = state.read().as_ref().map_or(Role::Offline, |strip| strip.role);
        if role == Role::Behind && !scene.shows(Shown::Isr) { Role::Follower } else { role }
    });
    let notched = Memo::new(move |_| {
        let cells = scene.geometry.read().measures.cells;
        state.read().as_ref().map(|strip| strip.notched(cells)).unwrap_or_default()
    });
    let cut = Memo::new(move |_| {
        let cells = scene.geometry.read().measures.cells;
        state.read().as_ref().map(|strip| strip.cut(cells)).unwrap_or_default()
    });
    let size = Memo::new(move |_| {
        let geometry = scene.geometry.read();
        (geometry.cell(), geometry.measures.strip_h)
    });
    let x_of = move |at: Option<i64>| at.map(|at| at as f64 * size.get().0);
    let out_of_sight = Memo::new(move |_| {
        let cells = scene.geometry.read().measures.cells;
        state.read().as_ref().and_then(|strip| strip.out_of_sight(cells))
    });
    let end = Memo::new(move |_| state.read().as_ref().map_or(0, |strip| strip.log_end));
    let width = Memo::new(move |_| scene.geometry.read().strip_width());
    let measures = Memo::new(move |_| scene.geometry.read().measures);
    let is_compact = Memo::new(move |_| scene.shape.read().density == Density::Compact);
    let strip_h = move || measures.get().strip_h;
    let place = move || {
        let x = scene.geometry.read().replica(broker, 0.0).map_or(0.0, |area| area.x);
        format!("translate({x} {})", y.get())
    };
    // What is read out need not change thirty times a second.
    let words = move || {
        desk.sim.calm.track();
        let shows = scene.desk.shows.get();
        state.read_untracked().as_ref().map(|strip| strip.words(shows))
    };
    view! {
        <g class="replica" class:dry=move || !scene.shows(Shown::HighWatermark)
            class:leader=move || role.get() == Role::Leader
            class:behind=move || role.get() == Role::Behind
            class:offline=move || role.get() == Role::Offline
            transform=place>
            <g class="node" class:selected=is_selected role="button" tabindex="0" aria-label=name aria-description=words
                on:click=move |_| select()
                on:keydown=move |event| if is_press(&event) { by_key() }>
                <rect class="hit" x=move || 3.0 - measures.get().padding.min(11.0) y="0"
                    width=move || width.get() + 2.0 * (measures.get().padding.min(11.0) - 3.0)
                    height=move || measures.get().row - 2.0 rx="7"/>
            </g>
            <text class="role" y=move || if is_compact.get() { 12 } else { 14 }>
                {move || match (scene.shows(Shown::Leaders), is_compact.get()) {
                    (false, _) => "",
                    (true, true) => role.get().mark(),
                    (true, false) => role.get().words(),
                }}
            </text>
            <Show when=move || role.get() == Role::Leader && scene.shows(Shown::Leaders)>
                <path class="crown" d=CROWN transform=move || if is_compact.get() { "translate(0 4)" } else { "translate(45 5.5)" }/>
            </Show>
            <text class="end" x=move || width.get() y=move || if is_compact.get() { 12 } else { 14 } text-anchor="end">
                {move || match scene.shape.read().density {
                    _ if !scene.shows(Shown::Offsets) => String::new(),
                    Density::Wide if !scene.shows(Shown::HighWatermark) => end.get().to_string(),
                    Density::Wide => t!("stage.leo", end = end.get()),
                    Density::Medium => end.get().to_string(),
                    Density::Compact => short(end.get()),
                }}
            </text>
            <g transform=move || format!("translate(0 {})", measures.get().strip_y)>
                <line class="bed" x1="0" x2=move || width.get() y1=strip_h y2=strip_h/>
                <path class="under" d=move || draw_cells(cut.read().under, size.get().0, size.get().1)/>
                <path class="above" d=move || draw_cells(cut.read().above, size.get().0, size.get().1)/>
                <path class="notches" d=move || draw_notches(notched.get(), size.get().0, size.get().1)/>
                <path class="open-transaction" d=move || {
                    draw_open(cut.read().open.filter(|_| scene.shows(Shown::Transactions)), size.get().0)
                }/>
                <Show when=move || out_of_sight.get().is_some()>
                    <text class="out-of-sight" y=move || strip_h() - if is_compact.get() { 1.0 } else { 5.0 }>
                        {move || {
                            let behind = out_of_sight.get().unwrap_or_default();
                            if is_compact.get() { format!("\u{2190} {}", short(behind)) } else { t!("stage.behind", behind = behind) }
                        }}
                    </text>
                </Show>
                <Show when=move || cut.read().stable.is_some() && scene.shows(Shown::LastStableOffset)>
                    <line class="stable" y1="-3" y2=move || strip_h() + 3.0
                        x1=move || x_of(cut.read().stable) x2=move || x_of(cut.read().stable)/>
                </Show>
                <Show when=move || cut.read().waterline.is_some() && scene.shows(Shown::HighWatermark)>
                    <line class="waterline" y1="-3" y2=move || strip_h() + 3.0
                        x1=move || x_of(cut.read().waterline) x2=move || x_of(cut.read().waterline)/>
                </Show>
            </g>
            <Show when=move || role.get() == Role::Leader && !is_compact.get()>
                <Pennants partition=partition.clone() state/>
            </Show>
        </g>
    }
}

/// An offset for which there is little room.
fn short(offset: i64) -> String {
    match offset {
        0..10_000 => offset.to_string(),
        10_000..1_000_000 => format!("{}k", offset / 1_000),
        _ => format!("{}M", offset / 1_000_000),
    }
}
