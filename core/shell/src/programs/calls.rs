//! What Kafka's admin client does for its tools: a question to the cluster as one call, asked again
//! while the error is one that passes.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_cluster::client::errors::{is_invalid_metadata, is_retriable};
use highwater_cluster::client::{ClientMetadata, names};
use highwater_cluster::ids::{BrokerId, PartitionIndex, TopicName, TopicPartition};
use highwater_cluster::message::Response;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::describe_topic_partitions_request::TopicRequest;
use highwater_cluster::protocol::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsTopic,
};

use crate::admin::To;
use crate::script::{Failure, Halt, Io};

pub(crate) mod groups;
pub(crate) mod share_groups;

/// Asks and takes the answer out of the response of that kind.
macro_rules! ask {
    ($io:expr, $name:expr, $request:expr, $to:expr => $kind:ident) => {
        match $io.ask($name, $request, $to)? {
            Response::$kind(body) => body,
            other => unreachable!("nothing was asked that {:?} answers", other.api_key()),
        }
    };
}
pub(crate) use ask;

/// The end of a partition: `OffsetSpec.latest()`.
pub(crate) const LATEST: i64 = -1;
/// Its first offset: `OffsetSpec.earliest()`.
pub(crate) const EARLIEST: i64 = -2;

/// A partition of a described topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) id: TopicPartition,
    pub(crate) leader: Option<BrokerId>,
    pub(crate) replicas: Vec<BrokerId>,
}

/// `describeCluster`, with the brokers that are fenced too if they are wanted.
pub(crate) fn cluster(
    io: &mut Io<'_, '_>,
    with_fenced: bool,
) -> Result<Arc<kafka::DescribeClusterResponse>, Halt> {
    let request = kafka::DescribeClusterRequest::default()
        .with_endpoint_type(1)
        .with_include_fenced_brokers(with_fenced);
    let body = ask!(io, "listNodes", request, To::Any => DescribeCluster);
    match ResponseError::try_from_code(body.error_code) {
        None => Ok(body),
        Some(error) => Err(Failure::of(error, body.error_message.as_deref()).into()),
    }
}

/// The ids of the brokers that are up, in their order.
pub(crate) fn brokers(io: &mut Io<'_, '_>) -> Result<Vec<BrokerId>, Halt> {
    let body = ask!(io, "findAllBrokers", ClientMetadata::request([]), To::Any => Metadata);
    Ok(body.brokers.iter().map(|broker| BrokerId(broker.node_id.0)).collect())
}

/// `listTopics`: all topics, each with whether it is internal.
pub(crate) fn topics(io: &mut Io<'_, '_>) -> Result<Vec<(TopicName, bool)>, Halt> {
    let body = ask!(io, "listTopics", ClientMetadata::request_all(), To::Any => Metadata);
    let named = body.topics.iter().filter_map(|topic| Some((topic.name.as_ref()?, topic)));
    Ok(named.map(|(name, topic)| (names::from_kafka(name), topic.is_internal)).collect())
}

/// `describeTopics`: the partitions of each topic, or its error.
pub(crate) fn describe_topics<'a>(
    io: &mut Io<'_, '_>,
    topics: impl IntoIterator<Item = &'a TopicName>,
) -> Result<BTreeMap<TopicName, Result<Vec<Partition>, Failure>>, Halt> {
    let topics: Vec<TopicRequest> = topics
        .into_iter()
        .map(|topic| TopicRequest::default().with_name(names::to_kafka(topic)))
        .collect();
    if topics.is_empty() {
        // Without names the request would ask for all.
        return Ok(BTreeMap::new());
    }
    let request = kafka::DescribeTopicPartitionsRequest::default().with_topics(topics);
    let body = ask!(io, "describeTopicPartitions", request, To::Any => DescribeTopicPartitions);
    let described = body.topics.iter().filter_map(|topic| {
        let name = names::from_kafka(topic.name.as_ref()?);
        if let Some(error) = ResponseError::try_from_code(topic.error_code) {
            return Some((name, Err(Failure::of(error, None))));
        }
        let partitions = topic.partitions.iter().map(|partition| Partition {
            id: TopicPartition::new(&name, partition.partition_index),
            leader: names::broker_id(partition.leader_id),
            replicas: partition.replica_nodes.iter().map(|id| BrokerId(id.0)).collect(),
        });
        let partitions = partitions.collect();
        Some((name, Ok(partitions)))
    });
    Ok(described.collect())
}

