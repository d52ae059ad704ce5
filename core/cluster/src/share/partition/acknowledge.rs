//! What consumers say of records, and what counts of it once it is written down.

use highwater_log::Offset;

use crate::ids::MemberId;
use crate::share::partition::{How, Limits, LockId, Owner, Run, SharePartition, Standing, WriteId};
use crate::share::state::StateBatch;
use crate::share::{AcknowledgeType, RecordState};

/// What somebody says of some records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acknowledgement {
    pub(crate) first: Offset,
    pub(crate) last: Offset,
    pub(crate) kind: AcknowledgeType,
}

/// Some of the records are not in the hands of whoever speaks of them: `INVALID_RECORD_STATE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidRecordState;

/// What became of some records.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settled {
    pub(crate) first: Offset,
    pub(crate) last: Offset,
    pub(crate) how: How,
    pub(crate) state: RecordState,
    /// How often they have been handed out.
    pub(crate) delivery_count: i16,
    /// Who had them.
    pub(crate) owner: Option<Owner>,
}

impl SharePartition {
    /// Takes over what a member says of records that it holds: all of it, or nothing. What is to be
    /// written comes back; it counts once that is done.
    pub(crate) fn acknowledge(
        &mut self,
        member: &MemberId,
        said: &[Acknowledgement],
        limits: Limits,
        write: WriteId,
    ) -> Result<Vec<StateBatch>, InvalidRecordState> {
        for one in said {
            self.check_held(member, one.first.max(self.start), one.last)?;
        }
        let mut batches = Vec::new();
        let settled = said.iter().filter(|one| one.kind != AcknowledgeType::Renew);
        for one in settled {
            self.change(one.first.max(self.start), one.last, |first, run| {
                let count = run.now.delivery_count;
                run.begin(after(one.kind, count, limits), count, How::Told(one.kind), write);
                batches.push(run.batch(first));
            });
        }
        Ok(batches)
    }

    /// A member wants more time for what it holds: its lock is another from here on.
    pub(crate) fn renew(&mut self, said: &Acknowledgement, lock: LockId) -> Vec<Settled> {
        let mut renewed = Vec::new();
        self.change(said.first.max(self.start), said.last, |first, run| {
            let Some((owner, held)) = &mut run.now.held else { return };
            *held = lock;
            renewed.push(Settled {
                first,
                last: run.last,
                how: How::Told(AcknowledgeType::Renew),
                state: run.now.state,
                delivery_count: run.now.delivery_count,
                owner: Some(owner.clone()),
            });
        });
        renewed
    }

    /// The session of a member ended. What it held it can hardly have worked on: that it was handed out
    /// does not count.
    pub(crate) fn release_all(&mut self, member: &MemberId, write: WriteId) -> Vec<StateBatch> {
        let mut batches = Vec::new();
        let (first, last) = (self.start, self.end - 1);
        self.change(first, last, |first, run| {
            if run.before.is_some() || run.now.owner().is_none_or(|owner| owner.member != *member) {
                return;
            }
            let count = run.now.delivery_count - 1;
            run.begin(RecordState::Available, count, How::SessionEnded, write);
            batches.push(run.batch(first));
        });
        batches
    }

    /// A write is done: what it said counts.
    pub(crate) fn written(&mut self, write: WriteId) -> Vec<Settled> {
        let mut settled = Vec::new();
        for (first, run) in &mut self.runs {
            if let Some(before) = run.before.take_if(|before| before.write == write) {
                settled.push(Settled {
                    first: *first,
                    last: run.last,
                    how: before.how,
                    state: run.now.state,
                    delivery_count: run.now.delivery_count,
                    owner: before.standing.owner().cloned(),
                });
            }
        }
        self.join_runs();
        self.advance_start();
        settled
    }

    /// A write failed: everything is as it was before. Of the records whose lock has run out meanwhile,
    /// the locks come back.
    pub(crate) fn write_failed(&mut self, write: WriteId) -> Vec<LockId> {
        let mut expired = Vec::new();
        for run in self.runs.values_mut() {
            let Some(before) = run.before.take_if(|before| before.write == write) else { continue };
            run.now = before.standing;
            if let Some((_, lock)) = run.now.held.as_ref().filter(|_| before.has_expired) {
                expired.push(*lock);
            }
        }
        expired.dedup();
        self.join_runs();
        expired
    }

    /// Whether a member holds all of some records, and nothing is being written of them.
    fn check_held(
        &self,
        member: &MemberId,
        first: Offset,
        last: Offset,
    ) -> Result<(), InvalidRecordState> {
        if first > last {
            // All of it lies before the start, and is settled.
            return Ok(());
        }
        if last >= self.end {
            return Err(InvalidRecordState);
        }
        let holds = |run: &Run| {
            let Standing { state, .. } = run.now;
            let is_owner = run.now.owner().is_some_and(|owner| owner.member == *member);
            state == RecordState::Acquired && is_owner && run.before.is_none()
        };
        let touched = self.runs.range(..=last).rev().take_while(|(_, run)| run.last >= first);
        if touched.into_iter().all(|(_, run)| holds(run)) {
            Ok(())
        } else {
            Err(InvalidRecordState)
        }
    }
}

/// What becomes of a record of which somebody says something. One that was handed out as often as may be is
/// not handed out again. What is given up goes into the dead-letter queue first, if the group has one; where there is
/// no record, nothing does (`SharePartition.recordStateWithDlq`).
pub(super) fn after(kind: AcknowledgeType, delivery_count: i16, limits: Limits) -> RecordState {
    match kind {
        AcknowledgeType::Accept => RecordState::Acknowledged,
        AcknowledgeType::Release if delivery_count < limits.delivery_count => {
            RecordState::Available
        }
        AcknowledgeType::Renew => RecordState::Acquired,
        AcknowledgeType::Release | AcknowledgeType::Reject if limits.has_dead_letters => {
            RecordState::Archiving
        }
        AcknowledgeType::Release | AcknowledgeType::Reject | AcknowledgeType::Gap => {
            RecordState::Archived
        }
    }
}
