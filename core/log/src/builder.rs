//! Building a batch, as a producer does, and as a broker does for markers and when it compresses anew.

use crate::batch::Batch;
use crate::batch_header::{BATCH_OVERHEAD, BatchHeader};
use crate::compression::compress_at;
use crate::control::{ControlType, EndTransactionMarker};
use crate::ids::{
    Compression, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, TimestampMs,
    TimestampType,
};
use crate::record::{Header, record_size_upper_bound, size_of_record, write_record};

/// What holds for all records of a batch that is being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchOptions {
    pub compression: Compression,
    pub timestamp_type: TimestampType,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    pub base_sequence: Sequence,
    pub is_transactional: bool,
    pub is_control: bool,
}

/// Collects records into a batch.
///
/// ```
/// use highwater_log::{BatchBuilder, BatchOptions, LeaderEpoch, Offset, TimestampMs};
///
/// let mut builder = BatchBuilder::new(BatchOptions::default());
/// builder.append(TimestampMs(1_000), Some(b"key"), Some(b"value"), &[]);
/// let batch = builder.build(Offset(7), LeaderEpoch(2));
/// assert_eq!(batch.records().unwrap()[0].offset, Offset(7));
/// ```
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    options: BatchOptions,
    records: Vec<u8>,
    record_count: i32,
    last_offset_delta: i32,
    base_timestamp: TimestampMs,
    max_timestamp: TimestampMs,
    delete_horizon: Option<TimestampMs>,
    gzip_level: Option<u8>,
}

/// A producer that is neither idempotent nor transactional, without compression.
impl Default for BatchOptions {
    fn default() -> Self {
        Self {
            compression: Compression::None,
            timestamp_type: TimestampType::CreateTime,
            producer_id: ProducerId::NONE,
            producer_epoch: ProducerEpoch::NONE,
            base_sequence: Sequence::NONE,
            is_transactional: false,
            is_control: false,
        }
    }
}

impl BatchBuilder {
    /// An empty batch.
    pub fn new(options: BatchOptions) -> Self {
        Self {
            options,
            records: Vec::new(),
            record_count: 0,
            last_offset_delta: -1,
            base_timestamp: TimestampMs::NONE,
            max_timestamp: TimestampMs::NONE,
            delete_horizon: None,
            gzip_level: None,
        }
    }

    /// The batch that ends a transaction: one control record (KIP-98). Its timestamp is when the marker is written.
    pub fn end_transaction(
        producer_id: ProducerId,
        producer_epoch: ProducerEpoch,
        marker: EndTransactionMarker,
        timestamp: TimestampMs,
    ) -> Self {
        let mut builder = Self::new(BatchOptions {
            producer_id,
            producer_epoch,
            is_transactional: true,
            is_control: true,
            ..BatchOptions::default()
        });
        builder.append(timestamp, Some(&marker.control_type().key()), Some(&marker.value()), &[]);
        builder
    }

    /// A control batch of the metadata log: a leader change, the head or foot of a snapshot, and so on. The value is the
    /// message's bytes, version included.
    pub fn control(control_type: ControlType, value: &[u8], timestamp: TimestampMs) -> Self {
        let mut builder = Self::new(BatchOptions { is_control: true, ..BatchOptions::default() });
        builder.append(timestamp, Some(&control_type.key()), Some(value), &[]);
        builder
    }

    /// Adds a record after the last one. The first record's timestamp becomes the batch's base.
    pub fn append(
        &mut self,
        timestamp: TimestampMs,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) {
        self.append_at(self.last_offset_delta + 1, timestamp, key, value, headers);
    }

    /// Compresses at that level if the codec is gzip: `compression.gzip.level`, from 1 to 9; none for the codec's own.
    pub fn set_gzip_level(&mut self, level: Option<u8>) {
        self.gzip_level = level;
    }

    /// Sets the time from which tombstones and markers in this batch may go (KIP-534); before the first record.
    pub fn set_delete_horizon(&mut self, horizon: TimestampMs) {
        assert!(self.is_empty(), "the records' timestamps count from the delete horizon");
        self.delete_horizon = Some(horizon);
        self.base_timestamp = horizon;
    }

    /// Adds a record at a distance from the base offset that may leave a gap, as compaction does.
    ///
    /// # Panics
    /// If the distance is not greater than the last one's.
    pub fn append_at(
        &mut self,
        offset_delta: i32,
        timestamp: TimestampMs,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) {
        assert!(offset_delta > self.last_offset_delta, "offsets ascend within a batch");
        if self.is_empty() && self.delete_horizon.is_none() {
            self.base_timestamp = timestamp;
        }
        let timestamp_delta = timestamp - self.base_timestamp;
        write_record(&mut self.records, offset_delta, timestamp_delta, key, value, headers);
        self.record_count += 1;
        self.last_offset_delta = offset_delta;
        self.max_timestamp = self.max_timestamp.max(timestamp);
    }

    /// Whether no record was added yet.
    pub fn is_empty(&self) -> bool {
        self.record_count == 0
    }

    /// How many records were added.
    pub fn record_count(&self) -> i32 {
        self.record_count
    }

    /// What the batch is built with; the producer's id, epoch and sequence may be set until it is built.
    pub fn options_mut(&mut self) -> &mut BatchOptions {
        &mut self.options
    }

    /// The size of the batch before compression, which is its size if there is none.
    pub fn size_estimate(&self) -> usize {
        BATCH_OVERHEAD + self.records.len()
    }

    /// What [`BatchBuilder::size_estimate`] would be with this record added.
    pub fn size_with(
        &self,
        timestamp: TimestampMs,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) -> usize {
        let base = if self.is_empty() && self.delete_horizon.is_none() {
            timestamp
        } else {
            self.base_timestamp
        };
        self.size_estimate()
            + size_of_record(self.last_offset_delta + 1, timestamp - base, key, value, headers)
    }

    /// What a batch of this one record takes at most: `AbstractRecords.estimateSizeInBytesUpperBound`, by which a producer
    /// holds a record against `max.request.size` and `buffer.memory`.
    pub fn size_upper_bound(key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Header]) -> usize {
        BATCH_OVERHEAD + record_size_upper_bound(key, value, headers)
    }

    /// Compresses the records and puts the header before them. A producer builds with offset 0 and
    /// [`LeaderEpoch::NONE`]; the leader sets both.
    pub fn build(&self, base_offset: Offset, leader_epoch: LeaderEpoch) -> Batch {
        self.build_with_last(base_offset, leader_epoch, self.last_offset_delta.max(0))
    }

    /// As [`BatchBuilder::build`], with a last offset that may lie beyond the last record's, as compaction keeps it.
    pub fn build_with_last(
        &self,
        base_offset: Offset,
        leader_epoch: LeaderEpoch,
        last_offset_delta: i32,
    ) -> Batch {
        assert!(last_offset_delta >= self.last_offset_delta, "the last offset covers every record");
        let options = &self.options;
        let header = BatchHeader {
            base_offset,
            size_in_bytes: 0,
            leader_epoch,
            crc: 0,
            compression: options.compression,
            timestamp_type: options.timestamp_type,
            is_transactional: options.is_transactional,
            is_control: options.is_control,
            has_delete_horizon: self.delete_horizon.is_some(),
            last_offset_delta,
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            producer_id: options.producer_id,
            producer_epoch: options.producer_epoch,
            base_sequence: options.base_sequence,
            record_count: self.record_count,
        };
        match options.compression {
            Compression::None => Batch::assemble(header, &self.records),
            codec => Batch::assemble(header, &compress_at(codec, self.gzip_level, &self.records)),
        }
    }
}
