use highwater_log::LeaderEpoch;
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::MetadataResponse;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use uuid::Uuid;

use super::ClientMetadata;
use crate::client::names;
use crate::ids::{BrokerId, TopicId, TopicName, TopicPartition};

fn orders() -> TopicName {
    TopicName::from("orders")
}

/// An answer about `orders` with one partition.
fn answer(id: u128, leader: i32, leader_epoch: i32) -> MetadataResponse {
    let partition = MetadataResponsePartition::default()
        .with_leader_id(kafka::BrokerId(leader))
        .with_leader_epoch(leader_epoch);
    let topic = MetadataResponseTopic::default()
        .with_name(Some(names::to_kafka(&orders())))
        .with_topic_id(Uuid::from_u128(id))
        .with_partitions(vec![partition]);
    let broker = MetadataResponseBroker::default().with_node_id(kafka::BrokerId(2));
    MetadataResponse::default().with_brokers(vec![broker]).with_topics(vec![topic])
}

fn check_leader(answers: &[(u128, i32, i32)], leader: Option<i32>, epoch: i32) {
    let mut metadata = ClientMetadata::default();
    for (id, leader, leader_epoch) in answers {
        metadata.update(&answer(*id, *leader, *leader_epoch));
    }
    let partition = metadata.partition(&TopicPartition::new(&orders(), 0)).unwrap();
    assert_eq!(partition.leader, leader.map(BrokerId), "after {answers:?}");
    assert_eq!(partition.leader_epoch, LeaderEpoch(epoch), "after {answers:?}");
}

#[test]
fn takes_over_newer_leaders_only() {
    check_leader(&[(7, 1, 0)], Some(1), 0);
    check_leader(&[(7, 1, 0), (7, 2, 1)], Some(2), 1);
    check_leader(&[(7, 2, 1), (7, 1, 0)], Some(2), 1);
    check_leader(&[(7, 2, 1), (7, -1, 2)], None, 2);
}

#[test]
fn a_topic_that_was_created_anew_begins_its_epochs_anew() {
    check_leader(&[(7, 2, 5), (8, 1, 0)], Some(1), 0);
}

#[test]
fn an_error_takes_the_topic_away_and_is_gone_with_the_next_answer() {
    let mut metadata = ClientMetadata::default();
    metadata.update(&answer(7, 1, 0));
    assert_eq!(metadata.topic_names.get(&TopicId(7)), Some(&orders()));

    let mut unknown = answer(0, -1, -1);
    unknown.topics[0].error_code = ResponseError::UnknownTopicOrPartition.code();
    unknown.topics[0].partitions.clear();
    metadata.update(&unknown);
    assert_eq!(metadata.partition_count(&orders()), 0);
    assert!(metadata.topic_names.is_empty());
    assert_eq!(metadata.errors[&orders()], ResponseError::UnknownTopicOrPartition);

    metadata.update(&answer(7, 1, 0));
    assert!(metadata.errors.is_empty());
    assert!(metadata.is_complete(&orders()));
}

#[test]
fn a_leader_named_with_a_refusal_counts_if_it_is_newer() {
    let partition = TopicPartition::new(&orders(), 0);
    let mut metadata = ClientMetadata::default();
    assert!(!metadata.update_leader(&partition, BrokerId(3), LeaderEpoch(9)));
    metadata.update(&answer(7, 1, 4));
    assert!(!metadata.update_leader(&partition, BrokerId(3), LeaderEpoch(4)));
    assert!(metadata.update_leader(&partition, BrokerId(3), LeaderEpoch(5)));
    assert_eq!(metadata.leader(&partition), Some(BrokerId(3)));
}
