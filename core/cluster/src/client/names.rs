//! Topics as the messages name them, and as the engine does.

use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::StrBytes;

use crate::ids::{BrokerId, TopicId, TopicName};

/// The topic's name as a message carries it.
pub fn to_kafka(topic: &TopicName) -> kafka::TopicName {
    kafka::TopicName(StrBytes::from_string(topic.to_string()))
}

/// The topic's name as the engine holds it.
pub fn from_kafka(topic: &kafka::TopicName) -> TopicName {
    TopicName::from(topic.as_str())
}

/// The topic's id as the engine holds it.
pub fn topic_id(id: uuid::Uuid) -> TopicId {
    TopicId(id.as_u128())
}

/// A broker's id as the engine holds it; none for -1, with which Kafka says that there is no leader.
pub fn broker_id(id: kafka::BrokerId) -> Option<BrokerId> {
    (id.0 >= 0).then_some(BrokerId(id.0))
}
