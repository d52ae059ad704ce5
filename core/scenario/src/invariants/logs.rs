//! Within each log: offsets ascend, leader epochs ascend, and the batches of an idempotent producer
//! follow each other without a gap or a repetition.

use std::collections::{BTreeMap, VecDeque};

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{BrokerId, EventId, TopicPartition};
use highwater_cluster::log::{
    BatchHeader, LeaderEpoch, Log, Offset, ProducerEpoch, ProducerId, Sequence,
};

use highwater_cluster::remote::event::RemoteEvent;

use super::{Anomaly, Look};

/// What is remembered of each log.
#[derive(Clone, Debug, Default)]
pub(super) struct Logs(BTreeMap<(BrokerId, TopicPartition), Seen>);

#[derive(Clone, Debug, Default)]
struct Seen {
    end: Offset,
    epoch: LeaderEpoch,
    producers: BTreeMap<ProducerId, VecDeque<Appended>>,
}

/// A batch of an idempotent producer.
#[derive(Clone, Copy, Debug)]
struct Appended {
    base_offset: Offset,
    epoch: ProducerEpoch,
    last_sequence: Sequence,
    event: EventId,
}

/// The batches of each producer that are remembered in a log. Truncation may go further back: then
/// whatever comes next will do, as for a leader that has forgotten the producer.
const MOST_BATCHES: usize = 8;

impl Logs {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::BatchAppended { broker, partition, base_offset, last_offset, .. } => {
                let Some(log) = look.world.log(*broker, partition) else { return };
                let seen = self.0.entry((*broker, partition.clone())).or_default();
                // A step may append several times, and has an event for each.
                let own = log.batches_from(*base_offset);
                for batch in own.take_while(|batch| batch.base_offset() <= *last_offset) {
                    // Compaction leaves gaps, and with the records goes what their producers did.
                    if log.config().compact && batch.base_offset() > seen.end {
                        seen.producers.clear();
                    }
                    seen.check(look, *broker, partition, batch.header());
                }
            }
            EventKind::LogTruncated { broker, partition, .. } => {
                if let (Some(seen), Some(log)) = (
                    self.0.get_mut(&(*broker, partition.clone())),
                    look.world.log(*broker, partition),
                ) {
                    seen.truncate(log);
                }
            }
            EventKind::Remote(event) => {
                if let RemoteEvent::FollowerStarted { broker, partition, .. } = &**event
                    && let Some(seen) = self.0.get_mut(&(*broker, partition.clone()))
                    && let Some(log) = look.world.log(*broker, partition)
                {
                    seen.truncate(log);
                }
            }
            // What was not flushed may be gone.
            EventKind::BrokerStarted { broker } => {
                let own = self.0.iter_mut().filter(|((of, _), _)| of == broker);
                for ((_, partition), seen) in own {
                    if let Some(log) = look.world.log(*broker, partition) {
                        seen.truncate(log);
                    }
                }
            }
            EventKind::ReplicaDeleted { broker, partition, .. } => {
                self.0.remove(&(*broker, partition.clone()));
            }
            EventKind::TopicDeleted { topic } => {
                self.0.retain(|(_, partition), _| partition.topic != *topic);
            }
            _ => {}
        }
    }
}

impl Seen {
    fn check(
        &mut self,
        look: &mut Look<'_>,
        broker: BrokerId,
        partition: &TopicPartition,
        batch: &BatchHeader,
    ) {
        let (offset, partition) = (batch.base_offset, partition.clone());
        if offset < self.end {
            let partition = partition.clone();
            look.report(Anomaly::OffsetsOutOfOrder { partition, broker, offset }, []);
        }
        if batch.leader_epoch < self.epoch {
            let partition = partition.clone();
            look.report(Anomaly::EpochsOutOfOrder { partition, broker, offset }, []);
        }
        (self.end, self.epoch) = (batch.next_offset(), batch.leader_epoch);
        if !batch.has_producer_id() || batch.base_sequence == Sequence::NONE {
            return;
        }
        let batches = self.producers.entry(batch.producer_id).or_default();
        if let Some(last) = batches.back() {
            let expected = if last.epoch == batch.producer_epoch {
                last.last_sequence.increment(1)
            } else {
                Sequence(0)
            };
            if batch.base_sequence != expected {
                let what = Anomaly::SequenceOutOfOrder {
                    partition,
                    broker,
                    producer_id: batch.producer_id,
                    offset,
                    expected: expected.0,
                    found: batch.base_sequence.0,
                };
                look.report(what, [last.event]);
            }
        }
        batches.push_back(Appended {
            base_offset: offset,
            epoch: batch.producer_epoch,
            last_sequence: batch.last_sequence(),
            event: look.event.id,
        });
        if batches.len() > MOST_BATCHES {
            batches.pop_front();
        }
    }

    /// The log may have become shorter.
    fn truncate(&mut self, log: &Log) {
        let end = log.log_end_offset();
        if self.end <= end && self.end >= log.local_log_start_offset() {
            return;
        }
        if self.end < log.local_log_start_offset() {
            // The log begins anew where its leader's begins.
            self.producers.clear();
        }
        self.end = end;
        self.epoch = log.batches().last().map_or(LeaderEpoch(0), |last| last.header().leader_epoch);
        for batches in self.producers.values_mut() {
            while batches.back().is_some_and(|last| last.base_offset >= end) {
                batches.pop_back();
            }
        }
        self.producers.retain(|_, batches| !batches.is_empty());
    }
}
