//! One leader for each partition and leader epoch: by election, by its own belief, and by what it appends.

use std::collections::BTreeMap;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{BrokerId, EventId, TopicPartition};
use highwater_cluster::log::LeaderEpoch;
use highwater_cluster::shared::Shared;

use super::{Anomaly, Look};

/// Who led what, and the event that showed it first.
#[derive(Clone, Debug, Default)]
pub(super) struct Leaders(Shared<ByPartition>);

type ByPartition = BTreeMap<TopicPartition, BTreeMap<LeaderEpoch, (BrokerId, EventId)>>;

impl Leaders {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        let (partition, leader_epoch, broker) = match look.kind() {
            EventKind::BecameLeader { broker, partition, leader_epoch, .. }
            | EventKind::BatchAppended {
                broker, partition, leader_epoch, as_leader: true, ..
            } => (partition, *leader_epoch, *broker),
            // What one of several controllers decides is true only once the others have it: the epoch of
            // a decision that was lost is given out again.
            EventKind::LeaderElected { leader: Some(broker), partition, leader_epoch, .. }
                if look.world.spec().controllers == 1 =>
            {
                (partition, *leader_epoch, *broker)
            }
            EventKind::TopicDeleted { topic } => {
                return self.0.retain(|partition, _| partition.topic != *topic);
            }
            _ => return,
        };
        let known = self.0.get(partition).and_then(|epochs| epochs.get(&leader_epoch)).copied();
        let Some((first, event)) = known else {
            let epochs = self.0.entry(partition.clone()).or_default();
            epochs.insert(leader_epoch, (broker, look.event.id));
            return;
        };
        if first != broker {
            let (partition, brokers) = (partition.clone(), [first, broker]);
            look.report(Anomaly::TwoLeaders { partition, leader_epoch, brokers }, [event]);
        }
    }
}
