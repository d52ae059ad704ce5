//! A record batch (magic 2): its header, and the bytes that it was read from or built as.

use bytes::{Bytes, BytesMut};

use crate::batch_header::{
    ATTRIBUTES_AT, BATCH_OVERHEAD, BatchHeader, CRC_AT, LEADER_EPOCH_AT, LOG_OVERHEAD, MAGIC,
    MAGIC_AT, MAX_TIMESTAMP_AT, array,
};
use crate::compression::{MAX_DECOMPRESSED_BYTES, decompress};
use crate::control::{ControlType, EndTransactionMarker};
use crate::crc32c::crc32c;
use crate::error::{CorruptBatch, CorruptReason};
use crate::ids::{Compression, LeaderEpoch, Offset, TimestampMs, TimestampType};
use crate::record::{MIN_RECORD_BYTES, Record, read_record};

/// For how many records room is made before any is read.
const RECORDS_RESERVED: usize = 1024;

/// A batch whose header and CRC have been checked. Cloning shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    header: BatchHeader,
    bytes: Bytes,
}

/// The records of a batch, in order. Ends with the first error.
#[derive(Clone, Debug)]
pub struct RecordIter {
    header: BatchHeader,
    bytes: Bytes,
    position: usize,
    left: usize,
}

/// Splits bytes into batches that share them. Stops at the first that is not whole and valid, and says why; a torn
/// batch at the end reads as [`CorruptReason::Truncated`].
pub fn split_batches(mut bytes: Bytes) -> (Vec<Batch>, Option<CorruptBatch>) {
    let (mut batches, mut position) = (Vec::new(), 0);
    while !bytes.is_empty() {
        let corrupt = |reason| Some(CorruptBatch::new(position, reason));
        let size = match batch_size(&bytes) {
            Ok(size) => size,
            Err(reason) => return (batches, corrupt(reason)),
        };
        match Batch::check(bytes.split_to(size)) {
            Ok(batch) => batches.push(batch),
            Err(reason) => return (batches, corrupt(reason)),
        }
        position += size;
    }
    (batches, None)
}

/// Batches one after another, as they stand in a file. The bytes of a single one are shared, not copied.
pub fn joined(batches: &[Batch]) -> Bytes {
    if let [batch] = batches {
        return batch.bytes().clone();
    }
    let mut bytes = BytesMut::with_capacity(batches.iter().map(Batch::size_in_bytes).sum());
    batches.iter().for_each(|batch| bytes.extend_from_slice(batch.bytes()));
    bytes.freeze()
}

/// Batches from the first on, as long as they lie below `up_to` (exclusive) and take at most `max_bytes`; with
/// `min_one_batch` the first comes even if it is larger. Nothing is copied.
pub(crate) fn that_fit<'a>(
    from: impl Iterator<Item = &'a Batch>,
    max_bytes: usize,
    min_one_batch: bool,
    up_to: Offset,
) -> Vec<Batch> {
    let (mut batches, mut size) = (Vec::new(), 0);
    for batch in from {
        let room = max_bytes.saturating_sub(size) >= batch.size_in_bytes();
        let first = min_one_batch && batches.is_empty();
        if batch.header().next_offset() > up_to || !(room || first) {
            break;
        }
        size += batch.size_in_bytes();
        batches.push(batch.clone());
    }
    batches
}

impl Batch {
    /// Reads one batch, which must be all of `bytes`: checks length, magic, CRC and the header's own sense. The records
    /// are read by [`Batch::records`].
    pub fn parse(bytes: Bytes) -> Result<Self, CorruptBatch> {
        let size = batch_size(&bytes).map_err(|reason| CorruptBatch::new(0, reason))?;
        if size != bytes.len() {
            let length = (size - LOG_OVERHEAD) as i32;
            return Err(CorruptBatch::new(0, CorruptReason::InvalidLength { length }));
        }
        Self::check(bytes).map_err(|reason| CorruptBatch::new(0, reason))
    }

    /// What the header says.
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The batch as it stands in a segment and goes over the wire.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The offset of the first record.
    pub fn base_offset(&self) -> Offset {
        self.header.base_offset
    }

    /// The offset of the last record.
    pub fn last_offset(&self) -> Offset {
        self.header.last_offset()
    }

    /// The whole batch, in bytes.
    pub fn size_in_bytes(&self) -> usize {
        self.header.size_in_bytes
    }

