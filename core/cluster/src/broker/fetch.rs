//! Serving fetches: followers read up to the log end, consumers up to the high watermark.

use std::sync::Arc;

use bytes::Bytes;
use highwater_log::{AbortedTxn, LeaderEpoch, Offset, ReadError, split_batches};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::fetch_request::FetchPartition;
use kafka_protocol::messages::fetch_response::{
    AbortedTransaction, EpochEndOffset, FetchableTopicResponse, PartitionData,
};

use crate::broker::Broker;
use crate::broker::purgatory::DelayedFetch;
use crate::broker::replica::Replica;
use crate::broker::replication_quota::Part;
use crate::broker::tiered::RemoteRead;
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, TopicId, TopicPartition};
use crate::input::ReplyTo;
use crate::time::{Span, Time};
use crate::timer::Timer;

/// `isolation.level=read_committed` on the wire.
const READ_COMMITTED: i8 = 1;

/// What a fetch finds, before it is decided whether it waits.
struct Found {
    response: kafka::FetchResponse,
    bytes: usize,
    /// An error or a diverging epoch: the asker is to know at once.
    is_urgent: bool,
    /// As many bytes as it waits for, or as an answer may have.
    is_enough: bool,
    /// What is to be read from the remote tier: of the first partition that needs it.
    remote: Option<RemoteRead>,
}

