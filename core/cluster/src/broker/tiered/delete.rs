//! Deleting segments from the remote tier, one after another: each is said to be deleted, deleted, and said to be gone.
//! The first that fails ends it. What retention lets go is tried again when the partition is looked after the next time;
//! what is left of a topic that was deleted, or is tiered no longer, stays in the store, as nobody looks after it.

use std::collections::VecDeque;

use highwater_log::LeaderEpoch;

use super::metadata::Published;
use super::store::Operation;
use crate::broker::Broker;
use crate::ctx::Ctx;
use crate::ids::TopicPartition;
use crate::remote::event::RemoteEvent;
use crate::remote::{RemoteSegment, RemoteSegmentId, RemoteSegmentState, TopicIdPartition};

/// Segments that are to go.
#[derive(Clone, Debug)]
pub(super) struct Deletion {
    partition: TopicPartition,
    queue: VecDeque<RemoteSegment>,
    /// For a partition that is led in this epoch, and only as long as it is; none if its whole remote tier goes.
    expiration: Option<LeaderEpoch>,
}

impl Broker {
    /// Deletes all that is in the remote tier of a partition.
    pub(super) fn delete_remote_partition(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        owner: TopicIdPartition,
    ) {
        let all = self.process.tiered.metadata.cache(owner).all().cloned().collect();
        self.delete_segments(ctx, partition, all, None);
    }

    /// Deletes segments, in order.
    pub(super) fn delete_segments(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        segments: Vec<RemoteSegment>,
        expiration: Option<LeaderEpoch>,
    ) {
        let id = self.process.tiered.next_id();
        let (partition, queue) = (partition.clone(), segments.into());
        self.process.tiered.deletions.insert(id, Deletion { partition, queue, expiration });
        self.delete_next(ctx, id);
    }

    /// A deletion was announced: the store is told.
    pub(super) fn deletion_announced(&mut self, ctx: &mut Ctx<'_>, id: u64, is_published: bool) {
        if !is_published || !self.may_go_on(id) {
            return self.deletion_failed(ctx, id);
        }
        let front = self.process.tiered.deletions.get(&id).and_then(|it| it.queue.front());
        if let Some(segment) = front.map(|segment| segment.id) {
            self.ask_store(ctx, Operation::Delete(id, segment), 0);
        }
    }

    /// The store has deleted a segment, or has not.
    pub(super) fn segment_erased(&mut self, ctx: &mut Ctx<'_>, id: u64, segment: RemoteSegmentId) {
        match ctx.remote_store_mut().delete(segment) {
            Ok(Some(object)) => ctx.note_log_shrink(object.log_bytes()),
            Ok(None) => {}
            Err(_) => return self.deletion_failed(ctx, id),
        }
        if self.process.tiered.indexes.contains(&segment) {
            self.process.tiered.indexes.remove(&segment);
        }
        let then = Published::DeleteFinished(id);
        self.publish_deletion(ctx, id, RemoteSegmentState::DeleteFinished, then);
    }

    /// A segment is said to be gone: the next follows.
    pub(super) fn deletion_confirmed(&mut self, ctx: &mut Ctx<'_>, id: u64, is_published: bool) {
        if !is_published {
            return self.deletion_failed(ctx, id);
        }
        let Some(deletion) = self.process.tiered.deletions.get_mut(&id) else { return };
        let Some(segment) = deletion.queue.pop_front() else { return };
        let partition = deletion.partition.clone();
        Self::tell_remote(
            ctx,
            RemoteEvent::Deleted {
                broker: self.id,
                partition,
                id: segment.id,
                base_offset: segment.start_offset,
                end_offset: segment.end_offset,
                size_bytes: segment.size_bytes,
            },
        );
        self.delete_next(ctx, id);
    }

    fn delete_next(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(deletion) = self.process.tiered.deletions.get(&id) else { return };
        if deletion.queue.is_empty() || !self.may_go_on(id) {
            return self.end_deletion(id);
        }
        let then = Published::DeleteStarted(id);
        self.publish_deletion(ctx, id, RemoteSegmentState::DeleteStarted, then);
    }

    fn publish_deletion(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: u64,
        state: RemoteSegmentState,
        then: Published,
    ) {
        let Some(deletion) = self.process.tiered.deletions.get(&id) else { return };
        let Some(segment) = deletion.queue.front() else { return };
        let (topic, segment) = (deletion.partition.topic.clone(), segment.clone());
        self.publish_remote_state(ctx, &topic, &segment, state, then);
    }

    /// Whether a deletion is still this broker's to do.
    fn may_go_on(&mut self, id: u64) -> bool {
        let Some(deletion) = self.process.tiered.deletions.get(&id) else { return false };
        match deletion.expiration {
            None => true,
            Some(epoch) => {
                let partition = deletion.partition.clone();
                self.leading_task(&partition, epoch).is_some()
            }
        }
    }

    fn deletion_failed(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let deletion = self.process.tiered.deletions.get(&id);
        if let Some(first) = deletion.and_then(|deletion| deletion.queue.front()) {
            let partition = self.process.tiered.deletions[&id].partition.clone();
            let (broker, base_offset) = (self.id, first.start_offset);
            Self::tell_remote(ctx, RemoteEvent::DeleteFailed { broker, partition, base_offset });
        }
        self.end_deletion(id);
    }

    fn end_deletion(&mut self, id: u64) {
        let Some(deletion) = self.process.tiered.deletions.remove(&id) else { return };
        if let Some(epoch) = deletion.expiration
            && let Some(task) = self.leading_task(&deletion.partition, epoch)
        {
            task.is_expiring = false;
        }
    }
}
