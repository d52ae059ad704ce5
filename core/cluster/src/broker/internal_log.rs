//! The internal topics of coordinators on their broker: they are created when they are first needed,
//! coordinators write to the partitions that the broker leads, and what they wrote counts once the
//! ISR has it.

use bytes::Bytes;
use highwater_log::{AppendOrigin, BatchBuilder, BatchOptions, LeaderEpoch, Offset};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::protocol::StrBytes;

use crate::broker::produce::Origin;
use crate::broker::purgatory::{AppendedPartition, DelayedProduce, Then};
use crate::broker::{Broker, Sent};
use crate::ctx::Ctx;
use crate::ids::{BrokerId, TopicName, TopicPartition};
use crate::input::ReplyTo;
use crate::time::Span;
use crate::{group, share, transaction};

/// What FindCoordinator looks for (`FindCoordinatorRequest.CoordinatorType`).
const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
const SHARE: i8 = 2;

/// A topic that a coordinator keeps its state in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum InternalTopic {
    /// `__consumer_offsets`
    Offsets,
    /// `__transaction_state`
    Transactions,
    /// `__share_group_state`
    ShareState,
    /// `__remote_log_metadata`: no coordinator writes it, and brokers are clients of it.
    RemoteLog,
}

/// Something that was appended to a partition of an internal topic, and what it waits for.
#[derive(Clone, Debug)]
pub(super) struct InternalWrite {
    partition: TopicPartition,
    required: Offset,
}

impl InternalTopic {
    /// The topic of that name, but for `__remote_log_metadata`, which any client may create.
    pub(super) fn named(name: &TopicName) -> Option<Self> {
        [Self::Offsets, Self::Transactions, Self::ShareState]
            .into_iter()
            .find(|topic| topic.name() == name.as_str())
    }

    pub(super) fn partition(self, index: i32) -> TopicPartition {
        TopicPartition::new(&TopicName::from(self.name()), index)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Offsets => "__consumer_offsets",
            Self::Transactions => "__transaction_state",
            Self::ShareState => "__share_group_state",
            Self::RemoteLog => "__remote_log_metadata",
        }
    }

    /// The partition of a group, a transactional id or a share partition.
    fn partition_for(self, key: &str, count: i32) -> i32 {
        match self {
            Self::Offsets => group::partition_for(key, count),
            Self::Transactions => transaction::partition_for(key, count),
            Self::ShareState => share::coordinator::partition_for(key, count),
            Self::RemoteLog => unreachable!("its partitions go by the ids of topics, not by keys"),
        }
    }
}

impl Broker {
    pub(super) fn on_find_coordinator(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::FindCoordinatorRequest,
    ) {
        let topic = match request.key_type {
            GROUP => Some(InternalTopic::Offsets),
            TRANSACTION => Some(InternalTopic::Transactions),
            SHARE => Some(InternalTopic::ShareState),
            _ => None,
        };
        if let Some(topic) = topic {
            self.create_internal_topic(ctx, topic);
        }
        let mut response = kafka::FindCoordinatorResponse::default();
        for key in &request.coordinator_keys {
            let mut coordinator = Coordinator::default()
                .with_key(key.clone())
                .with_node_id(kafka::BrokerId(-1))
                .with_port(-1);
            match topic.map(|topic| self.coordinator_of(topic, key)) {
                Some(Some(leader)) => {
                    coordinator.node_id = kafka::BrokerId(leader.0);
                    coordinator.host = super::lifecycle::host(leader.0);
                    coordinator.port = 9092;
                }
                Some(None) => {
                    coordinator.error_code = ResponseError::CoordinatorNotAvailable.code();
                }
                None => coordinator.error_code = ResponseError::InvalidRequest.code(),
            }
            response.coordinators.push(coordinator);
        }
        ctx.respond(from, response);
    }

