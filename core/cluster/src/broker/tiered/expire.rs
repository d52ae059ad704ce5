//! What `retention.ms`, `retention.bytes` and the log start let go of the remote tier: `RLMExpirationTask`. The leader
//! moves its log start first, and deletes then.

use highwater_log::{LeaderEpoch, Log, Offset, TimestampMs};

use super::copy::Copying;
use crate::broker::Broker;
use crate::ctx::Ctx;
use crate::ids::TopicPartition;
use crate::remote::cache::RemoteCache;
use crate::remote::lineage::{Lineage, copied, is_within, lineage};
use crate::remote::{RemoteSegment, RemoteSegmentId, RemoteSegmentState};

/// What is to go.
#[derive(Debug, Default)]
struct Expired {
    segments: Vec<RemoteSegment>,
    /// Where the log starts then, if it is retention that lets them go.
    log_start: Option<Offset>,
}

impl Broker {
    /// Looks for what is to go from the remote tier of a partition, unless some of it is going.
    pub(super) fn expire_remote_log(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        let Some(task) = self.process.tiered.tasks.get(partition) else { return };
        let Some(replica) = self.replicas.get(partition) else { return };
        if task.is_expiring {
            return;
        }
        let epoch = task.leader_epoch;
        let cache = self.process.tiered.metadata.cache(task.owner);
        let copying = task.copying.as_ref().map(Copying::id);
        let expired = expired(cache, &replica.log, copying, ctx.timestamp());
        if let Some(log_start) = expired.log_start {
            self.move_log_start(ctx, partition, log_start);
        }
        if expired.segments.is_empty() {
            return;
        }
        if let Some(task) = self.process.tiered.tasks.get_mut(partition) {
            task.is_expiring = true;
        }
        self.delete_segments(ctx, partition, expired.segments, Some(epoch));
    }
}

/// What is to go from the remote tier of a log. What is being copied, and all behind it, is left alone.
fn expired(
    cache: &RemoteCache,
    log: &Log,
    copying: Option<RemoteSegmentId>,
    now: TimestampMs,
) -> Expired {
    let leader = lineage(log.epoch_entries());
    let mut limits = Limits::of(cache, log, now);
    let mut expired = Expired::default();
    'epochs: for &epoch in leader.keys() {
        for segment in cache.of_epoch(epoch) {
            if copying == Some(segment.id) {
                break 'epochs;
            }
            if expired.segments.contains(segment) {
                continue;
            }
            // An earlier attempt has failed.
            if segment.state == RemoteSegmentState::DeleteStarted {
                expired.segments.push(segment.clone());
                continue;
            }
            let is_below = is_below_log_start(segment, log.log_start_offset(), &leader);
            let is_valid = !is_below && is_within(segment, log.log_end_offset(), &leader);
            let is_over = is_valid && limits.let_go(segment);
            if is_over {
                expired.log_start = expired.log_start.max(Some(segment.end_offset.next()));
            }
            if is_below || is_over {
                expired.segments.push(segment.clone());
            } else if is_valid {
                break 'epochs;
            }
        }
    }
    expired.segments.extend(unreferenced(cache, log, copying));
    expired
}

/// Segments of epochs before the first that the leader knows: an unclean election left them behind.
fn unreferenced(
    cache: &RemoteCache,
    log: &Log,
    copying: Option<RemoteSegmentId>,
) -> Vec<RemoteSegment> {
    let Some(earliest) = log.epoch_cache().earliest() else { return Vec::new() };
    let is_before =
        |segment: &&RemoteSegment| segment.epochs.iter().all(|entry| entry.epoch < earliest.epoch);
    let is_other = |segment: &&RemoteSegment| copying != Some(segment.id);
    cache.all().filter(is_before).filter(is_other).cloned().collect()
}

fn is_below_log_start(segment: &RemoteSegment, log_start: Offset, leader: &Lineage) -> bool {
    let Some((&first, _)) = leader.first_key_value() else { return false };
    segment.end_offset < log_start
        && segment.epochs.iter().map(|entry| entry.epoch).all(|epoch: LeaderEpoch| epoch <= first)
}

/// How much more retention lets go.
struct Limits {
    /// Segments whose records are all as old as this go.
    until: Option<TimestampMs>,
    /// So many bytes are too many.
    excess_bytes: u64,
}

impl Limits {
    fn of(cache: &RemoteCache, log: &Log, now: TimestampMs) -> Self {
        let config = log.config();
        let until = (config.retention_ms > -1)
            .then(|| TimestampMs(now.0.saturating_sub(config.retention_ms)));
        let excess_bytes = u64::try_from(config.retention_bytes).map_or(0, |allowed| {
            let remote: u64 = copied(cache, log).iter().map(|segment| segment.size_bytes).sum();
            (remote + log.only_local_size_in_bytes() as u64).saturating_sub(allowed)
        });
        Self { until, excess_bytes }
    }

    fn let_go(&mut self, segment: &RemoteSegment) -> bool {
        let is_too_old = self.until.is_some_and(|until| segment.max_timestamp <= until);
        if is_too_old {
            self.excess_bytes = self.excess_bytes.saturating_sub(segment.size_bytes);
            return true;
        }
        match self.excess_bytes.checked_sub(segment.size_bytes) {
            Some(rest) if self.excess_bytes > 0 => {
                self.excess_bytes = rest;
                true
            }
            _ => false,
        }
    }
}
