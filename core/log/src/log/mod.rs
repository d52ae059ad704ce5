//! One replica of a partition: Kafka's `UnifiedLog`.

mod append;
mod cleaned;
mod read;
mod recover;
mod retention;
mod segments;
mod tiered;
mod truncate;
mod validate;

use crate::config::LogConfig;
use crate::epoch_cache::{EpochEntry, LeaderEpochCache};
use crate::ids::{LeaderEpoch, Offset, TimestampMs};
use crate::producer::ProducerStateManager;
use crate::segment::Segment;
use segments::Segments;

pub use append::{AppendInfo, AppendOrigin};
pub use tiered::{RemoteState, TierableSegment};

/// A log: segments of batches, and what follows from them. Cloning shares all that is written, and costs the same
/// however long the log is.
///
/// ```
/// use highwater_log::{BatchBuilder, BatchOptions, LeaderEpoch, Log, LogConfig, Offset, TimestampMs};
///
/// let mut batch = BatchBuilder::new(BatchOptions::default());
/// batch.append(TimestampMs(1_000), Some(b"key"), Some(b"value"), &[]);
/// let bytes = batch.build(Offset(0), LeaderEpoch::NONE).bytes().clone();
///
/// let mut log = Log::new(LogConfig::default());
/// log.append_as_leader(&bytes, LeaderEpoch(0), TimestampMs(1_000)).unwrap();
/// assert_eq!(log.log_end_offset(), Offset(1));
/// assert_eq!(log.high_watermark(), Offset(0));
/// ```
#[derive(Clone, Debug)]
pub struct Log {
    config: LogConfig,
    segments: Segments,
    epochs: LeaderEpochCache,
    producers: ProducerStateManager,
    log_start_offset: Offset,
    /// Where what is on the disk begins, if that is above the log start: the rest is in the remote tier (KIP-405).
    local_log_start_offset: Offset,
    /// The last offset that is known to be in the remote tier.
    highest_offset_in_remote: Option<Offset>,
    /// Not always the end of the last batch: truncation to an offset within a batch takes the whole batch, yet the log
    /// goes on at that offset.
    log_end_offset: Offset,
    high_watermark: Offset,
    flushed_offset: Offset,
    cleaner_checkpoint: Option<Offset>,
}

impl Log {
    /// An empty log that begins at offset 0.
    pub fn new(config: LogConfig) -> Self {
        Self {
            config,
            segments: Segments::new(Offset(0), None),
            epochs: LeaderEpochCache::default(),
            producers: ProducerStateManager::default(),
            log_start_offset: Offset(0),
            local_log_start_offset: Offset(0),
            highest_offset_in_remote: None,
            log_end_offset: Offset(0),
            high_watermark: Offset(0),
            flushed_offset: Offset(0),
            cleaner_checkpoint: None,
        }
    }

    /// The settings.
    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    /// Changes the settings; they hold from the next call on.
    pub fn set_config(&mut self, config: LogConfig) {
        self.config = config;
    }

    /// The first offset that may be read. Batches below it may still be there, until their segment is deleted.
    pub fn log_start_offset(&self) -> Offset {
        self.log_start_offset
    }

    /// The offset that the next record gets.
    pub fn log_end_offset(&self) -> Offset {
        self.log_end_offset
    }

    /// The offset below which all in-sync replicas have all records.
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// The offset below which readers of committed records may read: the high watermark, or where the first transaction
    /// begins that is open or whose marker is not below the high watermark.
    pub fn last_stable_offset(&self) -> Offset {
        let unstable = self.first_unstable_offset().unwrap_or(self.high_watermark);
        unstable.min(self.high_watermark)
    }

    /// Where the first transaction begins that is open or whose marker is not below the high watermark; not below the log
    /// start.
    pub fn first_unstable_offset(&self) -> Option<Offset> {
        self.producers.first_unstable_offset().map(|offset| offset.max(self.log_start_offset))
    }

    /// Sets the high watermark, which is kept between log start and log end. It may go back: after truncation it does, and
    /// it is the caller who knows whether that is right.
    pub fn set_high_watermark(&mut self, offset: Offset) {
        self.high_watermark = offset.clamp(self.log_start_offset, self.log_end_offset);
        self.producers.remove_unreplicated(self.high_watermark);
    }

    /// The epoch of the last entry of the epoch cache.
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.latest().map(|entry| entry.epoch)
    }

    /// The epoch cache, as the file `leader-epoch-checkpoint` holds it.
    pub fn epoch_entries(&self) -> impl DoubleEndedIterator<Item = EpochEntry> + '_ {
        self.epochs.entries()
    }

    /// The epoch cache.
    pub fn epoch_cache(&self) -> &LeaderEpochCache {
        &self.epochs
    }

    /// Notes where an epoch begins: a new leader does so at its log end.
    pub fn assign_epoch_start(&mut self, epoch: LeaderEpoch, start_offset: Offset) {
        self.epochs.assign(epoch, start_offset);
    }

    /// The greatest epoch known that is not above the one asked for, and where it ended (KIP-101, KIP-279); see
    /// [`LeaderEpochCache::end_offset_for`].
    pub fn end_offset_for_epoch(&self, epoch: LeaderEpoch) -> Option<(LeaderEpoch, Offset)> {
        self.epochs.end_offset_for(epoch, self.log_end_offset)
    }

    /// The producers that the log knows.
    pub fn producer_state(&self) -> &ProducerStateManager {
        &self.producers
    }

    /// Forgets producers that have not written for `producer.id.expiration.ms`.
    pub fn remove_expired_producers(&mut self, now: TimestampMs) {
        self.producers.remove_expired(now, self.config.producer_id_expiration_ms);
    }

    /// The segments, oldest first; the last is the active one.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> + ExactSizeIterator {
        self.segments.iter()
    }

    /// The segment that is appended to.
    pub fn active_segment(&self) -> &Segment {
        self.segments.active()
    }

    /// The bytes of all segments' batches.
    pub fn size_in_bytes(&self) -> usize {
        self.segments().map(Segment::size_in_bytes).sum()
    }

    /// The offset below which everything is on disk: Kafka's recovery point.
    pub fn flushed_offset(&self) -> Offset {
        self.flushed_offset
    }

    /// Writes everything to disk.
    pub fn flush(&mut self) {
        self.flushed_offset = self.log_end_offset;
    }

    /// Closes the active segment and begins one at the log end. The closed one is flushed, and the state of producers is
    /// kept with the new one. Nothing happens if the active segment is empty already.
    pub fn roll(&mut self, now: TimestampMs) {
        self.roll_at(self.log_end_offset, now);
    }

    fn roll_at(&mut self, expected_next: Offset, now: TimestampMs) {
        let base_offset = expected_next.max(self.log_end_offset);
        self.segments.roll(Segment::new(base_offset, Some(now), self.producers.clone()));
        self.flushed_offset = self.flushed_offset.max(base_offset);
    }
}
