//! One record, and its bytes within a batch (magic 2).

use bytes::Bytes;

use crate::batch_header::BatchHeader;
use crate::error::CorruptReason;
use crate::ids::{Offset, TimestampMs, TimestampType};
use crate::varint::{
    read_varint, read_varlong, size_of_varint, size_of_varlong, write_varint, write_varlong,
};

/// A record's header (KIP-82). Keys may repeat, and their order is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// UTF-8 by convention; not checked, as in Kafka's log.
    pub key: Bytes,
    /// `None` is null, which is not the same as empty.
    pub value: Option<Bytes>,
}

/// A record as a consumer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Its position in the partition.
    pub offset: Offset,
    /// The producer's time, or the append time of its batch, by the batch's timestamp type.
    pub timestamp: TimestampMs,
    /// `None` is null.
    pub key: Option<Bytes>,
    /// `None` is null: a tombstone in a compacted topic.
    pub value: Option<Bytes>,
    /// In the order in which they were written.
    pub headers: Vec<Header>,
}

/// The fewest bytes a record takes: length, attributes, two deltas, two lengths, a count of headers.
pub(crate) const MIN_RECORD_BYTES: usize = 7;

/// A record at most this much longer than its key, value and headers: `DefaultRecord.MAX_RECORD_OVERHEAD`.
const MAX_RECORD_OVERHEAD: usize = 21;

/// The bytes that a record takes in a batch whose base it differs from by these deltas.
pub(crate) fn size_of_record(
    offset_delta: i32,
    timestamp_delta: i64,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header],
) -> usize {
    let body = 1
        + size_of_varlong(timestamp_delta)
        + size_of_varint(offset_delta)
        + size_of_content(key, value, headers);
    size_of_varint(body as i32) + body
}

/// What a record takes at most, whatever its deltas: `DefaultRecord.recordSizeUpperBound`.
pub(crate) fn record_size_upper_bound(
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header],
) -> usize {
    MAX_RECORD_OVERHEAD + size_of_content(key, value, headers)
}

/// Appends a record's bytes.
pub(crate) fn write_record(
    out: &mut Vec<u8>,
    offset_delta: i32,
    timestamp_delta: i64,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header],
) {
    let body = 1
        + size_of_varlong(timestamp_delta)
        + size_of_varint(offset_delta)
        + size_of_content(key, value, headers);
    write_varint(out, body as i32);
    out.push(0); // Attributes: none are in use.
    write_varlong(out, timestamp_delta);
    write_varint(out, offset_delta);
    write_nullable(out, key);
    write_nullable(out, value);
    write_varint(out, headers.len() as i32);
    for header in headers {
        write_nullable(out, Some(&header.key));
        write_nullable(out, header.value.as_deref());
    }
}

/// Takes one record off `bytes` at `position`, which moves past it. Keys and values are slices of `bytes`.
pub(crate) fn read_record(
    bytes: &Bytes,
    position: &mut usize,
    batch: &BatchHeader,
) -> Result<Record, CorruptReason> {
    let mut rest = &bytes[*position..];
    let length = read_varint(&mut rest).ok_or(CorruptReason::InvalidRecord)?;
    let start = bytes.len() - rest.len();
    let length = usize::try_from(length).map_err(|_| CorruptReason::InvalidRecord)?;
    if length > rest.len() {
        return Err(CorruptReason::InvalidRecord);
    }
    let mut reader = BodyReader { bytes, rest: &rest[..length], end: start + length };
    let record = reader.record(batch).ok_or(CorruptReason::InvalidRecord)?;
    if !reader.rest.is_empty() {
        return Err(CorruptReason::InvalidRecord);
    }
    *position = reader.end;
    Ok(record)
}

/// Reads a record's body, which ends at `end` of `bytes`.
struct BodyReader<'a> {
    bytes: &'a Bytes,
    rest: &'a [u8],
    end: usize,
}

impl BodyReader<'_> {
    fn record(&mut self, batch: &BatchHeader) -> Option<Record> {
        let (_attributes, rest) = self.rest.split_first()?;
        self.rest = rest;
        let timestamp_delta = read_varlong(&mut self.rest)?;
        let offset_delta = read_varint(&mut self.rest)?;
        let key = self.nullable()?;
        let value = self.nullable()?;
        let timestamp = match batch.timestamp_type {
            TimestampType::CreateTime => {
                TimestampMs(batch.base_timestamp.0.wrapping_add(timestamp_delta))
            }
            TimestampType::LogAppendTime => batch.max_timestamp,
        };
        let offset = Offset(batch.base_offset.0.wrapping_add(i64::from(offset_delta)));
        Some(Record { offset, timestamp, key, value, headers: self.headers()? })
    }

    fn headers(&mut self) -> Option<Vec<Header>> {
        let count = usize::try_from(read_varint(&mut self.rest)?).ok()?;
        // A header takes at least two bytes, so a count that the rest cannot hold is refused before anything is kept.
        if count > self.rest.len() / 2 {
            return None;
        }
        (0..count)
            .map(|_| Some(Header { key: self.nullable()??, value: self.nullable()? }))
            .collect()
    }

    /// A length and as many bytes; the inner `None` is null.
    fn nullable(&mut self) -> Option<Option<Bytes>> {
        let length = read_varint(&mut self.rest)?;
        if length < 0 {
            return Some(None);
        }
        let length = usize::try_from(length).ok()?;
        let start = self.end - self.rest.len();
        self.rest = self.rest.get(length..)?;
        Some(Some(self.bytes.slice(start..start + length)))
    }
}

fn size_of_content(key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Header]) -> usize {
    let of_headers = |header: &Header| {
        size_of_nullable(Some(&header.key)) + size_of_nullable(header.value.as_deref())
    };
    size_of_nullable(key)
        + size_of_nullable(value)
        + size_of_varint(headers.len() as i32)
        + headers.iter().map(of_headers).sum::<usize>()
}

fn size_of_nullable(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(1, |bytes| size_of_varint(bytes.len() as i32) + bytes.len())
}

fn write_nullable(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        None => write_varint(out, -1),
        Some(bytes) => {
            write_varint(out, bytes.len() as i32);
            out.extend_from_slice(bytes);
        }
    }
}
