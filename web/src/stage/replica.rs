//! A cell of the matrix: one replica, with its role, its strip of offsets and the waterline.

use highwater_cluster::ids::{BrokerId, TopicPartition};
use leptos::prelude::*;

use super::Scene;
use super::geometry::{STRIP_H, STRIP_Y};
use super::pennants::Pennants;
use super::press::is_press;
use super::strip::{Role, Strip, strip};
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
    let state = Memo::new(move |_| {
        let cells = scene.geometry.read().measures.cells;
        scene.desk.sim.view.with(|view| strip(view, broker, &known, cells))
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
    let name = format!("{partition} on broker {broker}");

    let role = Memo::new(move |_| state.read().as_ref().map_or(Role::Offline, |strip| strip.role));
    let outlines = Memo::new(move |_| {
        let geometry = scene.geometry.read();
        state
            .read()
            .as_ref()
            .map(|strip| strip.outlines(geometry.measures.cells, geometry.cell()))
            .unwrap_or_default()
    });
    let out_of_sight = Memo::new(move |_| {
        let cells = scene.geometry.read().measures.cells;
        state.read().as_ref().and_then(|strip| strip.out_of_sight(cells))
    });
    let end = Memo::new(move |_| state.read().as_ref().map_or(0, |strip| strip.log_end));
    let width = Memo::new(move |_| scene.geometry.read().strip_width());
    let place = move || {
        let x = scene.geometry.read().replica(broker, 0.0).map_or(0.0, |area| area.x);
        format!("translate({x} {})", y.get())
    };
    let words = move || state.read().as_ref().map(Strip::words);
    view! {
        <g class="replica"
            class:leader=move || role.get() == Role::Leader
            class:behind=move || role.get() == Role::Behind
            class:offline=move || role.get() == Role::Offline
            transform=place>
            <g class="node" class:selected=is_selected role="button" tabindex="0" aria-label=name aria-description=words
                on:click=move |_| select()
                on:keydown=move |event| if is_press(&event) { by_key() }>
                <rect class="hit" x="-8" y="0" width=move || width.get() + 16.0 height="62" rx="7"/>
            </g>
            <text class="role" y="14">{move || role.get().words()}</text>
            <Show when=move || role.get() == Role::Leader>
                <path class="crown" d=CROWN transform="translate(45 5.5)"/>
            </Show>
            <text class="end" x=move || width.get() y="14" text-anchor="end">
                {move || if scene.shape.read().is_narrow { end.get().to_string() } else { format!("LEO {}", end.get()) }}
            </text>
            <g transform=format!("translate(0 {STRIP_Y})")>
                <line class="bed" x1="0" x2=move || width.get() y1=STRIP_H y2=STRIP_H/>
                <path class="under" d=move || outlines.read().under.clone()/>
                <path class="above" d=move || outlines.read().above.clone()/>
                <path class="notches" d=move || outlines.read().notches.clone()/>
                <Show when=move || out_of_sight.get().is_some()>
                    <text class="out-of-sight" y=STRIP_H - 5.0>
                        {move || format!("\u{2190} {} behind", out_of_sight.get().unwrap_or_default())}
                    </text>
                </Show>
                <Show when=move || outlines.read().stable.is_some()>
                    <line class="stable" y1="-3" y2=STRIP_H + 3.0
                        x1=move || outlines.read().stable x2=move || outlines.read().stable/>
                </Show>
                <Show when=move || outlines.read().waterline.is_some()>
                    <line class="waterline" y1="-3" y2=STRIP_H + 3.0
                        x1=move || outlines.read().waterline x2=move || outlines.read().waterline/>
                </Show>
            </g>
            <Show when=move || role.get() == Role::Leader>
                <Pennants partition=partition.clone() state/>
            </Show>
        </g>
    }
}
