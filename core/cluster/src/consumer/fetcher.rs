//! Fetching from the partitions' leaders: one fetch under way for each, with all partitions of which
//! nothing is left to hand out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::fetch_response::PartitionData;
use kafka_protocol::messages::{BrokerId as KafkaBrokerId, FetchRequest, FetchResponse};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use crate::client::error_messages::not_authorized_to_topics;
use crate::client::errors::is_invalid_metadata;
use crate::client::names;
use crate::consumer::completed_fetch::CompletedFetch;
use crate::consumer::responses::Sent;
use crate::consumer::{Consumer, IsolationLevel};
use crate::ctx::Ctx;
use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::time::{Span, Time};

/// Fetches under way and what they brought.
#[derive(Clone, Debug, Default)]
pub(super) struct Fetcher {
    /// The leaders that have been asked and have not answered.
    pending: BTreeSet<BrokerId>,
    /// What the application has not got yet, in the order in which it came.
    pub(super) completed: VecDeque<CompletedFetch>,
    /// Brokers whose connection broke: how often in a row, and until when they are left alone.
    blackouts: BTreeMap<BrokerId, (u32, Time)>,
    /// Brokers that want to hear nothing until then: more was fetched from them than a quota allows.
    throttles: BTreeMap<BrokerId, Time>,
}

impl Fetcher {
    /// The partitions are given back: nobody gets what was fetched of them.
    pub(super) fn forget_completed(&mut self) {
        self.completed.clear();
    }

    pub(super) fn is_blacked_out(&self, broker: BrokerId, now: Time) -> bool {
        let is_throttled = self.throttles.get(&broker).is_some_and(|until| *until > now);
        is_throttled || self.blackouts.get(&broker).is_some_and(|(_, until)| *until > now)
    }

    /// When the next broker may be asked again that is not to be asked now.
    pub(super) fn next_attempt(&self, now: Time) -> Option<Time> {
        let blackouts = self.blackouts.values().map(|(_, until)| *until);
        blackouts.chain(self.throttles.values().copied()).filter(|until| *until > now).min()
    }

    fn has_completed(&self, partition: &TopicPartition) -> bool {
        self.completed.iter().any(|fetch| fetch.partition == *partition)
    }
}

impl Consumer {
    /// Fetches whatever can be fetched.
    pub(super) fn send_fetches(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        let mut by_leader: BTreeMap<BrokerId, BTreeMap<TopicPartition, Offset>> = BTreeMap::new();
        if self.assignment.is_pending_revocation {
            return;
        }
        self.expire_read_replicas(ctx);
        for (partition, state) in &self.assignment.partitions {
            let Some(offset) = state.offset() else { continue };
            let is_unwanted = state.is_paused(now) || self.fetcher.has_completed(partition);
            if !state.is_ready(now) || is_unwanted {
                continue;
            }
            let leader = self.updater.metadata.leader(partition);
            match leader.map(|leader| state.read_replica(leader)) {
                None => self.updater.request_update(),
                Some(leader) if self.fetcher.pending.contains(&leader) => {}
                Some(leader) if self.fetcher.is_blacked_out(leader, now) => {}
                Some(leader) => {
                    by_leader.entry(leader).or_default().insert(partition.clone(), offset);
                }
            }
        }
        for (leader, offsets) in by_leader {
            let request = self.fetch_request(&offsets);
            self.fetcher.pending.insert(leader);
            let sent = Sent::Fetch(leader, self.assignment.id, offsets);
            self.send(ctx, NodeId::Broker(leader), request, sent);
        }
    }

    pub(super) fn on_fetched(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        assignment: u64,
        asked: &BTreeMap<TopicPartition, Offset>,
        response: &FetchResponse,
    ) {
        self.fetcher.pending.remove(&leader);
        self.fetcher.blackouts.remove(&leader);
        self.fetcher.throttles.remove(&leader);
        if response.throttle_time_ms > 0 {
            let wait = Span::from_millis(response.throttle_time_ms.into());
            self.fetcher.throttles.insert(leader, ctx.now() + wait);
        }
        if assignment != self.assignment.id {
            return;
        }
        if ResponseError::try_from_code(response.error_code).is_some() {
            return self.await_metadata(asked.keys());
        }
        for topic in &response.responses {
            let id = names::topic_id(topic.topic_id);
            let Some(name) = self.updater.metadata.topic_names.get(&id).cloned() else {
                self.updater.request_update();
                continue;
            };
            for data in &topic.partitions {
                let partition = TopicPartition::new(&name, data.partition_index);
                // The position may have been reset since.
                let position =
                    self.assignment.partitions.get(&partition).and_then(|state| state.offset());
                if position.is_some() && position == asked.get(&partition).copied() {
                    self.take_in(ctx, &partition, data);
                }
            }
        }
    }

