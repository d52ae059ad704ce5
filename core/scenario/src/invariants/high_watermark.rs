//! The high watermark never goes back while its leader lives, and no consumer reads beyond it.

use std::collections::BTreeMap;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::log::Offset;

use super::Anomaly;

/// The highest high watermarks, by replica since its process began, and by partition.
#[derive(Clone, Debug, Default)]
pub(super) struct HighWatermark {
    replicas: BTreeMap<(BrokerId, TopicPartition), Offset>,
    partitions: BTreeMap<TopicPartition, Offset>,
}

impl HighWatermark {
    pub(super) fn observe(&mut self, kind: &EventKind, report: &mut dyn FnMut(Anomaly)) {
        match kind {
            EventKind::HighWatermarkAdvanced { broker, partition, to, .. } => {
                let known = self.replicas.entry((*broker, partition.clone())).or_insert(*to);
                if *to < *known {
                    report(Anomaly::HighWatermarkWentBack {
                        partition: partition.clone(),
                        from: *known,
                        to: *to,
                    });
                }
                *known = *to;
                let highest = self.partitions.entry(partition.clone()).or_insert(*to);
                *highest = (*highest).max(*to);
            }
            EventKind::RecordsConsumed { partition, last, .. } => {
                // The leader's high watermark is the highest of all: what is read lies below it.
                let high_watermark = self.partitions.get(partition).copied().unwrap_or(Offset(0));
                if *last >= high_watermark {
                    report(Anomaly::ReadAboveHighWatermark {
                        partition: partition.clone(),
                        offset: *last,
                        high_watermark,
                    });
                }
            }
            EventKind::BrokerStopped { broker, .. } => {
                self.replicas.retain(|(on, _), _| on != broker);
            }
            // A follower that starts over, or follows a leader elected uncleanly, begins lower.
            // So does a replica that was deleted and is assigned again.
            EventKind::LogTruncated { broker, partition, .. }
            | EventKind::ReplicaDeleted { broker, partition, .. } => {
                self.replicas.remove(&(*broker, partition.clone()));
            }
            EventKind::TopicDeleted { topic } => {
                self.replicas.retain(|(_, partition), _| partition.topic != *topic);
                self.partitions.retain(|partition, _| partition.topic != *topic);
            }
            _ => {}
        }
    }
}
