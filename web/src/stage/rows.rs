//! The rows of the matrix: partitions, and topics that are folded to one row.

use highwater_cluster::ids::{BrokerId, TopicPartition};
use leptos::prelude::*;

use super::Scene;
use super::bands::Band;
use super::brackets;
use super::measures::Density;
use super::press::is_press;
use super::replica::Replica;
use super::shape::Row;
use crate::each::Each;
use crate::format::shorten;
use crate::shows::Shown;
use crate::subject::Subject;

/// All rows.
#[component]
pub fn Rows() -> impl IntoView {
    let scene = expect_context::<Scene>();
    view! {
        <Each each=move || scene.shape.read().rows.clone() key=Row::key children=move |row| match row {
            Row::Partition(partition) => view! { <PartitionRow partition/> }.into_any(),
            Row::Topic { topic, .. } => view! { <Band topic/> }.into_any(),
        }/>
        <Show when=move || scene.shape.read().rows.is_empty()>
            <EmptyMatrix/>
        </Show>
    }
    .into_any()
}

#[component]
fn PartitionRow(partition: TopicPartition) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let desk = scene.desk;
    let row = Row::Partition(partition.clone());
    let y = Memo::new(move |_| scene.row_y(&row));
    let subject = Subject::Partition(partition.clone());
    let is_selected = desk.is_selected(subject.clone());
    let select = desk.selecting(subject);
    let by_key = select.clone();
    let name = partition.to_string();
    let (long, topic) = (name.clone(), partition.topic.clone());
    let label = move || {
        let name = if scene.shows(Shown::Partitions) { &long } else { topic.as_str() };
        shorten(name, scene.geometry.read().measures.letters)
    };
    let is_compact = Memo::new(move |_| scene.shape.read().density == Density::Compact);
    let known = partition.clone();
    let note =
        Memo::new(move |_| scene.desk.sim.standing.with(|view| brackets::note(view, &known)));
    let said = move || {
        note.get().map(|note| match note.holds {
            _ if !scene.shows(Shown::Transactions) => String::new(),
            Some(holds) => t!("stage.transaction-id", id = note.transaction, holds = holds),
            None => t!("stage.transaction-inline", id = note.transaction),
        })
    };
    let name_y = move || if is_compact.get() { 15.0 } else { 32.0 };
    view! {
        <g class="node row-label" class:selected=is_selected role="button" tabindex="0"
            aria-label=t!("stage.partition", name = name) aria-description=said
            on:click=move |_| select()
            on:keydown=move |event| if is_press(&event) { by_key() }>
            <LabelHit y/>
        </g>
        <text class="row-name" class:selected=is_selected x=move || label_x(scene)
            y=move || label_y(scene, y.get(), name_y())>
            {label}
        </text>
        <NoteLines y note/>
        <Each each=move || scene.shape.read().brokers.clone() key=|id| *id
            children=move |broker: BrokerId| view! { <Replica broker partition=partition.clone() y/> }/>
    }
}

/// What a transaction does to the partition: below its name, or beside it on a narrow stage.
#[component]
fn NoteLines(y: Memo<f64>, note: Memo<Option<brackets::Note>>) -> impl IntoView {
    let scene = expect_context::<Scene>();
    move || {
        let note = note.get().filter(|_| scene.shows(Shown::Transactions))?;
        let shape = scene.shape.read();
        let geometry = scene.geometry.read();
        let letters = geometry.measures.letters;
        let held = note.holds.clone().unwrap_or_default();
        let drawn = |words: String, x: f64, y: f64, anchor: &'static str| {
            view! { <text class="note" x=x y=y text-anchor=anchor>{words}</text> }
        };
        if shape.is_narrow {
            let words = [note.transaction, held].join(" ");
            let right = geometry.brokers.last().map_or(geometry.size.0, |(_, area)| area.right());
            let right = right.max(geometry.measures.least - geometry.measures.margin) - 8.0;
            return Some(drawn(words, right, y.get() - 5.0, "end").into_any());
        }
        let x = label_x(scene);
        if shape.density == Density::Compact {
            return Some(
                drawn(shorten(&note.transaction, letters + 2), x, y.get() + 29.0, "start")
                    .into_any(),
            );
        }
        let first = drawn(shorten(&note.transaction, letters + 1), x, y.get() + 47.0, "start");
        let second = drawn(held, x, y.get() + 61.0, "start");
        Some(view! { {first}{second} }.into_any())
    }
}

/// What can be hit around a row's label.
#[component]
pub fn LabelHit(y: Memo<f64>) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let narrow = move || scene.shape.read().is_narrow;
    let compact = move || scene.shape.read().density == Density::Compact;
    let x = move || label_x(scene) - if narrow() { 16.0 } else { 14.0 };
    let top = move || {
        y.get()
            + if narrow() {
                -22.0
            } else if compact() {
                1.0
            } else {
                8.0
            }
    };
    let width = move || if narrow() { 132.0 } else { scene.geometry.read().measures.labels };
    let height = move || if narrow() { 24.0 } else { 32.0 };
    view! { <rect class="hit" x=x y=top width=width height=height rx="6"/> }
}

/// What stands in the matrix before there is any topic.
#[component]
fn EmptyMatrix() -> impl IntoView {
    let scene = expect_context::<Scene>();
    let middle = move || {
        let geometry = scene.geometry.read();
        let (first, last) = (geometry.brokers.first(), geometry.brokers.last());
        let x = first
            .zip(last)
            .map_or(0.0, |((_, first), (_, last))| f64::midpoint(first.x, last.right()));
        (x, first.map_or(0.0, |(_, first)| first.bottom() + 40.0))
    };
    view! {
        <g class="empty-matrix">
            <text x=move || middle().0 y=move || middle().1 text-anchor="middle">{t!("stage.no-topic-yet")}</text>
        </g>
    }
}

/// Where the name of a row begins.
pub fn label_x(scene: Scene) -> f64 {
    let geometry = scene.geometry.read();
    let m = geometry.measures;
    if m.labels_stand_above() {
        geometry.labels_x - 12.0 + m.corridor + m.padding
    } else {
        geometry.labels_x
    }
}

/// So much on a narrow stage, nothing on a wide one.
pub fn narrow_by(scene: Scene, amount: f64) -> f64 {
    if scene.shape.read().is_narrow { amount } else { 0.0 }
}

/// The base line of the name of a row.
pub fn label_y(scene: Scene, row_y: f64, wide: f64) -> f64 {
    if scene.shape.read().is_narrow { row_y - 5.0 } else { row_y + wide }
}
