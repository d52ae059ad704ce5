//! What clients ask that is neither produce nor fetch: metadata, offsets, producer ids, settings;
//! and what a broker passes on to the controller.

use std::sync::Arc;

use highwater_log::{LeaderEpoch, Offset, TimestampMs};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use crate::broker::lifecycle::host;
use crate::broker::replica::Replica;
use crate::broker::tiered::{FoundOffset, RemoteLookup, fill};
use crate::broker::{Broker, Sent, auto_topics};
use crate::ctx::Ctx;
use crate::ids::{BrokerId, PartitionIndex, TopicId, TopicName, TopicPartition};
use crate::input::ReplyTo;
use crate::message::Request;
use crate::metadata::{PartitionRegistration, TopicImage, is_internal};

/// The offset of the next record to come: `latest`.
const LATEST: i64 = -1;
/// The offset of the first record: `earliest`.
const EARLIEST: i64 = -2;
/// The offset of the record with the highest timestamp (KIP-734).
const MAX_TIMESTAMP: i64 = -3;
/// The first offset on the leader's own disk (KIP-405). Without a remote tier that is the log's first.
const EARLIEST_LOCAL: i64 = -4;
/// The last offset in the remote tier (KIP-1005).
const LATEST_TIERED: i64 = -5;
/// The first offset that is to go to the remote tier yet (KIP-1023).
const EARLIEST_PENDING_UPLOAD: i64 = -6;
/// In place of an isolation level, for replicas.
const ALL: i8 = -1;
/// The producer ids that a controller hands out at once.
const PRODUCER_ID_BLOCK: i64 = 1_000;

/// Where an offset is that is asked for.
enum Place {
    /// Found, or not there.
    Here(Option<FoundOffset>),
    /// To be looked for in the remote tier.
    Remote(RemoteLookup),
}

impl Broker {
    pub(super) fn on_metadata(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::MetadataRequest,
    ) {
        let image = &self.process.image;
        let alive = self.listed_brokers(ctx);
        let mut response = self.metadata_of_brokers(ctx);
        // Clients may send what is for the controller to any broker: it is passed on (KIP-590).
        let some_broker = ctx.random("controller").below(alive.len() as u64) as usize;
        response.controller_id = kafka::BrokerId(alive.get(some_broker).map_or(-1, |id| id.0));
        response.topics = match &request.topics {
            None => image
                .topics
                .iter()
                .map(|(name, topic)| metadata_topic(name, topic, &alive))
                .collect(),
            Some(asked) => asked.iter().map(|topic| self.metadata_of(topic, &alive)).collect(),
        };
        ctx.respond(from, response);
        self.create_missing_topics(ctx, from.node, request);
    }

    /// What a Metadata answer says of the cluster, without its topics.
    pub(super) fn metadata_of_brokers(&self, ctx: &Ctx<'_>) -> kafka::MetadataResponse {
        let brokers = self.listed_brokers(ctx).iter().map(|id| self.metadata_broker(*id)).collect();
        kafka::MetadataResponse::default()
            .with_brokers(brokers)
            .with_cluster_id(Some(StrBytes::from_string(format!("highwater-{}", self.cluster_id))))
    }

    pub(super) fn on_list_offsets(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::ListOffsetsRequest,
    ) {
        let mut response = kafka::ListOffsetsResponse::default();
        let mut remote = Vec::new();
        for topic in &request.topics {
            let name = TopicName::from(&**topic.name);
            let mut partitions = Vec::new();
            for part in &topic.partitions {
                let mut answer = ListOffsetsPartitionResponse::default();
                answer.partition_index = part.partition_index;
                answer.timestamp = -1;
                answer.offset = -1;
                answer.leader_epoch = -1;
                let partition = TopicPartition::new(&name, part.partition_index);
                // A replica is told of all, also of what is not committed yet.
                let is_replica = request.replica_id.0 >= 0;
                match self.find_offset(
                    &partition,
                    part.current_leader_epoch,
                    part.timestamp,
                    if is_replica { ALL } else { request.isolation_level },
                ) {
                    Ok(Place::Here(found)) => fill(&mut answer, Ok(found)),
                    Ok(Place::Remote(mut lookup)) => {
                        lookup.place = (response.topics.len(), partitions.len());
                        remote.push(lookup);
                    }
                    Err(error) => fill(&mut answer, Err(error)),
                }
                partitions.push(answer);
            }
            let answer = ListOffsetsTopicResponse::default()
                .with_name(topic.name.clone())
                .with_partitions(partitions);
            response.topics.push(answer);
        }
        if remote.is_empty() {
            return ctx.respond(from, response);
        }
        self.look_up_remotely(ctx, from, response, remote, request.timeout_ms);
    }