/// As [`describe_topics`], where all must be there: what `allTopicNames().get()` throws else.
pub(crate) fn describe_all<'a>(
    io: &mut Io<'_, '_>,
    topics: impl IntoIterator<Item = &'a TopicName>,
) -> Result<Vec<Partition>, Halt> {
    let mut partitions = Vec::new();
    for described in describe_topics(io, topics)?.into_values() {
        partitions.extend(described?);
    }
    Ok(partitions)
}

/// `listOffsets` of the same kind in several partitions: the offset, -1 if there is none, or the error.
pub(crate) fn list_offsets(
    io: &mut Io<'_, '_>,
    partitions: &[TopicPartition],
    timestamp: i64,
) -> Result<BTreeMap<TopicPartition, Result<i64, Failure>>, Halt> {
    let deadline = io.deadline()?;
    let mut found = BTreeMap::new();
    for tries in 0.. {
        let open: Vec<&TopicPartition> =
            partitions.iter().filter(|partition| !found.contains_key(*partition)).collect();
        if open.is_empty() {
            break;
        }
        for (leader, led) in by_leader(io, &open)? {
            let request = offsets_request(&led, timestamp);
            let name = "listOffsets(api=LIST_OFFSETS)";
            let body = ask!(io, name, request, To::Broker(leader) => ListOffsets);
            for topic in &body.topics {
                let name = names::from_kafka(&topic.name);
                for answer in &topic.partitions {
                    let partition = TopicPartition::new(&name, answer.partition_index);
                    match ResponseError::try_from_code(answer.error_code) {
                        None => drop(found.insert(partition, Ok(answer.offset))),
                        Some(error) if is_retriable(error) || is_invalid_metadata(error) => {}
                        Some(error) => {
                            found.insert(partition, Err(Failure::of(error, None)));
                        }
                    }
                }
            }
        }
        let open = partitions.iter().filter(|partition| !found.contains_key(*partition)).count();
        let (now, _) = io.now()?;
        if open > 0 && now >= deadline {
            let message = "Timed out waiting to send the call. Call: listOffsets(api=METADATA)";
            for partition in partitions {
                let timed_out = || Err(Failure::timeout(message));
                found.entry(partition.clone()).or_insert_with(timed_out);
            }
        } else if open > 0 {
            io.back_off(tries)?;
        }
    }
    Ok(found)
}

/// Those partitions that have a leader, by it.
fn by_leader(
    io: &mut Io<'_, '_>,
    partitions: &[&TopicPartition],
) -> Result<BTreeMap<BrokerId, Vec<TopicPartition>>, Halt> {
    let mut topics: Vec<&TopicName> = partitions.iter().map(|id| &id.topic).collect();
    topics.sort();
    topics.dedup();
    let request = ClientMetadata::request(topics);
    let body = ask!(io, "listOffsets(api=METADATA)", request, To::Any => Metadata);
    let mut metadata = ClientMetadata::default();
    metadata.update(&body);
    let mut led: BTreeMap<BrokerId, Vec<TopicPartition>> = BTreeMap::new();
    for partition in partitions {
        if let Some(leader) = metadata.leader(partition) {
            led.entry(leader).or_default().push((*partition).clone());
        }
    }
    Ok(led)
}

fn offsets_request(partitions: &[TopicPartition], timestamp: i64) -> kafka::ListOffsetsRequest {
    let topics = by_topic(partitions).into_iter().map(|(topic, indexes)| {
        let partitions = indexes.into_iter().map(|PartitionIndex(index)| {
            ListOffsetsPartition::default()
                .with_partition_index(index)
                .with_current_leader_epoch(-1)
                .with_timestamp(timestamp)
        });
        ListOffsetsTopic::default()
            .with_name(names::to_kafka(topic))
            .with_partitions(partitions.collect())
    });
    kafka::ListOffsetsRequest::default()
        .with_replica_id(kafka::BrokerId(-1))
        .with_topics(topics.collect())
        .with_timeout_ms(30_000)
}

/// The partitions by their topics, in the order of the names.
pub(crate) fn by_topic(partitions: &[TopicPartition]) -> BTreeMap<&TopicName, Vec<PartitionIndex>> {
    let mut topics: BTreeMap<&TopicName, Vec<PartitionIndex>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition);
    }
    topics
}
