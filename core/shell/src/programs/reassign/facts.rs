//! What the cluster has told the tool: reassignments, brokers, replicas, log directories; and the
//! requests by which it is asked.

use std::collections::BTreeMap;

use highwater_cluster::client::error_messages::kafka_message;
use highwater_cluster::client::{ClientMetadata, names};
use highwater_cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_cluster::message::{Request, Response};
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::describe_log_dirs_request::DescribableLogDirTopic;
use highwater_cluster::protocol::messages::describe_topic_partitions_request::TopicRequest;
use highwater_cluster::protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsTopics;

use super::Outcome;
use super::plan::Replica;
use crate::admin::To;
use crate::programs::json_file::Exception;

/// `default.api.timeout.ms` of the admin client.
const TIMEOUT_MS: i32 = 60_000;

/// What the cluster has told so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// The reassignments that go on.
    pub(super) ongoing: Option<BTreeMap<TopicPartition, Ongoing>>,
    /// The brokers that are alive, with their racks.
    pub(super) brokers: Option<BTreeMap<i32, Option<String>>>,
    /// The replicas of the topics that were asked about and exist.
    pub(super) replicas: Option<BTreeMap<TopicPartition, Vec<i32>>>,
    /// The brokers that were asked where their replicas lie.
    asked_for_log_dirs: Vec<i32>,
    /// Where replicas lie.
    pub(super) log_dirs: BTreeMap<Replica, String>,
    /// What became of the reassignments that were asked for: the errors, by partition.
    pub(super) refused: Option<BTreeMap<TopicPartition, String>>,
    /// What became of the log directories that were asked for.
    pub(super) moves: Option<BTreeMap<TopicPartition, ResponseError>>,
    /// How many changes of settings were answered.
    pub(super) configs_altered: u32,
}

/// A reassignment that goes on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ongoing {
    pub(super) replicas: Vec<i32>,
    pub(super) adding: Vec<i32>,
    pub(super) removing: Vec<i32>,
}

impl Facts {
    /// Takes in what a broker answered.
    pub(super) fn learn(&mut self, response: &Response) -> Result<(), Exception> {
        match response {
            Response::ListPartitionReassignments(body) => {
                check(body.error_code, body.error_message.as_deref())?;
                self.ongoing = Some(ongoing(body));
            }
            Response::Metadata(body) => {
                let brokers = body.brokers.iter();
                let rack = |rack: &Option<_>| rack.as_ref().map(ToString::to_string);
                self.brokers =
                    Some(brokers.map(|node| (node.node_id.0, rack(&node.rack))).collect());
            }
            Response::DescribeTopicPartitions(body) => self.replicas = Some(replicas(body)),
            Response::DescribeLogDirs(body) => {
                check(body.error_code, None)?;
                self.learn_log_dirs(body);
            }
            Response::AlterPartitionReassignments(body) => self.refused = Some(refused(body)),
            Response::AlterReplicaLogDirs(body) => self.moves = Some(moves(body)),
            Response::IncrementalAlterConfigs(body) => {
                self.configs_altered += 1;
                if let Some(error) = body.responses.iter().find(|one| one.error_code != 0) {
                    return check(error.error_code, error.error_message.as_deref());
                }
            }
            other => unreachable!("nothing was asked that {:?} answers", other.api_key()),
        }
        Ok(())
    }

    /// Which replicas these brokers still have to be asked about; asks the next broker. A broker that
    /// is not alive has no say.
    pub(super) fn ask_for_log_dirs(&mut self, wanted: &[Replica]) -> Option<Outcome> {
        let alive = self.brokers.as_ref().expect("the brokers are asked for before");
        let next = wanted.iter().map(|(_, broker)| *broker).find(|broker| {
            alive.contains_key(broker) && !self.asked_for_log_dirs.contains(broker)
        })?;
        self.asked_for_log_dirs.push(next);
        let mut topics: Vec<DescribableLogDirTopic> = Vec::new();
        for (partition, _) in wanted.iter().filter(|(_, broker)| *broker == next) {
            let name = names::to_kafka(&partition.topic);
            match topics.iter_mut().find(|topic| topic.topic == name) {
                Some(topic) => topic.partitions.push(partition.partition.0),
                None => topics.push(
                    DescribableLogDirTopic::default()
                        .with_topic(name)
                        .with_partitions(vec![partition.partition.0]),
                ),
            }
        }
        let request = kafka::DescribeLogDirsRequest::default().with_topics(Some(topics));
        let to = To::Broker(BrokerId(next));
        Some(Outcome::Call("describeReplicaLogDirs", request.into(), to))
    }

