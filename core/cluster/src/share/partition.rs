//! The records of a partition that a share group has in flight, as the partition's leader holds them:
//! Kafka's `SharePartition`.
//!
//! In flight are the records between the share-partition start offset (SPSO) and the share-partition end
//! offset (SPEO). What is alike and lies together is one run. What becomes of records counts once it is
//! written down: until then a run remembers what it was.

use std::collections::BTreeMap;

use highwater_log::{LeaderEpoch, Offset};

use crate::ids::{MemberId, NodeId};
use crate::share::state::{ShareState, StateBatch};
use crate::share::{AcknowledgeType, RecordState};

mod acknowledge;
mod acquire;
mod archiving;
mod locks;
mod runs;
#[cfg(test)]
mod tests;

pub(crate) use acknowledge::{Acknowledgement, InvalidRecordState, Settled};
pub(crate) use acquire::{Acquired, Wanted};
pub(crate) use archiving::Archiving;

/// Names what was handed out at once, and so is locked until the same instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LockId(pub(crate) u64);

/// Names a write that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WriteId(pub(crate) u64);

/// Who holds records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) member: MemberId,
    pub(crate) client: NodeId,
}

/// Records that lie together and are in the same state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) last: Offset,
    pub(crate) now: Standing,
    /// What they were before a write that is under way, and are again if it fails.
    pub(crate) before: Option<Box<Before>>,
}

/// What is to be said of a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) state: RecordState,
    /// How often it has been handed out.
    pub(crate) delivery_count: i16,
    /// Who has it, while it is acquired, and under which lock.
    pub(crate) held: Option<(Owner, LockId)>,
}

/// What records were before a write that is under way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Before {
    pub(crate) write: WriteId,
    pub(crate) standing: Standing,
    /// What was said of them.
    pub(crate) how: How,
    /// Whether the lock ran out meanwhile.
    pub(crate) has_expired: bool,
}

/// Why a run changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// A consumer said so.
    Told(AcknowledgeType),
    /// The session of the consumer ended.
    SessionEnded,
    /// The lock ran out.
    Expired,
    /// The records are of an aborted transaction, or are none.
    Filtered,
}

/// What the group and its brokers allow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// `group.share.delivery.count.limit`
    pub(crate) delivery_count: i16,
    /// `group.share.partition.max.record.locks`
    pub(crate) record_locks: i64,
    /// Whether the group has a dead-letter queue (KIP-1191): what is given up goes there first.
    pub(crate) has_dead_letters: bool,
}

/// The records of a partition that a share group has in flight.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SharePartition {
    pub(crate) leader_epoch: LeaderEpoch,
    pub(crate) state_epoch: i32,
    /// The share-partition start offset.
    start: Offset,
    /// The share-partition end offset: the first record that has never been handed out.
    end: Offset,
    /// All from `start` to `end`, by their first offsets.
    runs: BTreeMap<Offset, Run>,
}

impl SharePartition {
    /// What is written down, taken up by a new leader. What was handed out and not settled is available:
    /// that it was handed out was never written.
    pub(crate) fn load(leader_epoch: LeaderEpoch, state: &ShareState) -> Self {
        let mut runs = BTreeMap::new();
        let mut end = state.start;
        for batch in &state.batches {
            if batch.first > end {
                // Handed out and never settled.
                runs.insert(end, Run::new(batch.first - 1, RecordState::Available, 0));
            }
            runs.insert(batch.first, Run::new(batch.last, batch.state, batch.delivery_count));
            end = batch.last.next();
        }
        let state_epoch = state.state_epoch;
        let mut loaded = Self { leader_epoch, state_epoch, start: state.start, end, runs };
        loaded.advance_start();
        loaded
    }

    /// Whether what was said of some records is on its way to the share coordinator, or to the dead-letter queue.
    pub(crate) fn is_busy(&self) -> bool {
        let is_archiving = |run: &Run| run.now.state == RecordState::Archiving;
        self.runs.values().any(|run| run.before.is_some() || is_archiving(run))
    }

    /// The share-partition start offset.
    pub(crate) fn start(&self) -> Offset {
        self.start
    }

    /// The share-partition end offset.
    pub(crate) fn end(&self) -> Offset {
        self.end
    }

    /// What is in flight, in order.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (Offset, &Run)> {
        self.runs.iter().map(|(first, run)| (*first, run))
    }

    /// The locks that hold records.
    pub(crate) fn locks(&self) -> impl Iterator<Item = LockId> {
        self.runs.values().filter_map(|run| {
            let standing = run.before.as_ref().map_or(&run.now, |before| &before.standing);
            standing.held.as_ref().map(|(_, lock)| *lock)
        })
    }

    /// The log starts further up: what lies below is gone, and nobody has it any more.
    pub(crate) fn log_start_moved(&mut self, to: Offset) {
        if to <= self.start {
            return;
        }
        self.split_at(to);
        self.runs = self.runs.split_off(&to);
        self.start = to;
        self.end = self.end.max(to);
        self.advance_start();
    }

    /// Forgets who holds what, as a bug for tests has it.
    pub(crate) fn forget_holders(&mut self) {
        for run in self.runs.values_mut().filter(|run| run.before.is_none()) {
            if run.now.state == RecordState::Acquired {
                run.now.state = RecordState::Available;
                run.now.held = None;
            }
        }
    }

    /// Where the start would be if a write succeeded: what is written says so at once.
    pub(crate) fn start_after(&self, write: WriteId) -> Offset {
        let mut start = self.start;
        for (first, run) in &self.runs {
            let counts = run.before.as_ref().is_none_or(|before| before.write == write);
            if *first != start || !counts || !run.now.state.is_final() {
                break;
            }
            start = run.last.next();
        }
        start
    }

    /// Lets go of what is settled at the start.
    fn advance_start(&mut self) {
        while let Some(first) = self.runs.first_entry() {
            let run = first.get();
            if run.before.is_some() || !run.now.state.is_final() {
                break;
            }
            self.start = run.last.next();
            first.remove();
        }
    }
}

impl Run {
    fn new(last: Offset, state: RecordState, delivery_count: i16) -> Self {
        Self { last, now: Standing { state, delivery_count, held: None }, before: None }
    }

    /// As it is written down.
    fn batch(&self, first: Offset) -> StateBatch {
        let Standing { state, delivery_count, .. } = self.now;
        StateBatch { first, last: self.last, state, delivery_count }
    }
}

impl Standing {
    fn owner(&self) -> Option<&Owner> {
        self.held.as_ref().map(|(owner, _)| owner)
    }
}
