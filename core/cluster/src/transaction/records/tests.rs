//! The bytes of the transaction log's records, as Kafka's generated classes write them.

use super::*;

fn metadata(state: TransactionState) -> TransactionMetadata {
    let mut metadata = TransactionMetadata::new(ProducerId(7), 60_000, TimestampMs(0x0102));
    metadata.producer_epoch = ProducerEpoch(3);
    metadata.state = state;
    metadata
}

fn check(metadata: &TransactionMetadata, hex: &str) {
    let bytes = encode_value(metadata);
    let written: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(written, hex.replace(' ', ""));
    assert_eq!(decode_value(&bytes).as_ref(), Some(metadata));
    for length in 0..bytes.len() {
        assert_eq!(decode_value(&bytes[..length]), None, "cut after {length} bytes");
    }
}

#[test]
fn values_have_kafkas_bytes() {
    check(
        &metadata(TransactionState::Empty),
        "0001 0000000000000007 0003 0000ea60 00 00 0000000000000102 ffffffffffffffff 00",
    );
    let mut ongoing = metadata(TransactionState::Ongoing);
    ongoing.started_at = TimestampMs(0x0101);
    ongoing.previous_producer_id = ProducerId(5);
    ongoing.client_version = TransactionVersion(2);
    for partition in [1, 0] {
        ongoing.partitions.insert(TopicPartition::new(&"ab".into(), partition));
    }
    check(
        &ongoing,
        "0001 0000000000000007 0003 0000ea60 01 02 03 6162 03 00000000 00000001 00 \
         0000000000000102 0000000000000101 02 00 08 0000000000000005 02 02 0002",
    );
}

#[test]
fn keys_have_kafkas_bytes() {
    let id = TransactionalId::from("t1");
    assert_eq!(encode_key(&id), Bytes::from_static(b"\0\0\0\x02t1"));
    assert_eq!(decode_key(&encode_key(&id)), Some(id));
    assert_eq!(decode_key(&Bytes::from_static(b"\0\x01\0\x02t1")), None);
    assert_eq!(decode_key(&Bytes::from_static(b"\0\0\0\x02t1x")), None);
}
