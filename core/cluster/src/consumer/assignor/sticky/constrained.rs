//! The sticky assignment where all members subscribe to the same topics: everyone gets the same
//! number of partitions, some one more.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Owned;
use crate::consumer::assignor::{Assignments, PartitionCounts, partitions};
use crate::ids::{MemberId, TopicPartition};

/// What goes from one member to another, and to whom.
pub(super) type Transferring = BTreeMap<TopicPartition, MemberId>;

/// Lets members keep what they own up to their quota, and deals out the rest.
pub(super) fn assign(counts: &PartitionCounts, owned: Owned<'_>) -> (Assignments, Transferring) {
    let total: usize = counts.values().map(|count| *count as usize).sum();
    let members = owned.by_member.len();
    let mut assignment = Constrained {
        min_quota: total / members,
        max_quota: total.div_ceil(members),
        expected_over_min: total % members,
        over_min: 0,
        under_min: Vec::new(),
        at_min: VecDeque::new(),
        assignments: Assignments::new(),
        given_up: BTreeMap::new(),
        claimed_twice: owned.claimed_twice,
        transferring: Transferring::new(),
    };
    for (member, own) in owned.by_member {
        assignment.keep(member, own);
    }
    let assigned: BTreeSet<&TopicPartition> = assignment.assignments.values().flatten().collect();
    let all = counts.iter().flat_map(|(topic, count)| partitions(topic, *count));
    let unassigned: Vec<_> = all.filter(|partition| !assigned.contains(partition)).collect();
    assignment.under_min.sort();
    assignment.at_min.make_contiguous().sort();
    assignment.deal_out(unassigned);
    (assignment.assignments, assignment.transferring)
}

/// An assignment on its way.
struct Constrained {
    min_quota: usize,
    max_quota: usize,
    /// How many members get one partition more than the least.
    expected_over_min: usize,
    /// How many have it.
    over_min: usize,
    under_min: Vec<MemberId>,
    /// Those with the least, of whom some may get one more.
    at_min: VecDeque<MemberId>,
    assignments: Assignments,
    /// What its owner may not keep.
    given_up: BTreeMap<TopicPartition, MemberId>,
    claimed_twice: BTreeSet<TopicPartition>,
    transferring: Transferring,
}

impl Constrained {
    /// A member keeps what it owns up to its quota.
    fn keep(&mut self, member: &MemberId, mut own: Vec<TopicPartition>) {
        own.retain(|partition| !self.claimed_twice.contains(partition));
        own.sort_by(|a, b| (a.partition, &a.topic).cmp(&(b.partition, &b.topic)));
        let quota = if own.len() < self.min_quota {
            self.under_min.push(member.clone());
            own.len()
        } else if own.len() >= self.max_quota && self.over_min < self.expected_over_min {
            self.over_min += 1;
            if self.over_min == self.expected_over_min {
                self.at_min.clear();
            }
            self.max_quota
        } else {
            if self.over_min < self.expected_over_min {
                self.at_min.push_back(member.clone());
            }
            self.min_quota
        };
        for partition in own.split_off(quota) {
            self.given_up.insert(partition, member.clone());
        }
        self.assignments.insert(member.clone(), own);
    }

    /// Deals partitions out in turn to those who have less than the least; then one each to those who
    /// have the least.
    fn deal_out(&mut self, unassigned: Vec<TopicPartition>) {
        let mut turn = 0;
        for partition in unassigned {
            if turn >= self.under_min.len() {
                turn = 0;
            }
            let member = match self.under_min.get(turn) {
                Some(member) => member.clone(),
                None => self.at_min.pop_front().expect("the quotas add up to all partitions"),
            };
            turn += 1;
            let count = self.give(partition, &member);
            if count == self.min_quota {
                turn -= 1;
                self.under_min.remove(turn);
                self.at_min.push_back(member);
            } else if count == self.max_quota {
                self.over_min += 1;
            }
        }
    }

    /// How many the member has then.
    fn give(&mut self, partition: TopicPartition, member: &MemberId) -> usize {
        let was_anothers = self.given_up.get(&partition).is_some_and(|owner| owner != member);
        if was_anothers || self.claimed_twice.contains(&partition) {
            self.transferring.insert(partition.clone(), member.clone());
        }
        let own = self.assignments.get_mut(member).expect("every member has a list");
        own.push(partition);
        own.len()
    }
}
