//! Records go to bytes and back, and no bytes make the reader stumble.

use std::sync::Arc;

use highwater_log::{LeaderEpoch, Offset, TimestampMs};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::*;
use crate::ids::{BrokerEpoch, BrokerId, PartitionEpoch, PartitionIndex, TopicId, TopicName};
use crate::metadata::{PartitionRegistration, decode_batches, encode_batch};

#[test]
fn a_change_of_a_partition_is_written_as_kafka_writes_it() {
    let change = PartitionChangeRecord {
        partition: PartitionIndex(3),
        topic_id: TopicId(0x0102),
        isr: Some(vec![BrokerId(1), BrokerId(2)]),
        leader: Some(None),
        ..PartitionChangeRecord::default()
    };
    let mut expected = vec![1, 5, 2, 0, 0, 0, 3];
    expected.extend([0; 14]);
    expected.extend([1, 2]);
    // Two tagged fields: tag 0 of nine bytes, tag 1 of four.
    expected.extend([2, 0, 9, 3, 0, 0, 0, 1, 0, 0, 0, 2, 1, 4, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(MetadataRecord::from(change).encode(), expected);
}

#[test]
fn fencing_and_shutting_down_are_written_in_the_lowest_version() {
    let (broker, epoch) = (BrokerId(2), BrokerEpoch(9));
    let fenced = BrokerRegistrationChangeRecord::fencing(broker, epoch, true);
    let fields = [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9];
    let bytes = MetadataRecord::from(fenced).encode();
    assert_eq!(bytes, [&[1, 17, 0][..], &fields, &[1, 0, 1, 1]].concat());
    let leaving = BrokerRegistrationChangeRecord::controlled_shutdown(broker, epoch);
    let bytes = MetadataRecord::from(leaving).encode();
    assert_eq!(bytes, [&[1, 17, 1][..], &fields, &[1, 1, 1, 1]].concat());
}

#[test]
fn what_is_no_record_is_refused() {
    let mut bytes = MetadataRecord::NoOp.encode();
    assert_eq!(bytes, [1, 20, 0, 0]);
    bytes.push(7);
    assert_eq!(MetadataRecord::decode(&bytes), Err(DecodeError::Garbage(1)));
    assert_eq!(MetadataRecord::decode(&[]), Err(DecodeError::Truncated));
    assert_eq!(MetadataRecord::decode(&[2]), Err(DecodeError::UnsupportedFrame(2)));
    assert_eq!(MetadataRecord::decode(&[1, 99, 0]), Err(DecodeError::UnknownKey(99)));
    let newer = DecodeError::UnsupportedVersion { key: 2, version: 1 };
    assert_eq!(MetadataRecord::decode(&[1, 2, 1]), Err(newer));
    // A name that claims to be four gigabytes long.
    let claim = [1, 2, 0, 0xff, 0xff, 0xff, 0xff, 0x0f];
    assert_eq!(MetadataRecord::decode(&claim), Err(DecodeError::Truncated));
}

proptest! {
    #[test]
    fn records_survive_the_round_trip(records in vec(record(), 1..8)) {
        let batch = encode_batch(&records, TimestampMs(1_000));
        let expected: Vec<_> = (0..).map(Offset).zip(records).collect();
        prop_assert_eq!(decode_batches(batch), Ok(expected));
    }

    #[test]
    fn a_record_that_is_cut_short_is_refused(record in record(), cut in any::<prop::sample::Index>()) {
        let bytes = record.encode();
        prop_assert!(MetadataRecord::decode(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn no_bytes_make_the_reader_stumble(
        key in prop::sample::select(vec![0u8, 2, 3, 4, 5, 9, 12, 15, 17, 20]),
        version in 0u8..4,
        rest in vec(any::<u8>(), 0..64),
    ) {
        let _ = MetadataRecord::decode(&[&[1, key, version][..], &rest].concat());
    }
}

fn record() -> impl Strategy<Value = MetadataRecord> {
    prop_oneof![
        register_broker().prop_map(MetadataRecord::from),
        broker_change().prop_map(MetadataRecord::from),
        (text(), any::<u128>()).prop_map(|(name, id)| {
            TopicRecord { name: TopicName(name), topic_id: TopicId(id) }.into()
        }),
        any::<u128>().prop_map(|id| RemoveTopicRecord { topic_id: TopicId(id) }.into()),
        partition().prop_map(MetadataRecord::from),
        partition_change().prop_map(MetadataRecord::from),
        (any::<i8>(), text(), text(), of(text())).prop_map(|(kind, resource_name, name, value)| {
            let resource_type = ConfigResourceType(kind);
            ConfigRecord { resource_type, resource_name, name, value }.into()
        }),
        of(text()).prop_map(|name| {
            let topic = name.filter(|name| !name.is_empty()).map(TopicName);
            ClearElrRecord { topic }.into()
        }),
        (text(), any::<i16>()).prop_map(|(name, level)| FeatureLevelRecord { name, level }.into()),
        (any::<i32>(), any::<i64>(), any::<i64>()).prop_map(|(broker, epoch, next)| {
            let (broker, epoch) = (BrokerId(broker), BrokerEpoch(epoch));
            ProducerIdsRecord { broker, epoch, next_producer_id: next }.into()
        }),
        Just(MetadataRecord::NoOp),
    ]
}

fn register_broker() -> impl Strategy<Value = RegisterBrokerRecord> {
    let endpoint = (text(), text(), any::<u16>(), any::<i16>()).prop_map(
        |(name, host, port, security_protocol)| BrokerEndpoint {
            name,
            host,
            port,
            security_protocol,
        },
    );
    let feature = (text(), any::<i16>(), any::<i16>()).prop_map(|(name, min, max)| BrokerFeature {
        name,
        min_supported_version: min,
        max_supported_version: max,
    });
    let ids = (any::<i32>(), any::<u128>(), any::<i64>(), vec(any::<u128>(), 0..3));
    let flags = (any::<bool>(), any::<bool>());
    (ids, vec(endpoint, 0..3), vec(feature, 0..3), of(text()), flags).prop_map(
        |(
            (broker, incarnation_id, epoch, log_dirs),
            endpoints,
            features,
            rack,
            (fenced, leaving),
        )| {
            RegisterBrokerRecord {
                broker: BrokerId(broker),
                incarnation_id,
                epoch: BrokerEpoch(epoch),
                endpoints,
                features,
                rack,
                fenced,
                in_controlled_shutdown: leaving,
                log_dirs,
            }
        },
    )
}

fn broker_change() -> impl Strategy<Value = BrokerRegistrationChangeRecord> {
    let ids = (any::<i32>(), any::<i64>());
    (ids, of(any::<bool>()), any::<bool>(), vec(any::<u128>(), 0..3)).prop_map(
        |((broker, epoch), fenced, in_controlled_shutdown, log_dirs)| {
            let (broker, epoch) = (BrokerId(broker), BrokerEpoch(epoch));
            BrokerRegistrationChangeRecord {
                broker,
                epoch,
                fenced,
                in_controlled_shutdown,
                log_dirs,
            }
        },
    )
}

fn partition() -> impl Strategy<Value = PartitionRecord> {
    let lists = (brokers(), brokers(), brokers(), brokers(), brokers(), brokers());
    let numbers = (any::<i32>(), any::<u128>(), any::<i32>(), any::<i32>());
    let rest = (of(0..i32::MAX), any::<bool>(), vec(any::<u128>(), 0..4));
    (lists, numbers, rest).prop_map(|(lists, numbers, (leader, recovering, directories))| {
        let (replicas, isr, elr, last_known_elr, removing, adding) = lists;
        let (index, topic_id, leader_epoch, partition_epoch) = numbers;
        let registration = PartitionRegistration {
            replicas,
            isr,
            elr,
            last_known_elr,
            removing,
            adding,
            leader: leader.map(BrokerId),
            leader_epoch: LeaderEpoch(leader_epoch),
            partition_epoch: PartitionEpoch(partition_epoch),
            recovering,
        };
        let (partition, topic_id) = (PartitionIndex(index), TopicId(topic_id));
        PartitionRecord { partition, topic_id, registration, directories }
    })
}

fn partition_change() -> impl Strategy<Value = PartitionChangeRecord> {
    let lists = (of(brokers()), of(brokers()), of(brokers()), of(brokers()), of(brokers()));
    let ids = (any::<i32>(), any::<u128>(), of(of(0..i32::MAX)), of(any::<bool>()));
    (lists, ids, of(brokers()), of(vec(any::<u128>(), 0..4))).prop_map(
        |(lists, (index, topic_id, leader, recovering), last_known_elr, directories)| {
            let (isr, replicas, removing, adding, elr) = lists;
            PartitionChangeRecord {
                partition: PartitionIndex(index),
                topic_id: TopicId(topic_id),
                isr,
                leader: leader.map(|leader| leader.map(BrokerId)),
                replicas,
                removing,
                adding,
                recovering,
                elr,
                last_known_elr,
                directories,
            }
        },
    )
}

fn brokers() -> impl Strategy<Value = Vec<BrokerId>> {
    vec(any::<i32>().prop_map(BrokerId), 0..4)
}

fn text() -> impl Strategy<Value = Arc<str>> {
    ".{0,12}".prop_map(|text| Arc::from(text.as_str()))
}
