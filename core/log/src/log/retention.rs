//! Letting go of the old: the log start offset, and segments by age and size.

use super::Log;
use crate::error::ReadError;
use crate::ids::{Offset, TimestampMs};

impl Log {
    /// Moves the log start up to `offset`, as DeleteRecords does, and followers after their leader; false if it is there
    /// already. Segments that lie below it go with the next [`Log::delete_old_segments`].
    ///
    /// # Errors
    /// If the offset lies beyond the high watermark.
    pub fn increment_log_start_offset(&mut self, offset: Offset) -> Result<bool, ReadError> {
        if offset > self.high_watermark {
            return Err(ReadError::OffsetOutOfRange {
                offset,
                log_start_offset: self.log_start_offset,
                log_end_offset: self.log_end_offset,
            });
        }
        if offset <= self.log_start_offset {
            return Ok(false);
        }
        self.log_start_offset = offset;
        self.flushed_offset = self.flushed_offset.max(offset);
        self.epochs.truncate_from_start(offset);
        self.producers.remove_unreplicated(offset);
        Ok(true)
    }

    /// Deletes whole segments that `retention.ms`, `retention.bytes` or the log start let go, in this order; answers how
    /// many. With a remote tier it is `local.retention.ms` and `local.retention.bytes`, and only what is there goes. Under `cleanup.policy=compact` only those below the log start. Nothing at or above the high watermark goes.
    pub fn delete_old_segments(&mut self, now: TimestampMs) -> usize {
        if !self.config.delete {
            return self.delete_below_log_start(now);
        }
        self.delete_too_old(now) + self.delete_too_large(now) + self.delete_below_log_start(now)
    }

    fn delete_too_old(&mut self, now: TimestampMs) -> usize {
        let retention_ms = self.config.disk_retention_ms();
        if retention_ms < 0 {
            return 0;
        }
        self.delete_first_while(now, |log, index| {
            let newest = log.segments.get(index).largest_timestamp();
            newest.0 >= 0 && now - newest > retention_ms
        })
    }

    fn delete_too_large(&mut self, now: TimestampMs) -> usize {
        let size = self.size_in_bytes() as i64;
        let retention_bytes = self.config.disk_retention_bytes();
        if retention_bytes < 0 || size < retention_bytes {
            return 0;
        }
        let mut excess = size - retention_bytes;
        self.delete_first_while(now, |log, index| {
            excess -= log.segments.get(index).size_in_bytes() as i64;
            excess >= 0
        })
    }

    fn delete_below_log_start(&mut self, now: TimestampMs) -> usize {
        self.delete_first_while(now, |log, index| {
            let next = index + 1;
            next < log.segments.len()
                && log.segments.get(next).base_offset() <= log.local_log_start_offset()
        })
    }

    /// Whether a segment that ends before `end` is needed on the disk no longer: it is in the remote tier, or below the log
    /// start.
    fn may_leave_disk(&self, end: Offset, is_active: bool) -> bool {
        !self.config.copies_to_remote()
            || self.highest_offset_in_remote.is_some_and(|highest| end - 1 <= highest)
            || (!is_active && self.log_start_offset >= end)
    }

    /// Deletes segments from the first on as long as all they hold lies below the high watermark and `goes` says so. The
    /// active one goes only if it holds something; a new one takes its place.
    fn delete_first_while(
        &mut self,
        now: TimestampMs,
        mut goes: impl FnMut(&Self, usize) -> bool,
    ) -> usize {
        let mut count = 0;
        while count < self.segments.len() {
            let last = count + 1 == self.segments.len();
            let end =
                if last { self.log_end_offset } else { self.segments.get(count + 1).base_offset() };
            let empty = last && self.segments.get(count).batch_count() == 0;
            if self.high_watermark < end || empty || !goes(self, count) {
                break;
            }
            if !self.may_leave_disk(end, last) {
                if last {
                    // What retention lets go is closed, so that it can be copied.
                    self.roll(now);
                }
                break;
            }
            count += 1;
        }
        if count == 0 {
            return 0;
        }
        if count == self.segments.len() {
            self.roll(now);
        }
        self.segments.drop_first(count);
        let start = self.segments.first().base_offset();
        if self.config.copies_to_remote() {
            self.local_log_start_offset = self.local_log_start_offset.max(start);
        } else if start > self.log_start_offset {
            // Segments go only below the high watermark, so the log start may follow.
            self.increment_log_start_offset(start)
                .expect("the segments that went lie below the high watermark");
        }
        count
    }
}