    /// The connection broke, or the leader kept silent.
    pub(super) fn fetch_failed(&mut self, ctx: &mut Ctx<'_>, leader: BrokerId) {
        self.fetcher.pending.remove(&leader);
        self.forget_read_replica(ctx, leader);
        let failures = self.fetcher.blackouts.get(&leader).map_or(0, |(failures, _)| *failures);
        let until = ctx.now() + self.config.reconnect_backoff().wait(ctx, failures);
        self.fetcher.blackouts.insert(leader, (failures.saturating_add(1), until));
        self.updater.metadata.failed(leader, ctx.now());
        self.updater.request_update();
    }

    fn fetch_request(&self, offsets: &BTreeMap<TopicPartition, Offset>) -> FetchRequest {
        let mut topics: Vec<FetchTopic> = Vec::new();
        for (partition, offset) in offsets {
            let metadata = &self.updater.metadata;
            let id = metadata.topics.get(&partition.topic).map_or(0, |topic| topic.id.0);
            let epoch = metadata.partition(partition).map_or(-1, |known| known.leader_epoch.0);
            let entry = FetchPartition::default()
                .with_partition(partition.partition.0)
                .with_current_leader_epoch(epoch)
                .with_fetch_offset(offset.0)
                .with_last_fetched_epoch(-1)
                .with_log_start_offset(-1)
                .with_partition_max_bytes(self.config.max_partition_fetch_bytes);
            let topic_id = Uuid::from_u128(id);
            match topics.last_mut().filter(|topic| topic.topic_id == topic_id) {
                Some(topic) => topic.partitions.push(entry),
                None => topics.push(
                    FetchTopic::default().with_topic_id(topic_id).with_partitions(vec![entry]),
                ),
            }
        }
        // No fetch session: each request stands for itself.
        FetchRequest::default()
            .with_replica_id(KafkaBrokerId(-1))
            .with_max_wait_ms(self.config.fetch_max_wait_ms)
            .with_min_bytes(self.config.fetch_min_bytes)
            .with_max_bytes(self.config.fetch_max_bytes)
            .with_isolation_level(self.config.isolation_level.code())
            .with_session_id(0)
            .with_session_epoch(-1)
            .with_rack_id(StrBytes::from_string(self.config.client_rack.to_string()))
            .with_topics(topics)
    }

    fn take_in(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition, data: &PartitionData) {
        let Some(position) =
            self.assignment.partitions.get(partition).and_then(|state| state.offset())
        else {
            return;
        };
        match ResponseError::try_from_code(data.error_code) {
            None => {
                self.note_read_replica(ctx, partition, data);
                self.note_end(partition, data);
                let records = data.records.clone().unwrap_or_default();
                let is_careful = self.config.isolation_level == IsolationLevel::ReadCommitted;
                let aborted = data.aborted_transactions.as_deref().unwrap_or_default();
                let fetched = CompletedFetch::parse(
                    partition,
                    position,
                    records,
                    is_careful.then_some(aborted),
                );
                self.fetcher.completed.extend(fetched);
            }
            // The replica may only lag: the leader knows.
            Some(ResponseError::OffsetOutOfRange) if self.leave_read_replica(ctx, partition) => {}
            Some(ResponseError::OffsetOutOfRange) => {
                self.reset_position(ctx, partition, "OffsetOutOfRangeException");
            }
            Some(error) if is_invalid_metadata(error) || error.is_retriable() => {
                self.leave_read_replica(ctx, partition);
                let (leader, epoch) =
                    (data.current_leader.leader_id, data.current_leader.leader_epoch);
                let newer = names::broker_id(leader).is_some_and(|leader| {
                    self.updater.metadata.update_leader(partition, leader, LeaderEpoch(epoch))
                });
                if newer {
                    self.updater.request_update();
                } else {
                    self.await_metadata([partition]);
                }
            }
            // Kafka's client only warns of it, and asks again.
            Some(ResponseError::UnknownServerError) => {}
            Some(ResponseError::TopicAuthorizationFailed) => {
                self.poll_fails(ctx, &not_authorized_to_topics(&[&partition.topic]));
            }
            Some(error) => self.fail(ctx, error),
        }
    }

    /// Remembers how far the consumer could read: its lag follows from that.
    fn note_end(&mut self, partition: &TopicPartition, data: &PartitionData) {
        let end = match self.config.isolation_level {
            IsolationLevel::ReadUncommitted => data.high_watermark,
            IsolationLevel::ReadCommitted => data.last_stable_offset,
        };
        if let Some(state) = self.assignment.partitions.get_mut(partition) {
            state.end = (end >= 0).then_some(Offset(end)).or(state.end);
        }
    }

    /// Lets partitions rest until newer metadata comes.
    fn await_metadata<'a>(&mut self, partitions: impl IntoIterator<Item = &'a TopicPartition>) {
        self.updater.request_update();
        for partition in partitions {
            if let Some(state) = self.assignment.partitions.get_mut(partition) {
                state.awaits_metadata = true;
            }
        }
    }
}