    /// Who coordinates a group or a transactional id, as far as this broker knows.
    pub(super) fn coordinator_of(&self, topic: InternalTopic, key: &str) -> Option<BrokerId> {
        self.leader_of(&topic.partition(self.internal_partition_for(topic, key)))
    }

    /// Who leads a partition, as far as this broker knows.
    pub(super) fn leader_of(&self, partition: &TopicPartition) -> Option<BrokerId> {
        self.process.image.partition(partition).and_then(|registered| registered.leader)
    }

    /// The partition of an internal topic that a group or a transactional id belongs to.
    pub(super) fn internal_partition_for(&self, topic: InternalTopic, key: &str) -> i32 {
        topic.partition_for(key, self.internal_partitions(topic))
    }

    /// How many partitions an internal topic has, or will have.
    pub(super) fn internal_partitions(&self, topic: InternalTopic) -> i32 {
        let configured = match topic {
            InternalTopic::Offsets => self.config.offsets_topic_num_partitions,
            InternalTopic::Transactions => self.config.transaction_topic_num_partitions,
            InternalTopic::ShareState => self.config.share_state_topic_num_partitions,
            InternalTopic::RemoteLog => self.config.remote_metadata_topic_num_partitions,
        };
        let registered = self.process.image.topics.get(&TopicName::from(topic.name()));
        registered.map_or(configured as i32, |topic| topic.partitions.len() as i32)
    }

    /// Whether the broker leads a partition of an internal topic.
    pub(super) fn leads_internal(&self, topic: InternalTopic, partition: i32) -> bool {
        let partition = topic.partition(partition);
        self.replicas.get(&partition).is_some_and(|replica| replica.leader().is_some())
    }

    /// This broker leads a partition from here on, or in a new epoch: if it is one of an internal topic,
    /// its coordinator begins. A reassignment may begin a new epoch of the same leader: what the
    /// coordinator knows is in memory already.
    pub(super) fn load_coordinator(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        led_before: bool,
    ) {
        match InternalTopic::named(&partition.topic) {
            Some(InternalTopic::Offsets) if !led_before => self.load_groups(ctx, partition),
            Some(InternalTopic::ShareState) if !led_before => {
                self.load_share_states(ctx, partition);
            }
            Some(InternalTopic::Transactions) => {
                self.load_transactions(ctx, partition, led_before);
            }
            _ => {}
        }
    }

    /// This broker leads a partition no longer.
    pub(super) fn unload_coordinator(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        match InternalTopic::named(&partition.topic) {
            Some(InternalTopic::Offsets) => self.unload_groups(ctx, partition),
            Some(InternalTopic::Transactions) => self.unload_transactions(ctx, partition),
            Some(InternalTopic::ShareState) => self.unload_share_states(ctx, partition),
            Some(InternalTopic::RemoteLog) | None => {}
        }
    }

    /// The records of a partition, in the order of its log.
    pub(super) fn internal_records(
        &self,
        partition: &TopicPartition,
    ) -> Vec<(Bytes, Option<Bytes>)> {
        let batches = self.replicas[partition].log.batches();
        batches
            .filter(|batch| !batch.header().is_control)
            .flat_map(|batch| batch.records().unwrap_or_default())
            .filter_map(|record| Some((record.key?, record.value)))
            .collect()
    }

    /// Appends records to a partition of an internal topic.
    pub(super) fn append_internal(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: TopicPartition,
        records: &[(Bytes, Option<Bytes>)],
        options: BatchOptions,
    ) -> Result<InternalWrite, ResponseError> {
        let mut builder = BatchBuilder::new(options);
        for (key, value) in records {
            builder.append(ctx.timestamp(), Some(key), value.as_deref(), &[]);
        }
        let batch = builder.build(Offset(0), LeaderEpoch(-1));
        let origin = Origin::of(AppendOrigin::Coordinator);
        let appended = self.append_as_leader(ctx, &partition, batch.bytes(), true, origin);
        let (_, last) = appended.map_err(|(error, _)| error)?;
        Ok(InternalWrite { partition, required: last.next() })
    }

