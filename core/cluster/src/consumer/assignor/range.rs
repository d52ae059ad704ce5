//! The range assignor: of each topic, every member gets a run of neighbouring partitions.

use super::{Assignments, PartitionCounts, Subscriber, static_first};
use crate::group::java_hash::hash_map_order;
use crate::ids::{MemberId, TopicName, TopicPartition};

/// Shares the partitions of each topic out among the members that subscribe to it. The first members
/// get one partition more if the numbers do not divide.
pub(super) fn assign(counts: &PartitionCounts, members: &[Subscriber]) -> Assignments {
    let mut assignments: Assignments =
        members.iter().map(|member| (member.id.clone(), Vec::new())).collect();
    let sorted = static_first(members);
    // Kafka goes through the topics in the order of a Java map, and the lists of the members show it.
    let mut topics: Vec<&str> = counts.keys().map(TopicName::as_str).collect();
    hash_map_order(&mut topics);
    for topic in topics {
        let topic = TopicName::from(topic);
        let subscribers: Vec<&MemberId> = sorted
            .iter()
            .filter(|member| member.topics.contains(&topic))
            .map(|member| &member.id)
            .collect();
        assign_topic(&topic, counts[&topic], &subscribers, &mut assignments);
    }
    assignments
}

fn assign_topic(
    topic: &TopicName,
    partitions: u32,
    subscribers: &[&MemberId],
    assignments: &mut Assignments,
) {
    let members = subscribers.len() as u32;
    if members == 0 {
        return;
    }
    let mut next = 0;
    for (place, member) in (0..).zip(subscribers) {
        let extra = u32::from(place < partitions % members);
        let end = next + partitions / members + extra;
        let own = assignments.get_mut(*member).expect("every member has a list");
        own.extend((next..end).map(|index| TopicPartition::new(topic, index as i32)));
        next = end;
    }
}
