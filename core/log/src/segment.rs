//! A segment of a log, with its indexes: Kafka's `LogSegment`.

use bytes::Bytes;
use rpds::VectorSync;

use crate::batch::{Batch, split_batches, that_fit};
use crate::config::LogConfig;
use crate::error::{CorruptBatch, CorruptReason};
use crate::ids::{LeaderEpoch, Offset, TimestampMs};
use crate::producer::{AbortedTxn, ProducerStateManager};

/// An entry of the offset index (`.index`): the batch that ends with this offset begins at this position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OffsetIndexEntry {
    /// The last offset of the batch.
    pub offset: Offset,
    /// Where the batch begins in the segment, in bytes.
    pub position: usize,
}

/// An entry of the time index (`.timeindex`): no batch of the segment up to this offset has a later timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeIndexEntry {
    pub timestamp: TimestampMs,
    /// The last offset of the batch that has this timestamp.
    pub offset: Offset,
}

/// Bytes of an entry of the offset index, and of the time index.
const OFFSET_ENTRY_BYTES: usize = 8;
const TIME_ENTRY_BYTES: usize = 12;

/// A run of batches with its offset, time and transaction index. Cloning shares all of it.
#[derive(Clone, Debug)]
pub struct Segment {
    base_offset: Offset,
    batches: VectorSync<Placed>,
    size_in_bytes: usize,
    offset_index: VectorSync<OffsetIndexEntry>,
    time_index: VectorSync<TimeIndexEntry>,
    aborted: VectorSync<AbortedTxn>,
    bytes_since_last_index_entry: usize,
    max_timestamp: TimeIndexEntry,
    /// When the segment was made, as far as it is known: for the first segment of a log, when it was first appended to.
    created: Option<TimestampMs>,
    /// When it was last written to; the cleaner keeps that of the segments that it replaces.
    last_modified: Option<TimestampMs>,
    /// The state of producers at the base offset, from which it is rebuilt after truncation: Kafka's `.snapshot` file.
    snapshot: ProducerStateManager,
}

/// A batch and where it begins in its segment.
#[derive(Clone, Debug)]
struct Placed {
    batch: Batch,
    position: usize,
}

impl Segment {
    pub(crate) fn new(
        base_offset: Offset,
        created: Option<TimestampMs>,
        snapshot: ProducerStateManager,
    ) -> Self {
        Self {
            base_offset,
            batches: VectorSync::default(),
            size_in_bytes: 0,
            offset_index: VectorSync::default(),
            time_index: VectorSync::default(),
            aborted: VectorSync::default(),
            bytes_since_last_index_entry: 0,
            max_timestamp: TimeIndexEntry { timestamp: TimestampMs::NONE, offset: base_offset },
            created,
            last_modified: created,
            snapshot,
        }
    }

    /// Reads a segment from the bytes of its `.log` file and rebuilds its indexes, as recovery does after a crash. Stops
    /// where the bytes are no valid batch that goes on from the one before, and says why: a torn last batch is dropped.
    pub fn recover(
        base_offset: Offset,
        bytes: Bytes,
        index_interval_bytes: usize,
    ) -> (Self, Option<CorruptBatch>) {
        let mut segment = Self::new(base_offset, None, ProducerStateManager::default());
        let (batches, mut corrupt) = split_batches(bytes);
        for batch in batches {
            if batch.base_offset() < segment.next_offset() {
                corrupt = Some(out_of_order(&batch, segment.size_in_bytes));
                break;
            }
            let now = batch.header().max_timestamp;
            segment.append(batch, index_interval_bytes, now);
        }
        segment.become_inactive();
        (segment, corrupt)
    }

    /// The offset that the segment's files are named after. No batch in it begins lower.
    pub fn base_offset(&self) -> Offset {
        self.base_offset
    }

    /// The size of the `.log` file.
    pub fn size_in_bytes(&self) -> usize {
        self.size_in_bytes
    }

    /// How many batches it holds.
    pub fn batch_count(&self) -> usize {
        self.batches.len()
    }

    /// The batches in order.
    pub fn batches(&self) -> impl DoubleEndedIterator<Item = &Batch> {
        self.batches_from(0)
    }

    /// The batches in order, each with where it begins in the segment.
    pub fn positions(&self) -> impl DoubleEndedIterator<Item = (usize, &Batch)> {
        self.batches.iter().map(|placed| (placed.position, &placed.batch))
    }

