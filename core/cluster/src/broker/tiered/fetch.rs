//! Fetches of what is in the remote tier: `DelayedRemoteFetch` and `RemoteLogReader`.
//!
//! One partition of a fetch is read from the store; what else it asks for was read from the disk when it came. The answer
//! waits for the store, but no longer than `remote.fetch.max.wait.ms`: then it says what there is, and the reader asks again.

use std::collections::BTreeSet;

use bytes::Bytes;
use highwater_log::{Batch, Offset, joined};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::fetch_response::{AbortedTransaction, PartitionData};

use super::store::Operation;
use crate::broker::Broker;
use crate::broker::fetch::{refused, told};
use crate::ctx::Ctx;
use crate::ids::{TimerId, TopicPartition};
use crate::input::ReplyTo;
use crate::remote::event::RemoteEvent;
use crate::remote::lineage::segment_of;
use crate::remote::store::RemoteObject;
use crate::remote::{RemoteSegment, RemoteSegmentId};
use crate::shared::Shared;
use crate::time::Span;
use crate::timer::Timer;

/// What a fetch wants from the remote tier.
#[derive(Clone, Debug)]
pub(in crate::broker) struct RemoteRead {
    pub(in crate::broker) partition: TopicPartition,
    pub(in crate::broker) offset: Offset,
    pub(in crate::broker) max_bytes: usize,
    pub(in crate::broker) min_one_batch: bool,
    pub(in crate::broker) wants_aborted: bool,
    /// Which topic of the answer, and which partition of it.
    pub(in crate::broker) place: (usize, usize),
}

/// A fetch that waits for the store.
#[derive(Clone, Debug)]
pub(super) struct DelayedRead {
    pub(super) from: ReplyTo,
    response: Box<kafka::FetchResponse>,
    pub(super) read: RemoteRead,
    segment: RemoteSegmentId,
    timer: TimerId,
}

/// The segments whose indexes are on the broker's disk: `RemoteIndexCache`, without its limits.
pub(super) type IndexCache = Shared<BTreeSet<RemoteSegmentId>>;

/// Why nothing was read.
type Refused = ResponseError;

impl Broker {
    /// Reads a part of a fetch from the remote tier.
    pub(in crate::broker) fn read_remotely(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        response: kafka::FetchResponse,
        read: RemoteRead,
    ) {
        let Some(segment) = self.remote_segment_of(&read.partition, read.offset) else {
            let error = if self.remote_cache(&read.partition).is_some() {
                ResponseError::OffsetOutOfRange
            } else {
                // What is there is not known yet.
                ResponseError::ReplicaNotAvailable
            };
            return self.answer_remote_read(ctx, from, response, &read, Err(error));
        };
        let (segment, size) = (segment.id, segment.size_bytes);
        let id = self.process.tiered.next_id();
        let wait = self.config.remote_fetch_max_wait;
        let timer = ctx.set_timer(wait, Timer::RemoteFetch(id));
        let bytes = size.min(read.max_bytes as u64);
        let delayed = DelayedRead { from, response: Box::new(response), read, segment, timer };
        self.process.tiered.reads.insert(id, delayed);
        // The first to read in a segment gets its indexes first: one more way there and back.
        let has_indexes = self.process.tiered.indexes.contains(&segment);
        let indexes = if has_indexes { Span::ZERO } else { ctx.store_speed().latency };
        self.ask_store_after(ctx, indexes, Operation::Read(id), bytes);
    }

    /// A fetch has waited long enough for the store: the reader gets what was on the disk, and asks again.
    pub(in crate::broker) fn remote_fetch_expired(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(delayed) = self.process.tiered.reads.remove(&id) else { return };
        let DelayedRead { from, response, read, .. } = delayed;
        Self::tell_remote(
            ctx,
            RemoteEvent::ReadExpired {
                broker: self.id,
                partition: read.partition,
                client: from.node,
                offset: read.offset,
            },
        );
        self.respond_fetch(ctx, from, *response);
    }

