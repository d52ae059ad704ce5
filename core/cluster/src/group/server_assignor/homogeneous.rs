//! `uniform` where all members subscribe to the same topics: nobody has two partitions more than
//! another, and whoever has not too many keeps what it has.

use std::collections::{BTreeMap, BTreeSet};

use crate::group::server_assignor::{AssignmentSpec, Partitions, indexes};
use crate::ids::{MemberId, TopicId};

/// Every member has a share of the partitions, rounded down; the rest go to some as one more each. The
/// first members that have more than the share keep one more; what is left of these goes to the last.
pub(super) fn assign(spec: &AssignmentSpec) -> BTreeMap<MemberId, Partitions> {
    let subscribed = spec.members.values().next().map(|member| &member.topics);
    let topics: Vec<(TopicId, u32)> = spec
        .topics
        .iter()
        .copied()
        .filter(|(topic, _)| subscribed.is_some_and(|topics| topics.contains(topic)))
        .collect();
    if topics.is_empty() {
        return spec.members.keys().map(|id| (id.clone(), Partitions::new())).collect();
    }
    let total: usize = topics.iter().map(|(_, count)| *count as usize).sum();
    let share = total / spec.members.len();
    let mut extra = total % spec.members.len();
    let mut unassigned = never_assigned(spec, &topics);
    let mut kept: Vec<(&MemberId, Vec<(TopicId, i32)>)> = Vec::new();
    for (id, member) in &spec.members {
        let mut own: Vec<(TopicId, i32)> = member.kept(&topics).collect();
        let quota = share + usize::from(own.len() > share && extra > 0);
        extra -= quota - share;
        unassigned.extend(own.drain(quota.min(own.len())..));
        kept.push((id, own));
    }
    hand_out(kept, unassigned, share, extra)
}

/// The partitions that nobody had.
fn never_assigned(spec: &AssignmentSpec, topics: &[(TopicId, u32)]) -> Vec<(TopicId, i32)> {
    let had: BTreeSet<(TopicId, i32)> =
        spec.members.values().flat_map(|member| member.kept(topics)).collect();
    let all = topics.iter().flat_map(|(topic, count)| indexes(*count).map(|index| (*topic, index)));
    all.filter(|partition| !had.contains(partition)).collect()
}

/// Fills every member up to its share, and the last `extra` of those that have no more up to one more.
fn hand_out(
    kept: Vec<(&MemberId, Vec<(TopicId, i32)>)>,
    unassigned: Vec<(TopicId, i32)>,
    share: usize,
    extra: usize,
) -> BTreeMap<MemberId, Partitions> {
    let mut unassigned = unassigned.into_iter();
    let mut unfilled = kept.iter().filter(|(_, own)| own.len() <= share).count();
    let mut target = BTreeMap::new();
    for (id, mut own) in kept {
        if own.len() <= share {
            let quota = share + usize::from(unfilled <= extra);
            unfilled -= 1;
            own.extend(unassigned.by_ref().take(quota - own.len()));
        }
        let mut partitions = Partitions::new();
        for (topic, index) in own {
            partitions.entry(topic).or_default().insert(index);
        }
        target.insert(id.clone(), partitions);
    }
    assert!(unassigned.next().is_none(), "the quotas add up to all partitions");
    target
}
