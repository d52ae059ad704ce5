//! The topics, and the partitions of one.

use highwater_cluster::ids::TopicName;
use highwater_cluster::tables::{ConfigOf, PartitionRow, TopicRow, partitions};
use leptos::prelude::*;

use super::Go;
use super::grid::{Column, Does, Grid, Row, column, exact, number, shown, told, words};
use crate::format::{bytes, list};
use crate::play::Desk;
use crate::subject::Subject;
use crate::texts::Text;

const TOPICS: &[Column] = &[
    column(text!("tables.topic-2")),
    column(text!("tables.partitions")),
    told(text!("tables.replication-factor"), text!("tables.how-many-replicas-each")),
    told(text!("tables.under-replicated"), text!("tables.partitions-which-replica")),
    told(text!("tables.out-sync"), text!("tables.replicas-that-are")),
    told(text!("tables.records"), text!("tables.offsets-between-beginnings")),
    told(text!("tables.size"), text!("tables.bytes-all-replicas")),
    column(Text::of_kafka("cleanup.policy")),
];

const PARTITIONS: &[Column] = &[
    column(text!("tables.partition")),
    told(text!("tables.leader"), text!("tables.broker-that-takes")),
    told(text!("tables.leader-epoch"), text!("tables.one-higher-with")),
    told(text!("tables.replicas"), text!("tables.first-to-lead")),
    told(text!("tables.isr"), text!("tables.replicas-that-are-in")),
    told(text!("tables.log-start"), text!("tables.first-offset-that")),
    told(text!("tables.high-watermark"), text!("tables.up-to-here")),
    told(text!("tables.log-end"), text!("tables.where-leaders-log")),
    column(text!("tables.size")),
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
                <span>{move || t!("tables.internal-topics-too", count = internal())}</span>
            </label>
        </p>
        <Grid caption=t!("tables.topics") columns=TOPICS rows empty=t!("tables.there-are-no-topics")/>
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
            shown(behind, t!("tables.of-behind", behind = behind, all = topic.partitions))
                .warns_if(behind > 0),
            number(u64::from(topic.out_of_sync)).warns_if(topic.out_of_sync > 0),
            number(topic.records),
            shown(topic.disk_bytes, bytes(topic.disk_bytes)),
            policy,
        ],
        links: vec![
            (t!("tables.partitions"), Go::Partitions(topic.name.clone())),
            (t!("tables.messages"), Go::Messages(topic.name.clone(), None)),
            (t!("tables.configs"), Go::Configs(ConfigOf::Topic(topic.name.clone()))),
        ],
    }
}

#[component]
fn Partitions(topic: TopicName) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let caption = t!("tables.partitions-2", topic = topic);
    let title = caption.clone();
    let rows = Memo::new(move |_| {
        let view = desk.sim.calm.read();
        partitions(&view, &topic).into_iter().map(|row| partition(&row)).collect::<Vec<_>>()
    });
    view! {
        <p class="table-bar">
            <button type="button" class="quiet" on:click=move |_| desk.show_table(Go::Topics)>{t!("tables.all-topics")}</button>
            <strong>{title}</strong>
        </p>
        <Grid caption=caption columns=PARTITIONS rows empty=t!("tables.this-topic-not")/>
    }
    .into_any()
}

fn partition(row: &PartitionRow) -> Row {
    let leader = match row.leader {
        None => words(t!("tables.none")).warns_if(true),
        Some(id) if row.has_preferred_leader => shown(id.0, id.to_string()),
        Some(id) => shown(id.0, t!("tables.not-preferred-one", id = id)),
    };
    let isr = list(&row.isr);
    let isr = if row.is_under_min_isr { t!("tables.too-few-for", isr = isr) } else { isr };
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
            t!("tables.messages"),
            Go::Messages(row.partition.topic.clone(), Some(row.partition.partition)),
        )],
    }
}
