//! What can be wrong with bytes, an append or a read. The words are those of Kafka's own exceptions where it has any.

use std::fmt;

use crate::compression::CompressionError;
use crate::ids::{Offset, ProducerEpoch, ProducerId, Sequence, TimestampMs};

/// Bytes that are not a whole, valid batch: Kafka's `CorruptRecordException`, error code `CORRUPT_MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorruptBatch {
    /// Where the batch begins in the bytes that were handed over.
    pub position: usize,
    /// What is wrong with it.
    pub reason: CorruptReason,
}

/// Why bytes are not a valid batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorruptReason {
    /// The bytes end before the batch does: a torn write, or a fetch cut at its limit.
    Truncated { needed: usize, available: usize },
    /// The length field is too small for a header, or negative.
    InvalidLength { length: i32 },
    /// Not magic 2: older formats are not accepted any more (KIP-724).
    UnsupportedMagic { magic: u8 },
    /// The stored CRC is not the CRC of the bytes.
    CrcMismatch { stored: u32, computed: u32 },
    /// The attributes name a compression type that does not exist.
    UnknownCompression { id: u8 },
    /// The offsets of the header lie below 0 or run backwards.
    InvalidOffsets { base_offset: i64, last_offset_delta: i32 },
    /// The number of records is negative.
    InvalidCount { count: i32 },
    /// The records could not be decompressed.
    Decompression(CompressionError),
    /// A record's lengths do not fit the batch.
    InvalidRecord,
    /// More bytes than the records that the header counts.
    RecordsRemaining { bytes: usize },
    /// A control record that does not hold what its type asks for.
    InvalidControlRecord,
}

/// Why a record was refused: Kafka's `RecordError` of a produce response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// The record's place in its batch, from 0.
    pub batch_index: usize,
    /// What is wrong with it.
    pub message: String,
}

/// Why an append was refused. Nothing of it is in the log then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// `CorruptRecordException`, code `CORRUPT_MESSAGE`.
    CorruptMessage(CorruptBatch),
    /// `RecordTooLargeException`, code `MESSAGE_TOO_LARGE`: over `max.message.bytes`.
    MessageTooLarge { size: usize, max_message_bytes: usize },
    /// `RecordBatchTooLargeException`, code `RECORD_LIST_TOO_LARGE`: over `segment.bytes`.
    RecordListTooLarge { size: usize, segment_bytes: usize },
    /// `InvalidTimestampException`, code `INVALID_TIMESTAMP`: outside `message.timestamp.before.max.ms` and
    /// `message.timestamp.after.max.ms`, or set to append time by a client.
    InvalidTimestamp { timestamp: TimestampMs, errors: Vec<RecordError> },
    /// `InvalidRecordException`, code `INVALID_RECORD`.
    InvalidRecord { message: String, errors: Vec<RecordError> },
    /// `OutOfOrderSequenceException`, code `OUT_OF_ORDER_SEQUENCE_NUMBER`.
    OutOfOrderSequence {
        producer_id: ProducerId,
        offset: Offset,
        epoch: ProducerEpoch,
        incoming: Sequence,
        /// The last sequence that was appended; [`Sequence::NONE`] after a new epoch.
        current: Sequence,
        /// The producer's epoch before this append. When the append's is newer, its sequence must be 0.
        current_epoch: ProducerEpoch,
    },
    /// `InvalidProducerEpochException`, code `INVALID_PRODUCER_EPOCH`.
    InvalidProducerEpoch {
        producer_id: ProducerId,
        offset: Offset,
        epoch: ProducerEpoch,
        current: ProducerEpoch,
    },
    /// `TransactionCoordinatorFencedException`, code `TRANSACTION_COORDINATOR_FENCED`.
    TransactionCoordinatorFenced { producer_id: ProducerId, coordinator_epoch: i32, current: i32 },
    /// `InvalidTxnStateException`, code `INVALID_TXN_STATE`: a record outside the transaction that is still open.
    InvalidTxnState { producer_id: ProducerId, first_offset: Offset },
    /// `UnexpectedAppendOffsetException`: a follower was handed offsets that it already has.
    UnexpectedAppendOffset { first_offset: Offset, last_offset: Offset, log_end_offset: Offset },
    /// `OffsetsOutOfOrderException`: the batches handed to a follower do not ascend.
    OffsetsOutOfOrder { offset: Offset, after: Offset },
}

/// Why a read was refused: `OffsetOutOfRangeException`, code `OFFSET_OUT_OF_RANGE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Below the log start, or beyond the log end.
    OffsetOutOfRange { offset: Offset, log_start_offset: Offset, log_end_offset: Offset },
}