    /// Decompresses and reads all records. Keys and values are slices of the batch, or of what it decompresses to, which
    /// is at most [`MAX_DECOMPRESSED_BYTES`]. What is kept is bounded by the records that are read, not by the count in
    /// the header, nor by the bytes: a few that decompress to many zeros hold no record at all.
    pub fn records(&self) -> Result<Vec<Record>, CorruptBatch> {
        let records = self.iter_records()?;
        let mut all = Vec::with_capacity(records.size_hint().0.min(RECORDS_RESERVED));
        for record in records {
            all.push(record?);
        }
        Ok(all)
    }

    /// Decompresses the batch, and reads its records one at a time: for batches of which not all is kept.
    pub fn iter_records(&self) -> Result<RecordIter, CorruptBatch> {
        let bytes = self.records_bytes()?;
        let left = self.header.record_count as usize;
        Ok(RecordIter { header: self.header, bytes, position: 0, left })
    }

    /// The bytes of the records, decompressed if they were compressed: at most [`MAX_DECOMPRESSED_BYTES`].
    pub fn records_bytes(&self) -> Result<Bytes, CorruptBatch> {
        self.decompressed().map_err(|reason| CorruptBatch::new(0, reason))
    }

    /// The type of the marker in a control batch; `None` for a client's batch, or when compaction has taken the marker.
    pub fn control_type(&self) -> Result<Option<ControlType>, CorruptBatch> {
        if !self.header.is_control {
            return Ok(None);
        }
        let Some(marker) = self.iter_records()?.next().transpose()? else {
            return Ok(None);
        };
        let control_type = ControlType::parse(marker.key.as_deref().unwrap_or_default());
        control_type.map(Some).ok_or(CorruptBatch::new(0, CorruptReason::InvalidControlRecord))
    }

    /// The marker that ends a transaction, with its time; `None` if this batch holds none.
    pub fn end_transaction_marker(
        &self,
    ) -> Result<Option<(EndTransactionMarker, TimestampMs)>, CorruptBatch> {
        if !self.header.is_control {
            return Ok(None);
        }
        let records = self.records()?;
        let Some(record) = records.first() else {
            return Ok(None);
        };
        let marker =
            EndTransactionMarker::parse(record).map_err(|reason| CorruptBatch::new(0, reason))?;
        Ok(marker.map(|marker| (marker, record.timestamp)))
    }

    /// The same batch at another place: base offset and leader epoch are not covered by the CRC, so that is kept.
    /// Shares the bytes if nothing changes.
    #[must_use]
    pub fn with_base(&self, base_offset: Offset, leader_epoch: LeaderEpoch) -> Self {
        self.placed(base_offset, leader_epoch, None)
    }

    /// As [`Batch::with_base`], and with the maximum timestamp and its type as the leader sets them; the CRC is computed
    /// again if that changes anything.
    #[must_use]
    pub(crate) fn placed(
        &self,
        base_offset: Offset,
        leader_epoch: LeaderEpoch,
        stamp: Option<(TimestampType, TimestampMs)>,
    ) -> Self {
        let mut header = BatchHeader { base_offset, leader_epoch, ..self.header };
        if let Some((timestamp_type, max_timestamp)) = stamp {
            header = BatchHeader { timestamp_type, max_timestamp, ..header };
        }
        if header == self.header {
            return self.clone();
        }
        let mut bytes = self.bytes.to_vec();
        bytes[..8].copy_from_slice(&base_offset.0.to_be_bytes());
        bytes[LEADER_EPOCH_AT..MAGIC_AT].copy_from_slice(&leader_epoch.0.to_be_bytes());
        if header.timestamp_type != self.header.timestamp_type
            || header.max_timestamp != self.header.max_timestamp
        {
            bytes[ATTRIBUTES_AT..ATTRIBUTES_AT + 2]
                .copy_from_slice(&header.attributes().to_be_bytes());
            bytes[MAX_TIMESTAMP_AT..MAX_TIMESTAMP_AT + 8]
                .copy_from_slice(&header.max_timestamp.0.to_be_bytes());
            header.crc = crc32c(&bytes[ATTRIBUTES_AT..]);
            bytes[CRC_AT..ATTRIBUTES_AT].copy_from_slice(&header.crc.to_be_bytes());
        }
        Self { header, bytes: bytes.into() }
    }