    fn learn_log_dirs(&mut self, body: &kafka::DescribeLogDirsResponse) {
        let broker = *self.asked_for_log_dirs.last().expect("a broker was asked");
        for dir in &body.results {
            for topic in &dir.topics {
                let name = names::from_kafka(&topic.name);
                for part in &topic.partitions {
                    let partition = TopicPartition::new(&name, part.partition_index);
                    self.log_dirs.insert((partition, broker), dir.log_dir.to_string());
                }
            }
        }
    }
}

/// Asks what goes on: everywhere, or in these partitions.
pub(super) fn list_reassignments(only: Option<&[TopicPartition]>) -> Outcome {
    let topics = only.map(|partitions| {
        let mut topics: BTreeMap<TopicName, Vec<i32>> = BTreeMap::new();
        for partition in partitions {
            topics.entry(partition.topic.clone()).or_default().push(partition.partition.0);
        }
        let topic = |(name, indexes): (TopicName, Vec<i32>)| {
            ListPartitionReassignmentsTopics::default()
                .with_name(names::to_kafka(&name))
                .with_partition_indexes(indexes)
        };
        topics.into_iter().map(topic).collect()
    });
    let request = kafka::ListPartitionReassignmentsRequest::default()
        .with_timeout_ms(TIMEOUT_MS)
        .with_topics(topics);
    Outcome::Call("listPartitionReassignments", request.into(), To::Controller)
}

/// Asks who is alive.
pub(super) fn describe_cluster() -> Outcome {
    let request: Request = ClientMetadata::request([]).into();
    Outcome::Call("listNodes", request, To::Any)
}

/// Asks for the replicas of topics.
pub(super) fn describe_topics(topics: &[TopicName]) -> Outcome {
    let topic = |name| TopicRequest::default().with_name(names::to_kafka(name));
    let request = kafka::DescribeTopicPartitionsRequest::default()
        .with_topics(topics.iter().map(topic).collect())
        .with_response_partition_limit(2_000);
    Outcome::Call("describeTopics", request.into(), To::Any)
}

/// An answer that is refused as a whole ends the tool.
fn check(code: i16, message: Option<&str>) -> Result<(), Exception> {
    ResponseError::try_from_code(code)
        .map_or(Ok(()), |error| Err(Exception::in_future(error, message)))
}

fn ongoing(body: &kafka::ListPartitionReassignmentsResponse) -> BTreeMap<TopicPartition, Ongoing> {
    let ids = |ids: &[kafka::BrokerId]| ids.iter().map(|id| id.0).collect();
    let mut all = BTreeMap::new();
    for topic in &body.topics {
        let name = names::from_kafka(&topic.name);
        for part in &topic.partitions {
            let ongoing = Ongoing {
                replicas: ids(&part.replicas),
                adding: ids(&part.adding_replicas),
                removing: ids(&part.removing_replicas),
            };
            all.insert(TopicPartition::new(&name, part.partition_index), ongoing);
        }
    }
    all
}

fn replicas(body: &kafka::DescribeTopicPartitionsResponse) -> BTreeMap<TopicPartition, Vec<i32>> {
    let mut all = BTreeMap::new();
    for topic in body.topics.iter().filter(|topic| topic.error_code == 0) {
        let Some(name) = topic.name.as_ref().map(names::from_kafka) else { continue };
        for part in &topic.partitions {
            let ids = part.replica_nodes.iter().map(|id| id.0).collect();
            all.insert(TopicPartition::new(&name, part.partition_index), ids);
        }
    }
    all
}

fn refused(body: &kafka::AlterPartitionReassignmentsResponse) -> BTreeMap<TopicPartition, String> {
    let mut errors = BTreeMap::new();
    for topic in &body.responses {
        let name = names::from_kafka(&topic.name);
        for part in &topic.partitions {
            let Some(error) = ResponseError::try_from_code(part.error_code) else { continue };
            let message = part.error_message.as_deref();
            let message = message.map_or_else(|| kafka_message(error), str::to_owned);
            errors.insert(TopicPartition::new(&name, part.partition_index), message);
        }
    }
    errors
}

fn moves(body: &kafka::AlterReplicaLogDirsResponse) -> BTreeMap<TopicPartition, ResponseError> {
    let mut errors = BTreeMap::new();
    for topic in &body.results {
        let name = names::from_kafka(&topic.topic_name);
        for part in &topic.partitions {
            let Some(error) = ResponseError::try_from_code(part.error_code) else { continue };
            errors.insert(TopicPartition::new(&name, part.partition_index), error);
        }
    }
    errors
}
