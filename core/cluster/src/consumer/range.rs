//! The range assignor: of each topic, every member gets a run of neighbouring partitions.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::group::java_hash::hash_map_order;
use crate::ids::{MemberId, TopicName, TopicPartition};

/// A member, as the leader of its group sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscriber {
    /// Its id.
    pub id: MemberId,
    /// Its `group.instance.id`.
    pub instance: Option<Arc<str>>,
    /// What it subscribes to.
    pub topics: Vec<TopicName>,
}

/// Shares the partitions of each topic out among the members that subscribe to it. Static members
/// come first, in order of their instance ids, so that they get the same after a restart; the first
/// members get one partition more if the numbers do not divide.
pub fn assign_by_range(
    partition_counts: &BTreeMap<TopicName, u32>,
    members: &[Subscriber],
) -> BTreeMap<MemberId, Vec<TopicPartition>> {
    let mut assignment: BTreeMap<MemberId, Vec<TopicPartition>> =
        members.iter().map(|member| (member.id.clone(), Vec::new())).collect();
    let mut sorted: Vec<&Subscriber> = members.iter().collect();
    sorted.sort_by_key(|member| (member.instance.is_none(), member.instance.as_ref(), &member.id));
    // Kafka goes through the topics in the order of a Java map, and the lists of the members show it.
    let mut topics: Vec<&str> = partition_counts
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(topic, _)| topic.as_str())
        .collect();
    hash_map_order(&mut topics);
    for topic in topics {
        let topic = TopicName::from(topic);
        let subscribers: Vec<&MemberId> = sorted
            .iter()
            .filter(|member| member.topics.contains(&topic))
            .map(|member| &member.id)
            .collect();
        assign_topic(&topic, partition_counts[&topic], &subscribers, &mut assignment);
    }
    assignment
}

fn assign_topic(
    topic: &TopicName,
    partitions: u32,
    subscribers: &[&MemberId],
    assignment: &mut BTreeMap<MemberId, Vec<TopicPartition>>,
) {
    let members = subscribers.len() as u32;
    if members == 0 {
        return;
    }
    let mut next = 0;
    for (place, member) in (0..).zip(subscribers) {
        let extra = u32::from(place < partitions % members);
        let end = next + partitions / members + extra;
        let own = assignment.get_mut(*member).expect("every member has a list");
        own.extend((next..end).map(|index| TopicPartition::new(topic, index as i32)));
        next = end;
    }
}
