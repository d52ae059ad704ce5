//! Kafka's log: record batches, segments, epochs, producer state.
//!
//! Everything here is a pure function of what it is handed: no clock, no file, no thread, no randomness. The caller says
//! what time it is; the same calls give the same bytes on every machine. A [`Log`] shares its structure when it is
//! cloned, so that a checkpoint of it costs the same however long it is.
//!
//! Names follow Kafka's own classes: [`Log`] is `UnifiedLog`, [`Segment`] is `LogSegment`, [`LeaderEpochCache`] is
//! `LeaderEpochFileCache`, [`ProducerStateManager`] is itself.

mod batch;
mod batch_header;
mod builder;
mod cleaner;
mod compression;
mod config;
mod control;
#[cfg(any(feature = "gzip", target_arch = "wasm32", test))]
mod crc;
mod crc32c;
pub mod dump;
mod epoch_cache;
mod error;
mod ids;
mod layout;
mod log;
mod producer;
mod ratio;
mod record;
mod segment;
pub mod varint;

pub use batch::{Batch, RecordIter, joined, split_batches};
pub use batch_header::{BATCH_OVERHEAD, BatchHeader, LOG_OVERHEAD};
pub use builder::{BatchBuilder, BatchOptions};
pub use cleaner::{
    BatchFate, CleanedBatch, CleanedSegment, CleanerPass, DEFAULT_MAX_KEYS, DropReason,
    DroppedRecord, EmptyReason, LogToClean,
};
pub use compression::{CompressionError, MAX_DECOMPRESSED_BYTES, compress, decompress};
pub use config::{AS_IN_ALL, LogConfig};
pub use control::{ControlType, EndTransactionMarker};
pub use crc32c::crc32c;
pub use epoch_cache::{EpochEntry, LeaderEpochCache};
pub use error::{AppendError, CorruptBatch, CorruptReason, ReadError, RecordError};
pub use ids::{
    Compression, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, TimestampMs,
    TimestampType, TransactionVersion,
};
pub use layout::{Field, FieldOwner};
pub use log::{AppendInfo, AppendOrigin, Log, RemoteState, TierableSegment};
pub use producer::{
    AbortedTxn, BatchMetadata, CompletedTxn, ProducerAppendInfo, ProducerStateEntry,
    ProducerStateManager, TxnMetadata,
};
pub use ratio::Ratio;
pub use record::{Header, Record};
pub use segment::{OffsetIndexEntry, Segment, TimeIndexEntry};
