//! Within a group, each partition has one owner in a generation.

use std::collections::BTreeMap;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{ClientId, EventId, Generation, GroupId, TopicPartition};

use super::{Anomaly, Look};

/// The owners in the latest generations of each group, with the event that told.
#[derive(Clone, Debug, Default)]
pub(super) struct Owners(BTreeMap<GroupId, BTreeMap<Generation, Assignment>>);

type Assignment = BTreeMap<TopicPartition, (ClientId, EventId)>;

/// How many generations of a group are remembered: a slow member may learn late of an old one.
const GENERATIONS: usize = 4;

impl Owners {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        let EventKind::PartitionsAssigned { client, group, partitions, generation } = look.kind()
        else {
            return;
        };
        // A coordinator that lost its records gives out the same generations again.
        if look.facts.may_have_lost("__consumer_offsets") {
            return self.0.clear();
        }
        let generations = self.0.entry(group.clone()).or_default();
        let owners = generations.entry(*generation).or_default();
        for partition in partitions {
            let (owner, event) =
                *owners.entry(partition.clone()).or_insert((*client, look.event.id));
            if owner != *client {
                let what = Anomaly::TwoOwners {
                    group: group.clone(),
                    partition: partition.clone(),
                    generation: *generation,
                    members: [owner, *client],
                };
                look.report(what, [event]);
            }
        }
        if generations.len() > GENERATIONS {
            generations.pop_first();
        }
    }
}