impl CorruptBatch {
    pub(crate) fn new(position: usize, reason: CorruptReason) -> Self {
        Self { position, reason }
    }
}

impl From<CorruptBatch> for AppendError {
    fn from(corrupt: CorruptBatch) -> Self {
        Self::CorruptMessage(corrupt)
    }
}

impl fmt::Display for CorruptBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "batch at position {}: {}", self.position, self.reason)
    }
}

impl fmt::Display for CorruptReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { needed, available } => {
                write!(f, "{needed} bytes needed, {available} available")
            }
            Self::InvalidLength { length } => {
                write!(f, "length {length} is less than the minimum record overhead")
            }
            Self::UnsupportedMagic { magic } => write!(f, "magic {magic} is not supported"),
            Self::CrcMismatch { stored, computed } => {
                write!(f, "Record is corrupt (stored crc = {stored}, computed crc = {computed})")
            }
            Self::UnknownCompression { id } => write!(f, "Unknown compression type id: {id}"),
            Self::InvalidOffsets { base_offset, last_offset_delta } => {
                write!(
                    f,
                    "invalid offsets: base {base_offset}, last offset delta {last_offset_delta}"
                )
            }
            Self::InvalidCount { count } => {
                write!(f, "Found invalid record count {count} in magic v2 batch")
            }
            Self::Decompression(error) => error.fmt(f),
            Self::InvalidRecord => f.write_str("Found invalid record structure"),
            Self::RecordsRemaining { bytes } => {
                write!(
                    f,
                    "Incorrect declared batch size, records still remaining in file ({bytes} bytes)"
                )
            }
            Self::InvalidControlRecord => f.write_str("Found invalid control record"),
        }
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CorruptMessage(corrupt) => corrupt.fmt(f),
            Self::MessageTooLarge { size, max_message_bytes } => write!(
                f,
                "The record batch size in the append is {size} bytes which exceeds the maximum configured value of \
                 {max_message_bytes}."
            ),
            Self::RecordListTooLarge { size, segment_bytes } => write!(
                f,
                "Message batch size is {size} bytes in append, which exceeds the maximum configured segment size of \
                 {segment_bytes}."
            ),
            Self::InvalidTimestamp { errors, .. } if !errors.is_empty() => {
                f.write_str("One or more records have been rejected due to invalid timestamp")
            }
            Self::InvalidTimestamp { timestamp, .. } => {
                write!(f, "Timestamp {timestamp} is out of range")
            }
            Self::InvalidRecord { message, .. } => f.write_str(message),
            Self::OutOfOrderSequence {
                producer_id,
                offset,
                epoch,
                incoming,
                current,
                current_epoch,
            } => {
                if epoch == current_epoch {
                    write!(
                        f,
                        "Out of order sequence number for producer {producer_id} at offset {offset}: {incoming} \
                         (incoming seq. number), {current} (current end sequence number)"
                    )
                } else {
                    write!(
                        f,
                        "Invalid sequence number for new epoch of producer {producer_id} at offset {offset}: {epoch} \
                         (request epoch), {incoming} (seq. number), {current_epoch} (current producer epoch)"
                    )
                }
            }
            Self::InvalidProducerEpoch { producer_id, epoch, current, .. } => {
                let comparison = if epoch < current { "smaller than" } else { "not greater than" };
                write!(
                    f,
                    "Epoch of producer {producer_id} is {epoch}, which is {comparison} the last seen epoch {current}"
                )
            }
            Self::TransactionCoordinatorFenced { producer_id, coordinator_epoch, current } => {
                write!(
                    f,
                    "Invalid coordinator epoch for producerId {producer_id}: {coordinator_epoch} (zombie), {current} (current)"
                )
            }
            Self::InvalidTxnState { producer_id, first_offset } => write!(
                f,
                "Expected transactional write from producer {producer_id}, whose transaction began at offset {first_offset}"
            ),
            Self::UnexpectedAppendOffset { first_offset, last_offset, log_end_offset } => write!(
                f,
                "Unexpected offset in append. First offset {first_offset} is less than the next offset \
                 {log_end_offset}; last offset in append: {last_offset}"
            ),
            Self::OffsetsOutOfOrder { offset, after } => {
                write!(f, "Out of order offsets found in append: {offset} after {after}")
            }
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::OffsetOutOfRange { offset, log_start_offset, log_end_offset } = self;
        write!(
            f,
            "Received request for offset {offset}, but we only have log segments from offset {log_start_offset} up to \
             {log_end_offset}."
        )
    }
}

impl std::error::Error for CorruptBatch {}
impl std::error::Error for AppendError {}
impl std::error::Error for ReadError {}
