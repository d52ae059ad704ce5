//! Following: one fetch at a time from each broker that leads partitions which this one follows.

use std::collections::BTreeMap;

use highwater_log::{LeaderEpoch, Offset, split_batches};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic, ReplicaState};
use kafka_protocol::messages::fetch_response::PartitionData;
use uuid::Uuid;

use crate::broker::out_of_range::LeaderOffset;
use crate::broker::replica::Role;
use crate::broker::replication_quota::Part;
use crate::broker::{Broker, Sent};
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, NodeId, PartitionIndex, TimerId, TopicId, TopicPartition};
use crate::timer::Timer;

/// The fetching from one leader.
#[derive(Clone, Debug, Default)]
pub(super) struct Fetcher {
    is_under_way: bool,
    retry: Option<TimerId>,
    /// What the fetch under way asks for: the leader epoch and the offset of each partition.
    asked: BTreeMap<(TopicId, PartitionIndex), (LeaderEpoch, Offset)>,
}

impl Broker {
    /// Fetches from a leader, unless a fetch is under way or nothing is to be fetched.
    pub(super) fn fetch_from(&mut self, ctx: &mut Ctx<'_>, leader: BrokerId) {
        let fetcher = self.process.fetchers.entry(leader).or_default();
        if fetcher.is_under_way {
            return;
        }
        if let Some(timer) = fetcher.retry.take() {
            ctx.cancel_timer(timer);
        }
        let topics = self.topics_to_fetch(ctx, leader);
        if topics.is_empty() {
            return self.fetch_later_if_delayed(ctx, leader);
        }
        let state = ReplicaState::default()
            .with_replica_id(kafka::BrokerId(self.id.0))
            .with_replica_epoch(self.process.epoch.map_or(-1, |epoch| epoch.0));
        let mut request = kafka::FetchRequest::default();
        request.replica_state = state;
        request.max_wait_ms = self.config.replica_fetch_wait_max.millis() as i32;
        request.min_bytes = 1;
        // replica.fetch.response.max.bytes
        request.max_bytes = 10 << 20;
        request.session_epoch = -1;
        request.topics = topics;
        let asked = asked_for(&request);
        let id = ctx.send(NodeId::Broker(leader), request, self.config.replica_socket_timeout);
        self.process.requests.insert(id, Sent::ReplicaFetch(leader));
        let fetcher = self.process.fetchers.entry(leader).or_default();
        fetcher.is_under_way = true;
        fetcher.asked = asked;
    }

    pub(super) fn on_fetched(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        body: &kafka::FetchResponse,
    ) {
        let fetcher = self.process.fetchers.entry(leader).or_default();
        fetcher.is_under_way = false;
        let asked = std::mem::take(&mut fetcher.asked);
        for topic in &body.responses {
            let id = TopicId(topic.topic_id.as_u128());
            let Some(name) = self.process.image.topic_names.get(&id).cloned() else { continue };
            for data in &topic.partitions {
                let partition = TopicPartition::new(&name, data.partition_index);
                // What was asked for before the replica changed hands, or was deleted and came back,
                // is no answer to what it needs now.
                let needs = self
                    .replicas
                    .get(&partition)
                    .map(|replica| (replica.leader_epoch, replica.log.log_end_offset()));
                if needs == asked.get(&(id, partition.partition)).copied() {
                    self.on_partition_fetched(ctx, leader, &partition, data);
                }
            }
        }
        self.fetch_from(ctx, leader);
    }

    pub(super) fn on_fetch_failed(&mut self, ctx: &mut Ctx<'_>, leader: BrokerId) {
        let backoff = self.config.replica_fetch_backoff;
        let fetcher = self.process.fetchers.entry(leader).or_default();
        fetcher.is_under_way = false;
        fetcher.retry = Some(ctx.set_timer(backoff, Timer::ReplicaFetch(leader)));
    }

    /// The partitions that this broker follows `leader` in, and may fetch now.
    fn topics_to_fetch(&self, ctx: &Ctx<'_>, leader: BrokerId) -> Vec<FetchTopic> {
        let mut topics: BTreeMap<TopicId, Vec<FetchPartition>> = BTreeMap::new();
        for (partition, replica) in &self.replicas {
            let Role::Follower(follower) = &replica.role else { continue };
            if follower.leader != leader || follower.delayed_until > ctx.now() {
                continue;
            }
            let is_in_sync = follower.lag == Some(0);
            if !is_in_sync && self.is_over_quota(partition, Part::Follower, ctx.now()) {
                continue;
            }
            let part = FetchPartition::default()
                .with_partition(partition.partition.0)
                .with_current_leader_epoch(replica.leader_epoch.0)
                .with_fetch_offset(replica.log.log_end_offset().0)
                .with_last_fetched_epoch(replica.log.latest_epoch().map_or(-1, |epoch| epoch.0))
                .with_log_start_offset(replica.log.log_start_offset().0)
                .with_partition_max_bytes(self.config.replica_fetch_max_bytes as i32);
            topics.entry(replica.topic_id).or_default().push(part);
        }
        let topic = |(id, partitions): (TopicId, Vec<FetchPartition>)| {
            FetchTopic::default().with_topic_id(Uuid::from_u128(id.0)).with_partitions(partitions)
        };
        topics.into_iter().map(topic).collect()
    }

