//! Taking back what was appended: a follower that diverged from its leader, and a power loss.

use super::Log;
use super::segments::Segments;
use crate::ids::{Offset, TimestampMs};
use crate::producer::ProducerStateManager;

impl Log {
    /// Removes everything from `offset` on; true if that was anything. Batches go as a whole, so one that `offset` lies
    /// within goes with the records before it, and the log yet goes on at `offset`.
    ///
    /// Beyond the log end, only epochs that begin there go: those of a leader that never wrote.
    ///
    /// # Panics
    /// If the offset is negative.
    pub fn truncate_to(&mut self, offset: Offset) -> bool {
        assert!(offset.0 >= 0, "cannot truncate to the negative offset {offset}");
        if offset >= self.log_end_offset {
            self.epochs.truncate_from_end(self.log_end_offset);
            return false;
        }
        if self.segments.first().base_offset() > offset {
            self.truncate_fully_and_start_at(offset);
            return true;
        }
        self.segments.drop_after(offset);
        self.segments.active_mut().truncate_to(offset);
        self.log_end_offset = offset;
        self.epochs.truncate_from_end(offset);
        self.log_start_offset = self.log_start_offset.min(offset);
        self.flushed_offset = self.flushed_offset.min(offset);
        self.high_watermark = self.high_watermark.min(offset);
        self.truncate_remote(offset);
        self.truncate_cleaner_checkpoint();
        self.rebuild_producers();
        true
    }

    /// Empties the log; it begins anew at `offset`. A follower does so when its leader's log begins beyond its own end.
    pub fn truncate_fully_and_start_at(&mut self, offset: Offset) {
        self.segments = Segments::new(offset, None);
        self.epochs.clear();
        self.producers = ProducerStateManager::default();
        self.log_start_offset = offset;
        self.log_end_offset = offset;
        self.high_watermark = offset;
        self.flushed_offset = offset;
        self.local_log_start_offset = offset;
        self.truncate_remote(offset);
        self.truncate_cleaner_checkpoint();
    }

    /// What a power loss leaves: the batches that were flushed. A batch is either whole or gone, since recovery drops a torn
    /// one by its CRC. The high watermark is at most the new log end; Kafka would read an older one from its checkpoint,
    /// which is for the caller to set.
    pub fn lose_unflushed(&mut self) {
        self.truncate_to(self.flushed_offset);
    }

    /// The state after a restart, clean or not, of a log whose bytes are all there: producers that have expired are
    /// forgotten, the rest follows from the batches.
    pub fn reload(&mut self, now: TimestampMs) {
        self.rebuild_producers();
        self.remove_expired_producers(now);
    }
}
