//! Retention: whole segments go by age, by size, and when they lie below the log start; and producers are forgotten that
//! have been silent for long.

use std::sync::Arc;

use highwater_log::Offset;

use crate::broker::Broker;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::TopicPartition;
use crate::remote::event::RemoteEvent;
use crate::time::Span;
use crate::timer::Timer;

impl Broker {
    /// Begins what a broker does with its logs from time to time.
    pub(super) fn start_log_tasks(&mut self, ctx: &mut Ctx<'_>) {
        ctx.set_timer(at_least_a_moment(self.config.log_initial_task_delay), Timer::RetentionCheck);
        ctx.set_timer(
            at_least_a_moment(self.config.producer_id_expiration_check_interval),
            Timer::ProducerIdExpiration,
        );
        self.run_cleaner(ctx);
    }

    /// Deletes what retention lets go, on every replica that the cleaner does not look after.
    pub(super) fn check_retention(&mut self, ctx: &mut Ctx<'_>) {
        self.delete_old_segments(ctx, false);
        ctx.set_timer(
            at_least_a_moment(self.config.log_retention_check_interval),
            Timer::RetentionCheck,
        );
    }

    pub(super) fn expire_producers(&mut self, ctx: &mut Ctx<'_>) {
        for replica in self.replicas.values_mut() {
            replica.log.remove_expired_producers(ctx.timestamp());
        }
        ctx.set_timer(
            at_least_a_moment(self.config.producer_id_expiration_check_interval),
            Timer::ProducerIdExpiration,
        );
    }

    /// Deletes old segments of the logs that are compacted, or of those that are not.
    pub(super) fn delete_old_segments(&mut self, ctx: &mut Ctx<'_>, of_compacted: bool) {
        let logs = self.replicas.iter_mut();
        for (partition, replica) in
            logs.filter(|(_, replica)| replica.log.config().compact == of_compacted)
        {
            let (from, size) = (replica.log.log_start_offset(), replica.log.size_in_bytes());
            let count = replica.log.delete_old_segments(ctx.timestamp());
            if count == 0 {
                continue;
            }
            let size_bytes = (size - replica.log.size_in_bytes()) as u64;
            ctx.note_log_shrink(size_bytes);
            let is_leader = replica.leader().is_some();
            if replica.log.config().copies_to_remote() {
                ctx.emit(EventKind::Remote(Arc::new(RemoteEvent::DeletedLocally {
                    broker: self.id,
                    partition: partition.clone(),
                    count: count as u32,
                    size_bytes,
                    local_log_start_offset: replica.log.local_log_start_offset(),
                    is_leader,
                })));
                continue;
            }
            let event = ctx.emit(EventKind::SegmentsDeleted {
                broker: self.id,
                partition: partition.clone(),
                count: count as u32,
                size_bytes,
                log_start_offset: replica.log.log_start_offset(),
            });
            let to = replica.log.log_start_offset();
            if to > from {
                ctx.emit_because(event, log_start_moved(self.id, partition, from, to, is_leader));
            }
        }
    }

    /// A follower learns where its leader's log starts: its own starts there too.
    pub(super) fn follow_log_start(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        leader_log_start: Offset,
    ) {
        let Some(replica) = self.replicas.get_mut(partition) else { return };
        let from = replica.log.log_start_offset();
        if leader_log_start <= from {
            return;
        }
        // A start beyond the own high watermark is for a later fetch, which brings what is missing.
        if replica.log.increment_log_start_offset(leader_log_start) == Ok(true) {
            ctx.emit(log_start_moved(self.id, partition, from, leader_log_start, false));
        }
    }
}

/// A replica's log starts further up.
pub(super) fn log_start_moved(
    broker: crate::ids::BrokerId,
    partition: &TopicPartition,
    from: Offset,
    to: Offset,
    is_leader: bool,
) -> EventKind {
    EventKind::LogStartOffsetMoved { broker, partition: partition.clone(), from, to, is_leader }
}

/// A task whose interval is set to 0 would run for ever at one instant: Kafka refuses most of these settings below 1.
pub(super) fn at_least_a_moment(interval: Span) -> Span {
    interval.max(Span::from_millis(1))
}
