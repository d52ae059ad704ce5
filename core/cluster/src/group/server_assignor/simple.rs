//! The assignor of share groups, `simple`: Kafka's `SimpleHomogeneousAssignmentBuilder`.
//!
//! Every partition goes to as many members as it takes to give each member its part: with fewer members
//! than partitions to one each, with more to several.

use std::collections::{BTreeMap, BTreeSet};

use crate::group::server_assignor::Partitions;
use crate::ids::{MemberId, TopicId};

/// A member of a share group, as the assignor sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareMemberSpec {
    /// The topics that it subscribes to and that exist.
    pub topics: BTreeSet<TopicId>,
    /// Its target assignment of before.
    pub current: Partitions,
}

type Target = (TopicId, i32);

/// The next target assignment. `partitions` are those that may be assigned. Where nothing else decides,
/// members and partitions are gone through in their order; Kafka's is that of their hashes.
pub fn assign(
    partitions: &Partitions,
    members: &BTreeMap<MemberId, ShareMemberSpec>,
) -> BTreeMap<MemberId, Partitions> {
    let mut all: BTreeMap<MemberId, Partitions> =
        members.keys().map(|id| (id.clone(), Partitions::new())).collect();
    for (topics, subscribers) in groups_of_subscribers(members) {
        let targets: Vec<Target> = partitions
            .iter()
            .filter(|(topic, _)| topics.contains(topic))
            .flat_map(|(topic, own)| own.iter().map(|partition| (*topic, *partition)))
            .collect();
        for (id, own) in assign_alike(&targets, &subscribers) {
            let assignment = all.entry(id).or_default();
            for (topic, partition) in own {
                assignment.entry(topic).or_default().insert(partition);
            }
        }
    }
    all
}

/// Topics with those who subscribe to them. Where all members subscribe to the same, there is one entry;
/// else each topic is shared out by itself.
fn groups_of_subscribers(
    members: &BTreeMap<MemberId, ShareMemberSpec>,
) -> Vec<(BTreeSet<TopicId>, BTreeMap<MemberId, ShareMemberSpec>)> {
    let Some(first) = members.values().next() else { return Vec::new() };
    if members.values().all(|member| member.topics == first.topics) {
        return vec![(first.topics.clone(), members.clone())];
    }
    let topics: BTreeSet<TopicId> =
        members.values().flat_map(|member| member.topics.iter().copied()).collect();
    let of_topic = |topic: TopicId| {
        let subscribers = members.iter().filter(|(_, member)| member.topics.contains(&topic));
        let subscribers = subscribers.map(|(id, member)| (id.clone(), member.clone()));
        (BTreeSet::from([topic]), subscribers.collect())
    };
    topics.into_iter().map(of_topic).collect()
}

/// Shares partitions out among members that subscribe to all of them.
fn assign_alike(
    targets: &[Target],
    members: &BTreeMap<MemberId, ShareMemberSpec>,
) -> BTreeMap<MemberId, BTreeSet<Target>> {
    if targets.is_empty() || members.is_empty() {
        return BTreeMap::new();
    }
    let sharing = members.len().div_ceil(targets.len());
    let places = sharing * targets.len();
    let up_to = |index: usize| (places * index).div_ceil(members.len());
    let wanted: BTreeMap<&MemberId, usize> = members
        .keys()
        .enumerate()
        .map(|(index, id)| (id, up_to(index + 1) - up_to(index)))
        .collect();
    let mut own: BTreeMap<MemberId, BTreeSet<Target>> = BTreeMap::new();
    let mut holders: BTreeMap<Target, usize> = targets.iter().map(|it| (*it, 0)).collect();
    for (id, member) in members {
        // What it has it keeps, as far as it is not too much for it or for the partition.
        let kept: BTreeSet<Target> = targets
            .iter()
            .filter(|(topic, index)| {
                member.current.get(topic).is_some_and(|own| own.contains(index))
            })
            .filter(|target| holders[target] < sharing)
            .take(wanted[id])
            .copied()
            .collect();
        for target in &kept {
            *holders.entry(*target).or_default() += 1;
        }
        own.insert(id.clone(), kept);
    }
    fill(targets, sharing, &wanted, &mut own, &mut holders);
    own
}

/// Gives partitions that too few have to members that have too few, in turn.
fn fill(
    targets: &[Target],
    sharing: usize,
    wanted: &BTreeMap<&MemberId, usize>,
    own: &mut BTreeMap<MemberId, BTreeSet<Target>>,
    holders: &mut BTreeMap<Target, usize>,
) {
    let ids: Vec<MemberId> = own.keys().cloned().collect();
    let mut turn = 0;
    for target in targets {
        while holders[target] < sharing {
            let takes = |id: &&MemberId| own[*id].len() < wanted[*id] && !own[*id].contains(target);
            let in_turn = ids.iter().cycle().skip(turn).take(ids.len());
            // Nobody can take it once more: a slight imbalance does no harm.
            let Some(id) = in_turn.clone().find(takes).cloned() else { break };
            turn = ids.iter().position(|other| *other == id).map_or(0, |place| place + 1);
            own.entry(id).or_default().insert(*target);
            *holders.entry(*target).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(partitions: i32, members: usize, expected: &[&[i32]]) {
        let topic = TopicId(1);
        let all = Partitions::from([(topic, (0..partitions).collect())]);
        let spec = ShareMemberSpec { topics: [topic].into(), current: Partitions::new() };
        let members: BTreeMap<MemberId, ShareMemberSpec> = (0..members)
            .map(|index| (MemberId::from(format!("m{index}").as_str()), spec.clone()))
            .collect();
        let assigned = assign(&all, &members);
        let own: Vec<Vec<i32>> = assigned
            .values()
            .map(|own| own.get(&topic).into_iter().flatten().copied().collect())
            .collect();
        assert_eq!(own, expected);
        let again = members.into_iter().map(|(id, member)| {
            let current = assigned[&id].clone();
            (id, ShareMemberSpec { current, ..member })
        });
        assert_eq!(assign(&all, &again.collect()), assigned, "nothing moves without need");
    }

    #[test]
    fn partitions_are_shared_as_evenly_as_may_be() {
        check(1, 3, &[&[0], &[0], &[0]]);
        check(3, 1, &[&[0, 1, 2]]);
        check(3, 2, &[&[0, 2], &[1]]);
        check(2, 3, &[&[0, 1], &[0], &[1]]);
        check(2, 4, &[&[0], &[0], &[1], &[1]]);
    }
}
