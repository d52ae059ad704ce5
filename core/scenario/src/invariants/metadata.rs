//! One history of the metadata: what a controller knows to be committed is what the others know to be,
//! and no leader of the quorum is without it.

use std::collections::BTreeMap;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::ControllerId;
use highwater_cluster::log::{LeaderEpoch, Offset};

use super::{Anomaly, Look};

/// What is known to be committed.
#[derive(Clone, Debug, Default)]
pub(super) struct Metadata {
    /// Of each batch that is committed, where it begins: where it ends, and the epoch of its leader.
    committed: BTreeMap<Offset, (Offset, LeaderEpoch)>,
    /// Up to where each controller's committed batches were looked at.
    looked_at: BTreeMap<ControllerId, Offset>,
}

impl Metadata {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::ControllerElected { controller, .. } => {
                self.check_has_all(*controller, look);
            }
            // The quorum has done something since: before it is told, what is committed may differ.
            EventKind::QuorumRoleChanged { .. }
            | EventKind::TopicCreated { .. }
            | EventKind::BrokerRegistered { .. }
            | EventKind::IsrChanged { .. } => self.compare(look),
            _ => {}
        }
    }

    /// Compares what the controllers know to be committed.
    fn compare(&mut self, look: &mut Look<'_>) {
        let world = look.world;
        // One controller alone agrees with itself.
        if world.spec().controllers == 1 {
            return;
        }
        for (controller, high_watermark, log) in world.metadata_logs() {
            let from = self.looked_at.get(&controller).copied().unwrap_or(Offset(0));
            let from = from.max(log.log_start_offset());
            for batch in log.batches_from(from) {
                let header = batch.header();
                if header.next_offset() > high_watermark {
                    break;
                }
                let own = (header.next_offset(), header.leader_epoch);
                if *self.committed.entry(header.base_offset).or_insert(own) != own {
                    let offset = header.base_offset;
                    look.report(Anomaly::MetadataDiverged { controller, offset }, []);
                }
            }
            self.looked_at.insert(controller, from.max(high_watermark));
        }
    }

    /// A leader must have all that is committed.
    fn check_has_all(&self, leader: ControllerId, look: &mut Look<'_>) {
        let world = look.world;
        let Some((_, _, log)) = world.metadata_logs().find(|(id, ..)| *id == leader) else {
            return;
        };
        let start = log.log_start_offset();
        let mut own = log.batches_from(start).map(|batch| batch.header());
        for (offset, (end, epoch)) in self.committed.range(start..) {
            let header = own.next();
            let has = header.is_some_and(|header| {
                header.base_offset == *offset
                    && header.next_offset() == *end
                    && header.leader_epoch == *epoch
            });
            if !has {
                let (controller, offset) = (leader, *offset);
                return look.report(Anomaly::MetadataLost { controller, offset }, []);
            }
        }
    }
}
