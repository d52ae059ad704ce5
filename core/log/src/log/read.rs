//! Reading: by offset, and looking up by timestamp.

use bytes::Bytes;

use super::Log;
use crate::batch::{Batch, joined, that_fit};
use crate::error::ReadError;
use crate::ids::{LeaderEpoch, Offset, TimestampMs};
use crate::producer::AbortedTxn;

impl Log {
    /// Whole batches from the one that holds `from`, or else follows it, as long as they lie below `up_to` (exclusive: a
    /// high watermark, a last stable offset, or the log end) and take at most `max_bytes`. With `min_one_batch` the first
    /// comes even if it is larger. Ends with the segment, as in Kafka. The bytes of a single batch are shared, not copied.
    ///
    /// # Errors
    /// If `from` lies below what is on the disk or beyond the log end. At the log end there is nothing to read, which is no error.
    pub fn read(
        &self,
        from: Offset,
        max_bytes: usize,
        min_one_batch: bool,
        up_to: Offset,
    ) -> Result<Bytes, ReadError> {
        let batches = self.read_batches(from, max_bytes, min_one_batch, up_to)?;
        Ok(joined(&batches))
    }

    /// As [`Log::read`], batch by batch; nothing is copied.
    pub fn read_batches(
        &self,
        from: Offset,
        max_bytes: usize,
        min_one_batch: bool,
        up_to: Offset,
    ) -> Result<Vec<Batch>, ReadError> {
        if from < self.local_log_start_offset() || from > self.log_end_offset {
            return Err(ReadError::OffsetOutOfRange {
                offset: from,
                log_start_offset: self.log_start_offset,
                log_end_offset: self.log_end_offset,
            });
        }
        let Some((segment, index)) = self.locate(from) else {
            return Ok(Vec::new());
        };
        let batches = self.segments.get(segment).batches_from(index);
        Ok(that_fit(batches, max_bytes, min_one_batch, up_to))
    }

    /// All batches in order.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> {
        self.segments().flat_map(|segment| segment.batches())
    }

    /// The batches in order, from the one that holds `from`, or else follows it.
    pub fn batches_from(&self, from: Offset) -> impl Iterator<Item = &Batch> {
        let place = self.locate(from);
        let (first, index) = place.unwrap_or((self.segments.len(), 0));
        (first..self.segments.len()).flat_map(move |segment| {
            let index = if segment == first { index } else { 0 };
            self.segments.get(segment).batches_from(index)
        })
    }

    /// The batches that begin before `to`, the newest first.
    pub fn batches_before(&self, to: Offset) -> impl Iterator<Item = &Batch> {
        let last = self.segments.floor(Offset(to.0.saturating_sub(1)));
        let segments = last.map_or(0, |last| last + 1);
        let batches =
            (0..segments).rev().flat_map(|segment| self.segments.get(segment).batches().rev());
        batches.skip_while(move |batch| batch.base_offset() >= to)
    }

    /// The first record, by offset, whose timestamp is at least `target`: its timestamp, offset, and its batch's leader
    /// epoch if it has one. Only segments whose greatest timestamp reaches the target are looked into.
    pub fn offset_for_timestamp(
        &self,
        target: TimestampMs,
    ) -> Option<(TimestampMs, Offset, Option<LeaderEpoch>)> {
        let segment =
            self.segments().find(|segment| segment.max_timestamp().timestamp >= target)?;
        segment.offset_for_timestamp(target, self.local_log_start_offset())
    }

    /// The aborted transactions that a reader of committed records needs for the batches from `from` up to `up_to`
    /// (exclusive).
    pub fn aborted_transactions(&self, from: Offset, up_to: Offset) -> Vec<AbortedTxn> {
        let mut found = Vec::new();
        let first = self.segments.floor(from).unwrap_or(0);
        for segment in (first..self.segments.len()).map(|index| self.segments.get(index)) {
            if segment.aborted_between(from, up_to, &mut found) {
                return found;
            }
        }
        found
    }

    /// Segment, and place within it, of the first batch whose last offset is not below `offset`.
    fn locate(&self, offset: Offset) -> Option<(usize, usize)> {
        let floor = self.segments.floor(offset).unwrap_or(0);
        let places = (floor..self.segments.len())
            .map(|segment| (segment, self.segments.get(segment).index_of(offset)));
        places
            .into_iter()
            .find(|&(segment, index)| index < self.segments.get(segment).batch_count())
    }
}
