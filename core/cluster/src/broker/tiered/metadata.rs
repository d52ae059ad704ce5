//! What is said of remote segments, in the topic `__remote_log_metadata`: `TopicBasedRemoteLogMetadataManager`.
//!
//! The broker is a client of that topic as any other, also where it leads a partition of it itself: it produces what it has
//! to say, and reads what all brokers say. What it said counts once it has read it.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use highwater_log::{BatchBuilder, BatchOptions, LeaderEpoch, Offset, split_batches};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic, ReplicaState};
use kafka_protocol::messages::fetch_response::PartitionData;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use uuid::Uuid;

use crate::broker::internal_log::InternalTopic;
use crate::broker::{Broker, Sent};
use crate::client::names;
use crate::client::partitioner::murmur2;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, NodeId, TimerId, TopicName, TopicPartition};
use crate::remote::cache::RemoteCache;
use crate::remote::records::RemoteRecord;
use crate::remote::{RemoteSegment, RemoteSegmentState, TopicIdPartition};
use crate::shared::Shared;
use crate::time::Span;
use crate::timer::Timer;

/// How long to wait after something failed.
const RETRY: Span = Span(100_000);
/// How often a record is sent before it is given up.
const ATTEMPTS: u32 = 100;
/// How long a fetch waits for records: `fetch.max.wait.ms` of a consumer.
const FETCH_WAIT_MS: i32 = 500;

/// What this broker has read of the topic, and what it has to say in it.
#[derive(Clone, Debug, Default)]
pub(super) struct RemoteMetadata {
    caches: Shared<BTreeMap<TopicIdPartition, RemoteCache>>,
    /// How far each partition of the topic was read.
    read: BTreeMap<i32, Reading>,
    /// The leaders that a fetch is under way to.
    fetching: BTreeSet<BrokerId>,
    retry: Option<TimerId>,
    publications: BTreeMap<u64, Publication>,
    nothing: RemoteCache,
}

/// How far a partition of the topic was read.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    next: Offset,
    /// Whether its end was ever reached: until then, nothing is concluded from what is known.
    is_caught_up: bool,
}

/// A record that is to be written.
#[derive(Clone, Debug)]
struct Publication {
    partition: i32,
    value: Bytes,
    then: Published,
    attempts: u32,
    /// Where it was written, once it was.
    offset: Option<Offset>,
}

/// What goes on once a record was written and read.
#[derive(Clone, Debug)]
pub(in crate::broker) enum Published {
    /// A segment may be sent.
    CopyStarted(TopicPartition, LeaderEpoch),
    /// A segment is there.
    CopyFinished(TopicPartition, LeaderEpoch),
    /// A deletion may go on.
    DeleteStarted(u64),
    /// A segment is gone.
    DeleteFinished(u64),
}

impl RemoteMetadata {
    /// What is known of the remote segments of a partition.
    pub(super) fn cache(&self, of: TopicIdPartition) -> &RemoteCache {
        self.caches.get(&of).unwrap_or(&self.nothing)
    }
}

impl Broker {
    /// Whether all that was said of a partition's remote segments has been read at least once.
    pub(super) fn knows_remote_log(&self, of: TopicIdPartition) -> bool {
        let partition = self.remote_metadata_partition(of);
        self.process.tiered.metadata.read.get(&partition).is_some_and(|read| read.is_caught_up)
    }

    /// Writes a record. What follows happens once this broker has read it, or could not write it.
    pub(super) fn publish_remote(
        &mut self,
        ctx: &mut Ctx<'_>,
        topic: &TopicName,
        record: RemoteRecord,
        then: Published,
    ) {
        let id = self.process.tiered.next_id();
        let partition = self.remote_metadata_partition(record.partition());
        let value = record.encode(topic);
        let publication = Publication { partition, value, then, attempts: 0, offset: None };
        self.process.tiered.metadata.publications.insert(id, publication);
        self.send_publication(ctx, id);
    }

    /// Writes what becomes of a segment that was announced.
    pub(super) fn publish_remote_state(
        &mut self,
        ctx: &mut Ctx<'_>,
        topic: &TopicName,
        segment: &RemoteSegment,
        state: RemoteSegmentState,
        then: Published,
    ) {
        let record = RemoteRecord::Update {
            id: segment.id,
            partition: segment.partition,
            broker: self.id,
            timestamp: ctx.timestamp(),
            state,
        };
        self.publish_remote(ctx, topic, record, then);
    }

    /// Sends a record, or sends it again.
    pub(in crate::broker) fn send_publication(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(publication) = self.process.tiered.metadata.publications.get(&id) else { return };
        let partition = InternalTopic::RemoteLog.partition(publication.partition);
        let Some(leader) = self.leader_of(&partition) else {
            return self.publication_failed(ctx, id);
        };
        let mut builder = BatchBuilder::new(BatchOptions::default());
        builder.append(ctx.timestamp(), None, Some(&publication.value), &[]);
        let batch = builder.build(Offset(0), LeaderEpoch::NONE);
        let part = PartitionProduceData::default()
            .with_index(partition.partition.0)
            .with_records(Some(batch.bytes().clone()));
        let topic = TopicProduceData::default()
            .with_name(names::to_kafka(&partition.topic))
            .with_topic_id(self.topic_uuid(&partition.topic))
            .with_partition_data(vec![part]);
        let request = kafka::ProduceRequest::default()
            .with_acks(-1)
            .with_timeout_ms(self.config.request_timeout.millis() as i32)
            .with_topic_data(vec![topic]);
        let sent = ctx.send(NodeId::Broker(leader), request, self.config.request_timeout);
        self.process.requests.insert(sent, Sent::RemotePublication(id));
    }

