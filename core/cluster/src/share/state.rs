//! What is written down of a share partition: where it starts, and what became of the records behind
//! that. Kafka's `ShareGroupOffset` and `PersisterStateBatch`.

use std::collections::BTreeMap;

use highwater_log::{LeaderEpoch, Offset};

use crate::share::RecordState;

/// Where nobody has said yet where a share partition starts: `share.auto.offset.reset` decides.
pub(crate) const UNINITIALIZED_START: Offset = Offset(-1);

/// What became of a run of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StateBatch {
    pub(crate) first: Offset,
    pub(crate) last: Offset,
    pub(crate) state: RecordState,
    pub(crate) delivery_count: i16,
}

/// What is written down of a share partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShareState {
    /// One higher with each snapshot, so that updates belong to one.
    pub(crate) snapshot_epoch: i32,
    /// One higher with each new beginning: the epoch of the group when it was made.
    pub(crate) state_epoch: i32,
    /// The epoch of the leader that wrote last.
    pub(crate) leader_epoch: LeaderEpoch,
    pub(crate) start: Offset,
    /// In order, none over another.
    pub(crate) batches: Vec<StateBatch>,
}

impl ShareState {
    /// Takes news of some records over: Kafka's `PersisterStateBatchCombiner`. What lies before the
    /// start is dropped. A start that lies further back is of a write that was sent while another was under way:
    /// Kafka 4.3 goes back with it, and forgets what was settled between.
    pub(crate) fn update(&mut self, start: Offset, news: &[StateBatch]) {
        self.start = self.start.max(start);
        let mut runs: BTreeMap<Offset, StateBatch> =
            self.batches.iter().map(|batch| (batch.first, *batch)).collect();
        for batch in news {
            overwrite(&mut runs, *batch);
        }
        self.batches = combined(runs.into_values(), self.start);
    }
}

/// Lets a batch count where nothing was said of its records, or what was said is older: of fewer deliveries, or as
/// many and a state that comes before. Writes that are made again may overtake each other.
fn overwrite(runs: &mut BTreeMap<Offset, StateBatch>, batch: StateBatch) {
    let touched = runs.range(..=batch.last).rev().take_while(|(_, run)| run.last >= batch.first);
    let touched: Vec<StateBatch> = touched.map(|(_, run)| *run).collect();
    let mut next = batch.first;
    for run in touched.into_iter().rev() {
        let (first, last) = (run.first.max(batch.first), run.last.min(batch.last));
        let winner = if rank(&run) > rank(&batch) { run } else { batch };
        let before = StateBatch { first: run.first, last: batch.first - 1, ..run };
        let gap = StateBatch { first: next, last: first - 1, ..batch };
        let both = StateBatch { first, last, ..winner };
        let after = StateBatch { first: batch.last.next(), last: run.last, ..run };
        runs.remove(&run.first);
        for part in [before, gap, both, after].into_iter().filter(|part| part.first <= part.last) {
            runs.insert(part.first, part);
        }
        next = last.next();
    }
    if next <= batch.last {
        runs.insert(next, StateBatch { first: next, ..batch });
    }
}

/// What was said later of a record has the higher rank (`compareBatchDeliveryInfo`).
fn rank(batch: &StateBatch) -> (i16, i8) {
    (batch.delivery_count, batch.state.id())
}

/// Batches next to each other that say the same become one; what lies before `start` goes.
fn combined(runs: impl Iterator<Item = StateBatch>, start: Offset) -> Vec<StateBatch> {
    let mut all: Vec<StateBatch> = Vec::new();
    for mut run in runs.filter(|run| run.last >= start) {
        run.first = run.first.max(start);
        match all.last_mut() {
            Some(before)
                if before.last.next() == run.first
                    && (before.state, before.delivery_count) == (run.state, run.delivery_count) =>
            {
                before.last = run.last;
            }
            _ => all.push(run),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(first: i64, last: i64, state: RecordState, delivery_count: i16) -> StateBatch {
        StateBatch { first: Offset(first), last: Offset(last), state, delivery_count }
    }

    fn state(start: i64, batches: Vec<StateBatch>) -> ShareState {
        let leader_epoch = LeaderEpoch(0);
        ShareState {
            snapshot_epoch: 0,
            state_epoch: 1,
            leader_epoch,
            start: Offset(start),
            batches,
        }
    }

    #[test]
    fn the_latest_word_counts_and_neighbours_become_one() {
        use RecordState::{Acknowledged, Available};
        let mut known = state(100, vec![batch(100, 109, Available, 1)]);
        known.update(UNINITIALIZED_START, &[batch(103, 104, Acknowledged, 1)]);
        let all = [
            batch(100, 102, Available, 1),
            batch(103, 104, Acknowledged, 1),
            batch(105, 109, Available, 1),
        ];
        assert_eq!(known.batches, all);
        known.update(UNINITIALIZED_START, &[batch(105, 105, Acknowledged, 1)]);
        assert_eq!(known.batches[1], batch(103, 105, Acknowledged, 1));
    }

    /// The lock of 100 to 109 had run out, and that is written after 103 and 104 were handed out again and done.
    #[test]
    fn a_write_that_was_overtaken_takes_nothing_back() {
        use RecordState::{Acknowledged, Available};
        let mut known = state(100, vec![batch(103, 104, Acknowledged, 2)]);
        known.update(Offset(99), &[batch(100, 109, Available, 1)]);
        let all = [
            batch(100, 102, Available, 1),
            batch(103, 104, Acknowledged, 2),
            batch(105, 109, Available, 1),
        ];
        assert_eq!((known.start, &known.batches[..]), (Offset(100), &all[..]));
    }

    #[test]
    fn nothing_is_kept_of_what_lies_before_the_start() {
        let mut known = state(100, vec![batch(100, 109, RecordState::Acknowledged, 1)]);
        known.update(Offset(108), &[batch(110, 111, RecordState::Archived, 5)]);
        let all = [
            batch(108, 109, RecordState::Acknowledged, 1),
            batch(110, 111, RecordState::Archived, 5),
        ];
        assert_eq!((known.start, &known.batches[..]), (Offset(108), &all[..]));
    }
}
