//! Handing records out.

use highwater_log::Offset;

use crate::share::RecordState;
use crate::share::partition::Before;
use crate::share::partition::{How, Limits, LockId, Owner, Run, SharePartition, Standing, WriteId};
use crate::share::state::StateBatch;

/// What somebody wants.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) owner: &'a Owner,
    pub(crate) lock: LockId,
    /// `max.poll.records`: a batch that was begun is handed out whole all the same
    /// (`share.acquire.mode=batch_optimized`).
    pub(crate) max_records: i64,
    pub(crate) limits: Limits,
}

/// Records that were handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acquired {
    pub(crate) first: Offset,
    pub(crate) last: Offset,
    pub(crate) delivery_count: i16,
}

impl SharePartition {
    /// From where on there may be something to hand out; none while as much is in flight as may be.
    pub(crate) fn next_fetch_offset(&self, limits: Limits) -> Option<Offset> {
        let available = self.runs.iter().find(|(_, run)| run.is_available());
        match available {
            Some((first, _)) => Some(*first),
            None => (self.in_flight() < limits.record_locks).then_some(self.end),
        }
    }

    /// Hands out what may be handed out of some batches of the log, in their order: each with its first
    /// and its last offset.
    pub(crate) fn acquire(
        &mut self,
        batches: impl IntoIterator<Item = (Offset, Offset)>,
        wanted: &Wanted<'_>,
    ) -> Vec<Acquired> {
        let mut acquired = Vec::new();
        let mut count = 0;
        for (base, last) in batches {
            if count >= wanted.max_records {
                break;
            }
            for records in self.acquire_batch(base, last, wanted) {
                count += records.last.0 - records.first.0 + 1;
                join(&mut acquired, records);
            }
        }
        self.join_runs();
        acquired
    }

    /// Settles at once what was handed out though it is nothing to be worked on: the records of an aborted
    /// transaction. What is to be written of it comes back.
    pub(crate) fn archive(
        &mut self,
        first: Offset,
        last: Offset,
        lock: LockId,
        write: WriteId,
    ) -> Vec<StateBatch> {
        let mut batches = Vec::new();
        self.change(first, last, |first, run| {
            if run.now.held.as_ref().is_none_or(|(_, own)| *own != lock) || run.before.is_some() {
                return;
            }
            run.begin(RecordState::Archived, run.now.delivery_count, How::Filtered, write);
            batches.push(run.batch(first));
        });
        batches
    }

    fn acquire_batch(&mut self, base: Offset, last: Offset, wanted: &Wanted<'_>) -> Vec<Acquired> {
        let from = base.max(self.start);
        let mut acquired = Vec::new();
        if from > last {
            return acquired;
        }
        if from < self.end {
            let until = last.min(self.end - 1);
            self.change(from, until, |first, run| {
                if !run.is_available() {
                    return;
                }
                run.now = Standing {
                    state: RecordState::Acquired,
                    delivery_count: run.now.delivery_count + 1,
                    held: Some((wanted.owner.clone(), wanted.lock)),
                };
                let delivery_count = run.now.delivery_count;
                acquired.push(Acquired { first, last: run.last, delivery_count });
            });
        }
        if last >= self.end && self.in_flight() < wanted.limits.record_locks {
            let first = self.end.max(from);
            self.skip_to(first);
            let held = Some((wanted.owner.clone(), wanted.lock));
            let now = Standing { state: RecordState::Acquired, delivery_count: 1, held };
            self.runs.insert(first, Run { last, now, before: None });
            self.end = last.next();
            acquired.push(Acquired { first, last, delivery_count: 1 });
        }
        acquired
    }

    /// There is no batch up to `offset`: what was there was compacted away.
    fn skip_to(&mut self, offset: Offset) {
        if offset <= self.end {
            return;
        }
        if self.runs.is_empty() {
            self.start = offset;
        } else {
            self.runs.insert(self.end, Run::new(offset - 1, RecordState::Archived, 0));
        }
        self.end = offset;
    }

    fn in_flight(&self) -> i64 {
        self.end.0 - self.start.0
    }
}

impl Run {
    fn is_available(&self) -> bool {
        self.now.state == RecordState::Available && self.before.is_none()
    }

    /// Becomes something else, as soon as that is written down.
    pub(super) fn begin(
        &mut self,
        state: RecordState,
        delivery_count: i16,
        how: How,
        write: WriteId,
    ) {
        let now = Standing { state, delivery_count, held: None };
        let standing = std::mem::replace(&mut self.now, now);
        self.before = Some(Box::new(Before { write, standing, how, has_expired: false }));
    }
}

fn join(all: &mut Vec<Acquired>, next: Acquired) {
    match all.last_mut() {
        Some(before)
            if before.last.next() == next.first && before.delivery_count == next.delivery_count =>
        {
            before.last = next.last;
        }
        _ => all.push(next),
    }
}
