//! Log compaction: Kafka's log cleaner as one pass over a log that it is handed.
//!
//! A pass goes from the log's checkpoint up to what cannot be cleaned yet. It reads the keys of that dirty part into a map of
//! key and newest offset, and then writes all segments up to there anew, without the records that the map knows a newer
//! value of. What it did is answered as plain data, batch by batch.
//!
//! Names follow Kafka's own classes: [`LogToClean`] is itself, [`Log::clean`] is `Cleaner.doClean`, the offset map is
//! `SkimpyOffsetMap` but for its hashing, which could take two keys for one.

mod batch_filter;
mod choice;
mod offset_map;
mod outcome;
mod segment_groups;
mod transactions;

use crate::error::CorruptBatch;
use crate::ids::{Offset, TimestampMs};
use crate::log::Log;
use crate::segment::Segment;
use batch_filter::BatchFilter;
use offset_map::OffsetMap;
use transactions::CleanedTransactions;

pub use choice::LogToClean;
pub use outcome::{
    BatchFate, CleanedBatch, CleanedSegment, CleanerPass, DropReason, DroppedRecord, EmptyReason,
};

/// The keys that the cleaner's map holds with Kafka's defaults: `log.cleaner.dedupe.buffer.size` of 128 MiB at 24 bytes a
/// key, filled up to `log.cleaner.io.buffer.load.factor`, 0.9.
pub const DEFAULT_MAX_KEYS: usize = (128 << 20) / 24 * 9 / 10;

impl Log {
    /// Cleans the log as chosen by [`Log::log_to_clean`], and moves its cleaner checkpoint to where the pass ended: short of
    /// what could be cleaned if the map of keys was full, which happens at `max_keys`.
    ///
    /// # Errors
    /// If a batch cannot be read. The log is then as it was: Kafka marks such a partition as uncleanable.
    ///
    /// # Panics
    /// If `max_keys` is 0: the pass would never get anywhere.
    pub fn clean(
        &mut self,
        chosen: &LogToClean,
        max_keys: usize,
        now: TimestampMs,
    ) -> Result<CleanerPass, CorruptBatch> {
        assert!(max_keys > 0, "a map for no keys makes no progress");
        let (start, end) = (chosen.first_dirty_offset, chosen.first_uncleanable_offset);
        if start >= end {
            return Ok(CleanerPass { end_offset: start, segments: Vec::new() });
        }
        let map = OffsetMap::build(self, start, end, max_keys)?;
        let end_offset = map.latest_offset().next();
        let filter = BatchFilter::new(self, &map, end, now);
        let sources: Vec<&Segment> = self.segments_between(Offset(0), end_offset).collect();
        let mut transactions = CleanedTransactions::default();
        let (mut segments, mut outcomes) = (Vec::new(), Vec::new());
        for group in segment_groups::group_by_size(&sources, self.config(), end) {
            let (segment, outcome) = self.clean_group(group, &filter, &mut transactions)?;
            segments.push(segment);
            outcomes.push(outcome);
        }
        let replaced = sources.len();
        self.replace_first_segments(replaced, segments);
        self.set_cleaner_checkpoint(end_offset);
        Ok(CleanerPass { end_offset, segments: outcomes })
    }

    /// Writes what is left of some neighbouring segments into one, which begins where the first of them did and counts as
    /// modified when the last of them was.
    fn clean_group(
        &self,
        group: &[&Segment],
        filter: &BatchFilter<'_>,
        transactions: &mut CleanedTransactions,
    ) -> Result<(Segment, CleanedSegment), CorruptBatch> {
        let (first, last) = (group[0], group[group.len() - 1]);
        let mut cleaned = first.emptied();
        let mut batches = Vec::new();
        for (index, source) in group.iter().enumerate() {
            let next = group.get(index + 1);
            let upper = next.map_or(source.next_offset(), |next| next.base_offset());
            transactions.add_aborted(self.aborted_transactions(source.base_offset(), upper));
            for batch in source.batches() {
                let read = transactions.on_batch(batch)?;
                if let Some(aborted) = read.index_entry {
                    cleaned.append_aborted(aborted);
                }
                let (kept, outcome) = filter.apply(batch, read.can_discard)?;
                if let Some(kept) = kept {
                    cleaned.append_cleaned(kept, self.config().index_interval_bytes);
                }
                batches.push(outcome);
            }
        }
        cleaned.finish_cleaning(last.last_modified());
        let outcome = CleanedSegment {
            sources: group.iter().map(|source| source.base_offset()).collect(),
            size_before: group.iter().map(|source| source.size_in_bytes()).sum(),
            size_after: cleaned.size_in_bytes(),
            batches,
        };
        Ok((cleaned, outcome))
    }
}
