//! What a broker asks the remote store, and waits for.

use highwater_log::LeaderEpoch;

use crate::broker::Broker;
use crate::broker::tiered::follower::TierStart;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, TopicPartition};
use crate::remote::RemoteSegmentId;
use crate::remote::store::RemoteObject;
use crate::time::Span;
use crate::timer::Timer;

/// Something that the store is asked.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// To keep a segment: of the partition that is led in this epoch.
    Copy {
        partition: TopicPartition,
        leader_epoch: LeaderEpoch,
        id: RemoteSegmentId,
        object: Box<RemoteObject>,
    },
    /// To delete a segment, in the course of this deletion.
    Delete(u64, RemoteSegmentId),
    /// What a fetch waits for.
    Read(u64),
    /// What a question for an offset waits for: which of its partitions.
    Lookup(u64, usize),
    /// What a follower begins with.
    Follow(BrokerId, TopicPartition, TierStart, RemoteSegmentId),
}

impl Broker {
    /// Asks the store something for which so many bytes pass.
    pub(super) fn ask_store(&mut self, ctx: &mut Ctx<'_>, operation: Operation, bytes: u64) {
        self.ask_store_after(ctx, Span::ZERO, operation, bytes);
    }

    /// The same, once something else was asked for that takes this long.
    pub(super) fn ask_store_after(
        &mut self,
        ctx: &mut Ctx<'_>,
        first: Span,
        operation: Operation,
        bytes: u64,
    ) {
        let id = self.process.tiered.next_id();
        self.process.tiered.operations.insert(id, operation);
        let after = first + ctx.store_speed().time_for(bytes);
        ctx.set_timer(after, Timer::RemoteStore(id));
    }

    /// The store has done, or not done, what it was asked.
    pub(in crate::broker) fn store_answered(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        match self.process.tiered.operations.remove(&id) {
            Some(Operation::Copy { partition, leader_epoch, id, object }) => {
                self.segment_sent(ctx, &partition, leader_epoch, id, *object);
            }
            Some(Operation::Delete(deletion, id)) => self.segment_erased(ctx, deletion, id),
            Some(Operation::Read(read)) => self.remote_read_done(ctx, read),
            Some(Operation::Lookup(lookups, place)) => self.remote_looked_up(ctx, lookups, place),
            Some(Operation::Follow(leader, partition, start, id)) => {
                self.tier_state_read(ctx, leader, &partition, start, id);
            }
            None => {}
        }
    }
}
