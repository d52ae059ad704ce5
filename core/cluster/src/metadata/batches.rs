//! Metadata records in record batches, as the metadata log holds them.

use bytes::Bytes;
use highwater_log::{BatchBuilder, BatchOptions, LeaderEpoch, Offset, TimestampMs, split_batches};

use super::record::{DecodeError, MetadataRecord};

/// One batch of records, for the leader of the metadata log to append.
pub fn encode_batch(records: &[MetadataRecord], now: TimestampMs) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for record in records {
        builder.append(now, None, Some(&record.encode()), &[]);
    }
    builder.build(Offset(0), LeaderEpoch::NONE).bytes().clone()
}

/// The records in some bytes of the metadata log, with their offsets. What the quorum writes for
/// itself, in control batches, is left out.
///
/// # Errors
/// If a batch is corrupt or cut short, or a record is of no kind that is known.
pub fn decode_batches(bytes: Bytes) -> Result<Vec<(Offset, MetadataRecord)>, DecodeError> {
    decode_log(bytes).map(|(records, _)| records)
}

/// Records with their offsets, then the offset after the last batch and the epoch of that batch,
/// if there is one.
pub(crate) type Decoded = (Vec<(Offset, MetadataRecord)>, Option<(Offset, LeaderEpoch)>);

/// As [`decode_batches`], together with where the log goes on.
pub(crate) fn decode_log(bytes: Bytes) -> Result<Decoded, DecodeError> {
    let (batches, corrupt) = split_batches(bytes);
    if corrupt.is_some() {
        return Err(DecodeError::CorruptBatch);
    }
    let mut decoded = Vec::new();
    for batch in batches.iter().filter(|batch| !batch.header().is_control) {
        for record in batch.records().map_err(|_| DecodeError::CorruptBatch)? {
            let value = record.value.as_deref().unwrap_or_default();
            decoded.push((record.offset, MetadataRecord::decode(value)?));
        }
    }
    let last = batches.last().map(highwater_log::Batch::header);
    Ok((decoded, last.map(|header| (header.next_offset(), header.leader_epoch))))
}
