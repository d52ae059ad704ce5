//! One producer's part of an append, checked before it takes effect: Kafka's `ProducerAppendInfo`.

use crate::batch_header::BatchHeader;
use crate::control::EndTransactionMarker;
use crate::error::AppendError;
use crate::ids::{Offset, ProducerEpoch, ProducerId, Sequence, TimestampMs, TransactionVersion};
use crate::log::AppendOrigin;
use crate::producer::entry::{BatchMetadata, ProducerStateEntry};
use crate::producer::state::{CompletedTxn, TxnMetadata};

/// Checks the batches of one producer against what the partition knows of it, and collects what changes. Nothing changes
/// until [`super::ProducerStateManager::update`] takes it over.
#[derive(Clone, Debug)]
pub struct ProducerAppendInfo {
    producer_id: ProducerId,
    current: ProducerStateEntry,
    updated: ProducerStateEntry,
    origin: AppendOrigin,
    started: Vec<TxnMetadata>,
}

impl ProducerAppendInfo {
    pub(super) fn new(
        producer_id: ProducerId,
        current: ProducerStateEntry,
        origin: AppendOrigin,
    ) -> Self {
        let updated = current.without_batches();
        Self { producer_id, current, updated, origin, started: Vec::new() }
    }

    /// The producer whose batches these are.
    pub fn producer_id(&self) -> ProducerId {
        self.producer_id
    }

    /// What the producer's state becomes.
    pub fn updated(&self) -> &ProducerStateEntry {
        &self.updated
    }

    /// The transactions that these batches began.
    pub fn started_transactions(&self) -> &[TxnMetadata] {
        &self.started
    }

    /// Checks and adds a batch of records. Sequences are checked when a client wrote it, epochs unless it was replicated:
    /// a follower takes what the leader has accepted.
    pub fn append_data(&mut self, batch: &BatchHeader) -> Result<(), AppendError> {
        self.check_epoch(batch.producer_epoch, batch.base_offset, TransactionVersion::UNKNOWN)?;
        if self.origin == AppendOrigin::Client {
            self.check_sequence(batch)?;
        }
        let metadata = BatchMetadata {
            last_sequence: batch.last_sequence(),
            last_offset: batch.last_offset(),
            offset_delta: batch.last_offset_delta,
            timestamp: batch.max_timestamp,
        };
        self.updated.add_batch(batch.producer_epoch, metadata);
        match self.updated.current_txn_first_offset {
            Some(first_offset) if !batch.is_transactional => {
                Err(AppendError::InvalidTxnState { producer_id: self.producer_id, first_offset })
            }
            None if batch.is_transactional => {
                self.updated.current_txn_first_offset = Some(batch.base_offset);
                self.started.push(TxnMetadata::new(self.producer_id, batch.base_offset));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Checks and adds a marker at `offset`. Answers the transaction that it ends; none if no record was written in it,
    /// since then the last stable offset does not depend on it.
    pub fn append_marker(
        &mut self,
        marker: EndTransactionMarker,
        epoch: ProducerEpoch,
        offset: Offset,
        timestamp: TimestampMs,
        version: TransactionVersion,
    ) -> Result<Option<CompletedTxn>, AppendError> {
        self.check_epoch(epoch, offset, version)?;
        self.check_coordinator_epoch(marker)?;
        let completed = self.updated.current_txn_first_offset.map(|first_offset| CompletedTxn {
            producer_id: self.producer_id,
            first_offset,
            last_offset: offset,
            is_aborted: !marker.commit,
        });
        self.updated.end_transaction(epoch, marker.coordinator_epoch, timestamp);
        Ok(completed)
    }

    /// Under transaction version 2 a marker ends the open transaction with a new epoch, so one that is not greater comes
    /// too late (KIP-890). With none open, a marker of the same epoch is taken: the coordinator may be writing it again.
    fn check_epoch(
        &self,
        epoch: ProducerEpoch,
        offset: Offset,
        version: TransactionVersion,
    ) -> Result<(), AppendError> {
        let current = self.updated.producer_epoch;
        let must_be_greater = version.0 >= 2 && self.updated.current_txn_first_offset.is_some();
        let too_old = epoch < current || (must_be_greater && epoch == current);
        if too_old && self.origin != AppendOrigin::Replication {
            return Err(AppendError::InvalidProducerEpoch {
                producer_id: self.producer_id,
                offset,
                epoch,
                current,
            });
        }
        Ok(())
    }

    fn check_sequence(&self, batch: &BatchHeader) -> Result<(), AppendError> {
        let (epoch, current_epoch) = (batch.producer_epoch, self.updated.producer_epoch);
        let current = if !self.updated.is_empty() {
            self.updated.last_sequence()
        } else if epoch == self.current.producer_epoch {
            self.current.last_sequence()
        } else {
            Sequence::NONE
        };
        let accepted = if epoch != current_epoch {
            // A new epoch begins at 0, unless nothing is known of the producer.
            batch.base_sequence == Sequence(0) || current_epoch == ProducerEpoch::NONE
        } else {
            // Retention or DeleteRecords may have taken all the producer wrote: then any sequence will do.
            self.current.producer_epoch == ProducerEpoch::NONE
                || current.increment(1) == batch.base_sequence
        };
        if accepted {
            return Ok(());
        }
        Err(AppendError::OutOfOrderSequence {
            producer_id: self.producer_id,
            offset: batch.base_offset,
            epoch,
            incoming: batch.base_sequence,
            current,
            current_epoch,
        })
    }

    fn check_coordinator_epoch(&self, marker: EndTransactionMarker) -> Result<(), AppendError> {
        let current = self.updated.coordinator_epoch;
        if current > marker.coordinator_epoch && self.origin != AppendOrigin::Replication {
            return Err(AppendError::TransactionCoordinatorFenced {
                producer_id: self.producer_id,
                coordinator_epoch: marker.coordinator_epoch,
                current,
            });
        }
        Ok(())
    }
}