impl Broker {
    pub(super) fn on_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &Arc<kafka::FetchRequest>,
    ) {
        let partitions = self.fetched_partitions(request);
        if let Some(follower) = follower_of(request) {
            self.note_follower_progress(ctx, follower, request);
        }
        let mut found = self.read_for(ctx, from, request);
        if let Some(read) = found.remote.take() {
            return self.read_remotely(ctx, from, found.response, read);
        }
        if found.is_urgent || found.is_enough || request.max_wait_ms <= 0 || partitions.is_empty() {
            return self.answer_fetch(ctx, from, request, found);
        }
        let id = self.process.purgatory.next_id();
        let timer =
            ctx.set_timer(Span::from_millis(request.max_wait_ms.into()), Timer::DelayedFetch(id));
        let delayed = DelayedFetch { from, request: request.clone(), partitions, timer };
        self.process.purgatory.fetch.insert(id, delayed);
    }

    /// Something happened to a partition: fetches that wait for it may be answered.
    pub(super) fn check_delayed_fetches(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        self.share_changed(ctx, partition);
        for id in self.process.purgatory.fetches_of(partition) {
            let waiting = &self.process.purgatory.fetch[&id];
            let (from, request) = (waiting.from, waiting.request.clone());
            let found = self.read_for(ctx, from, &request);
            if found.is_urgent || found.is_enough {
                self.answer_delayed_fetch(ctx, id, found);
            }
        }
    }

    pub(super) fn delayed_fetch_expired(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(delayed) = self.process.purgatory.fetch.get(&id) else { return };
        let found = self.read_for(ctx, delayed.from, &delayed.request.clone());
        self.answer_delayed_fetch(ctx, id, found);
    }

    fn answer_delayed_fetch(&mut self, ctx: &mut Ctx<'_>, id: u64, found: Found) {
        let delayed = self.process.purgatory.fetch.remove(&id).expect("it waits");
        ctx.cancel_timer(delayed.timer);
        self.answer_fetch(ctx, delayed.from, &delayed.request, found);
    }

    fn answer_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::FetchRequest,
        found: Found,
    ) {
        if follower_of(request).is_some() {
            for topic in &found.response.responses {
                let id = TopicId(topic.topic_id.as_u128());
                let Some(name) = self.process.image.topic_names.get(&id).cloned() else { continue };
                for data in &topic.partitions {
                    let partition = TopicPartition::new(&name, data.partition_index);
                    let bytes = data.records.as_ref().map_or(0, Bytes::len);
                    self.note_replicated(&partition, Part::Leader, bytes, ctx.now());
                }
            }
        }
        self.respond_fetch(ctx, from, found.response);
    }

    /// Answers a fetch, and says how long the client is beyond its quota.
    pub(super) fn respond_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        response: kafka::FetchResponse,
    ) {
        let response = self.throttle_fetch(ctx, from, response);
        ctx.respond(from, response);
    }

    /// The partitions of a fetch that this broker knows by their topic ids.
    fn fetched_partitions(&self, request: &kafka::FetchRequest) -> Vec<TopicPartition> {
        let mut partitions = Vec::new();
        for topic in &request.topics {
            let id = TopicId(topic.topic_id.as_u128());
            let Some(name) = self.process.image.topic_names.get(&id) else { continue };
            partitions.extend(
                topic.partitions.iter().map(|part| TopicPartition::new(name, part.partition)),
            );
        }
        partitions
    }

    fn read_for(&self, ctx: &Ctx<'_>, from: ReplyTo, request: &kafka::FetchRequest) -> Found {
        let now = ctx.now();
        let response = kafka::FetchResponse::default();
        let mut found =
            Found { response, bytes: 0, is_urgent: false, is_enough: false, remote: None };
        let bytes = |asked: i32| usize::try_from(asked).unwrap_or(0);
        let mut room = bytes(request.max_bytes).min(self.most_in_quota_window(ctx, from.node));
        let min_bytes = bytes(request.min_bytes).min(room);
        let reads_remote = follower_of(request).is_none() && self.has_tiers();
        for topic in &request.topics {
            let id = TopicId(topic.topic_id.as_u128());
            let name = self.process.image.topic_names.get(&id);
            let mut answer = FetchableTopicResponse::default();
            answer.topic_id = topic.topic_id;
            for part in &topic.partitions {
                let data = match name {
                    Some(name) => {
                        let partition = TopicPartition::new(name, part.partition);
                        let asked = (part, room, found.bytes == 0);
                        let data = self.read_partition(now, request, &partition, asked);
                        if reads_remote && found.remote.is_none() {
                            let place = (found.response.responses.len(), answer.partitions.len());
                            let wanted = self.remote_read(request, &partition, &data, asked);
                            found.remote = wanted.map(|read| RemoteRead { place, ..read });
                        }
                        data
                    }
                    None => refused(part.partition, ResponseError::UnknownTopicId),
                };
                let size = data.records.as_ref().map_or(0, Bytes::len);
                found.bytes += size;
                room = room.saturating_sub(size);
                found.is_urgent |= data.error_code != 0
                    || data.diverging_epoch.end_offset >= 0
                    || data.preferred_read_replica.0 >= 0;
                answer.partitions.push(data);
            }
            found.response.responses.push(answer);
        }
        found.is_enough = found.bytes >= min_bytes;
        found
    }

    fn read_partition(
        &self,
        now: Time,
        request: &kafka::FetchRequest,
        partition: &TopicPartition,
        (part, room, is_first): (&FetchPartition, usize, bool),
    ) -> PartitionData {
        let found = match follower_of(request) {
            Some(_) => self.check_leader_epoch(partition, part.current_leader_epoch),
            None => self.check_readable(partition, part.current_leader_epoch),
        };
        let replica = match found {
            Ok(replica) => replica,
            Err(error) => return refused(part.partition, error),
        };
        let asker = follower_of(request);
        if asker.is_some_and(|id| !replica.is_assigned(id)) {
            // A reassignment adds it, and this leader has not heard of that yet: it is to try again.
            return refused(part.partition, ResponseError::UnknownLeaderEpoch);
        }
        let mut data = PartitionData::default();
        data.partition_index = part.partition;
        data.high_watermark = replica.log.high_watermark().0;
        data.last_stable_offset = replica.log.last_stable_offset().0;
        data.log_start_offset = replica.log.log_start_offset().0;
        data.aborted_transactions = None;
        if let Some(preferred) = self.preferred_read_replica(request, partition, part) {
            data.preferred_read_replica = kafka::BrokerId(preferred.0);
            return data;
        }
        let diverging = diverging_epoch(replica, part);
        if let Some(diverging) = diverging.filter(|_| !self.bugs.has(Bug::NoTruncation)) {
            data.diverging_epoch = diverging;
            return data;
        }
        if asker.is_some_and(|id| self.throttles_follower(partition, replica, id, now)) {
            data.records = Some(Bytes::new());
            return data;
        }
        if replica.log.is_in_remote_only(Offset(part.fetch_offset)) {
            // A follower does not copy what is there. What a reader gets of it is read once all else is.
            if asker.is_some() {
                data.error_code = ResponseError::OffsetMovedToTieredStorage.code();
            }
            data.records = Some(Bytes::new());
            return data;
        }
        let is_for_all = asker.is_some() || self.bugs.has(Bug::ReadsUncommitted);
        let up_to = if is_for_all {
            replica.log.log_end_offset()
        } else if request.isolation_level == READ_COMMITTED
            && !self.bugs.has(Bug::IgnoresLastStableOffset)
        {
            replica.log.last_stable_offset()
        } else {
            replica.log.high_watermark()
        };
        let limit = room.min(usize::try_from(part.partition_max_bytes).unwrap_or(0));
        match replica.log.read(Offset(part.fetch_offset), limit, is_first, up_to) {
            Ok(records) => {
                if asker.is_none() && request.isolation_level == READ_COMMITTED {
                    data.aborted_transactions =
                        Some(aborted_in(replica, Offset(part.fetch_offset), &records));
                }
                data.records = Some(records);
            }
            Err(ReadError::OffsetOutOfRange { .. }) => {
                return refused(part.partition, ResponseError::OffsetOutOfRange);
            }
        }
        data
    }

    /// What a consumer wants of a partition that is in the remote tier only; none if it is on the disk, or refused.
    fn remote_read(
        &self,
        request: &kafka::FetchRequest,
        partition: &TopicPartition,
        data: &PartitionData,
        (part, room, is_first): (&FetchPartition, usize, bool),
    ) -> Option<RemoteRead> {
        let offset = Offset(part.fetch_offset);
        let is_refused = data.error_code != 0 || data.preferred_read_replica.0 >= 0;
        let log = &self.replicas.get(partition)?.log;
        if is_refused || !log.is_in_remote_only(offset) {
            return None;
        }
        Some(RemoteRead {
            partition: partition.clone(),
            offset,
            max_bytes: room.min(usize::try_from(part.partition_max_bytes).unwrap_or(0)),
            min_one_batch: is_first,
            wants_aborted: request.isolation_level == READ_COMMITTED,
            place: (0, 0),
        })
    }

    /// The replica, if this broker leads the partition in the epoch that the asker believes in.
    pub(super) fn check_leader_epoch(
        &self,
        partition: &TopicPartition,
        believed: i32,
    ) -> Result<&Replica, ResponseError> {
        let replica = self.check_epoch(partition, believed)?;
        if replica.leader().is_none() {
            return Err(ResponseError::NotLeaderOrFollower);
        }
        Ok(replica)
    }

    /// The replica, whether this broker leads the partition or follows, if its leader epoch is the one
    /// that the asker believes in.
    pub(super) fn check_epoch(
        &self,
        partition: &TopicPartition,
        believed: i32,
    ) -> Result<&Replica, ResponseError> {
        let Some(replica) = self.replicas.get(partition) else {
            let is_known = self.process.image.partition(partition).is_some();
            return Err(if is_known {
                ResponseError::NotLeaderOrFollower
            } else {
                ResponseError::UnknownTopicOrPartition
            });
        };
        if believed >= 0 && LeaderEpoch(believed) < replica.leader_epoch {
            return Err(ResponseError::FencedLeaderEpoch);
        }
        if believed >= 0 && LeaderEpoch(believed) > replica.leader_epoch {
            return Err(ResponseError::UnknownLeaderEpoch);
        }
        Ok(replica)
    }
}

