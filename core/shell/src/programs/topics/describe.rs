//! `kafka-topics.sh --describe`, and the requests of `--list` and `--delete`.

use highwater_cluster::client::names::{self, to_kafka};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{BrokerId, TopicId, TopicName};
use highwater_cluster::message::Request;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::delete_topics_request::DeleteTopicState;
use highwater_cluster::protocol::messages::describe_configs_request::DescribeConfigsResource;
use highwater_cluster::protocol::messages::describe_configs_response::DescribeConfigsResourceResult;
use highwater_cluster::protocol::messages::describe_topic_partitions_request::TopicRequest;
use highwater_cluster::protocol::messages::describe_topic_partitions_response::DescribeTopicPartitionsResponsePartition;
use highwater_cluster::protocol::protocol::StrBytes;

use crate::admin::To;
use crate::java::{grown_hash_order, hash_map_order, hash_map_order_in, string_hash};

use super::arguments::{Arguments, Report};
use super::{Exception, Outcome};

/// `ConfigResource.Type.TOPIC`
const TOPIC_RESOURCE: i8 = 2;
/// `ConfigSource.DEFAULT_CONFIG`
const DEFAULT_CONFIG: i8 = 5;
/// The buckets of the map in which a broker keeps the settings of a topic: they come in its order.
const CONFIG_BUCKETS: usize = 64;
const PARTITION_LIMIT: i32 = 2_000;
const TIMEOUT_MS: i32 = 30_000;

/// What the answers told of the topics.
#[derive(Clone, Debug, Default)]
pub(super) struct Description {
    topics: Vec<Topic>,
}

#[derive(Clone, Debug)]
struct Topic {
    name: TopicName,
    id: TopicId,
    partitions: Vec<DescribeTopicPartitionsResponsePartition>,
}

pub(super) fn list_request() -> Request {
    kafka::MetadataRequest::default().with_topics(None).into()
}

/// Asks for the partitions of the topics that were found.
pub(super) fn begin(arguments: &Arguments, found: Vec<String>) -> Outcome {
    if found.is_empty() {
        return nothing_found(arguments);
    }
    Outcome::Call("describeTopics", partitions_request(found), To::Any)
}

/// The request for the partitions of topics.
pub(super) fn partitions_request(topics: Vec<String>) -> Request {
    let named =
        |name: String| TopicRequest::default().with_name(to_kafka(&TopicName::from(&*name)));
    kafka::DescribeTopicPartitionsRequest::default()
        .with_topics(topics.into_iter().map(named).collect())
        .with_response_partition_limit(PARTITION_LIMIT)
        .into()
}

/// Asks for the deletion of the topics that were found.
pub(super) fn delete(arguments: &Arguments, found: Vec<String>) -> Outcome {
    if found.is_empty() {
        return nothing_found(arguments);
    }
    let named = |name: String| {
        DeleteTopicState::default().with_name(Some(to_kafka(&TopicName::from(&*name))))
    };
    let request = kafka::DeleteTopicsRequest::default()
        .with_topics(found.into_iter().map(named).collect())
        .with_timeout_ms(TIMEOUT_MS);
    Outcome::Call("deleteTopics", request.into(), To::Controller)
}

impl Description {
    /// The partitions have come; the settings of the topics are asked for next.
    pub(super) fn add_topics(&mut self, body: &kafka::DescribeTopicPartitionsResponse) -> Outcome {
        for topic in body.topics.iter().filter(|topic| topic.error_code == 0) {
            let Some(name) = topic.name.as_ref().map(names::from_kafka) else { continue };
            let (id, partitions) = (names::topic_id(topic.topic_id), topic.partitions.clone());
            self.topics.push(Topic { name, id, partitions });
        }
        // The map of all listed topics is gone through first, then the one of those that are described.
        grown_hash_order(&mut self.topics, |topic| string_hash(topic.name.as_str()));
        hash_map_order(&mut self.topics, |topic| topic.name.as_str());
        let resource = |topic: &Topic| {
            DescribeConfigsResource::default()
                .with_resource_type(TOPIC_RESOURCE)
                .with_resource_name(StrBytes::from_string(topic.name.to_string()))
                .with_configuration_keys(None)
        };
        let resources = self.topics.iter().map(resource).collect();
        let request = kafka::DescribeConfigsRequest::default().with_resources(resources);
        Outcome::Call("describeConfigs", request.into(), To::Any)
    }

