//! The locks of records that were handed out: each has `group.share.record.lock.duration.ms`.

use kafka_protocol::ResponseError;

use crate::broker::Broker;
use crate::broker::share::ShareName;
use crate::broker::share::persister::{Operation, Then};
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::share::partition::{Archiving, LockId, Settled, WriteId};
use crate::share::state::StateBatch;
use crate::timer::Timer;

/// The number of a write that counts whatever comes of it: no run waits for it.
pub(super) const NO_WRITE: WriteId = WriteId(0);

impl Broker {
    /// A new lock, for records that are about to be handed out.
    pub(super) fn new_lock(&mut self) -> LockId {
        LockId(self.process.shares.next_id())
    }

    /// The time of a lock begins, if it holds anything.
    pub(super) fn watch_lock(&mut self, ctx: &mut Ctx<'_>, name: &ShareName, lock: LockId) {
        let span = self.share_settings(&name.0).lock_duration;
        let Some(held) = self.process.shares.held.get_mut(name) else { return };
        let holds = held.partition.iter().flat_map(|partition| partition.locks());
        if holds.into_iter().any(|own| own == lock) {
            let timer = Timer::ShareLock(name.0.clone(), name.1.clone(), lock.0);
            held.locks.insert(lock, ctx.set_timer(span, timer));
        }
    }

    /// The time of a lock is over: what it holds goes to whoever asks next.
    pub(in crate::broker) fn share_lock_over(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        lock: u64,
    ) {
        let lock = LockId(lock);
        if ctx.has_bug(Bug::LocksForEver) {
            return;
        }
        if let Some(held) = self.process.shares.held.get_mut(name) {
            held.locks.remove(&lock);
        }
        self.expire_lock(ctx, name, lock);
    }

    pub(super) fn expire_lock(&mut self, ctx: &mut Ctx<'_>, name: &ShareName, lock: LockId) {
        let limits = self.share_limits(ctx, &name.0);
        let expired = self.settle_share(ctx, name, |partition| {
            let (batches, settled) = partition.expire(lock, limits);
            let archiving: Vec<Archiving> = settled.iter().filter_map(Settled::archiving).collect();
            ((batches, archiving), settled)
        });
        let Some((batches, archiving)) = expired.filter(|(batches, _)| !batches.is_empty()) else {
            return;
        };
        let then = Then::Expired(name.clone(), archiving);
        self.write_share(ctx, name, NO_WRITE, batches, then);
        self.share_changed(ctx, &name.1);
    }

    /// What became of records whose lock had run out is written down, or is not. It counts either way, so that what
    /// is to go into the dead-letter queue goes there.
    pub(super) fn share_expiry_written(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        archiving: &[Archiving],
        error: Option<ResponseError>,
    ) {
        if error.is_some_and(is_fatal) {
            return self.drop_share(ctx, name);
        }
        self.begin_dead_letters(ctx, name, archiving);
    }

    /// Has written down what became of records.
    pub(super) fn write_share(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        write: WriteId,
        batches: Vec<StateBatch>,
        then: Then,
    ) {
        let Some(held) = self.process.shares.held.get(name) else { return };
        let Some(partition) = &held.partition else { return };
        let key = held.key.clone();
        let operation = Operation::Write {
            state_epoch: partition.state_epoch,
            leader_epoch: partition.leader_epoch,
            start: partition.start_after(write),
            batches,
        };
        self.persist(ctx, key, operation, then);
    }
}

/// Whether an error says that this leader is not to speak of the share partition any more.
pub(super) fn is_fatal(error: ResponseError) -> bool {
    matches!(
        error,
        ResponseError::FencedLeaderEpoch
            | ResponseError::FencedStateEpoch
            | ResponseError::GroupIdNotFound
            | ResponseError::InvalidRequest
            | ResponseError::UnknownTopicOrPartition
    )
}
