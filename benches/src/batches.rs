//! Record batches: written, read, and checked as a leader does, beside `kafka-protocol` and `rskafka`.

use std::io::Cursor;

use bytes::{Bytes, BytesMut};
use highwater_log::{
    Batch, BatchBuilder, BatchOptions, Compression, LeaderEpoch, Offset, TimestampMs,
};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::records as kp;
use rskafka::protocol::record as rs;
use rskafka::protocol::traits::{ReadType, WriteType};

use crate::compare::{Way, medians};

const SIZES: [usize; 3] = [1, 100, 10_000];
const BASE_TIMESTAMP: i64 = 1_700_000_000_000;

/// A record as an application has it.
struct Plain {
    timestamp: i64,
    key: Vec<u8>,
    value: Vec<u8>,
}

/// Prints a table: nanoseconds for each record, and how many times as long the others take.
pub fn print() {
    println!(
        "\nRecord batches: nanoseconds a record; times as long as Highwater (above 1, Highwater is faster)"
    );
    println!(
        "{:<9} {:<7} {:>7} {:>10} {:>15} {:>7} {:>10} {:>7}",
        "", "codec", "records", "highwater", "kafka-protocol", "times", "rskafka", "times"
    );
    for codec in Compression::ALL {
        for size in SIZES {
            let records = records(size);
            row("encode", codec, size, encoding(&records, codec));
            // What is read was written by the codecs that Kafka's own clients bind to, as in a real topic.
            let bytes = encode_kp(&as_kp(&records), codec);
            row("decode", codec, size, decoding(&bytes, size));
            row("validate", codec, size, validating(&bytes));
        }
    }
    println!(
        "validate: CRC, header and every record, keeping none; the others have only their decoder for it"
    );
}

fn row(what: &str, codec: Compression, size: usize, ways: Vec<Way<'_>>) {
    let seconds = medians(ways);
    let each: Vec<f64> = seconds.iter().map(|seconds| seconds * 1e9 / size as f64).collect();
    let [own, kp, rs] = each[..] else { panic!("three ways are compared") };
    println!(
        "{what:<9} {codec:<7} {size:>7} {own:>10.1} {kp:>15.1} {:>7.2} {rs:>10.1} {:>7.2}",
        kp / own,
        rs / own
    );
}

fn encoding<'a>(records: &'a [Plain], codec: Compression) -> Vec<Way<'a>> {
    let (for_kp, for_rs) = (as_kp(records), as_rs(records, codec));
    vec![
        Way::new(move || encode(records, codec)),
        Way::new(move || encode_kp(&for_kp, codec)),
        Way::new(move || {
            let mut bytes = Vec::new();
            for_rs.write(&mut bytes).expect("the batch can be written");
            bytes
        }),
    ]
}

fn decoding(bytes: &Bytes, size: usize) -> Vec<Way<'_>> {
    let own = || Batch::parse(bytes.clone()).and_then(|batch| batch.records());
    assert_eq!(own().map(|records| records.len()), Ok(size));
    vec![Way::new(own), Way::new(|| decode_kp(bytes)), Way::new(|| decode_rs(bytes))]
}

fn validating(bytes: &Bytes) -> Vec<Way<'_>> {
    let own = || {
        let batch = Batch::parse(bytes.clone()).expect("the batch is valid");
        batch.iter_records().expect("it decompresses").filter(|record| record.is_ok()).count()
    };
    vec![Way::new(own), Way::new(|| decode_kp(bytes)), Way::new(|| decode_rs(bytes))]
}

/// Records as a shop might write: a short key, and JSON that compresses as JSON does.
fn records(size: usize) -> Vec<Plain> {
    let record = |number: usize| {
        Plain {
        timestamp: BASE_TIMESTAMP + number as i64,
        key: format!("customer-{}", number * 7919 % 1_000).into_bytes(),
        value: format!(
            "{{\"order\":{number},\"item\":\"item-{}\",\"price\":{}.{:02},\"status\":\"shipped\",\"note\":\"leave at the door\"}}",
            number * 31 % 97,
            number % 400,
            number * 13 % 100
        )
        .into_bytes(),
    }
    };
    (0..size).map(record).collect()
}

fn encode(records: &[Plain], compression: Compression) -> Batch {
    let mut builder = BatchBuilder::new(BatchOptions { compression, ..BatchOptions::default() });
    for record in records {
        let (key, value) = (Some(&record.key[..]), Some(&record.value[..]));
        builder.append(TimestampMs(record.timestamp), key, value, &[]);
    }
    builder.build(Offset(0), LeaderEpoch::NONE)
}

fn as_kp(records: &[Plain]) -> Vec<kp::Record> {
    let record = |(offset, record): (i64, &Plain)| kp::Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: kp::NO_PARTITION_LEADER_EPOCH,
        producer_id: kp::NO_PRODUCER_ID,
        producer_epoch: kp::NO_PRODUCER_EPOCH,
        timestamp_type: kp::TimestampType::Creation,
        offset,
        // The encoder begins a batch anew where offset and sequence do not ascend together.
        sequence: offset as i32,
        timestamp: record.timestamp,
        key: Some(record.key.clone().into()),
        value: Some(record.value.clone().into()),
        headers: IndexMap::new(),
    };
    (0..).zip(records).map(record).collect()
}

fn encode_kp(records: &[kp::Record], codec: Compression) -> Bytes {
    let compression = match codec {
        Compression::None => kp::Compression::None,
        Compression::Gzip => kp::Compression::Gzip,
        Compression::Snappy => kp::Compression::Snappy,
        Compression::Lz4 => kp::Compression::Lz4,
        Compression::Zstd => kp::Compression::Zstd,
    };
    let mut bytes = BytesMut::new();
    let options = kp::RecordEncodeOptions { version: 2, compression };
    kp::RecordBatchEncoder::encode(&mut bytes, records, &options)
        .expect("the batch can be written");
    bytes.freeze()
}

fn decode_kp(bytes: &Bytes) -> Vec<kp::RecordSet> {
    kp::RecordBatchDecoder::decode_all(&mut bytes.clone()).expect("the batch can be read")
}

fn as_rs(records: &[Plain], codec: Compression) -> rs::RecordBatch {
    let record = |(offset_delta, record): (i32, &Plain)| rs::Record {
        timestamp_delta: record.timestamp - BASE_TIMESTAMP,
        offset_delta,
        key: Some(record.key.clone()),
        value: Some(record.value.clone()),
        headers: Vec::new(),
    };
    rs::RecordBatch {
        base_offset: 0,
        partition_leader_epoch: -1,
        last_offset_delta: records.len() as i32 - 1,
        first_timestamp: BASE_TIMESTAMP,
        max_timestamp: BASE_TIMESTAMP + records.len() as i64 - 1,
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        records: rs::ControlBatchOrRecords::Records((0..).zip(records).map(record).collect()),
        compression: match codec {
            Compression::None => rs::RecordBatchCompression::NoCompression,
            Compression::Gzip => rs::RecordBatchCompression::Gzip,
            Compression::Snappy => rs::RecordBatchCompression::Snappy,
            Compression::Lz4 => rs::RecordBatchCompression::Lz4,
            Compression::Zstd => rs::RecordBatchCompression::Zstd,
        },
        is_transactional: false,
        timestamp_type: rs::RecordBatchTimestampType::CreateTime,
    }
}

fn decode_rs(bytes: &Bytes) -> rs::RecordBatch {
    rs::RecordBatch::read(&mut Cursor::new(&bytes[..])).expect("the batch can be read")
}