    /// Prints what was asked for.
    pub(super) fn print(
        &self,
        ctx: &mut Ctx<'_>,
        arguments: &Arguments,
        live: &[BrokerId],
        body: &kafka::DescribeConfigsResponse,
    ) {
        for topic in &self.topics {
            let result =
                body.results.iter().find(|result| *result.resource_name == *topic.name.as_str());
            let configs = result.map_or_else(Vec::new, |result| result.configs.clone());
            let configs = own(configs);
            let prints_topic = match arguments.report {
                Report::All => true,
                Report::TopicsWithOverrides => !configs.is_empty(),
                _ => false,
            };
            if prints_topic {
                ctx.print(&topic_line(topic, &configs));
            }
            let min_isr = min_insync_replicas(&configs);
            let wanted = |partition: &&DescribeTopicPartitionsResponsePartition| {
                is_wanted(arguments.report, partition, min_isr, live)
            };
            for partition in topic.partitions.iter().filter(wanted) {
                ctx.print(&partition_line(&topic.name, partition));
            }
        }
    }
}

pub(super) fn nothing_found(arguments: &Arguments) -> Outcome {
    match &arguments.topic {
        Some(topic) if !arguments.if_exists && !topic.as_str().is_empty() => Outcome::Failed(
            Exception::illegal_argument(format!("Topic '{topic}' does not exist as expected")),
        ),
        _ => Outcome::Done,
    }
}

/// The settings that are no defaults, in the order in which a broker hands them out.
fn own(mut configs: Vec<DescribeConfigsResourceResult>) -> Vec<DescribeConfigsResourceResult> {
    configs.retain(|config| config.config_source != DEFAULT_CONFIG);
    configs.sort_by(|a, b| a.name.cmp(&b.name));
    hash_map_order_in(&mut configs, CONFIG_BUCKETS, |config| config.name.as_str());
    configs
}

fn min_insync_replicas(configs: &[DescribeConfigsResourceResult]) -> usize {
    let config = configs.iter().find(|config| &*config.name == "min.insync.replicas");
    config.and_then(|config| config.value.as_ref()?.parse().ok()).unwrap_or(1)
}

fn is_wanted(
    report: Report,
    partition: &DescribeTopicPartitionsResponsePartition,
    min_isr: usize,
    live: &[BrokerId],
) -> bool {
    let leader = names::broker_id(partition.leader_id);
    let isr = partition.isr_nodes.len();
    match report {
        Report::All => true,
        Report::TopicsWithOverrides => false,
        Report::UnderReplicated => isr < partition.replica_nodes.len(),
        Report::Unavailable => leader.is_none_or(|leader| !live.contains(&leader)),
        Report::UnderMinIsr => leader.is_none() || isr < min_isr,
        Report::AtMinIsr => isr == min_isr,
    }
}

fn topic_line(topic: &Topic, configs: &[DescribeConfigsResourceResult]) -> String {
    let Topic { name, id, partitions } = topic;
    let replication_factor = partitions.first().map_or(0, |first| first.replica_nodes.len());
    let configs: Vec<String> = configs
        .iter()
        .map(|config| format!("{}={}", &*config.name, config.value.as_deref().unwrap_or("null")))
        .collect();
    format!(
        "Topic: {name}\tTopicId: {id}\tPartitionCount: {}\tReplicationFactor: {replication_factor}\tConfigs: {}",
        partitions.len(),
        configs.join(",")
    )
}

fn partition_line(
    topic: &TopicName,
    partition: &DescribeTopicPartitionsResponsePartition,
) -> String {
    let leader = names::broker_id(partition.leader_id)
        .map_or("none".to_owned(), |leader| leader.to_string());
    format!(
        "\tTopic: {topic}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}\tElr: {}\tLastKnownElr: {}",
        partition.partition_index,
        ids(Some(&partition.replica_nodes)),
        ids(Some(&partition.isr_nodes)),
        ids(partition.eligible_leader_replicas.as_ref()),
        ids(partition.last_known_elr.as_ref()),
    )
}

/// The ids of brokers as the tool prints them; `N/A` if it was told none.
fn ids(brokers: Option<&Vec<kafka::BrokerId>>) -> String {
    let Some(brokers) = brokers else { return "N/A".to_owned() };
    brokers.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(",")
}
