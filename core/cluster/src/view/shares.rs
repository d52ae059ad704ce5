//! What can be seen of share groups (KIP-932): their consumers, their members, and the records that they have in flight.

use std::sync::Arc;

use highwater_log::Offset;

use crate::event::GroupState;
use crate::ids::{
    BrokerId, ClientId, Generation, GroupId, MemberId, NodeId, TopicName, TopicPartition,
};
pub use crate::share::RecordState;

/// A share consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareConsumerView {
    /// Which client it is.
    pub client: ClientId,
    /// The name that the person gave it.
    pub name: Arc<str>,
    /// Its share group.
    pub group: GroupId,
    /// What it subscribed to.
    pub topics: Vec<TopicName>,
    /// Its member id.
    pub member: MemberId,
    /// Its member epoch; 0 before it has joined.
    pub epoch: Generation,
    /// The partitions that it fetches from. Others may fetch from them too.
    pub assignment: Vec<TopicPartition>,
    /// Whether it was closed or killed.
    pub is_closed: bool,
    /// The record that its application works on.
    pub works_on: Option<(TopicPartition, Offset)>,
    /// Records that it has, and has not said anything of yet.
    pub in_hand: u64,
    /// Records that it got; those that it got twice count twice.
    pub records_delivered: u64,
    /// What it made of them.
    pub accepted: u64,
    /// Records that it gave back.
    pub released: u64,
    /// Records that it rejected.
    pub rejected: u64,
    /// Records of which it spoke too late.
    pub too_late: u64,
    /// The error that ended it, or the last that it met, by Kafka's name.
    pub last_error: Option<Arc<str>>,
    /// Its settings, by Kafka's names.
    pub configs: Arc<[(Arc<str>, Arc<str>)]>,
}

/// A share group (KIP-932), as its coordinator and the leaders of its partitions know it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareGroupView {
    /// Its `group.id`.
    pub id: GroupId,
    /// Its state: Empty or Stable.
    pub state: GroupState,
    /// The group epoch.
    pub epoch: Generation,
    /// The group epoch that the target assignment was computed for.
    pub assignment_epoch: Generation,
    /// The broker that coordinates it.
    pub coordinator: BrokerId,
    /// Its members, in order of their ids.
    pub members: Vec<ShareMemberView>,
    /// The partitions that somebody has fetched from since their leader began, in order.
    pub partitions: Vec<SharePartitionView>,
}

impl ShareGroupView {
    /// How many records in flight are in a state: between the start and the end offset of its partitions.
    pub fn records(&self, state: RecordState) -> u64 {
        let runs = self.partitions.iter().flat_map(|partition| &partition.in_flight);
        let alike = runs.filter(|run| run.state == state);
        alike.map(|run| u64::try_from(run.last.0 - run.first.0 + 1).unwrap_or(0)).sum()
    }
}

/// A member of a share group.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareMemberView {
    /// Its id.
    pub id: MemberId,
    /// The client that it is.
    pub client: NodeId,
    /// Its member epoch.
    pub epoch: Generation,
    /// The partitions that it fetches from.
    pub assignment: Vec<TopicPartition>,
}

/// A partition as a share group sees it, on the partition's leader.
#[derive(Clone, Debug, PartialEq)]
pub struct SharePartitionView {
    /// The share group.
    pub group: GroupId,
    /// The partition.
    pub partition: TopicPartition,
    /// Its leader.
    pub leader: BrokerId,
    /// The share-partition start offset (SPSO): everything before it is done with.
    pub start: Offset,
    /// The share-partition end offset (SPEO): nothing from here on has ever been handed out.
    pub end: Offset,
    /// The records between the two, in runs of what is alike.
    pub in_flight: Vec<InFlightView>,
}

/// Records in flight that lie together and are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct InFlightView {
    /// The first.
    pub first: Offset,
    /// The last.
    pub last: Offset,
    /// What has become of them.
    pub state: RecordState,
    /// How often they have been handed out.
    pub delivery_count: i16,
    /// Who has them, while they are acquired.
    pub member: Option<MemberId>,
    /// The client that has them.
    pub client: Option<NodeId>,
    /// Whether this is being written down, and counts once it is.
    pub is_being_written: bool,
}
