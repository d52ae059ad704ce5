//! What is left of one batch: Kafka's `RecordFilter` of the cleaner, and `MemoryRecords.filterTo`.

use super::offset_map::OffsetMap;
use super::outcome::{BatchFate, CleanedBatch, DropReason, DroppedRecord, EmptyReason};
use crate::batch::Batch;
use crate::batch_header::BatchHeader;
use crate::builder::{BatchBuilder, BatchOptions};
use crate::error::CorruptBatch;
use crate::ids::{Offset, TimestampMs};
use crate::log::Log;
use crate::producer::ProducerStateManager;
use crate::record::Record;

/// What holds for all batches of a pass.
pub(super) struct BatchFilter<'a> {
    map: &'a OffsetMap,
    producers: &'a ProducerStateManager,
    /// Where the part that can be cleaned ends (exclusive).
    end_of_round: Offset,
    delete_retention_ms: i64,
    now: TimestampMs,
}

impl<'a> BatchFilter<'a> {
    pub(super) fn new(
        log: &'a Log,
        map: &'a OffsetMap,
        end_of_round: Offset,
        now: TimestampMs,
    ) -> Self {
        let delete_retention_ms = log.config().delete_retention_ms;
        Self { map, producers: log.producer_state(), end_of_round, delete_retention_ms, now }
    }

    /// What is left of a batch, and what became of its records. `can_discard` tells that it belongs to a transaction of
    /// which nothing is to be read.
    pub(super) fn apply(
        &self,
        batch: &Batch,
        can_discard: bool,
    ) -> Result<(Option<Batch>, CleanedBatch), CorruptBatch> {
        let header = batch.header();
        let discarded = self.discards_all(header, can_discard);
        let (mut kept, mut dropped) = (Vec::new(), Vec::new());
        for record in batch.iter_records()? {
            let record = record?;
            match discarded.or_else(|| self.reason_to_drop(header, &record)) {
                Some(reason) => dropped.push(DroppedRecord { offset: record.offset, reason }),
                None => kept.push(record),
            }
        }
        // A marker may go some time after the last data of its transaction: readers may still be under way to it.
        let may_go =
            kept.iter().any(|record| record.value.is_none()) || (can_discard && header.is_control);
        let (left, fate) = if kept.is_empty() {
            match self.reason_to_keep_empty(header) {
                Some(reason) => (Some(batch.emptied()), BatchFate::Emptied(reason)),
                None => (None, BatchFate::Removed),
            }
        } else {
            let new_horizon = self.new_horizon(header).filter(|_| may_go);
            if dropped.is_empty() && new_horizon.is_none() {
                (Some(batch.clone()), BatchFate::Untouched)
            } else {
                let delete_horizon = new_horizon.or_else(|| header.delete_horizon());
                let rewritten = rewrite(header, &kept, delete_horizon);
                (Some(rewritten), BatchFate::Rewritten { delete_horizon })
            }
        };
        let (base_offset, last_offset) = (header.base_offset, header.last_offset());
        let kept = kept.iter().map(|record| record.offset).collect();
        Ok((left, CleanedBatch { base_offset, last_offset, fate, kept, dropped }))
    }

    /// Why all records of a batch go, whatever their keys.
    fn discards_all(&self, header: &BatchHeader, can_discard: bool) -> Option<DropReason> {
        match (can_discard, header.is_control) {
            (true, true) => self.is_past_horizon(header).then_some(DropReason::MarkerExpired),
            (true, false) => Some(DropReason::Aborted),
            (false, _) => None,
        }
    }

    fn reason_to_drop(&self, header: &BatchHeader, record: &Record) -> Option<DropReason> {
        if header.is_control || record.offset > self.map.latest_offset() {
            return None;
        }
        let Some(key) = &record.key else {
            return Some(DropReason::NoKey);
        };
        if let Some(by) = self.map.get(key).filter(|newest| *newest > record.offset) {
            return Some(DropReason::Superseded { by });
        }
        let is_expired = record.value.is_none() && self.is_past_horizon(header);
        is_expired.then_some(DropReason::TombstoneExpired)
    }

    /// The state of a producer that is still known is in its last batch, so the header of that stays; and that of the last
    /// batch of the round, lest the end of the clean part be forgotten.
    fn reason_to_keep_empty(&self, header: &BatchHeader) -> Option<EmptyReason> {
        let producer =
            self.producers.entry(header.producer_id).filter(|_| header.has_producer_id());
        let is_last = producer.is_some_and(|producer| match producer.last_data_offset() {
            Some(last) => header.last_offset() == last,
            // All that is left of it is the epoch that a marker brought.
            None => header.is_control && header.producer_epoch == producer.producer_epoch,
        });
        if is_last {
            Some(EmptyReason::LastOfProducer)
        } else {
            (header.next_offset() == self.end_of_round).then_some(EmptyReason::EndOfRound)
        }
    }

    fn is_past_horizon(&self, header: &BatchHeader) -> bool {
        header.delete_horizon().is_some_and(|horizon| horizon <= self.now)
    }

    /// The delete horizon for a batch that has none yet. A `delete.retention.ms` that reaches beyond the end of time gives
    /// none.
    fn new_horizon(&self, header: &BatchHeader) -> Option<TimestampMs> {
        if header.has_delete_horizon {
            return None;
        }
        self.now.0.checked_add(self.delete_retention_ms).map(TimestampMs)
    }
}

/// Writes a batch anew: base and last offset, producer and leader epoch stay what they were.
fn rewrite(header: &BatchHeader, kept: &[Record], delete_horizon: Option<TimestampMs>) -> Batch {
    let mut builder = BatchBuilder::new(BatchOptions {
        compression: header.compression,
        timestamp_type: header.timestamp_type,
        producer_id: header.producer_id,
        producer_epoch: header.producer_epoch,
        base_sequence: header.base_sequence,
        is_transactional: header.is_transactional,
        is_control: header.is_control,
    });
    if let Some(horizon) = delete_horizon {
        builder.set_delete_horizon(horizon);
    }
    for record in kept {
        let delta = (record.offset - header.base_offset) as i32;
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        builder.append_at(delta, record.timestamp, key, value, &record.headers);
    }
    builder.build_with_last(header.base_offset, header.leader_epoch, header.last_offset_delta)
}
