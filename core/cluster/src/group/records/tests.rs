use bytes::Bytes;
use highwater_log::{LeaderEpoch, Offset, TimestampMs};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{CommittedOffset, GroupMetadata, GroupRecord, MemberMetadata};
use crate::ids::{Generation, GroupId, MemberId, TopicName, TopicPartition};

fn text() -> impl Strategy<Value = std::sync::Arc<str>> {
    "\\PC{0,12}".prop_map(|text| text.as_str().into())
}

fn bytes() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..20).prop_map(Bytes::from)
}

fn committed_offset() -> impl Strategy<Value = CommittedOffset> {
    (any::<i64>(), any::<i32>(), text(), any::<i64>()).prop_map(|(offset, epoch, metadata, at)| {
        CommittedOffset {
            offset: Offset(offset),
            leader_epoch: LeaderEpoch(epoch),
            metadata,
            committed_at: TimestampMs(at),
        }
    })
}

fn member() -> impl Strategy<Value = MemberMetadata> {
    let names = (text(), option::of(text()), text(), text());
    (names, any::<i32>(), any::<i32>(), bytes(), bytes()).prop_map(
        |((id, instance, client_id, client_host), rebalance, session, subscription, assignment)| {
            MemberMetadata {
                id: MemberId(id),
                instance,
                client_id,
                client_host,
                rebalance_timeout_ms: rebalance,
                session_timeout_ms: session,
                subscription,
                assignment,
            }
        },
    )
}

fn group_metadata() -> impl Strategy<Value = GroupMetadata> {
    let names = (text(), option::of(text()), option::of(text()));
    (names, any::<i32>(), any::<i64>(), vec(member(), 0..4)).prop_map(
        |((protocol_type, protocol, leader), generation, at, members)| GroupMetadata {
            protocol_type,
            generation: Generation(generation),
            protocol,
            leader: leader.map(MemberId),
            state_changed_at: TimestampMs(at),
            members,
        },
    )
}

fn record() -> impl Strategy<Value = GroupRecord> {
    let offset = (text(), text(), any::<i32>(), option::of(committed_offset())).prop_map(
        |(group, topic, partition, value)| GroupRecord::Offset {
            group: GroupId(group),
            partition: TopicPartition::new(&TopicName(topic), partition),
            value,
        },
    );
    let group = (text(), option::of(group_metadata()))
        .prop_map(|(group, value)| GroupRecord::Group { group: GroupId(group), value });
    prop_oneof![offset, group]
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_the_same(record in record()) {
        let (key, value) = record.encode();
        prop_assert_eq!(GroupRecord::decode(&key, value.as_ref()), Some(record));
    }

    #[test]
    fn no_bytes_make_decoding_panic(key in bytes(), value in option::of(bytes())) {
        let _ = GroupRecord::decode(&key, value.as_ref());
    }

    #[test]
    fn no_damage_to_a_record_makes_decoding_panic(record in record(), at in any::<usize>(), byte in any::<u8>()) {
        let (key, value) = record.encode();
        let damage = |bytes: &Bytes| {
            let mut bytes = bytes.to_vec();
            let place = at % bytes.len();
            bytes[place] = byte;
            Bytes::from(bytes)
        };
        let _ = GroupRecord::decode(&damage(&key), value.as_ref());
        let _ = GroupRecord::decode(&key, value.as_ref().map(damage).as_ref());
    }
}

/// Bytes worked out by hand from Kafka's schemas.
#[test]
fn an_offset_commit_has_kafkas_bytes() {
    let record = GroupRecord::Offset {
        group: GroupId::from("g"),
        partition: TopicPartition::new(&TopicName::from("t"), 2),
        value: Some(CommittedOffset {
            offset: Offset(5),
            leader_epoch: LeaderEpoch(1),
            metadata: "".into(),
            committed_at: TimestampMs(256),
        }),
    };
    let (key, value) = record.encode();
    assert_eq!(&key[..], b"\0\x01\0\x01g\0\x01t\0\0\0\x02");
    assert_eq!(&value.unwrap()[..], b"\0\x03\0\0\0\0\0\0\0\x05\0\0\0\x01\0\0\0\0\0\0\0\0\x01\0");
}

#[test]
fn a_group_without_members_has_kafkas_bytes() {
    let value = GroupMetadata {
        protocol_type: "consumer".into(),
        generation: Generation(3),
        protocol: None,
        leader: None,
        state_changed_at: TimestampMs(1),
        members: Vec::new(),
    };
    let record = GroupRecord::Group { group: GroupId::from("g"), value: Some(value) };
    let (key, value) = record.encode();
    assert_eq!(&key[..], b"\0\x02\0\x01g");
    assert_eq!(
        &value.unwrap()[..],
        b"\0\x03\0\x08consumer\0\0\0\x03\xff\xff\xff\xff\0\0\0\0\0\0\0\x01\0\0\0\0"
    );
}
