//! The state of one producer in one partition: Kafka's `ProducerStateEntry`.

use crate::batch_header::BatchHeader;
use crate::ids::{Offset, ProducerEpoch, Sequence, TimestampMs};

/// How many of a producer's last batches are kept to recognise duplicates; a producer has at most as many requests in
/// flight.
const BATCHES_TO_RETAIN: usize = 5;

/// What is kept of a batch to recognise it when it is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BatchMetadata {
    pub last_sequence: Sequence,
    pub last_offset: Offset,
    /// Distance between first and last offset, and so between first and last sequence.
    pub offset_delta: i32,
    /// The batch's maximum timestamp.
    pub timestamp: TimestampMs,
}

/// What a partition knows of one producer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProducerStateEntry {
    pub producer_epoch: ProducerEpoch,
    /// The epoch of the coordinator that wrote the last marker, or -1.
    pub coordinator_epoch: i32,
    /// The timestamp of the last batch or marker, by which the producer expires.
    pub last_timestamp: TimestampMs,
    /// Where the open transaction began, if there is one.
    pub current_txn_first_offset: Option<Offset>,
    /// The last batches of this epoch, oldest first.
    batches: Vec<BatchMetadata>,
}

impl BatchMetadata {
    /// The sequence of the batch's first record.
    pub fn first_sequence(&self) -> Sequence {
        self.last_sequence.decrement(self.offset_delta)
    }

    /// The offset of the batch's first record.
    pub fn first_offset(&self) -> Offset {
        self.last_offset - i64::from(self.offset_delta)
    }
}

/// A producer that the partition has not heard of.
impl Default for ProducerStateEntry {
    fn default() -> Self {
        Self {
            producer_epoch: ProducerEpoch::NONE,
            coordinator_epoch: -1,
            last_timestamp: TimestampMs::NONE,
            current_txn_first_offset: None,
            batches: Vec::new(),
        }
    }
}

impl ProducerStateEntry {
    /// The last batches of this epoch, oldest first, at most five.
    pub fn batches(&self) -> &[BatchMetadata] {
        &self.batches
    }

    /// Whether no batch of this epoch is known.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// The last sequence that was appended in this epoch.
    pub fn last_sequence(&self) -> Sequence {
        self.batches.last().map_or(Sequence::NONE, |batch| batch.last_sequence)
    }

    /// The offset of the last record that was appended in this epoch.
    pub fn last_data_offset(&self) -> Option<Offset> {
        self.batches.last().map(|batch| batch.last_offset)
    }

    /// The batch that was appended with the same epoch and sequences, if it is among the last five.
    pub fn find_duplicate(&self, batch: &BatchHeader) -> Option<BatchMetadata> {
        let same = |known: &&BatchMetadata| {
            known.first_sequence() == batch.base_sequence
                && known.last_sequence == batch.last_sequence()
        };
        if batch.producer_epoch != self.producer_epoch {
            return None;
        }
        self.batches.iter().find(same).copied()
    }

    /// The same producer without its batches: what an append starts from.
    pub(super) fn without_batches(&self) -> Self {
        Self { batches: Vec::new(), ..self.clone() }
    }

    /// Adds a batch, and takes its epoch and timestamp.
    pub(super) fn add_batch(&mut self, epoch: ProducerEpoch, batch: BatchMetadata) {
        self.set_epoch(epoch);
        self.push(batch);
        self.last_timestamp = batch.timestamp;
    }

    /// Takes over what a marker says: the transaction is over.
    pub(super) fn end_transaction(
        &mut self,
        epoch: ProducerEpoch,
        coordinator_epoch: i32,
        timestamp: TimestampMs,
    ) {
        self.set_epoch(epoch);
        self.current_txn_first_offset = None;
        self.coordinator_epoch = coordinator_epoch;
        self.last_timestamp = timestamp;
    }

    /// Takes over what an append has found.
    pub(super) fn update(&mut self, next: &Self) {
        self.set_epoch(next.producer_epoch);
        for batch in &next.batches {
            self.push(*batch);
        }
        self.current_txn_first_offset = next.current_txn_first_offset;
        self.coordinator_epoch = next.coordinator_epoch;
        self.last_timestamp = next.last_timestamp;
    }

    /// A new epoch forgets the batches of the old.
    fn set_epoch(&mut self, epoch: ProducerEpoch) {
        if self.producer_epoch != epoch {
            self.batches.clear();
            self.producer_epoch = epoch;
        }
    }

    fn push(&mut self, batch: BatchMetadata) {
        if self.batches.len() == BATCHES_TO_RETAIN {
            self.batches.remove(0);
        }
        self.batches.push(batch);
    }
}
