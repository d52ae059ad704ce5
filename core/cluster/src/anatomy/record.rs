//! A record opened: what it holds, and why it is in its partition and in no other.

use highwater_log::{EndTransactionMarker, LeaderEpoch, Offset, Record, Sequence};

use crate::anatomy::batch::batch_of;
use crate::anatomy::internal::Decoded;
use crate::anatomy::key_hash::KeyHash;
use crate::anatomy::partition::{CellKind, CellTransaction, kind, transaction};
use crate::group::java_hash;
use crate::ids::{BrokerId, TopicPartition};
use crate::world::World;

/// A record opened.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordAnatomy {
    /// The record.
    pub record: Record,
    /// What it is.
    pub kind: CellKind,
    /// The marker that it is, if it ends a transaction.
    pub marker: Option<EndTransactionMarker>,
    /// How it stands with its transaction.
    pub transaction: CellTransaction,
    /// The base offset of its batch.
    pub batch: Offset,
    /// Its place in the batch, from 0.
    pub index: usize,
    /// The sequence number that its producer gave it, if it is idempotent.
    pub sequence: Option<Sequence>,
    /// The epoch of the leader that appended it.
    pub leader_epoch: LeaderEpoch,
    /// Key and value as Kafka's record types, in an internal topic.
    pub decoded: Option<Decoded>,
    /// Why it is in this partition.
    pub why: WhyHere,
    /// The records before and after it in its batch, by their offsets.
    pub neighbours: (Option<Offset>, Option<Offset>),
}

/// Why a record is in its partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyHere {
    /// A marker goes to each partition that its transaction wrote to.
    Marker,
    /// Its coordinator wrote it: the partition follows from the group or transactional id by Java's
    /// `String.hashCode`.
    Coordinator {
        /// The id.
        id: String,
        /// Its hash.
        hash: i32,
        /// The hash with its sign bit cleared.
        positive: i32,
        /// The partitions of the topic now.
        partitions: i32,
        /// The partition that follows.
        partition: i32,
    },
    /// By the hash of its key, which leads here.
    Key(KeyHash),
    /// The hash of its key leads elsewhere: it was put here by a partitioner of the producer's own, by
    /// its application, or while the topic had another number of partitions.
    NotByKey(KeyHash),
    /// It has no key: it stuck to the partition that the producer's sticky partitioner was at (KIP-794).
    Sticky {
        /// The records without a key in its batch, which stuck together.
        together: usize,
    },
}

impl World {
    /// The record of a replica at an offset.
    pub fn record_anatomy(
        &self,
        broker: BrokerId,
        partition: &TopicPartition,
        offset: Offset,
    ) -> Option<RecordAnatomy> {
        let log = self.log(broker, partition)?;
        let batch = batch_of(log, offset)?;
        let records = batch.records().ok()?;
        let index = records.iter().position(|record| record.offset == offset)?;
        let record = records[index].clone();
        let header = batch.header();
        let decoded = record
            .key
            .as_ref()
            .filter(|_| !header.is_control)
            .and_then(|key| Decoded::of(&partition.topic, key, record.value.as_ref()));
        let aborted = log.aborted_transactions(offset, offset.next());
        let at = |index: Option<usize>| Some(records.get(index?)?.offset);
        Some(RecordAnatomy {
            kind: kind(batch, &record),
            marker: header
                .is_control
                .then(|| EndTransactionMarker::parse(&record).ok().flatten())
                .flatten(),
            transaction: transaction(log, batch, offset, &aborted),
            batch: batch.base_offset(),
            index,
            sequence: Some(header.sequence_at(offset)).filter(|known| *known != Sequence::NONE),
            leader_epoch: header.leader_epoch,
            why: self.why_here(partition, header.is_control, &record, &records, decoded.as_ref()),
            neighbours: (at(index.checked_sub(1)), at(index.checked_add(1))),
            decoded,
            record,
        })
    }

    fn why_here(
        &self,
        partition: &TopicPartition,
        is_control: bool,
        record: &Record,
        batch: &[Record],
        decoded: Option<&Decoded>,
    ) -> WhyHere {
        if is_control {
            return WhyHere::Marker;
        }
        let partitions = self.partition_count(partition);
        if let Some(decoded) = decoded {
            let hash = java_hash::hash_code(&decoded.id);
            let positive = hash & i32::MAX;
            let id = decoded.id.clone();
            let partition = positive % partitions;
            return WhyHere::Coordinator { id, hash, positive, partitions, partition };
        }
        let Some(key) = &record.key else {
            let together = batch.iter().filter(|record| record.key.is_none()).count();
            return WhyHere::Sticky { together };
        };
        let hash = KeyHash::new(key, partitions);
        if hash.partition == partition.partition {
            WhyHere::Key(hash)
        } else {
            WhyHere::NotByKey(hash)
        }
    }

    /// How many partitions the topic has; one at least, if it is gone from the metadata.
    fn partition_count(&self, partition: &TopicPartition) -> i32 {
        let topic = self.metadata().and_then(|image| image.topics.get(&partition.topic));
        let known = topic.map_or(0, |topic| topic.partitions.len() as i32);
        known.max(partition.partition.0.saturating_add(1)).max(1)
    }
}
