//! `kafka-topics.sh --create`, and what becomes of `--delete`.

use highwater_cluster::client::error_messages::kafka_message;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::create_topics_request::{
    CreatableTopic, CreatableTopicConfig,
};
use highwater_cluster::protocol::protocol::StrBytes;

use crate::admin::To;
use crate::script::exception_name;

use super::arguments::Arguments;
use super::{Exception, Outcome, assignment};

/// `request.timeout.ms` of the admin client: how long the controller may take.
const TIMEOUT_MS: i32 = 30_000;

/// What the tool looks at before it asks the cluster, in its order, and then the request.
pub(super) fn begin(ctx: &mut Ctx<'_>, arguments: &Arguments) -> Outcome {
    let topic = match topic(arguments) {
        Ok(topic) => topic,
        Err(exception) => return Outcome::Failed(exception),
    };
    if topic.name.contains(['.', '_']) {
        ctx.print(
            "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could \
             collide. To avoid issues it is best to use either, but not both.",
        );
    }
    if let Err(exception) = check_ranges(arguments) {
        return Outcome::Failed(exception);
    }
    let request =
        kafka::CreateTopicsRequest::default().with_topics(vec![topic]).with_timeout_ms(TIMEOUT_MS);
    Outcome::Call("createTopics", request.into(), To::Controller)
}

/// Says what the cluster answered.
pub(super) fn finish(
    ctx: &mut Ctx<'_>,
    arguments: &Arguments,
    body: &kafka::CreateTopicsResponse,
) -> Outcome {
    let Some(topic) = body.topics.first() else { return Outcome::Done };
    let Some(error) = ResponseError::try_from_code(topic.error_code) else {
        ctx.print(&format!("Created topic {}.", &**topic.name));
        return Outcome::Done;
    };
    if error == ResponseError::TopicAlreadyExists && arguments.if_not_exists {
        return Outcome::Done;
    }
    Outcome::Failed(exception(error, topic.error_message.as_ref()))
}

/// Says what the cluster answered to a deletion: nothing if all went well.
pub(super) fn deleted(body: &kafka::DeleteTopicsResponse) -> Outcome {
    let refused = body.responses.iter().find_map(|topic| {
        let error = ResponseError::try_from_code(topic.error_code)?;
        Some(exception(error, topic.error_message.as_ref()))
    });
    refused.map_or(Outcome::Done, Outcome::Failed)
}

fn topic(arguments: &Arguments) -> Result<CreatableTopic, Exception> {
    let name = arguments.topic.as_ref().map_or_else(String::new, ToString::to_string);
    let partitions = number(arguments.partitions.as_deref(), "partitions")?;
    let replication_factor = number(arguments.replication_factor.as_deref(), "replication-factor")?;
    let assignments = match arguments.replica_assignment.as_deref() {
        None | Some("") => Vec::new(),
        Some(text) => assignment::read(text)?,
    };
    let configs = arguments.configs.iter().map(|text| config(text)).collect::<Result<_, _>>()?;
    Ok(CreatableTopic::default()
        .with_name(kafka::TopicName(StrBytes::from_string(name)))
        .with_num_partitions(partitions.unwrap_or(-1))
        .with_replication_factor(replication_factor.unwrap_or(-1) as i16)
        .with_assignments(assignments)
        .with_configs(configs))
}

fn check_ranges(arguments: &Arguments) -> Result<(), Exception> {
    let replication_factor = number(arguments.replication_factor.as_deref(), "replication-factor")?;
    if replication_factor.is_some_and(|number| !(1..=32_767).contains(&number)) {
        let message = "The replication factor must be between 1 and 32767 inclusive";
        return Err(Exception::illegal_argument(message));
    }
    let partitions = number(arguments.partitions.as_deref(), "partitions")?;
    if partitions.is_some_and(|number| number < 1) {
        return Err(Exception::illegal_argument("The partitions must be greater than 0"));
    }
    Ok(())
}

pub(super) fn number(text: Option<&str>, option: &str) -> Result<Option<i32>, Exception> {
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        Exception::new(
            "joptsimple.OptionArgumentConversionException",
            format!("Cannot parse argument '{text}' of option {option}"),
        )
    })
}

fn config(text: &str) -> Result<CreatableTopicConfig, Exception> {
    let parts: Vec<&str> = text.split('=').map(str::trim).collect();
    let [name, value] = parts[..] else {
        return Err(Exception::illegal_argument(
            "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\".",
        ));
    };
    Ok(CreatableTopicConfig::default()
        .with_name(StrBytes::from_string(name.to_owned()))
        .with_value(Some(StrBytes::from_string(value.to_owned()))))
}

/// The error as the exception that Kafka's client makes of it.
pub(super) fn exception(error: ResponseError, message: Option<&StrBytes>) -> Exception {
    let message = message.map_or_else(|| kafka_message(error), |message| message.to_string());
    let class = match error {
        // The tool checks values itself, before it asks, where here the controller does.
        ResponseError::InvalidConfig if message.starts_with("Invalid value ") => {
            "org.apache.kafka.common.config.ConfigException".to_owned()
        }
        _ => error_class(error),
    };
    Exception::new(class, message)
}

/// The exception that Kafka's client makes of an error.
pub(crate) fn error_class(error: ResponseError) -> String {
    format!("org.apache.kafka.common.errors.{}", exception_name(error))
}