    pub(super) fn on_offset_for_leader_epoch(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::OffsetForLeaderEpochRequest,
    ) {
        let mut response = kafka::OffsetForLeaderEpochResponse::default();
        for topic in &request.topics {
            let name = TopicName::from(&**topic.topic);
            let mut answer = OffsetForLeaderTopicResult::default().with_topic(topic.topic.clone());
            for part in &topic.partitions {
                let partition = TopicPartition::new(&name, part.partition);
                let mut end = EpochEndOffset::default().with_partition(part.partition);
                match self.check_leader_epoch(&partition, part.current_leader_epoch) {
                    Ok(replica) => {
                        let found =
                            replica.log.end_offset_for_epoch(LeaderEpoch(part.leader_epoch));
                        end.leader_epoch = found.map_or(-1, |(epoch, _)| epoch.0);
                        end.end_offset = found.map_or(-1, |(_, offset)| offset.0);
                    }
                    Err(error) => end.error_code = error.code(),
                }
                answer.partitions.push(end);
            }
            response.topics.push(answer);
        }
        ctx.respond(from, response);
    }

    /// Gives an idempotent producer an id of its own; who has a transactional id, the coordinator looks
    /// after.
    pub(super) fn on_init_producer_id(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &Arc<kafka::InitProducerIdRequest>,
    ) {
        if self.process.producer_ids.is_empty() {
            // A transactional producer may need one too.
            self.process.awaiting_producer_id.push((from, request.clone()));
            return self.fetch_producer_ids(ctx);
        }
        if request.transactional_id.is_some() {
            let request = Request::InitProducerId(request.clone());
            return self.on_transaction_request(ctx, from, &request);
        }
        if let Some(id) = self.process.producer_ids.next() {
            let response = kafka::InitProducerIdResponse::default()
                .with_producer_id(kafka::ProducerId(id))
                .with_producer_epoch(0);
            ctx.respond(from, response);
        }
    }

    /// Asks the controller for a block of producer ids, unless that is under way.
    pub(super) fn fetch_producer_ids(&mut self, ctx: &mut Ctx<'_>) {
        let is_under_way =
            self.process.requests.values().any(|sent| matches!(sent, Sent::ProducerIds));
        if !is_under_way {
            let mut request = kafka::AllocateProducerIdsRequest::default();
            request.broker_id = kafka::BrokerId(self.id.0);
            request.broker_epoch = self.process.epoch.map_or(-1, |epoch| epoch.0);
            self.ask_controller(ctx, request, Sent::ProducerIds);
        }
    }

    pub(super) fn on_producer_ids(
        &mut self,
        ctx: &mut Ctx<'_>,
        body: &kafka::AllocateProducerIdsResponse,
    ) {
        if body.error_code != 0 {
            return self.producer_ids_failed(ctx);
        }
        let start = body.producer_id_start.0;
        let length = i64::from(body.producer_id_len).clamp(0, PRODUCER_ID_BLOCK);
        self.process.producer_ids = start..start + length;
        for (from, request) in std::mem::take(&mut self.process.awaiting_producer_id) {
            self.on_init_producer_id(ctx, from, &request);
        }
    }

    /// Who waits for a producer id is told to try again.
    pub(super) fn producer_ids_failed(&mut self, ctx: &mut Ctx<'_>) {
        for (from, _) in std::mem::take(&mut self.process.awaiting_producer_id) {
            let response = kafka::InitProducerIdResponse::default()
                .with_error_code(ResponseError::CoordinatorLoadInProgress.code())
                .with_producer_id(kafka::ProducerId(-1))
                .with_producer_epoch(-1);
            ctx.respond(from, response);
        }
    }

    /// The brokers that take part, but for those that a person wants to be hidden.
    fn listed_brokers(&self, ctx: &Ctx<'_>) -> Vec<BrokerId> {
        let brokers = self.process.image.brokers.iter();
        let listed = brokers.filter(|(id, broker)| !broker.fenced && !ctx.is_hidden(**id));
        listed.map(|(id, _)| *id).collect()
    }

    pub(super) fn metadata_broker(&self, id: BrokerId) -> MetadataResponseBroker {
        let rack = self.process.image.brokers.get(&id).and_then(|broker| broker.rack.clone());
        MetadataResponseBroker::default()
            .with_node_id(kafka::BrokerId(id.0))
            .with_host(host(id.0))
            .with_port(9092)
            .with_rack(rack.map(|rack| StrBytes::from_string(rack.to_string())))
    }

    fn metadata_of(
        &self,
        asked: &kafka::metadata_request::MetadataRequestTopic,
        alive: &[BrokerId],
    ) -> MetadataResponseTopic {
        let image = &self.process.image;
        let by_id = || image.topic_names.get(&TopicId(asked.topic_id.as_u128())).cloned();
        let name = match &asked.name {
            Some(name) => Some(TopicName::from(&***name)),
            None => by_id(),
        };
        let known = name.as_ref().and_then(|name| Some((name, image.topics.get(name)?)));
        if let Some((name, topic)) = known {
            return metadata_topic(name, topic, alive);
        }
        let error = match &asked.name {
            Some(name) => auto_topics::error_of_missing(name),
            None => ResponseError::UnknownTopicId,
        };
        MetadataResponseTopic::default()
            .with_error_code(error.code())
            .with_name(asked.name.clone())
            .with_topic_id(asked.topic_id)
    }

