//! Copying closed segments to the remote tier, one after another, the oldest first: `RLMCopyTask`.
//!
//! A segment is announced in `__remote_log_metadata`, sent to the store, and then said to be there. Only from then on is
//! it read there, and may leave the disks of the leader and its followers.

use highwater_log::{LeaderEpoch, Offset, TierableSegment};

use super::metadata::Published;
use super::store::Operation;
use crate::broker::Broker;
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::ids::TopicPartition;
use crate::remote::event::RemoteEvent;
use crate::remote::lineage::highest_remote_offset;
use crate::remote::records::RemoteRecord;
use crate::remote::store::RemoteObject;
use crate::remote::{RemoteSegment, RemoteSegmentId, RemoteSegmentState};

/// A segment that is being copied.
#[derive(Clone, Debug)]
pub(super) struct Copying {
    segment: RemoteSegment,
    data: Box<TierableSegment>,
}

impl Copying {
    pub(super) fn id(&self) -> RemoteSegmentId {
        self.segment.id
    }
}

impl Broker {
    /// Copies the next segment of a partition, unless one is under way or none is due.
    pub(super) fn copy_to_remote(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        let Some(from) = self.first_to_copy(partition) else { return };
        let replica = self.replicas.get(partition).expect("it is led here");
        let Some(data) = replica.log.next_to_copy(from).filter(|data| !data.epochs.is_empty())
        else {
            return;
        };
        let leader_epoch = replica.leader_epoch;
        let segment = RemoteSegment {
            id: random_id(ctx),
            partition: self.process.tiered.tasks[partition].owner,
            start_offset: data.segment.base_offset(),
            end_offset: data.end_offset,
            max_timestamp: data.segment.largest_timestamp(),
            broker: self.id,
            event_timestamp: ctx.timestamp(),
            size_bytes: data.segment.size_in_bytes() as u64,
            epochs: data.epochs.clone(),
            state: RemoteSegmentState::CopyStarted,
        };
        Self::tell_remote(
            ctx,
            RemoteEvent::CopyStarted {
                broker: self.id,
                partition: partition.clone(),
                id: segment.id,
                base_offset: segment.start_offset,
                end_offset: segment.end_offset,
                size_bytes: segment.size_bytes,
            },
        );
        if ctx.has_bug(Bug::DeletesBeforeCopied) {
            let replica = self.replicas.get_mut(partition).expect("it is led here");
            replica.log.note_highest_offset_in_remote(segment.end_offset);
        }
        let record = RemoteRecord::Segment(segment.clone());
        let task = self.process.tiered.tasks.get_mut(partition).expect("it is looked after");
        task.copying = Some(Copying { segment, data: Box::new(data) });
        let then = Published::CopyStarted(partition.clone(), leader_epoch);
        self.publish_remote(ctx, &partition.topic, record, then);
    }

    /// The segment was announced: it is sent.
    pub(super) fn copy_announced(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        epoch: LeaderEpoch,
        is_published: bool,
    ) {
        if !is_published {
            return self.copy_failed(ctx, partition, epoch);
        }
        let Some(task) = self.leading_task(partition, epoch) else { return };
        let Some(copying) = &task.copying else { return };
        let (id, owner, data) = (copying.id(), task.owner, (*copying.data).clone());
        let object = Box::new(RemoteObject::new(partition.clone(), owner, data));
        let bytes = object.log_bytes() + object.index_bytes() + object.state_bytes();
        let partition = partition.clone();
        let copy = Operation::Copy { partition, leader_epoch: epoch, id, object };
        self.ask_store(ctx, copy, bytes);
    }

    /// The segment has been sent. If the store did not take it, what there may be of it is deleted.
    pub(super) fn segment_sent(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        epoch: LeaderEpoch,
        id: RemoteSegmentId,
        object: RemoteObject,
    ) {
        let bytes = object.log_bytes();
        let is_kept = ctx.remote_store_mut().put(id, object).is_ok();
        if is_kept {
            ctx.note_log_growth(bytes);
        }
        let Some(copying) = self
            .leading_task(partition, epoch)
            .and_then(|task| task.copying.as_ref())
            .filter(|copying| copying.id() == id)
        else {
            return;
        };
        let segment = copying.segment.clone();
        if !is_kept {
            self.copy_failed(ctx, partition, epoch);
            return self.delete_segments(ctx, partition, vec![segment], None);
        }
        let then = Published::CopyFinished(partition.clone(), epoch);
        let state = RemoteSegmentState::CopyFinished;
        self.publish_remote_state(ctx, &partition.topic, &segment, state, then);
    }

    /// The segment is said to be there: it is copied, and the next may follow.
    pub(super) fn copy_confirmed(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        epoch: LeaderEpoch,
        is_published: bool,
    ) {
        if !is_published {
            return self.copy_failed(ctx, partition, epoch);
        }
        let Some(task) = self.leading_task(partition, epoch) else { return };
        let Some(Copying { segment, .. }) = task.copying.take() else { return };
        task.copied = Some(Some(segment.end_offset));
        if let Some(replica) = self.replicas.get_mut(partition) {
            replica.log.note_highest_offset_in_remote(segment.end_offset);
        }
        Self::tell_remote(
            ctx,
            RemoteEvent::Copied {
                broker: self.id,
                partition: partition.clone(),
                id: segment.id,
                base_offset: segment.start_offset,
                end_offset: segment.end_offset,
                size_bytes: segment.size_bytes,
            },
        );
        self.copy_to_remote(ctx, partition);
    }

    /// Where copying goes on; none if it does not at the moment.
    fn first_to_copy(&mut self, partition: &TopicPartition) -> Option<Offset> {
        let task = self.process.tiered.tasks.get(partition).filter(|task| task.is_leader)?;
        let replica = self.replicas.get(partition)?;
        let log = &replica.log;
        let leads = replica.leader().is_some() && replica.leader_epoch == task.leader_epoch;
        if task.copying.is_some() || !leads || !log.config().copies_to_remote() {
            return None;
        }
        let copied = match task.copied {
            Some(copied) => copied,
            None => {
                let cache = self.process.tiered.metadata.cache(task.owner);
                let found = highest_remote_offset(cache, log);
                self.process.tiered.tasks.get_mut(partition)?.copied = Some(found);
                if let Some(found) = found {
                    self.replicas.get_mut(partition)?.log.note_highest_offset_in_remote(found);
                }
                found
            }
        };
        Some(copied.map_or(Offset(0), Offset::next))
    }

    fn copy_failed(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition, epoch: LeaderEpoch) {
        let Some(task) = self.leading_task(partition, epoch) else { return };
        let Some(Copying { segment, .. }) = task.copying.take() else { return };
        let base_offset = segment.start_offset;
        let (broker, partition) = (self.id, partition.clone());
        Self::tell_remote(ctx, RemoteEvent::CopyFailed { broker, partition, base_offset });
    }
}

fn random_id(ctx: &mut Ctx<'_>) -> RemoteSegmentId {
    let random = ctx.random("remote-segment-id");
    RemoteSegmentId(u128::from(random.next_u64()) << 64 | u128::from(random.next_u64()))
}
