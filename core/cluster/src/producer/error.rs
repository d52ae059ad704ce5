//! What the application behind a producer is told: exceptions, by the names of Kafka's Java client.

use std::fmt;
use std::sync::Arc;

use kafka_protocol::ResponseError;

use crate::client::error_messages::kafka_message;

/// An exception that a producer threw, or ended a record's future with. Printed, it is the class's
/// short name and the message.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerError {
    /// Its class.
    pub exception: Exception,
    /// What it says.
    pub message: Arc<str>,
}

/// The class of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {
    /// `java.lang.IllegalStateException`: the call does not fit the state that the producer is in.
    IllegalState,
    /// `java.lang.IllegalArgumentException`: what was asked for can never be had.
    IllegalArgument,
    /// `KafkaException` itself.
    Kafka,
    /// The exception of an error that a broker answers with.
    Api(ResponseError),
    /// `BufferExhaustedException`: there was no room in `buffer.memory` for too long.
    BufferExhausted,
    /// `TransactionAbortedException`: the transaction was aborted before the record was sent.
    TransactionAborted,
    /// `CommitFailedException`: the group no longer has the member that commits.
    CommitFailed,
}

impl ProducerError {
    /// The exception of an error that a broker answered with, and what it says by default.
    pub(crate) fn api(error: ResponseError) -> Self {
        Self::api_with(error, &kafka_message(error))
    }

    /// The exception of an error that a broker answered with.
    pub(crate) fn api_with(error: ResponseError, message: &str) -> Self {
        Self { exception: Exception::Api(error), message: message.into() }
    }

    pub(crate) fn illegal_state(message: String) -> Self {
        Self { exception: Exception::IllegalState, message: message.into() }
    }

    pub(crate) fn kafka(message: String) -> Self {
        Self { exception: Exception::Kafka, message: message.into() }
    }

    pub(crate) fn timeout(message: String) -> Self {
        Self::api_with(ResponseError::RequestTimedOut, &message)
    }

    pub(crate) fn transaction_aborted() -> Self {
        let message = "Failing batch since transaction was aborted".into();
        Self { exception: Exception::TransactionAborted, message }
    }

    /// A method of transactions was called without a `transactional.id`.
    pub(crate) fn not_transactional(is_idempotent: bool) -> Self {
        let message = if is_idempotent {
            "Transactional method invoked on a non-transactional producer."
        } else {
            "Cannot use transactional methods without enabling transactions by setting the \
             transactional.id configuration property"
        };
        Self::illegal_state(message.to_owned())
    }

    /// The error of a broker's that it stands for, or is a kind of.
    pub fn response_error(&self) -> Option<ResponseError> {
        match self.exception {
            Exception::Api(error) => Some(error),
            Exception::BufferExhausted => Some(ResponseError::RequestTimedOut),
            _ => None,
        }
    }

    /// Whether the call gave up waiting, and may be made again.
    pub(crate) fn is_timeout(&self) -> bool {
        self.response_error() == Some(ResponseError::RequestTimedOut)
    }

    /// The full name of its class: `org.apache.kafka.common.errors.ProducerFencedException`.
    pub fn class(&self) -> String {
        let package = match self.exception {
            Exception::IllegalState | Exception::IllegalArgument => "java.lang",
            Exception::Kafka => "org.apache.kafka.common",
            Exception::Api(_) | Exception::TransactionAborted => "org.apache.kafka.common.errors",
            Exception::CommitFailed => "org.apache.kafka.clients.consumer",
            Exception::BufferExhausted => "org.apache.kafka.clients.producer",
        };
        format!("{package}.{}", self.exception)
    }
}

impl fmt::Display for ProducerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.exception, self.message)
    }
}

impl fmt::Display for Exception {
    /// The short name of the class.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exception::IllegalState => f.write_str("IllegalStateException"),
            Exception::IllegalArgument => f.write_str("IllegalArgumentException"),
            Exception::Kafka => f.write_str("KafkaException"),
            Exception::TransactionAborted => f.write_str("TransactionAbortedException"),
            Exception::CommitFailed => f.write_str("CommitFailedException"),
            Exception::BufferExhausted => f.write_str("BufferExhaustedException"),
            Exception::Api(error) => f.write_str(&class_of(*error)),
        }
    }
}

/// The class of Kafka's that stands for the error, as a log prints it.
fn class_of(error: ResponseError) -> String {
    match error {
        ResponseError::RequestTimedOut => "TimeoutException".to_owned(),
        ResponseError::MessageTooLarge => "RecordTooLargeException".to_owned(),
        ResponseError::OutOfOrderSequenceNumber => "OutOfOrderSequenceException".to_owned(),
        ResponseError::InvalidProducerIdMapping => "InvalidPidMappingException".to_owned(),
        error => {
            let name = format!("{error:?}");
            let name = name.strip_suffix("Exception").unwrap_or(&name);
            // TopicAuthorizationException stands for TopicAuthorizationFailed.
            let name = match name.strip_suffix("AuthorizationFailed") {
                Some(what) => format!("{what}Authorization"),
                None => name.to_owned(),
            };
            format!("{name}Exception")
        }
    }
}
