//! A record opened: key, value and headers, and why it is in this partition.

use highwater_cluster::anatomy::{CellKind, CellTransaction, Decoded, DecodedPart, RecordAnatomy};
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_scenario::cluster::log::{Header, Offset};
use leptos::prelude::*;

use super::parts::{Heading, fact, facts, gone, live, text_of, time};
use super::place::{Depth, Place};
use super::why;
use crate::play::Desk;
use crate::route;
use crate::sim::Sim;

/// The level of a record.
#[component]
pub fn RecordLevel(
    place: Place,
    broker: BrokerId,
    partition: TopicPartition,
    offset: Offset,
) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let known = partition.clone();
    let opened = live(sim, move |session| session.world().record_anatomy(broker, &known, offset));
    move || match opened.get() {
        None => gone(format!("Record {offset}")),
        Some(record) => level(sim, &place, &partition, &record),
    }
}

fn level(sim: Sim, place: &Place, partition: &TopicPartition, opened: &RecordAnatomy) -> AnyView {
    let page = route::page();
    let segment = match place {
        Place::Replica(_, _, Depth::Record(segment, _, _)) => *segment,
        _ => Offset(0),
    };
    let offset = opened.record.offset;
    let href = |to: Offset| place.at(Depth::Record(segment, opened.batch, to)).href(&page);
    let bytes_href = place.at(Depth::Bytes(segment, opened.batch, Some(offset))).href(&page);
    let (before, after) = opened.neighbours;
    let says = summary(opened);
    view! {
        <Heading over="Record" title=format!("Record {offset} of {partition}") says=move || says.clone()/>
        <p class="level-links">
            <a href=bytes_href>"Its bytes"</a>
            {before.map(|to| view! { <a href=href(to)>{format!("Record {to} before it")}</a> })}
            {after.map(|to| view! { <a href=href(to)>{format!("Record {to} after it")}</a> })}
        </p>
        {content(opened)}
        {headers(&opened.record.headers)}
        {why::drawn(partition, &opened.why)}
        <h3>"Its place"</h3>
        {facts(vec![
            fact("Offset", offset),
            fact("Timestamp", time(sim, opened.record.timestamp)),
            fact("Batch", format!("{}, record {} of it", opened.batch, opened.index + 1)),
            fact("Leader epoch", opened.leader_epoch),
            fact("Sequence", opened.sequence.map_or_else(|| "none: its producer was not idempotent".to_owned(), |it| it.to_string())),
        ])}
    }
    .into_any()
}

fn summary(opened: &RecordAnatomy) -> String {
    let what = match (opened.kind, opened.marker) {
        (CellKind::Marker(control), Some(marker)) => format!(
            "The {} marker of a transaction, written for the coordinator of epoch {}. No consumer gets to see it.",
            control.name().to_lowercase(),
            marker.coordinator_epoch
        ),
        (CellKind::Marker(control), None) => format!("A control record: {}.", control.name()),
        (CellKind::Tombstone, _) => {
            "A tombstone: it has a key and no value, and says that the key is deleted.".to_owned()
        }
        _ => "What the producer's application sent.".to_owned(),
    };
    let transaction = match opened.transaction {
        CellTransaction::None => "",
        CellTransaction::Open => {
            " Its transaction is open, so readers of committed records do not get it yet."
        }
        CellTransaction::Committed => " Its transaction was committed.",
        CellTransaction::Aborted => {
            " Its transaction was aborted: readers of committed records skip it, others get it."
        }
    };
    format!("{what}{transaction}")
}

fn content(opened: &RecordAnatomy) -> AnyView {
    let record = &opened.record;
    if let Some(decoded) = &opened.decoded {
        return internal(decoded);
    }
    let size = |bytes: Option<&[u8]>| {
        bytes.map_or_else(String::new, |it| format!(" ({} bytes)", it.len()))
    };
    let (key, value) = (record.key.as_deref(), record.value.as_deref());
    view! {
        <dl class="content">
            <dt>{format!("Key{}", size(key))}</dt>
            <dd class="mono">{text_of(key)}</dd>
            <dt>{format!("Value{}", size(value))}</dt>
            <dd class="mono">{text_of(value)}</dd>
        </dl>
    }
    .into_any()
}

/// A record of one of Kafka's own topics.
fn internal(decoded: &Decoded) -> AnyView {
    let part = |part: &DecodedPart| {
        let rows = part.fields.iter().map(|(name, value)| fact(name, value)).collect();
        view! { <h3 class="mono">{part.schema.clone()}</h3> {facts(rows)} }
    };
    let value = match &decoded.value {
        Some(value) => part(value).into_any(),
        None => view! { <p>"No value: a tombstone. What the key names is gone."</p> }.into_any(),
    };
    view! { {part(&decoded.key)} {value} }.into_any()
}

fn headers(headers: &[Header]) -> Option<AnyView> {
    let rows: Vec<_> = headers
        .iter()
        .map(|header| (text_of(Some(&header.key)), text_of(header.value.as_deref())))
        .collect();
    (!rows.is_empty()).then(|| view! { <h3>"Headers"</h3> {facts(rows)} }.into_any())
}
