//! The sticky assignment where members subscribe to different topics: keep, fill, and move until the
//! balance gets no better.

use std::collections::{BTreeMap, BTreeSet};

use super::Owned;
use super::movements::Movements;
use crate::consumer::assignor::{
    Assignments, PartitionCounts, Subscriber, in_map_order, partitions,
};
use crate::ids::{Generation, MemberId, TopicName, TopicPartition};

/// Shares partitions out.
pub(super) fn assign(
    counts: &PartitionCounts,
    members: &[Subscriber],
    owned: Owned<'_>,
) -> Assignments {
    let mut general = General::new(counts, members, owned);
    let assigned = general.drop_what_is_not_subscribed(members);
    let all = general.sorted_partitions();
    let unassigned = all.iter().filter(|partition| !assigned.contains(partition));
    general.balance(unassigned.cloned().collect(), all);
    general.current
}

/// An assignment on its way.
pub(super) struct General<'a> {
    pub(super) counts: &'a PartitionCounts,
    pub(super) total: usize,
    /// Who can get the partitions of a topic.
    pub(super) subscribers: BTreeMap<&'a TopicName, Vec<&'a MemberId>>,
    /// The topics of which a member can get partitions.
    pub(super) topics: BTreeMap<&'a MemberId, Vec<&'a TopicName>>,
    pub(super) current: Assignments,
    pub(super) owners: BTreeMap<TopicPartition, MemberId>,
    /// Who owned a partition in an earlier generation than the last.
    pub(super) previous: BTreeMap<TopicPartition, (MemberId, Generation)>,
    /// The members that can still be given or relieved of something, by how much they have.
    pub(super) by_load: BTreeSet<(usize, MemberId)>,
    pub(super) movements: Movements,
    pub(super) must_revoke: bool,
}

impl<'a> General<'a> {
    fn new(counts: &'a PartitionCounts, members: &'a [Subscriber], owned: Owned<'_>) -> Self {
        let mut subscribers: BTreeMap<&TopicName, Vec<&MemberId>> =
            counts.keys().map(|topic| (topic, Vec::new())).collect();
        let mut topics = BTreeMap::new();
        for member in in_map_order(members) {
            let existing = member.topics.iter().filter(|topic| counts.contains_key(topic));
            let existing: Vec<&TopicName> = existing.collect();
            for topic in &existing {
                subscribers.entry(topic).or_default().push(&member.id);
            }
            topics.insert(&member.id, existing);
        }
        let mut owners = BTreeMap::new();
        for (member, own) in &owned.by_member {
            owners.extend(own.iter().map(|partition| (partition.clone(), (*member).clone())));
        }
        let current = owned.by_member.into_iter().map(|(member, own)| (member.clone(), own));
        Self {
            counts,
            total: counts.values().map(|count| *count as usize).sum(),
            subscribers,
            topics,
            current: current.collect(),
            owners,
            previous: earlier_owners(members, owned.max_generation),
            by_load: BTreeSet::new(),
            movements: Movements::default(),
            must_revoke: false,
        }
    }

    /// A member that no longer subscribes to a topic loses its partitions. Returns what is kept.
    fn drop_what_is_not_subscribed(&mut self, members: &[Subscriber]) -> BTreeSet<TopicPartition> {
        for member in members {
            let own = self.current.entry(member.id.clone()).or_default();
            let before = own.len();
            own.retain(|partition| member.topics.contains(&partition.topic));
            self.must_revoke |= own.len() < before;
        }
        self.by_load =
            self.current.iter().map(|(member, own)| (own.len(), member.clone())).collect();
        self.current.values().flatten().cloned().collect()
    }

    /// All partitions, those first whose topics have the fewest subscribers.
    fn sorted_partitions(&self) -> Vec<TopicPartition> {
        let mut topics: Vec<(&TopicName, usize)> =
            self.subscribers.iter().map(|(topic, members)| (*topic, members.len())).collect();
        topics.sort_by_key(|(topic, members)| (*members, *topic));
        topics.iter().flat_map(|(topic, _)| partitions(topic, self.counts[*topic])).collect()
    }
}

/// What members own of an earlier generation than the last; of several claims the latest counts.
fn earlier_owners(
    members: &[Subscriber],
    last: Generation,
) -> BTreeMap<TopicPartition, (MemberId, Generation)> {
    let mut owners: BTreeMap<TopicPartition, (MemberId, Generation)> = BTreeMap::new();
    for member in in_map_order(members).into_iter().filter(|member| member.generation < last) {
        for partition in &member.owned {
            let known = owners.get(partition);
            if known.is_none_or(|(_, generation)| member.generation > *generation) {
                owners.insert(partition.clone(), (member.id.clone(), member.generation));
            }
        }
    }
    owners
}
