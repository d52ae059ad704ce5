//! A broker's disk when it misbehaves: slow, full, or without power.
//!
//! One disk does one append after another. Whatever is to be appended waits for its turn as the
//! request handler or fetcher thread of a broker would: produce requests, records that were fetched
//! from a leader, and what the group coordinator writes for commits and assignments.

use std::collections::BTreeMap;

use kafka_protocol::error::ResponseError;

use crate::broker::{Broker, Sent};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::fault::{DiskView, FaultEvent};
use crate::input::Input;
use crate::message::{Request, Response};
use crate::rng::Stream;
use crate::time::{Span, Time};
use crate::timer::Timer;

/// The disk, whatever process uses it.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    append: Span,
    is_full: bool,
}

/// What a process has to do with its disk.
#[derive(Clone, Debug, Default)]
pub(super) struct Writes {
    next: u64,
    /// When the last append that was asked for will be done.
    busy_until: Time,
    pub(super) waiting: BTreeMap<u64, Input>,
    /// Whether a write failed: the only log directory is offline.
    has_failed: bool,
}

impl Broker {
    /// Lets each append take this long.
    pub(crate) fn slow_disk(&mut self, append: Span) {
        self.disk.append = append;
    }

    /// Fills the disk or makes room on it; false if it is so already.
    pub(crate) fn set_disk_full(&mut self, is_full: bool) -> bool {
        std::mem::replace(&mut self.disk.is_full, is_full) != is_full
    }

    /// The machine loses power: the process is gone, and of the logs what was not flushed. Tells what
    /// each log lost.
    pub(crate) fn lose_power(&mut self, random: &mut Stream) -> Vec<FaultEvent> {
        let mut lost = Vec::new();
        for (partition, replica) in &mut self.replicas {
            let Some(tail) = replica.lose_power(random) else { continue };
            lost.push(FaultEvent::UnflushedLost {
                broker: self.id,
                partition: partition.clone(),
                from: tail.from,
                to: tail.to,
                torn_bytes: tail.torn_bytes,
            });
        }
        self.killed();
        lost
    }

    pub(super) fn disk_view(&self) -> DiskView {
        DiskView {
            append: self.disk.append,
            is_full: self.disk.is_full,
            waiting: self.process.writes.waiting.len() as u32,
        }
    }

    /// Lets an input wait until the disk has done its appends; gives it back if it need not.
    pub(super) fn unless_disk_is_slow(&mut self, ctx: &mut Ctx<'_>, input: Input) -> Option<Input> {
        let is_idle = self.disk.append == Span::ZERO && self.process.writes.waiting.is_empty();
        if is_idle {
            return Some(input);
        }
        let appends = self.appends(&input);
        if appends == 0 {
            return Some(input);
        }
        let time = Span(self.disk.append.0.saturating_mul(appends));
        let writes = &mut self.process.writes;
        writes.busy_until = writes.busy_until.max(ctx.now()) + time;
        writes.next += 1;
        writes.waiting.insert(writes.next, input);
        ctx.set_timer(writes.busy_until.since(ctx.now()), Timer::DiskWrite(writes.next));
        None
    }

    /// The disk has done the appends of an input: now they are there.
    pub(super) fn disk_written(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        if let Some(input) = self.process.writes.waiting.remove(&id) {
            self.handle_at_once(ctx, input);
        }
    }

    /// Whether the disk refuses a write. The log directory is offline then, and the process ends once
    /// it is done with what it handles: a broker without a live log directory cannot go on (KIP-112).
    pub(super) fn write_fails(&mut self) -> bool {
        self.process.writes.has_failed |= self.disk.is_full;
        self.process.writes.has_failed
    }

    /// Ends the process if its only log directory has failed: at once, without a controlled shutdown.
    pub(super) fn halt_if_log_dir_failed(&mut self, ctx: &mut Ctx<'_>) {
        if !self.process.writes.has_failed {
            return;
        }
        let event = ctx.emit(EventKind::Fault(FaultEvent::LogDirFailed { broker: self.id }));
        ctx.because(event);
        self.killed();
        ctx.broker_halted(self.id);
    }

    /// After a power loss, logs are read back from their bytes. What is torn goes.
    pub(super) fn recover_logs(&mut self, ctx: &mut Ctx<'_>) {
        for (partition, replica) in &mut self.replicas {
            let Some(is_torn) = replica.recover(ctx.timestamp()) else { continue };
            if is_torn {
                ctx.emit(EventKind::Fault(FaultEvent::TornBatchDropped {
                    broker: self.id,
                    partition: partition.clone(),
                    log_end_offset: replica.log.log_end_offset(),
                }));
            }
        }
    }

    /// Flushes the logs that were not for `flush.ms`, if `log.flush.scheduler.interval.ms` is set: by
    /// default nothing is flushed by time, and the operating system writes when it likes.
    pub(super) fn flush_dirty_logs(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        let of_the_broker = match self.config.log_flush_interval_ms {
            i64::MAX => self.config.log_flush_scheduler_interval_ms,
            given => given,
        };
        for (partition, replica) in &mut self.replicas {
            let own = self.process.image.topic_config(&partition.topic, "flush.ms");
            let flush_ms = own.and_then(|text| text.parse().ok()).unwrap_or(of_the_broker);
            replica.flush_if_older(Span::from_millis(flush_ms), now);
        }
        self.schedule_flush(ctx);
    }

    pub(super) fn schedule_flush(&mut self, ctx: &mut Ctx<'_>) {
        /// `log.flush.scheduler.interval.ms` when it is not given: never.
        const NEVER: i64 = i64::MAX;
        let interval_ms = self.config.log_flush_scheduler_interval_ms;
        if interval_ms != NEVER {
            ctx.set_timer(Span::from_millis(interval_ms.max(1)), Timer::LogFlush);
        }
    }

    /// How many appends follow from an input.
    fn appends(&self, input: &Input) -> u64 {
        let count = match input {
            Input::Request(_, Request::Produce(body)) => {
                body.topic_data.iter().map(|topic| topic.partition_data.len()).sum()
            }
            Input::Request(_, Request::OffsetCommit(_)) => 1,
            Input::Request(_, Request::SyncGroup(body)) => {
                usize::from(!body.assignments.is_empty())
            }
            Input::Response(id, Response::Fetch(body)) => match self.process.requests.get(id) {
                Some(Sent::ReplicaFetch(_)) => body
                    .responses
                    .iter()
                    .flat_map(|topic| &topic.partitions)
                    .filter(|data| data.records.as_ref().is_some_and(|it| !it.is_empty()))
                    .count(),
                _ => 0,
            },
            _ => 0,
        };
        count as u64
    }
}

/// What a write to a disk that takes none is refused with.
pub(super) fn storage_error() -> (ResponseError, String) {
    let error = ResponseError::KafkaStorageError;
    (error, error.to_string())
}