    /// Puts a header before records, and sets its size and CRC.
    pub(crate) fn assemble(mut header: BatchHeader, records: &[u8]) -> Self {
        header.size_in_bytes = BATCH_OVERHEAD + records.len();
        let mut bytes = Vec::with_capacity(header.size_in_bytes);
        header.write(&mut bytes);
        bytes.extend_from_slice(records);
        header.crc = crc32c(&bytes[ATTRIBUTES_AT..]);
        bytes[CRC_AT..ATTRIBUTES_AT].copy_from_slice(&header.crc.to_be_bytes());
        Self { header, bytes: bytes.into() }
    }

    /// The same batch without its records: what the cleaner keeps of one that its producer still needs.
    pub(crate) fn emptied(&self) -> Self {
        let header = BatchHeader {
            compression: Compression::None,
            has_delete_horizon: false,
            base_timestamp: TimestampMs::NONE,
            record_count: 0,
            ..self.header
        };
        Self::assemble(header, &[])
    }

    /// Checks all but the length, which [`batch_size`] has found right.
    fn check(bytes: Bytes) -> Result<Self, CorruptReason> {
        let stored = u32::from_be_bytes(array(&bytes, CRC_AT));
        let computed = crc32c(&bytes[ATTRIBUTES_AT..]);
        if stored != computed {
            return Err(CorruptReason::CrcMismatch { stored, computed });
        }
        let header = BatchHeader::read(&bytes)?;
        let (base_offset, last_offset_delta) = (header.base_offset.0, header.last_offset_delta);
        // The offset after the last must exist too, since a log's end is one.
        let next = base_offset.checked_add(i64::from(last_offset_delta) + 1);
        if base_offset < 0 || last_offset_delta < 0 || next.is_none() {
            return Err(CorruptReason::InvalidOffsets { base_offset, last_offset_delta });
        }
        if header.record_count < 0 {
            return Err(CorruptReason::InvalidCount { count: header.record_count });
        }
        Ok(Self { header, bytes })
    }

    fn decompressed(&self) -> Result<Bytes, CorruptReason> {
        let packed = self.bytes.slice(BATCH_OVERHEAD..);
        match self.header.compression {
            Compression::None => Ok(packed),
            // A batch without records has nothing to decompress: the cleaner leaves such batches.
            _ if self.header.record_count == 0 && packed.is_empty() => Ok(packed),
            codec => {
                let bytes = decompress(codec, &packed, MAX_DECOMPRESSED_BYTES);
                bytes.map(Bytes::from).map_err(CorruptReason::Decompression)
            }
        }
    }
}

impl Iterator for RecordIter {
    type Item = Result<Record, CorruptBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let result = match (self.left, self.bytes.len() - self.position) {
            (0, 0) => return None,
            (0, bytes) => Err(CorruptReason::RecordsRemaining { bytes }),
            _ => read_record(&self.bytes, &mut self.position, &self.header),
        };
        self.left = self.left.saturating_sub(1);
        if result.is_err() {
            self.left = 0;
            self.position = self.bytes.len();
        }
        Some(result.map_err(|reason| CorruptBatch::new(0, reason)))
    }

    /// At least as many as are counted and can be there; the count alone is not to be trusted.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let room = (self.bytes.len() - self.position) / MIN_RECORD_BYTES;
        (self.left.min(room), None)
    }
}

/// The size of the batch at the front of `bytes`, once all of it is there.
fn batch_size(bytes: &[u8]) -> Result<usize, CorruptReason> {
    let available = bytes.len();
    if available < LOG_OVERHEAD {
        return Err(CorruptReason::Truncated { needed: LOG_OVERHEAD, available });
    }
    let length = i32::from_be_bytes(array(bytes, 8));
    // The oldest format has the least overhead, and tells its magic at the same place; until the magic is known, the
    // length is held to that.
    if length < 14 {
        return Err(CorruptReason::InvalidLength { length });
    }
    let needed = LOG_OVERHEAD + length as usize;
    if available > MAGIC_AT && bytes[MAGIC_AT] != MAGIC {
        return Err(CorruptReason::UnsupportedMagic { magic: bytes[MAGIC_AT] });
    }
    if needed < BATCH_OVERHEAD {
        return Err(CorruptReason::InvalidLength { length });
    }
    if available < needed {
        return Err(CorruptReason::Truncated { needed, available });
    }
    Ok(needed)
}
