//! The records of `__transaction_state`. The key begins with its version, 0, and the value with 1, the
//! first flexible one.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};
use highwater_log::{ProducerEpoch, ProducerId, TimestampMs, TransactionVersion};

use crate::group::reader::Reader as KeyReader;
use crate::ids::{TopicName, TopicPartition, TransactionalId};
use crate::metadata::record::DecodeError;
use crate::metadata::wire::{Reader, Tagged, Writer};
use crate::transaction::metadata::TransactionMetadata;
use crate::transaction::state::TransactionState;

const KEY_VERSION: i16 = 0;
const VALUE_VERSION: i16 = 1;
const PREVIOUS_PRODUCER_ID: u32 = 0;
const NEXT_PRODUCER_ID: u32 = 1;
const CLIENT_TRANSACTION_VERSION: u32 = 2;

/// Whether a transactional id can stand in a key: its length is written in 16 bits.
pub(crate) fn fits(id: &str) -> bool {
    i16::try_from(id.len()).is_ok()
}

/// `TransactionLogKey`. The id must [fit](fits).
pub(crate) fn encode_key(id: &TransactionalId) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(KEY_VERSION);
    bytes.put_i16(i16::try_from(id.as_str().len()).expect("its length was checked"));
    bytes.put_slice(id.as_str().as_bytes());
    bytes.freeze()
}

/// The transactional id that a key names; none if it is no such key.
pub(crate) fn decode_key(key: &Bytes) -> Option<TransactionalId> {
    let mut reader = KeyReader::new(key.clone());
    if reader.i16()? != KEY_VERSION {
        return None;
    }
    let id = TransactionalId(reader.string()?);
    reader.is_empty().then_some(id)
}

/// `TransactionLogValue`.
pub(crate) fn encode_value(metadata: &TransactionMetadata) -> Bytes {
    let mut writer = Writer::default();
    writer.i16(VALUE_VERSION);
    writer.i64(metadata.producer_id.0);
    writer.i16(metadata.producer_epoch.0);
    writer.i32(metadata.timeout_ms);
    writer.i8(metadata.state.id());
    if metadata.state == TransactionState::Empty {
        // Kafka writes no list at all then.
        writer.unsigned_varint(0);
    } else {
        let topics: Vec<_> = by_topic(metadata).into_iter().collect();
        writer.list(&topics, |writer, (topic, partitions)| {
            writer.string(topic.as_str());
            writer.list(partitions, |writer, partition| writer.i32(*partition));
            writer.no_tagged();
        });
    }
    writer.i64(metadata.updated_at.0);
    writer.i64(metadata.started_at.0);
    let mut tagged = Tagged::default();
    for (tag, id) in [
        (PREVIOUS_PRODUCER_ID, metadata.previous_producer_id),
        (NEXT_PRODUCER_ID, metadata.next_producer_id),
    ] {
        if id != ProducerId::NONE {
            tagged.add(tag, |writer| writer.i64(id.0));
        }
    }
    if metadata.client_version != TransactionVersion(0) {
        tagged.add(CLIENT_TRANSACTION_VERSION, |writer| writer.i16(metadata.client_version.0));
    }
    writer.tagged(tagged);
    writer.finish().into()
}

/// What a value says, of a version that has been; none if it cannot be read.
pub(crate) fn decode_value(value: &[u8]) -> Option<TransactionMetadata> {
    let mut reader = Reader::new(value);
    (reader.i16().ok()? == VALUE_VERSION).then_some(())?;
    read_value(&mut reader).ok()
}

fn read_value(reader: &mut Reader<'_>) -> Result<TransactionMetadata, DecodeError> {
    let mut metadata = TransactionMetadata::new(ProducerId(reader.i64()?), 0, TimestampMs::NONE);
    metadata.producer_epoch = ProducerEpoch(reader.i16()?);
    metadata.timeout_ms = reader.i32()?;
    metadata.state = TransactionState::from_id(reader.i8()?)
        .ok_or(DecodeError::InvalidValue("a state of no transaction"))?;
    let topics = reader.nullable_list(|reader| {
        let topic = TopicName(reader.string()?);
        let partitions = reader.list(|reader| reader.i32())?;
        reader.tagged(|_, _| Ok(()))?;
        Ok((topic, partitions))
    })?;
    for (topic, partitions) in topics.unwrap_or_default() {
        let partitions =
            partitions.into_iter().map(|partition| TopicPartition::new(&topic, partition));
        metadata.partitions.extend(partitions);
    }
    metadata.updated_at = TimestampMs(reader.i64()?);
    metadata.started_at = TimestampMs(reader.i64()?);
    reader.tagged(|tag, reader| {
        match tag {
            PREVIOUS_PRODUCER_ID => metadata.previous_producer_id = ProducerId(reader.i64()?),
            NEXT_PRODUCER_ID => metadata.next_producer_id = ProducerId(reader.i64()?),
            CLIENT_TRANSACTION_VERSION => {
                metadata.client_version = TransactionVersion(reader.i16()?);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(metadata)
}

fn by_topic(metadata: &TransactionMetadata) -> BTreeMap<&TopicName, Vec<i32>> {
    let mut topics: BTreeMap<&TopicName, Vec<i32>> = BTreeMap::new();
    for partition in &metadata.partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition.0);
    }
    topics
}

#[cfg(test)]
mod tests;
