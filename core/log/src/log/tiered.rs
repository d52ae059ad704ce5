//! Tiered storage (KIP-405): what of a log may go to the remote tier, what is known to be there, and how a follower begins
//! with what is.

use super::Log;
use crate::epoch_cache::EpochEntry;
use crate::ids::Offset;
use crate::producer::ProducerStateManager;
use crate::segment::Segment;

/// A closed segment with all that the remote tier keeps beside it.
#[derive(Clone, Debug)]
pub struct TierableSegment {
    /// Its batches and indexes.
    pub segment: Segment,
    /// Its last offset.
    pub end_offset: Offset,
    /// The leader epochs of its records, each with its first offset in the segment.
    pub epochs: Vec<EpochEntry>,
    /// The epochs of the whole log up to its end: `leader-epoch-checkpoint`.
    pub lineage: Vec<EpochEntry>,
    /// The producers as they stand at its end: the `.snapshot` file.
    pub producers: ProducerStateManager,
}

/// What a follower begins with that does not fetch what is in the remote tier.
#[derive(Clone, Debug)]
pub struct RemoteState {
    /// Where the leader's log starts, in whatever tier.
    pub log_start_offset: Offset,
    /// The offset after the last segment in the remote tier: the first that it fetches.
    pub next_offset: Offset,
    /// The epochs up to there.
    pub lineage: Vec<EpochEntry>,
    /// The producers as they stand there.
    pub producers: ProducerStateManager,
}

impl Log {
    /// The first offset on the disk. What lies below, down to the log start, is in the remote tier.
    pub fn local_log_start_offset(&self) -> Offset {
        self.local_log_start_offset.max(self.log_start_offset)
    }

    /// Whether an offset is to be read from the remote tier.
    pub fn is_in_remote_only(&self, offset: Offset) -> bool {
        self.config.remote_storage
            && self.log_start_offset <= offset
            && offset < self.local_log_start_offset()
    }

    /// The last offset that is known to be in the remote tier.
    pub fn highest_offset_in_remote(&self) -> Option<Offset> {
        self.highest_offset_in_remote
    }

    /// Learns that all up to an offset is in the remote tier.
    pub fn note_highest_offset_in_remote(&mut self, offset: Offset) {
        self.highest_offset_in_remote = self.highest_offset_in_remote.max(Some(offset));
    }

    /// Forgets what is in the remote tier, as a process does that ends.
    pub fn forget_remote(&mut self) {
        self.highest_offset_in_remote = None;
        self.local_log_start_offset = self.segments.first().base_offset();
    }

    /// The first closed segment that holds `from`, or follows it, and lies below the last stable offset.
    pub fn next_to_copy(&self, from: Offset) -> Option<TierableSegment> {
        let from = from.max(self.log_start_offset);
        let index = self.segments.floor(from).unwrap_or(0);
        if index + 1 >= self.segments.len() {
            return None;
        }
        let (segment, next) = (self.segments.get(index), self.segments.get(index + 1));
        let end = next.base_offset();
        (end <= self.last_stable_offset()).then(|| TierableSegment {
            segment: segment.clone(),
            end_offset: end - 1,
            epochs: self.epochs.entries_in(segment.base_offset(), end),
            lineage: self.epochs.entries_in(Offset(0), end),
            producers: next.snapshot().clone(),
        })
    }

    /// The bytes of segments that are not in the remote tier, the active one among them.
    pub fn only_local_size_in_bytes(&self) -> usize {
        self.only_local().map(Segment::size_in_bytes).sum()
    }

    /// How many closed segments are not in the remote tier, and their bytes: how far copying lags.
    pub fn remote_copy_lag(&self) -> (usize, usize) {
        // The active segment itself may be there: of a leader that rolled where this replica did not.
        let active = self.segments.active().base_offset();
        let closed = self.only_local().filter(|segment| segment.base_offset() < active);
        closed.fold((0, 0), |(count, bytes), segment| (count + 1, bytes + segment.size_in_bytes()))
    }

    /// Empties the log, which goes on where the remote tier ends.
    pub fn restart_from_remote(&mut self, state: RemoteState) {
        self.truncate_fully_and_start_at(state.next_offset);
        self.segments = super::segments::Segments::with_snapshot(
            state.next_offset,
            state.producers.from_snapshot(),
        );
        self.log_start_offset = state.log_start_offset.min(state.next_offset);
        for entry in state.lineage {
            self.epochs.assign(entry.epoch, entry.start_offset);
        }
        self.epochs.truncate_from_start(self.log_start_offset);
        self.rebuild_producers();
        if let Some(last) = state.next_offset.0.checked_sub(1).filter(|last| *last >= 0) {
            self.note_highest_offset_in_remote(Offset(last));
        }
    }

    /// The log as it would stand if nothing of it had left the disk: these segments of the remote tier, in order, stand
    /// before its own. Where one reaches into the next, the next has the say.
    #[must_use]
    pub fn with_remote(&self, segments: impl IntoIterator<Item = Segment>) -> Self {
        let on_disk = self.segments.first().base_offset();
        let mut before: Vec<Segment> = Vec::new();
        for segment in segments.into_iter().filter(|it| it.base_offset() < on_disk) {
            if let Some(last) = before.last_mut() {
                last.truncate_to(segment.base_offset());
            }
            before.push(segment);
        }
        if let Some(last) = before.last_mut() {
            last.truncate_to(on_disk);
        }
        let mut whole = self.clone();
        whole.segments.replace_first(0, before);
        whole.local_log_start_offset = whole.log_start_offset;
        whole
    }

    /// The log was cut off at an offset: what was copied beyond it is of another lineage.
    pub(super) fn truncate_remote(&mut self, offset: Offset) {
        self.highest_offset_in_remote =
            self.highest_offset_in_remote.map(|highest| highest.min(offset - 1));
        self.highest_offset_in_remote = self.highest_offset_in_remote.filter(|it| it.0 >= 0);
    }

    fn only_local(&self) -> impl Iterator<Item = &Segment> {
        let from = self.highest_offset_in_remote.map_or(Offset(0), Offset::next);
        self.segments.iter().filter(move |segment| segment.base_offset() >= from)
    }
}
