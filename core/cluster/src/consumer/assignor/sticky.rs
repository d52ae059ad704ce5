//! The sticky assignors: as even as can be, and whoever had a partition keeps it if that allows.
//!
//! Where all members subscribe to the same topics, quotas suffice (`constrained`); else partitions are
//! moved until it gets no better (`general`).

use std::collections::{BTreeMap, BTreeSet};

use super::{Assignments, PartitionCounts, Subscriber, in_map_order};
use crate::ids::{Generation, MemberId, TopicName, TopicPartition};

mod balance;
mod constrained;
mod general;
mod movements;

/// What comes of it.
pub(super) struct Sticky {
    pub(super) assignments: Assignments,
    /// What goes from one member to another, and to whom; none if nobody kept track.
    transferring: Option<BTreeMap<TopicPartition, MemberId>>,
}

/// What the members say that they own.
struct Owned<'a> {
    /// In the order of a Java map: it decides who may keep one partition more.
    by_member: Vec<(&'a MemberId, Vec<TopicPartition>)>,
    /// What two members of one generation claimed. Nobody keeps it.
    claimed_twice: BTreeSet<TopicPartition>,
    all_subscribe_alike: bool,
    max_generation: Generation,
}

/// Shares partitions out, all at once.
pub(super) fn assign(counts: &PartitionCounts, members: &[Subscriber]) -> Sticky {
    let owned = Owned::claimed(counts, members);
    if owned.all_subscribe_alike {
        let (assignments, transferring) = constrained::assign(counts, owned);
        return Sticky { assignments, transferring: Some(transferring) };
    }
    Sticky { assignments: general::assign(counts, members, owned), transferring: None }
}

/// Shares partitions out, but for those that someone else still owns: they are free in the next
/// rebalance (KIP-429).
pub(super) fn assign_cooperatively(
    counts: &PartitionCounts,
    members: &[Subscriber],
) -> Assignments {
    let Sticky { mut assignments, transferring } = assign(counts, members);
    let transferring = transferring.unwrap_or_else(|| changing_hands(members, &assignments));
    for (partition, member) in transferring {
        assignments.entry(member).or_default().retain(|own| *own != partition);
    }
    assignments
}

/// What one member gets and another loses.
fn changing_hands(
    members: &[Subscriber],
    assignments: &Assignments,
) -> BTreeMap<TopicPartition, MemberId> {
    let assigned = |member: &Subscriber| -> BTreeSet<&TopicPartition> {
        assignments.get(&member.id).into_iter().flatten().collect()
    };
    let revoked: BTreeSet<&TopicPartition> = members
        .iter()
        .flat_map(|member| {
            let keeps = assigned(member);
            member.owned.iter().filter(move |own| !keeps.contains(own))
        })
        .collect();
    let added = members.iter().flat_map(|member| {
        let owned: BTreeSet<&TopicPartition> = member.owned.iter().collect();
        let new = assigned(member).into_iter().filter(move |own| !owned.contains(own));
        new.map(|partition| (partition.clone(), member.id.clone()))
    });
    added.filter(|(partition, _)| revoked.contains(partition)).collect()
}

impl<'a> Owned<'a> {
    /// Goes through the members' claims. The later generation wins; of equals, neither does.
    fn claimed(counts: &PartitionCounts, members: &'a [Subscriber]) -> Self {
        let ordered = in_map_order(members);
        let mut owned = Self {
            by_member: Vec::new(),
            claimed_twice: BTreeSet::new(),
            all_subscribe_alike: subscribe_alike(&ordered),
            max_generation: Generation::NONE,
        };
        let mut owners: BTreeMap<TopicPartition, usize> = BTreeMap::new();
        for (place, member) in ordered.iter().enumerate() {
            owned.max_generation = owned.max_generation.max(member.generation);
            owned.by_member.push((&member.id, Vec::new()));
            let exists = |claim: &&TopicPartition| counts.contains_key(&claim.topic);
            for claim in member.owned.iter().filter(exists) {
                match owners.get(claim).copied() {
                    None => {
                        owned.by_member[place].1.push(claim.clone());
                        owners.insert(claim.clone(), place);
                    }
                    Some(other) if member.generation == ordered[other].generation => {
                        owned.claimed_twice.insert(claim.clone());
                        owned.by_member[other].1.retain(|own| own != claim);
                        owners.insert(claim.clone(), place);
                    }
                    Some(other) if member.generation > ordered[other].generation => {
                        owned.by_member[place].1.push(claim.clone());
                        owned.by_member[other].1.retain(|own| own != claim);
                        owners.insert(claim.clone(), place);
                    }
                    Some(_) => {}
                }
            }
        }
        owned
    }
}

/// Whether all subscribe to the same topics. As in Kafka, members without any are passed over for as
/// long as nobody had one.
fn subscribe_alike(members: &[&Subscriber]) -> bool {
    let topics =
        |member: &Subscriber| member.topics.iter().cloned().collect::<BTreeSet<TopicName>>();
    let mut rest = members.iter().skip_while(|member| member.topics.is_empty());
    let Some(first) = rest.next() else { return true };
    let first = topics(first);
    rest.all(|member| topics(member) == first)
}
