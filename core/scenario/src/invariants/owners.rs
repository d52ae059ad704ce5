//! Within a group, each partition has one owner in a generation. Who gave it back, ended, or is no
//! member any more owns it no longer. A static member that was started again takes the place of its
//! predecessor, in the same generation (KIP-345): the two count as one.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{
    ClientId, EventId, Generation, GroupId, MemberId, NodeId, TopicPartition,
};
use highwater_cluster::message::{Body, Request};
use highwater_cluster::protocol::messages::ApiKey;

use super::{Anomaly, Look};

/// Who owns what, as far as members were told.
#[derive(Clone, Debug, Default)]
pub(super) struct Owners {
    /// The owners in the latest generations of each group, with the event that told.
    groups: BTreeMap<GroupId, BTreeMap<Generation, Assignment>>,
    members: BTreeMap<MemberId, ClientId>,
    /// The `group.instance.id` of static members.
    instances: BTreeMap<ClientId, Arc<str>>,
}

type Assignment = BTreeMap<TopicPartition, (ClientId, EventId)>;

/// How many generations of a group are remembered: a slow member may learn late of an old one.
const GENERATIONS: usize = 4;

impl Owners {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::MessageSent {
                message,
                from: NodeId::Client(client),
                api: ApiKey::JoinGroup,
                is_response: false,
                ..
            } => {
                if let Some(Body::Request(Request::JoinGroup(body))) = look.sent(*message)
                    && let Some(instance) = &body.group_instance_id
                {
                    self.instances.insert(*client, instance.as_str().into());
                }
            }
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
        let instance = self.instances.get(&client);
        for partition in partitions {
            let known = owners.entry(partition.clone()).or_insert((client, look.event.id));
            let (owner, event) = *known;
            let is_successor = instance.is_some() && instance == self.instances.get(&owner);
            if is_successor {
                *known = (client, look.event.id);
            } else if owner != client {
                let (group, partition) = (group.clone(), partition.clone());
                let members = [owner, client];
                let what = Anomaly::TwoOwners { group, partition, generation, members };
                look.report(what, [event]);
            }
        }
        if generations.len() > GENERATIONS {
            generations.pop_first();
        }
    }
}
