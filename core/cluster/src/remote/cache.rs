//! What a broker knows of the remote segments of a partition, from the records of `__remote_log_metadata`:
//! `RemoteLogMetadataCache` and `RemoteLogLeaderEpochState`.

use std::collections::{BTreeMap, BTreeSet};

use highwater_log::{LeaderEpoch, Offset};

use super::{RemoteSegment, RemoteSegmentId, RemoteSegmentState};
use crate::remote::records::RemoteRecord;

/// The remote segments of a partition, and by leader epoch which of them is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct RemoteCache {
    segments: BTreeMap<RemoteSegmentId, RemoteSegment>,
    epochs: BTreeMap<LeaderEpoch, EpochState>,
}

/// The segments that hold records of one leader epoch.
#[derive(Clone, Debug, Default)]
struct EpochState {
    /// Those that are read, by their first offset in the epoch.
    by_offset: BTreeMap<Offset, RemoteSegmentId>,
    /// Those that are being copied or deleted, or that another one stands in for.
    unreferenced: BTreeSet<RemoteSegmentId>,
    /// The last offset of the epoch that was ever copied.
    highest: Option<Offset>,
}

impl RemoteCache {
    /// Takes a record over. One that cannot follow what is known is dropped, as in Kafka.
    pub(crate) fn apply(&mut self, record: &RemoteRecord) {
        match record {
            RemoteRecord::Segment(segment) => self.begin(segment.clone()),
            RemoteRecord::Update { id, state, broker, timestamp, .. } => {
                let Some(known) = self.segments.get(id).cloned() else { return };
                if known.state.may_become(*state) {
                    self.update(RemoteSegment {
                        state: *state,
                        broker: *broker,
                        event_timestamp: *timestamp,
                        ..known
                    });
                }
            }
        }
    }

    /// The segment from which an offset of a leader epoch is read.
    pub(crate) fn segment_for(&self, epoch: LeaderEpoch, offset: Offset) -> Option<&RemoteSegment> {
        let (_, id) = self.epochs.get(&epoch)?.by_offset.range(..=offset).next_back()?;
        let segment = self.segments.get(id)?;
        let entry = *segment.epochs.iter().find(|entry| entry.epoch == epoch)?;
        (offset <= segment.end_of_epoch(entry)).then_some(segment)
    }

    /// The last offset of a leader epoch that was copied.
    pub(crate) fn highest_offset(&self, epoch: LeaderEpoch) -> Option<Offset> {
        self.epochs.get(&epoch)?.highest
    }

    /// The segments that hold records of a leader epoch, in whatever state, by their first offsets.
    pub(crate) fn of_epoch(&self, epoch: LeaderEpoch) -> Vec<&RemoteSegment> {
        let Some(state) = self.epochs.get(&epoch) else { return Vec::new() };
        let ids = state.by_offset.values().chain(&state.unreferenced);
        let mut found: Vec<_> = ids.filter_map(|id| self.segments.get(id)).collect();
        found.sort_by_key(|segment| segment.start_offset);
        found
    }

    /// All segments that are not gone, in whatever state.
    pub(crate) fn all(&self) -> impl Iterator<Item = &RemoteSegment> {
        self.segments.values()
    }

    /// What is known of a copy.
    pub(crate) fn segment(&self, id: RemoteSegmentId) -> Option<&RemoteSegment> {
        self.segments.get(&id)
    }

    fn begin(&mut self, segment: RemoteSegment) {
        if self.segments.contains_key(&segment.id)
            || segment.state != RemoteSegmentState::CopyStarted
        {
            return;
        }
        for entry in &segment.epochs {
            self.epochs.entry(entry.epoch).or_default().unreferenced.insert(segment.id);
        }
        self.segments.insert(segment.id, segment);
    }

    fn update(&mut self, segment: RemoteSegment) {
        for entry in &segment.epochs {
            let end = segment.end_of_epoch(*entry);
            let state = self.epochs.entry(entry.epoch).or_default();
            match segment.state {
                RemoteSegmentState::CopyStarted => {}
                RemoteSegmentState::CopyFinished => {
                    state.copied(entry.start_offset, end, segment.id)
                }
                RemoteSegmentState::DeleteStarted => {
                    if state.by_offset.get(&entry.start_offset) == Some(&segment.id) {
                        state.by_offset.remove(&entry.start_offset);
                    }
                    state.unreferenced.insert(segment.id);
                }
                RemoteSegmentState::DeleteFinished => {
                    state.unreferenced.remove(&segment.id);
                }
            }
        }
        if segment.state == RemoteSegmentState::DeleteFinished {
            self.segments.remove(&segment.id);
        } else {
            self.segments.insert(segment.id, segment);
        }
    }
}

