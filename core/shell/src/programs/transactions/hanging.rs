//! `find-hanging`: transactions that are open in a partition though no coordinator will ever end them.

use std::collections::{BTreeMap, BTreeSet};

use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::describe_producers_response::ProducerState;

use super::producers::{active, broker_of, partition_of};
use super::{describe_one, fail, fail_with, list_all};
use crate::options::Given;
use crate::programs::{calls, table};
use crate::script::{Halt, Io, caught};

const MINUTE_MS: i64 = 60_000;
/// `--max-transaction-timeout`
const DEFAULT_MINUTES: i64 = 15;

/// An open transaction in a partition.
type Open = (TopicPartition, ProducerState);

pub(super) fn find(io: &mut Io<'_, '_>, given: &Given) -> Result<(), Halt> {
    if !given.has("--topic") && !given.has("--broker-id") {
        return fail(
            io,
            "The `find-hanging` command requires either --topic or --broker-id to limit the scope of the search",
        );
    }
    if given.has("--partition") && !given.has("--topic") {
        return fail(io, "The --partition argument requires --topic to be provided");
    }
    let partitions = partitions(io, given)?;
    let candidates = candidates(io, given, &partitions)?;
    let ids: BTreeSet<i64> =
        candidates.iter().map(|(_, producer)| producer.producer_id.0).collect();
    let known = if ids.is_empty() { BTreeMap::new() } else { known_partitions(io, &ids)? };
    let mut hanging = candidates;
    hanging.retain(|(partition, producer)| {
        let expected = known.get(&producer.producer_id.0);
        !expected.is_some_and(|partitions| partitions.contains(partition))
    });
    let (_, now) = io.now()?;
    let rows: Vec<[String; 8]> = hanging
        .iter()
        .map(|(TopicPartition { topic, partition }, producer)| {
            [
                topic.to_string(),
                partition.to_string(),
                producer.producer_id.0.to_string(),
                producer.producer_epoch.to_string(),
                producer.coordinator_epoch.max(-1).to_string(),
                producer.current_txn_start_offset.to_string(),
                producer.last_timestamp.to_string(),
                ((now.0 - producer.last_timestamp) / MINUTE_MS).to_string(),
            ]
        })
        .collect();
    let head = [
        "Topic",
        "Partition",
        "ProducerId",
        "ProducerEpoch",
        "CoordinatorEpoch",
        "StartOffset",
        "LastTimestamp",
        "Duration(min)",
    ];
    table::print(io, head, &rows);
    Ok(())
}

/// Where to look.
fn partitions(io: &mut Io<'_, '_>, given: &Given) -> Result<Vec<TopicPartition>, Halt> {
    if given.has("--partition") {
        return Ok(vec![partition_of(given)]);
    }
    let topics: Vec<TopicName> = match given.text("--topic") {
        Some(topic) => vec![TopicName::from(topic)],
        None => match caught(calls::topics(io))? {
            // Internal topics are not listed unless they are asked for.
            Ok(topics) => {
                topics.into_iter().filter(|(_, internal)| !internal).map(|(name, _)| name).collect()
            }
            Err(failure) => return fail_with(io, "Failed to list topics", &failure),
        },
    };
    let described = match caught(calls::describe_all(io, &topics))? {
        Ok(described) => described,
        Err(failure) => {
            let what = format!("Failed to describe {} topics", topics.len());
            return fail_with(io, &what, &failure);
        }
    };
    let broker = broker_of(given);
    let here = described
        .into_iter()
        .filter(|partition| broker.is_none_or(|broker| partition.replicas.contains(&broker)));
    Ok(here.map(|partition| partition.id).collect())
}

/// Open transactions in which nothing was written for longer than any may last.
fn candidates(
    io: &mut Io<'_, '_>,
    given: &Given,
    partitions: &[TopicPartition],
) -> Result<Vec<Open>, Halt> {
    let minutes = given.integer("--max-transaction-timeout").unwrap_or(DEFAULT_MINUTES);
    let broker = broker_of(given);
    let mut open = Vec::new();
    for partition in partitions {
        let producers = match caught(active(io, partition, broker))? {
            Ok(producers) => producers,
            Err(failure) => {
                let at = match broker {
                    Some(broker) => format!("Optional[{broker}]"),
                    None => "Optional.empty".to_owned(),
                };
                let count = partitions.len();
                let what =
                    format!("Failed to describe producers for {count} partitions on broker {at}");
                return fail_with(io, &what, &failure);
            }
        };
        let (_, now) = io.now()?;
        let is_old = |producer: &ProducerState| {
            producer.current_txn_start_offset >= 0
                && now.0 - producer.last_timestamp > minutes * MINUTE_MS
        };
        let old = producers.into_iter().filter(is_old);
        open.extend(old.map(|producer| (partition.clone(), producer)));
    }
    Ok(open)
}

/// The partitions in which a coordinator will still end a transaction of these producers.
fn known_partitions(
    io: &mut Io<'_, '_>,
    ids: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, Vec<TopicPartition>>, Halt> {
    let filter = ids.iter().map(|id| kafka::ProducerId(*id)).collect();
    let request = kafka::ListTransactionsRequest::default()
        .with_duration_filter(-1)
        .with_producer_id_filters(filter);
    let listed = match caught(list_all(io, &request))? {
        Ok(listed) => listed,
        Err(failure) => {
            let what = format!("Failed to list transactions for {} producers", ids.len());
            return fail_with(io, &what, &failure);
        }
    };
    let mut known = BTreeMap::new();
    for transaction in &listed {
        match caught(describe_one(io, &transaction.id))? {
            Ok(described) => {
                known.insert(transaction.producer_id, described.partitions);
            }
            Err(failure) if failure.error == Some(ResponseError::TransactionalIdNotFound) => {}
            Err(failure) => {
                let what = format!("Failed to describe {} transactions", listed.len());
                return fail_with(io, &what, &failure);
            }
        }
    }
    Ok(known)
}
