//! A replica's log opened: its files, what of it is clean, and what the cleaner's last pass did.

use highwater_cluster::anatomy::{CleanedPart, LogAnatomy, SegmentFiles, Tier};
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_scenario::cluster::log::{Offset, dump};
use leptos::prelude::*;

use super::parts::{Heading, fact, facts, gone, live, table};
use super::pass::PassView;
use super::place::{Depth, Place};
use crate::each::Each;
use crate::format::bytes;
use crate::play::Desk;
use crate::route;
use crate::texts::Text;

/// The level of a replica's log.
#[component]
pub fn LogLevel(broker: BrokerId, partition: TopicPartition) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let opened = live(sim, {
        let partition = partition.clone();
        move |session| session.world().log_anatomy(broker, &partition)
    });
    let exists = Memo::new(move |_| opened.read().is_some());
    let title = t!("anatomy.on-broker", partition = partition, broker = broker);
    let missing = t!("anatomy.replica-on-broker", partition = partition, broker = broker);
    let says = move || opened.with(|opened| opened.as_ref().map(summary).unwrap_or_default());
    let pass = Memo::new(move |_| opened.read().as_ref().and_then(|it| it.last_pass.clone()));
    view! {
        <Show when=move || exists.get() fallback=move || gone(missing.clone())>
            <Heading over=t!("anatomy.log") title=title.clone() says/>
            <Parts opened/>
            <Files opened place=Place::Replica(broker, partition.clone(), Depth::Log)/>
            {move || opened.with(|opened| opened.as_ref().map(offsets))}
            <PassView pass/>
        </Show>
    }
    .into_any()
}

fn summary(opened: &LogAnatomy) -> String {
    let replica = &opened.replica;
    let is_running = if opened.is_running { "" } else { t!("anatomy.its-broker-does") };
    let cleaning = match &opened.cleaning {
        None => t!("anatomy.topic-not-compacted").to_owned(),
        Some(cleaning) => {
            let due =
                if cleaning.is_due { t!("anatomy.pass-due") } else { t!("anatomy.no-pass-due") };
            t!(
                "anatomy.topic-compacted-below",
                first_dirty_offset = cleaning.first_dirty_offset,
                first_uncleanable_offset = cleaning.first_uncleanable_offset,
                due = due
            )
        }
    };
    t!(
        "anatomy.in-offsets-to",
        size = bytes(replica.size_bytes),
        segments = t!("anatomy.segments-number", number = u64::from(replica.segments)),
        log_start_offset = replica.log_start_offset,
        log_end_offset = replica.log_end_offset,
        state = is_running,
        cleaning = cleaning
    )
}

fn offsets(opened: &LogAnatomy) -> AnyView {
    let replica = &opened.replica;
    let epochs: Vec<_> = replica
        .epochs
        .iter()
        .map(|(epoch, start)| t!("anatomy.from-epoch", epoch = epoch, start = start))
        .collect();
    let mut rows = vec![
        fact(t!("anatomy.log-start-offset"), replica.log_start_offset),
        fact(t!("anatomy.local-log-start"), replica.local_log_start_offset),
        fact(t!("anatomy.last-stable-offset"), replica.last_stable_offset),
        fact(t!("anatomy.high-watermark"), replica.high_watermark),
        fact(t!("anatomy.log-end-offset"), replica.log_end_offset),
        fact(t!("anatomy.flushed-up-to"), replica.flushed_offset),
        fact("leader-epoch-checkpoint", epochs.join(", ")),
    ];
    if let Some(cleaning) = &opened.cleaning {
        rows.push(fact(t!("anatomy.clean"), bytes(cleaning.clean_bytes)));
        rows.push(fact(t!("anatomy.dirty"), bytes(cleaning.dirty_bytes)));
    }
    facts(rows)
}

