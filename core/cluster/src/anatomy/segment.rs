//! A segment opened: its batches, and the entries of its indexes.

use highwater_log::{
    AbortedTxn, BatchHeader, Log, Offset, OffsetIndexEntry, Segment, TimeIndexEntry, dump,
};

use crate::anatomy::log_files::{SegmentFiles, cleaning, segment_files};
use crate::ids::{BrokerId, TopicPartition};
use crate::world::World;

/// A segment opened.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentAnatomy {
    /// What its files are called, without their endings.
    pub name: String,
    /// Its files.
    pub files: SegmentFiles,
    /// How many of its batches lie before the first that is handed out.
    pub before: usize,
    /// Its batches, as many as were asked for.
    pub batches: Vec<BatchLine>,
    /// How many of its batches lie after them.
    pub after: usize,
    /// The last entries of the offset index.
    pub offset_index: Vec<OffsetIndexEntry>,
    /// The last entries of the time index.
    pub time_index: Vec<TimeIndexEntry>,
    /// The last entries of the transaction index.
    pub aborted: Vec<AbortedTxn>,
}

/// A batch and where it begins in its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLine {
    /// Its header.
    pub header: BatchHeader,
    /// Where it begins in the `.log` file, in bytes.
    pub position: usize,
}

/// The entries of each index that are handed out.
const MOST_ENTRIES: usize = 100;

impl World {
    /// The segment of a replica that holds an offset, or would; with up to `most` of its batches, from
    /// the place `from` on, or the last ones.
    pub fn segment_anatomy(
        &self,
        broker: BrokerId,
        partition: &TopicPartition,
        offset: Offset,
        from: Option<usize>,
        most: usize,
    ) -> Option<SegmentAnatomy> {
        let whole = self.whole_log(broker, partition)?;
        let log = &*whole;
        let segment = segment_of(log, offset)?;
        let count = segment.batch_count();
        let before = from.unwrap_or(usize::MAX).min(count.saturating_sub(most));
        let lines = segment.positions().skip(before).take(most);
        let batches: Vec<_> = lines
            .map(|(position, batch)| BatchLine { header: *batch.header(), position })
            .collect();
        let cleaning = log.config().compact.then(|| cleaning(log, self.timestamp()));
        Some(SegmentAnatomy {
            name: dump::file_name(segment.base_offset()),
            files: SegmentFiles {
                tier: self.tiers(broker, partition).map(|tiers| tiers.of(segment)),
                ..segment_files(log, segment, cleaning.as_ref())
            },
            before,
            after: count - before - batches.len(),
            batches,
            offset_index: newest(segment.offset_index()),
            time_index: newest(segment.time_index()),
            aborted: newest(segment.aborted_transactions().copied()),
        })
    }
}

/// The segment that holds an offset, or would.
pub(crate) fn segment_of(log: &Log, offset: Offset) -> Option<&Segment> {
    log.segments().rev().find(|segment| segment.base_offset() <= offset)
}

fn newest<T>(entries: impl DoubleEndedIterator<Item = T>) -> Vec<T> {
    let mut last: Vec<_> = entries.rev().take(MOST_ENTRIES).collect();
    last.reverse();
    last
}
