//! What a leader checks of batches before it gives them offsets: Kafka's `LogValidator`.

use super::AppendOrigin;
use crate::batch::Batch;
use crate::builder::{BatchBuilder, BatchOptions};
use crate::config::LogConfig;
use crate::error::{AppendError, RecordError};
use crate::ids::{LeaderEpoch, Offset, TimestampMs, TimestampType};
use crate::record::Record;

/// A batch that may be appended, and the timestamp that it shall carry.
pub(super) struct Validated {
    batch: Batch,
    stamp: (TimestampType, TimestampMs),
}

/// What is wrong with one record.
enum Refusal {
    Timestamp(TimestampMs, String),
    Record(&'static str),
}

impl Validated {
    /// The batch at its place in the log.
    pub(super) fn place(&self, base_offset: Offset, epoch: LeaderEpoch) -> Batch {
        self.batch.placed(base_offset, epoch, Some(self.stamp))
    }
}

/// Checks how many batches there are, where they begin, and their sizes.
pub(super) fn check_batches(
    batches: &[Batch],
    origin: AppendOrigin,
    config: &LogConfig,
) -> Result<(), AppendError> {
    if batches.is_empty() {
        return invalid("Record batch has no batches at all");
    }
    if origin == AppendOrigin::Client && batches.len() > 1 {
        return invalid("Record batch has more than one batch");
    }
    for batch in batches {
        let base_offset = batch.base_offset();
        if origin == AppendOrigin::Client && base_offset != Offset(0) {
            return invalid(format!(
                "The baseOffset of the record batch in the append should be 0, but it is {base_offset}"
            ));
        }
        check_size(batch, config)?;
    }
    Ok(())
}

/// Checks a batch and its records, and brings it to the topic's compression and timestamp type.
pub(super) fn validate(
    batch: &Batch,
    origin: AppendOrigin,
    config: &LogConfig,
    now: TimestampMs,
) -> Result<Validated, AppendError> {
    if origin == AppendOrigin::Client {
        check_client_header(batch)?;
    }
    if batch.header().timestamp_type == TimestampType::LogAppendTime {
        let errors = vec![RecordError {
            batch_index: 0,
            message: "Invalid timestamp type in message. Producer should not set timestamp type to LogAppendTime."
                .to_owned(),
        }];
        return Err(AppendError::InvalidTimestamp {
            timestamp: batch.header().max_timestamp,
            errors,
        });
    }
    let max_timestamp = check_records(batch, config, now)?;
    let stamp = match config.message_timestamp_type {
        TimestampType::LogAppendTime => (TimestampType::LogAppendTime, now),
        TimestampType::CreateTime => (TimestampType::CreateTime, max_timestamp),
    };
    let batch = match config.compression_type {
        Some(codec) if codec != batch.header().compression && !batch.header().is_control => {
            let options = BatchOptions { compression: codec, ..options_of(batch) };
            let rebuilt = rebuild(batch, options)?;
            check_size(&rebuilt, config)?;
            rebuilt
        }
        _ => batch.clone(),
    };
    Ok(Validated { batch, stamp })
}

/// What only a client can get wrong.
fn check_client_header(batch: &Batch) -> Result<(), AppendError> {
    let header = batch.header();
    let (count, covered) = (header.record_count, i64::from(header.last_offset_delta) + 1);
    if count == 0 {
        return invalid(format!("Invalid reported count for record batch: {count}"));
    }
    if i64::from(count) != covered {
        return invalid(format!(
            "Inconsistent batch offset range [{}, {}] and count of records {count}",
            header.base_offset,
            header.last_offset()
        ));
    }
    if header.is_control {
        return invalid("Clients are not allowed to write control records");
    }
    if header.has_producer_id() && header.base_sequence.0 < 0 {
        return invalid(format!(
            "Invalid sequence number {} in record batch with producerId {}",
            header.base_sequence, header.producer_id
        ));
    }
    Ok(())
}

/// Checks every record; answers their greatest timestamp.
fn check_records(
    batch: &Batch,
    config: &LogConfig,
    now: TimestampMs,
) -> Result<TimestampMs, AppendError> {
    let mut refused: Vec<(usize, Refusal)> = Vec::new();
    let mut max_timestamp = TimestampMs::NONE;
    for (index, record) in batch.iter_records()?.enumerate() {
        let record = record?;
        if record.offset - batch.base_offset() != index as i64 {
            return invalid(format!(
                "Record {index} of the batch does not follow the one before it"
            ));
        }
        max_timestamp = max_timestamp.max(record.timestamp);
        refused.extend(check_record(&record, config, now).map(|refusal| (index, refusal)));
    }
    match refused.first() {
        None => Ok(max_timestamp),
        Some((_, Refusal::Timestamp(timestamp, _))) => Err(AppendError::InvalidTimestamp {
            timestamp: *timestamp,
            errors: record_errors(&refused),
        }),
        Some((_, Refusal::Record(_))) => Err(AppendError::InvalidRecord {
            message: format!(
                "One or more records have been rejected due to {} record errors in total",
                refused.len()
            ),
            errors: record_errors(&refused),
        }),
    }
}

fn check_record(record: &Record, config: &LogConfig, now: TimestampMs) -> Option<Refusal> {
    if config.compact && record.key.is_none() {
        return Some(Refusal::Record(
            "Compacted topic cannot accept message without key in topic partition.",
        ));
    }
    let timestamp = record.timestamp;
    if config.message_timestamp_type == TimestampType::LogAppendTime
        || timestamp == TimestampMs::NONE
    {
        return None;
    }
    let earliest = now.0.saturating_sub(config.message_timestamp_before_max_ms);
    let latest = now.0.saturating_add(config.message_timestamp_after_max_ms);
    if (earliest..=latest).contains(&timestamp.0) {
        return None;
    }
    let message = format!(
        "Timestamp {timestamp} of message with offset {} is out of range. The timestamp should be within [{earliest}, {latest}]",
        record.offset
    );
    Some(Refusal::Timestamp(timestamp, message))
}

fn check_size(batch: &Batch, config: &LogConfig) -> Result<(), AppendError> {
    let (size, max_message_bytes) = (batch.size_in_bytes(), config.max_message_bytes);
    if size > max_message_bytes {
        Err(AppendError::MessageTooLarge { size, max_message_bytes })
    } else {
        Ok(())
    }
}

fn options_of(batch: &Batch) -> BatchOptions {
    let header = batch.header();
    BatchOptions {
        compression: header.compression,
        timestamp_type: header.timestamp_type,
        producer_id: header.producer_id,
        producer_epoch: header.producer_epoch,
        base_sequence: header.base_sequence,
        is_transactional: header.is_transactional,
        is_control: header.is_control,
    }
}

fn rebuild(batch: &Batch, options: BatchOptions) -> Result<Batch, AppendError> {
    let mut builder = BatchBuilder::new(options);
    for record in batch.iter_records()? {
        let record = record?;
        builder.append(
            record.timestamp,
            record.key.as_deref(),
            record.value.as_deref(),
            &record.headers,
        );
    }
    Ok(builder.build(Offset(0), LeaderEpoch::NONE))
}

fn record_errors(refused: &[(usize, Refusal)]) -> Vec<RecordError> {
    let error = |(batch_index, refusal): &(usize, Refusal)| RecordError {
        batch_index: *batch_index,
        message: match refusal {
            Refusal::Timestamp(_, message) => message.clone(),
            Refusal::Record(message) => (*message).to_owned(),
        },
    };
    refused.iter().map(error).collect()
}

fn invalid<T>(message: impl Into<String>) -> Result<T, AppendError> {
    Err(AppendError::InvalidRecord { message: message.into(), errors: Vec::new() })
}