    /// The entries of the offset index. The first batch has none.
    pub fn offset_index(&self) -> impl DoubleEndedIterator<Item = OffsetIndexEntry> + '_ {
        self.offset_index.iter().copied()
    }

    /// The entries of the time index.
    pub fn time_index(&self) -> impl DoubleEndedIterator<Item = TimeIndexEntry> + '_ {
        self.time_index.iter().copied()
    }

    /// The entries of the transaction index (`.txnindex`), by the offset of the marker.
    pub fn aborted_transactions(&self) -> impl DoubleEndedIterator<Item = &AbortedTxn> {
        self.aborted.iter()
    }

    /// Adds the aborted transactions that a reader of committed records needs for the batches from `from` up to `up_to`
    /// (exclusive). True if later segments have none of them.
    pub fn aborted_between(
        &self,
        from: Offset,
        up_to: Offset,
        found: &mut Vec<AbortedTxn>,
    ) -> bool {
        for aborted in self.aborted_transactions() {
            if aborted.last_offset >= from && aborted.first_offset < up_to {
                found.push(*aborted);
            }
            // None that was aborted later begins before this.
            if aborted.last_stable_offset >= up_to {
                return true;
            }
        }
        false
    }

    /// The greatest timestamp of a batch in the segment, and that batch's last offset; [`TimestampMs::NONE`] if there is
    /// none.
    pub fn max_timestamp(&self) -> TimeIndexEntry {
        self.max_timestamp
    }

    /// The greatest timestamp of a batch; of a segment in which no batch has one, when it was last written to.
    pub fn largest_timestamp(&self) -> TimestampMs {
        let of_batches = self.max_timestamp.timestamp;
        if of_batches.0 >= 0 { of_batches } else { self.last_modified().unwrap_or(of_batches) }
    }

    /// The maximum timestamp of the first batch, by which the segment's age counts.
    pub fn first_timestamp(&self) -> Option<TimestampMs> {
        let first = self.batches.first().map(|placed| placed.batch.header().max_timestamp);
        first.filter(|first| first.0 >= 0)
    }

    /// When the segment was last written to, as far as it is known.
    pub fn last_modified(&self) -> Option<TimestampMs> {
        self.last_modified
    }

    /// The size of the offset index (`.index`).
    pub fn offset_index_size_in_bytes(&self) -> usize {
        self.offset_index.len() * OFFSET_ENTRY_BYTES
    }

    /// The size of the time index (`.timeindex`).
    pub fn time_index_size_in_bytes(&self) -> usize {
        self.time_index.len() * TIME_ENTRY_BYTES
    }

    /// The offset after the last batch, or the base offset.
    pub fn next_offset(&self) -> Offset {
        self.batches.last().map_or(self.base_offset, |placed| placed.batch.header().next_offset())
    }

    /// The first record, by offset, whose timestamp is at least `target` and whose offset is not below `start`: its
    /// timestamp, offset, and its batch's leader epoch if it has one.
    pub fn offset_for_timestamp(
        &self,
        target: TimestampMs,
        start: Offset,
    ) -> Option<(TimestampMs, Offset, Option<LeaderEpoch>)> {
        // Batches that the time index shows to be older need not be looked at.
        let older = self.time_index().take_while(|entry| entry.timestamp <= target).last();
        let from = older.map_or(start, |entry| entry.offset.max(start));
        for batch in self.batches_from(self.index_of(from)) {
            if batch.header().max_timestamp < target {
                continue;
            }
            // What is in the log was read when it was appended, by this leader or the one it came from.
            let mut records = batch.iter_records().into_iter().flatten().flatten();
            let found = records.find(|record| record.timestamp >= target && record.offset >= start);
            if let Some(record) = found {
                let epoch = batch.header().leader_epoch;
                return Some((record.timestamp, record.offset, (epoch.0 >= 0).then_some(epoch)));
            }
        }
        None
    }

    /// Whole batches from the one that holds `from`, or else follows it, that take at most `max_bytes`; with
    /// `min_one_batch` the first comes even if it is larger. Nothing is copied.
    pub fn read(&self, from: Offset, max_bytes: usize, min_one_batch: bool) -> Vec<Batch> {
        let batches = self.batches_from(self.index_of(from));
        that_fit(batches, max_bytes, min_one_batch, Offset(i64::MAX))
    }

    /// The state of producers at the base offset.
    pub(crate) fn snapshot(&self) -> &ProducerStateManager {
        &self.snapshot
    }

    /// The batches from the one at this place on.
    pub(crate) fn batches_from(&self, index: usize) -> impl DoubleEndedIterator<Item = &Batch> {
        (index..self.batches.len()).map(|index| &self.placed(index).batch)
    }

    /// The place of the first batch whose last offset is not below `offset`: the one that holds it, if any does.
    pub(crate) fn index_of(&self, offset: Offset) -> usize {
        // Whoever reads at the end of the log is asked for most often.
        let is_at_end = self.batches.last().is_some_and(|last| last.batch.last_offset() < offset);
        if is_at_end {
            return self.batches.len();
        }
        partition_point(self.batches.len(), |index| self.placed(index).batch.last_offset() < offset)
    }

    /// Whether the segment is full, or old enough, for an append of `size` bytes up to `last_offset`, whose greatest
    /// timestamp is `max_timestamp`.
    pub(crate) fn should_roll(
        &self,
        config: &LogConfig,
        size: usize,
        last_offset: Offset,
        max_timestamp: TimestampMs,
        now: TimestampMs,
    ) -> bool {
        let waited = self.time_waited_for_roll(max_timestamp, now);
        let too_old = waited > config.max_segment_ms().saturating_sub(config.segment_jitter_ms);
        let offset_entries = config.segment_index_bytes / OFFSET_ENTRY_BYTES;
        // The last slot of the time index is kept for the entry that is written when the segment is rolled.
        let time_entries = (config.segment_index_bytes / TIME_ENTRY_BYTES).saturating_sub(1);
        self.size_in_bytes > config.segment_bytes.saturating_sub(size)
            || (self.size_in_bytes > 0 && too_old)
            || self.offset_index.len() >= offset_entries
            || self.time_index.len() >= time_entries
            || last_offset - self.base_offset > i64::from(i32::MAX)
    }

    /// Adds a batch at the end, with the index entries that are due.
    pub(crate) fn append(&mut self, batch: Batch, index_interval_bytes: usize, now: TimestampMs) {
        self.created.get_or_insert(now);
        self.last_modified = Some(now);
        self.append_cleaned(batch, index_interval_bytes);
    }

    /// Adds a batch at the end, with the index entries that are due, and leaves the time of the segment alone.
    pub(crate) fn append_cleaned(&mut self, batch: Batch, index_interval_bytes: usize) {
        let (offset, size) = (batch.last_offset(), batch.size_in_bytes());
        let timestamp = batch.header().max_timestamp;
        if timestamp > self.max_timestamp.timestamp {
            self.max_timestamp = TimeIndexEntry { timestamp, offset };
        }
        if self.bytes_since_last_index_entry > index_interval_bytes {
            self.offset_index
                .push_back_mut(OffsetIndexEntry { offset, position: self.size_in_bytes });
            self.append_time_index_entry();
            self.bytes_since_last_index_entry = 0;
        }
        self.batches.push_back_mut(Placed { batch, position: self.size_in_bytes });
        self.size_in_bytes += size;
        self.bytes_since_last_index_entry += size;
    }

    /// Adds an entry to the transaction index.
    pub(crate) fn append_aborted(&mut self, aborted: AbortedTxn) {
        self.aborted.push_back_mut(aborted);
    }

    /// Writes the last entry of the time index: nothing is appended to the segment any more.
    pub(crate) fn become_inactive(&mut self) {
        self.append_time_index_entry();
    }

    /// An empty segment in the place of this one, for the cleaner to fill.
    pub(crate) fn emptied(&self) -> Self {
        Self::new(self.base_offset, self.created, self.snapshot.clone())
    }

    /// The cleaner has filled the segment: it counts as modified when those were that it replaces.
    pub(crate) fn finish_cleaning(&mut self, last_modified: Option<TimestampMs>) {
        self.become_inactive();
        self.last_modified = last_modified;
    }

    /// Removes the batch that holds `offset` and all after it, whole batches only, with their index entries.
    pub(crate) fn truncate_to(&mut self, offset: Offset) {
        drop_last_while(&mut self.offset_index, |entry| entry.offset >= offset);
        drop_last_while(&mut self.time_index, |entry| entry.offset >= offset);
        drop_last_while(&mut self.aborted, |aborted| aborted.last_offset >= offset);
        drop_last_while(&mut self.batches, |placed| placed.batch.last_offset() >= offset);
        self.size_in_bytes =
            self.batches.last().map_or(0, |last| last.position + last.batch.size_in_bytes());
        self.bytes_since_last_index_entry = 0;
        self.max_timestamp = self.find_max_timestamp();
    }

    fn placed(&self, index: usize) -> &Placed {
        self.batches.get(index).expect("the place lies within the segment")
    }

    /// By the timestamps of records, if the first batch has one; else by the broker's time.
    fn time_waited_for_roll(&self, max_timestamp: TimestampMs, now: TimestampMs) -> i64 {
        match self.first_timestamp() {
            Some(first) => max_timestamp - first,
            None => self.created.map_or(0, |created| now - created),
        }
    }

    fn append_time_index_entry(&mut self) {
        let last = self.time_index.last().map_or(TimestampMs::NONE, |entry| entry.timestamp);
        if self.max_timestamp.timestamp > last {
            self.time_index.push_back_mut(self.max_timestamp);
        }
    }

    /// The first of the batches with the greatest timestamp.
    fn find_max_timestamp(&self) -> TimeIndexEntry {
        let none = TimeIndexEntry { timestamp: TimestampMs::NONE, offset: self.base_offset };
        let from_index = self.time_index.last().copied().unwrap_or(none);
        let after = self.batches_from(self.index_of(from_index.offset));
        after.fold(from_index, |largest, batch| {
            let timestamp = batch.header().max_timestamp;
            if timestamp > largest.timestamp {
                TimeIndexEntry { timestamp, offset: batch.last_offset() }
            } else {
                largest
            }
        })
    }
}

/// The batch does not go on from the one before it.
fn out_of_order(batch: &Batch, position: usize) -> CorruptBatch {
    let base_offset = batch.base_offset().0;
    let last_offset_delta = batch.header().last_offset_delta;
    CorruptBatch::new(position, CorruptReason::InvalidOffsets { base_offset, last_offset_delta })
}

/// The first of `0..len` for which `below` is false, which it stays from there on.
pub(crate) fn partition_point(len: usize, below: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if below(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn drop_last_while<T>(entries: &mut VectorSync<T>, goes: impl Fn(&T) -> bool) {
    while entries.last().is_some_and(&goes) {
        entries.drop_last_mut();
    }
}