/// The follower that fetches; none if a consumer does.
pub(super) fn follower_of(request: &kafka::FetchRequest) -> Option<BrokerId> {
    let id = request.replica_state.replica_id.0;
    (id >= 0).then_some(BrokerId(id))
}

/// Where the follower's log leaves the leader's, if it does (KIP-595).
fn diverging_epoch(replica: &Replica, part: &FetchPartition) -> Option<EpochEndOffset> {
    if part.last_fetched_epoch < 0 {
        return None;
    }
    let asked = LeaderEpoch(part.last_fetched_epoch);
    let (epoch, end) = replica.log.end_offset_for_epoch(asked)?;
    if epoch < asked || end < Offset(part.fetch_offset) {
        return Some(EpochEndOffset::default().with_epoch(epoch.0).with_end_offset(end.0));
    }
    None
}

/// The aborted transactions that a reader of committed records needs to know of to skip them.
fn aborted_in(replica: &Replica, from: Offset, records: &Bytes) -> Vec<AbortedTransaction> {
    let (batches, _) = split_batches(records.clone());
    let Some(last) = batches.last() else { return Vec::new() };
    let aborted = replica.log.aborted_transactions(from, last.last_offset().next());
    told(&aborted)
}

/// Aborted transactions as an answer tells them.
pub(super) fn told(aborted: &[AbortedTxn]) -> Vec<AbortedTransaction> {
    let tell = |aborted: &AbortedTxn| {
        AbortedTransaction::default()
            .with_producer_id(kafka::ProducerId(aborted.producer_id.0))
            .with_first_offset(aborted.first_offset.0)
    };
    aborted.iter().map(tell).collect()
}

/// What a fetch is answered with for a partition that cannot be read.
pub(super) fn refused(index: i32, error: ResponseError) -> PartitionData {
    let mut data = PartitionData::default();
    data.partition_index = index;
    data.error_code = error.code();
    data.high_watermark = -1;
    data.last_stable_offset = -1;
    data.log_start_offset = -1;
    data.aborted_transactions = None;
    data
}
