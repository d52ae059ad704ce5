//! Within a group, each partition has one owner in a generation.

use std::collections::BTreeMap;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{ClientId, Generation, GroupId, TopicPartition};

use super::Anomaly;

/// The owners in the latest generation of each group.
#[derive(Clone, Debug, Default)]
pub(super) struct Owners(BTreeMap<GroupId, (Generation, BTreeMap<TopicPartition, ClientId>)>);

impl Owners {
    pub(super) fn observe(&mut self, kind: &EventKind, report: &mut dyn FnMut(Anomaly)) {
        let EventKind::PartitionsAssigned { client, group, partitions, generation } = kind else {
            return;
        };
        let (latest, owners) = self.0.entry(group.clone()).or_default();
        if *generation != *latest {
            *latest = *generation;
            owners.clear();
        }
        for partition in partitions {
            let owner = *owners.entry(partition.clone()).or_insert(*client);
            if owner != *client {
                report(Anomaly::TwoOwners { group: group.clone(), partition: partition.clone() });
            }
        }
    }
}
