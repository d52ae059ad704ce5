//! Transactional ids, as `kafka-transactions.sh` and its like list them.

use std::sync::Arc;

use highwater_log::{ProducerEpoch, ProducerId, TimestampMs};

use crate::ids::{BrokerId, ClientId, TopicPartition, TransactionalId};
use crate::view::{ClusterView, TransactionState, TransactionView};

/// A transactional id.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionRow {
    /// Which.
    pub id: TransactionalId,
    /// The broker that coordinates it.
    pub coordinator: BrokerId,
    /// Its producer id.
    pub producer_id: ProducerId,
    /// Its epoch: who has a lower one is fenced.
    pub producer_epoch: ProducerEpoch,
    /// Its state.
    pub state: TransactionState,
    /// The state that is being written, if one is.
    pub pending: Option<TransactionState>,
    /// The partitions of the transaction.
    pub partitions: Vec<TopicPartition>,
    /// When the transaction that is open began.
    pub open_since: Option<TimestampMs>,
    /// How long it has been open, in milliseconds.
    pub open_for_ms: Option<u64>,
    /// How long it may be, in milliseconds: `transaction.timeout.ms`.
    pub timeout_ms: i32,
    /// Its producer, if that is still open, and what it is called.
    pub producer: Option<(ClientId, Arc<str>)>,
}

/// The transactional ids, in order. `now` is what a wall clock shows.
pub fn transactions(view: &ClusterView, now: TimestampMs) -> Vec<TransactionRow> {
    let row = |known: &TransactionView| {
        let is_open = !known.partitions.is_empty();
        let open_since = known.started_at.filter(|_| is_open);
        TransactionRow {
            id: known.id.clone(),
            coordinator: known.coordinator,
            producer_id: known.producer_id,
            producer_epoch: known.producer_epoch,
            state: known.state,
            pending: known.pending,
            partitions: known.partitions.clone(),
            open_since,
            open_for_ms: open_since.map(|since| u64::try_from(now.0 - since.0).unwrap_or(0)),
            timeout_ms: known.timeout_ms,
            producer: producer(view, &known.id),
        }
    };
    view.transactions.iter().map(row).collect()
}

fn producer(view: &ClusterView, id: &TransactionalId) -> Option<(ClientId, Arc<str>)> {
    let producers = view.producers.iter().chain(view.apps.iter().map(|app| &app.producer));
    let mut open = producers.filter(|producer| !producer.is_closed);
    let own = open.find(|producer| {
        producer.transaction.as_ref().is_some_and(|own| own.transactional_id == *id)
    });
    own.map(|producer| (producer.client, producer.name.clone()))
}
