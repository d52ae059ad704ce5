//! What happens in the application behind a consumer.

use std::fmt;
use std::sync::Arc;

use highwater_log::Offset;

use crate::ids::{ClientId, List, TopicName, TopicPartition};
use crate::time::Span;

/// What happened in the application behind a consumer. That it is done with records is told by
/// `EventKind::RecordsConsumed`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ApplicationEvent {
    /// A consumer took partitions for itself, without a group (`assign`).
    SelfAssigned { client: ClientId, partitions: Vec<TopicPartition> },
    /// Poll gave the application records, on which it is to work.
    RecordsPolled { client: ClientId, partition: TopicPartition, first: Offset, last: Offset },
    /// The consumer went past offsets that hold nothing for the application: control records, or those of
    /// an aborted transaction.
    PassedOver {
        client: ClientId,
        partition: TopicPartition,
        first: Offset,
        last: Offset,
        is_aborted: bool,
    },
    /// The handler failed on a record.
    RecordFailed {
        client: ClientId,
        partition: TopicPartition,
        offset: Offset,
        attempt: u32,
        is_unreadable: bool,
    },
    /// The application waits, and tries a record again.
    RetryPlanned { client: ClientId, partition: TopicPartition, offset: Offset, backoff: Span },
    /// The application gave a record up, and goes on behind it.
    RecordSkipped { client: ClientId, partition: TopicPartition, offset: Offset },
    /// A record that failed is in a dead letter topic.
    DeadLettered { client: ClientId, partition: TopicPartition, offset: Offset, topic: TopicName },
    /// A record that failed is in a retry topic.
    SentToRetry {
        client: ClientId,
        partition: TopicPartition,
        offset: Offset,
        topic: TopicName,
        delay: Span,
    },
    /// The application saw by an event's id that it had handled it already.
    DuplicateSkipped { client: ClientId, partition: TopicPartition, offset: Offset },
    /// A record of a retry topic is not due yet; its partition waits.
    WaitsUntilDue { client: ClientId, partition: TopicPartition, offset: Offset, wait: Span },
    /// The workers threw away what they had not begun, since its partition was given back.
    WorkDropped { client: ClientId, partition: TopicPartition, first: Offset, last: Offset },
    /// A commit of the application failed, with this exception.
    CommitFailed { client: ClientId, exception: Arc<str> },
    /// The application did not poll for `max.poll.interval.ms`: the consumer leaves its group.
    PollOverdue { client: ClientId },
    /// The application, or a person, paused a partition.
    Paused { client: ClientId, partition: TopicPartition },
    /// A paused partition is fetched again.
    Resumed { client: ClientId, partition: TopicPartition },
    /// The position was set: to this offset, or to one that a broker is asked for.
    Sought { client: ClientId, partition: TopicPartition, offset: Option<Offset> },
}

impl fmt::Display for ApplicationEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ApplicationEvent as E;
        match self {
            E::SelfAssigned { client, partitions } => {
                write!(f, "client {client} assigned itself {}", List(partitions))
            }
            E::RecordsPolled { client, partition, first, last } => {
                write!(f, "{partition} client {client} polled {first}..={last}")
            }
            E::PassedOver { client, partition, first, last, is_aborted } => {
                let what = if *is_aborted { "aborted" } else { "control" };
                write!(f, "{partition} client {client} passed over {first}..={last}, {what}")
            }
            E::RecordFailed { client, partition, offset, attempt, is_unreadable } => {
                let what = if *is_unreadable { "cannot read" } else { "failed on" };
                write!(f, "{partition} client {client} {what} {offset}, attempt {attempt}")
            }
            E::RetryPlanned { client, partition, offset, backoff } => {
                write!(f, "{partition} client {client} retries {offset} after {backoff}")
            }
            E::RecordSkipped { client, partition, offset } => {
                write!(f, "{partition} client {client} skipped {offset}")
            }
            E::DeadLettered { client, partition, offset, topic } => {
                write!(f, "{partition} client {client} dead-lettered {offset} to {topic}")
            }
            E::SentToRetry { client, partition, offset, topic, delay } => {
                write!(f, "{partition} client {client} sent {offset} to {topic}, due after {delay}")
            }
            E::DuplicateSkipped { client, partition, offset } => {
                write!(f, "{partition} client {client} knew {offset} already")
            }
            E::WaitsUntilDue { client, partition, offset, wait } => {
                write!(f, "{partition} client {client} waits {wait} until {offset} is due")
            }
            E::WorkDropped { client, partition, first, last } => {
                write!(f, "{partition} client {client} dropped {first}..={last}")
            }
            E::CommitFailed { client, exception } => {
                write!(f, "client {client} commit failed: {exception}")
            }
            E::PollOverdue { client } => write!(f, "client {client} poll overdue"),
            E::Paused { client, partition } => write!(f, "{partition} client {client} paused"),
            E::Resumed { client, partition } => write!(f, "{partition} client {client} resumed"),
            E::Sought { client, partition, offset: Some(offset) } => {
                write!(f, "{partition} client {client} sought {offset}")
            }
            E::Sought { client, partition, offset: None } => {
                write!(f, "{partition} client {client} seeks")
            }
        }
    }
}
