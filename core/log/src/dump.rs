//! A segment as text, as `kafka-dump-log.sh --print-data-log` prints it, line for line. The first line, with the file's
//! path, is the caller's.

use bytes::Bytes;

use crate::batch::Batch;
use crate::control::ControlType;
use crate::ids::Offset;
use crate::record::Record;
use crate::segment::Segment;

/// The lines of the `.log` file: each batch, and with `records` each record in it with its key and value.
pub fn log_lines(segment: &Segment, records: bool) -> Vec<String> {
    let mut lines = vec![format!("Log starting offset: {}", segment.base_offset())];
    for (position, batch) in segment.positions() {
        lines.push(batch_line(position, batch));
        if records {
            lines.extend(record_lines(batch));
        }
    }
    lines
}

/// The lines of the `.index` file.
pub fn index_lines(segment: &Segment) -> Vec<String> {
    let line = |entry: crate::OffsetIndexEntry| {
        format!("offset: {} position: {}", entry.offset, entry.position)
    };
    segment.offset_index().map(line).collect()
}

/// The lines of the `.timeindex` file.
pub fn time_index_lines(segment: &Segment) -> Vec<String> {
    let line = |entry: crate::TimeIndexEntry| {
        format!("timestamp: {} offset: {}", entry.timestamp, entry.offset)
    };
    segment.time_index().map(line).collect()
}

fn batch_line(position: usize, batch: &Batch) -> String {
    let header = batch.header();
    let horizon = match header.delete_horizon() {
        None => "OptionalLong.empty".to_owned(),
        Some(horizon) => format!("OptionalLong[{horizon}]"),
    };
    format!(
        "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} producerId: {} producerEpoch: {} \
         partitionLeaderEpoch: {} isTransactional: {} isControl: {} deleteHorizonMs: {horizon} position: {position} \
         {}: {} size: {} magic: 2 compresscodec: {} crc: {} isvalid: true",
        header.base_offset,
        header.last_offset(),
        header.record_count,
        header.base_sequence,
        header.last_sequence(),
        header.producer_id,
        header.producer_epoch,
        header.leader_epoch,
        header.is_transactional,
        header.is_control,
        header.timestamp_type,
        header.max_timestamp,
        header.size_in_bytes,
        header.compression,
        header.crc,
    )
}

fn record_lines(batch: &Batch) -> Vec<String> {
    match batch.records() {
        Ok(records) => records.iter().map(|record| record_line(batch, record)).collect(),
        Err(corrupt) => vec![format!("| {corrupt}")],
    }
}

fn record_line(batch: &Batch, record: &Record) -> String {
    let header = batch.header();
    let size = |bytes: &Option<Bytes>| bytes.as_ref().map_or(-1, |bytes| bytes.len() as i64);
    let keys: Vec<_> =
        record.headers.iter().map(|header| String::from_utf8_lossy(&header.key)).collect();
    let mut line = format!(
        "| offset: {} {}: {} keySize: {} valueSize: {} sequence: {} headerKeys: [{}]",
        record.offset,
        header.timestamp_type,
        record.timestamp,
        size(&record.key),
        size(&record.value),
        header.sequence_at(record.offset),
        keys.join(","),
    );
    if header.is_control {
        line.push_str(&control_text(record));
        return line;
    }
    for (name, bytes) in [("key", &record.key), ("payload", &record.value)] {
        if let Some(bytes) = bytes {
            line.push_str(&format!(" {name}: {}", String::from_utf8_lossy(bytes)));
        }
    }
    line
}

fn control_text(record: &Record) -> String {
    let control_type = ControlType::parse(record.key.as_deref().unwrap_or_default());
    let name = control_type.map_or("UNKNOWN", ControlType::name);
    match crate::EndTransactionMarker::parse(record) {
        Ok(Some(marker)) => {
            format!(" endTxnMarker: {name} coordinatorEpoch: {}", marker.coordinator_epoch)
        }
        _ => format!(" controlType: {name}"),
    }
}

/// The name that a segment's files begin with: the base offset in twenty digits.
pub fn file_name(base_offset: Offset) -> String {
    format!("{:020}", base_offset.0)
}
