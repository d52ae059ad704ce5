//! The server-side assignors of consumer groups (KIP-848): from the members' subscriptions and the
//! target assignment of before follows the next target assignment.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::ids::{MemberId, TopicId};

mod balancer;
mod heterogeneous;
mod homogeneous;
mod range;
pub(crate) mod simple;

/// Partitions, by the ids of their topics. No topic stands there without a partition.
pub type Partitions = BTreeMap<TopicId, BTreeSet<i32>>;

/// An assignor that the coordinator runs: one of `group.consumer.assignors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerAssignor {
    /// Spreads all partitions as evenly as the subscriptions allow, and moves few.
    Uniform,
    /// Gives each member a run of partitions of each topic, the same run where it can be.
    Range,
}

/// What an assignor knows of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberSpec {
    /// Its `group.instance.id`.
    pub instance: Option<Arc<str>>,
    /// The topics that it subscribes to and that exist.
    pub topics: BTreeSet<TopicId>,
    /// Its target assignment of before.
    pub current: Partitions,
}

/// What an assignor works from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignmentSpec {
    /// The topics that someone subscribes to, with their numbers of partitions. Where nothing else
    /// decides, topics are gone through in this order; Kafka's is that of the hashes of their ids.
    pub topics: Vec<(TopicId, u32)>,
    /// The members. Where nothing else decides, they are gone through in the order of their ids.
    pub members: BTreeMap<MemberId, MemberSpec>,
}

impl ServerAssignor {
    /// Both, the default first, as Kafka's `group.consumer.assignors` lists them.
    pub const ALL: [Self; 2] = [Self::Uniform, Self::Range];

    /// Its name, as a client gives it in `group.remote.assignor`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Range => "range",
        }
    }

    /// The assignor of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// The next target assignment: every member with what it is to have.
    pub fn assign(self, spec: &AssignmentSpec) -> BTreeMap<MemberId, Partitions> {
        match self {
            Self::Range => range::assign(spec),
            Self::Uniform if spec.is_homogeneous() => homogeneous::assign(spec),
            Self::Uniform => heterogeneous::assign(spec),
        }
    }
}

impl fmt::Display for ServerAssignor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl AssignmentSpec {
    /// Whether all members subscribe to the same topics.
    pub fn is_homogeneous(&self) -> bool {
        let mut subscriptions = self.members.values().map(|member| &member.topics);
        let Some(first) = subscriptions.next() else { return true };
        subscriptions.all(|topics| topics == first)
    }
}

impl MemberSpec {
    /// What it had of the topics that it still subscribes to, as far as the partitions exist, in the
    /// order of `topics`.
    fn kept<'a>(
        &'a self,
        topics: &'a [(TopicId, u32)],
    ) -> impl Iterator<Item = (TopicId, i32)> + 'a {
        let subscribed = topics.iter().filter(|(topic, _)| self.topics.contains(topic));
        subscribed.flat_map(|(topic, count)| {
            let own = self.current.get(topic).into_iter().flatten();
            own.filter(|partition| exists(**partition, *count))
                .map(|partition| (*topic, *partition))
        })
    }
}

fn exists(partition: i32, count: u32) -> bool {
    u32::try_from(partition).is_ok_and(|partition| partition < count)
}

/// The numbers of a topic's partitions.
fn indexes(count: u32) -> impl Iterator<Item = i32> {
    0..i32::try_from(count).unwrap_or(i32::MAX)
}
