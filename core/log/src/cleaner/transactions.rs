//! The transactions that a pass meets on its way: Kafka's `CleanedTransactionMetadata`.

use std::collections::{BTreeMap, BTreeSet};

use crate::batch::Batch;
use crate::control::ControlType;
use crate::error::CorruptBatch;
use crate::ids::{Offset, ProducerId};
use crate::producer::AbortedTxn;

/// What is known of transactions at one place of the log.
#[derive(Debug, Default)]
pub(super) struct CleanedTransactions {
    /// Producers of which a transactional batch was met that is not known to be aborted.
    ongoing_committed: BTreeSet<ProducerId>,
    ongoing_aborted: BTreeMap<ProducerId, OngoingAborted>,
    /// Aborted transactions that begin further on, by first offset.
    to_come: BTreeMap<Offset, AbortedTxn>,
}

#[derive(Debug)]
struct OngoingAborted {
    transaction: AbortedTxn,
    /// Whether one of its batches is still in the log.
    has_batch: bool,
}

/// What the transactions say of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ReadBatch {
    /// Data of an aborted transaction, or a marker of a transaction without data.
    pub(super) can_discard: bool,
    /// An aborted transaction that has data still: it belongs into the index of the segment that is written.
    pub(super) index_entry: Option<AbortedTxn>,
}

impl CleanedTransactions {
    /// Adds aborted transactions that the next batches may belong to. One may be added for several segments.
    pub(super) fn add_aborted(&mut self, aborted: Vec<AbortedTxn>) {
        self.to_come.extend(aborted.into_iter().map(|aborted| (aborted.first_offset, aborted)));
    }

    /// Goes on over a batch.
    pub(super) fn on_batch(&mut self, batch: &Batch) -> Result<ReadBatch, CorruptBatch> {
        self.begin_up_to(batch.last_offset());
        let producer = batch.header().producer_id;
        if batch.header().is_control {
            return Ok(match batch.control_type()? {
                // The cleaner has taken the marker before.
                None => ReadBatch { can_discard: true, index_entry: None },
                Some(ControlType::Abort) => self.on_abort(producer),
                Some(ControlType::Commit) => {
                    let can_discard = !self.ongoing_committed.remove(&producer);
                    ReadBatch { can_discard, index_entry: None }
                }
                Some(_) => ReadBatch::default(),
            });
        }
        if !batch.header().is_transactional {
            return Ok(ReadBatch::default());
        }
        let can_discard = match self.ongoing_aborted.get_mut(&producer) {
            Some(ongoing) => {
                ongoing.has_batch = true;
                true
            }
            None => {
                self.ongoing_committed.insert(producer);
                false
            }
        };
        Ok(ReadBatch { can_discard, index_entry: None })
    }

    /// A marker stays until all batches of its transaction are gone.
    fn on_abort(&mut self, producer: ProducerId) -> ReadBatch {
        let ended = self.ongoing_aborted.remove(&producer).filter(|ended| ended.has_batch);
        ReadBatch {
            can_discard: ended.is_none(),
            index_entry: ended.map(|ended| ended.transaction),
        }
    }

    fn begin_up_to(&mut self, offset: Offset) {
        while let Some(first) = self.to_come.first_entry().filter(|first| *first.key() <= offset) {
            let transaction = first.remove();
            let ongoing = OngoingAborted { transaction, has_batch: false };
            self.ongoing_aborted.entry(transaction.producer_id).or_insert(ongoing);
        }
    }
}
