//! A batch opened: what its header says, how much compression saved, and its records.

use highwater_cluster::anatomy::{BatchAnatomy, CellKind, CellTransaction, RecordLine};
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_scenario::cluster::log::{Compression, Offset};
use leptos::prelude::*;

use super::parts::{Heading, fact, facts, gone, live, table, text_of, time};
use super::place::{Depth, Place};
use crate::format::shorten;
use crate::play::Desk;
use crate::route;
use crate::sim::Sim;
use crate::texts::Text;

/// The level of a batch.
#[component]
pub fn BatchLevel(
    place: Place,
    broker: BrokerId,
    partition: TopicPartition,
    offset: Offset,
) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let opened =
        live(sim, move |session| session.world().batch_anatomy(broker, &partition, offset));
    move || match opened.get() {
        None => gone(t!("anatomy.batch-offset", offset = offset)),
        Some(batch) => level(sim, &place, batch),
    }
}

fn level(sim: Sim, place: &Place, batch: BatchAnatomy) -> AnyView {
    let page = route::page();
    let href = |offset: Offset| place.at(Depth::Batch(batch.segment, offset)).href(&page);
    let (before, after) = batch.neighbours;
    let base = batch.header.base_offset;
    let bytes_href = place.at(Depth::Bytes(batch.segment, base, None)).href(&page);
    let says = summary(&batch);
    view! {
        <Heading over=t!("anatomy.batch") title=t!("anatomy.batch-base", base = base) says=move || says.clone()/>
        <p class="level-links">
            <a href=bytes_href>{t!("anatomy.its-bytes")}</a>
            {before.map(|offset| view! { <a href=href(offset)>{t!("anatomy.batch-before-it", offset = offset)}</a> })}
            {after.map(|offset| view! { <a href=href(offset)>{t!("anatomy.batch-after-it", offset = offset)}</a> })}
        </p>
        {sizes(&batch)}
        {records(sim, place, &batch)}
        <h3>{t!("anatomy.header")}</h3>
        {header(sim, &batch)}
    }
    .into_any()
}

fn summary(batch: &BatchAnatomy) -> String {
    let header = &batch.header;
    let kind = if header.is_control {
        t!("anatomy.control-batch-which")
    } else if header.is_transactional {
        t!("anatomy.transactional-batch")
    } else {
        t!("anatomy.batch-inline")
    };
    let transaction = match batch.transaction {
        CellTransaction::None => "",
        CellTransaction::Open => t!("anatomy.its-transaction-open"),
        CellTransaction::Committed => t!("anatomy.its-transaction-was"),
        CellTransaction::Aborted => {
            t!("anatomy.its-transaction-was-after")
        }
    };
    t!(
        "anatomy.appended-in-leader",
        kind = kind,
        records = t!("anatomy.records-number", number = header.record_count.max(0) as u64),
        leader_epoch = header.leader_epoch,
        size = header.size_in_bytes,
        position = batch.position,
        transaction = transaction
    )
}

/// The size of the records before and after compression, as two bars.
fn sizes(batch: &BatchAnatomy) -> AnyView {
    const WIDE: f64 = 420.0;
    let (packed, unpacked) = (batch.packed_bytes, batch.unpacked_bytes);
    let codec = batch.header.compression;
    if codec == Compression::None {
        return view! { <p>{t!("anatomy.not-compressed-bytes", packed = packed)}</p> }.into_any();
    }
    let most = packed.max(unpacked).max(1) as f64;
    let percent = packed * 100 / unpacked.max(1);
    let bar = |y: i32, class: &'static str, bytes: usize| {
        let wide = (bytes as f64 / most * WIDE).max(2.0);
        view! { <rect class=class x="0" y=y width=wide height="14" rx="3"/> }
    };
    view! {
        <p>{t!("anatomy.compressed-with-bytes", codec = codec, unpacked = unpacked, packed = packed, percent = percent)}</p>
        <svg class="sizes" width=WIDE height="36" aria-hidden="true">
            {bar(1, "size-unpacked", unpacked)}
            {bar(20, "size-packed", packed)}
        </svg>
    }
    .into_any()
}

fn records(sim: Sim, place: &Place, batch: &BatchAnatomy) -> AnyView {
    const COLUMNS: &[Text] = &[
        text!("anatomy.record"),
        text!("anatomy.timestamp"),
        text!("anatomy.key"),
        text!("anatomy.value"),
        text!("anatomy.headers"),
    ];
    if batch.records.is_empty() {
        return view! { <p class="empty">{t!("anatomy.its-records-are")}</p> }.into_any();
    }
    let (segment, base) = (batch.segment, batch.header.base_offset);
    let row = |line: &RecordLine| {
        let record = &line.record;
        let href = place.at(Depth::Record(segment, base, record.offset)).href(&route::page());
        let value = match line.kind {
            CellKind::Marker(control) => control.name().to_owned(),
            CellKind::Tombstone => t!("anatomy.null-tombstone").to_owned(),
            _ => shorten(&text_of(record.value.as_deref()), 60),
        };
        let key = match line.kind {
            CellKind::Marker(_) => t!("anatomy.control").to_owned(),
            _ => shorten(&text_of(record.key.as_deref()), 40),
        };
        view! {
            <tr>
                <th scope="row"><a href=href>{t!("anatomy.record-offset", offset = record.offset)}</a></th>
                <td>{time(sim, record.timestamp)}</td>
                <td class="words">{key}</td>
                <td class="words">{value}</td>
                <td>{record.headers.len()}</td>
            </tr>
        }
    };
    let rows = batch.records.iter().map(row).collect_view().into_any();
    let more = (batch.left_out > 0)
        .then(|| view! { <p class="empty">{t!("anatomy.and-records-more", left_out = batch.left_out)}</p> });
    view! { {table(t!("anatomy.records-batch"), COLUMNS, rows)} {more} }.into_any()
}

fn header(sim: Sim, batch: &BatchAnatomy) -> AnyView {
    let header = &batch.header;
    let mut attributes = vec![header.compression.to_string(), header.timestamp_type.to_string()];
    let flags = [
        (header.is_transactional, t!("anatomy.transactional")),
        (header.is_control, t!("anatomy.control")),
    ];
    attributes.extend(flags.iter().filter(|(set, _)| *set).map(|(_, word)| (*word).to_owned()));
    let base_timestamp = match header.delete_horizon() {
        Some(horizon) => t!("anatomy.delete-horizon", horizon = time(sim, horizon)),
        None => time(sim, header.base_timestamp),
    };
    facts(vec![
        fact("baseOffset", header.base_offset),
        fact("batchLength", header.size_in_bytes - 12),
        fact("partitionLeaderEpoch", header.leader_epoch),
        fact("magic", 2),
        fact("crc", format!("{:#010x}", header.crc)),
        fact("attributes", format!("{:#06x}: {}", header.attributes(), attributes.join(", "))),
        fact("lastOffsetDelta", header.last_offset_delta),
        fact("baseTimestamp", base_timestamp),
        fact("maxTimestamp", time(sim, header.max_timestamp)),
        fact("producerId", header.producer_id),
        fact("producerEpoch", header.producer_epoch),
        fact("baseSequence", header.base_sequence),
        fact("recordsCount", header.record_count),
    ])
}
