//! What a fetch brought of one partition, until the application has got it all.

use std::collections::VecDeque;

use bytes::Bytes;
use highwater_log::{Batch, Offset, Record, split_batches};

use crate::ids::TopicPartition;

/// What a fetch brought of one partition.
#[derive(Clone, Debug)]
pub(super) struct CompletedFetch {
    pub(super) partition: TopicPartition,
    /// The position that it goes on from.
    pub(super) position: Offset,
    runs: VecDeque<Run>,
    batches: Vec<Batch>,
    /// Where the consumer goes on once it has got everything.
    end: Offset,
}

/// Records whose offsets follow on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: Offset,
    pub(super) last: Offset,
}

impl CompletedFetch {
    /// Takes in the batches that came from `position` on; none if there is not a whole one. A batch
    /// is sent as it stands in the log, so the first may begin before the position.
    pub(super) fn parse(
        partition: &TopicPartition,
        position: Offset,
        records: Bytes,
    ) -> Option<Self> {
        let (batches, _) = split_batches(records);
        let end = batches.last()?.header().next_offset();
        let mut runs = VecDeque::new();
        for batch in &batches {
            for run in runs_of(batch) {
                add(&mut runs, run, position);
            }
        }
        let partition = partition.clone();
        Some(Self { partition, position, runs, batches, end: end.max(position) })
    }

    /// The offset at which the consumer goes on after what it has got so far.
    pub(super) fn next_offset(&self) -> Offset {
        self.runs.front().map_or(self.end, |run| run.first)
    }

    /// The next records, at most `limit`; none if the application has got them all.
    pub(super) fn take(&mut self, limit: u32) -> Option<Run> {
        let run = self.runs.front_mut()?;
        let last = run.last.min(run.first + (i64::from(limit) - 1));
        let taken = Run { first: run.first, last };
        if last == run.last {
            self.runs.pop_front();
        } else {
            run.first = last.next();
        }
        self.position = self.next_offset();
        Some(taken)
    }

    /// What records that were taken say.
    pub(super) fn content(&self, run: Run) -> Vec<Record> {
        let is_in_run = |offset| run.first <= offset && offset <= run.last;
        let batches = self.batches.iter().filter(|batch| {
            !batch.header().is_control
                && batch.last_offset() >= run.first
                && batch.base_offset() <= run.last
        });
        let records = batches.flat_map(|batch| batch.records().unwrap_or_default());
        records.filter(|record| is_in_run(record.offset)).collect()
    }
}

impl Run {
    pub(super) fn count(self) -> u32 {
        u32::try_from(self.last.0 - self.first.0 + 1)
            .expect("a fetch brings fewer records than that")
    }
}

/// The records of a batch. Control batches have none for the application, and compaction leaves gaps.
fn runs_of(batch: &Batch) -> Vec<Run> {
    let header = batch.header();
    if header.is_control {
        return Vec::new();
    }
    if header.record_count == header.last_offset_delta.saturating_add(1) {
        return vec![Run { first: batch.base_offset(), last: batch.last_offset() }];
    }
    let records = batch.records().unwrap_or_default();
    records.iter().map(|record| Run { first: record.offset, last: record.offset }).collect()
}

/// Adds a run, but for what lies before `position`, to the one before if it follows on it.
fn add(runs: &mut VecDeque<Run>, run: Run, position: Offset) {
    let first = run.first.max(position);
    if first > run.last {
        return;
    }
    match runs.back_mut() {
        Some(before) if before.last.next() == first => before.last = run.last,
        before => {
            let is_ascending = before.is_none_or(|before| before.last < first);
            assert!(is_ascending, "offsets in a log ascend");
            runs.push_back(Run { first, last: run.last });
        }
    }
}

#[cfg(test)]
mod tests {
    use highwater_log::{BatchBuilder, BatchOptions, LeaderEpoch, TimestampMs};

    use super::*;
    use crate::ids::TopicName;

    fn batch(base: i64, records: usize) -> Vec<u8> {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        for _ in 0..records {
            builder.append(TimestampMs(0), None, Some(b"v"), &[]);
        }
        builder.build(Offset(base), LeaderEpoch(0)).bytes().to_vec()
    }

    /// The runs that polls of at most `limit` records get, and where the consumer is after them.
    fn check(batches: &[(i64, usize)], position: i64, limit: u32, runs: &[(i64, i64)], end: i64) {
        let bytes: Vec<u8> =
            batches.iter().flat_map(|(base, records)| batch(*base, *records)).collect();
        let partition = TopicPartition::new(&TopicName::from("t"), 0);
        let mut fetch = CompletedFetch::parse(&partition, Offset(position), bytes.into()).unwrap();
        let mut taken = Vec::new();
        while let Some(run) = fetch.take(limit) {
            taken.push((run.first.0, run.last.0));
        }
        assert_eq!(taken, runs, "{batches:?} from {position}");
        assert_eq!(fetch.next_offset(), Offset(end));
    }

    #[test]
    fn neighbouring_batches_are_one_run_and_gaps_divide() {
        check(&[(0, 3), (3, 2)], 0, 500, &[(0, 4)], 5);
        check(&[(0, 3), (7, 2)], 0, 500, &[(0, 2), (7, 8)], 9);
    }

    #[test]
    fn records_before_the_position_are_left_out() {
        check(&[(0, 5)], 3, 500, &[(3, 4)], 5);
        check(&[(0, 5)], 5, 500, &[], 5);
    }

    #[test]
    fn a_poll_takes_no_more_than_its_limit() {
        check(&[(0, 5)], 0, 2, &[(0, 1), (2, 3), (4, 4)], 5);
    }
}
