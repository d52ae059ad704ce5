//! What makes a producer idempotent: its id and epoch, and the sequence of each batch, so that a
//! broker knows a batch that it has seen. The part of Kafka's `TransactionManager` that works without
//! transactions too.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use highwater_log::{ProducerEpoch, ProducerId, Sequence};
use kafka_protocol::ResponseError;

use crate::ids::TopicPartition;
use crate::producer::batch::{BatchId, ProducerBatch};

/// A producer's id and epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProducerIdAndEpoch {
    pub(super) id: ProducerId,
    pub(super) epoch: ProducerEpoch,
}

impl ProducerIdAndEpoch {
    /// Of a producer that was given none.
    pub(super) const NONE: Self = Self { id: ProducerId::NONE, epoch: ProducerEpoch::NONE };
}

/// What a batch that was sent at least once is known by to its broker.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assigned {
    batch: BatchId,
    pub(super) producer: ProducerIdAndEpoch,
    pub(super) base_sequence: Sequence,
    pub(super) is_transactional: bool,
    record_count: u32,
    /// Whether an earlier sequence was taken back.
    was_reset: bool,
}

/// The sequences of one partition.
#[derive(Clone, Debug)]
struct PartitionSequences {
    producer: ProducerIdAndEpoch,
    next: Sequence,
    last_acked: Option<Sequence>,
    /// Batches sent and neither acknowledged nor given up, in order.
    in_flight: VecDeque<Assigned>,
}

/// An idempotent producer's state.
#[derive(Clone, Debug, Default)]
pub(super) struct Idempotence {
    producer: Option<ProducerIdAndEpoch>,
    partitions: BTreeMap<TopicPartition, PartitionSequences>,
    /// Partitions in which a batch was given up that the broker may have, with the sequence after it.
    unresolved: BTreeMap<TopicPartition, Sequence>,
    /// Partitions that begin anew with the next epoch.
    to_rewrite: BTreeSet<TopicPartition>,
    /// The partitions that are in the transaction: nothing is sent to others. None if the producer is
    /// not transactional.
    transaction: Option<BTreeSet<TopicPartition>>,
}

impl Idempotence {
    /// The state of a transactional producer.
    pub(super) fn transactional() -> Self {
        Self { transaction: Some(BTreeSet::new()), ..Self::default() }
    }

    pub(super) fn has_producer_id(&self) -> bool {
        self.producer.is_some()
    }

    pub(super) fn producer(&self) -> Option<ProducerIdAndEpoch> {
        self.producer
    }

    /// The partitions that are in the transaction.
    pub(super) fn in_transaction(&self) -> impl Iterator<Item = &TopicPartition> {
        self.transaction.iter().flatten()
    }

    /// Partitions are in the transaction from here on: batches may go to them.
    pub(super) fn add_to_transaction(&mut self, partition: TopicPartition) {
        self.transaction.get_or_insert_default().insert(partition);
    }

    /// The transaction has come to its end, and nothing is in it.
    pub(super) fn end_transaction(&mut self) {
        if let Some(partitions) = &mut self.transaction {
            partitions.clear();
        }
    }

    /// Every partition begins at sequence 0, as under a new epoch.
    pub(super) fn reset_sequences(&mut self) {
        self.partitions.clear();
        self.unresolved.clear();
    }

    /// A transactional producer's share of [`Idempotence::resolve`]: true if what some partition has is
    /// not known and never will be, since no batch of it is under way any more.
    pub(super) fn has_lost_track(&mut self) -> bool {
        let partitions = &self.partitions;
        let mut has_lost_track = false;
        self.unresolved.retain(|name, _| {
            let Some(partition) = partitions.get(name) else { return false };
            let is_settled = partition.in_flight.is_empty();
            has_lost_track |= is_settled && !partition.is_next(partition.next);
            !is_settled
        });
        has_lost_track
    }

