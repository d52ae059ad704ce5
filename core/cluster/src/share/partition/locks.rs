//! Locks that run out.

use crate::share::AcknowledgeType;
use crate::share::partition::acknowledge::after;
use crate::share::partition::{How, Limits, LockId, Settled, SharePartition, Standing};
use crate::share::state::StateBatch;

impl SharePartition {
    /// The time of a lock is over: what it holds may be handed out again at once, unless it was as often as
    /// may be. What is to be written of it comes back with what became of it; it counts whatever comes of
    /// the write.
    pub(crate) fn expire(
        &mut self,
        lock: LockId,
        limits: Limits,
    ) -> (Vec<StateBatch>, Vec<Settled>) {
        let (mut batches, mut settled) = (Vec::new(), Vec::new());
        for (first, run) in &mut self.runs {
            let is_held =
                |standing: &Standing| standing.held.as_ref().is_some_and(|(_, held)| *held == lock);
            if let Some(before) = &mut run.before {
                before.has_expired |= is_held(&before.standing);
                continue;
            }
            if !is_held(&run.now) {
                continue;
            }
            let count = run.now.delivery_count;
            let state = after(AcknowledgeType::Release, count, limits);
            let now = Standing { state, delivery_count: count, held: None };
            let before = std::mem::replace(&mut run.now, now);
            batches.push(run.batch(*first));
            settled.push(Settled {
                first: *first,
                last: run.last,
                how: How::Expired,
                state,
                delivery_count: count,
                owner: before.owner().cloned(),
            });
        }
        self.join_runs();
        self.advance_start();
        (batches, settled)
    }
}
