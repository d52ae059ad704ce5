//! What the sticky assignors remember and send along with a subscription, so that the leader knows who
//! had what.

use bytes::{BufMut, Bytes, BytesMut};

use crate::consumer::assignor::{Assignor, Subscriber};
use crate::consumer::protocol::{Subscription, by_topic, partitions};
use crate::group::reader::Reader;
use crate::ids::{Generation, MemberId, TopicPartition};

/// What a sticky assignor knows of the last assignment that its member got.
#[derive(Clone, Debug)]
pub(super) struct Remembered {
    pub(super) partitions: Vec<TopicPartition>,
    pub(super) generation: Generation,
}

impl Assignor {
    /// What the assignor adds to the subscription of its member; `remembered` is none before the
    /// member's first assignment by this assignor.
    pub(super) fn user_data(self, remembered: Option<&Remembered>) -> Option<Bytes> {
        match self {
            Self::Range | Self::RoundRobin => None,
            Self::Sticky => remembered.map(|remembered| {
                let mut bytes = BytesMut::new();
                let topics = by_topic(&remembered.partitions);
                bytes.put_i32(topics.len() as i32);
                for (topic, partitions) in topics {
                    bytes.put_i16(topic.as_str().len() as i16);
                    bytes.put_slice(topic.as_str().as_bytes());
                    bytes.put_i32(partitions.len() as i32);
                    partitions.into_iter().for_each(|partition| bytes.put_i32(partition));
                }
                bytes.put_i32(remembered.generation.0);
                bytes.freeze()
            }),
            Self::CooperativeSticky => {
                let generation = remembered.map_or(Generation::NONE, |known| known.generation);
                Some(Bytes::copy_from_slice(&generation.0.to_be_bytes()))
            }
        }
    }

    /// A member, as the assignor sees it. The sticky assignor believes its user data only, since an
    /// eager member owns nothing while it joins; the cooperative one what the subscription says.
    pub(super) fn subscriber(
        self,
        id: MemberId,
        instance: Option<std::sync::Arc<str>>,
        subscription: Subscription,
    ) -> Subscriber {
        let user_data = subscription.user_data.clone().unwrap_or_default();
        let (owned, generation) = match self {
            Self::Range | Self::RoundRobin => (Vec::new(), None),
            Self::Sticky => match decode_sticky(user_data) {
                Some((owned, generation)) => (owned, Some(generation)),
                None => (Vec::new(), None),
            },
            Self::CooperativeSticky => {
                let encoded = || Reader::new(user_data).i32().map(Generation);
                (subscription.owned, subscription.generation.or_else(encoded))
            }
        };
        Subscriber {
            id,
            instance,
            topics: subscription.topics,
            owned,
            generation: generation.unwrap_or(Generation::NONE),
        }
    }
}

/// Assignors of old sent no generation.
fn decode_sticky(bytes: Bytes) -> Option<(Vec<TopicPartition>, Generation)> {
    let mut reader = Reader::new(bytes);
    let owned = partitions(&mut reader)?;
    Some((owned, reader.i32().map_or(Generation::NONE, Generation)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TopicName;

    #[track_caller]
    fn check(assignor: Assignor, sent: Option<(&[i32], i32)>, seen: (&[i32], i32)) {
        let topic = TopicName::from("orders");
        let partitions = |indexes: &[i32]| -> Vec<TopicPartition> {
            indexes.iter().map(|index| TopicPartition::new(&topic, *index)).collect()
        };
        let remembered = sent.map(|(indexes, generation)| Remembered {
            partitions: partitions(indexes),
            generation: Generation(generation),
        });
        let subscription = Subscription {
            topics: vec![topic.clone()],
            user_data: assignor.user_data(remembered.as_ref()),
            ..Subscription::default()
        };
        let subscriber = assignor.subscriber(MemberId::from("m"), None, subscription);
        assert_eq!(subscriber.owned, partitions(seen.0), "{}", assignor.name());
        assert_eq!(subscriber.generation, Generation(seen.1), "{}", assignor.name());
    }

    #[test]
    fn the_leader_reads_what_a_sticky_assignor_sent() {
        check(Assignor::Sticky, Some((&[0, 3], 7)), (&[0, 3], 7));
        check(Assignor::Sticky, None, (&[], -1));
        check(Assignor::CooperativeSticky, Some((&[0, 3], 7)), (&[], 7));
        check(Assignor::Range, Some((&[0, 3], 7)), (&[], -1));
    }

    #[test]
    fn user_data_that_nobody_vouches_for_is_no_reason_to_panic() {
        for bytes in [&b"\xff"[..], b"\0\0\0\x09\0", b"\x7f\xff\xff\xff\0\0"] {
            assert!(decode_sticky(Bytes::copy_from_slice(bytes)).is_none());
        }
    }
}