    pub(super) fn set_producer(&mut self, producer: ProducerIdAndEpoch) {
        self.producer = Some(producer);
    }

    /// Whether `batch`, the first of its queue, may be sent now.
    pub(super) fn may_send(&self, batch: &ProducerBatch) -> bool {
        let Some(producer) = self.producer else { return false };
        if self
            .transaction
            .as_ref()
            .is_some_and(|partitions| !partitions.contains(&batch.partition))
        {
            return false;
        }
        let Some(partition) = self.partitions.get(&batch.partition) else { return true };
        if self.assigned(batch).is_some() {
            // It is sent again: only once all before it are settled, so that none overtakes another.
            return partition.in_flight.front().is_some_and(|first| first.batch == batch.id);
        }
        let waits_for_old_epoch = !partition.in_flight.is_empty() && partition.producer != producer;
        !waits_for_old_epoch && !self.unresolved.contains_key(&batch.partition)
    }

    /// Gives a batch its sequence, unless it has one from an earlier attempt.
    pub(super) fn assign(&mut self, batch: &ProducerBatch) {
        let Some(producer) = self.producer else { return };
        if self.assigned(batch).is_some() {
            return;
        }
        let partition = self
            .partitions
            .entry(batch.partition.clone())
            .or_insert_with(|| PartitionSequences::new(producer));
        if partition.producer != producer {
            partition.start_at_beginning(producer);
        }
        let record_count = batch.record_count();
        partition.in_flight.push_back(Assigned {
            batch: batch.id,
            producer,
            base_sequence: partition.next,
            is_transactional: self.transaction.is_some(),
            record_count,
            was_reset: false,
        });
        partition.next = partition.next.increment(record_count as i32);
    }

    /// The sequence of a batch, once it has one.
    pub(super) fn assigned(&self, batch: &ProducerBatch) -> Option<&Assigned> {
        let partition = self.partitions.get(&batch.partition)?;
        partition.in_flight.iter().find(|assigned| assigned.batch == batch.id)
    }

    /// A batch was acknowledged.
    pub(super) fn completed(&mut self, batch: &ProducerBatch) {
        let Some(partition) = self.partitions.get_mut(&batch.partition) else { return };
        if let Some(assigned) = partition.remove(batch.id) {
            partition.last_acked = partition.last_acked.max(Some(assigned.last_sequence()));
        }
    }

    /// A batch was given up. `may_reuse` says that the broker certainly does not have it: then the
    /// partition begins anew, since the batches behind it would leave a gap.
    pub(super) fn failed(&mut self, batch: &ProducerBatch, error: ResponseError, may_reuse: bool) {
        let Some(partition) = self.partitions.get_mut(&batch.partition) else { return };
        let Some(assigned) = partition.remove(batch.id) else { return };
        if self.transaction.is_some() {
            // The epoch is the coordinator's to raise: the batches behind close the gap.
            if error == ResponseError::UnknownProducerId {
                self.partitions.remove(&batch.partition);
                self.unresolved.remove(&batch.partition);
            } else if may_reuse {
                partition.close_gap(&assigned);
            }
        } else if may_reuse || error == ResponseError::OutOfOrderSequenceNumber {
            self.to_rewrite.insert(batch.partition.clone());
        }
    }

    /// A batch ran out of time after it was sent: nobody knows whether the broker has it. Nothing new
    /// is sent to the partition until the batches under way are settled.
    pub(super) fn mark_unresolved(&mut self, batch: &ProducerBatch) {
        let Some(assigned) = self.assigned(batch) else { return };
        let next = assigned.last_sequence().increment(1);
        let known = self.unresolved.entry(batch.partition.clone()).or_insert(next);
        *known = (*known).max(next);
    }

