//! Why a record is in its partition: the sum from its key, step by step, or the words where there is
//! no sum.

use highwater_cluster::anatomy::{HashStep, KeyHash, WhyHere};
use highwater_cluster::ids::TopicPartition;
use leptos::prelude::*;

use super::parts::table;

use crate::texts::Text;

/// The reason, under a heading of its own.
pub fn drawn(partition: &TopicPartition, why: &WhyHere) -> AnyView {
    let index = partition.partition;
    let reason = match why {
        WhyHere::Marker => view! {
            <p>{t!("anatomy.marker-goes-to")}</p>
        }
        .into_any(),
        WhyHere::Coordinator { id, hash, positive, partitions, partition } => view! {
            <p>{t!("anatomy.partition-follows-from", id = id)}</p>
            <ol class="sum">
                <li>{t!("anatomy.javas-hashcode-it")}<b>{hash.to_string()}</b></li>
                <li>{t!("anatomy.without-its-sign")}<b>{positive.to_string()}</b></li>
                <li>{t!("anatomy.modulo-partitions", partitions = partitions)}<b>{partition.to_string()}</b></li>
            </ol>
        }
        .into_any(),
        WhyHere::Key(sum) => view! {
            <p>{t!("anatomy.by-its-key", index = index, partitions = sum.partitions)}</p>
            {murmur2(sum)}
        }
        .into_any(),
        WhyHere::NotByKey(sum) => view! {
            <p>{t!("anatomy.not-by-its", partition = sum.partition, partitions = sum.partitions)}</p>
            {murmur2(sum)}
        }
        .into_any(),
        WhyHere::Sticky { together } => view! {
            <p>{t!("anatomy.it-has-no-index", index = index, together = together)}</p>
        }
        .into_any(),
    };
    view! { <h3>{t!("anatomy.why-partition", index = index)}</h3> {reason} }.into_any()
}

/// The sum, step by step.
fn murmur2(sum: &KeyHash) -> AnyView {
    const COLUMNS: &[Text] = &[
        text!("anatomy.step"),
        text!("anatomy.bytes"),
        text!("anatomy.as-text"),
        text!("anatomy.h-after-it"),
    ];
    let seeded = view! {
        <tr>
            <th scope="row">{t!("anatomy.seed")}</th>
            <td class="words">{t!("anatomy.0x9747b28c-xor-length", key_bytes = sum.key_bytes)}</td>
            <td></td>
            <td>{format!("{:#010x}", sum.seeded)}</td>
        </tr>
    };
    let row = |(number, step): (usize, &HashStep)| {
        let bytes: Vec<_> = step.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let letters: String = step.bytes.iter().map(|byte| super::hex::letter(*byte)).collect();
        view! {
            <tr>
                <th scope="row">{if step.bytes.len() == 4 { (number + 1).to_string() } else { t!("anatomy.rest").to_owned() }}</th>
                <td>{bytes.join(" ")}</td>
                <td>{letters}</td>
                <td>{format!("{:#010x}", step.h)}</td>
            </tr>
        }
    };
    let steps = sum.steps.iter().enumerate().map(row).collect_view();
    let more = (sum.left_out > 0).then(|| view! {
        <tr><th scope="row">"\u{2026}"</th><td class="words">{t!("anatomy.steps-more", left_out = sum.left_out)}</td><td></td><td></td></tr>
    });
    let rows = view! { {seeded} {steps} {more} }.into_any();
    view! {
        <p>{t!("anatomy.murmur2-takes-key")}</p>
        {table(t!("anatomy.murmur2-step-by"), COLUMNS, rows)}
        <ol class="sum">
            <li>{t!("anatomy.mixed-once-more")}<b>{sum.hash.to_string()}</b></li>
            <li>{t!("anatomy.topositive-which-clears")}<b>{sum.positive.to_string()}</b></li>
            <li>{t!("anatomy.modulo-partitions", partitions = sum.partitions)}<b>{sum.partition.to_string()}</b></li>
        </ol>
    }
    .into_any()
}
