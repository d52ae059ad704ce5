//! `kafka-topics.sh --alter`: more partitions for topics that there are.

use highwater_cluster::client::names::{from_kafka, to_kafka};
use highwater_cluster::ids::TopicName;
use highwater_cluster::message::Request;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsTopic,
};

use crate::admin::To;

use super::arguments::Arguments;
use super::describe::{nothing_found, partitions_request};
use super::{Exception, Outcome, assignment, create};

const TIMEOUT_MS: i32 = 30_000;

/// What the tool looks at before it asks the cluster.
pub(super) fn check(arguments: &Arguments) -> Result<(), Exception> {
    create::number(arguments.partitions.as_deref(), "partitions")?;
    given_assignment(arguments).map(drop)
}

/// Asks for partitions of the topics that were found; if it is said which brokers get them, for how many
/// there are first.
pub(super) fn begin(arguments: &Arguments, found: Vec<String>) -> Outcome {
    if found.is_empty() {
        return nothing_found(arguments);
    }
    if arguments.replica_assignment.is_some() {
        return Outcome::Call("describeTopics", partitions_request(found), To::Any);
    }
    let topics = found.iter().map(|name| addition(arguments, &TopicName::from(&**name)));
    Outcome::Call("createPartitions", request(topics.collect()), To::Controller)
}

/// The partitions that there are have come: what is given begins with them, and they stay as they are.
pub(super) fn with_assignment(
    arguments: &Arguments,
    body: &kafka::DescribeTopicPartitionsResponse,
) -> Outcome {
    let given = match given_assignment(arguments) {
        Ok(given) => given,
        Err(exception) => return Outcome::Failed(exception),
    };
    let topics = body.topics.iter().filter_map(|topic| {
        let name = from_kafka(topic.name.as_ref()?);
        let added = given.iter().skip(topic.partitions.len()).cloned().collect();
        Some(addition(arguments, &name).with_assignments(Some(added)))
    });
    Outcome::Call("createPartitions", request(topics.collect()), To::Controller)
}

/// Says what the cluster answered: nothing if all went well.
pub(super) fn finish(body: &kafka::CreatePartitionsResponse) -> Outcome {
    let refused = body.results.iter().find_map(|topic| {
        let error = ResponseError::try_from_code(topic.error_code)?;
        Some(create::exception(error, topic.error_message.as_ref()))
    });
    refused.map_or(Outcome::Done, Outcome::Failed)
}

fn given_assignment(arguments: &Arguments) -> Result<Vec<CreatePartitionsAssignment>, Exception> {
    let text = arguments.replica_assignment.as_deref().filter(|text| !text.is_empty());
    let Some(text) = text else { return Ok(Vec::new()) };
    let partitions = assignment::read(text)?.into_iter().map(|partition| {
        CreatePartitionsAssignment::default().with_broker_ids(partition.broker_ids)
    });
    Ok(partitions.collect())
}

fn addition(arguments: &Arguments, topic: &TopicName) -> CreatePartitionsTopic {
    // It was checked to be a number before.
    let count = arguments.partitions.as_deref().and_then(|text| text.parse().ok());
    CreatePartitionsTopic::default()
        .with_name(to_kafka(topic))
        .with_count(count.unwrap_or_default())
        .with_assignments(None)
}

fn request(topics: Vec<CreatePartitionsTopic>) -> Request {
    kafka::CreatePartitionsRequest::default().with_topics(topics).with_timeout_ms(TIMEOUT_MS).into()
}
