//! What members tell each other through JoinGroup and SyncGroup, of which the coordinator reads
//! nothing: Kafka's `ConsumerProtocol`.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::consumer_protocol_assignment::TopicPartition as AssignedTopic;
use kafka_protocol::messages::{ConsumerProtocolAssignment, ConsumerProtocolSubscription};
use kafka_protocol::protocol::{Encodable, StrBytes};

use crate::client::names;
use crate::group::reader::Reader;
use crate::ids::{Generation, TopicName, TopicPartition};

/// The protocol type of groups whose members are consumers.
pub(crate) const PROTOCOL_TYPE: &str = "consumer";
/// The version in which both are written.
const VERSION: i16 = 3;

/// What a member subscribes to. A member of the eager protocol owns nothing while it joins.
pub(crate) fn encode_subscription(topics: &[TopicName], generation: Generation) -> Bytes {
    let mut topics: Vec<StrBytes> =
        topics.iter().map(|topic| StrBytes::from_string(topic.to_string())).collect();
    topics.sort();
    let subscription = ConsumerProtocolSubscription::default()
        .with_topics(topics)
        .with_user_data(None)
        .with_generation_id(generation.0);
    encode(&subscription)
}

/// The topics that a member subscribes to; none if the bytes are no subscription. Later versions only
/// add to the end, so this much can be read of all.
pub(crate) fn decode_subscription(bytes: &Bytes) -> Option<Vec<TopicName>> {
    let mut reader = Reader::new(bytes.clone());
    if reader.i16()? < 0 {
        return None;
    }
    reader.array(|reader| reader.string().map(TopicName))
}

/// What a member gets.
pub(crate) fn encode_assignment(partitions: &[TopicPartition]) -> Bytes {
    let mut topics: Vec<AssignedTopic> = Vec::new();
    for partition in partitions {
        let name = names::to_kafka(&partition.topic);
        let index = partition.partition.0;
        match topics.iter_mut().find(|topic| topic.topic == name) {
            Some(topic) => topic.partitions.push(index),
            None => {
                topics.push(AssignedTopic::default().with_topic(name).with_partitions(vec![index]))
            }
        }
    }
    encode(
        &ConsumerProtocolAssignment::default()
            .with_assigned_partitions(topics)
            .with_user_data(None),
    )
}

/// What a member got; none if the bytes are no assignment. No bytes at all are one of nothing.
pub(crate) fn decode_assignment(bytes: &Bytes) -> Option<Vec<TopicPartition>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let mut reader = Reader::new(bytes.clone());
    if reader.i16()? < 0 {
        return None;
    }
    let topics = reader.array(|reader| {
        let topic = TopicName(reader.string()?);
        let partitions = reader.array(Reader::i32)?;
        Some(partitions.into_iter().map(move |index| TopicPartition::new(&topic, index)))
    })?;
    Some(topics.into_iter().flatten().collect())
}

fn encode(message: &impl Encodable) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(VERSION);
    message.encode(&mut bytes, VERSION).unwrap_or_else(|_| panic!("the message fits its version"));
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn topics() -> impl Strategy<Value = Vec<TopicName>> {
        proptest::collection::vec(
            "[a-z]{1,8}".prop_map(|name| TopicName::from(name.as_str())),
            0..5,
        )
    }

    proptest! {
        #[test]
        fn a_subscription_decodes_to_its_topics_in_order(topics in topics(), generation in any::<i32>()) {
            let mut sorted = topics.clone();
            sorted.sort();
            let bytes = encode_subscription(&topics, Generation(generation));
            prop_assert_eq!(decode_subscription(&bytes), Some(sorted));
        }

        #[test]
        fn an_assignment_decodes_to_its_partitions(topics in topics(), count in 0..4) {
            let distinct: std::collections::BTreeSet<TopicName> = topics.into_iter().collect();
            let partitions: Vec<TopicPartition> = distinct
                .iter()
                .flat_map(|topic| (0..count).map(move |index| TopicPartition::new(topic, index)))
                .collect();
            prop_assert_eq!(decode_assignment(&encode_assignment(&partitions)), Some(partitions));
        }

        #[test]
        fn no_bytes_make_decoding_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let bytes = Bytes::from(bytes);
            let _ = decode_assignment(&bytes);
            let _ = decode_subscription(&bytes);
        }
    }
}
