//! Every byte of a recorded segment has a name.

use std::path::Path;

use bytes::Bytes;
use highwater_log::{Batch, Field, FieldOwner, split_batches};

/// Every byte of a recorded segment belongs to exactly one field, and the fields say what the records are.
#[track_caller]
fn check(segment: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle/segment");
    let bytes = std::fs::read(folder.join(segment)).expect("the recording is there");
    let (batches, corrupt) = split_batches(bytes.into());
    assert_eq!(corrupt, None, "{segment}");
    for batch in &batches {
        let all = batch.fields(&(0..usize::MAX)).expect("it can be read");
        tiles(&all, batch.bytes().len());
        let unpacked = batch.records_bytes().expect("it can be decompressed");
        let inner = batch.record_fields(&(0..usize::MAX)).expect("they can be read");
        tiles(&inner, unpacked.len());
        says_the_records(batch, &unpacked, &inner);
        windows_agree(batch, &all);
    }
    batches.len()
}

#[track_caller]
fn tiles(fields: &[Field], size: usize) {
    let mut at = 0;
    for field in fields {
        assert_eq!(field.at, at, "{field:?} leaves a gap, or overlaps");
        assert!(field.len > 0, "{field:?} is empty");
        at += field.len;
    }
    assert_eq!(at, size, "bytes after the last field");
}

#[track_caller]
fn says_the_records(batch: &Batch, unpacked: &Bytes, fields: &[Field]) {
    for (index, record) in batch.records().expect("they can be read").iter().enumerate() {
        let own = |name| {
            let is_own =
                |field: &&Field| field.owner == FieldOwner::Record(index) && field.name == name;
            fields.iter().find(is_own)
        };
        let content = |name| own(name).map(|field: &Field| unpacked.slice(field.range()));
        assert_eq!(content("key").unwrap_or_default(), record.key.clone().unwrap_or_default());
        assert_eq!(content("value").unwrap_or_default(), record.value.clone().unwrap_or_default());
        let offset = &own("offsetDelta").expect("each record has one").value;
        assert!(offset.ends_with(&format!("so the offset is {}", record.offset)), "{offset}");
    }
}

/// What is asked for in pieces is what is asked for at once.
#[track_caller]
fn windows_agree(batch: &Batch, all: &[Field]) {
    for start in (0..batch.bytes().len()).step_by(37) {
        let window = start..start + 37;
        let some = batch.fields(&window).expect("it can be read");
        let overlaps =
            |field: &&Field| field.at < window.end && field.at + field.len > window.start;
        let expected: Vec<_> = all.iter().filter(overlaps).cloned().collect();
        assert_eq!(some, expected, "{window:?}");
    }
}

#[test]
fn every_byte_of_a_recorded_segment_has_a_name() {
    let batches = check("orders-0.00000000000000000000.log");
    assert!(batches > 10, "{batches} batches were looked at");
    check("seg-none-0.00000000000000000000.log");
}

#[test]
fn compressed_records_are_named_once_they_are_decompressed() {
    check("seg-gzip-0.00000000000000000000.log");
}
