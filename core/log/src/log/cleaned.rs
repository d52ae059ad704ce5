//! What the cleaner needs of a log: segments by place, their replacement, and how far the log is clean.

use super::Log;
use crate::ids::Offset;
use crate::segment::Segment;

impl Log {
    /// The offset up to which the log was cleaned (exclusive), if it ever was: its entry in `cleaner-offset-checkpoint`.
    pub fn cleaner_checkpoint(&self) -> Option<Offset> {
        self.cleaner_checkpoint
    }

    pub(crate) fn set_cleaner_checkpoint(&mut self, offset: Offset) {
        self.cleaner_checkpoint = Some(offset);
    }

    /// What was cut off can be written anew, and is dirty then.
    pub(super) fn truncate_cleaner_checkpoint(&mut self) {
        let active = self.segments.active().base_offset();
        self.cleaner_checkpoint = self.cleaner_checkpoint.map(|offset| offset.min(active));
    }

    /// The places of the segments from the one that holds `from` up to those that begin at or after `to`.
    pub(crate) fn segment_range(&self, from: Offset, to: Offset) -> std::ops::Range<usize> {
        self.segments.range(from, to)
    }

    /// # Panics
    /// If there is no such segment.
    pub(crate) fn segment_at(&self, index: usize) -> &Segment {
        self.segments.get(index)
    }

    /// Puts cleaned segments in the place of the first ones, of which the active one is none.
    pub(crate) fn replace_first_segments(&mut self, count: usize, with: Vec<Segment>) {
        self.segments.replace_first(count, with);
    }
}
