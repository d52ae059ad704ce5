//! Which byte of a batch is what: each field by Kafka's own name, with what it says.

use std::ops::Range;

use bytes::Bytes;

use crate::batch::Batch;
use crate::batch_header::{BATCH_OVERHEAD, BatchHeader};
use crate::error::{CorruptBatch, CorruptReason};
use crate::ids::Compression;
use crate::varint::{read_varint, read_varlong};

/// A run of bytes that means one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where it begins.
    pub at: usize,
    /// How many bytes it takes.
    pub len: usize,
    /// Kafka's name for it.
    pub name: &'static str,
    /// Whose it is.
    pub owner: FieldOwner,
    /// What it says. Of keys and values this is nothing: they are the application's.
    pub value: String,
}

/// What a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldOwner {
    /// The header of the batch.
    Header,
    /// The record at this place in the batch, from 0.
    Record(usize),
    /// All records, compressed into one run of bytes.
    Compressed,
}

impl Field {
    /// The bytes that it takes.
    pub fn range(&self) -> Range<usize> {
        self.at..self.at + self.len
    }

    /// Whether it holds what an application wrote: a key, a value, or part of a header.
    pub fn is_content(&self) -> bool {
        matches!(self.name, "key" | "value" | "headerKey" | "headerValue")
    }
}

impl Batch {
    /// The fields of the batch that lie in a window of its bytes, in order, as it stands in the segment. Compressed
    /// records are one field: see [`Batch::records_bytes`].
    ///
    /// # Errors
    /// If a record cannot be read.
    pub fn fields(&self, window: &Range<usize>) -> Result<Vec<Field>, CorruptBatch> {
        let mut sink = Sink { window: window.clone(), fields: Vec::new() };
        header_fields(self.header(), &mut sink);
        let rest = self.bytes().slice(BATCH_OVERHEAD..);
        if self.header().compression == Compression::None {
            let mut walk = Walk::new(&rest, BATCH_OVERHEAD, self.header());
            walk.records(&mut sink).ok_or(invalid())?;
        } else if !rest.is_empty() {
            let owner = FieldOwner::Compressed;
            let value = format!("compressed with {}", self.header().compression);
            sink.add(Field { at: BATCH_OVERHEAD, len: rest.len(), name: "records", owner, value });
        }
        Ok(sink.fields)
    }

    /// The fields of the records' bytes once they are decompressed, that lie in a window of them.
    ///
    /// # Errors
    /// If they cannot be decompressed, or a record cannot be read.
    pub fn record_fields(&self, window: &Range<usize>) -> Result<Vec<Field>, CorruptBatch> {
        let bytes = self.records_bytes()?;
        let mut sink = Sink { window: window.clone(), fields: Vec::new() };
        Walk::new(&bytes, 0, self.header()).records(&mut sink).ok_or(invalid())?;
        Ok(sink.fields)
    }
}

/// Keeps the fields that lie in a window.
struct Sink {
    window: Range<usize>,
    fields: Vec<Field>,
}

impl Sink {
    fn wants(&self, at: usize, len: usize) -> bool {
        at < self.window.end && at + len > self.window.start
    }

    fn add(&mut self, field: Field) {
        if self.wants(field.at, field.len) {
            self.fields.push(field);
        }
    }
}

fn header_fields(header: &BatchHeader, sink: &mut Sink) {
    let base_time = if header.has_delete_horizon {
        format!("{}, the delete horizon", header.base_timestamp)
    } else {
        header.base_timestamp.to_string()
    };
    let length = header.size_in_bytes - crate::batch_header::LOG_OVERHEAD;
    let fields = [
        (8, "baseOffset", header.base_offset.to_string()),
        (4, "batchLength", length.to_string()),
        (4, "partitionLeaderEpoch", header.leader_epoch.to_string()),
        (1, "magic", "2".to_owned()),
        (4, "crc", format!("{:#010x}", header.crc)),
        (2, "attributes", attributes(header)),
        (4, "lastOffsetDelta", header.last_offset_delta.to_string()),
        (8, "baseTimestamp", base_time),
        (8, "maxTimestamp", header.max_timestamp.to_string()),
        (8, "producerId", header.producer_id.to_string()),
        (2, "producerEpoch", header.producer_epoch.to_string()),
        (4, "baseSequence", header.base_sequence.to_string()),
        (4, "recordsCount", header.record_count.to_string()),
    ];
    let mut at = 0;
    for (len, name, value) in fields {
        sink.add(Field { at, len, name, owner: FieldOwner::Header, value });
        at += len;
    }
}

