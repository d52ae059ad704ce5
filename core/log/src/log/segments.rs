//! The segments of a log, shared between its clones.

use rpds::VectorSync;

use crate::ids::{Offset, TimestampMs};
use crate::producer::ProducerStateManager;
use crate::segment::{Segment, partition_point};

/// At least one segment; the last is active. Base offsets ascend.
#[derive(Clone, Debug)]
pub(super) struct Segments {
    closed: VectorSync<Segment>,
    active: Segment,
}

impl Segments {
    /// One empty segment.
    pub(super) fn new(base_offset: Offset, created: Option<TimestampMs>) -> Self {
        let active = Segment::new(base_offset, created, ProducerStateManager::default());
        Self { closed: VectorSync::default(), active }
    }

    /// One empty segment of a log whose producers are known already.
    pub(super) fn with_snapshot(base_offset: Offset, snapshot: ProducerStateManager) -> Self {
        Self { closed: VectorSync::default(), active: Segment::new(base_offset, None, snapshot) }
    }

    pub(super) fn active(&self) -> &Segment {
        &self.active
    }

    pub(super) fn active_mut(&mut self) -> &mut Segment {
        &mut self.active
    }

    pub(super) fn len(&self) -> usize {
        self.closed.len() + 1
    }

    pub(super) fn first(&self) -> &Segment {
        self.get(0)
    }

    /// # Panics
    /// If there is no such segment.
    pub(super) fn get(&self, index: usize) -> &Segment {
        assert!(index < self.len(), "segment {index} of {}", self.len());
        self.closed.get(index).unwrap_or(&self.active)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Segment> + ExactSizeIterator {
        (0..self.len()).map(|index| self.get(index))
    }

    /// The place of the last segment that begins at or before `offset`, if one does.
    pub(super) fn floor(&self, offset: Offset) -> Option<usize> {
        partition_point(self.len(), |index| self.get(index).base_offset() <= offset).checked_sub(1)
    }

    /// Makes `next` the active segment. An empty active segment that begins at the same offset is replaced.
    pub(super) fn roll(&mut self, next: Segment) {
        if next.base_offset() == self.active.base_offset() {
            assert!(
                self.active.batch_count() == 0,
                "a new segment begins after the active one, unless that is empty"
            );
            self.active = next;
            return;
        }
        assert!(next.base_offset() > self.active.base_offset(), "base offsets ascend");
        self.active.become_inactive();
        let closed = std::mem::replace(&mut self.active, next);
        self.closed.push_back_mut(closed);
    }

    /// Drops the segments that begin after `offset`; the last that is left is active again. At least the first is left.
    pub(super) fn drop_after(&mut self, offset: Offset) {
        while self.active.base_offset() > offset {
            let Some(previous) = self.closed.last().cloned() else {
                return;
            };
            self.closed.drop_last_mut();
            self.active = previous;
        }
    }

    /// The places of the segments from the one that holds `from` up to those that begin at or after `to`.
    pub(super) fn range(&self, from: Offset, to: Offset) -> std::ops::Range<usize> {
        let end = partition_point(self.len(), |index| self.get(index).base_offset() < to);
        self.floor(from).unwrap_or(0).min(end)..end
    }

    /// Puts others in the place of the first segments.
    ///
    /// # Panics
    /// If the active segment is among them.
    pub(super) fn replace_first(&mut self, count: usize, with: Vec<Segment>) {
        assert!(count < self.len(), "the active segment stays");
        let rest = (count..self.closed.len()).map(|index| self.get(index).clone());
        self.closed = with.into_iter().chain(rest).collect();
    }

    /// Drops the first segments.
    ///
    /// # Panics
    /// If none would be left.
    pub(super) fn drop_first(&mut self, count: usize) {
        assert!(count < self.len(), "the active segment stays");
        if count > 0 {
            self.replace_first(count, Vec::new());
        }
    }
}
