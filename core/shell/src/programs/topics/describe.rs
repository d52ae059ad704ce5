//! `kafka-topics.sh --describe` and `--list`.

use highwater_cluster::client::names::{from_kafka, to_kafka, topic_id};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{TopicId, TopicName};
use highwater_cluster::message::Request;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::describe_configs_request::DescribeConfigsResource;
use highwater_cluster::protocol::messages::describe_topic_partitions_request::TopicRequest;
use highwater_cluster::protocol::messages::describe_topic_partitions_response::DescribeTopicPartitionsResponsePartition;
use highwater_cluster::protocol::protocol::StrBytes;

use super::Outcome;
use super::arguments::Arguments;

/// `ConfigResource.Type.TOPIC`
const TOPIC_RESOURCE: i8 = 2;

/// A topic as the first answer tells it.
#[derive(Clone, Debug)]
pub(super) struct Described {
    name: TopicName,
    id: TopicId,
    partitions: Vec<DescribeTopicPartitionsResponsePartition>,
}

pub(super) fn list_request() -> Request {
    kafka::MetadataRequest::default().with_topics(None).into()
}

pub(super) fn list(ctx: &mut Ctx<'_>, body: &kafka::MetadataResponse) -> Outcome {
    let mut names: Vec<String> =
        body.topics.iter().filter_map(|topic| topic.name.as_ref()).map(|name| name.to_string()).collect();
    names.sort();
    for name in names {
        ctx.print(&name);
    }
    Outcome::Done
}

pub(super) fn request(arguments: &Arguments) -> Request {
    let named = |topic| TopicRequest::default().with_name(to_kafka(topic));
    kafka::DescribeTopicPartitionsRequest::default()
        .with_topics(arguments.topic.iter().map(named).collect())
        .with_response_partition_limit(2_000)
        .into()
}

/// The partitions have come; the settings of the topics are asked for next.
pub(super) fn topics(arguments: &mut Arguments, body: &kafka::DescribeTopicPartitionsResponse) -> Outcome {
    for topic in body.topics.iter().filter(|topic| topic.error_code == 0) {
        let Some(name) = topic.name.as_ref().map(from_kafka) else { continue };
        let (id, partitions) = (topic_id(topic.topic_id), topic.partitions.clone());
        arguments.described.push(Described { name, id, partitions });
    }
    if arguments.described.is_empty() {
        return match &arguments.topic {
            Some(topic) if !arguments.if_exists => Outcome::Failed(
                "java.lang.IllegalArgumentException",
                format!("Topic '{topic}' does not exist as expected"),
            ),
            _ => Outcome::Done,
        };
    }
    let resource = |topic: &Described| {
        DescribeConfigsResource::default()
            .with_resource_type(TOPIC_RESOURCE)
            .with_resource_name(StrBytes::from_string(topic.name.to_string()))
    };
    let resources = arguments.described.iter().map(resource).collect();
    Outcome::Ask(kafka::DescribeConfigsRequest::default().with_resources(resources).into())
}

pub(super) fn print(ctx: &mut Ctx<'_>, arguments: &Arguments, body: &kafka::DescribeConfigsResponse) -> Outcome {
    for Described { name, id, partitions } in &arguments.described {
        let configs = body.results.iter().find(|result| *result.resource_name == *name.as_str());
        let configs: Vec<String> = configs
            .iter()
            .flat_map(|result| &result.configs)
            .map(|config| format!("{}={}", &*config.name, config.value.as_deref().unwrap_or("null")))
            .collect();
        let replication_factor = partitions.first().map_or(0, |partition| partition.replica_nodes.len());
        ctx.print(&format!(
            "Topic: {name}\tTopicId: {id}\tPartitionCount: {}\tReplicationFactor: {replication_factor}\tConfigs: {}",
            partitions.len(),
            configs.join(",")
        ));
        for partition in partitions {
            let leader = match partition.leader_id.0 {
                -1 => "none".to_owned(),
                id => id.to_string(),
            };
            ctx.print(&format!(
                "\tTopic: {name}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}\tElr: {}\tLastKnownElr: {}",
                partition.partition_index,
                ids(&partition.replica_nodes),
                ids(&partition.isr_nodes),
                ids(partition.eligible_leader_replicas.as_deref().unwrap_or_default()),
                ids(partition.last_known_elr.as_deref().unwrap_or_default()),
            ));
        }
    }
    Outcome::Done
}

fn ids(brokers: &[kafka::BrokerId]) -> String {
    brokers.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(",")
}
