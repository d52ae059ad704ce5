//! The 61 bytes before the records of a batch (magic 2).
//!
//! | at | bytes | field |
//! |---|---|---|
//! | 0 | 8 | base offset |
//! | 8 | 4 | length of what follows |
//! | 12 | 4 | partition leader epoch |
//! | 16 | 1 | magic, 2 |
//! | 17 | 4 | CRC-32C of all that follows |
//! | 21 | 2 | attributes |
//! | 23 | 4 | last offset delta |
//! | 27 | 8 | base timestamp, or delete horizon |
//! | 35 | 8 | max timestamp |
//! | 43 | 8 | producer id |
//! | 51 | 2 | producer epoch |
//! | 53 | 4 | base sequence |
//! | 57 | 4 | number of records |

use crate::error::CorruptReason;
use crate::ids::{
    Compression, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, TimestampMs,
    TimestampType,
};

/// The bytes of base offset and length, which a batch's own length does not count.
pub const LOG_OVERHEAD: usize = 12;
/// The bytes of a batch without records: `DefaultRecordBatch.RECORD_BATCH_OVERHEAD`.
pub const BATCH_OVERHEAD: usize = 61;

pub(crate) const MAGIC: u8 = 2;
pub(crate) const LEADER_EPOCH_AT: usize = 12;
pub(crate) const MAGIC_AT: usize = 16;
pub(crate) const CRC_AT: usize = 17;
pub(crate) const ATTRIBUTES_AT: usize = 21;
pub(crate) const MAX_TIMESTAMP_AT: usize = 35;

const COMPRESSION_MASK: u16 = 0x07;
const TIMESTAMP_TYPE_BIT: u16 = 0x08;
const TRANSACTIONAL_BIT: u16 = 0x10;
const CONTROL_BIT: u16 = 0x20;
const DELETE_HORIZON_BIT: u16 = 0x40;

/// What the header of a batch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BatchHeader {
    /// The offset of the first record, or where it stood before compaction took it.
    pub base_offset: Offset,
    /// The whole batch, including the 12 bytes of base offset and length.
    pub size_in_bytes: usize,
    /// The epoch of the leader that appended the batch; -1 from a producer.
    pub leader_epoch: LeaderEpoch,
    /// CRC-32C from the attributes on; base offset and leader epoch are not covered, so a leader may set them.
    pub crc: u32,
    pub compression: Compression,
    pub timestamp_type: TimestampType,
    /// Part of a transaction; so are its markers.
    pub is_transactional: bool,
    /// Holds markers, not a client's records.
    pub is_control: bool,
    /// The time from which tombstones and markers in this batch may go, set by the cleaner (KIP-534). While it is set,
    /// `base_timestamp` holds the same time, and the records' timestamps count from it.
    pub has_delete_horizon: bool,
    /// Distance of the last record from the base offset; kept by compaction even when that record is gone.
    pub last_offset_delta: i32,
    /// What the records' timestamps count from.
    pub base_timestamp: TimestampMs,
    /// The greatest timestamp of the records, or the time of append.
    pub max_timestamp: TimestampMs,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    /// The sequence of the first record; -1 without a producer id and in control batches.
    pub base_sequence: Sequence,
    /// How many records the batch says it holds. Not to be trusted before the records are read.
    pub record_count: i32,
}

impl BatchHeader {
    /// The offset of the last record.
    pub fn last_offset(&self) -> Offset {
        self.base_offset + i64::from(self.last_offset_delta)
    }

    /// The offset after the last record.
    pub fn next_offset(&self) -> Offset {
        self.last_offset().next()
    }

    /// The sequence of the last record; [`Sequence::NONE`] if there is no base sequence.
    pub fn last_sequence(&self) -> Sequence {
        self.sequence_at(self.last_offset())
    }

    /// The sequence of the record at `offset`; [`Sequence::NONE`] if there is no base sequence.
    pub fn sequence_at(&self, offset: Offset) -> Sequence {
        if self.base_sequence == Sequence::NONE {
            return Sequence::NONE;
        }
        self.base_sequence.increment((offset - self.base_offset) as i32)
    }

