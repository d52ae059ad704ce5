//! The settings of one log, by Kafka's names.

use crate::ids::{Compression, TimestampType};
use crate::ratio::Ratio;

/// A topic's settings as they concern one log, with Kafka's defaults. Times in milliseconds, sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `segment.bytes`: the active segment is rolled before it would grow beyond this.
    pub segment_bytes: usize,
    /// `segment.ms`: the active segment is rolled once its first batch is older than this.
    pub segment_ms: i64,
    /// `segment.jitter.ms` as drawn for this log: by how much earlier than `segment_ms` it rolls.
    pub segment_jitter_ms: i64,
    /// `segment.index.bytes`: a segment is rolled when either of its indexes is this large.
    pub segment_index_bytes: usize,
    /// `index.interval.bytes`: at least so much log lies between two entries of the offset index.
    pub index_interval_bytes: usize,
    /// `max.message.bytes`: the greatest batch that is accepted.
    pub max_message_bytes: usize,
    /// `message.timestamp.type`.
    pub message_timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`: how far before the broker's time a record's timestamp may lie.
    pub message_timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`: how far after the broker's time a record's timestamp may lie.
    pub message_timestamp_after_max_ms: i64,
    /// `compression.type`; `None` is `producer`: batches keep the codec that they came with.
    pub compression_type: Option<Compression>,
    /// `cleanup.policy` contains `compact`: records must then have keys.
    pub compact: bool,
    /// `cleanup.policy` contains `delete`.
    pub delete: bool,
    /// `min.cleanable.dirty.ratio`: the log is cleaned once a greater part of its bytes than this is dirty.
    pub min_cleanable_dirty_ratio: Ratio,
    /// `min.compaction.lag.ms`: a segment with a record younger than this is not cleaned.
    pub min_compaction_lag_ms: i64,
    /// `max.compaction.lag.ms`: a dirty record older than this makes the log due, whatever the ratio (KIP-354).
    pub max_compaction_lag_ms: i64,
    /// `delete.retention.ms`: how long a tombstone, or the marker of a transaction, is kept once the cleaner has met it.
    pub delete_retention_ms: i64,
    /// `retention.ms`; -1 for no limit.
    pub retention_ms: i64,
    /// `retention.bytes`; -1 for no limit.
    pub retention_bytes: i64,
    /// Whether the log has a remote tier: `remote.storage.enable`, where the broker has tiered storage and the topic may
    /// use it (KIP-405).
    pub remote_storage: bool,
    /// `remote.log.copy.disable`: what is in the remote tier is read, and nothing more goes there (KIP-950).
    pub remote_copy_disable: bool,
    /// `local.retention.ms`; -2 for what `retention_ms` says, -1 for no limit.
    pub local_retention_ms: i64,
    /// `local.retention.bytes`; -2 for what `retention_bytes` says, -1 for no limit.
    pub local_retention_bytes: i64,
    /// `flush.messages`: after so many unflushed records the log is flushed.
    pub flush_messages: i64,
    /// `producer.id.expiration.ms` of the broker: when a producer that has no transaction open is forgotten.
    pub producer_id_expiration_ms: i64,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// `local.retention.ms` and `local.retention.bytes` that say nothing of their own: as much stays on the broker's disk as is
/// kept at all.
pub const AS_IN_ALL: i64 = -2;

impl LogConfig {
    /// Whether closed segments go to the remote tier. Then a segment leaves the disk only once it is there.
    pub fn copies_to_remote(&self) -> bool {
        self.remote_storage && !self.remote_copy_disable
    }

    /// How long a segment stays on the disk, in milliseconds; -1 for no limit.
    pub fn disk_retention_ms(&self) -> i64 {
        let is_own = self.copies_to_remote() && self.local_retention_ms != AS_IN_ALL;
        if is_own { self.local_retention_ms } else { self.retention_ms }
    }

    /// How many bytes of the log stay on the disk; -1 for no limit.
    pub fn disk_retention_bytes(&self) -> i64 {
        let is_own = self.copies_to_remote() && self.local_retention_bytes != AS_IN_ALL;
        if is_own { self.local_retention_bytes } else { self.retention_bytes }
    }

    /// How old a segment may grow: `segment.ms`, or under compaction `max.compaction.lag.ms` if that is shorter, since the
    /// active segment is not cleaned (KIP-354).
    pub fn max_segment_ms(&self) -> i64 {
        if self.compact && self.max_compaction_lag_ms > 0 {
            self.segment_ms.min(self.max_compaction_lag_ms)
        } else {
            self.segment_ms
        }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 1 << 30,
            segment_ms: 7 * DAY_MS,
            segment_jitter_ms: 0,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4096,
            max_message_bytes: (1 << 20) + 12,
            message_timestamp_type: TimestampType::CreateTime,
            message_timestamp_before_max_ms: i64::MAX,
            message_timestamp_after_max_ms: 60 * 60 * 1000,
            compression_type: None,
            compact: false,
            delete: true,
            min_cleanable_dirty_ratio: Ratio::HALF,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
            delete_retention_ms: DAY_MS,
            retention_ms: 7 * DAY_MS,
            retention_bytes: -1,
            remote_storage: false,
            remote_copy_disable: false,
            local_retention_ms: AS_IN_ALL,
            local_retention_bytes: AS_IN_ALL,
            flush_messages: i64::MAX,
            producer_id_expiration_ms: DAY_MS,
        }
    }
}