impl EpochState {
    /// A segment is there. Those that it holds too, which an earlier leader copied, are read no longer.
    fn copied(&mut self, start: Offset, end: Offset, id: RemoteSegmentId) {
        while let Some((&last, &replaced)) = self.by_offset.last_key_value() {
            if last < start || self.highest.is_some_and(|highest| highest > end) {
                break;
            }
            self.by_offset.remove(&last);
            self.unreferenced.insert(replaced);
        }
        self.by_offset.insert(start, id);
        self.unreferenced.remove(&id);
        self.highest = self.highest.max(Some(end));
    }
}

#[cfg(test)]
mod tests {
    use highwater_log::{EpochEntry, TimestampMs};

    use super::*;
    use crate::ids::{BrokerId, PartitionIndex, TopicId};
    use crate::remote::TopicIdPartition;
    use RemoteSegmentState::{CopyFinished, DeleteFinished, DeleteStarted};

    const PARTITION: TopicIdPartition =
        TopicIdPartition { topic: TopicId(7), partition: PartitionIndex(0) };

    fn segment(id: u128, offsets: (i64, i64), epochs: &[(i32, i64)]) -> RemoteSegment {
        let entry = |&(epoch, start): &(i32, i64)| EpochEntry {
            epoch: LeaderEpoch(epoch),
            start_offset: Offset(start),
        };
        RemoteSegment {
            id: RemoteSegmentId(id),
            partition: PARTITION,
            start_offset: Offset(offsets.0),
            end_offset: Offset(offsets.1),
            max_timestamp: TimestampMs(1),
            broker: BrokerId(1),
            event_timestamp: TimestampMs(1),
            size_bytes: 100,
            epochs: epochs.iter().map(entry).collect(),
            state: RemoteSegmentState::CopyStarted,
        }
    }

    fn update(id: u128, state: RemoteSegmentState) -> RemoteRecord {
        RemoteRecord::Update {
            id: RemoteSegmentId(id),
            partition: PARTITION,
            broker: BrokerId(1),
            timestamp: TimestampMs(2),
            state,
        }
    }

    /// Which copy an offset of an epoch is read from after these segments were copied and these updates made.
    #[track_caller]
    fn check(
        segments: &[RemoteSegment],
        updates: &[(u128, RemoteSegmentState)],
        reads: &[(i32, i64, Option<u128>)],
    ) {
        let mut cache = RemoteCache::default();
        for segment in segments {
            cache.apply(&RemoteRecord::Segment(segment.clone()));
            cache.apply(&update(segment.id.0, CopyFinished));
        }
        for (id, state) in updates {
            cache.apply(&update(*id, *state));
        }
        for (epoch, offset, wanted) in reads {
            let found = cache.segment_for(LeaderEpoch(*epoch), Offset(*offset));
            assert_eq!(found.map(|found| found.id.0), *wanted, "epoch {epoch}, offset {offset}");
        }
    }

    #[test]
    fn an_offset_is_read_from_the_segment_that_holds_it_in_its_epoch() {
        let two = [segment(1, (0, 9), &[(0, 0)]), segment(2, (10, 19), &[(0, 10), (3, 15)])];
        let reads = [
            (0, 0, Some(1)),
            (0, 9, Some(1)),
            (0, 14, Some(2)),
            (0, 15, None),
            (3, 15, Some(2)),
            (3, 14, None),
            (3, 20, None),
            (1, 5, None),
        ];
        check(&two, &[], &reads);
        check(&two, &[(2, DeleteStarted)], &[(0, 12, None), (0, 5, Some(1))]);
        check(&two, &[(2, DeleteFinished)], &[(0, 12, Some(2))]);
        check(&two, &[(1, DeleteStarted), (1, DeleteFinished)], &[(0, 5, None)]);
    }

    #[test]
    fn a_segment_that_holds_more_stands_in_for_those_of_an_earlier_leader() {
        let larger = [segment(1, (10, 90), &[(0, 10)]), segment(2, (5, 100), &[(0, 5)])];
        check(&larger, &[], &[(0, 50, Some(2)), (0, 95, Some(2)), (0, 5, Some(2))]);
        let smaller = [segment(1, (5, 100), &[(0, 5)]), segment(2, (10, 90), &[(0, 10)])];
        check(&smaller, &[], &[(0, 7, Some(1)), (0, 50, Some(2))]);
    }
}
