//! The records of `__remote_log_metadata`, in the bytes in which Kafka writes them. They have no key.

use bytes::Bytes;
use highwater_log::{EpochEntry, LeaderEpoch, Offset, TimestampMs};

use super::{RemoteSegment, RemoteSegmentId, RemoteSegmentState, TopicIdPartition};
use crate::ids::{BrokerId, PartitionIndex, TopicId, TopicName};
use crate::metadata::DecodeError;
use crate::metadata::wire::{Reader, Writer};

/// `RemoteLogSegmentMetadataRecord` and `RemoteLogSegmentMetadataUpdateRecord`.
const SEGMENT_KEY: u32 = 0;
const UPDATE_KEY: u32 = 1;
const VERSION: u32 = 0;

/// A record of `__remote_log_metadata`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RemoteRecord {
    /// A segment that begins to be copied.
    Segment(RemoteSegment),
    /// A segment has come further.
    Update {
        id: RemoteSegmentId,
        partition: TopicIdPartition,
        broker: BrokerId,
        timestamp: TimestampMs,
        state: RemoteSegmentState,
    },
}

impl RemoteRecord {
    /// The partition whose segment it is about.
    pub(crate) fn partition(&self) -> TopicIdPartition {
        match self {
            Self::Segment(segment) => segment.partition,
            Self::Update { partition, .. } => *partition,
        }
    }

    /// The value of the record. It names the topic, too.
    pub(crate) fn encode(&self, topic: &TopicName) -> Bytes {
        let mut writer = Writer::default();
        match self {
            Self::Segment(segment) => {
                writer.unsigned_varint(SEGMENT_KEY);
                writer.unsigned_varint(VERSION);
                write_id(&mut writer, topic, segment.partition, segment.id);
                writer.i64(segment.start_offset.0);
                writer.i64(segment.end_offset.0);
                writer.i32(segment.broker.0);
                writer.i64(segment.max_timestamp.0);
                writer.i64(segment.event_timestamp.0);
                writer.list(&segment.epochs, |writer, entry| {
                    writer.i32(entry.epoch.0);
                    writer.i64(entry.start_offset.0);
                    writer.no_tagged();
                });
                writer.i32(i32::try_from(segment.size_bytes).unwrap_or(i32::MAX));
                // No custom metadata: the store has none to give.
                writer.unsigned_varint(0);
                writer.i8(segment.state.id());
            }
            Self::Update { id, partition, broker, timestamp, state } => {
                writer.unsigned_varint(UPDATE_KEY);
                writer.unsigned_varint(VERSION);
                write_id(&mut writer, topic, *partition, *id);
                writer.i32(broker.0);
                writer.i64(timestamp.0);
                writer.unsigned_varint(0);
                writer.i8(state.id());
            }
        }
        writer.no_tagged();
        writer.finish().into()
    }

    /// The record with this value.
    ///
    /// # Errors
    /// If it is cut short, or none of these.
    pub(crate) fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(value);
        let key = reader.unsigned_varint()?;
        if reader.unsigned_varint()? != VERSION {
            return Err(DecodeError::InvalidValue("a version that is not known"));
        }
        let (partition, id) = read_id(&mut reader)?;
        let record = match key {
            SEGMENT_KEY => {
                let start_offset = Offset(reader.i64()?);
                let end_offset = Offset(reader.i64()?);
                let broker = BrokerId(reader.i32()?);
                let max_timestamp = TimestampMs(reader.i64()?);
                let event_timestamp = TimestampMs(reader.i64()?);
                let epochs = reader.list(|reader| {
                    let epoch = LeaderEpoch(reader.i32()?);
                    let start_offset = Offset(reader.i64()?);
                    reader.tagged(|_, _| Ok(()))?;
                    Ok(EpochEntry { epoch, start_offset })
                })?;
                let size_bytes = u64::try_from(reader.i32()?).unwrap_or(0);
                reader.nullable_list(Reader::i8)?;
                let state = read_state(&mut reader)?;
                Self::Segment(RemoteSegment {
                    id,
                    partition,
                    start_offset,
                    end_offset,
                    max_timestamp,
                    broker,
                    event_timestamp,
                    size_bytes,
                    epochs,
                    state,
                })
            }
            UPDATE_KEY => {
                let broker = BrokerId(reader.i32()?);
                let timestamp = TimestampMs(reader.i64()?);
                reader.nullable_list(Reader::i8)?;
                Self::Update { id, partition, broker, timestamp, state: read_state(&mut reader)? }
            }
            _ => return Err(DecodeError::InvalidValue("a kind of record that is not known")),
        };
        reader.tagged(|_, _| Ok(()))?;
        Ok(record)
    }
}

fn write_id(writer: &mut Writer, topic: &TopicName, of: TopicIdPartition, id: RemoteSegmentId) {
    writer.string(topic.as_str());
    writer.uuid(of.topic.0);
    writer.i32(of.partition.0);
    writer.no_tagged();
    writer.uuid(id.0);
    writer.no_tagged();
}

fn read_id(reader: &mut Reader<'_>) -> Result<(TopicIdPartition, RemoteSegmentId), DecodeError> {
    reader.string()?;
    let topic = TopicId(reader.uuid()?);
    let partition = PartitionIndex(reader.i32()?);
    reader.tagged(|_, _| Ok(()))?;
    let id = RemoteSegmentId(reader.uuid()?);
    reader.tagged(|_, _| Ok(()))?;
    Ok((TopicIdPartition { topic, partition }, id))
}

fn read_state(reader: &mut Reader<'_>) -> Result<RemoteSegmentState, DecodeError> {
    let id = reader.i8()?;
    RemoteSegmentState::from_id(id).ok_or(DecodeError::InvalidValue("a state that is not known"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_read_back_as_they_were_written_and_no_cut_passes() {
        let partition =
            TopicIdPartition { topic: TopicId(9 << 64 | 5), partition: PartitionIndex(3) };
        let (id, broker) = (RemoteSegmentId(0xfeed << 100), BrokerId(2));
        let segment = RemoteSegment {
            id,
            partition,
            start_offset: Offset(100),
            end_offset: Offset(199),
            max_timestamp: TimestampMs(1_767_603_600_000),
            broker,
            event_timestamp: TimestampMs(1_767_603_600_500),
            size_bytes: 1 << 20,
            epochs: vec![
                EpochEntry { epoch: LeaderEpoch(2), start_offset: Offset(100) },
                EpochEntry { epoch: LeaderEpoch(5), start_offset: Offset(150) },
            ],
            state: RemoteSegmentState::CopyStarted,
        };
        let state = RemoteSegmentState::DeleteFinished;
        let update =
            RemoteRecord::Update { id, partition, broker, timestamp: TimestampMs(77), state };
        for record in [RemoteRecord::Segment(segment), update] {
            let bytes = record.encode(&TopicName::from("orders"));
            assert_eq!(RemoteRecord::decode(&bytes), Ok(record));
            for length in 0..bytes.len() {
                assert!(RemoteRecord::decode(&bytes[..length]).is_err(), "{length} bytes");
            }
        }
    }
}
