//! Records that are given up while their dead-letter queue is written to (KIP-1191).

use highwater_log::Offset;

use crate::share::RecordState;
use crate::share::event::ArchiveReason;
use crate::share::partition::{How, Limits, Run, Settled, SharePartition};
use crate::share::state::StateBatch;

/// Records that are to go into the dead-letter queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Archiving {
    pub(crate) first: Offset,
    pub(crate) last: Offset,
    /// How often they have been handed out.
    pub(crate) delivery_count: i16,
    /// Why: rejected, or handed out as often as may be.
    pub(crate) reason: ArchiveReason,
}

impl SharePartition {
    /// What an earlier leader has written down as on its way into the dead-letter queue, and may not have got there.
    /// Why they were given up is not written down: it follows from how often they were handed out
    /// (`SharePartition.maybeResumeDlqArchiving`).
    pub(crate) fn unfinished_archiving(&self, limits: Limits) -> Vec<Archiving> {
        let is_archiving = |run: &Run| run.now.state == RecordState::Archiving;
        let runs = self.runs.iter().filter(|(_, run)| is_archiving(run));
        runs.map(|(first, run)| {
            let delivery_count = run.now.delivery_count;
            let is_at_limit = delivery_count >= limits.delivery_count;
            let reason = match is_at_limit {
                true => ArchiveReason::DeliveryLimit,
                false => ArchiveReason::Rejected,
            };
            Archiving { first: *first, last: run.last, delivery_count, reason }
        })
        .collect()
    }

    /// The dead-letter queue has some records, or never will: they are archived. What is to be written of them comes
    /// back; it counts whatever comes of the write.
    pub(crate) fn end_archiving(&mut self, first: Offset, last: Offset) -> Vec<StateBatch> {
        let mut batches = Vec::new();
        self.change(first.max(self.start), last, |first, run| {
            if run.before.is_none() && run.now.state == RecordState::Archiving {
                run.now.state = RecordState::Archived;
                batches.push(run.batch(first));
            }
        });
        self.advance_start();
        batches
    }
}

impl Settled {
    /// What this means for the dead-letter queue; none if it means nothing.
    pub(crate) fn archiving(&self) -> Option<Archiving> {
        let Self { first, last, delivery_count, .. } = *self;
        let reason = self.archive_reason().filter(|_| self.state == RecordState::Archiving)?;
        Some(Archiving { first, last, delivery_count, reason })
    }

    /// As if the records had been rejected, as a bug for tests has it.
    pub(crate) fn as_rejected(&self) -> Archiving {
        let Self { first, last, delivery_count, .. } = *self;
        Archiving { first, last, delivery_count, reason: ArchiveReason::Rejected }
    }

    /// Why the records are handed out no more; none if they are.
    pub(crate) fn archive_reason(&self) -> Option<ArchiveReason> {
        use crate::share::AcknowledgeType::{Gap, Reject};
        if !matches!(self.state, RecordState::Archiving | RecordState::Archived) {
            return None;
        }
        Some(match self.how {
            How::Told(Reject) => ArchiveReason::Rejected,
            How::Told(Gap) => ArchiveReason::Gap,
            How::Filtered => ArchiveReason::Aborted,
            _ => ArchiveReason::DeliveryLimit,
        })
    }
}
