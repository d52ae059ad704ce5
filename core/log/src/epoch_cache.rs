//! Which leader epoch began at which offset: Kafka's `LeaderEpochFileCache` (KIP-101, KIP-279).

use rpds::RedBlackTreeMapSync;

use crate::ids::{LeaderEpoch, Offset};

/// An epoch and the first offset that its leader gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EpochEntry {
    pub epoch: LeaderEpoch,
    pub start_offset: Offset,
}

/// The epochs of a log. Epochs and start offsets ascend together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaderEpochCache {
    epochs: RedBlackTreeMapSync<LeaderEpoch, Offset>,
}

impl LeaderEpochCache {
    /// Notes that an epoch begins at an offset, unless it is the latest already and began no later. Entries that contradict
    /// the new one go: those of the same or a later epoch, or that begin at the same or a later offset.
    ///
    /// # Panics
    /// If either is negative.
    pub fn assign(&mut self, epoch: LeaderEpoch, start_offset: Offset) {
        assert!(
            epoch.0 >= 0 && start_offset.0 >= 0,
            "epoch {epoch} at {start_offset}: neither may be negative"
        );
        let needed = self
            .latest()
            .is_none_or(|last| last.epoch != epoch || start_offset < last.start_offset);
        if needed {
            self.remove_from_end(|entry| {
                entry.epoch >= epoch || entry.start_offset >= start_offset
            });
            self.epochs.insert_mut(epoch, start_offset);
        }
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = EpochEntry> + '_ {
        self.epochs.iter().map(|(&epoch, &start_offset)| EpochEntry { epoch, start_offset })
    }

    /// The last entry.
    pub fn latest(&self) -> Option<EpochEntry> {
        self.epochs.last().map(|(&epoch, &start_offset)| EpochEntry { epoch, start_offset })
    }

    /// The first entry.
    pub fn earliest(&self) -> Option<EpochEntry> {
        self.epochs.first().map(|(&epoch, &start_offset)| EpochEntry { epoch, start_offset })
    }

    /// The entries as far as they concern offsets from `from` up to `to` (exclusive), each beginning there at the earliest.
    /// An epoch in which nothing was written is not among them.
    pub fn entries_in(&self, from: Offset, to: Offset) -> Vec<EpochEntry> {
        let ends = self.entries().skip(1).map(|entry| entry.start_offset).chain([to]);
        let clipped = self.entries().zip(ends).map(|(entry, end)| {
            (EpochEntry { start_offset: entry.start_offset.max(from), ..entry }, end.min(to))
        });
        clipped.filter(|(entry, end)| entry.start_offset < *end).map(|(entry, _)| entry).collect()
    }

    /// The epoch that an offset was written in, as far as the entries tell.
    pub fn epoch_for_offset(&self, offset: Offset) -> Option<LeaderEpoch> {
        self.entries().rev().find(|entry| entry.start_offset <= offset).map(|entry| entry.epoch)
    }

    /// The greatest epoch known that is not above the one asked for, and the offset at which it ended: where the next one
    /// began, or the log's end. Asked for an epoch before the first, answers that epoch itself and where the first one
    /// began. `None` if the epoch is newer than any that is known, or none is.
    pub fn end_offset_for(
        &self,
        requested: LeaderEpoch,
        log_end_offset: Offset,
    ) -> Option<(LeaderEpoch, Offset)> {
        let latest = self.latest()?;
        if requested.0 < 0 || requested > latest.epoch {
            return None;
        }
        if requested == latest.epoch {
            return Some((requested, log_end_offset));
        }
        let after = (std::ops::Bound::Excluded(requested), std::ops::Bound::Unbounded);
        let (_, &end) =
            self.epochs.range(after).next().expect("the latest epoch lies above the one asked for");
        let floor = self.epochs.range(..=requested).next_back();
        Some((floor.map_or(requested, |(&epoch, _)| epoch), end))
    }

    /// Removes the entries that begin at or after an offset: the log was truncated there.
    pub fn truncate_from_end(&mut self, end_offset: Offset) {
        self.remove_from_end(|entry| entry.start_offset >= end_offset);
    }

    /// Removes the entries that end at or before an offset: the log starts there now, within the last of those that began
    /// at or before it, which is kept as beginning there.
    pub fn truncate_from_start(&mut self, start_offset: Offset) {
        let mut last_removed = None;
        while let Some(first) = self.earliest().filter(|first| first.start_offset <= start_offset) {
            self.epochs.remove_mut(&first.epoch);
            last_removed = Some(first.epoch);
        }
        if let Some(epoch) = last_removed {
            self.epochs.insert_mut(epoch, start_offset);
        }
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.epochs = RedBlackTreeMapSync::default();
    }

    fn remove_from_end(&mut self, goes: impl Fn(EpochEntry) -> bool) {
        while let Some(last) = self.latest().filter(|last| goes(*last)) {
            self.epochs.remove_mut(&last.epoch);
        }
    }
}
