//! The high watermark never goes back while its leader lives, is not beyond the log's end, and neither
//! a consumer nor a producer with acks=all learns of a record beyond it.

use std::collections::{BTreeMap, BTreeSet};

use highwater_cluster::consumer::ApplicationEvent;
use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{BrokerId, ClientId, EventId, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::producer::Acks;

use super::{Anomaly, Look};

/// The highest high watermarks, by replica since its process began, and by partition; with the event
/// that told.
#[derive(Clone, Debug, Default)]
pub(super) struct HighWatermark {
    replicas: BTreeMap<(BrokerId, TopicPartition), (Offset, EventId)>,
    partitions: BTreeMap<TopicPartition, Offset>,
    /// The consumers whose application takes its time: what they are done with was read long ago.
    slow: BTreeSet<ClientId>,
}

impl HighWatermark {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::HighWatermarkAdvanced { broker, partition, from, to, .. } => {
                self.advanced(look, *broker, partition, *from, *to);
            }
            EventKind::RecordsConsumed { client, partition, last, .. }
                if !self.slow.contains(client) =>
            {
                self.read(look, partition, *last);
            }
            EventKind::Application(ApplicationEvent::RecordsPolled {
                client,
                partition,
                last,
                ..
            }) => {
                self.slow.insert(*client);
                self.read(look, partition, *last);
            }
            EventKind::RecordsAcknowledged { client, partition, base_offset, count } => {
                let is_careful = look.facts.acks(*client) == Some(Acks::All);
                let Some(first) = base_offset.filter(|_| is_careful) else { return };
                let offset = Offset(first.0 + i64::from(*count) - 1);
                let high_watermark = self.highest(partition);
                if offset >= high_watermark {
                    let partition = partition.clone();
                    let what = Anomaly::AcknowledgedEarly { partition, offset, high_watermark };
                    look.report(what, look.delivery().map(|delivery| delivery.event));
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

    /// The leader's high watermark is the highest of all: what is read lies below it.
    fn read(&self, look: &mut Look<'_>, partition: &TopicPartition, last: Offset) {
        let high_watermark = self.highest(partition);
        if last >= high_watermark {
            let (partition, offset) = (partition.clone(), last);
            let what = Anomaly::ReadAboveHighWatermark { partition, offset, high_watermark };
            look.report(what, []);
        }
    }

    fn advanced(
        &mut self,
        look: &mut Look<'_>,
        broker: BrokerId,
        partition: &TopicPartition,
        from: Offset,
        to: Offset,
    ) {
        let key = (broker, partition.clone());
        let known = self.replicas.insert(key, (to, look.event.id));
        // It may have gone back before it went on.
        let lowest = from.min(to);
        if let Some((known, event)) = known.filter(|(known, _)| lowest < *known) {
            let partition = partition.clone();
            let what = Anomaly::HighWatermarkWentBack { partition, from: known, to: lowest };
            look.report(what, [event]);
        }
        let highest = self.highest(partition).max(to);
        self.partitions.insert(partition.clone(), highest);
        let end = look.world.log(broker, partition).map(|log| log.log_end_offset());
        if let Some(end) = end.filter(|end| to > *end) {
            let partition = partition.clone();
            look.report(Anomaly::HighWatermarkBeyondEnd { partition, broker, at: to, end }, []);
        }
    }

    fn highest(&self, partition: &TopicPartition) -> Offset {
        self.partitions.get(partition).copied().unwrap_or(Offset(0))
    }
}
