//! Requests that wait: produce requests with acks=all for the ISR, fetches for records, group
//! commits for their replication.

use std::collections::BTreeMap;

use highwater_log::Offset;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;

use crate::broker::delete_records::DelayedDelete;
use crate::broker::txn_markers::Markers;
use crate::ids::{TimerId, TopicPartition};
use crate::input::ReplyTo;
use std::sync::Arc;

/// What waits in a broker.
#[derive(Clone, Debug, Default)]
pub(super) struct Purgatory {
    next: u64,
    pub(super) produce: BTreeMap<u64, DelayedProduce>,
    pub(super) fetch: BTreeMap<u64, DelayedFetch>,
    pub(super) delete_records: BTreeMap<u64, DelayedDelete>,
}

/// An append that waits until the ISR has it.
#[derive(Clone, Debug)]
pub(super) struct DelayedProduce {
    pub(super) then: Then,
    pub(super) partitions: Vec<AppendedPartition>,
    pub(super) timer: Option<TimerId>,
}

/// What happens once an append is on the whole ISR.
#[derive(Clone, Debug)]
pub(super) enum Then {
    /// A producer is answered, whose request took so many bytes.
    Respond(ReplyTo, u32),
    /// The group coordinator goes on with what it had written under this token.
    Group(u64),
    /// The transaction coordinator goes on with what it had written under this token.
    Transaction(u64),
    /// The share coordinator goes on with what it had written under this token.
    ShareState(u64),
    /// The coordinator that sent markers is answered.
    Markers(Markers),
}

/// The part of an append that concerns one partition.
#[derive(Clone, Debug)]
pub(super) struct AppendedPartition {
    pub(super) partition: TopicPartition,
    pub(super) error: Option<ResponseError>,
    pub(super) message: Option<String>,
    pub(super) base_offset: Offset,
    /// The high watermark that it waits for.
    pub(super) required: Offset,
    pub(super) log_start_offset: Offset,
    pub(super) is_waiting: bool,
}

/// A fetch that waits for records.
#[derive(Clone, Debug)]
pub(super) struct DelayedFetch {
    pub(super) from: ReplyTo,
    pub(super) request: Arc<kafka::FetchRequest>,
    pub(super) partitions: Vec<TopicPartition>,
    pub(super) timer: TimerId,
}

impl AppendedPartition {
    /// A partition to which nothing has been appended yet.
    pub(super) fn new(partition: TopicPartition) -> Self {
        Self {
            partition,
            error: None,
            message: None,
            base_offset: Offset(-1),
            required: Offset(0),
            log_start_offset: Offset(-1),
            is_waiting: false,
        }
    }
}

impl Purgatory {
    /// A number for the next one that waits.
    pub(super) fn next_id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// The fetches that wait for something to happen to `partition`.
    pub(super) fn fetches_of(&self, partition: &TopicPartition) -> Vec<u64> {
        let concerned = self.fetch.iter().filter(|(_, fetch)| fetch.partitions.contains(partition));
        concerned.map(|(id, _)| *id).collect()
    }

    /// The deletions that wait for something to happen to `partition`.
    pub(super) fn deletes_of(&self, partition: &TopicPartition) -> Vec<u64> {
        let concerned =
            self.delete_records.iter().filter(|(_, delete)| delete.waits_for(partition));
        concerned.map(|(id, _)| *id).collect()
    }

    /// The appends that wait for something to happen to `partition`.
    pub(super) fn appends_of(&self, partition: &TopicPartition) -> Vec<u64> {
        let concerned = self.produce.iter().filter(|(_, produce)| {
            produce.partitions.iter().any(|part| part.is_waiting && part.partition == *partition)
        });
        concerned.map(|(id, _)| *id).collect()
    }
}