/// The attributes, bit by bit, as words.
fn attributes(header: &BatchHeader) -> String {
    let mut words =
        vec![format!("compression {}", header.compression), header.timestamp_type.to_string()];
    let flags = [
        (header.is_transactional, "transactional"),
        (header.is_control, "control"),
        (header.has_delete_horizon, "has a delete horizon"),
    ];
    words.extend(flags.iter().filter(|(set, _)| *set).map(|(_, word)| (*word).to_owned()));
    words.join(", ")
}

/// Goes through records, and tells each field. `None` where there is none to be read.
struct Walk<'a> {
    bytes: &'a Bytes,
    /// Where `bytes` begin in what is told.
    shift: usize,
    at: usize,
    header: &'a BatchHeader,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a Bytes, shift: usize, header: &'a BatchHeader) -> Self {
        Self { bytes, shift, at: 0, header }
    }

    fn records(&mut self, sink: &mut Sink) -> Option<()> {
        let mut index = 0;
        while self.at < self.bytes.len() {
            self.record(FieldOwner::Record(index), sink)?;
            index += 1;
        }
        Some(())
    }

    fn record(&mut self, owner: FieldOwner, sink: &mut Sink) -> Option<()> {
        let (base_time, base_offset) = (self.header.base_timestamp.0, self.header.base_offset.0);
        self.number(owner, "length", read_varint, sink, |_| None)?;
        self.run(owner, "attributes", 1, sink)?;
        self.number(owner, "timestampDelta", read_varlong, sink, |delta| {
            Some(format!("so the time is {}", base_time.wrapping_add(delta)))
        })?;
        self.number(owner, "offsetDelta", read_varint, sink, |delta| {
            Some(format!("so the offset is {}", base_offset.wrapping_add(delta)))
        })?;
        self.nullable(owner, "keyLength", "key", sink)?;
        self.nullable(owner, "valueLength", "value", sink)?;
        let headers = self.number(owner, "headersCount", read_varint, sink, |_| None)?;
        for _ in 0..headers {
            self.nullable(owner, "headerKeyLength", "headerKey", sink)?;
            self.nullable(owner, "headerValueLength", "headerValue", sink)?;
        }
        Some(())
    }

    /// A length and as many bytes; -1 stands for null.
    fn nullable(
        &mut self,
        owner: FieldOwner,
        length: &'static str,
        content: &'static str,
        sink: &mut Sink,
    ) -> Option<()> {
        let is_null = |length: i64| (length < 0).then(|| "null".to_owned());
        let length = self.number(owner, length, read_varint, sink, is_null)?;
        if length > 0 {
            self.run(owner, content, usize::try_from(length).ok()?, sink)?;
        }
        Some(())
    }

    /// A number of variable length; `read` says of which type.
    fn number<N: Into<i64>>(
        &mut self,
        owner: FieldOwner,
        name: &'static str,
        read: fn(&mut &[u8]) -> Option<N>,
        sink: &mut Sink,
        meaning: impl Fn(i64) -> Option<String>,
    ) -> Option<i64> {
        let mut rest = self.bytes.get(self.at..)?;
        let value = read(&mut rest)?.into();
        let next = self.bytes.len() - rest.len();
        let (at, len) = (self.shift + self.at, next - self.at);
        self.at = next;
        if sink.wants(at, len) {
            let meaning = meaning(value).map(|meaning| format!(", {meaning}"));
            let value = format!("{value}{}", meaning.unwrap_or_default());
            sink.add(Field { at, len, name, owner, value });
        }
        Some(value)
    }

    fn run(
        &mut self,
        owner: FieldOwner,
        name: &'static str,
        len: usize,
        sink: &mut Sink,
    ) -> Option<()> {
        let next = self.at.checked_add(len).filter(|next| *next <= self.bytes.len())?;
        let at = self.shift + self.at;
        let value = if name == "attributes" { "unused".to_owned() } else { String::new() };
        self.at = next;
        sink.add(Field { at, len, name, owner, value });
        Some(())
    }
}

fn invalid() -> CorruptBatch {
    CorruptBatch::new(0, CorruptReason::InvalidRecord)
}
