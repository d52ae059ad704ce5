//! What happened to a transactional producer.

use std::fmt;

use highwater_log::{ProducerEpoch, ProducerId};

use crate::ids::{TopicPartition, TransactionalId};
use crate::producer::error::ProducerError;

/// What happened to a transactional producer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ProducerTransactionEvent {
    /// It was given its id and epoch. Every earlier producer of that `transactional.id` is fenced off.
    Initialized { transactional_id: TransactionalId, producer_id: ProducerId, epoch: ProducerEpoch },
    /// The application began a transaction. No broker knows of it yet.
    Began,
    /// The application wants it committed.
    Committing,
    /// The application wants it aborted.
    Aborting,
    /// The coordinator has decided that it is committed, or it was empty.
    Committed { is_empty: bool },
    /// The coordinator has decided that it is aborted, or it was empty.
    Aborted { is_empty: bool },
    /// Something went wrong. The application has to abort the transaction, or if it is fatal to close
    /// the producer.
    Failed { is_fatal: bool, error: ProducerError },
    /// Records were dropped before they were sent, since their transaction does not come about.
    RecordsDropped { partition: TopicPartition, count: u32 },
    /// A call of the application's ended in an exception.
    CallFailed { call: &'static str, error: ProducerError },
    /// A person killed its process.
    Killed,
}

impl fmt::Display for ProducerTransactionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let empty = |is_empty: bool| if is_empty { ", empty" } else { "" };
        match self {
            ProducerTransactionEvent::Initialized { transactional_id, producer_id, epoch } => {
                write!(f, "initialized {transactional_id}, id {producer_id} epoch {epoch}")
            }
            ProducerTransactionEvent::Began => f.write_str("began"),
            ProducerTransactionEvent::Committing => f.write_str("committing"),
            ProducerTransactionEvent::Aborting => f.write_str("aborting"),
            ProducerTransactionEvent::Committed { is_empty } => {
                write!(f, "committed{}", empty(*is_empty))
            }
            ProducerTransactionEvent::Aborted { is_empty } => {
                write!(f, "aborted{}", empty(*is_empty))
            }
            ProducerTransactionEvent::Failed { is_fatal, error } => {
                let kind = if *is_fatal { "fatal" } else { "abortable" };
                write!(f, "{kind} error {error}")
            }
            ProducerTransactionEvent::RecordsDropped { partition, count } => {
                write!(f, "dropped {count} for {partition}")
            }
            ProducerTransactionEvent::CallFailed { call, error } => {
                write!(f, "{call} threw {error}")
            }
            ProducerTransactionEvent::Killed => f.write_str("killed"),
        }
    }
}
