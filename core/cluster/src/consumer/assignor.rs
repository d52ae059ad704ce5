//! Who gets which partitions: the assignors among which the leader of a classic group chooses
//! (`partition.assignment.strategy`). Each is a function of what the members subscribe to and own.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::group::java_hash::hash_map_order;
use crate::ids::{Generation, MemberId, TopicName, TopicPartition};

mod range;
mod round_robin;
mod sticky;

/// A member, as the leader of its group sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscriber {
    /// Its id.
    pub id: MemberId,
    /// Its `group.instance.id`.
    pub instance: Option<Arc<str>>,
    /// What it subscribes to.
    pub topics: Vec<TopicName>,
    /// What it says that it owns, or owned until this rebalance.
    pub owned: Vec<TopicPartition>,
    /// The generation in which it came to own that; [`Generation::NONE`] if it does not say.
    pub generation: Generation,
}

/// How many partitions each topic has.
pub type PartitionCounts = BTreeMap<TopicName, u32>;

/// What each member gets.
pub type Assignments = BTreeMap<MemberId, Vec<TopicPartition>>;

/// A way to share partitions out among the members of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignor {
    /// Of each topic, every member gets a run of neighbouring partitions.
    Range,
    /// Partition after partition goes to the next member in turn.
    RoundRobin,
    /// As evenly as can be, and everyone keeps what they had as far as that allows.
    Sticky,
    /// As [`Assignor::Sticky`]; and what moves is first taken from its owner, and given to the next in
    /// the rebalance after (KIP-429).
    CooperativeSticky,
}

impl Assignor {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Range, Self::RoundRobin, Self::Sticky, Self::CooperativeSticky];

    /// The name by which members agree on it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
            Self::Sticky => "sticky",
            Self::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// Kafka's class of it, as `partition.assignment.strategy` names it.
    pub fn class_name(self) -> &'static str {
        match self {
            Self::Range => "org.apache.kafka.clients.consumer.RangeAssignor",
            Self::RoundRobin => "org.apache.kafka.clients.consumer.RoundRobinAssignor",
            Self::Sticky => "org.apache.kafka.clients.consumer.StickyAssignor",
            Self::CooperativeSticky => {
                "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"
            }
        }
    }

    /// Shares the partitions of each topic out among the members that subscribe to it.
    pub fn assign(self, counts: &PartitionCounts, members: &[Subscriber]) -> Assignments {
        if members.is_empty() {
            return Assignments::new();
        }
        // A topic that nobody subscribes to, or that does not exist, is nobody's share.
        let is_wanted = |topic| members.iter().any(|member| member.topics.contains(topic));
        let counts: PartitionCounts = counts
            .iter()
            .filter(|(topic, count)| **count > 0 && is_wanted(topic))
            .map(|(topic, count)| (topic.clone(), *count))
            .collect();
        match self {
            Self::Range => range::assign(&counts, members),
            Self::RoundRobin => round_robin::assign(&counts, members),
            Self::Sticky => sticky::assign(&counts, members).assignments,
            Self::CooperativeSticky => sticky::assign_cooperatively(&counts, members),
        }
    }
}

/// Static members first, in the order of their instance ids, so that they get the same after a
/// restart; then the others in the order of their ids.
fn static_first(members: &[Subscriber]) -> Vec<&Subscriber> {
    let mut sorted: Vec<&Subscriber> = members.iter().collect();
    sorted.sort_by_key(|member| (member.instance.is_none(), member.instance.as_ref(), &member.id));
    sorted
}

/// Members in the order in which Kafka goes through them: that of a Java map, and it shows in who gets
/// what.
fn in_map_order(members: &[Subscriber]) -> Vec<&Subscriber> {
    let mut ids: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
    hash_map_order(&mut ids);
    let by_id: BTreeMap<&str, &Subscriber> =
        members.iter().map(|member| (member.id.as_str(), member)).collect();
    ids.into_iter().filter_map(|id| by_id.get(id).copied()).collect()
}

/// Every partition of a topic, in order.
fn partitions(topic: &TopicName, count: u32) -> impl Iterator<Item = TopicPartition> + '_ {
    (0..count).map(move |index| TopicPartition::new(topic, index as i32))
}