    fn find_offset(
        &self,
        partition: &TopicPartition,
        believed_epoch: i32,
        timestamp: i64,
        isolation_level: i8,
    ) -> Result<Place, ResponseError> {
        let replica = self.check_leader_epoch(partition, believed_epoch)?;
        let none = TimestampMs(-1);
        let end = if isolation_level == ALL {
            replica.log.log_end_offset()
        } else if isolation_level == 1 {
            replica.log.last_stable_offset()
        } else {
            replica.log.high_watermark()
        };
        let log = &replica.log;
        let of_epoch = |offset| log.epoch_cache().epoch_for_offset(offset);
        Ok(Place::Here(match timestamp {
            // A leader that does not know yet what its predecessor had committed would send the asker back.
            LATEST if self.lags_after_election(replica) => {
                return Err(ResponseError::OffsetNotAvailable);
            }
            LATEST => Some((none, end, replica.log.latest_epoch())),
            EARLIEST_LOCAL if log.config().remote_storage => {
                let start = log.local_log_start_offset();
                Some((none, start, of_epoch(start)))
            }
            EARLIEST | EARLIEST_LOCAL => Some((none, log.log_start_offset(), log.latest_epoch())),
            LATEST_TIERED => {
                let highest =
                    log.highest_offset_in_remote().filter(|_| log.config().remote_storage);
                highest.map(|highest| (none, highest, of_epoch(highest)))
            }
            EARLIEST_PENDING_UPLOAD if log.config().remote_storage => {
                let next = log.highest_offset_in_remote().map_or(Offset(0), Offset::next);
                let next = next.max(log.log_start_offset());
                Some((none, next, of_epoch(next)))
            }
            EARLIEST_PENDING_UPLOAD => None,
            timestamp => {
                let timestamp = match timestamp {
                    MAX_TIMESTAMP => greatest_timestamp(replica),
                    given => {
                        let at = TimestampMs(given);
                        if let Some(lookup) = self.remote_lookup(partition, replica, at, end)? {
                            return Ok(Place::Remote(lookup));
                        }
                        Some(at)
                    }
                };
                let found = timestamp.and_then(|at| replica.log.offset_for_timestamp(at));
                found.filter(|(_, offset, _)| *offset < end)
            }
        }))
    }

    /// Whether a leader's high watermark is still below where its epoch began.
    fn lags_after_election(&self, replica: &Replica) -> bool {
        replica.leader().is_some_and(|leader| leader.epoch_start > replica.log.high_watermark())
    }
}

fn metadata_topic(
    name: &TopicName,
    topic: &TopicImage,
    alive: &[BrokerId],
) -> MetadataResponseTopic {
    MetadataResponseTopic::default()
        .with_name(Some(kafka::TopicName(StrBytes::from_string(name.to_string()))))
        .with_topic_id(Uuid::from_u128(topic.id.0))
        .with_is_internal(is_internal(name))
        .with_partitions(
            topic
                .partitions
                .iter()
                .map(|(index, part)| metadata_partition(*index, part, alive))
                .collect(),
        )
}

fn metadata_partition(
    index: PartitionIndex,
    partition: &PartitionRegistration,
    alive: &[BrokerId],
) -> MetadataResponsePartition {
    let wire = |ids: &[BrokerId]| ids.iter().map(|id| kafka::BrokerId(id.0)).collect::<Vec<_>>();
    let offline: Vec<BrokerId> =
        partition.replicas.iter().copied().filter(|id| !alive.contains(id)).collect();
    // A leader that is not among the brokers of the answer cannot be reached by its reader.
    let leader = partition.leader.filter(|leader| alive.contains(leader));
    let error = if leader.is_none() { ResponseError::LeaderNotAvailable.code() } else { 0 };
    MetadataResponsePartition::default()
        .with_error_code(error)
        .with_partition_index(index.0)
        .with_leader_id(kafka::BrokerId(leader.map_or(-1, |id| id.0)))
        .with_leader_epoch(partition.leader_epoch.0)
        .with_replica_nodes(wire(&partition.replicas))
        .with_isr_nodes(wire(&partition.isr))
        .with_offline_replicas(wire(&offline))
}

/// The greatest timestamp of the log's records; none if there are none.
fn greatest_timestamp(replica: &Replica) -> Option<TimestampMs> {
    let segments = replica.log.segments();
    let greatest = segments.map(|segment| segment.max_timestamp().timestamp).max();
    greatest.filter(|timestamp| *timestamp > TimestampMs::NONE)
}
