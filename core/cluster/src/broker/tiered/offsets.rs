//! Questions for the offset of a time that lies in the remote tier: `DelayedRemoteListOffsets`. The answer waits for the
//! store, `remote.list.offsets.request.timeout.ms` at most.

use highwater_log::{LeaderEpoch, Offset, TimestampMs};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::list_offsets_response::ListOffsetsPartitionResponse;

use super::store::Operation;
use crate::broker::Broker;
use crate::broker::replica::Replica;
use crate::ctx::Ctx;
use crate::ids::{TimerId, TopicPartition};
use crate::input::ReplyTo;
use crate::remote::lineage::copied;
use crate::remote::{RemoteSegment, RemoteSegmentId};
use crate::timer::Timer;

/// A time that is looked for in the remote tier.
#[derive(Clone, Debug)]
pub(in crate::broker) struct RemoteLookup {
    pub(in crate::broker) partition: TopicPartition,
    segment: RemoteSegmentId,
    timestamp: TimestampMs,
    /// The answer counts only below this offset.
    pub(in crate::broker) end: Offset,
    /// Which topic of the answer, and which partition of it.
    pub(in crate::broker) place: (usize, usize),
}

/// A request that waits for the store.
#[derive(Clone, Debug)]
pub(super) struct DelayedLookups {
    from: ReplyTo,
    response: Box<kafka::ListOffsetsResponse>,
    lookups: Vec<RemoteLookup>,
    waiting: usize,
    timer: TimerId,
}

/// An offset that was found, with its record's timestamp and its batch's epoch.
pub(in crate::broker) type FoundOffset = (TimestampMs, Offset, Option<LeaderEpoch>);

impl Broker {
    /// Where to look for the first record of that time or later in the remote tier; none if that is on the disk.
    ///
    /// # Errors
    /// If it is not known yet what the remote tier has.
    pub(in crate::broker) fn remote_lookup(
        &self,
        partition: &TopicPartition,
        replica: &Replica,
        timestamp: TimestampMs,
        end: Offset,
    ) -> Result<Option<RemoteLookup>, ResponseError> {
        let log = &replica.log;
        if !log.config().remote_storage || log.log_start_offset() == log.log_end_offset() {
            return Ok(None);
        }
        let Some(cache) = self.remote_cache(partition) else {
            return Err(ResponseError::ReplicaNotAvailable);
        };
        let start = log.log_start_offset();
        let reaches = |segment: &&RemoteSegment| {
            segment.max_timestamp >= timestamp && segment.end_offset >= start
        };
        let on_disk = log.segments().next().map(|segment| segment.base_offset());
        let found = copied(cache, log).into_iter().find(reaches);
        let found = found.filter(|segment| on_disk.is_none_or(|disk| segment.start_offset < disk));
        let partition = partition.clone();
        Ok(found.map(|segment| RemoteLookup {
            partition,
            segment: segment.id,
            timestamp,
            end,
            place: (0, 0),
        }))
    }

    /// Answers a request once the store was asked for what is missing in the answer.
    pub(in crate::broker) fn look_up_remotely(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        response: kafka::ListOffsetsResponse,
        lookups: Vec<RemoteLookup>,
        timeout_ms: i32,
    ) {
        let id = self.process.tiered.next_id();
        let timeout = match timeout_ms {
            1.. => crate::time::Span::from_millis(timeout_ms.into()),
            _ => self.config.remote_list_offsets_timeout,
        };
        let timer = ctx.set_timer(timeout, Timer::RemoteListOffsets(id));
        let count = lookups.len();
        let response = Box::new(response);
        let delayed = DelayedLookups { from, response, lookups, waiting: count, timer };
        self.process.tiered.lookups.insert(id, delayed);
        for place in 0..count {
            self.ask_store(ctx, Operation::Lookup(id, place), 0);
        }
    }

    /// The store has been asked for one of the times.
    pub(super) fn remote_looked_up(&mut self, ctx: &mut Ctx<'_>, id: u64, place: usize) {
        let Some(delayed) = self.process.tiered.lookups.get(&id) else { return };
        let lookup = delayed.lookups[place].clone();
        let object = ctx.remote_store().get(lookup.segment);
        let found = match object {
            Err(_) => Err(ResponseError::UnknownServerError),
            Ok(object) => Ok(self.offset_behind(&lookup, object.as_deref())),
        };
        let Some(delayed) = self.process.tiered.lookups.get_mut(&id) else { return };
        let (topic, part) = lookup.place;
        fill(&mut delayed.response.topics[topic].partitions[part], found);
        delayed.waiting -= 1;
        if delayed.waiting == 0
            && let Some(done) = self.process.tiered.lookups.remove(&id)
        {
            ctx.cancel_timer(done.timer);
            ctx.respond(done.from, *done.response);
        }
    }

    /// A request has waited long enough for the store.
    pub(in crate::broker) fn remote_lookups_expired(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(mut delayed) = self.process.tiered.lookups.remove(&id) else { return };
        for lookup in &delayed.lookups {
            let (topic, part) = lookup.place;
            let answer = &mut delayed.response.topics[topic].partitions[part];
            if answer.offset < 0 && answer.error_code == 0 {
                fill(answer, Err(ResponseError::RequestTimedOut));
            }
        }
        ctx.respond(delayed.from, *delayed.response);
    }

    fn offset_behind(
        &self,
        lookup: &RemoteLookup,
        object: Option<&crate::remote::store::RemoteObject>,
    ) -> Option<FoundOffset> {
        let log = &self.replicas.get(&lookup.partition)?.log;
        let start = log.log_start_offset();
        let remote =
            object.and_then(|object| object.segment.offset_for_timestamp(lookup.timestamp, start));
        let found = remote.or_else(|| log.offset_for_timestamp(lookup.timestamp));
        found.filter(|(_, offset, _)| *offset < lookup.end)
    }
}

/// Writes down what was found.
pub(in crate::broker) fn fill(
    answer: &mut ListOffsetsPartitionResponse,
    found: Result<Option<FoundOffset>, ResponseError>,
) {
    match found {
        Ok(Some((timestamp, offset, epoch))) => {
            answer.timestamp = timestamp.0;
            answer.offset = offset.0;
            answer.leader_epoch = epoch.map_or(-1, |epoch| epoch.0);
        }
        Ok(None) => {}
        Err(error) => answer.error_code = error.code(),
    }
}
