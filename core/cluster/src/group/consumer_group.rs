//! The side of a group that the consumer protocol has (KIP-848): the group epoch, the target assignment
//! of an epoch, and how far each member has come with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use highwater_log::TimestampMs;
use kafka_protocol::ResponseError;

use crate::event::{GroupState, MemberState};
use crate::group::answers::str_bytes;
use crate::group::server_assignor::{Partitions, ServerAssignor};
use crate::ids::{Generation, MemberId, NodeId, TimerId, TopicId, TopicName, TopicPartition};
use crate::metadata::MetadataImage;

mod change;
mod classic_member;
mod commits;
mod describe;
mod downgrade;
mod heartbeat;
mod leave;
mod load;
mod reconcile;
mod records;
mod request;
mod subscription;
mod timers;
mod told;
mod upgrade;

pub(super) use heartbeat::answer;
pub(crate) use records::ConsumerRecord;
pub(super) use request::Refused;

/// The epoch with which a member joins.
const JOIN_EPOCH: Generation = Generation(0);
/// The epoch of a static member that is away for a while.
const STATIC_AWAY_EPOCH: Generation = Generation(-2);
/// The group epoch and the assignment epoch of a group that nobody has joined: what comes first is not
/// [`JOIN_EPOCH`], so a member that has to wait for its first assignment has an epoch to wait in.
const FIRST_EPOCH: Generation = Generation(1);

/// Partitions that a member has, each with the epoch in which it got it (KIP-1251).
pub(super) type Assigned = BTreeMap<TopicId, BTreeMap<i32, Generation>>;

/// The consumer protocol's side of a group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ConsumerGroup {
    /// One higher with each change of members, subscriptions or topics.
    pub(super) epoch: Generation,
    /// Tells one state of the subscribed topics from another.
    pub(super) metadata_hash: i64,
    /// The group epoch that the target assignment was computed for.
    pub(super) assignment_epoch: Generation,
    /// When that was; none if the group has been empty since.
    pub(super) assigned_at: Option<TimestampMs>,
    pub(super) target: BTreeMap<MemberId, Partitions>,
    pub(super) members: BTreeMap<MemberId, ConsumerMember>,
}

/// A member of a group that is run by the consumer protocol.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ConsumerMember {
    pub(super) id: MemberId,
    /// Its `group.instance.id`, if it is a static member.
    pub(super) instance: Option<Arc<str>>,
    /// Its `client.rack`.
    pub(super) rack: Option<Arc<str>>,
    pub(super) client_id: Arc<str>,
    pub(super) client: NodeId,
    /// How long it may take to give partitions up: its `max.poll.interval.ms`.
    pub(super) rebalance_timeout_ms: i32,
    /// The topics that it subscribes to by name.
    pub(super) topics: BTreeSet<TopicName>,
    /// The expression whose topics it subscribes to as well; empty for none.
    pub(super) regex: Arc<str>,
    /// Its `group.remote.assignor`.
    pub(super) assignor: Option<Arc<str>>,
    pub(super) epoch: Generation,
    /// Its epoch before: the answer that told it the present one may have been lost.
    pub(super) previous_epoch: Generation,
    pub(super) state: MemberState,
    /// What it may use.
    pub(super) assigned: Assigned,
    /// What it is to give up.
    pub(super) revoking: Assigned,
    /// What it said when it joined, if it speaks the classic protocol.
    pub(super) classic: Option<ClassicSide>,
    pub(super) session_timer: Option<TimerId>,
    pub(super) rebalance_timer: Option<TimerId>,
}

/// What a member of the classic protocol said when it joined.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ClassicSide {
    pub(super) session_timeout_ms: i32,
    /// The assignors that it can use, each with its subscription.
    pub(super) protocols: Vec<(Arc<str>, Bytes)>,
}

impl ConsumerGroup {
    pub(super) fn new() -> Self {
        Self {
            epoch: FIRST_EPOCH,
            metadata_hash: 0,
            assignment_epoch: FIRST_EPOCH,
            assigned_at: None,
            target: BTreeMap::new(),
            members: BTreeMap::new(),
        }
    }