    /// The same, with a number by which the coordinator knows its write.
    pub(super) fn append_numbered(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: TopicPartition,
        records: &[(Bytes, Option<Bytes>)],
        options: BatchOptions,
    ) -> Result<(u64, InternalWrite), ResponseError> {
        let write = self.append_internal(ctx, partition, records, options)?;
        Ok((self.process.purgatory.next_id(), write))
    }

    /// Lets a write wait for the ISR.
    pub(super) fn await_internal(
        &mut self,
        ctx: &mut Ctx<'_>,
        write: InternalWrite,
        then: Then,
        timeout: Span,
    ) {
        let InternalWrite { partition, required } = write;
        let part = AppendedPartition {
            required,
            is_waiting: true,
            ..AppendedPartition::new(partition.clone())
        };
        let delayed = DelayedProduce { then, partitions: vec![part], timer: None };
        self.wait_for_isr(ctx, delayed, timeout);
        self.log_end_moved(ctx, &partition);
    }

    /// A coordinator is looked for: the topic that will hold its state is created, if it is not there.
    pub(super) fn create_internal_topic(&mut self, ctx: &mut Ctx<'_>, topic: InternalTopic) {
        let exists = self.process.image.topics.contains_key(&TopicName::from(topic.name()));
        if exists || !self.process.internal_topics_asked_for.insert(topic) {
            return;
        }
        let replication_factor = match topic {
            InternalTopic::Offsets => self.config.offsets_topic_replication_factor,
            InternalTopic::Transactions => self.config.transaction_topic_replication_factor,
            InternalTopic::ShareState => self.config.share_state_topic_replication_factor,
            InternalTopic::RemoteLog => self.config.remote_metadata_topic_replication_factor,
        };
        let topic_to_create = CreatableTopic::default()
            .with_name(kafka::TopicName(StrBytes::from_static_str(topic.name())))
            .with_num_partitions(self.internal_partitions(topic))
            .with_replication_factor(replication_factor as i16)
            .with_configs(self.internal_topic_configs(topic));
        let request = kafka::CreateTopicsRequest::default()
            .with_topics(vec![topic_to_create])
            .with_timeout_ms(30_000);
        self.ask_controller(ctx, request, Sent::InternalTopic(topic));
    }

    fn internal_topic_configs(&self, topic: InternalTopic) -> Vec<CreatableTopicConfig> {
        let config = |name: &'static str, value: &str| {
            CreatableTopicConfig::default()
                .with_name(StrBytes::from_static_str(name))
                .with_value(Some(StrBytes::from_string(value.to_owned())))
        };
        match topic {
            InternalTopic::Offsets => vec![
                config("cleanup.policy", "compact"),
                config("compression.type", "producer"),
                config("segment.bytes", "104857600"),
            ],
            InternalTopic::Transactions => vec![
                config("cleanup.policy", "compact"),
                config("compression.type", "uncompressed"),
                config("min.insync.replicas", &self.config.transaction_topic_min_isr.to_string()),
                config("segment.bytes", &self.config.transaction_topic_segment_bytes.to_string()),
                config("unclean.leader.election.enable", "false"),
            ],
            // Without a limit: a segment is known by its records as long as it is in the store.
            InternalTopic::RemoteLog => {
                vec![config("cleanup.policy", "delete"), config("retention.ms", "-1")]
            }
            // Kafka deletes what no share partition needs any more; here nothing of it is deleted.
            InternalTopic::ShareState => vec![
                config("cleanup.policy", "delete"),
                config("compression.type", "producer"),
                config("min.insync.replicas", &self.config.share_state_topic_min_isr.to_string()),
                config("retention.ms", "-1"),
                config("segment.bytes", &self.config.share_state_topic_segment_bytes.to_string()),
            ],
        }
    }
}
