//! What a coordinator knows of a transactional id, and the changes that can be made to it. A change
//! is prepared first, and holds once it is on the whole ISR of the transaction log.

use std::collections::BTreeSet;

use highwater_log::{ProducerEpoch, ProducerId, TimestampMs, TransactionVersion};
use kafka_protocol::ResponseError;

use crate::ids::{TopicPartition, TransactionalId};
use crate::transaction::state::TransactionState;

/// The epoch from which on a producer id can be given no new epoch: the very last is kept for fencing.
const EXHAUSTED_EPOCH: ProducerEpoch = ProducerEpoch(i16::MAX - 1);

/// What the log tells of a transactional id: `TransactionLogValue`, and what is only in memory.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TransactionMetadata {
    pub(crate) producer_id: ProducerId,
    /// The producer id before this one.
    pub(crate) previous_producer_id: ProducerId,
    /// The producer id that follows once the markers are written, if epochs have run out (KIP-890).
    pub(crate) next_producer_id: ProducerId,
    pub(crate) producer_epoch: ProducerEpoch,
    /// The epoch before this one, by which a retry is known (KIP-360). It is not in the log.
    pub(crate) last_producer_epoch: ProducerEpoch,
    /// `transaction.timeout.ms` of the producer.
    pub(crate) timeout_ms: i32,
    pub(crate) state: TransactionState,
    /// The partitions of the transaction; of one that is prepared, those without marker yet.
    pub(crate) partitions: BTreeSet<TopicPartition>,
    /// When the transaction began.
    pub(crate) started_at: TimestampMs,
    pub(crate) updated_at: TimestampMs,
    /// The transaction version that the client spoke when it made the last change.
    pub(crate) client_version: TransactionVersion,
}

/// A transactional id at its coordinator.
#[derive(Clone, Debug)]
pub(super) struct Transaction {
    pub(super) id: TransactionalId,
    pub(super) metadata: TransactionMetadata,
    /// The state that it is about to go over to: until then, no other change is prepared.
    pub(super) pending: Option<TransactionState>,
    /// Whether an epoch was given out to fence a producer, and could not be written.
    has_failed_epoch_fence: bool,
}

impl TransactionMetadata {
    /// A transactional id that nobody has used before.
    pub(super) fn new(producer_id: ProducerId, timeout_ms: i32, now: TimestampMs) -> Self {
        Self {
            producer_id,
            previous_producer_id: ProducerId::NONE,
            next_producer_id: ProducerId::NONE,
            producer_epoch: ProducerEpoch::NONE,
            last_producer_epoch: ProducerEpoch::NONE,
            timeout_ms,
            state: TransactionState::Empty,
            partitions: BTreeSet::new(),
            started_at: TimestampMs::NONE,
            updated_at: now,
            client_version: TransactionVersion(0),
        }
    }

    /// Whether the epoch can go no further.
    pub(super) fn is_epoch_exhausted(&self) -> bool {
        is_epoch_exhausted(self.producer_epoch)
    }

    /// The epoch after this one.
    pub(super) fn next_epoch(&self) -> ProducerEpoch {
        ProducerEpoch(self.producer_epoch.0.saturating_add(1))
    }
}

/// Whether a producer id can be given no epoch after this one.
pub(super) fn is_epoch_exhausted(epoch: ProducerEpoch) -> bool {
    epoch >= EXHAUSTED_EPOCH
}

/// Whether a client that speaks this version gets a new epoch at the end of each transaction.
pub(super) fn bumps_epoch(version: TransactionVersion) -> bool {
    version >= TransactionVersion(2)
}

impl Transaction {
    pub(super) fn new(id: TransactionalId, metadata: TransactionMetadata) -> Self {
        Self { id, metadata, pending: None, has_failed_epoch_fence: false }
    }

    /// The next epoch for a producer that initialises itself. One that names the epoch it had gets on
    /// from there, and the same answer again if it did not hear the first (KIP-360).
    pub(super) fn prepare_next_epoch(
        &mut self,
        timeout_ms: i32,
        expected: Option<ProducerEpoch>,
        now: TimestampMs,
    ) -> Result<TransactionMetadata, ResponseError> {
        let (current, last) = (self.metadata.producer_epoch, self.metadata.last_producer_epoch);
        let (epoch, last) = match expected {
            None => (self.metadata.next_epoch(), ProducerEpoch::NONE),
            Some(expected) if current == ProducerEpoch::NONE || expected == current => {
                (self.metadata.next_epoch(), current)
            }
            Some(expected) if expected == last => (current, last),
            Some(_) => return Err(ResponseError::ProducerFenced),
        };
        let mut next = self.begun_anew(timeout_ms, now);
        (next.producer_epoch, next.last_producer_epoch) = (epoch, last);
        Ok(self.prepare(next))
    }

