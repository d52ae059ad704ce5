//! What Kafka's clients throw, as Java prints it.

use highwater_cluster::fault::find_error;
use highwater_cluster::producer::{Exception, ProducerError};
use highwater_cluster::protocol::error::ResponseError;

use crate::programs::jopt::Refused;
use crate::script::Failure;

/// An exception as Java prints it.
pub(crate) fn class_and_message(error: &ProducerError) -> String {
    let class = match error.exception {
        Exception::Api(ResponseError::InvalidRecord) => {
            return format!("org.apache.kafka.common.InvalidRecordException: {}", error.message);
        }
        Exception::Kafka => {
            return format!("org.apache.kafka.common.KafkaException: {}", error.message);
        }
        Exception::IllegalState => {
            return format!("java.lang.IllegalStateException: {}", error.message);
        }
        Exception::IllegalArgument => {
            return format!("java.lang.IllegalArgumentException: {}", error.message);
        }
        Exception::BufferExhausted => {
            let class = "org.apache.kafka.clients.producer.BufferExhaustedException";
            return format!("{class}: {}", error.message);
        }
        _ => error.to_string(),
    };
    format!("org.apache.kafka.common.errors.{class}")
}

/// What Kafka's clients end with where no server can be found by its name.
pub(crate) fn no_client(which: &str, errors: &[String]) -> Refused {
    let mut lines =
        vec![format!("org.apache.kafka.common.KafkaException: Failed to construct kafka {which}")];
    lines.extend(errors.iter().skip(1).cloned());
    Refused { code: 1, output: Vec::new(), errors: lines }
}

/// What a consumer's poll threw, as Java prints it: an error of the protocol, by its name, or an exception with
/// its message.
pub(crate) fn of_consumer(error: Option<&str>) -> String {
    let error = error.unwrap_or("closed");
    if let Some(known) = find_error(error) {
        return Failure::of(known, None).to_string();
    }
    let package = match error.split(':').next() {
        Some("NoOffsetForPartitionException" | "OffsetOutOfRangeException") => "clients.consumer",
        _ => "common.errors",
    };
    format!("org.apache.kafka.{package}.{error}")
}
