//! What the families that drive a log have in common.

use bytes::Bytes;
use highwater_scenario::cluster::log::{
    AppendError, AppendInfo, Batch, BatchBuilder, BatchOptions, ControlType, EndTransactionMarker,
    LeaderEpoch, Log, LogConfig, Offset, ProducerEpoch, ProducerId, Ratio, Sequence, TimestampMs,
    TimestampType, TransactionVersion,
};
use serde_json::{Value, json};

use super::report::{Difference, Replayed, same};

/// When the mock clock of the recordings starts.
pub const START: TimestampMs = TimestampMs(1_700_000_000_000);

/// A log and the clock it is handed.
pub struct World {
    pub log: Log,
    pub now: TimestampMs,
}

/// Timestamp, key and value.
type Row<'a> = (TimestampMs, &'a [u8], Option<&'a [u8]>);

/// Which batch to append.
struct Write<'a> {
    records: Vec<Row<'a>>,
    options: BatchOptions,
    epoch: LeaderEpoch,
}

impl World {
    /// A log with a recording's settings.
    fn new(config: &Value) -> Self {
        Self { log: Log::new(log_config(config)), now: START }
    }

    /// Does the operations of a scenario one after the other, and compares the state after each. What
    /// they left behind comes back, to be compared too.
    pub fn replay(
        scenario: &Value,
        mut step: impl FnMut(&mut Self, usize, &str, &Value) -> Replayed,
    ) -> Result<Self, Difference> {
        let mut world = Self::new(&scenario["config"]);
        let ops = scenario["ops"].as_array().expect("operations");
        for (index, op) in ops.iter().enumerate() {
            let at = format!("{index} {}", op["op"]);
            step(&mut world, index, &at, op)?;
            world.compare_state(&at, op)?;
            if op.get("hwAfter").is_some() {
                world.log.set_high_watermark(Offset(int(op, "hwAfter")));
            }
        }
        Ok(world)
    }

    /// Appends the records that an operation lists with timestamp, key and value.
    pub fn append_listed(&mut self, at: &str, op: &Value) -> Replayed {
        let rows = op["records"].as_array().expect("records are a list");
        let records = rows.iter().map(|row| {
            let timestamp = TimestampMs(row[0].as_i64().expect("a timestamp"));
            (
                timestamp,
                row[1].as_str().expect("a key").as_bytes(),
                row[2].as_str().map(str::as_bytes),
            )
        });
        let records = records.collect();
        self.append(
            at,
            op,
            Write { records, options: producer_options(op), epoch: leader_epoch(op) },
        )
    }

    /// Appends as many records as an operation says, all with key `k` and the same value.
    pub fn append_counted(&mut self, at: &str, op: &Value, value: &str) -> Replayed {
        let record = (self.now, &b"k"[..], Some(value.as_bytes()));
        let records = vec![record; int(op, "count") as usize];
        self.append(
            at,
            op,
            Write { records, options: producer_options(op), epoch: leader_epoch(op) },
        )
    }

    /// Ends a transaction, and compares size, offset or error.
    pub fn end_transaction(
        &mut self,
        at: &str,
        op: &Value,
        version: TransactionVersion,
    ) -> Replayed {
        let marker =
            EndTransactionMarker { commit: op["commit"] == json!(true), coordinator_epoch: 0 };
        let result = self.log.append_end_transaction(
            ProducerId(int(op, "pid")),
            ProducerEpoch(int(op, "producerEpoch") as i16),
            marker,
            leader_epoch(op),
            version,
            self.now,
        );
        if let Ok(info) = &result {
            same(format!("{at} sizeInBytes"), &op["sizeInBytes"], &json!(info.size_in_bytes))?;
        }
        compare_append(at, op, result)
    }

    /// Compares every batch that is in the log with a recorded list.
    pub fn compare_log(&self, at: &str, expected: &Value) -> Replayed {
        let expected = expected.as_array().expect("a log is a list of batches");
        let got = final_log(&self.log);
        for (index, (expected, got)) in expected.iter().zip(&got).enumerate() {
            same(format!("{at} {index}"), expected, got)?;
        }
        same(format!("{at} length"), expected.len(), got.len())
    }

    /// Appends one batch, and compares size, offsets or error.
    fn append(&mut self, at: &str, op: &Value, write: Write) -> Replayed {
        let mut builder = BatchBuilder::new(write.options);
        for (timestamp, key, value) in write.records {
            builder.append(timestamp, Some(key), value, &[]);
        }
        let bytes = builder.build(Offset(0), LeaderEpoch::NONE).bytes().clone();
        same(format!("{at} sizeInBytes"), &op["sizeInBytes"], &json!(bytes.len()))?;
        let result = self.log.append_as_leader(&bytes, write.epoch, self.now);
        compare_append(at, op, result)
    }

    /// Compares the offsets of the log with an operation's `state`, if it has one.
    fn compare_state(&self, at: &str, op: &Value) -> Replayed {
        let Some(state) = op.get("state") else {
            return Ok(());
        };
        let log = &self.log;
        let got = json!({
            "logStartOffset": log.log_start_offset().0,
            "highWatermark": log.high_watermark().0,
            "lastStableOffset": log.last_stable_offset().0,
            "logEndOffset": log.log_end_offset().0,
            "segments": log.segments().map(|segment| segment.base_offset().0).collect::<Vec<_>>(),
        });
        same(format!("{at} state"), state.to_string(), got.to_string())
    }
}

