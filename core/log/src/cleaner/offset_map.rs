//! The newest offset of each key in the dirty part of a log.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::transactions::CleanedTransactions;
use crate::batch::Batch;
use crate::error::CorruptBatch;
use crate::ids::Offset;
use crate::log::Log;

/// Keys and their newest offsets, and how far the log was read for them.
#[derive(Debug)]
pub(super) struct OffsetMap {
    offsets: BTreeMap<Bytes, Offset>,
    latest_offset: Offset,
    max_keys: usize,
}

/// The map takes no further record: the pass ends at the last one that it took.
struct Full;

impl OffsetMap {
    /// Reads the keys from `start` up to `end`, or until the map is full. Records of aborted transactions do not count.
    pub(super) fn build(
        log: &Log,
        start: Offset,
        end: Offset,
        max_keys: usize,
    ) -> Result<Self, CorruptBatch> {
        let mut map = Self { offsets: BTreeMap::new(), latest_offset: Offset(-1), max_keys };
        let mut transactions = CleanedTransactions::default();
        transactions.add_aborted(log.aborted_transactions(start, end));
        let dirty: Vec<_> = log.segments_between(start, end).collect();
        for (index, segment) in dirty.iter().enumerate() {
            for batch in segment.batches_from(segment.index_of(start)) {
                let is_aborted =
                    transactions.on_batch(batch)?.can_discard && !batch.header().is_control;
                if !is_aborted
                    && !batch.header().is_control
                    && let Err(Full) = map.put_all(batch, start)?
                {
                    return Ok(map);
                }
                map.latest_offset = batch.last_offset();
            }
            // Offsets may be missing at a segment's end; the segment is done all the same.
            let next = dirty.get(index + 1).map_or(end, |next| next.base_offset());
            map.latest_offset = next - 1;
        }
        Ok(map)
    }

    /// The newest offset of a key, if the key is in the dirty part.
    pub(super) fn get(&self, key: &[u8]) -> Option<Offset> {
        self.offsets.get(key).copied()
    }

    /// The offset up to which the log was read (inclusive).
    pub(super) fn latest_offset(&self) -> Offset {
        self.latest_offset
    }

    fn put_all(&mut self, batch: &Batch, start: Offset) -> Result<Result<(), Full>, CorruptBatch> {
        for record in batch.iter_records()? {
            let record = record?;
            let Some(key) = record.key.filter(|_| record.offset >= start) else { continue };
            // Even a key that is in the map already is refused once the map is full, as in Kafka.
            if self.offsets.len() >= self.max_keys {
                return Ok(Err(Full));
            }
            self.offsets.insert(key, record.offset);
            self.latest_offset = record.offset;
        }
        Ok(Ok(()))
    }
}
