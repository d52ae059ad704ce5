//! The round-robin assignor: partition after partition goes to the next member in turn.

use std::collections::BTreeSet;

use super::{Assignments, PartitionCounts, Subscriber, partitions, static_first};
use crate::ids::TopicName;

/// Deals the partitions of all topics out; a member that does not subscribe to the topic is passed
/// over.
pub(super) fn assign(counts: &PartitionCounts, members: &[Subscriber]) -> Assignments {
    let mut assignments: Assignments =
        members.iter().map(|member| (member.id.clone(), Vec::new())).collect();
    let circle = static_first(members);
    let topics: BTreeSet<&TopicName> = members.iter().flat_map(|member| &member.topics).collect();
    let mut turn = 0;
    for topic in topics {
        // Somebody subscribes to it, so the search for the next member ends.
        for partition in counts.get(topic).into_iter().flat_map(|count| partitions(topic, *count)) {
            while !circle[turn % circle.len()].topics.contains(topic) {
                turn += 1;
            }
            let member = circle[turn % circle.len()];
            assignments.entry(member.id.clone()).or_default().push(partition);
            turn += 1;
        }
    }
    assignments
}
