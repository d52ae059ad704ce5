//! `kafka-topics.sh --create`.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::message::Request;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use highwater_cluster::protocol::protocol::StrBytes;

use super::Outcome;
use super::arguments::{Action, Arguments};

const ILLEGAL_ARGUMENT: &str = "java.lang.IllegalArgumentException";

/// What the tool looks at before it asks the cluster.
pub(super) fn check(ctx: &mut Ctx<'_>, arguments: &Arguments) -> Result<(), Outcome> {
    if arguments.action != Action::Create {
        return Ok(());
    }
    let partitions = number(arguments.partitions.as_deref(), "partitions")?;
    let replication_factor = number(arguments.replication_factor.as_deref(), "replication-factor")?;
    let name = arguments.topic.as_ref().map_or("", |topic| topic.as_str());
    if name.contains(['.', '_']) {
        ctx.print(
            "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could \
             collide. To avoid issues it is best to use either, but not both.",
        );
    }
    if replication_factor.is_some_and(|number| !(1..=32_767).contains(&number)) {
        let message = "The replication factor must be between 1 and 32767 inclusive";
        return Err(Outcome::Failed(ILLEGAL_ARGUMENT, message.to_owned()));
    }
    if partitions.is_some_and(|number| number < 1) {
        let message = "The partitions must be greater than 0";
        return Err(Outcome::Failed(ILLEGAL_ARGUMENT, message.to_owned()));
    }
    Ok(())
}

pub(super) fn request(arguments: &Arguments) -> Request {
    let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<i32>().ok()).unwrap_or(-1);
    let name = arguments.topic.as_ref().map_or_else(String::new, ToString::to_string);
    let config = |(name, value): &(String, String)| {
        CreatableTopicConfig::default()
            .with_name(StrBytes::from_string(name.clone()))
            .with_value(Some(StrBytes::from_string(value.clone())))
    };
    let topic = CreatableTopic::default()
        .with_name(kafka::TopicName(StrBytes::from_string(name)))
        .with_num_partitions(number(&arguments.partitions))
        .with_replication_factor(i16::try_from(number(&arguments.replication_factor)).unwrap_or(i16::MAX))
        .with_configs(arguments.configs.iter().map(config).collect());
    kafka::CreateTopicsRequest::default().with_topics(vec![topic]).with_timeout_ms(30_000).into()
}

pub(super) fn outcome(ctx: &mut Ctx<'_>, arguments: &Arguments, body: &kafka::CreateTopicsResponse) -> Outcome {
    let Some(topic) = body.topics.first() else { return Outcome::Done };
    let Some(error) = ResponseError::try_from_code(topic.error_code) else {
        ctx.print(&format!("Created topic {}.", &**topic.name));
        return Outcome::Done;
    };
    if error == ResponseError::TopicAlreadyExists && arguments.if_not_exists {
        return Outcome::Done;
    }
    let message = topic.error_message.as_ref().map_or_else(|| error.to_string(), |message| message.to_string());
    Outcome::Failed(class(error), message)
}

/// The class of an error in Kafka's Java client, as far as creating a topic can meet it.
fn class(error: ResponseError) -> &'static str {
    match error {
        ResponseError::TopicAlreadyExists => "org.apache.kafka.common.errors.TopicExistsException",
        ResponseError::InvalidTopicException => "org.apache.kafka.common.errors.InvalidTopicException",
        ResponseError::InvalidReplicationFactor => {
            "org.apache.kafka.common.errors.InvalidReplicationFactorException"
        }
        ResponseError::InvalidPartitions => "org.apache.kafka.common.errors.InvalidPartitionsException",
        ResponseError::InvalidConfig => "org.apache.kafka.common.errors.InvalidConfigurationException",
        ResponseError::InvalidReplicaAssignment => {
            "org.apache.kafka.common.errors.InvalidReplicaAssignmentException"
        }
        ResponseError::PolicyViolation => "org.apache.kafka.common.errors.PolicyViolationException",
        _ => "org.apache.kafka.common.errors.UnknownServerException",
    }
}

fn number(text: Option<&str>, option: &str) -> Result<Option<i64>, Outcome> {
    let Some(text) = text else { return Ok(None) };
    match text.parse::<i32>() {
        Ok(number) => Ok(Some(i64::from(number))),
        Err(_) => Err(Outcome::Failed(
            "joptsimple.OptionArgumentConversionException",
            format!("Cannot parse argument '{text}' of option {option}"),
        )),
    }
}
