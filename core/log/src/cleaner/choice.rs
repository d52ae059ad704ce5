//! What of a log can be cleaned, and whether that is due: Kafka's `LogCleanerManager` and `LogToClean`.

use std::cmp::Ordering;

use crate::config::LogConfig;
use crate::ids::{Offset, TimestampMs};
use crate::log::Log;
use crate::ratio::Ratio;
use crate::segment::Segment;

/// What the cleaner could do to a log now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogToClean {
    /// Where the last pass ended, or the log start.
    pub first_dirty_offset: Offset,
    /// The base offset of the first segment that must be left alone: the active one, one with records at or above the last
    /// stable offset, or one that holds a record younger than `min.compaction.lag.ms`.
    pub first_uncleanable_offset: Offset,
    /// The bytes of the segments below the first dirty offset.
    pub clean_bytes: u64,
    /// The bytes of the segments from the first dirty to the first uncleanable offset.
    pub cleanable_bytes: u64,
    /// Whether a dirty record is older than `max.compaction.lag.ms` (KIP-354): then the ratio does not matter.
    pub needs_compaction_now: bool,
}

impl LogToClean {
    /// Clean and cleanable bytes.
    pub fn total_bytes(&self) -> u64 {
        self.clean_bytes + self.cleanable_bytes
    }

    /// Whether the log is to be cleaned: its dirty part is more than `min.cleanable.dirty.ratio` of it, or too old.
    pub fn is_due(&self, min_cleanable_dirty_ratio: Ratio) -> bool {
        (self.needs_compaction_now && self.cleanable_bytes > 0)
            || min_cleanable_dirty_ratio.is_exceeded_by(self.cleanable_bytes, self.total_bytes())
    }

    /// Orders logs by the cleanable part of their bytes: the cleaner takes the filthiest first. A log without bytes comes
    /// before all others.
    pub fn cmp_by_ratio(&self, other: &Self) -> Ordering {
        let cross =
            |a: &Self, b: &Self| u128::from(a.cleanable_bytes) * u128::from(b.total_bytes().max(1));
        cross(self, other).cmp(&cross(other, self))
    }
}

impl Log {
    /// What the cleaner could do to the log now.
    pub fn log_to_clean(&self, now: TimestampMs) -> LogToClean {
        let first_dirty = self.first_dirty_offset();
        let limit = self.first_uncleanable_dirty_offset(first_dirty, now);
        let closed = self.closed_segments_from(limit).next();
        let first_uncleanable = closed.unwrap_or(self.active_segment()).base_offset();
        LogToClean {
            first_dirty_offset: first_dirty,
            first_uncleanable_offset: first_uncleanable,
            // An offset below all others: even one at 0 is greater.
            clean_bytes: size(self.segments_between(Offset(-1), first_dirty)),
            cleanable_bytes: size(
                self.segments_between(first_dirty.min(first_uncleanable), first_uncleanable),
            ),
            needs_compaction_now: self.compaction_delay_ms(first_dirty, now) > 0,
        }
    }

    /// The segments from the one that holds `from` up to those that begin at or after `to`: Kafka's `logSegments`.
    pub(super) fn segments_between(
        &self,
        from: Offset,
        to: Offset,
    ) -> impl DoubleEndedIterator<Item = &Segment> {
        let range = if from < to { self.segment_range(from, to) } else { 0..0 };
        range.map(|index| self.segment_at(index))
    }

    /// The cleaner checkpoint, unless it contradicts the log; then all is dirty.
    fn first_dirty_offset(&self) -> Offset {
        let start = self.log_start_offset();
        let valid = start..=self.log_end_offset();
        self.cleaner_checkpoint().filter(|offset| valid.contains(offset)).unwrap_or(start)
    }

    /// The offset from which nothing may be cleaned yet.
    fn first_uncleanable_dirty_offset(&self, first_dirty: Offset, now: TimestampMs) -> Offset {
        let lag_ms = self.config().min_compaction_lag_ms;
        let young =
            |segment: &&Segment| segment.largest_timestamp().0 > now.0.saturating_sub(lag_ms);
        let too_young = (lag_ms > 0)
            .then(|| self.closed_segments_from(first_dirty).find(young))
            .flatten()
            .map(Segment::base_offset);
        let limits = [self.last_stable_offset(), self.active_segment().base_offset()];
        let limit = limits.into_iter().chain(too_young).min().expect("there are two at least");
        limit.max(first_dirty)
    }

    /// By how much the oldest dirty segment is older than `max.compaction.lag.ms` allows; 0 if it is not.
    fn compaction_delay_ms(&self, first_dirty: Offset, now: TimestampMs) -> i64 {
        let LogConfig { max_compaction_lag_ms, .. } = self.config();
        let firsts = self.closed_segments_from(first_dirty).filter_map(Segment::first_timestamp);
        let Some(earliest) = firsts.filter(|timestamp| timestamp.0 > 0).min() else {
            return 0;
        };
        let clean_until = now.0.saturating_sub((*max_compaction_lag_ms).max(0));
        clean_until.saturating_sub(earliest.0).max(0)
    }

    /// The segments from the one that holds `from` on, but for the active one.
    fn closed_segments_from(&self, from: Offset) -> impl DoubleEndedIterator<Item = &Segment> {
        self.segments_between(from, self.active_segment().base_offset())
    }
}

fn size<'a>(segments: impl Iterator<Item = &'a Segment>) -> u64 {
    segments.map(|segment| segment.size_in_bytes() as u64).sum()
}
