//! The group coordinator on its broker: it writes to the partitions of `__consumer_offsets` that the
//! broker leads, and what it wrote counts once the ISR has it.

use bytes::Bytes;
use highwater_log::{BatchBuilder, BatchOptions, LeaderEpoch, Offset};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::protocol::StrBytes;

use crate::broker::purgatory::{AppendedPartition, DelayedProduce, Then};
use crate::broker::{Broker, Sent};
use crate::ctx::Ctx;
use crate::group::{GroupCoordinator, OffsetsLog, partition_for};
use crate::ids::{TopicName, TopicPartition};
use crate::input::ReplyTo;
use crate::message::Request;
use crate::metadata::MetadataImage;
use crate::time::Span;
use crate::timer::Timer;

/// The topic that holds the groups and their offsets.
const OFFSETS_TOPIC: &str = "__consumer_offsets";
/// `offsets.commit.timeout.ms`
const COMMIT_TIMEOUT: Span = Span(5_000_000);

/// The broker as the coordinator sees it: its partitions of `__consumer_offsets`.
struct Host<'a> {
    broker: &'a mut Broker,
    written: Vec<(u64, TopicPartition, Offset)>,
}

impl Broker {
    pub(super) fn on_find_coordinator(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::FindCoordinatorRequest,
    ) {
        let topic = TopicName::from(OFFSETS_TOPIC);
        let exists = self.process.image.topics.contains_key(&topic);
        if !exists {
            self.create_offsets_topic(ctx);
        }
        let mut response = kafka::FindCoordinatorResponse::default();
        for key in &request.coordinator_keys {
            let mut coordinator =
                Coordinator::default().with_key(key.clone()).with_node_id(kafka::BrokerId(-1));
            let partition =
                TopicPartition::new(&topic, partition_for(key, self.offsets_partitions()));
            let leader =
                self.process.image.partition(&partition).and_then(|registered| registered.leader);
            match leader {
                Some(leader) => {
                    coordinator.node_id = kafka::BrokerId(leader.0);
                    coordinator.host = super::lifecycle::host(leader.0);
                    coordinator.port = 9092;
                }
                None => {
                    coordinator.error_code = ResponseError::CoordinatorNotAvailable.code();
                    coordinator.port = -1;
                }
            }
            response.coordinators.push(coordinator);
        }
        ctx.respond(from, response);
    }

    pub(super) fn on_group_request(&mut self, ctx: &mut Ctx<'_>, from: ReplyTo, request: &Request) {
        self.with_groups(ctx, |groups, ctx, host| groups.handle(ctx, from, request, host));
    }

    pub(super) fn on_group_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        self.with_groups(ctx, |groups, ctx, host| groups.on_timer(ctx, timer, host));
    }

    /// What the coordinator wrote under `token` is on the ISR, or never will be.
    pub(super) fn group_write_done(
        &mut self,
        ctx: &mut Ctx<'_>,
        token: u64,
        error: Option<ResponseError>,
    ) {
        self.with_groups(ctx, |groups, ctx, host| groups.committed(ctx, token, error, host));
    }

    /// This broker leads a partition from here on: if it is one of `__consumer_offsets`, its groups
    /// are rebuilt from its records.
    pub(super) fn load_groups(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        if partition.topic.as_str() != OFFSETS_TOPIC {
            return;
        }
        let log = &self.replicas[partition].log;
        let records: Vec<(Bytes, Option<Bytes>)> = log
            .batches()
            .flat_map(|batch| batch.records().unwrap_or_default())
            .filter_map(|record| Some((record.key?, record.value)))
            .collect();
        let index = partition.partition.0;
        self.with_groups(ctx, |groups, ctx, _| groups.partition_loaded(ctx, index, records));
    }

    pub(super) fn unload_groups(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        if partition.topic.as_str() == OFFSETS_TOPIC {
            let index = partition.partition.0;
            self.with_groups(ctx, |groups, ctx, _| groups.partition_unloaded(ctx, index));
        }
    }

    /// Lets the coordinator work, then lets its writes wait for the ISR.
    fn with_groups(
        &mut self,
        ctx: &mut Ctx<'_>,
        work: impl FnOnce(&mut GroupCoordinator, &mut Ctx<'_>, &mut Host<'_>),
    ) {
        let mut groups = std::mem::take(&mut self.process.groups);
        let mut host = Host { broker: self, written: Vec::new() };
        work(&mut groups, ctx, &mut host);
        let written = host.written;
        // The coordinator is back in place before a write may be done at once.
        self.process.groups = groups;
        for (token, partition, required) in written {
            let part = AppendedPartition {
                partition: partition.clone(),
                error: None,
                message: None,
                base_offset: Offset(-1),
                required,
                log_start_offset: Offset(-1),
                is_waiting: true,
            };
            let delayed =
                DelayedProduce { then: Then::Group(token), partitions: vec![part], timer: None };
            self.wait_for_isr(ctx, delayed, COMMIT_TIMEOUT);
            self.log_end_moved(ctx, &partition);
        }
    }

    fn offsets_partitions(&self) -> i32 {
        let topic = self.process.image.topics.get(&TopicName::from(OFFSETS_TOPIC));
        let configured = self.config.offsets_topic_num_partitions as i32;
        topic.map_or(configured, |topic| topic.partitions.len() as i32)
    }

    /// The first group of a cluster is looked for: the topic that will hold it is created.
    fn create_offsets_topic(&mut self, ctx: &mut Ctx<'_>) {
        if self.process.is_creating_offsets_topic {
            return;
        }
        self.process.is_creating_offsets_topic = true;
        let config = |name: &'static str, value: &'static str| {
            CreatableTopicConfig::default()
                .with_name(StrBytes::from_static_str(name))
                .with_value(Some(StrBytes::from_static_str(value)))
        };
        let topic = CreatableTopic::default()
            .with_name(kafka::TopicName(StrBytes::from_static_str(OFFSETS_TOPIC)))
            .with_num_partitions(self.config.offsets_topic_num_partitions as i32)
            .with_replication_factor(self.config.offsets_topic_replication_factor as i16)
            .with_configs(vec![
                config("cleanup.policy", "compact"),
                config("compression.type", "producer"),
                config("segment.bytes", "104857600"),
            ]);
        let request =
            kafka::CreateTopicsRequest::default().with_topics(vec![topic]).with_timeout_ms(30_000);
        self.ask_controller(ctx, request, Sent::OffsetsTopic);
    }
}

impl OffsetsLog for Host<'_> {
    fn append(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        records: Vec<(Bytes, Option<Bytes>)>,
    ) -> Result<u64, ResponseError> {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        for (key, value) in &records {
            builder.append(ctx.timestamp(), Some(key), value.as_deref(), &[]);
        }
        let batch = builder.build(Offset(0), LeaderEpoch(-1));
        let partition = TopicPartition::new(&TopicName::from(OFFSETS_TOPIC), partition);
        let appended = self.broker.append_as_leader(ctx, &partition, batch.bytes(), true);
        let (_, last) = appended.map_err(|(error, _)| error)?;
        let token = self.broker.process.purgatory.next_id();
        self.written.push((token, partition, last.next()));
        Ok(token)
    }

    fn partition_count(&self) -> i32 {
        self.broker.offsets_partitions()
    }

    fn image(&self) -> &MetadataImage {
        &self.broker.process.image
    }

    fn is_leader(&self, partition: i32) -> bool {
        let partition = TopicPartition::new(&TopicName::from(OFFSETS_TOPIC), partition);
        self.broker.replicas.get(&partition).is_some_and(|replica| replica.leader().is_some())
    }
}
