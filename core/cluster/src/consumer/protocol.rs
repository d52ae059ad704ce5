//! What members tell each other through JoinGroup and SyncGroup, of which the coordinator reads
//! nothing: Kafka's `ConsumerProtocol`.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::consumer_protocol_assignment::TopicPartition as AssignedTopic;
use kafka_protocol::messages::consumer_protocol_subscription::TopicPartition as OwnedTopic;
use kafka_protocol::messages::{ConsumerProtocolAssignment, ConsumerProtocolSubscription};
use kafka_protocol::protocol::{Encodable, StrBytes};

use crate::client::names;
use crate::group::reader::Reader;
use crate::ids::{Generation, TopicName, TopicPartition};

/// The protocol type of groups whose members are consumers.
pub(crate) const PROTOCOL_TYPE: &str = "consumer";
/// The version in which both are written.
const VERSION: i16 = 3;

/// What a member says of itself while it joins.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Subscription {
    /// What it subscribes to.
    pub(crate) topics: Vec<TopicName>,
    /// What its assignor adds.
    pub(crate) user_data: Option<Bytes>,
    /// What it owns. A member of the eager protocol owns nothing while it joins.
    pub(crate) owned: Vec<TopicPartition>,
    /// The generation in which it came to own that; none before version 2.
    pub(crate) generation: Option<Generation>,
    /// Its `client.rack`.
    pub(crate) rack: Option<Arc<str>>,
}

/// Writes what a member subscribes to. Topics stand in the order of their names, as Kafka sorts them.
pub(crate) fn encode_subscription(subscription: &Subscription) -> Bytes {
    let mut topics: Vec<StrBytes> =
        subscription.topics.iter().map(|topic| StrBytes::from_string(topic.to_string())).collect();
    topics.sort();
    let owned = by_topic(&subscription.owned).into_iter().map(|(topic, partitions)| {
        OwnedTopic::default().with_topic(names::to_kafka(&topic)).with_partitions(partitions)
    });
    let generation = subscription.generation.unwrap_or(Generation::NONE);
    let rack = subscription.rack.as_ref().filter(|rack| !rack.is_empty());
    let rack = rack.map(|rack| StrBytes::from_string(rack.to_string()));
    encode(
        &ConsumerProtocolSubscription::default()
            .with_topics(topics)
            .with_user_data(subscription.user_data.clone())
            .with_owned_partitions(owned.collect())
            .with_generation_id(generation.0)
            .with_rack_id(rack),
    )
}

/// What a member subscribes to; none if the bytes are no subscription. Versions only add to the end,
/// so what a newer one says beyond the fields known here is passed over.
pub(crate) fn decode_subscription(bytes: &Bytes) -> Option<Subscription> {
    let mut reader = Reader::new(bytes.clone());
    let version = reader.i16()?;
    if version < 0 {
        return None;
    }
    let mut subscription = Subscription {
        topics: reader.array(|reader| reader.string().map(TopicName))?,
        user_data: nullable_bytes(&mut reader)?,
        ..Subscription::default()
    };
    if version >= 1 {
        subscription.owned = partitions(&mut reader)?;
    }
    if version >= 2 {
        subscription.generation = Some(Generation(reader.i32()?));
    }
    if version >= 3 {
        subscription.rack = reader.nullable_string()?;
    }
    Some(subscription)
}

/// What a member gets.
pub(crate) fn encode_assignment(partitions: &[TopicPartition]) -> Bytes {
    let topics = by_topic(partitions).into_iter().map(|(topic, partitions)| {
        AssignedTopic::default().with_topic(names::to_kafka(&topic)).with_partitions(partitions)
    });
    encode(
        &ConsumerProtocolAssignment::default()
            .with_assigned_partitions(topics.collect())
            .with_user_data(None),
    )
}

/// What a member got; none if the bytes are no assignment. No bytes at all are one of nothing.
pub fn decode_assignment(bytes: &Bytes) -> Option<Vec<TopicPartition>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let mut reader = Reader::new(bytes.clone());
    if reader.i16()? < 0 {
        return None;
    }
    partitions(&mut reader)
}

/// Whether an assignor of one's own put something beside the partitions that a member got.
pub(crate) fn has_assignment_user_data(bytes: &Bytes) -> bool {
    let mut reader = Reader::new(bytes.clone());
    let user_data = reader.i16().and_then(|_| {
        partitions(&mut reader)?;
        nullable_bytes(&mut reader)?
    });
    user_data.is_some_and(|data| !data.is_empty())
}

/// Partitions as Kafka's messages list them: topics in the order in which they come, each with its
/// partitions.
pub(crate) fn by_topic(partitions: &[TopicPartition]) -> Vec<(TopicName, Vec<i32>)> {
    let mut topics: Vec<(TopicName, Vec<i32>)> = Vec::new();
    for partition in partitions {
        let index = partition.partition.0;
        match topics.iter_mut().find(|(topic, _)| *topic == partition.topic) {
            Some((_, indexes)) => indexes.push(index),
            None => topics.push((partition.topic.clone(), vec![index])),
        }
    }
    topics
}

/// Reads partitions by topic.
pub(super) fn partitions(reader: &mut Reader) -> Option<Vec<TopicPartition>> {
    let topics = reader.array(|reader| {
        let topic = TopicName(reader.string()?);
        let partitions = reader.array(Reader::i32)?;
        Some(partitions.into_iter().map(move |index| TopicPartition::new(&topic, index)))
    })?;
    Some(topics.into_iter().flatten().collect())
}

fn nullable_bytes(reader: &mut Reader) -> Option<Option<Bytes>> {
    // A length of -1 stands for none; the reader takes no negative length.
    let mut ahead = reader.clone();
    if ahead.i32()? == -1 {
        *reader = ahead;
        return Some(None);
    }
    reader.bytes().map(Some)
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

    fn partitions_of(topics: &[TopicName], count: i32) -> Vec<TopicPartition> {
        let of = |topic| (0..count).map(move |index| TopicPartition::new(topic, index));
        topics.iter().flat_map(of).collect()
    }

    proptest! {
        #[test]
        fn a_subscription_decodes_to_what_it_said(
            topics in topics(),
            owned in 0..4,
            generation in any::<i32>(),
            user_data in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..9)),
            rack in proptest::option::of("[a-z]{1,5}"),
        ) {
            let mut topics = topics;
            topics.sort();
            topics.dedup();
            let subscription = Subscription {
                owned: partitions_of(&topics, owned),
                topics,
                user_data: user_data.map(Bytes::from),
                generation: Some(Generation(generation)),
                rack: rack.map(Arc::from),
            };
            let bytes = encode_subscription(&subscription);
            prop_assert_eq!(decode_subscription(&bytes), Some(subscription));
        }

        #[test]
        fn an_assignment_decodes_to_its_partitions(topics in topics(), count in 0..4) {
            let mut distinct = topics;
            distinct.sort();
            distinct.dedup();
            let partitions = partitions_of(&distinct, count);
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