    /// A leader has written a record, or has not.
    pub(in crate::broker) fn publication_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: u64,
        body: Option<&kafka::ProduceResponse>,
    ) {
        let parts = body.into_iter().flat_map(|body| &body.responses);
        let written = parts.flat_map(|topic| &topic.partition_responses).next();
        let Some(written) = written.filter(|part| part.error_code == 0) else {
            return self.publication_failed(ctx, id);
        };
        if let Some(publication) = self.process.tiered.metadata.publications.get_mut(&id) {
            publication.offset = Some(Offset(written.base_offset));
        }
        self.end_publications(ctx);
        self.consume_remote_metadata(ctx);
    }

    /// Reads on in the partitions of the topic that say something of this broker's replicas.
    pub(super) fn consume_remote_metadata(&mut self, ctx: &mut Ctx<'_>) {
        let wanted = self.wanted_remote_metadata();
        if wanted.is_empty() {
            return;
        }
        self.create_internal_topic(ctx, InternalTopic::RemoteLog);
        let mut by_leader: BTreeMap<BrokerId, Vec<i32>> = BTreeMap::new();
        let mut has_all = true;
        for index in wanted {
            match self.leader_of(&InternalTopic::RemoteLog.partition(index)) {
                Some(leader) => by_leader.entry(leader).or_default().push(index),
                None => has_all = false,
            }
        }
        for (leader, partitions) in by_leader {
            if self.process.tiered.metadata.fetching.insert(leader) {
                self.fetch_remote_metadata(ctx, leader, &partitions);
            }
        }
        if !has_all {
            self.consume_remote_metadata_later(ctx);
        }
    }

    /// It is time to try again.
    pub(in crate::broker) fn consume_remote_metadata_again(&mut self, ctx: &mut Ctx<'_>) {
        self.process.tiered.metadata.retry = None;
        self.consume_remote_metadata(ctx);
    }

    /// A leader has answered, or has not.
    pub(in crate::broker) fn remote_metadata_fetched(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        body: Option<&kafka::FetchResponse>,
    ) {
        self.process.tiered.metadata.fetching.remove(&leader);
        let mut is_whole = body.is_some();
        for topic in body.into_iter().flat_map(|body| &body.responses) {
            for data in &topic.partitions {
                is_whole &= self.take_in_remote_metadata(ctx, data);
            }
        }
        self.end_publications(ctx);
        if is_whole {
            self.consume_remote_metadata(ctx);
        } else {
            self.consume_remote_metadata_later(ctx);
        }
    }

    /// The partition of the topic that a partition belongs to: `RemoteLogMetadataTopicPartitioner`.
    fn remote_metadata_partition(&self, of: TopicIdPartition) -> i32 {
        let count = self.internal_partitions(InternalTopic::RemoteLog).max(1);
        // Java's `Long.hashCode` of both halves of the id.
        let half = |bits: u64| (bits ^ bits >> 32) as u32 as i32;
        let halves = [of.topic.0 as u64, (of.topic.0 >> 64) as u64].map(half);
        let values = halves.into_iter().chain([of.partition.0]);
        let hash = values.fold(1_i32, |hash, value| hash.wrapping_mul(31).wrapping_add(value));
        (murmur2(&hash.to_be_bytes()) & i32::MAX) % count
    }

    fn wanted_remote_metadata(&self) -> BTreeSet<i32> {
        let tiered = &self.process.tiered;
        let owned = tiered.tasks.values().map(|task| self.remote_metadata_partition(task.owner));
        let published = tiered.metadata.publications.values().map(|it| it.partition);
        owned.chain(published).collect()
    }

    pub(in crate::broker) fn topic_uuid(&self, topic: &TopicName) -> Uuid {
        let known = self.process.image.topics.get(topic);
        Uuid::from_u128(known.map_or(0, |topic| topic.id.0))
    }

    fn fetch_remote_metadata(&mut self, ctx: &mut Ctx<'_>, leader: BrokerId, partitions: &[i32]) {
        let read = &self.process.tiered.metadata.read;
        let part = |index: &i32| {
            FetchPartition::default()
                .with_partition(*index)
                .with_current_leader_epoch(-1)
                .with_fetch_offset(read.get(index).copied().unwrap_or_default().next.0)
                .with_last_fetched_epoch(-1)
                .with_log_start_offset(-1)
                .with_partition_max_bytes(1 << 20)
        };
        let is_new = |index: &i32| !read.get(index).is_some_and(|read| read.is_caught_up);
        // Who does not know all yet wants to hear that there is nothing more.
        let wait_ms = if partitions.iter().any(is_new) { 0 } else { FETCH_WAIT_MS };
        let topic = FetchTopic::default()
            .with_topic_id(self.topic_uuid(&TopicName::from(InternalTopic::RemoteLog.name())))
            .with_partitions(partitions.iter().map(part).collect());
        let mut request = kafka::FetchRequest::default();
        request.replica_id = kafka::BrokerId(-1);
        request.replica_state = ReplicaState::default().with_replica_id(kafka::BrokerId(-1));
        request.max_wait_ms = wait_ms;
        request.min_bytes = 1;
        request.max_bytes = 50 << 20;
        request.session_epoch = -1;
        request.topics = vec![topic];
        let sent = ctx.send(NodeId::Broker(leader), request, self.config.request_timeout);
        self.process.requests.insert(sent, Sent::RemoteMetadata(leader));
    }

    /// Takes over what a partition of the topic says. False if it could not be read.
    fn take_in_remote_metadata(&mut self, ctx: &mut Ctx<'_>, data: &PartitionData) -> bool {
        let metadata = &mut self.process.tiered.metadata;
        let index = data.partition_index;
        if data.error_code == ResponseError::OffsetOutOfRange.code() {
            // The topic lost what was read, or is another one: all of it is read anew.
            metadata.read.remove(&index);
            self.forget_caches_of(index);
            return false;
        }
        if data.error_code != 0 {
            return false;
        }
        let mut reading = metadata.read.get(&index).copied().unwrap_or_default();
        let (batches, _) = split_batches(data.records.clone().unwrap_or_default());
        for batch in batches {
            for record in batch.records().unwrap_or_default() {
                let value = record.value.unwrap_or_default();
                if record.offset < reading.next {
                    continue;
                }
                // What anybody else writes there is none of it.
                if let Ok(record) = RemoteRecord::decode(&value) {
                    metadata.caches.entry(record.partition()).or_default().apply(&record);
                }
            }
            reading.next = reading.next.max(batch.last_offset().next());
        }
        let knew_all = reading.is_caught_up;
        reading.is_caught_up |= reading.next.0 >= data.high_watermark;
        metadata.read.insert(index, reading);
        if reading.is_caught_up && !knew_all {
            self.run_tasks_of(ctx, index);
        }
        true
    }

    /// All is known of these partitions now: what waited for that begins.
    fn run_tasks_of(&mut self, ctx: &mut Ctx<'_>, index: i32) {
        let tasks = self.process.tiered.tasks.iter();
        let own = tasks.filter(|(_, task)| self.remote_metadata_partition(task.owner) == index);
        let own: Vec<_> = own.map(|(partition, _)| partition.clone()).collect();
        for partition in own {
            self.run_remote_task(ctx, &partition);
        }
    }

    fn forget_caches_of(&mut self, index: i32) {
        let caches = self.process.tiered.metadata.caches.keys().copied();
        let own: Vec<_> =
            caches.filter(|of| self.remote_metadata_partition(*of) == index).collect();
        for of in own {
            self.process.tiered.metadata.caches.remove(&of);
        }
    }

    fn consume_remote_metadata_later(&mut self, ctx: &mut Ctx<'_>) {
        if self.process.tiered.metadata.retry.is_none() {
            let timer = ctx.set_timer(RETRY, Timer::RemoteMetadata);
            self.process.tiered.metadata.retry = Some(timer);
        }
    }

    fn publication_failed(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(publication) = self.process.tiered.metadata.publications.get_mut(&id) else {
            return;
        };
        publication.attempts += 1;
        if publication.attempts >= ATTEMPTS {
            let then = publication.then.clone();
            self.process.tiered.metadata.publications.remove(&id);
            return self.published(ctx, then, false);
        }
        ctx.set_timer(RETRY, Timer::RemotePublication(id));
    }

    /// Goes on after each record that was written and read.
    fn end_publications(&mut self, ctx: &mut Ctx<'_>) {
        let metadata = &self.process.tiered.metadata;
        let is_read = |publication: &Publication| {
            let read = metadata.read.get(&publication.partition);
            let offset = publication.offset;
            offset.is_some_and(|offset| read.is_some_and(|read| read.next > offset))
        };
        let done = metadata.publications.iter().filter(|(_, publication)| is_read(publication));
        let done: Vec<u64> = done.map(|(id, _)| *id).collect();
        for id in done {
            if let Some(done) = self.process.tiered.metadata.publications.remove(&id) {
                self.published(ctx, done.then, true);
            }
        }
    }

    fn published(&mut self, ctx: &mut Ctx<'_>, then: Published, is_published: bool) {
        match then {
            Published::CopyStarted(partition, epoch) => {
                self.copy_announced(ctx, &partition, epoch, is_published);
            }
            Published::CopyFinished(partition, epoch) => {
                self.copy_confirmed(ctx, &partition, epoch, is_published);
            }
            Published::DeleteStarted(id) => self.deletion_announced(ctx, id, is_published),
            Published::DeleteFinished(id) => self.deletion_confirmed(ctx, id, is_published),
        }
    }
}
