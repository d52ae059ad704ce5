//! `--describe`: what is asked of the brokers for its three tables.

use std::collections::BTreeMap;

use highwater_cluster::ids::TopicPartition;

use crate::java::{grown_hash_order, string_hash};
use crate::programs::calls::groups::{self, Committed, Group};
use crate::programs::calls::{self};
use crate::programs::consumer_groups::arguments::Arguments;
use crate::programs::consumer_groups::tables::{self, OffsetRow};
use crate::programs::consumer_groups::{groups as wanted_groups, print_error};
use crate::script::{Failure, Halt, Io, caught};

pub(super) fn describe(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<(), Halt> {
    let wanted = wanted_groups(io, arguments)?;
    let groups = describe_groups(io, wanted)?;
    let is_verbose = arguments.has("--verbose");
    if arguments.has("--members") {
        for group in groups.values() {
            let is_shown = tells_state(io, group, group.members.len())?;
            tables::print_members(io, group, is_shown, is_verbose);
        }
        return Ok(());
    }
    if arguments.has("--state") {
        for group in groups.values() {
            if tells_state(io, group, 1)? {
                tables::print_state(io, group, is_verbose);
            }
        }
        return Ok(());
    }
    let mut rows = BTreeMap::new();
    for group in groups.values() {
        rows.insert(&group.id, offset_rows(io, group)?);
    }
    for group in groups.values() {
        let rows = &rows[&group.id];
        if tells_state(io, group, rows.len())? {
            tables::print_offsets(io, rows, is_verbose);
        }
    }
    Ok(())
}

/// All of the groups, in the order of their names, or the error of the first that has one.
fn describe_groups(
    io: &mut Io<'_, '_>,
    mut wanted: Vec<String>,
) -> Result<BTreeMap<String, Group>, Halt> {
    grown_hash_order(&mut wanted, |group| string_hash(group));
    let mut groups = BTreeMap::new();
    for id in wanted {
        let described = caught(groups::describe(io, &id))?;
        groups.insert(id, described.map_err(Failure::in_future)?);
    }
    Ok(groups)
}

/// Says what there is to say of a group's state. Whether there are rows to print.
fn tells_state(io: &mut Io<'_, '_>, group: &Group, rows: usize) -> Result<bool, Halt> {
    let id = &group.id;
    match group.state.as_str() {
        "Dead" => print_error(io, &format!("Consumer group '{id}' does not exist.")),
        "Empty" => {
            io.print_error("");
            io.print_error(&format!("Consumer group '{id}' has no active members."));
        }
        "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => {
            io.print_error("");
            io.print_error(&format!("Warning: Consumer group '{id}' is rebalancing."));
        }
        "Stable" => {}
        other => {
            return Err(Failure::new(
                "org.apache.kafka.common.KafkaException",
                format!("Expected a valid consumer group state, but found '{other}'."),
            )
            .into());
        }
    }
    Ok(group.state != "Dead" && rows > 0)
}

/// The rows of a group: what its members have, those that have most first, then what nobody has.
fn offset_rows(io: &mut Io<'_, '_>, group: &Group) -> Result<Vec<OffsetRow>, Halt> {
    let committed = caught(groups::committed(io, &group.id))?;
    let committed = committed.map_err(|failure| failure.in_future().at_run_time())?;
    let mut members: Vec<_> =
        group.members.iter().filter(|member| !member.assignment.is_empty()).collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.assignment.len()));
    let mut rows = Vec::new();
    let mut unassigned: Vec<TopicPartition> = committed.keys().cloned().collect();
    for member in members {
        unassigned.retain(|partition| !member.assignment.contains(partition));
        let owner = [&member.id, &member.host, &member.client_id].map(Clone::clone);
        rows.extend(partition_rows(io, group, &member.assignment, &committed, owner)?);
    }
    let nobody = ["-", "-", "-"].map(str::to_owned);
    rows.extend(partition_rows(io, group, &unassigned, &committed, nobody)?);
    Ok(rows)
}

fn partition_rows(
    io: &mut Io<'_, '_>,
    group: &Group,
    partitions: &[TopicPartition],
    committed: &BTreeMap<TopicPartition, Committed>,
    [consumer_id, host, client_id]: [String; 3],
) -> Result<Vec<OffsetRow>, Halt> {
    let mut topics: Vec<_> = partitions.iter().map(|partition| &partition.topic).collect();
    topics.sort();
    topics.dedup();
    let described = caught(calls::describe_all(io, topics))?;
    let described = described.map_err(|failure| failure.in_future().at_run_time())?;
    let leads = |partition: &&TopicPartition| {
        described.iter().all(|known| known.id != **partition || known.leader.is_some())
    };
    let led: Vec<TopicPartition> = partitions.iter().filter(leads).cloned().collect();
    let ends = calls::list_offsets(io, &led, calls::LATEST)?;
    let mut rows = Vec::new();
    let mut partitions = partitions.to_vec();
    partitions.sort();
    for partition in partitions {
        let end = match ends.get(&partition) {
            None => None,
            Some(Ok(offset)) => Some(*offset),
            Some(Err(failure)) => return Err(failure.clone().in_future().at_run_time().into()),
        };
        let at = committed.get(&partition);
        rows.push(OffsetRow {
            group: group.id.clone(),
            leader_epoch: at.and_then(|at| at.leader_epoch),
            offset: at.map(|at| at.offset.0),
            end,
            partition,
            consumer_id: consumer_id.clone(),
            host: host.clone(),
            client_id: client_id.clone(),
        });
    }
    Ok(rows)
}