    /// The state that follows from the epochs and the members.
    pub(super) fn state(&self) -> GroupState {
        if self.members.is_empty() {
            GroupState::Empty
        } else if self.epoch > self.assignment_epoch {
            GroupState::Assigning
        } else if self.members.values().any(|member| !member.has_reached(self.assignment_epoch)) {
            GroupState::Reconciling
        } else {
            GroupState::Stable
        }
    }

    /// The assignor that most members ask for, of two alike the default; nobody need ask for one.
    pub(super) fn assignor(&self, default: ServerAssignor) -> ServerAssignor {
        let votes = |assignor: ServerAssignor| {
            let asked = self.members.values().filter_map(|member| member.assignor.as_deref());
            asked.filter(|name| *name == assignor.name()).count()
        };
        let others = ServerAssignor::ALL.into_iter().filter(|assignor| *assignor != default);
        let rival = others.max_by_key(|assignor| votes(*assignor));
        rival.filter(|rival| votes(*rival) > votes(default)).unwrap_or(default)
    }

    pub(super) fn member(&self, id: &str) -> Option<&ConsumerMember> {
        self.members.get(&MemberId::from(id))
    }

    pub(super) fn static_member(&self, instance: &str) -> Option<&ConsumerMember> {
        self.members.values().find(|member| member.instance.as_deref() == Some(instance))
    }

    /// What a member is to have in the end.
    pub(super) fn target_of(&self, id: &MemberId) -> Partitions {
        self.target.get(id).cloned().unwrap_or_default()
    }

    /// Whether a member has a partition, or has yet to give it up.
    pub(super) fn is_owned(&self, topic: TopicId, partition: i32) -> bool {
        let has = |assigned: &Assigned| {
            assigned.get(&topic).is_some_and(|own| own.contains_key(&partition))
        };
        self.members.values().any(|member| has(&member.assigned) || has(&member.revoking))
    }
}

impl ConsumerMember {
    /// Someone who has just come, and has said nothing yet.
    pub(super) fn new(id: MemberId, client: NodeId) -> Self {
        Self {
            id,
            instance: None,
            rack: None,
            client_id: "".into(),
            client,
            rebalance_timeout_ms: -1,
            topics: BTreeSet::new(),
            regex: "".into(),
            assignor: None,
            epoch: JOIN_EPOCH,
            previous_epoch: Generation::NONE,
            state: MemberState::Stable,
            assigned: Assigned::new(),
            revoking: Assigned::new(),
            classic: None,
            session_timer: None,
            rebalance_timer: None,
        }
    }

    /// Whether it has all of the target assignment of an epoch.
    pub(super) fn has_reached(&self, assignment_epoch: Generation) -> bool {
        self.state == MemberState::Stable && self.epoch == assignment_epoch
    }

    pub(super) fn enter(&mut self, epoch: Generation) {
        self.previous_epoch = self.epoch;
        self.epoch = epoch;
    }

    /// What it has, with what it is yet to give up.
    pub(super) fn held(&self) -> Partitions {
        let mut held = without_epochs(&self.assigned);
        for (topic, own) in &self.revoking {
            held.entry(*topic).or_default().extend(own.keys());
        }
        held
    }
}

/// The partitions alone.
pub(super) fn without_epochs(assigned: &Assigned) -> Partitions {
    assigned.iter().map(|(topic, own)| (*topic, own.keys().copied().collect())).collect()
}

/// Partitions by the names of their topics. Those of a topic that is gone have none.
pub(super) fn named(partitions: &Partitions, image: &MetadataImage) -> Vec<TopicPartition> {
    let mut named: Vec<TopicPartition> = partitions
        .iter()
        .filter_map(|(topic, own)| Some((image.topic_names.get(topic)?, own)))
        .flat_map(|(name, own)| own.iter().map(|index| TopicPartition::new(name, *index)))
        .collect();
    named.sort();
    named
}

fn refuse<T>(error: ResponseError, message: String) -> Result<T, Refused> {
    Err(Refused { error, message: str_bytes(&message) })
}

#[cfg(test)]
mod tests;