    /// The time from which tombstones and markers in this batch may go, if the cleaner has set one.
    pub fn delete_horizon(&self) -> Option<TimestampMs> {
        self.has_delete_horizon.then_some(self.base_timestamp)
    }

    /// Whether a producer id was set: the batch takes part in duplicate detection.
    pub fn has_producer_id(&self) -> bool {
        self.producer_id.is_some()
    }

    /// The attributes as the bytes hold them.
    pub fn attributes(&self) -> u16 {
        let bit = |set: bool, bit: u16| if set { bit } else { 0 };
        u16::from(self.compression.id())
            | bit(self.timestamp_type == TimestampType::LogAppendTime, TIMESTAMP_TYPE_BIT)
            | bit(self.is_transactional, TRANSACTIONAL_BIT)
            | bit(self.is_control, CONTROL_BIT)
            | bit(self.has_delete_horizon, DELETE_HORIZON_BIT)
    }

    /// Reads the header of a batch that is `bytes`, from its first byte to its last.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, CorruptReason> {
        assert!(bytes.len() >= BATCH_OVERHEAD, "a batch is split off only when it is long enough");
        let attributes = u16::from_be_bytes(array(bytes, ATTRIBUTES_AT));
        let id = (attributes & COMPRESSION_MASK) as u8;
        let log_append_time = attributes & TIMESTAMP_TYPE_BIT != 0;
        let header = Self {
            base_offset: Offset(i64::from_be_bytes(array(bytes, 0))),
            size_in_bytes: bytes.len(),
            leader_epoch: LeaderEpoch(i32::from_be_bytes(array(bytes, LEADER_EPOCH_AT))),
            crc: u32::from_be_bytes(array(bytes, CRC_AT)),
            compression: Compression::from_id(id)
                .ok_or(CorruptReason::UnknownCompression { id })?,
            timestamp_type: if log_append_time {
                TimestampType::LogAppendTime
            } else {
                TimestampType::CreateTime
            },
            is_transactional: attributes & TRANSACTIONAL_BIT != 0,
            is_control: attributes & CONTROL_BIT != 0,
            has_delete_horizon: attributes & DELETE_HORIZON_BIT != 0,
            last_offset_delta: i32::from_be_bytes(array(bytes, 23)),
            base_timestamp: TimestampMs(i64::from_be_bytes(array(bytes, 27))),
            max_timestamp: TimestampMs(i64::from_be_bytes(array(bytes, MAX_TIMESTAMP_AT))),
            producer_id: ProducerId(i64::from_be_bytes(array(bytes, 43))),
            producer_epoch: ProducerEpoch(i16::from_be_bytes(array(bytes, 51))),
            base_sequence: Sequence(i32::from_be_bytes(array(bytes, 53))),
            record_count: i32::from_be_bytes(array(bytes, 57)),
        };
        Ok(header)
    }

    /// Appends the header's bytes, length and CRC as they stand in the fields.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.base_offset.0.to_be_bytes());
        out.extend_from_slice(&((self.size_in_bytes - LOG_OVERHEAD) as u32).to_be_bytes());
        out.extend_from_slice(&self.leader_epoch.0.to_be_bytes());
        out.push(MAGIC);
        out.extend_from_slice(&self.crc.to_be_bytes());
        out.extend_from_slice(&self.attributes().to_be_bytes());
        out.extend_from_slice(&self.last_offset_delta.to_be_bytes());
        out.extend_from_slice(&self.base_timestamp.0.to_be_bytes());
        out.extend_from_slice(&self.max_timestamp.0.to_be_bytes());
        out.extend_from_slice(&self.producer_id.0.to_be_bytes());
        out.extend_from_slice(&self.producer_epoch.0.to_be_bytes());
        out.extend_from_slice(&self.base_sequence.0.to_be_bytes());
        out.extend_from_slice(&self.record_count.to_be_bytes());
    }
}

/// The `N` bytes at `at`, which the caller has checked to be there.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}
