//! What the cleaner's last pass over a log did, batch by batch and record by record.

use highwater_cluster::anatomy::PassAnatomy;
use highwater_scenario::cluster::log::{BatchFate, CleanedBatch, DropReason, EmptyReason};
use leptos::prelude::*;

use super::parts::table;
use crate::format::{bytes, counted};

/// The last pass, if there was one.
#[component]
pub fn PassView(pass: Memo<Option<PassAnatomy>>) -> impl IntoView {
    move || pass.with(|pass| pass.as_ref().map(drawn))
}

fn drawn(pass: &PassAnatomy) -> AnyView {
    const COLUMNS: &[&str] = &["Batch", "What became of it", "Kept", "Records that went, and why"];
    let says = format!(
        "It cleaned up to offset {}: {} stayed, {} went, {} became {}.",
        pass.end_offset,
        counted(pass.kept as u64, "record", "records"),
        pass.dropped,
        bytes(pass.size_before as u64),
        bytes(pass.size_after as u64)
    );
    let rows = pass.batches.iter().map(|batch| {
        view! {
            <tr>
                <th scope="row">{format!("{} to {}", batch.base_offset, batch.last_offset)}</th>
                <td class="words">{fate(batch)}</td>
                <td>{batch.kept}</td>
                <td class="words">{dropped(batch)}</td>
            </tr>
        }
    });
    let more = (pass.left_out > 0)
        .then(|| view! { <p class="empty">{format!("and {} batches more", pass.left_out)}</p> });
    view! {
        <h3>"What the cleaner's last pass did"</h3>
        <p>{says}</p>
        {table("The cleaner's last pass", COLUMNS, rows.collect_view().into_any())}
        {more}
    }
    .into_any()
}

fn fate(batch: &CleanedBatch) -> String {
    match batch.fate {
        BatchFate::Untouched => "untouched".to_owned(),
        BatchFate::Rewritten { delete_horizon: None } => "written anew".to_owned(),
        BatchFate::Rewritten { delete_horizon: Some(at) } => {
            format!("written anew; its tombstones or marker may go from {at} on")
        }
        BatchFate::Emptied(EmptyReason::LastOfProducer) => {
            "only its header stays: it has a producer's last sequence".to_owned()
        }
        BatchFate::Emptied(EmptyReason::EndOfRound) => {
            "only its header stays: it tells where the pass ended".to_owned()
        }
        BatchFate::Removed => "gone".to_owned(),
    }
}

fn dropped(batch: &CleanedBatch) -> AnyView {
    if batch.dropped.is_empty() {
        return view! { "none" }.into_any();
    }
    let lines = batch.dropped.iter().map(|record| {
        let why = match record.reason {
            DropReason::Superseded { by } => format!("its key is written again at {by}"),
            DropReason::TombstoneExpired => "a tombstone past delete.retention.ms".to_owned(),
            DropReason::Aborted => "its transaction was aborted".to_owned(),
            DropReason::MarkerExpired => {
                "a marker of a transaction of which nothing is left".to_owned()
            }
            DropReason::NoKey => "it has no key".to_owned(),
        };
        view! { <li><del>{record.offset.to_string()}</del>{format!(" {why}")}</li> }
    });
    view! { <ul class="went">{lines.collect_view()}</ul> }.into_any()
}
