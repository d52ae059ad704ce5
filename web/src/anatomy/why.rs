//! Why a record is in its partition: the sum from its key, step by step, or the words where there is
//! no sum.

use highwater_cluster::anatomy::{HashStep, KeyHash, WhyHere};
use highwater_cluster::ids::TopicPartition;
use leptos::prelude::*;

use super::parts::table;

/// The reason, under a heading of its own.
pub fn drawn(partition: &TopicPartition, why: &WhyHere) -> AnyView {
    let index = partition.partition;
    let reason = match why {
        WhyHere::Marker => view! {
            <p>"A marker goes to every partition that its transaction wrote to: the coordinator sends it to their leaders."</p>
        }
        .into_any(),
        WhyHere::Coordinator { id, hash, positive, partitions, partition } => view! {
            <p>{format!("The partition follows from \u{201c}{id}\u{201d}, and its leader is the coordinator of that id.")}</p>
            <ol class="sum">
                <li>"Java's hashCode of it is "<b>{hash.to_string()}</b></li>
                <li>"without its sign bit "<b>{positive.to_string()}</b></li>
                <li>{format!("modulo {partitions} partitions: ")}<b>{partition.to_string()}</b></li>
            </ol>
        }
        .into_any(),
        WhyHere::Key(sum) => view! {
            <p>{format!("By its key. Each record with this key gets to partition {index}, as long as the topic has {} partitions.", sum.partitions)}</p>
            {murmur2(sum)}
        }
        .into_any(),
        WhyHere::NotByKey(sum) => view! {
            <p>{format!(
                "Not by its key, which leads to partition {} of {}: its producer has a partitioner of its own or ignores keys, \
                 its application chose the partition, or the topic had another number of partitions when it was sent.",
                sum.partition, sum.partitions
            )}</p>
            {murmur2(sum)}
        }
        .into_any(),
        WhyHere::Sticky { together } => view! {
            <p>{format!(
                "It has no key, so nothing ties it to a partition. The producer's sticky partitioner stood at partition {index}: \
                 it stays at one until about batch.size bytes went there, and then draws another, those with shorter \
                 queues more often (KIP-794). {together} of the records in this batch stuck together so."
            )}</p>
        }
        .into_any(),
    };
    view! { <h3>{format!("Why partition {index}")}</h3> {reason} }.into_any()
}

/// The sum, step by step.
fn murmur2(sum: &KeyHash) -> AnyView {
    const COLUMNS: &[&str] = &["Step", "Bytes", "As text", "h after it"];
    let seeded = view! {
        <tr>
            <th scope="row">"seed"</th>
            <td class="words">{format!("0x9747b28c xor length {}", sum.key_bytes)}</td>
            <td></td>
            <td>{format!("{:#010x}", sum.seeded)}</td>
        </tr>
    };
    let row = |(number, step): (usize, &HashStep)| {
        let bytes: Vec<_> = step.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let letters: String = step.bytes.iter().map(|byte| super::hex::letter(*byte)).collect();
        view! {
            <tr>
                <th scope="row">{if step.bytes.len() == 4 { (number + 1).to_string() } else { "rest".to_owned() }}</th>
                <td>{bytes.join(" ")}</td>
                <td>{letters}</td>
                <td>{format!("{:#010x}", step.h)}</td>
            </tr>
        }
    };
    let steps = sum.steps.iter().enumerate().map(row).collect_view();
    let more = (sum.left_out > 0).then(|| view! {
        <tr><th scope="row">"\u{2026}"</th><td class="words">{format!("{} steps more", sum.left_out)}</td><td></td><td></td></tr>
    });
    let rows = view! { {seeded} {steps} {more} }.into_any();
    view! {
        <p>"murmur2 takes the key four bytes at a time, multiplies and mixes them into h:"</p>
        {table("murmur2, step by step", COLUMNS, rows)}
        <ol class="sum">
            <li>"mixed once more, the hash is "<b>{sum.hash.to_string()}</b></li>
            <li>"toPositive, which clears the sign bit: "<b>{sum.positive.to_string()}</b></li>
            <li>{format!("modulo {} partitions: ", sum.partitions)}<b>{sum.partition.to_string()}</b></li>
        </ol>
    }
    .into_any()
}
