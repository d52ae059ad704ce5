//! DescribeTransactions and ListTransactions, and transactions as a viewer sees them.

use std::collections::BTreeMap;

use highwater_log::{ProducerId, TimestampMs};
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::describe_transactions_response::{
    TopicData, TransactionState as Described,
};
use kafka_protocol::messages::list_transactions_response::TransactionState as Listed;
use kafka_protocol::protocol::StrBytes;

use crate::client::names;
use crate::ids::{BrokerId, TopicName, TransactionalId};
use crate::transaction::metadata::Transaction;
use crate::transaction::pattern::Pattern;
use crate::transaction::{TransactionCoordinator, TransactionState, Turn};
use crate::view::TransactionView;

impl TransactionCoordinator {
    pub(super) fn describe(
        &mut self,
        turn: &Turn<'_, '_>,
        request: &kafka::DescribeTransactionsRequest,
    ) -> kafka::DescribeTransactionsResponse {
        let described = request.transactional_ids.iter().map(|id| {
            let described = Described::default().with_transactional_id(id.clone());
            match self.transaction(turn, &TransactionalId::from(id.as_str())) {
                Ok((_, Some(transaction))) if !is_dead(transaction) => fill(described, transaction),
                Ok(_) => described.with_error_code(ResponseError::TransactionalIdNotFound.code()),
                Err(error) => described.with_error_code(error.code()),
            }
        });
        kafka::DescribeTransactionsResponse::default().with_transaction_states(described.collect())
    }

    pub(super) fn list(
        &self,
        turn: &Turn<'_, '_>,
        request: &kafka::ListTransactionsRequest,
    ) -> kafka::ListTransactionsResponse {
        let (known, unknown): (Vec<&StrBytes>, Vec<&StrBytes>) = request
            .state_filters
            .iter()
            .partition(|name| TransactionState::from_name(name).is_some());
        let mut response = kafka::ListTransactionsResponse::default()
            .with_unknown_state_filters(unknown.into_iter().cloned().collect());
        let pattern = request.transactional_id_pattern.as_deref().filter(|it| !it.is_empty());
        let pattern = match pattern.map(Pattern::parse).transpose() {
            Ok(pattern) => pattern,
            Err(_) => {
                return response.with_error_code(ResponseError::InvalidRegularExpression.code());
            }
        };
        let now = turn.ctx.timestamp();
        let is_asked = |transaction: &&Transaction| {
            let metadata = &transaction.metadata;
            let ids = &request.producer_id_filters;
            (request.state_filters.is_empty()
                || known.iter().any(|name| name.as_str() == metadata.state.name()))
                && (ids.is_empty() || ids.iter().any(|id| ProducerId(id.0) == metadata.producer_id))
                && has_run(transaction, now, request.duration_filter)
                && pattern.as_ref().is_none_or(|pattern| pattern.matches(transaction.id.as_str()))
                && !is_dead(transaction)
        };
        let transactions =
            self.partitions.values().flat_map(|coordinated| coordinated.transactions.values());
        let listed = transactions.filter(is_asked).map(|transaction| {
            Listed::default()
                .with_transactional_id(wire_id(&transaction.id))
                .with_producer_id(kafka::ProducerId(transaction.metadata.producer_id.0))
                .with_transaction_state(state_name(transaction))
        });
        response.transaction_states = listed.collect();
        response
    }

    /// The transactions as a viewer sees them.
    pub(crate) fn views(&self, coordinator: BrokerId) -> Vec<TransactionView> {
        let transactions =
            self.partitions.values().flat_map(|coordinated| coordinated.transactions.values());
        transactions
            .map(|Transaction { id, metadata, pending, .. }| TransactionView {
                id: id.clone(),
                coordinator,
                producer_id: metadata.producer_id,
                producer_epoch: metadata.producer_epoch,
                state: metadata.state,
                pending: *pending,
                partitions: metadata.partitions.iter().cloned().collect(),
                timeout_ms: metadata.timeout_ms,
                started_at: (metadata.started_at != TimestampMs::NONE)
                    .then_some(metadata.started_at),
            })
            .collect()
    }
}

fn fill(described: Described, transaction: &Transaction) -> Described {
    let metadata = &transaction.metadata;
    let mut topics: BTreeMap<&TopicName, Vec<i32>> = BTreeMap::new();
    for partition in &metadata.partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition.0);
    }
    let topics = topics.into_iter().map(|(topic, partitions)| {
        TopicData::default().with_topic(names::to_kafka(topic)).with_partitions(partitions)
    });
    described
        .with_transaction_state(state_name(transaction))
        .with_transaction_timeout_ms(metadata.timeout_ms)
        .with_transaction_start_time_ms(metadata.started_at.0)
        .with_producer_id(kafka::ProducerId(metadata.producer_id.0))
        .with_producer_epoch(metadata.producer_epoch.0)
        .with_topics(topics.collect())
}

/// Whether a transaction began longer than `duration_ms` ago; all did, if that is negative. Kafka looks
/// at the beginning alone, also of one that has ended.
fn has_run(transaction: &Transaction, now: TimestampMs, duration_ms: i64) -> bool {
    duration_ms < 0 || now - transaction.metadata.started_at > duration_ms
}

fn is_dead(transaction: &Transaction) -> bool {
    transaction.pending == Some(TransactionState::Dead)
}

fn state_name(transaction: &Transaction) -> StrBytes {
    StrBytes::from_static_str(transaction.metadata.state.name())
}

fn wire_id(id: &TransactionalId) -> kafka::TransactionalId {
    kafka::TransactionalId(StrBytes::from_string(id.to_string()))
}