    /// All that is followed there waits after a refusal: fetch when the first may be fetched again.
    fn fetch_later_if_delayed(&mut self, ctx: &mut Ctx<'_>, leader: BrokerId) {
        let waits = self.replicas.values().filter_map(|replica| match &replica.role {
            Role::Follower(follower) if follower.leader == leader => Some(follower.delayed_until),
            _ => None,
        });
        let Some(earliest) = waits.min() else { return };
        let wait = if earliest > ctx.now() {
            earliest.since(ctx.now())
        } else {
            // What may be fetched is throttled.
            self.config.replica_fetch_backoff
        };
        let timer = ctx.set_timer(wait, Timer::ReplicaFetch(leader));
        self.process.fetchers.entry(leader).or_default().retry = Some(timer);
    }

    fn on_partition_fetched(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
        data: &PartitionData,
    ) {
        let backoff = self.config.replica_fetch_backoff;
        // Only looked at: most fetches bring nothing, and what is not touched stays shared with the checkpoints.
        let follower = self.replicas.get(partition).and_then(|replica| replica.follower());
        if follower.is_none_or(|follower| follower.leader != leader) {
            return;
        }
        match ResponseError::try_from_code(data.error_code) {
            None => {}
            Some(ResponseError::OffsetOutOfRange) => {
                // The leader's log starts after this one ends, or ends before.
                return self.ask_leader_offset(ctx, leader, partition, LeaderOffset::Latest);
            }
            Some(ResponseError::OffsetMovedToTieredStorage) => {
                let log_start = Offset(data.log_start_offset);
                return self.ask_leader_offset(
                    ctx,
                    leader,
                    partition,
                    LeaderOffset::EarliestLocal(log_start),
                );
            }
            Some(_) => {
                let replica = self.replicas.get_mut(partition);
                if let Some(follower) = replica.and_then(|replica| replica.follower_mut()) {
                    follower.delayed_until = ctx.now() + backoff;
                }
                return;
            }
        }
        if data.diverging_epoch.end_offset >= 0 {
            let epoch = LeaderEpoch(data.diverging_epoch.epoch);
            return self.truncate_to_divergence(
                ctx,
                partition,
                epoch,
                Offset(data.diverging_epoch.end_offset),
            );
        }
        self.append_fetched(ctx, partition, data);
    }

    fn append_fetched(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        data: &PartitionData,
    ) {
        let has_records = data.records.as_ref().is_some_and(|records| !records.is_empty());
        if has_records && self.write_fails() {
            return;
        }
        let replica = self.replicas.get_mut(partition).expect("the caller has it");
        let mut records = data.records.clone().unwrap_or_default();
        if ctx.has_bug(Bug::FollowerGap) {
            let (batches, _) = split_batches(records.clone());
            if batches.len() > 1 {
                records = records.slice(batches[0].size_in_bytes()..);
            }
        }
        if !records.is_empty() {
            let info = replica.log.append_as_follower(&records, ctx.timestamp()).expect(
                "what a leader sends to the end of a log that agrees with its own can be appended",
            );
            replica.note_flush(ctx.now());
            ctx.emit(EventKind::BatchAppended {
                broker: self.id,
                partition: partition.clone(),
                base_offset: info.first_offset,
                last_offset: info.last_offset,
                size_bytes: u32::try_from(records.len()).unwrap_or(u32::MAX),
                leader_epoch: replica.leader_epoch,
                as_leader: false,
            });
            ctx.note_log_growth(records.len() as u64);
            self.note_replicated(partition, Part::Follower, records.len(), ctx.now());
        }
        let replica = self.replicas.get_mut(partition).expect("the caller has it");
        let end = replica.log.log_end_offset();
        let lag = Some((data.high_watermark - end.0).max(0));
        let is_news = replica.follower().is_some_and(|follower| follower.lag != lag);
        if is_news && let Some(follower) = replica.follower_mut() {
            follower.lag = lag;
        }
        let from = replica.log.high_watermark();
        let to = Offset(data.high_watermark).min(replica.log.log_end_offset());
        if to > from {
            replica.log.set_high_watermark(to);
            ctx.emit(EventKind::HighWatermarkAdvanced {
                broker: self.id,
                partition: partition.clone(),
                from,
                to,
                is_leader: false,
            });
            // Consumers may wait here too (KIP-392).
            self.check_delayed_fetches(ctx, partition);
        }
        self.follow_log_start(ctx, partition, Offset(data.log_start_offset));
    }

    /// Cuts the log back to where it agrees with the leader's (KIP-101, KIP-279).
    fn truncate_to_divergence(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        leader_epoch: LeaderEpoch,
        leader_end: Offset,
    ) {
        let replica = self.replicas.get_mut(partition).expect("the caller has it");
        let own_end = replica.log.end_offset_for_epoch(leader_epoch);
        let from = replica.log.log_end_offset();
        let to = match own_end {
            Some((epoch, own_end)) if epoch == leader_epoch => own_end.min(leader_end),
            Some((_, own_end)) => own_end,
            None => leader_end,
        };
        let to = to.min(from).max(replica.log.log_start_offset());
        // Even where no record goes: an epoch may have been begun here in which nothing was written, and
        // it would be fetched with for ever.
        replica.log.truncate_to(to);
        if to < from {
            ctx.emit(EventKind::LogTruncated {
                broker: self.id,
                partition: partition.clone(),
                from,
                to,
            });
        }
    }
}

/// The leader epoch and the offset that a fetch asks for, of each partition.
fn asked_for(
    request: &kafka::FetchRequest,
) -> BTreeMap<(TopicId, PartitionIndex), (LeaderEpoch, Offset)> {
    let topics = request.topics.iter();
    let parts = topics.flat_map(|topic| topic.partitions.iter().map(move |part| (topic, part)));
    parts
        .map(|(topic, part)| {
            let id = (TopicId(topic.topic_id.as_u128()), PartitionIndex(part.partition));
            (id, (LeaderEpoch(part.current_leader_epoch), Offset(part.fetch_offset)))
        })
        .collect()
}