/// The segments side by side, each as wide as its bytes, with what it is to the cleaner.
#[component]
fn Parts(opened: Memo<Option<LogAnatomy>>) -> impl IntoView {
    const WIDE: f64 = 720.0;
    move || {
        let opened = opened.read();
        let segments = &opened.as_ref()?.segments;
        // Each is wide enough to be seen, and together they fill the picture.
        let weight = |files: &SegmentFiles| (files.log_bytes as f64).max(1.0).sqrt() + 12.0;
        let total: f64 = segments.iter().map(weight).sum();
        let mut x = 0.0;
        let drawn = segments.iter().map(|files| {
            let (at, wide) = (x, weight(files) / total * WIDE);
            x += wide;
            let (class, word) = part_words(files);
            let name = (wide > 7.4 * word.len() as f64 + 8.0).then_some(word);
            view! {
                <rect class=format!("segment {class}") x=at + 1.0 y="1" width=(wide - 2.0).max(1.0) height="30" rx="3"/>
                <text class="segment-name" x=at + 7.0 y="20">{name}</text>
            }
        });
        Some(view! {
            <svg class="segments" viewBox=format!("0 0 {WIDE} 32") aria-hidden="true">
                <defs>
                    <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                        <line x1="0" y1="0" x2="0" y2="5" class="hatch-line"/>
                    </pattern>
                </defs>
                {drawn.collect_view()}
            </svg>
        })
    }
}

/// What a segment is, as a class and in words.
fn part_words(files: &SegmentFiles) -> (&'static str, &'static str) {
    match files.part {
        _ if files.tier == Some(Tier::Remote) => ("remote", t!("anatomy.remote-only")),
        _ if files.tier == Some(Tier::Both) => ("both", t!("anatomy.on-disk-and-remote")),
        _ if files.is_active => ("active", t!("anatomy.active-inline")),
        None => ("closed", t!("anatomy.closed-inline")),
        Some(CleanedPart::Clean) => ("clean", t!("anatomy.clean-inline")),
        Some(CleanedPart::Dirty) => ("dirty", t!("anatomy.dirty-inline")),
        Some(CleanedPart::Uncleanable) => ("closed", t!("anatomy.left-alone-yet")),
    }
}

/// The files, in a row for each segment.
#[component]
fn Files(opened: Memo<Option<LogAnatomy>>, place: Place) -> impl IntoView {
    const COLUMNS: &[Text] = &[
        text!("anatomy.segment"),
        text!("anatomy.state"),
        text!("anatomy.offsets"),
        text!("anatomy.batches"),
        Text::of_kafka(".log"),
        Text::of_kafka(".index"),
        Text::of_kafka(".timeindex"),
        Text::of_kafka(".txnindex"),
    ];
    let bases = Memo::new(move |_| {
        let opened = opened.read();
        let segments = opened.as_ref().map(|opened| opened.segments.as_slice()).unwrap_or_default();
        segments.iter().map(|files| files.base_offset).collect::<Vec<_>>()
    });
    let row = move |base: Offset| {
        let files = Memo::new(move |_| {
            let opened = opened.read();
            let segments = &opened.as_ref()?.segments;
            segments.iter().find(|files| files.base_offset == base).cloned()
        });
        let cell = move |read: fn(&SegmentFiles) -> String| {
            move || files.with(|files| files.as_ref().map(read).unwrap_or_default())
        };
        let href = place.at(Depth::Segment(base)).href(&route::page());
        view! {
            <tr>
                <th scope="row"><a class="mono" href=href>{dump::file_name(base)}</a></th>
                <td class="words">{cell(|files| part_words(files).1.to_owned())}</td>
                <td>{cell(|files| t!("anatomy.to", base_offset = files.base_offset, next_offset = files.next_offset))}</td>
                <td>{cell(|files| files.batches.to_string())}</td>
                <td>{cell(|files| bytes(files.log_bytes as u64))}</td>
                <td>{cell(|files| bytes(files.index_bytes as u64))}</td>
                <td>{cell(|files| bytes(files.time_index_bytes as u64))}</td>
                <td>{cell(|files| t!("anatomy.entries", number = files.aborted as u64))}</td>
            </tr>
        }
    };
    let rows = view! { <Each each=move || bases.get() key=|base| *base children=row/> };
    table(t!("anatomy.files-log"), COLUMNS, rows.into_any())
}
