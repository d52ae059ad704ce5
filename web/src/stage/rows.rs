//! The rows of the matrix: partitions, and topics that are folded to one row.

use highwater_cluster::ids::{BrokerId, TopicName, TopicPartition};
use leptos::prelude::*;

use super::Scene;
use super::press::is_press;
use super::replica::Replica;
use super::shape::Row;
use crate::format::shorten;
use crate::subject::Subject;

/// All rows.
#[component]
pub fn Rows() -> impl IntoView {
    let scene = expect_context::<Scene>();
    view! {
        <For each=move || scene.shape.read().rows.clone() key=|row| row.clone() children=move |row| match row {
            Row::Partition(partition) => view! { <PartitionRow partition/> }.into_any(),
            Row::Topic { topic, partitions, is_open } => {
                view! { <TopicRow topic partitions is_open/> }.into_any()
            }
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
    let label = shorten(&name, 15);
    view! {
        <g class="node row-label" class:selected=is_selected role="button" tabindex="0"
            aria-label=format!("Partition {name}")
            on:click=move |_| select()
            on:keydown=move |event| if is_press(&event) { by_key() }>
            <LabelHit y/>
        </g>
        <text class="row-name" class:selected=is_selected x=move || label_x(scene)
            y=move || label_y(scene, y.get(), 34.0)>
            {label}
        </text>
        <For each=move || scene.shape.read().brokers.clone() key=|id| *id
            children=move |broker: BrokerId| view! { <Replica broker partition=partition.clone() y/> }/>
    }
}

/// A topic whose partitions are folded away, or stand beneath.
#[component]
fn TopicRow(topic: TopicName, partitions: usize, is_open: bool) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let row = Row::Topic { topic: topic.clone(), partitions, is_open };
    let y = Memo::new(move |_| scene.row_y(&row));
    let name = topic.to_string();
    let press = {
        let topic = topic.clone();
        let select = scene.desk.selecting(Subject::Topic(topic.clone()));
        move || {
            scene.opened.update(|opened| {
                if !opened.remove(&topic) {
                    opened.insert(topic.clone());
                }
            });
            select();
        }
    };
    let by_key = press.clone();
    // The chevron takes the room of two letters.
    let long = name.clone();
    let label = move || shorten(&long, if scene.shape.read().is_narrow { 11 } else { 13 });
    view! {
        <g class="node row-label folded" role="button" tabindex="0" aria-label=format!("Topic {name}")
            aria-expanded=if is_open { "true" } else { "false" }
            on:click=move |_| press()
            on:keydown=move |event| if is_press(&event) { by_key() }>
            <LabelHit y/>
        </g>
        <g class="drawn">
            <path class="chevron" d=if is_open { "M-3 -2l4 4 4 -4" } else { "M-1 -4l4 4 -4 4" }
                transform=move || format!("translate({} {})", label_x(scene) - 10.0 + narrow_by(scene, 14.0), label_y(scene, y.get(), 24.0) - 4.0)/>
            <text class="row-name" x=move || label_x(scene) + narrow_by(scene, 14.0) y=move || label_y(scene, y.get(), 24.0)>{label}</text>
        </g>
        <For each=move || scene.shape.read().brokers.clone() key=|id| *id
            children={
                let topic = topic.clone();
                move |broker: BrokerId| {
                    let topic = topic.clone();
                    let words = Memo::new(move |_| {
                        let view = scene.desk.sim.view.read();
                        let Some(topic) = view.topics.iter().find(|known| known.name == topic) else {
                            return String::new();
                        };
                        let here = topic.partitions.iter().filter(|partition| partition.replicas.contains(&broker));
                        let leads = topic.partitions.iter().filter(|partition| partition.leader == Some(broker));
                        let (here, leads) = (here.count(), leads.count());
                        if scene.shape.read().is_narrow {
                            format!("{here} here, leads {leads}")
                        } else {
                            format!("{here} of {} here, leads {leads}", topic.partitions.len())
                        }
                    });
                    view! {
                        <text class="summary"
                            x=move || scene.geometry.read().replica(broker, 0.0).map(|area| area.x)
                            y=move || y.get() + 24.0>
                            {move || words.get()}
                        </text>
                    }
                }
            }/>
    }
}

/// What can be hit around a row's label.
#[component]
fn LabelHit(y: Memo<f64>) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let x = move || label_x(scene) - 20.0;
    let top = move || if scene.shape.read().is_narrow { y.get() - 22.0 } else { y.get() + 8.0 };
    view! {
        <rect class="hit" x=x y=top width=move || scene.geometry.read().measures.labels.max(128.0)
            height=move || if scene.shape.read().is_narrow { 24.0 } else { 32.0 } rx="6"/>
    }
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
            <text x=move || middle().0 y=move || middle().1 text-anchor="middle">"No topic yet: nothing is stored on these brokers."</text>
        </g>
    }
}

fn label_x(scene: Scene) -> f64 {
    let geometry = scene.geometry.read();
    let m = geometry.measures;
    if m.labels > 0.0 { m.margin + 12.0 } else { m.margin + m.corridor / 2.0 + m.padding }
}

/// So much on a narrow stage, nothing on a wide one.
fn narrow_by(scene: Scene, amount: f64) -> f64 {
    if scene.shape.read().is_narrow { amount } else { 0.0 }
}

fn label_y(scene: Scene, row_y: f64, wide: f64) -> f64 {
    if scene.shape.read().is_narrow { row_y - 5.0 } else { row_y + wide }
}