    /// Whether a refused batch may be sent again, by what the error says about sequences. None if it
    /// says nothing about them.
    pub(super) fn can_retry(
        &mut self,
        batch: &ProducerBatch,
        error: ResponseError,
    ) -> Option<bool> {
        match error {
            // A transaction's batch fails, and the transaction with it.
            ResponseError::UnknownProducerId if self.transaction.is_some() => None,
            ResponseError::UnknownProducerId => {
                self.to_rewrite.insert(batch.partition.clone());
                Some(true)
            }
            ResponseError::OutOfOrderSequenceNumber => {
                let partition = self.partitions.get(&batch.partition)?;
                let assigned = self.assigned(batch)?;
                let unresolved = self.unresolved.get(&batch.partition);
                let is_next = partition.is_next(assigned.base_sequence);
                // A batch before it failed: in its turn it will be in order.
                let waits_its_turn = unresolved.is_none() && (assigned.was_reset || !is_next);
                if self.transaction.is_some() {
                    return waits_its_turn.then_some(true);
                }
                let follows_a_gap = unresolved.is_none_or(|next| *next == assigned.base_sequence);
                if !waits_its_turn && follows_a_gap {
                    self.to_rewrite.insert(batch.partition.clone());
                }
                Some(true)
            }
            _ => None,
        }
    }

    /// Settles what can be settled, and begins a new epoch if a partition has to begin anew.
    pub(super) fn resolve(&mut self) {
        debug_assert!(self.transaction.is_none(), "a transactional producer asks its coordinator");
        let partitions = &self.partitions;
        let to_rewrite = &mut self.to_rewrite;
        self.unresolved.retain(|name, _| {
            let Some(partition) = partitions.get(name) else { return false };
            if !partition.in_flight.is_empty() {
                return true;
            }
            if !partition.is_next(partition.next) {
                to_rewrite.insert(name.clone());
            }
            false
        });
        if self.to_rewrite.is_empty() {
            return;
        }
        let Some(producer) = self.producer else { return };
        if producer.epoch.0 == i16::MAX {
            // No epoch is left: the producer asks for another id.
            self.producer = None;
            return;
        }
        let producer =
            ProducerIdAndEpoch { epoch: ProducerEpoch(producer.epoch.0 + 1), ..producer };
        self.producer = Some(producer);
        for name in std::mem::take(&mut self.to_rewrite) {
            self.unresolved.remove(&name);
            if let Some(partition) = self.partitions.get_mut(&name) {
                partition.start_at_beginning(producer);
            }
        }
    }
}

impl Assigned {
    fn last_sequence(&self) -> Sequence {
        self.base_sequence.increment(self.record_count as i32 - 1)
    }
}

impl PartitionSequences {
    fn new(producer: ProducerIdAndEpoch) -> Self {
        Self { producer, next: Sequence(0), last_acked: None, in_flight: VecDeque::new() }
    }

    fn is_next(&self, sequence: Sequence) -> bool {
        self.last_acked.map_or(Sequence(0), |last| last.increment(1)) == sequence
    }

    fn remove(&mut self, batch: BatchId) -> Option<Assigned> {
        let place = self.in_flight.iter().position(|assigned| assigned.batch == batch)?;
        self.in_flight.remove(place)
    }

    /// The batch with these sequences failed and is certainly not in the log: those behind it move up.
    fn close_gap(&mut self, failed: &Assigned) {
        let count = failed.record_count as i32;
        self.next = self.next.decrement(count);
        for assigned in &mut self.in_flight {
            if assigned.base_sequence > failed.base_sequence {
                assigned.base_sequence = assigned.base_sequence.decrement(count);
                assigned.was_reset = true;
            }
        }
    }

    fn start_at_beginning(&mut self, producer: ProducerIdAndEpoch) {
        let mut next = Sequence(0);
        for assigned in &mut self.in_flight {
            assigned.producer = producer;
            assigned.base_sequence = next;
            assigned.was_reset = true;
            next = next.increment(assigned.record_count as i32);
        }
        self.producer = producer;
        self.next = next;
        self.last_acked = None;
    }
}

#[cfg(test)]
mod tests;
