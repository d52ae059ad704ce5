//! Family record-batch: bytes that Kafka wrote, and what they hold.

use std::path::Path;

use bytes::Bytes;
use highwater_scenario::cluster::log::{
    Batch, BatchBuilder, BatchOptions, Compression, Header, Record, split_batches, varint,
};
use serde_json::{Value, json};

use super::report::{Replayed, Report, same};
use super::world::unhex;

/// Replays `batches.jsonl` and `varints.jsonl`.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("record-batch");
    report.add_folder(dir, name, replay);
    report
}

fn name(scenario: &Value) -> String {
    match scenario["name"].as_str() {
        Some(name) => name.to_owned(),
        None => format!("varint {}", scenario["value"]),
    }
}

fn replay(scenario: &Value) -> Replayed {
    if scenario.get("hex").is_some() { replay_batches(scenario) } else { replay_varint(scenario) }
}

fn replay_batches(scenario: &Value) -> Replayed {
    let (batches, corrupt) = split_batches(unhex(&scenario["hex"]).expect("the buffer").into());
    same("split_batches", None, corrupt)?;
    let expected = scenario["batches"].as_array().expect("batches are a list");
    same("number of batches", expected.len(), batches.len())?;
    for (index, (expected, batch)) in expected.iter().zip(&batches).enumerate() {
        compare_header(index, expected, batch)?;
        compare_records(index, expected, batch)?;
        build_again(index, batch)?;
    }
    Ok(())
}

fn compare_header(index: usize, expected: &Value, batch: &Batch) -> Replayed {
    let header = batch.header();
    let got = json!({
        "baseOffset": header.base_offset.0,
        "lastOffset": header.last_offset().0,
        "sizeInBytes": header.size_in_bytes,
        "magic": 2,
        "crc": header.crc,
        "compression": header.compression.name(),
        "timestampType": header.timestamp_type.to_string(),
        "maxTimestamp": header.max_timestamp.0,
        "partitionLeaderEpoch": header.leader_epoch.0,
        "producerId": header.producer_id.0,
        "producerEpoch": header.producer_epoch.0,
        "baseSequence": header.base_sequence.0,
        "lastSequence": header.last_sequence().0,
        "isTransactional": header.is_transactional,
        "isControl": header.is_control,
    });
    for (field, expected) in expected.as_object().expect("a batch is an object") {
        if field != "records" {
            same(format!("batch {index} {field}"), expected, &got[field])?;
        }
    }
    Ok(())
}

fn compare_records(index: usize, expected: &Value, batch: &Batch) -> Replayed {
    let expected = expected["records"].as_array().expect("records are a list");
    let records = match batch.records() {
        Ok(records) => records,
        Err(corrupt) => {
            return same(
                format!("batch {index} records"),
                "records".to_owned(),
                corrupt.to_string(),
            );
        }
    };
    same(format!("batch {index} number of records"), expected.len(), records.len())?;
    for (place, (expected, record)) in expected.iter().zip(&records).enumerate() {
        same(format!("batch {index} record {place}"), expected, &describe(batch, record))?;
    }
    Ok(())
}

fn describe(batch: &Batch, record: &Record) -> Value {
    let header =
        |header: &Header| json!([String::from_utf8_lossy(&header.key), hex(header.value.as_ref())]);
    json!({
        "offset": record.offset.0,
        "timestamp": record.timestamp.0,
        "sequence": batch.header().sequence_at(record.offset).0,
        "key_hex": hex(record.key.as_ref()),
        "value_hex": hex(record.value.as_ref()),
        "headers": record.headers.iter().map(header).collect::<Vec<_>>(),
    })
}

/// Builds the batch anew: uncompressed to the same bytes, compressed to the same records.
fn build_again(index: usize, batch: &Batch) -> Replayed {
    let header = batch.header();
    let mut builder = BatchBuilder::new(BatchOptions {
        compression: header.compression,
        timestamp_type: header.timestamp_type,
        producer_id: header.producer_id,
        producer_epoch: header.producer_epoch,
        base_sequence: header.base_sequence,
        is_transactional: header.is_transactional,
        is_control: header.is_control,
    });
    let records = batch.records().expect("read before");
    for record in &records {
        builder.append(
            record.timestamp,
            record.key.as_deref(),
            record.value.as_deref(),
            &record.headers,
        );
    }
    let built = builder.build(header.base_offset, header.leader_epoch);
    same(format!("batch {index} built again, records"), Ok(records), built.records())?;
    if header.compression == Compression::None {
        same(
            format!("batch {index} built again"),
            hex(Some(batch.bytes())),
            hex(Some(built.bytes())),
        )?;
    }
    Ok(())
}

fn replay_varint(scenario: &Value) -> Replayed {
    let value: i64 =
        scenario["value"].as_str().and_then(|value| value.parse().ok()).expect("a number");
    let mut out = Vec::new();
    varint::write_varlong(&mut out, value);
    same("varlong", &scenario["varlong_zigzag_hex"], &json!(hex(Some(&out.clone().into()))))?;
    same("varlong size", varint::size_of_varlong(value), out.len())?;
    same("varlong read", Some(value), varint::read_varlong(&mut out.as_slice()))?;
    let Some(expected) = scenario.get("unsigned_varint_hex") else {
        return Ok(());
    };
    let value = u32::try_from(value).expect("an unsigned number");
    let mut out = Vec::new();
    varint::write_unsigned_varint(&mut out, value);
    same("unsigned varint", expected, &json!(hex(Some(&out.clone().into()))))?;
    same("unsigned varint read", Some(value), varint::read_unsigned_varint(&mut out.as_slice()))
}

fn hex(bytes: Option<&Bytes>) -> Option<String> {
    bytes.map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
