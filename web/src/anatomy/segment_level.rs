//! A segment opened: its batches as they lie in the file, and the entries of its indexes.

use highwater_cluster::anatomy::{BatchLine, SegmentAnatomy};
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_scenario::cluster::log::Offset;
use leptos::prelude::*;

use super::parts::{Heading, gone, live, table, time};
use super::place::{Depth, Place};
use crate::format::{bytes, counted};
use crate::play::Desk;
use crate::route;

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
        <Show when=move || exists.get() fallback=move || gone(format!("Segment {offset}"))>
            <Heading over="Segment" title=title.clone() says/>
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
                    <h3>"Indexes"</h3>
                    <p>"Each entry stands for about index.interval.bytes of the file: a reader looks up the entry before the offset or time that it wants, and reads on from there."</p>
                    <div class="indexes">
                        {table("Offset index", &["Offset", "Position"], offsets)}
                        {table("Time index", &["Timestamp", "Offset"], times)}
                        {table("Transaction index", &["Producer id", "First", "Marker", "LSO"], aborted)}
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
        "It is the active segment: the next batch is appended here."
    } else {
        "It is closed: nothing is appended to it any more."
    };
    format!(
        "{}, {}, offsets {} to {}. {state}",
        bytes(files.log_bytes as u64),
        counted(files.batches as u64, "batch", "batches"),
        files.base_offset,
        files.next_offset
    )
}

/// The batches in the order of the file.
#[component]
fn Batches(
    opened: Memo<Option<SegmentAnatomy>>,
    from: RwSignal<Option<usize>>,
    place: Place,
) -> impl IntoView {
    const COLUMNS: &[&str] =
        &["Batch", "Position", "Offsets", "Records", "Size", "Codec", "Epoch", "Producer", "What"];
    let Place::Replica(_, _, Depth::Segment(segment)) = place else { return ().into_any() };
    let lines = move || opened.get().map(|opened| opened.batches).unwrap_or_default();
    let row = move |line: BatchLine| {
        let header = line.header;
        let href = place.at(Depth::Batch(segment, header.base_offset)).href(&route::page());
        let producer = if header.has_producer_id() {
            format!("{}, epoch {}", header.producer_id, header.producer_epoch)
        } else {
            "none".to_owned()
        };
        let what = match (header.is_control, header.is_transactional) {
            (true, _) => "control",
            (false, true) => "transactional",
            (false, false) => "records",
        };
        view! {
            <tr>
                <th scope="row"><a href=href>{format!("Batch {}", header.base_offset)}</a></th>
                <td>{line.position}</td>
                <td>{format!("{} to {}", header.base_offset, header.last_offset())}</td>
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
        <For each=lines key=|line| (line.header.base_offset, line.header.crc, line.position) children=row/>
    };
    view! {
        {table("The batches of the segment", COLUMNS, rows.into_any())}
        <div class="window-buttons" role="group" aria-label="Which batches are shown">
            <button type="button" on:click=earlier disabled=move || around.get().0 == 0>"Earlier"</button>
            <button type="button" on:click=later disabled=move || from.get().is_none()>"Later"</button>
            <span class="range">{move || format!("{} before, {} after", around.get().0, around.get().1)}</span>
        </div>
    }
    .into_any()
}
