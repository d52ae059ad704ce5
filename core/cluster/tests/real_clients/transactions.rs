//! What transactional producers ask, and those who look after transactions.

use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::protocol::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
};
use highwater_cluster::protocol::protocol::{Decodable, StrBytes};
use highwater_cluster::time::Time;

use super::{Connection, check, check_over, find_coordinator, group, name};

/// The producer id and the epoch that the coordinator gave.
type Producer = (kafka::ProducerId, i16);

fn shop() -> kafka::TransactionalId {
    kafka::TransactionalId(StrBytes::from_static_str("shop"))
}

/// A connection, and a producer that has begun. The same seed gives the same producer each time.
fn with_a_producer() -> (Connection, Producer) {
    let mut connection = Connection::open();
    let producer = begin(&mut connection);
    (connection, producer)
}

fn begin(connection: &mut Connection) -> Producer {
    let find = kafka::FindCoordinatorRequest::default().with_key_type(1);
    let find = find.with_coordinator_keys(vec![StrBytes::from_static_str("shop")]);
    connection.ask(&find, ApiKey::FindCoordinator, 6);
    let request = kafka::InitProducerIdRequest::default()
        .with_transactional_id(Some(shop()))
        .with_transaction_timeout_ms(60_000)
        .with_producer_id(kafka::ProducerId(-1))
        .with_producer_epoch(-1);
    // The coordinator may still be reading what it knows.
    for _ in 0..50 {
        let mut body = connection.ask(&request, ApiKey::InitProducerId, 4);
        let begun = kafka::InitProducerIdResponse::decode(&mut body, 4).expect("it decodes");
        if begun.error_code == 0 {
            return (begun.producer_id, begun.producer_epoch);
        }
        connection.world.run_until(Time(connection.world.now().0 + 500_000));
    }
    panic!("the coordinator does not come up");
}

/// A connection with a transaction that has a partition of a topic and one of offsets.
fn with_a_transaction() -> Connection {
    let (mut connection, producer) = with_a_producer();
    find_coordinator(&mut connection, 6);
    connection.ask(&add_partitions(producer, 3), ApiKey::AddPartitionsToTxn, 3);
    connection.ask(&add_offsets(producer), ApiKey::AddOffsetsToTxn, 3);
    connection
}

fn add_partitions((id, epoch): Producer, version: i16) -> kafka::AddPartitionsToTxnRequest {
    let topic = AddPartitionsToTxnTopic::default().with_name(name("orders"));
    let topics = vec![topic.with_partitions(vec![0])];
    let request = kafka::AddPartitionsToTxnRequest::default();
    if version <= 3 {
        return request
            .with_v3_and_below_transactional_id(shop())
            .with_v3_and_below_producer_id(id)
            .with_v3_and_below_producer_epoch(epoch)
            .with_v3_and_below_topics(topics);
    }
    let transaction = AddPartitionsToTxnTransaction::default()
        .with_transactional_id(shop())
        .with_producer_id(id)
        .with_producer_epoch(epoch)
        .with_topics(topics);
    request.with_transactions(vec![transaction])
}

fn add_offsets((id, epoch): Producer) -> kafka::AddOffsetsToTxnRequest {
    kafka::AddOffsetsToTxnRequest::default()
        .with_transactional_id(shop())
        .with_producer_id(id)
        .with_producer_epoch(epoch)
        .with_group_id(group("billing"))
}

#[test]
fn partitions_and_offsets_are_added() {
    let (_, producer) = with_a_producer();
    check_over(
        || with_a_producer().0,
        ApiKey::AddPartitionsToTxn,
        |version| add_partitions(producer, version),
        |version, body: &kafka::AddPartitionsToTxnResponse| {
            let topics = if version <= 3 {
                &body.results_by_topic_v3_and_below
            } else {
                &body.results_by_transaction[0].topic_results
            };
            topics[0].results_by_partition[0].partition_error_code == 0
        },
    );
    check_over(
        || with_a_producer().0,
        ApiKey::AddOffsetsToTxn,
        |_| add_offsets(producer),
        |_, body: &kafka::AddOffsetsToTxnResponse| body.error_code == 0,
    );
    check_over(
        with_a_transaction,
        ApiKey::TxnOffsetCommit,
        |_| commit_offsets(producer),
        |_, body: &kafka::TxnOffsetCommitResponse| body.topics[0].partitions[0].error_code == 0,
    );
}

