//! What of a replica outlives a power loss. A producer's acknowledgement does not wait for the disk:
//! Kafka relies on replication, and leaves it to the operating system when to write. Only what was
//! flushed is certain: closed segments, what `flush.messages` and `flush.ms` ask for, and all logs at
//! a controlled shutdown.
//!
//! A real system would have written some of the rest by itself before the power went, most often all
//! that is older than half a minute. Here the worst is taken: nothing of it.

use bytes::{Bytes, BytesMut};
use highwater_log::{Log, Offset, Segment, TimestampMs};

use crate::broker::replica::Replica;
use crate::rng::Stream;
use crate::time::{Span, Time};

/// What is known of a log and its disk.
#[derive(Clone, Debug, Default)]
pub(super) struct Durability {
    flushed: Offset,
    last_flush: Time,
    /// After a power loss, what is left of the batch that was being written; empty if it is nothing.
    torn_tail: Option<Bytes>,
}

/// What a log lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LostTail {
    /// Where it ended.
    pub(super) from: Offset,
    /// Where it ends now.
    pub(super) to: Offset,
    /// The bytes that are left of the first lost batch.
    pub(super) torn_bytes: u32,
}

impl Replica {
    /// Something was appended: notes the time if the log has been flushed because of it.
    pub(super) fn note_flush(&mut self, now: Time) {
        let flushed = self.log.flushed_offset();
        if flushed != self.durability.flushed {
            self.durability.flushed = flushed;
            self.durability.last_flush = now;
        }
    }

    /// Flushes the log unless that was done within `age`.
    pub(super) fn flush_if_older(&mut self, age: Span, now: Time) {
        let is_dirty = self.log.flushed_offset() < self.log.log_end_offset();
        if is_dirty && now.since(self.durability.last_flush) >= age {
            self.log.flush();
            self.note_flush(now);
        }
    }

    /// The power goes. Tells what is lost, if anything is.
    pub(super) fn lose_power(&mut self, random: &mut Stream) -> Option<LostTail> {
        let (from, to) = (self.log.log_end_offset(), self.log.flushed_offset());
        let torn_tail = if to < from { torn_batch(&self.log, to, random) } else { Bytes::new() };
        self.log.lose_unflushed();
        let torn_bytes = torn_tail.len() as u32;
        self.durability.torn_tail = Some(torn_tail);
        (to < from).then_some(LostTail { from, to, torn_bytes })
    }

    /// Reads the log back from its bytes, if the power went while it was open. Tells whether there
    /// was a torn batch at its end, which is gone now.
    pub(super) fn recover(&mut self, now: TimestampMs) -> Option<bool> {
        let torn_tail = self.durability.torn_tail.take()?;
        let mut files: Vec<(Offset, BytesMut)> = self.log.segments().map(file).collect();
        if let Some((_, active)) = files.last_mut() {
            active.extend_from_slice(&torn_tail);
        }
        let files = files.into_iter().map(|(base, bytes)| (base, bytes.freeze()));
        let (high_watermark, start) = (self.log.high_watermark(), self.log.log_start_offset());
        let (mut log, corrupt) = if self.log.config().remote_storage {
            self.log.recover_tiered(files, now)
        } else {
            Log::recover(self.log.config().clone(), files, now)
        };
        // The log start and the high watermark have checkpoint files of their own.
        log.set_high_watermark(log.log_end_offset());
        let start = start.min(log.log_end_offset());
        log.increment_log_start_offset(start).expect("it is not beyond the high watermark");
        log.set_high_watermark(high_watermark);
        self.log = log.into();
        Some(corrupt.is_some())
    }
}

/// The bytes of a segment's file.
fn file(segment: &Segment) -> (Offset, BytesMut) {
    let mut bytes = BytesMut::with_capacity(segment.size_in_bytes());
    segment.batches().for_each(|batch| bytes.extend_from_slice(batch.bytes()));
    (segment.base_offset(), bytes)
}

/// What is on the disk of the first batch that was not flushed: often nothing, sometimes its beginning.
fn torn_batch(log: &Log, flushed: Offset, random: &mut Stream) -> Bytes {
    let first = log.batches_from(flushed).find(|batch| batch.base_offset() >= flushed);
    let Some(batch) = first.filter(|_| random.below(2) == 0) else { return Bytes::new() };
    let bytes = batch.bytes();
    bytes.slice(..random.below(bytes.len() as u64) as usize)
}
