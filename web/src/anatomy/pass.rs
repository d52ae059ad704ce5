//! What the cleaner's last pass over a log did, batch by batch and record by record.

use highwater_cluster::anatomy::PassAnatomy;
use highwater_scenario::cluster::log::{BatchFate, CleanedBatch, DropReason, EmptyReason};
use leptos::prelude::*;

use super::parts::table;
use super::steps::{Step, Steps};
use crate::format::bytes;
use crate::texts::Text;

/// The last pass, if there was one.
#[component]
pub fn PassView(pass: Memo<Option<PassAnatomy>>) -> impl IntoView {
    move || pass.with(|pass| pass.as_ref().map(drawn))
}

fn drawn(pass: &PassAnatomy) -> AnyView {
    const COLUMNS: &[Text] = &[
        text!("anatomy.batch"),
        text!("anatomy.what-became-it"),
        text!("anatomy.kept"),
        text!("anatomy.records-that-went"),
    ];
    let says = t!(
        "anatomy.it-cleaned-up",
        end_offset = pass.end_offset,
        kept = t!("anatomy.records-number", number = pass.kept as u64),
        dropped = pass.dropped,
        size_before = bytes(pass.size_before as u64),
        size_after = bytes(pass.size_after as u64)
    );
    let rows = pass.batches.iter().map(|batch| {
        view! {
            <tr>
                <th scope="row">{t!("anatomy.to-base-offset", base_offset = batch.base_offset, last_offset = batch.last_offset)}</th>
                <td class="words">{fate(batch)}</td>
                <td>{batch.kept.len()}</td>
                <td class="words">{dropped(batch)}</td>
            </tr>
        }
    });
    let more = (pass.left_out > 0)
        .then(|| view! { <p class="empty">{t!("anatomy.and-batches-more", left_out = pass.left_out)}</p> });
    view! {
        <h3>{t!("anatomy.what-cleaners-last")}</h3>
        <p>{says}</p>
        <Steps records=records(pass)/>
        {table(t!("anatomy.cleaners-last-pass"), COLUMNS, rows.collect_view().into_any())}
        {more}
    }
    .into_any()
}

/// The records in the order in which the cleaner came to them, each with why it went, if it did.
fn records(pass: &PassAnatomy) -> Vec<Step> {
    let of_batch = |batch: &CleanedBatch| {
        let kept = batch.kept.iter().map(|offset| Step { offset: *offset, gone: None });
        let dropped = batch.dropped.iter();
        let dropped =
            dropped.map(|record| Step { offset: record.offset, gone: Some(record.reason) });
        let mut all: Vec<Step> = kept.chain(dropped).collect();
        all.sort_by_key(|step| step.offset);
        all
    };
    pass.batches.iter().flat_map(of_batch).collect()
}

/// Why a record went.
pub fn why_gone(reason: DropReason) -> String {
    match reason {
        DropReason::Superseded { by } => t!("anatomy.its-key-written", by = by),
        DropReason::TombstoneExpired => t!("anatomy.tombstone-past-delete").to_owned(),
        DropReason::Aborted => t!("anatomy.its-transaction-was-inline").to_owned(),
        DropReason::MarkerExpired => t!("anatomy.marker-transaction-which").to_owned(),
        DropReason::NoKey => t!("anatomy.it-has-no").to_owned(),
    }
}

fn fate(batch: &CleanedBatch) -> String {
    match batch.fate {
        BatchFate::Untouched => t!("anatomy.untouched").to_owned(),
        BatchFate::Rewritten { delete_horizon: None } => t!("anatomy.written-anew").to_owned(),
        BatchFate::Rewritten { delete_horizon: Some(at) } => {
            t!("anatomy.written-anew-its", at = at)
        }
        BatchFate::Emptied(EmptyReason::LastOfProducer) => t!("anatomy.only-its-header").to_owned(),
        BatchFate::Emptied(EmptyReason::EndOfRound) => {
            t!("anatomy.only-its-header-inline").to_owned()
        }
        BatchFate::Removed => t!("anatomy.gone").to_owned(),
    }
}

fn dropped(batch: &CleanedBatch) -> AnyView {
    if batch.dropped.is_empty() {
        return t!("anatomy.none").into_any();
    }
    let lines = batch.dropped.iter().map(|record| {
        let why = why_gone(record.reason);
        view! { <li><del>{record.offset.to_string()}</del>{format!(" {why}")}</li> }
    });
    view! { <ul class="went">{lines.collect_view()}</ul> }.into_any()
}
