//! One leader for each partition and leader epoch.

use std::collections::BTreeMap;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::log::LeaderEpoch;

use super::Anomaly;

/// Who led what, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Leaders(BTreeMap<(TopicPartition, LeaderEpoch), BrokerId>);

impl Leaders {
    pub(super) fn observe(&mut self, kind: &EventKind, report: &mut dyn FnMut(Anomaly)) {
        match kind {
            EventKind::BecameLeader { broker, partition, leader_epoch, .. } => {
                let key = (partition.clone(), *leader_epoch);
                let first = *self.0.entry(key).or_insert(*broker);
                if first != *broker {
                    report(Anomaly::TwoLeaders {
                        partition: partition.clone(),
                        leader_epoch: *leader_epoch,
                        brokers: [first, *broker],
                    });
                }
            }
            EventKind::TopicDeleted { topic } => {
                self.0.retain(|(partition, _), _| partition.topic != *topic);
            }
            _ => {}
        }
    }
}
