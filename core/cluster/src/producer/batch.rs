//! A batch on its way from the application to its partition: Kafka's `ProducerBatch`.

use std::sync::Arc;

use bytes::Bytes;
use highwater_log::{
    BatchBuilder, BatchOptions, Compression, Header, LeaderEpoch, Offset, TimestampMs,
};

use crate::ids::{PartitionIndex, TopicName, TopicPartition};
use crate::producer::calls::Ticket;
use crate::producer::idempotence::Assigned;
use crate::time::{Span, Time};

/// The ordinal of a batch in its producer; batches of a partition are sent in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BatchId(pub(super) u64);

/// A record that the application hands over.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NewRecord {
    pub(super) topic: TopicName,
    /// Its partition, if the application chose one.
    pub(super) partition: Option<PartitionIndex>,
    pub(super) timestamp: TimestampMs,
    pub(super) key: Option<Bytes>,
    /// Its value; none for null, which deletes the key from a compacted topic.
    pub(super) value: Option<Bytes>,
    pub(super) headers: Arc<[Header]>,
}

/// A batch on its way to its partition.
#[derive(Clone, Debug)]
pub(super) struct ProducerBatch {
    pub(super) id: BatchId,
    pub(super) partition: TopicPartition,
    /// Shared with checkpoints until the next record is added.
    builder: Arc<BatchBuilder>,
    /// The size from which the batch takes no more.
    write_limit: usize,
    is_closed: bool,
    /// What it takes of `buffer.memory`.
    pub(super) memory: u64,
    pub(super) created: Time,
    /// How often it was sent in vain.
    pub(super) attempts: u32,
    last_attempt: Time,
    /// How long it waits since the last attempt.
    backoff: Span,
    /// The leader epoch that was known at the last attempt.
    leader_epoch: Option<LeaderEpoch>,
    /// The records that the application keeps track of, by their place in the batch.
    tickets: Vec<(u32, Ticket)>,
}

impl NewRecord {
    /// What a batch of this record alone takes at most.
    pub(super) fn size_upper_bound(&self) -> usize {
        BatchBuilder::size_upper_bound(self.key.as_deref(), self.value.as_deref(), &self.headers)
    }
}

impl ProducerBatch {
    /// An empty batch that takes up to `memory` bytes.
    pub(super) fn new(
        id: BatchId,
        partition: TopicPartition,
        compression: Compression,
        memory: usize,
        now: Time,
    ) -> Self {
        let options = BatchOptions { compression, ..BatchOptions::default() };
        Self {
            id,
            partition,
            builder: Arc::new(BatchBuilder::new(options)),
            write_limit: memory,
            is_closed: false,
            memory: memory as u64,
            created: now,
            attempts: 0,
            last_attempt: now,
            backoff: Span::ZERO,
            leader_epoch: None,
            tickets: Vec::new(),
        }
    }

    /// Compresses at that level if the codec is gzip; none for the codec's own.
    pub(super) fn set_gzip_level(&mut self, level: Option<u8>) {
        Arc::make_mut(&mut self.builder).set_gzip_level(level);
    }

    /// Adds a record and returns by how many bytes the batch grew. None if it has no room: then it
    /// takes no more. The first record always has room.
    pub(super) fn try_append(&mut self, record: &NewRecord) -> Option<usize> {
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        let size = self.builder.size_with(record.timestamp, key, value, &record.headers);
        let has_room = self.builder.is_empty() || size <= self.write_limit;
        if self.is_full() || !has_room {
            self.is_closed = true;
            return None;
        }
        let before = if self.builder.is_empty() { 0 } else { self.builder.size_estimate() };
        Arc::make_mut(&mut self.builder).append(record.timestamp, key, value, &record.headers);
        Some(self.builder.size_estimate() - before)
    }

    /// The application keeps track of the record that was added last.
    pub(super) fn track_last(&mut self, ticket: Ticket) {
        self.tickets.push((self.record_count() - 1, ticket));
    }

    /// The records that the application keeps track of, by their place in the batch.
    pub(super) fn tickets(&self) -> &[(u32, Ticket)] {
        &self.tickets
    }

    /// Whether it takes no more records.
    pub(super) fn is_full(&self) -> bool {
        let is_filled =
            !self.builder.is_empty() && self.builder.size_estimate() >= self.write_limit;
        self.is_closed || is_filled
    }

    pub(super) fn record_count(&self) -> u32 {
        self.builder.record_count() as u32
    }

    pub(super) fn size(&self) -> usize {
        self.builder.size_estimate()
    }

    /// Since when it has waited to be sent, for the first time or again.
    pub(super) fn waits_since(&self) -> Time {
        self.created.max(self.last_attempt)
    }

    /// Until when it may not be sent again; past if it may. A new leader makes the wait pointless
    /// (KIP-951).
    pub(super) fn backs_off_until(&self, leader_epoch: Option<LeaderEpoch>) -> Option<Time> {
        let has_new_leader = self.leader_epoch < leader_epoch;
        (self.attempts > 0 && !has_new_leader).then(|| self.last_attempt + self.backoff)
    }

    /// It goes back to its queue after an attempt in vain.
    pub(super) fn failed_attempt(&mut self, now: Time, backoff: Span) {
        self.attempts = self.attempts.saturating_add(1);
        self.last_attempt = now;
        self.backoff = backoff;
    }

    /// It is sent: nothing is added from here on.
    pub(super) fn drained(&mut self, leader_epoch: Option<LeaderEpoch>) {
        self.is_closed = true;
        self.leader_epoch = leader_epoch;
    }

    /// Its bytes, with the producer's id, epoch and sequence if it has them.
    pub(super) fn bytes(&mut self, assigned: Option<&Assigned>) -> Bytes {
        if let Some(assigned) = assigned {
            let options = Arc::make_mut(&mut self.builder).options_mut();
            options.producer_id = assigned.producer.id;
            options.producer_epoch = assigned.producer.epoch;
            options.base_sequence = assigned.base_sequence;
            options.is_transactional = assigned.is_transactional;
        }
        self.builder.build(Offset(0), LeaderEpoch::NONE).bytes().clone()
    }
}
