//! Following the metadata log: a broker fetches it from the active controller, applies each record
//! to its image, and makes its replicas what the image says (KIP-500).

use std::collections::BTreeSet;

use highwater_log::LogConfig;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic, ReplicaState};
use uuid::Uuid;

use crate::broker::replica::Replica;
use crate::broker::{Broker, Sent};
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{TopicName, TopicPartition};
use crate::metadata::{METADATA_TOPIC_ID, MetadataRecord, decode_batches};
use crate::time::Span;
use crate::timer::Timer;

/// How long a fetch of the metadata log waits (`metadata.max.idle.interval.ms` is its default too).
const FETCH_WAIT_MS: i32 = 500;
/// `controller.quorum.fetch.timeout.ms`
const FETCH_TIMEOUT: Span = Span(2_000_000);
/// `controller.quorum.retry.backoff.ms`
const RETRY: Span = Span(20_000);

impl Broker {
    pub(super) fn fetch_metadata(&mut self, ctx: &mut Ctx<'_>) {
        let part = FetchPartition::default()
            .with_fetch_offset(self.process.metadata_end_offset.0)
            .with_current_leader_epoch(-1)
            .with_last_fetched_epoch(-1)
            .with_partition_max_bytes(8 << 20);
        let topic = FetchTopic::default()
            .with_topic_id(Uuid::from_u128(METADATA_TOPIC_ID.0))
            .with_partitions(vec![part]);
        let mut request = kafka::FetchRequest::default();
        request.replica_state = ReplicaState::default()
            .with_replica_id(kafka::BrokerId(self.id.0))
            .with_replica_epoch(self.process.epoch.map_or(-1, |epoch| epoch.0));
        request.max_wait_ms = FETCH_WAIT_MS;
        request.min_bytes = 1;
        request.max_bytes = 8 << 20;
        request.session_epoch = -1;
        request.topics = vec![topic];
        let controller = crate::ids::NodeId::Controller(self.process.controller);
        let id = ctx.send(controller, request, FETCH_TIMEOUT);
        self.process.requests.insert(id, Sent::MetadataFetch);
    }

    pub(super) fn on_metadata_fetched(&mut self, ctx: &mut Ctx<'_>, body: &kafka::FetchResponse) {
        let data = body.responses.iter().flat_map(|topic| &topic.partitions).next();
        let Some(data) = data.filter(|data| body.error_code == 0 && data.error_code == 0) else {
            return self.retry_metadata_fetch(ctx);
        };
        if let Some(records) = data.records.clone().filter(|records| !records.is_empty()) {
            let records =
                decode_batches(records).expect("the controller writes records that can be read");
            self.apply(ctx, &records);
        }
        self.fetch_metadata(ctx);
    }

    pub(super) fn retry_metadata_fetch(&mut self, ctx: &mut Ctx<'_>) {
        self.try_next_controller(ctx);
        ctx.set_timer(RETRY, Timer::MetadataFetch);
    }

    fn apply(&mut self, ctx: &mut Ctx<'_>, records: &[(highwater_log::Offset, MetadataRecord)]) {
        let mut touched = BTreeSet::new();
        for (offset, record) in records {
            // A deletion names only the topic's id: look the partitions up before it is applied.
            touched.extend(self.process.image.partitions_touched_by(record));
            self.process.image.apply(record, *offset);
            touched.extend(self.process.image.partitions_touched_by(record));
            self.process.metadata_end_offset = offset.next();
        }
        let mut to_fetch_from = BTreeSet::new();
        for partition in touched {
            to_fetch_from.extend(self.follow_registration(ctx, &partition));
        }
        for leader in to_fetch_from {
            self.fetch_from(ctx, leader);
        }
    }

    /// Makes the replica of a partition what its registration says. Returns whom to fetch from.
    fn follow_registration(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
    ) -> Option<crate::ids::BrokerId> {
        let Some(registration) = self.process.image.partition(partition).cloned() else {
            self.drop_replica(ctx, partition);
            return None;
        };
        if !registration.replicas.contains(&self.id) {
            self.drop_replica(ctx, partition);
            return None;
        }
        let topic_id = self.process.image.topics[&partition.topic].id;
        let config = self.log_config(&partition.topic);
        let replica = self
            .replicas
            .entry(partition.clone())
            .or_insert_with(|| Replica::new(topic_id, config.clone()));
        if replica.topic_id != topic_id {
            // A topic of the same name was deleted and created anew while this broker was away.
            *replica = Replica::new(topic_id, config);
        }
        let is_new_epoch = registration.leader_epoch > replica.leader_epoch;
        if registration.leader == Some(self.id) {
            if is_new_epoch {
                let start = replica.become_leader(self.id, &registration, ctx.now());
                self.became_leader(ctx, partition, start);
            } else {
                replica.update_leader(self.id, &registration);
                self.maybe_advance_high_watermark(ctx, partition);
                self.check_appends_of(ctx, partition);
            }
            return None;
        }
        if ctx.has_bug(Bug::KeepsLeading) && replica.leader().is_some() {
            replica.leader_epoch = registration.leader_epoch;
            return None;
        }
        if is_new_epoch {
            let was_leader = replica.leader().is_some();
            replica.become_follower(&registration);
            self.became_follower(ctx, partition, was_leader);
        } else {
            replica.partition_epoch = registration.partition_epoch;
        }
        registration.leader
    }

    fn became_leader(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        start: highwater_log::Offset,
    ) {
        let leader_epoch = self.replicas[partition].leader_epoch;
        ctx.emit(EventKind::BecameLeader {
            broker: self.id,
            partition: partition.clone(),
            leader_epoch,
            start,
        });
        self.maybe_advance_high_watermark(ctx, partition);
        self.load_groups(ctx, partition);
    }

    fn became_follower(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition, was_leader: bool) {
        let registration = self.process.image.partition(partition);
        let leader = registration.and_then(|registration| registration.leader);
        ctx.emit(EventKind::BecameFollower {
            broker: self.id,
            partition: partition.clone(),
            leader,
            leader_epoch: self.replicas[partition].leader_epoch,
        });
        if was_leader {
            self.no_longer_leads(ctx, partition);
        }
    }

    fn drop_replica(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        if let Some(replica) = self.replicas.remove(partition)
            && replica.leader().is_some()
        {
            self.no_longer_leads(ctx, partition);
        }
    }

    /// Whoever waits for this broker as the leader of a partition learns that it is not.
    fn no_longer_leads(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        self.check_appends_of(ctx, partition);
        self.check_delayed_fetches(ctx, partition);
        self.unload_groups(ctx, partition);
    }

    fn check_appends_of(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        for id in self.process.purgatory.appends_of(partition) {
            self.check_delayed_produce(ctx, id);
        }
    }

    /// The settings of a topic's logs: the topic's own, else the broker's.
    fn log_config(&self, topic: &TopicName) -> LogConfig {
        let image = &self.process.image;
        let number = |name: &str, default: i64| {
            image.topic_config(topic, name).and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        LogConfig {
            segment_bytes: number("segment.bytes", self.config.log_segment_bytes) as usize,
            segment_ms: number("segment.ms", self.config.log_roll_ms),
            max_message_bytes: number("max.message.bytes", self.config.message_max_bytes) as usize,
            ..LogConfig::default()
        }
    }
}