#[test]
fn transactions_end() {
    let (_, producer) = with_a_producer();
    check_over(
        with_a_transaction,
        ApiKey::EndTxn,
        |_| end(producer),
        // From version 5 on, the producer goes on with the epoch that it is told (KIP-890).
        |version, body: &kafka::EndTxnResponse| {
            let next = if version <= 4 { -1 } else { producer.1 + 1 };
            (body.error_code, body.producer_epoch) == (0, next)
        },
    );
}

#[test]
fn transactions_are_described_and_listed() {
    check(
        ApiKey::DescribeProducers,
        |_| {
            let topic = kafka::describe_producers_request::TopicRequest::default()
                .with_name(name("orders"))
                .with_partition_indexes(vec![0]);
            kafka::DescribeProducersRequest::default().with_topics(vec![topic])
        },
        |body: &kafka::DescribeProducersResponse| {
            let partition = &body.topics[0].partitions[0];
            partition.error_code == 0 && partition.active_producers.is_empty()
        },
    );
    check_over(
        with_a_transaction,
        ApiKey::DescribeTransactions,
        |_| kafka::DescribeTransactionsRequest::default().with_transactional_ids(vec![shop()]),
        |_, body: &kafka::DescribeTransactionsResponse| {
            let described = &body.transaction_states[0];
            (described.error_code, &*described.transaction_state) == (0, "Ongoing")
                && described.topics.len() == 2
        },
    );
    check_over(
        with_a_transaction,
        ApiKey::ListTransactions,
        |version| {
            let request = kafka::ListTransactionsRequest::default();
            let pattern = (version >= 2).then(|| StrBytes::from_static_str("sh.*"));
            request.with_transactional_id_pattern(pattern)
        },
        |_, body: &kafka::ListTransactionsResponse| {
            body.error_code == 0 && body.transaction_states[0].transactional_id == shop()
        },
    );
}

fn commit_offsets((id, epoch): Producer) -> kafka::TxnOffsetCommitRequest {
    let partition = kafka::txn_offset_commit_request::TxnOffsetCommitRequestPartition::default()
        .with_committed_offset(7);
    let topic = kafka::txn_offset_commit_request::TxnOffsetCommitRequestTopic::default()
        .with_name(name("orders"))
        .with_partitions(vec![partition]);
    kafka::TxnOffsetCommitRequest::default()
        .with_transactional_id(shop())
        .with_group_id(group("billing"))
        .with_producer_id(id)
        .with_producer_epoch(epoch)
        .with_topics(vec![topic])
}

fn end((id, epoch): Producer) -> kafka::EndTxnRequest {
    kafka::EndTxnRequest::default()
        .with_transactional_id(shop())
        .with_producer_id(id)
        .with_producer_epoch(epoch)
        .with_committed(true)
}

/// A transaction from its begin to its end, and the requests of those who look after it.
pub(super) fn ask_all(connection: &mut Connection) {
    let producer = begin(connection);
    connection.ask(&add_partitions(producer, 3), ApiKey::AddPartitionsToTxn, 3);
    connection.ask(&add_offsets(producer), ApiKey::AddOffsetsToTxn, 3);
    connection.ask(&commit_offsets(producer), ApiKey::TxnOffsetCommit, 4);
    let describe = kafka::DescribeTransactionsRequest::default();
    let describe = describe.with_transactional_ids(vec![shop()]);
    connection.ask(&describe, ApiKey::DescribeTransactions, 0);
    let list = kafka::ListTransactionsRequest::default();
    let list = list.with_transactional_id_pattern(Some(StrBytes::from_static_str("sh.*")));
    connection.ask(&list, ApiKey::ListTransactions, 2);
    connection.ask(&end(producer), ApiKey::EndTxn, 4);
}
