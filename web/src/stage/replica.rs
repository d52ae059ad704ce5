//! A cell of the matrix: one replica, with its role, its strip of offsets and the waterline.

use highwater_cluster::ids::{BrokerId, TopicPartition};
use leptos::prelude::*;

use super::Scene;
use super::drawing;
use super::measures::Density;
use super::pennants::Pennants;
use super::press::is_press;
use super::shares::ShareMarks;
use super::strip::{Role, Strip, strip};
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
    let read = move || {
        let cells = scene.geometry.read().measures.cells;
        let strip = part.with(|view| strip(view, broker, &known, cells));
        strip.filter(|strip| strip.role == Role::Leader || scene.shows(Shown::Replicas))
    };
    let first = untrack(&read);
    let role = RwSignal::new(first.as_ref().map(|strip| strip.role));
    let state = RwSignal::new(first);
    // Signals, not memos: all that hangs on a memo is looked at when its source changes, and this one changes all the time.
    Effect::new(move |_| {
        let now = read();
        let now_role = now.as_ref().map(|strip| strip.role);
        if *state.read_untracked() != now {
            state.set(now);
        }
        if role.get_untracked() != now_role {
            role.set(now_role);
        }
    });
    view! {
        <Show when=move || role.get().is_some()>
            <Existing broker partition=partition.clone() y state role/>
        </Show>
    }
}

#[component]
fn Existing(
    broker: BrokerId,
    partition: TopicPartition,
    y: Memo<f64>,
    state: RwSignal<Option<Strip>>,
    role: RwSignal<Option<Role>>,
) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let desk = scene.desk;
    let subject = Subject::Replica(broker, partition.clone());
    let is_selected = desk.is_selected(subject.clone());
    let select = desk.selecting(subject);
    let by_key = select.clone();
    let name = t!("stage.on-broker", partition = partition, broker = broker);

    let role = Memo::new(move |_| {
        let role = role.get().unwrap_or(Role::Offline);
        if role == Role::Behind && !scene.shows(Shown::Isr) { Role::Follower } else { role }
    });
    let group = NodeRef::new();
    drawing::follow(scene, group, state);
    let width = Memo::new(move |_| scene.geometry.read().strip_width());
    let measures = Memo::new(move |_| scene.geometry.read().measures);
    let is_compact = Memo::new(move |_| scene.shape.read().density == Density::Compact);
    let strip_h = move || measures.get().strip_h;
    let place = move || {
        let x = scene.geometry.read().replica(broker, 0.0).map_or(0.0, |area| area.x);
        format!("translate({x} {})", y.get())
    };
    // What is read out need not change thirty times a second.
    let told = desk.sim.told_part(&partition);
    let words = move || {
        told.track();
        let shows = scene.desk.shows.get();
        state.read_untracked().as_ref().map(|strip| strip.words(shows))
    };
    view! {
        <g node_ref=group class="replica" class:dry=move || !scene.shows(Shown::HighWatermark)
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
                <path class="crown" d=CROWN transform=move || crown_at(is_compact.get())/>
            </Show>
            <text class="end" x=move || width.get() y=move || if is_compact.get() { 12 } else { 14 } text-anchor="end"></text>
            <g transform=move || format!("translate(0 {})", measures.get().strip_y)>
                <line class="bed" x1="0" x2=move || width.get() y1=strip_h y2=strip_h/>
                <path class="under"/>
                <path class="above"/>
                <path class="notches"/>
                <path class="open-transaction"/>
                <text class="out-of-sight" y=move || strip_h() - if is_compact.get() { 1.0 } else { 5.0 }></text>
                <line class="stable" y1="-3" y2=move || strip_h() + 3.0/>
                <line class="waterline" y1="-3" y2=move || strip_h() + 3.0/>
            </g>
            <Show when=move || role.get() == Role::Leader && !is_compact.get()>
                <Pennants partition=partition.clone() state/>
                <ShareMarks partition=partition.clone() state/>
            </Show>
        </g>
    }
}

/// Where the crown of a leader stands: behind the word for it, and under its mark where there is room for that only.
fn crown_at(is_compact: bool) -> String {
    if is_compact {
        return "translate(0 4)".to_owned();
    }
    let width: f64 = Role::Leader.words().chars().map(width_of_letter).sum();
    format!("translate({:.0} 5.5)", 6.0 + width)
}

/// About how wide a letter of the role is, as it is written in bold.
fn width_of_letter(letter: char) -> f64 {
    if matches!(letter, 'i' | 'í' | 'l' | 'j' | 'f' | 't' | 'r') { 3.8 } else { 7.2 }
}
