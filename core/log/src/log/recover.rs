//! Starting again from the bytes of segments: Kafka's `LogLoader`, after an unclean stop.

use bytes::Bytes;

use super::Log;
use super::segments::Segments;
use crate::batch::Batch;
use crate::config::LogConfig;
use crate::error::CorruptBatch;
use crate::ids::{Offset, TimestampMs};
use crate::producer::ProducerStateManager;
use crate::segment::Segment;

impl Log {
    /// Builds a log from the `.log` files of its segments, each with its base offset: indexes, epochs, producers and
    /// transactions follow from the batches. Recovery ends at the first batch that is torn, corrupt, or does not go on from
    /// the one before; it and all after it are gone, and why is answered. The high watermark is the log start, until the
    /// caller sets it from its checkpoint.
    pub fn recover(
        config: LogConfig,
        files: impl IntoIterator<Item = (Offset, Bytes)>,
        now: TimestampMs,
    ) -> (Self, Option<CorruptBatch>) {
        Self::recover_with(config, files, ProducerStateManager::default(), now)
    }

    /// As [`Log::recover`], of a log that had this state before: what lies in the remote tier is in no segment on the disk,
    /// but the epochs and the producers of it are in files of their own.
    pub fn recover_tiered(
        &self,
        files: impl IntoIterator<Item = (Offset, Bytes)>,
        now: TimestampMs,
    ) -> (Self, Option<CorruptBatch>) {
        let producers = self.segments.first().snapshot().from_snapshot();
        let (mut log, corrupt) = Self::recover_with(self.config.clone(), files, producers, now);
        log.epochs = self.epochs.clone();
        log.epochs.truncate_from_end(log.log_end_offset);
        log.local_log_start_offset = log.log_start_offset;
        log.log_start_offset = self.log_start_offset.min(log.log_end_offset);
        log.finish_recovery(now);
        (log, corrupt)
    }

    fn recover_with(
        config: LogConfig,
        files: impl IntoIterator<Item = (Offset, Bytes)>,
        producers: ProducerStateManager,
        now: TimestampMs,
    ) -> (Self, Option<CorruptBatch>) {
        let mut log = Self::new(config);
        let mut first = true;
        for (base_offset, bytes) in files {
            if base_offset.0 < 0 || (!first && base_offset < log.log_end_offset) {
                break;
            }
            let (segment, corrupt) =
                Segment::recover(base_offset, bytes, log.config.index_interval_bytes);
            if first {
                log.segments = Segments::with_snapshot(base_offset, producers.clone());
                log.producers = producers.clone();
                log.log_start_offset = base_offset;
                first = false;
            } else if base_offset > log.active_segment().base_offset() {
                log.log_end_offset = base_offset;
                log.roll_at(base_offset, now);
            }
            segment.batches().for_each(|batch| log.take_back(batch.clone(), now));
            log.log_end_offset = segment.next_offset();
            if corrupt.is_some() {
                log.finish_recovery(now);
                return (log, corrupt);
            }
        }
        log.finish_recovery(now);
        (log, None)
    }

    /// Appends a batch that was in the log before, as it stands.
    fn take_back(&mut self, batch: Batch, now: TimestampMs) {
        let header = batch.header();
        if header.leader_epoch.0 >= 0 {
            self.epochs.assign(header.leader_epoch, header.base_offset);
        }
        let aborted = self.replay(&batch);
        let active = self.segments.active_mut();
        active.append(batch, self.config.index_interval_bytes, now);
        aborted.into_iter().for_each(|aborted| active.append_aborted(aborted));
    }

    fn finish_recovery(&mut self, now: TimestampMs) {
        self.high_watermark = self.log_start_offset;
        self.flush();
        self.remove_expired_producers(now);
    }
}