    /// A new producer id, since the old one has no epochs left.
    pub(super) fn prepare_producer_id(
        &mut self,
        producer_id: ProducerId,
        timeout_ms: i32,
        keeps_last_epoch: bool,
        now: TimestampMs,
    ) -> TransactionMetadata {
        let mut next = self.begun_anew(timeout_ms, now);
        next.producer_id = producer_id;
        next.producer_epoch = ProducerEpoch(0);
        next.last_producer_epoch =
            if keeps_last_epoch { self.metadata.producer_epoch } else { ProducerEpoch::NONE };
        self.prepare(next)
    }

    /// The transaction, with more partitions.
    pub(super) fn prepare_partitions(
        &mut self,
        added: &BTreeSet<TopicPartition>,
        version: TransactionVersion,
        now: TimestampMs,
    ) -> TransactionMetadata {
        let mut next = self.metadata.clone();
        if next.state != TransactionState::Ongoing {
            next.started_at = now;
        }
        next.state = TransactionState::Ongoing;
        next.partitions.extend(added.iter().cloned());
        next.updated_at = now;
        next.client_version = version;
        self.prepare(next)
    }

    /// Marks the transaction as one whose producer is being fenced. Returns the epoch that the fence
    /// goes up to.
    pub(super) fn prepare_fence(&mut self) -> ProducerEpoch {
        assert!(self.pending.is_none(), "one change at a time");
        self.pending = Some(TransactionState::PrepareEpochFence);
        // No client has seen the epoch of a fence that could not be written: it is used again.
        if self.has_failed_epoch_fence {
            self.metadata.producer_epoch
        } else {
            self.metadata.next_epoch()
        }
    }

    /// The fence is put up by what is decided next. With transaction version 2 that raises the epoch
    /// by itself.
    pub(super) fn enter_fence(&mut self, epoch: ProducerEpoch, version: TransactionVersion) {
        self.pending = None;
        self.metadata.last_producer_epoch = ProducerEpoch::NONE;
        if !bumps_epoch(version) {
            self.metadata.producer_epoch = epoch;
        }
    }

    /// The outcome of the transaction. `next_producer_id` is the one to go over to, if epochs run out.
    pub(super) fn prepare_end(
        &mut self,
        state: TransactionState,
        version: TransactionVersion,
        next_producer_id: ProducerId,
        now: TimestampMs,
    ) -> TransactionMetadata {
        let mut next = self.metadata.clone();
        if bumps_epoch(version) {
            next.last_producer_epoch = next.producer_epoch;
            next.producer_epoch = self.metadata.next_epoch();
        }
        if self.metadata.state != TransactionState::Ongoing {
            // Nothing was begun; still a transaction is to have a beginning.
            next.started_at = now;
        }
        next.state = state;
        next.next_producer_id = next_producer_id;
        next.updated_at = now;
        next.client_version = version;
        self.prepare(next)
    }

    /// The end of a transaction whose outcome is decided.
    pub(super) fn prepare_complete(&mut self, now: TimestampMs) -> TransactionMetadata {
        self.has_failed_epoch_fence = false;
        let mut next = self.metadata.clone();
        next.state = match self.metadata.state {
            TransactionState::PrepareCommit => TransactionState::CompleteCommit,
            _ => TransactionState::CompleteAbort,
        };
        if bumps_epoch(next.client_version) && next.next_producer_id != ProducerId::NONE {
            next.producer_id = next.next_producer_id;
            next.producer_epoch = ProducerEpoch(0);
        }
        next.next_producer_id = ProducerId::NONE;
        next.partitions = BTreeSet::new();
        next.updated_at = now;
        self.prepare(next)
    }

    /// The transactional id is about to be forgotten.
    pub(super) fn prepare_dead(&mut self) {
        self.pending = Some(TransactionState::Dead);
    }

    /// What was prepared holds from here on.
    pub(super) fn complete(&mut self, next: TransactionMetadata) {
        assert_eq!(self.pending, Some(next.state), "{} goes where it was about to go", self.id);
        self.pending = None;
        self.metadata = next;
    }

    /// A fence could not be written.
    pub(super) fn fence_failed(&mut self) {
        self.has_failed_epoch_fence = true;
    }

    fn begun_anew(&self, timeout_ms: i32, now: TimestampMs) -> TransactionMetadata {
        TransactionMetadata {
            state: TransactionState::Empty,
            timeout_ms,
            partitions: BTreeSet::new(),
            started_at: TimestampMs::NONE,
            updated_at: now,
            ..self.metadata.clone()
        }
    }

    fn prepare(&mut self, mut next: TransactionMetadata) -> TransactionMetadata {
        let (from, to) = (self.metadata.state, next.state);
        assert!(self.pending.is_none(), "one change at a time");
        assert!(from.may_become(to), "{from:?} does not become {to:?}");
        next.previous_producer_id = self.metadata.producer_id;
        self.pending = Some(to);
        next
    }
}
