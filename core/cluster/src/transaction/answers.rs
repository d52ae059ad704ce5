//! Answers: refusals of each request that a transaction coordinator gets, and those that name
//! partitions.

use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTransaction;
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::describe_transactions_response::TransactionState as Described;

use crate::client::names;
use crate::ids::TopicPartition;
use crate::message::{Request, Response};

/// The answer to a request that is refused as a whole.
pub(crate) fn refusal(request: &Request, error: ResponseError) -> Response {
    match request {
        Request::InitProducerId(_) => initialized_not(error).into(),
        Request::AddPartitionsToTxn(body) => {
            let results = body.transactions.iter().map(|asked| added(asked, |_| Some(error)));
            kafka::AddPartitionsToTxnResponse::default()
                .with_error_code(error.code())
                .with_results_by_transaction(results.collect())
                .into()
        }
        Request::AddOffsetsToTxn(_) => {
            kafka::AddOffsetsToTxnResponse::default().with_error_code(error.code()).into()
        }
        Request::EndTxn(_) => ended_not(error).into(),
        Request::DescribeTransactions(body) => {
            let described = body.transactional_ids.iter().map(|id| {
                Described::default().with_transactional_id(id.clone()).with_error_code(error.code())
            });
            kafka::DescribeTransactionsResponse::default()
                .with_transaction_states(described.collect())
                .into()
        }
        Request::ListTransactions(_) => {
            kafka::ListTransactionsResponse::default().with_error_code(error.code()).into()
        }
        other => unreachable!("a transaction coordinator gets no {:?}", other.api_key()),
    }
}

/// A refused InitProducerId.
pub(super) fn initialized_not(error: ResponseError) -> kafka::InitProducerIdResponse {
    kafka::InitProducerIdResponse::default()
        .with_error_code(error.code())
        .with_producer_id(kafka::ProducerId(-1))
        .with_producer_epoch(-1)
}

/// A refused EndTxn.
pub(super) fn ended_not(error: ResponseError) -> kafka::EndTxnResponse {
    kafka::EndTxnResponse::default()
        .with_error_code(error.code())
        .with_producer_id(kafka::ProducerId(-1))
        .with_producer_epoch(-1)
}

/// The answer for a transaction's partitions, each with its error.
pub(crate) fn added(
    asked: &AddPartitionsToTxnTransaction,
    error: impl Fn(&TopicPartition) -> Option<ResponseError>,
) -> AddPartitionsToTxnResult {
    let topics = asked.topics.iter().map(|topic| {
        let name = names::from_kafka(&topic.name);
        let partitions = topic.partitions.iter().map(|index| {
            let error = error(&TopicPartition::new(&name, *index));
            AddPartitionsToTxnPartitionResult::default()
                .with_partition_index(*index)
                .with_partition_error_code(error.map_or(0, |error| error.code()))
        });
        AddPartitionsToTxnTopicResult::default()
            .with_name(topic.name.clone())
            .with_results_by_partition(partitions.collect())
    });
    AddPartitionsToTxnResult::default()
        .with_transactional_id(asked.transactional_id.clone())
        .with_topic_results(topics.collect())
}
