//! Within a group, each partition has one owner in a generation. Who gave it back, ended, or is no
//! member any more owns it no longer: a static member that comes back gets what its predecessor had.

use std::collections::BTreeMap;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{
    ClientId, EventId, Generation, GroupId, MemberId, NodeId, TopicPartition,
};

use super::{Anomaly, Look};

/// The owners in the latest generations of each group, with the event that told.
#[derive(Clone, Debug, Default)]
pub(super) struct Owners {
    groups: BTreeMap<GroupId, BTreeMap<Generation, Assignment>>,
    members: BTreeMap<MemberId, ClientId>,
}

type Assignment = BTreeMap<TopicPartition, (ClientId, EventId)>;

/// How many generations of a group are remembered: a slow member may learn late of an old one.
const GENERATIONS: usize = 4;

impl Owners {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::PartitionsAssigned { client, group, partitions, generation } => {
                self.assigned(look, *client, group, partitions, *generation);
            }
            EventKind::PartitionsRevoked { client, partitions, .. }
            | EventKind::PartitionsLost { client, partitions, .. } => {
                self.release(*client, |partition| partitions.contains(partition));
            }
            EventKind::ConsumerClosed { client } | EventKind::ConsumerKilled { client } => {
                self.release(*client, |_| true);
            }
            EventKind::MemberJoined { member, client: NodeId::Client(client), .. } => {
                self.members.insert(member.clone(), *client);
            }
            EventKind::MemberLeft { member, .. } => {
                if let Some(client) = self.members.remove(member) {
                    self.release(client, |_| true);
                }
            }
            _ => {}
        }
    }

    fn release(&mut self, client: ClientId, is_released: impl Fn(&TopicPartition) -> bool) {
        for owners in self.groups.values_mut().flat_map(BTreeMap::values_mut) {
            owners.retain(|partition, (owner, _)| *owner != client || !is_released(partition));
        }
    }

    fn assigned(
        &mut self,
        look: &mut Look<'_>,
        client: ClientId,
        group: &GroupId,
        partitions: &[TopicPartition],
        generation: Generation,
    ) {
        // A coordinator that lost its records gives out the same generations again.
        if look.facts.may_have_lost("__consumer_offsets") {
            return self.groups.clear();
        }
        let generations = self.groups.entry(group.clone()).or_default();
        let owners = generations.entry(generation).or_default();
        for partition in partitions {
            let (owner, event) =
                *owners.entry(partition.clone()).or_insert((client, look.event.id));
            if owner != client {
                let what = Anomaly::TwoOwners {
                    group: group.clone(),
                    partition: partition.clone(),
                    generation,
                    members: [owner, client],
                };
                look.report(what, [event]);
            }
        }
        if generations.len() > GENERATIONS {
            generations.pop_first();
        }
    }
}
