//! The topics, and the partitions of one.

use highwater_cluster::ids::TopicName;
use highwater_cluster::tables::{ConfigOf, PartitionRow, TopicRow, partitions};
use leptos::prelude::*;

use super::Go;
use super::grid::{Column, Does, Grid, Row, column, exact, number, shown, told, words};
use crate::format::{bytes, list};
use crate::play::Desk;
use crate::subject::Subject;

const TOPICS: &[Column] = &[
    column("Topic"),
    column("Partitions"),
    told("Replication factor", "How many replicas each partition has"),
    told("Under-replicated", "Partitions of which a replica is not in sync"),
    told("Out of sync", "Replicas that are not in the ISR"),
    told("Records", "The offsets between the beginnings and the ends of the logs"),
    told("Size", "The bytes of all replicas"),
    column("cleanup.policy"),
];

const PARTITIONS: &[Column] = &[
    column("Partition"),
    told("Leader", "The broker that takes what is written, and gives what is read"),
    told("Leader epoch", "One higher with each election"),
    told("Replicas", "The first is to lead if it can"),
    told("ISR", "The replicas that are in sync"),
    told("Log start", "The first offset that is still there"),
    told("High watermark", "Up to here all replicas in sync have it, and consumers get to see it"),
    told("Log end", "Where the leader's log ends"),
    column("Size"),
];

/// The topics; or the partitions of the one that was opened.
#[component]
pub fn Topics() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let opened = desk.tables.topic;
    move || match opened.get() {
        Some(topic) => view! { <Partitions topic/> }.into_any(),
        None => view! { <All/> }.into_any(),
    }
}

#[component]
fn All() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let are_internal_shown = RwSignal::new(false);
    let all = Memo::new(move |_| {
        let view = sim.calm.read();
        sim.read(|session| session.world().topic_table(&view)).unwrap_or_default()
    });
    let internal = move || all.read().iter().filter(|topic| topic.is_internal).count();
    let rows = Memo::new(move |_| {
        let wanted = |topic: &&TopicRow| are_internal_shown.get() || !topic.is_internal;
        all.read().iter().filter(wanted).map(row).collect::<Vec<_>>()
    });
    view! {
        <p class="table-bar">
            <label class="check">
                <input type="checkbox" bind:checked=are_internal_shown/>
                <span>{move || format!("Internal topics too ({})", internal())}</span>
            </label>
        </p>
        <Grid caption="Topics" columns=TOPICS rows empty="There are no topics yet. The terminal creates one: kafka-topics.sh --create."/>
    }
    .into_any()
}

fn row(topic: &TopicRow) -> Row {
    let behind = topic.under_replicated;
    let policy = exact(&topic.cleanup_policy);
    Row {
        key: topic.name.to_string(),
        does: Does::Select(Subject::Topic(topic.name.clone())),
        cells: vec![
            exact(&topic.name),
            number(u64::from(topic.partitions)),
            number(u64::from(topic.replication_factor)),
            shown(behind, format!("{behind} of {}", topic.partitions)).warns_if(behind > 0),
            number(u64::from(topic.out_of_sync)).warns_if(topic.out_of_sync > 0),
            number(topic.records),
            shown(topic.disk_bytes, bytes(topic.disk_bytes)),
            policy,
        ],
        links: vec![
            ("Partitions", Go::Partitions(topic.name.clone())),
            ("Messages", Go::Messages(topic.name.clone(), None)),
            ("Configs", Go::Configs(ConfigOf::Topic(topic.name.clone()))),
        ],
    }
}

#[component]
fn Partitions(topic: TopicName) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let caption = format!("Partitions of {topic}");
    let title = caption.clone();
    let rows = Memo::new(move |_| {
        let view = desk.sim.calm.read();
        partitions(&view, &topic).into_iter().map(|row| partition(&row)).collect::<Vec<_>>()
    });
    view! {
        <p class="table-bar">
            <button type="button" class="quiet" on:click=move |_| desk.show_table(Go::Topics)>"All topics"</button>
            <strong>{title}</strong>
        </p>
        <Grid caption=caption columns=PARTITIONS rows empty="This topic is not there: it was deleted, or lies ahead in time."/>
    }
    .into_any()
}

fn partition(row: &PartitionRow) -> Row {
    let leader = match row.leader {
        None => words("none").warns_if(true),
        Some(id) if row.has_preferred_leader => shown(id.0, id.to_string()),
        Some(id) => shown(id.0, format!("{id}, not the preferred one")),
    };
    let isr = list(&row.isr);
    let isr = if row.is_under_min_isr { format!("{isr}: too few for acks=all") } else { isr };
    Row {
        key: row.partition.to_string(),
        does: Does::Select(Subject::Partition(row.partition.clone())),
        cells: vec![
            shown(row.partition.partition.0, row.partition.to_string()),
            leader,
            shown(row.leader_epoch.0, row.leader_epoch.to_string()),
            exact(list(&row.replicas)),
            exact(isr).warns_if(row.is_under_replicated),
            shown(row.log_start_offset.0, row.log_start_offset.to_string()),
            shown(row.high_watermark.0, row.high_watermark.to_string()),
            shown(row.log_end_offset.0, row.log_end_offset.to_string()),
            shown(row.size_bytes, bytes(row.size_bytes)),
        ],
        links: vec![(
            "Messages",
            Go::Messages(row.partition.topic.clone(), Some(row.partition.partition)),
        )],
    }
}
