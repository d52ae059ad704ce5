//! Consumer groups, their members, and how far they have read.

use std::collections::BTreeSet;
use std::sync::Arc;

use highwater_log::Offset;

use super::find::{best_replica, leader_of};
use crate::event::{GroupState, MemberState};
use crate::ids::{BrokerId, ClientId, Generation, GroupId, MemberId, NodeId, TopicPartition};
use crate::view::{ClusterView, ConsumerView, GroupView, MemberView};

/// A consumer group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupRow {
    /// Its `group.id`.
    pub id: GroupId,
    /// Its state.
    pub state: GroupState,
    /// The protocol that it follows: `classic`, or `consumer` (KIP-848).
    pub protocol: &'static str,
    /// The assignor, once there is one.
    pub assignor: Option<Arc<str>>,
    /// Its generation; in the consumer protocol its group epoch.
    pub generation: Generation,
    /// In the consumer protocol the epoch of its target assignment.
    pub assignment_epoch: Option<Generation>,
    /// The broker that coordinates it.
    pub coordinator: BrokerId,
    /// How many members it has.
    pub members: u32,
    /// How many partitions it has committed offsets of, or owns.
    pub partitions: u32,
    /// The sum of the lags of its partitions; none while none of them has a committed offset.
    pub lag: Option<u64>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberRow {
    /// Its member id.
    pub id: MemberId,
    /// The client that it is.
    pub client: Option<ClientId>,
    /// What that client is called.
    pub client_name: Arc<str>,
    /// Where it runs.
    pub host: NodeId,
    /// Whether it makes the assignment: the leader of a group of the classic protocol.
    pub is_leader: bool,
    /// In the consumer protocol its member epoch.
    pub epoch: Option<Generation>,
    /// In the consumer protocol how far it has come with its assignment.
    pub state: Option<MemberState>,
    /// What it owns.
    pub owns: Vec<TopicPartition>,
    /// What it is to give up.
    pub revoking: Vec<TopicPartition>,
}

/// How far a group has read a partition.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPartitionRow {
    /// Which.
    pub partition: TopicPartition,
    /// What it has committed.
    pub committed: Option<Offset>,
    /// Where the log ends for consumers: the leader's high watermark.
    pub log_end_offset: Option<Offset>,
    /// How many offsets lie between; none without a committed offset.
    pub lag: Option<u64>,
    /// The member that owns it, and what its client is called.
    pub owner: Option<(MemberId, Arc<str>)>,
}

/// The groups, in order of their ids.
pub fn groups(view: &ClusterView) -> Vec<GroupRow> {
    let row = |group: &GroupView| {
        let rows = rows_of(view, group);
        GroupRow {
            id: group.id.clone(),
            state: group.state,
            protocol: if group.assignment_epoch.is_some() { "consumer" } else { "classic" },
            assignor: group.assignor.clone(),
            generation: group.generation,
            assignment_epoch: group.assignment_epoch,
            coordinator: group.coordinator,
            members: group.members.len() as u32,
            partitions: rows.len() as u32,
            lag: rows.iter().filter_map(|row| row.lag).reduce(u64::saturating_add),
        }
    };
    view.groups.iter().map(row).collect()
}

/// The members of a group, in order of their ids; empty if there is no such group.
pub fn members(view: &ClusterView, group: &GroupId) -> Vec<MemberRow> {
    let row = |member: &MemberView| {
        let consumer = client_of(view, member);
        let reconciliation = member.reconciliation.as_ref();
        MemberRow {
            id: member.id.clone(),
            client: consumer.map(|consumer| consumer.client),
            client_name: name_of(view, member),
            host: member.client,
            is_leader: member.is_leader,
            epoch: reconciliation.map(|it| it.epoch),
            state: reconciliation.map(|it| it.state),
            owns: member.assignment.clone(),
            revoking: reconciliation.map(|it| it.revoking.clone()).unwrap_or_default(),
        }
    };
    let group = view.groups.iter().find(|known| known.id == *group);
    group.map(|group| group.members.iter().map(row).collect()).unwrap_or_default()
}

/// How far a group has read, in order of the partitions.
pub fn group_partitions(view: &ClusterView, group: &GroupId) -> Vec<GroupPartitionRow> {
    let group = view.groups.iter().find(|known| known.id == *group);
    group.map(|group| rows_of(view, group)).unwrap_or_default()
}

fn rows_of(view: &ClusterView, group: &GroupView) -> Vec<GroupPartitionRow> {
    let committed = group.committed.iter().map(|(partition, _)| partition);
    let owned = group.members.iter().flat_map(|member| &member.assignment);
    let partitions: BTreeSet<&TopicPartition> = committed.chain(owned).collect();
    let row = |partition: &TopicPartition| {
        let committed = group.committed.iter().find(|(known, _)| known == partition);
        let committed = committed.map(|(_, offset)| *offset);
        let log = best_replica(view, partition, leader_of(view, partition));
        let end = log.map(|log| log.high_watermark);
        let owner = group.members.iter().find(|member| member.assignment.contains(partition));
        GroupPartitionRow {
            partition: partition.clone(),
            committed,
            log_end_offset: end,
            lag: committed.zip(end).map(|(from, to)| u64::try_from(to.0 - from.0).unwrap_or(0)),
            owner: owner.map(|member| (member.id.clone(), name_of(view, member))),
        }
    };
    partitions.into_iter().map(row).collect()
}

fn client_of<'a>(view: &'a ClusterView, member: &MemberView) -> Option<&'a ConsumerView> {
    let NodeId::Client(id) = member.client else { return None };
    let consumers = view.consumers.iter().chain(view.apps.iter().map(|app| &app.consumer));
    consumers.into_iter().find(|consumer| consumer.client == id)
}

fn name_of(view: &ClusterView, member: &MemberView) -> Arc<str> {
    client_of(view, member).map_or_else(|| member.client.to_string().into(), |it| it.name.clone())
}