/// Compares an append's offsets, or its error by name.
fn compare_append(at: &str, op: &Value, result: Result<AppendInfo, AppendError>) -> Replayed {
    let (expected, got) = match (op.get("error"), result) {
        (Some(error), result) => (
            error.to_string(),
            result.map_or_else(
                |error| json!(error_name(&error)).to_string(),
                |info| format!("{info:?}"),
            ),
        ),
        (None, Ok(info)) => (
            format!("{}..={}", op["firstOffset"], op["lastOffset"]),
            format!("{}..={}", info.first_offset, info.last_offset),
        ),
        (None, Err(error)) => {
            (format!("{}..={}", op["firstOffset"], op["lastOffset"]), error.to_string())
        }
    };
    same(at, expected, got)
}

/// Every batch that is in the log, as recordings list them.
fn final_log(log: &Log) -> Vec<Value> {
    let batches = log
        .segments()
        .flat_map(|segment| segment.batches().map(move |batch| (segment.base_offset(), batch)));
    batches.map(|(segment, batch)| describe(segment, batch)).collect()
}

fn describe(segment: Offset, batch: &Batch) -> Value {
    let header = batch.header();
    let control_type = batch.control_type().expect("a control batch has a known type");
    let records: Vec<Value> = batch
        .records()
        .expect("what was appended can be read")
        .iter()
        .map(|record| {
            let text = |bytes: &Option<Bytes>| {
                bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            };
            match control_type.map(ControlType::name) {
                Some(name) => json!([record.offset.0, record.timestamp.0, name, null]),
                None => json!([
                    record.offset.0,
                    record.timestamp.0,
                    text(&record.key),
                    text(&record.value)
                ]),
            }
        })
        .collect();
    let mut fields = json!({
        "segment": segment.0,
        "baseOffset": header.base_offset.0,
        "lastOffset": header.last_offset().0,
        "records": records,
    });
    let mut set = |name: &str, value: Value| fields[name] = value;
    if header.is_control {
        set("control", json!(true));
    }
    if header.is_transactional {
        set("txn", json!(true));
    }
    if header.has_producer_id() {
        set("pid", json!(header.producer_id.0));
        set("epoch", json!(header.producer_epoch.0));
        set("baseSequence", json!(header.base_sequence.0));
    }
    if let Some(horizon) = header.delete_horizon() {
        set("deleteHorizonMs", json!(horizon.0));
    }
    fields
}

/// The options of an operation that names a producer.
fn producer_options(op: &Value) -> BatchOptions {
    if op.get("pid").is_none() {
        return BatchOptions::default();
    }
    BatchOptions {
        producer_id: ProducerId(int(op, "pid")),
        producer_epoch: ProducerEpoch(int(op, "producerEpoch") as i16),
        base_sequence: Sequence(int(op, "baseSequence") as i32),
        is_transactional: op["txn"] == json!(true),
        ..BatchOptions::default()
    }
}

/// A field that must be a number.
pub fn int(value: &Value, field: &str) -> i64 {
    value[field].as_i64().unwrap_or_else(|| panic!("{field} is a number in {value}"))
}

/// Bytes written as hex.
pub fn unhex(value: &Value) -> Option<Vec<u8>> {
    let text = value.as_str()?;
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// The leader epoch of an operation.
fn leader_epoch(op: &Value) -> LeaderEpoch {
    LeaderEpoch(int(op, "leaderEpoch") as i32)
}

/// A scenario's name: its seed.
pub fn seed(scenario: &Value) -> String {
    format!("seed {}", scenario["seed"])
}

fn log_config(config: &Value) -> LogConfig {
    let mut log = LogConfig::default();
    for (name, value) in config.as_object().expect("a config is an object") {
        let number = value.as_i64().unwrap_or_default();
        match name.as_str() {
            "internal.segment.bytes" | "segment.bytes" => log.segment_bytes = number as usize,
            "segment.ms" => log.segment_ms = number,
            "delete.retention.ms" => log.delete_retention_ms = number,
            "min.compaction.lag.ms" => log.min_compaction_lag_ms = number,
            "max.compaction.lag.ms" => log.max_compaction_lag_ms = number,
            "min.cleanable.dirty.ratio" => {
                log.min_cleanable_dirty_ratio =
                    Ratio::parse(&value.to_string()).expect("a ratio is a decimal number");
            }
            "retention.ms" => log.retention_ms = number,
            "retention.bytes" => log.retention_bytes = number,
            "message.timestamp.type" if value == "LogAppendTime" => {
                log.message_timestamp_type = TimestampType::LogAppendTime;
            }
            "cleanup.policy" => {
                let policies: Vec<&str> = value.as_str().unwrap_or_default().split(',').collect();
                log.compact = policies.contains(&"compact");
                log.delete = policies.contains(&"delete");
            }
            "file.delete.delay.ms" | "message.timestamp.type" => {}
            name => panic!("the recording sets {name}, which the replay does not know"),
        }
    }
    log
}

/// The name of Kafka's exception.
fn error_name(error: &AppendError) -> &'static str {
    match error {
        AppendError::CorruptMessage(_) => "CorruptRecordException",
        AppendError::MessageTooLarge { .. } => "RecordTooLargeException",
        AppendError::RecordListTooLarge { .. } => "RecordBatchTooLargeException",
        AppendError::InvalidTimestamp { .. } => "InvalidTimestampException",
        AppendError::InvalidRecord { .. } => "InvalidRecordException",
        AppendError::OutOfOrderSequence { .. } => "OutOfOrderSequenceException",
        AppendError::InvalidProducerEpoch { .. } => "InvalidProducerEpochException",
        AppendError::TransactionCoordinatorFenced { .. } => "TransactionCoordinatorFencedException",
        AppendError::InvalidTxnState { .. } => "InvalidTxnStateException",
        AppendError::UnexpectedAppendOffset { .. } => "UnexpectedAppendOffsetException",
        AppendError::OffsetsOutOfOrder { .. } => "OffsetsOutOfOrderException",
    }
}
