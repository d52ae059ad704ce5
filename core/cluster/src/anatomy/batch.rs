//! A batch opened: its header, its records, and its bytes.

use std::ops::Range;

use bytes::Bytes;
use highwater_log::{BATCH_OVERHEAD, Batch, BatchHeader, Compression, Field, Log, Offset, Record};

use crate::anatomy::partition::{CellKind, CellTransaction, kind, transaction};
use crate::anatomy::segment::segment_of;
use crate::ids::{BrokerId, TopicPartition};
use crate::world::World;

/// A batch opened.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchAnatomy {
    /// Its header.
    pub header: BatchHeader,
    /// The base offset of the segment that it stands in.
    pub segment: Offset,
    /// Where it begins in the `.log` file, in bytes.
    pub position: usize,
    /// The bytes of its records as they stand in the file.
    pub packed_bytes: usize,
    /// The bytes of its records once they are decompressed.
    pub unpacked_bytes: usize,
    /// How it stands with its transaction.
    pub transaction: CellTransaction,
    /// Its records, the first of them.
    pub records: Vec<RecordLine>,
    /// How many of its records are not among them.
    pub left_out: usize,
    /// The batches of the log before and after it, by their base offsets.
    pub neighbours: (Option<Offset>, Option<Offset>),
}

/// A record of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordLine {
    /// The record.
    pub record: Record,
    /// What it is.
    pub kind: CellKind,
}

/// Some of a batch's bytes, with names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BytesAnatomy {
    /// Where the window begins.
    pub at: usize,
    /// How many bytes there are in all.
    pub total: usize,
    /// The bytes of the window.
    pub bytes: Bytes,
    /// The fields that lie in it, whole.
    pub fields: Vec<Field>,
    /// Whether the batch's records are compressed.
    pub is_compressed: bool,
}

/// The records of a batch that are handed out.
const MOST_RECORDS: usize = 500;

impl World {
    /// The batch of a replica that holds an offset.
    pub fn batch_anatomy(
        &self,
        broker: BrokerId,
        partition: &TopicPartition,
        offset: Offset,
    ) -> Option<BatchAnatomy> {
        let log = self.log(broker, partition)?;
        let batch = batch_of(log, offset)?;
        let segment = segment_of(log, batch.base_offset())?;
        let position =
            segment.positions().find(|(_, known)| known.base_offset() == batch.base_offset());
        let records: Vec<_> = batch.iter_records().ok()?.take(MOST_RECORDS).flatten().collect();
        let lines: Vec<_> = records
            .into_iter()
            .map(|record| RecordLine { kind: kind(batch, &record), record })
            .collect();
        let header = *batch.header();
        let left_out = (header.record_count as usize).saturating_sub(lines.len());
        let aborted = log.aborted_transactions(batch.base_offset(), header.next_offset());
        Some(BatchAnatomy {
            segment: segment.base_offset(),
            position: position.map_or(0, |(position, _)| position),
            packed_bytes: batch.size_in_bytes() - BATCH_OVERHEAD,
            unpacked_bytes: batch.records_bytes().map_or(0, |bytes| bytes.len()),
            transaction: transaction(log, batch, batch.base_offset(), &aborted),
            neighbours: neighbours(log, batch),
            header,
            records: lines,
            left_out,
        })
    }

    /// A window of the bytes of the batch that holds an offset: as it stands in the file, or the bytes
    /// of its records once they are decompressed.
    pub fn bytes_anatomy(
        &self,
        broker: BrokerId,
        partition: &TopicPartition,
        offset: Offset,
        unpacked: bool,
        window: &Range<usize>,
    ) -> Option<BytesAnatomy> {
        let batch = batch_of(self.log(broker, partition)?, offset)?;
        let is_compressed = batch.header().compression != Compression::None;
        let (bytes, fields) = if unpacked && is_compressed {
            (batch.records_bytes().ok()?, batch.record_fields(window).ok()?)
        } else {
            (batch.bytes().clone(), batch.fields(window).ok()?)
        };
        let total = bytes.len();
        let shown = window.start.min(total)..window.end.min(total);
        let at = shown.start;
        Some(BytesAnatomy { at, total, bytes: bytes.slice(shown), fields, is_compressed })
    }
}

/// The batch that holds an offset.
pub(super) fn batch_of(log: &Log, offset: Offset) -> Option<&Batch> {
    let holds = |batch: &&Batch| (batch.base_offset()..=batch.last_offset()).contains(&offset);
    log.batches_from(offset).next().filter(holds)
}

fn neighbours(log: &Log, batch: &Batch) -> (Option<Offset>, Option<Offset>) {
    let after = log.batches_from(batch.header().next_offset()).next().map(Batch::base_offset);
    let earlier =
        log.segments().rev().skip_while(|segment| segment.base_offset() > batch.base_offset());
    let before = earlier
        .flat_map(|segment| segment.batches().rev())
        .map(Batch::base_offset)
        .find(|base| *base < batch.base_offset());
    (before, after)
}
