//! Whether remote segments belong to the log that a leader leads: they do if their leader epochs follow its own. After an
//! unclean election the store may hold what the new leader's log never had.

use std::collections::BTreeMap;

use highwater_log::{EpochEntry, LeaderEpoch, LeaderEpochCache, Log, Offset};

use super::cache::RemoteCache;
use super::{RemoteSegment, RemoteSegmentState};

/// Epochs and where they begin, without those in which nothing was written.
pub(crate) type Lineage = BTreeMap<LeaderEpoch, Offset>;

/// The epochs of a log or a segment in which something was written.
pub(crate) fn lineage(entries: impl IntoIterator<Item = EpochEntry>) -> Lineage {
    let mut filtered = Lineage::new();
    for entry in entries {
        if filtered.last_key_value().is_some_and(|(_, start)| *start == entry.start_offset) {
            filtered.pop_last();
        }
        filtered.insert(entry.epoch, entry.start_offset);
    }
    filtered
}

/// Whether a segment lies within the lineage of a log: `RemoteLogManager.isRemoteSegmentWithinLeaderEpochs`.
pub(crate) fn is_within(segment: &RemoteSegment, log_end: Offset, leader: &Lineage) -> bool {
    let own = lineage(segment.epochs.iter().copied());
    let (Some((&first, _)), Some((&last, _))) = (own.first_key_value(), own.last_key_value())
    else {
        return false;
    };
    let (Some((&leader_first, _)), Some((&leader_last, _))) =
        (leader.first_key_value(), leader.last_key_value())
    else {
        return false;
    };
    if last < leader_first || last > leader_last || segment.end_offset >= log_end {
        return false;
    }
    let next = |epochs: &Lineage, epoch: LeaderEpoch| {
        let after = (std::ops::Bound::Excluded(epoch), std::ops::Bound::Unbounded);
        epochs.range(after).next().map(|(epoch, start)| (*epoch, *start))
    };
    own.iter().all(|(&epoch, &start)| {
        // Of what lies below the log start, the leader may have forgotten the epochs.
        if epoch < leader_first {
            return true;
        }
        let Some(&leader_start) = leader.get(&epoch) else { return false };
        let begins_late_enough = epoch != first || start >= leader_start;
        let ends_early_enough =
            epoch != last || next(leader, epoch).is_none_or(|(_, end)| segment.end_offset < end);
        let goes_on_alike = epoch == last || next(leader, epoch) == next(&own, epoch);
        begins_late_enough && ends_early_enough && goes_on_alike
    })
}

/// The last offset of a log that is in the remote tier, by the epochs of the log, the latest first.
pub(crate) fn highest_remote_offset(cache: &RemoteCache, log: &Log) -> Option<Offset> {
    log.epoch_entries().rev().find_map(|entry| {
        let highest = cache.highest_offset(entry.epoch)?;
        // An earlier leader may have copied more of the epoch than this log has of it.
        let (_, end) = log.end_offset_for_epoch(entry.epoch)?;
        Some(highest.min(end - 1))
    })
}

/// Where the remote tier of a log begins, if it has one: its first segment by the epochs of the log.
pub(crate) fn remote_log_start(cache: &RemoteCache, log: &Log) -> Option<Offset> {
    let first = |entry: EpochEntry| cache.of_epoch(entry.epoch).first().map(|it| it.start_offset);
    log.epoch_entries().find_map(first)
}

/// The segment in which an offset of a log is read.
pub(crate) fn segment_of<'a>(
    cache: &'a RemoteCache,
    epochs: &LeaderEpochCache,
    offset: Offset,
) -> Option<&'a RemoteSegment> {
    cache.segment_for(epochs.epoch_for_offset(offset)?, offset)
}

/// The segments of a log that are in the remote tier, by their first offsets, each once.
pub(crate) fn copied<'a>(cache: &'a RemoteCache, log: &Log) -> Vec<&'a RemoteSegment> {
    let leader = lineage(log.epoch_entries());
    let mut found: Vec<&RemoteSegment> = Vec::new();
    for epoch in leader.keys() {
        for segment in cache.of_epoch(*epoch) {
            let is_new = found.iter().all(|known| known.id != segment.id);
            let is_there = segment.state == RemoteSegmentState::CopyFinished;
            if is_new && is_there && is_within(segment, log.log_end_offset(), &leader) {
                found.push(segment);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use highwater_log::TimestampMs;

    use super::*;
    use crate::ids::{BrokerId, PartitionIndex, TopicId};
    use crate::remote::{RemoteSegmentId, TopicIdPartition};

    fn entries(epochs: &[(i32, i64)]) -> Vec<EpochEntry> {
        let entry = |&(epoch, start): &(i32, i64)| EpochEntry {
            epoch: LeaderEpoch(epoch),
            start_offset: Offset(start),
        };
        epochs.iter().map(entry).collect()
    }

    #[track_caller]
    fn check(leader: &[(i32, i64)], offsets: (i64, i64), epochs: &[(i32, i64)], wanted: bool) {
        let segment = RemoteSegment {
            id: RemoteSegmentId(1),
            partition: TopicIdPartition { topic: TopicId(7), partition: PartitionIndex(0) },
            start_offset: Offset(offsets.0),
            end_offset: Offset(offsets.1),
            max_timestamp: TimestampMs(1),
            broker: BrokerId(1),
            event_timestamp: TimestampMs(1),
            size_bytes: 1,
            epochs: entries(epochs),
            state: RemoteSegmentState::CopyFinished,
        };
        let found = is_within(&segment, Offset(200), &lineage(entries(leader)));
        assert_eq!(found, wanted, "{offsets:?} {epochs:?} in {leader:?}");
    }

    #[test]
    fn a_segment_is_within_a_lineage_that_goes_the_same_way() {
        let leader = [(5, 10), (7, 15), (9, 100)];
        check(&leader, (5, 50), &[(5, 10), (7, 15)], true);
        check(&leader, (14, 150), &[(5, 14), (7, 15), (9, 100)], true);
        // It begins in an epoch before the leader had any of it.
        check(&leader, (5, 50), &[(5, 5), (7, 15)], false);
        // It ends where the leader is in a later epoch.
        check(&leader, (20, 120), &[(7, 20)], false);
        // Another epoch came between.
        check(&leader, (10, 50), &[(5, 10), (6, 12)], false);
        check(&leader, (10, 50), &[(5, 10), (6, 12), (7, 15)], false);
        // Beyond the end of the log, and beyond all that the leader knows.
        check(&leader, (100, 200), &[(9, 100)], false);
        check(&leader, (100, 120), &[(11, 100)], false);
        // The leader has forgotten the epochs below its log start.
        check(&leader, (0, 14), &[(3, 0), (5, 10)], true);
        check(&leader, (0, 9), &[(3, 0)], false);
        // Epochs without records do not count.
        check(&[(5, 10), (6, 15), (7, 15)], (10, 20), &[(5, 10), (7, 15)], true);
    }
}
