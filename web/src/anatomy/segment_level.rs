//! A segment opened: its batches as they lie in the file, and the entries of its indexes.

use highwater_cluster::anatomy::{BatchLine, SegmentAnatomy};
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_scenario::cluster::log::Offset;
use leptos::prelude::*;

use super::parts::{Heading, gone, live, table, time};
use super::place::{Depth, Place};
use crate::each::Each;
use crate::format::bytes;
use crate::play::Desk;
use crate::route;
use crate::texts::Text;

/// The batches that are shown at once.
const MOST: usize = 60;

/// The level of a segment.
#[component]
pub fn SegmentLevel(
    place: Place,
    broker: BrokerId,
    partition: TopicPartition,
    offset: Offset,
) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    // None follows the newest batches.
    let from = RwSignal::new(None::<usize>);
    let opened = live(sim, move |session| {
        session.world().segment_anatomy(broker, &partition, offset, from.get(), MOST)
    });
    let title = opened.with_untracked(|it| it.as_ref().map(|it| format!("{}.log", it.name)));
    let title = title.unwrap_or_default();
    let exists = Memo::new(move |_| opened.read().is_some());
    let says = move || opened.with(|opened| opened.as_ref().map(summary).unwrap_or_default());
    let indexes = Memo::new(move |_| {
        let opened = opened.read();
        let opened = opened.as_ref()?;
        Some((opened.offset_index.clone(), opened.time_index.clone(), opened.aborted.clone()))
    });
    view! {
        <Show when=move || exists.get() fallback=move || gone(t!("anatomy.segment-offset", offset = offset))>
            <Heading over=t!("anatomy.segment") title=title.clone() says/>
            <Batches opened from place=place.clone()/>
            {move || indexes.get().map(|(offsets, times, aborted)| {
                let offsets = offsets.into_iter().map(|entry| view! {
                    <tr><td>{entry.offset.to_string()}</td><td>{entry.position}</td></tr>
                }).collect_view().into_any();
                let times = times.into_iter().map(|entry| view! {
                    <tr><td>{time(sim, entry.timestamp)}</td><td>{entry.offset.to_string()}</td></tr>
                }).collect_view().into_any();
                let aborted = aborted.into_iter().map(|entry| view! {
                    <tr>
                        <td>{entry.producer_id.to_string()}</td><td>{entry.first_offset.to_string()}</td>
                        <td>{entry.last_offset.to_string()}</td><td>{entry.last_stable_offset.to_string()}</td>
                    </tr>
                }).collect_view().into_any();
                view! {
                    <h3>{t!("anatomy.indexes")}</h3>
                    <p>{t!("anatomy.each-entry-stands")}</p>
                    <div class="indexes">
                        {table(t!("anatomy.offset-index"), &[text!("anatomy.offset"), text!("anatomy.position")], offsets)}
                        {table(t!("anatomy.time-index"), &[text!("anatomy.timestamp"), text!("anatomy.offset")], times)}
                        {table(t!("anatomy.transaction-index"), &[text!("anatomy.producer-id"), text!("anatomy.first"), text!("anatomy.marker"), text!("anatomy.lso")], aborted)}
                    </div>
                }
            })}
        </Show>
    }
    .into_any()
}

fn summary(opened: &SegmentAnatomy) -> String {
    let files = &opened.files;
    let state = if files.is_active {
        t!("anatomy.it-active-segment")
    } else {
        t!("anatomy.it-closed-nothing")
    };
    t!(
        "anatomy.offsets-to",
        log_bytes = bytes(files.log_bytes as u64),
        batches = t!("anatomy.batches-number", number = files.batches as u64),
        base_offset = files.base_offset,
        next_offset = files.next_offset,
        state = state
    )
}

/// The batches in the order of the file.
#[component]
fn Batches(
    opened: Memo<Option<SegmentAnatomy>>,
    from: RwSignal<Option<usize>>,
    place: Place,
) -> impl IntoView {
    const COLUMNS: &[Text] = &[
        text!("anatomy.batch"),
        text!("anatomy.position"),
        text!("anatomy.offsets"),
        text!("anatomy.records"),
        text!("anatomy.size"),
        text!("anatomy.codec"),
        text!("anatomy.epoch"),
        text!("anatomy.producer"),
        text!("anatomy.what"),
    ];
    let Place::Replica(_, _, Depth::Segment(segment)) = place else { return ().into_any() };
    let lines = move || opened.get().map(|opened| opened.batches).unwrap_or_default();
    let row = move |line: BatchLine| {
        let header = line.header;
        let href = place.at(Depth::Batch(segment, header.base_offset)).href(&route::page());
        let producer = if header.has_producer_id() {
            t!(
                "anatomy.epoch-producer-id",
                producer_id = header.producer_id,
                producer_epoch = header.producer_epoch
            )
        } else {
            t!("anatomy.none").to_owned()
        };
        let what = match (header.is_control, header.is_transactional) {
            (true, _) => t!("anatomy.control"),
            (false, true) => t!("anatomy.transactional"),
            (false, false) => t!("anatomy.records-inline"),
        };
        view! {
            <tr>
                <th scope="row"><a href=href>{t!("anatomy.batch-base-offset", base_offset = header.base_offset)}</a></th>
                <td>{line.position}</td>
                <td>{t!("anatomy.to-base-offset", base_offset = header.base_offset, last_offset = header.last_offset())}</td>
                <td>{header.record_count}</td>
                <td>{bytes(header.size_in_bytes as u64)}</td>
                <td class="words">{header.compression.to_string()}</td>
                <td>{header.leader_epoch.to_string()}</td>
                <td class="words">{producer}</td>
                <td class="words">{what}</td>
            </tr>
        }
    };
    let around = Memo::new(move |_| {
        opened.read().as_ref().map_or((0, 0), |opened| (opened.before, opened.after))
    });
    let earlier = move |_| from.set(Some(around.get_untracked().0.saturating_sub(MOST)));
    let later = move |_| {
        let (before, after) = around.get_untracked();
        from.set((after > MOST).then_some(before + MOST));
    };
    let rows = view! {
        <Each each=lines key=|line| (line.header.base_offset, line.header.crc, line.position) children=row/>
    };
    view! {
        {table(t!("anatomy.batches-segment"), COLUMNS, rows.into_any())}
        <div class="window-buttons" role="group" aria-label=t!("anatomy.which-batches-are")>
            <button type="button" on:click=earlier disabled=move || around.get().0 == 0>{t!("anatomy.earlier")}</button>
            <button type="button" on:click=later disabled=move || from.get().is_none()>{t!("anatomy.later")}</button>
            <span class="range">{move || t!("anatomy.before-after", before = around.get().0, after = around.get().1)}</span>
        </div>
    }
    .into_any()
}