    /// The store has been read, if it could be.
    pub(super) fn remote_read_done(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(delayed) = self.process.tiered.reads.remove(&id) else { return };
        let DelayedRead { from, response, read, segment, timer } = delayed;
        ctx.cancel_timer(timer);
        let object = ctx.remote_store().get(segment);
        let (broker, client, offset) = (self.id, from.node, read.offset);
        let partition = read.partition.clone();
        let (event, result) = match object {
            Err(_) => (
                RemoteEvent::ReadFailed { broker, partition, client, offset },
                Err(ResponseError::UnknownServerError),
            ),
            Ok(None) => (
                RemoteEvent::ReadFailed { broker, partition, client, offset },
                Err(ResponseError::OffsetOutOfRange),
            ),
            Ok(Some(object)) => {
                if !self.process.tiered.indexes.contains(&segment) {
                    self.process.tiered.indexes.insert(segment);
                }
                let batches = self.batches_behind(ctx, &read, &object);
                let size_bytes = batches.iter().map(|batch| batch.size_in_bytes() as u64).sum();
                let aborted = self.aborted_behind(ctx, &read, &batches);
                (
                    RemoteEvent::Read { broker, partition, client, offset, size_bytes },
                    Ok((joined(&batches), aborted)),
                )
            }
        };
        Self::tell_remote(ctx, event);
        self.answer_remote_read(ctx, from, *response, &read, result);
    }

    /// The segment that an offset of a replica is read from.
    pub(super) fn remote_segment_of(
        &self,
        partition: &TopicPartition,
        offset: Offset,
    ) -> Option<&RemoteSegment> {
        let replica = self.replicas.get(partition)?;
        segment_of(self.remote_cache(partition)?, replica.log.epoch_cache(), offset)
    }

    /// The batches that a reader gets: of the segment, or if that has none from the offset on, of the next.
    fn batches_behind(
        &self,
        ctx: &mut Ctx<'_>,
        read: &RemoteRead,
        object: &RemoteObject,
    ) -> Vec<Batch> {
        // Where this log went another way than that of the leader who copied the segment, the segment counts no longer.
        let epochs = self.replicas.get(&read.partition).map(|replica| replica.log.epoch_cache());
        let is_own = |batch: &Batch| {
            let own = epochs.and_then(|epochs| epochs.epoch_for_offset(batch.base_offset()));
            own == Some(batch.header().leader_epoch)
        };
        let of = |object: &RemoteObject| {
            let read = object.segment.read(read.offset, read.max_bytes, read.min_one_batch);
            read.into_iter().take_while(&is_own).collect::<Vec<_>>()
        };
        let found = of(object);
        let ends_before = object.segment.next_offset() <= read.offset;
        if !found.is_empty() || !ends_before {
            return found;
        }
        // The log goes on at an offset that truncation left within a batch that is gone.
        let next = self.remote_segment_of(&read.partition, object.segment.next_offset());
        let next = next.map(|segment| segment.id);
        let next = next.and_then(|id| ctx.remote_store().get(id).ok().flatten());
        next.map_or_else(Vec::new, |object| of(&object))
    }

    /// The aborted transactions that a reader of committed records needs for these batches.
    fn aborted_behind(
        &self,
        ctx: &mut Ctx<'_>,
        read: &RemoteRead,
        batches: &[Batch],
    ) -> Option<Vec<AbortedTransaction>> {
        let (Some(first), Some(last)) = (batches.first(), batches.last()) else {
            return read.wants_aborted.then(Vec::new);
        };
        if !read.wants_aborted {
            return None;
        }
        let (from, up_to) = (first.base_offset(), last.last_offset().next());
        let mut found = Vec::new();
        let mut offset = from;
        while let Some(segment) = self.remote_segment_of(&read.partition, offset) {
            let (id, end) = (segment.id, segment.end_offset);
            let Ok(Some(object)) = ctx.remote_store().get(id) else { break };
            if object.segment.aborted_between(from, up_to, &mut found) {
                return Some(told(&found));
            }
            offset = end.next();
        }
        // A segment on the disk may begin before the last one in the store ends.
        if let Some(replica) = self.replicas.get(&read.partition) {
            found.extend(replica.log.aborted_transactions(offset, up_to));
        }
        Some(told(&found))
    }

    fn answer_remote_read(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        mut response: kafka::FetchResponse,
        read: &RemoteRead,
        result: Result<(Bytes, Option<Vec<AbortedTransaction>>), Refused>,
    ) {
        let part = part_mut(&mut response, read.place);
        match result {
            Ok((records, aborted)) => {
                part.records = Some(records);
                part.aborted_transactions = aborted;
            }
            Err(error) => *part = refused(part.partition_index, error),
        }
        self.respond_fetch(ctx, from, response);
    }
}

fn part_mut(response: &mut kafka::FetchResponse, place: (usize, usize)) -> &mut PartitionData {
    &mut response.responses[place.0].partitions[place.1]
}
