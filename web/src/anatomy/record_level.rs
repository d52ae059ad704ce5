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
        None => gone(t!("anatomy.record-offset", offset = offset)),
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
        <Heading over=t!("anatomy.record") title=t!("anatomy.record-offset-partition", offset = offset, partition = partition) says=move || says.clone()/>
        <p class="level-links">
            <a href=bytes_href>{t!("anatomy.its-bytes")}</a>
            {before.map(|to| view! { <a href=href(to)>{t!("anatomy.record-before-it", to = to)}</a> })}
            {after.map(|to| view! { <a href=href(to)>{t!("anatomy.record-after-it", to = to)}</a> })}
        </p>
        {content(opened)}
        {headers(&opened.record.headers)}
        {why::drawn(partition, &opened.why)}
        <h3>{t!("anatomy.its-place")}</h3>
        {facts(vec![
            fact(t!("anatomy.offset"), offset),
            fact(t!("anatomy.timestamp"), time(sim, opened.record.timestamp)),
            fact(t!("anatomy.batch"), t!("anatomy.record-it", batch = opened.batch, place = opened.index + 1)),
            fact(t!("anatomy.leader-epoch"), opened.leader_epoch),
            fact(t!("anatomy.sequence"), opened.sequence.map_or_else(|| t!("anatomy.none-its-producer").to_owned(), |it| it.to_string())),
        ])}
    }
    .into_any()
}

fn summary(opened: &RecordAnatomy) -> String {
    let what = match (opened.kind, opened.marker) {
        (CellKind::Marker(control), Some(marker)) => t!(
            "anatomy.marker-transaction-written",
            control = control.name().to_lowercase(),
            coordinator_epoch = marker.coordinator_epoch
        ),
        (CellKind::Marker(control), None) => t!("anatomy.control-record", control = control.name()),
        (CellKind::Tombstone, _) => t!("anatomy.tombstone-it-has").to_owned(),
        _ => t!("anatomy.what-producers-application").to_owned(),
    };
    let transaction = match opened.transaction {
        CellTransaction::None => "",
        CellTransaction::Open => {
            t!("anatomy.its-transaction-open-after")
        }
        CellTransaction::Committed => t!("anatomy.its-transaction-was"),
        CellTransaction::Aborted => {
            t!("anatomy.its-transaction-was-aborted")
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
        bytes.map_or_else(String::new, |it| t!("anatomy.bytes-count", count = it.len()))
    };
    let (key, value) = (record.key.as_deref(), record.value.as_deref());
    view! {
        <dl class="content">
            <dt>{t!("anatomy.key-size", size = size(key))}</dt>
            <dd class="mono">{text_of(key)}</dd>
            <dt>{t!("anatomy.value-size", size = size(value))}</dt>
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
        None => view! { <p>{t!("anatomy.no-value-tombstone")}</p> }.into_any(),
    };
    view! { {part(&decoded.key)} {value} }.into_any()
}

fn headers(headers: &[Header]) -> Option<AnyView> {
    let rows: Vec<_> = headers
        .iter()
        .map(|header| (text_of(Some(&header.key)), text_of(header.value.as_deref())))
        .collect();
    (!rows.is_empty()).then(|| view! { <h3>{t!("anatomy.headers")}</h3> {facts(rows)} }.into_any())
}
