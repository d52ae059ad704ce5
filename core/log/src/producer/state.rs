//! All producers of one partition, and its transactions: Kafka's `ProducerStateManager`.

use rpds::RedBlackTreeMapSync;

use crate::batch_header::BatchHeader;
use crate::ids::{Offset, ProducerId, TimestampMs};
use crate::log::AppendOrigin;
use crate::producer::append::ProducerAppendInfo;
use crate::producer::entry::{BatchMetadata, ProducerStateEntry};

/// A transaction that has begun in this partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TxnMetadata {
    pub producer_id: ProducerId,
    /// The offset of its first record.
    pub first_offset: Offset,
    /// The offset of its marker, once that is written.
    pub last_offset: Option<Offset>,
}

/// A transaction that a marker has just ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CompletedTxn {
    pub producer_id: ProducerId,
    /// The offset of its first record.
    pub first_offset: Offset,
    /// The offset of its marker.
    pub last_offset: Offset,
    pub is_aborted: bool,
}

/// An entry of a segment's transaction index: what readers of committed records skip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AbortedTxn {
    pub producer_id: ProducerId,
    /// The offset of its first record.
    pub first_offset: Offset,
    /// The offset of its marker.
    pub last_offset: Offset,
    /// The last stable offset once it was aborted: no transaction aborted later began before it.
    pub last_stable_offset: Offset,
}

/// The producers that a partition knows, their open transactions, and those whose marker is not below the high watermark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProducerStateManager {
    producers: RedBlackTreeMapSync<ProducerId, ProducerStateEntry>,
    ongoing: RedBlackTreeMapSync<Offset, TxnMetadata>,
    unreplicated: RedBlackTreeMapSync<Offset, TxnMetadata>,
}

impl TxnMetadata {
    pub(super) fn new(producer_id: ProducerId, first_offset: Offset) -> Self {
        Self { producer_id, first_offset, last_offset: None }
    }
}

impl ProducerStateManager {
    /// What is known of a producer.
    pub fn entry(&self, producer_id: ProducerId) -> Option<&ProducerStateEntry> {
        self.producers.get(&producer_id)
    }

    /// All producers, by id.
    pub fn producers(&self) -> impl Iterator<Item = (ProducerId, &ProducerStateEntry)> {
        self.producers.iter().map(|(&id, entry)| (id, entry))
    }

    /// The open transactions, by first offset.
    pub fn ongoing_transactions(&self) -> impl Iterator<Item = &TxnMetadata> {
        self.ongoing.values()
    }

    /// The batch that a client is sending again, if it is among the producer's last five.
    pub fn find_duplicate(&self, batch: &BatchHeader) -> Option<BatchMetadata> {
        self.entry(batch.producer_id)?.find_duplicate(batch)
    }

    /// Starts to check an append of one producer.
    pub fn prepare_update(
        &self,
        producer_id: ProducerId,
        origin: AppendOrigin,
    ) -> ProducerAppendInfo {
        let current = self.entry(producer_id).cloned().unwrap_or_default();
        ProducerAppendInfo::new(producer_id, current, origin)
    }

    /// Takes over an append that has been checked.
    pub fn update(&mut self, append: &ProducerAppendInfo) {
        let mut entry = self.entry(append.producer_id()).cloned().unwrap_or_default();
        entry.update(append.updated());
        self.producers.insert_mut(append.producer_id(), entry);
        for txn in append.started_transactions() {
            self.ongoing.insert_mut(txn.first_offset, *txn);
        }
    }

    /// Ends a transaction: it stays unreplicated until the high watermark passes its marker.
    ///
    /// # Panics
    /// If no such transaction is open.
    pub fn complete_transaction(&mut self, completed: &CompletedTxn) {
        let txn = self.ongoing.get(&completed.first_offset).copied();
        let txn = txn.expect("only a transaction that is open can be completed");
        self.ongoing.remove_mut(&completed.first_offset);
        let ended = TxnMetadata { last_offset: Some(completed.last_offset), ..txn };
        self.unreplicated.insert_mut(completed.first_offset, ended);
    }

    /// What the last stable offset will be once this transaction is completed and its marker replicated.
    pub fn last_stable_offset(&self, completed: &CompletedTxn) -> Offset {
        let mut others =
            self.ongoing.values().filter(|txn| txn.producer_id != completed.producer_id);
        others.next().map_or(completed.last_offset.next(), |txn| txn.first_offset)
    }

    /// The first offset of a transaction that is open, or whose marker is not below the high watermark.
    pub fn first_unstable_offset(&self) -> Option<Offset> {
        let first = |txns: &RedBlackTreeMapSync<Offset, TxnMetadata>| {
            txns.first().map(|(&offset, _)| offset)
        };
        [first(&self.ongoing), first(&self.unreplicated)].into_iter().flatten().min()
    }

    /// Forgets transactions whose marker lies below an offset: the high watermark, or a new log start.
    pub fn remove_unreplicated(&mut self, below: Offset) {
        let replicated = |txn: &&TxnMetadata| txn.last_offset.is_some_and(|last| last < below);
        let gone: Vec<Offset> =
            self.unreplicated.values().filter(replicated).map(|txn| txn.first_offset).collect();
        for first_offset in gone {
            self.unreplicated.remove_mut(&first_offset);
        }
    }

    /// Forgets producers that have no transaction open and have not written for `expiration_ms`:
    /// `producer.id.expiration.ms`, looked at every `producer.id.expiration.check.interval.ms`.
    pub fn remove_expired(&mut self, now: TimestampMs, expiration_ms: i64) {
        let expired = |entry: &ProducerStateEntry| {
            entry.current_txn_first_offset.is_none() && now - entry.last_timestamp >= expiration_ms
        };
        let gone: Vec<ProducerId> =
            self.producers().filter(|(_, entry)| expired(entry)).map(|(id, _)| id).collect();
        for id in gone {
            self.producers.remove_mut(&id);
        }
    }

    /// The state as it reads back from a snapshot file: producers, and from them the open transactions. Transactions that
    /// are complete are not written to it.
    #[must_use]
    pub fn from_snapshot(&self) -> Self {
        let mut ongoing = RedBlackTreeMapSync::default();
        for (id, entry) in self.producers() {
            if let Some(first_offset) = entry.current_txn_first_offset {
                ongoing.insert_mut(first_offset, TxnMetadata::new(id, first_offset));
            }
        }
        Self {
            producers: self.producers.clone(),
            ongoing,
            unreplicated: RedBlackTreeMapSync::default(),
        }
    }
}
