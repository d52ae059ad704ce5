//! The application behind a producer: makes records at a rate, made up or read from a file.

use std::sync::Arc;

use bytes::Bytes;

use crate::client::Alarm;
use crate::ctx::Ctx;
use crate::ids::TopicName;
use crate::producer::batch::NewRecord;
use crate::producer::{ProducerConfig, Source};
use crate::time::{Span, Time};
use crate::timer::Timer;

/// At higher rates, records are made in groups, one group each millisecond.
const GROUPED_FROM: u64 = 1_000;
const TICK_MICROS: u128 = 1_000;
const MICROS_PER_SECOND: u128 = 1_000_000;

/// The application behind a producer.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    topic: TopicName,
    source: Source,
    rate: u64,
    /// How many records there are in all; none if there is no end.
    total: Option<u64>,
    /// What the bounds of the world count a record as: one, and one more for each KiB.
    weight: u64,
    max_value_bytes: usize,
    /// When the record was due from whose time on the others are counted.
    began: Time,
    /// How many records were due since then and are made.
    made_since: u64,
    /// How many records are made in all.
    made: u64,
    /// The record that `send` did not take yet, and since when it waits.
    blocked: Option<(NewRecord, Time)>,
    max_block: Span,
    next: Alarm,
    give_up: Alarm,
}

impl Workload {
    pub(super) fn new(config: &ProducerConfig, now: Time) -> Self {
        let in_source = match &config.source {
            Source::File { records, repeat } if !repeat || records.is_empty() => {
                Some(records.len() as u64)
            }
            _ => None,
        };
        let total = match (in_source, config.limit) {
            (Some(records), Some(limit)) => Some(records.min(limit)),
            (records, limit) => records.or(limit),
        };
        let max_value_bytes = config.max_request_size as usize;
        Self {
            weight: 1 + average_bytes(&config.source, max_value_bytes) / 1_024,
            topic: config.topic.clone(),
            source: config.source.clone(),
            rate: u64::from(config.rate_per_second),
            total,
            max_value_bytes,
            began: now,
            made_since: 0,
            made: 0,
            blocked: None,
            max_block: Span::from_millis(config.max_block_ms),
            next: Alarm::default(),
            give_up: Alarm::default(),
        }
    }

    /// Whether there is nothing more to send.
    pub(super) fn is_done(&self) -> bool {
        self.total.is_some_and(|total| self.made >= total) && self.blocked.is_none()
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.is_some()
    }

    /// Whether a record is due.
    pub(super) fn is_due(&self, now: Time) -> bool {
        self.rate > 0 && !self.is_done() && self.due_by(now) > self.made_since
    }

    /// The application waited in another call than `send`, and does not make up for it.
    pub(super) fn waited(&mut self, span: Span) {
        self.began += span;
    }

    /// How many records are due now, of `most` that may be made. None if the bounds of the world do not allow them: then the run
    /// stands still, and this is asked again a millisecond after it goes on.
    pub(super) fn due(&mut self, ctx: &mut Ctx<'_>, most: u64) -> Option<u64> {
        if self.is_blocked() || self.rate == 0 {
            return Some(0);
        }
        let left = self.total.map_or(most, |total| most.min(total - self.made));
        let due = self.due_by(ctx.now()).saturating_sub(self.made_since).min(left);
        if due > 0 && !ctx.charge(due.saturating_mul(self.weight)) {
            self.next.set(ctx, Some(ctx.now() + Span(TICK_MICROS as u64)), &Timer::Workload);
            return None;
        }
        Some(due)
    }

    /// Makes the next record.
    pub(super) fn make(&mut self, ctx: &mut Ctx<'_>) -> NewRecord {
        let number = self.made;
        self.made += 1;
        self.made_since += 1;
        let (key, value) = match &self.source {
            Source::Synthetic { keys, value_bytes } => {
                let key = (*keys > 0).then(|| ctx.random("keys").below(u64::from(*keys)));
                let key = key.map(|key| Bytes::from(format!("k{key}")));
                let length = (*value_bytes as usize).min(self.max_value_bytes);
                (key, value(number, length))
            }
            Source::File { records, .. } => {
                let record = &records[(number % records.len() as u64) as usize];
                (record.key.clone(), record.value.clone())
            }
        };
        NewRecord {
            topic: self.topic.clone(),
            partition: None,
            timestamp: ctx.timestamp(),
            key,
            value: Some(value),
            headers: Arc::default(),
        }
    }

    /// `send` does not take the record yet: the application waits, as long as `max.block.ms`.
    pub(super) fn block(&mut self, ctx: &mut Ctx<'_>, record: NewRecord) {
        let now = ctx.now();
        self.blocked = Some((record, now));
        self.give_up.set(ctx, Some(now + self.max_block), &Timer::MaxBlock);
    }

    /// The record that `send` did not take, if there is one, to be tried again.
    pub(super) fn blocked_record(&self) -> Option<NewRecord> {
        self.blocked.as_ref().map(|(record, _)| record.clone())
    }

    /// Whether the application has waited for `max.block.ms`.
    pub(super) fn has_waited_too_long(&self, now: Time) -> bool {
        self.blocked.as_ref().is_some_and(|(_, since)| now.since(*since) >= self.max_block)
    }

    /// The application goes on. What it did not make while it waited it does not make up for.
    pub(super) fn unblock(&mut self, ctx: &mut Ctx<'_>) {
        let Some((_, since)) = self.blocked.take() else { return };
        self.began += ctx.now().since(since);
        self.give_up.set(ctx, None, &Timer::MaxBlock);
    }

    /// The application makes no more records, and lets go of the one that waits.
    pub(super) fn stop(&mut self, ctx: &mut Ctx<'_>) {
        self.total = Some(self.made);
        self.unblock(ctx);
        self.next.set(ctx, None, &Timer::Workload);
    }

    /// Asks to be woken when the next record is due.
    pub(super) fn wake(&mut self, ctx: &mut Ctx<'_>) {
        let goes_on = !self.is_blocked() && !self.is_done() && self.rate > 0;
        let at = goes_on.then(|| self.began + self.due_after(self.made_since));
        self.next.set(ctx, at, &Timer::Workload);
    }

    /// How many records are due up to `now`, since `began`. Counted from the beginning each time, so
    /// that nothing is rounded twice.
    fn due_by(&self, now: Time) -> u64 {
        let elapsed = u128::from(now.since(self.began).0);
        let due = elapsed * u128::from(self.rate) / MICROS_PER_SECOND + 1;
        u64::try_from(due).unwrap_or(u64::MAX)
    }

    /// How long after `began` the record of that number is due.
    fn due_after(&self, number: u64) -> Span {
        let micros = (u128::from(number) * MICROS_PER_SECOND).div_ceil(u128::from(self.rate));
        let grouped = self.rate > GROUPED_FROM;
        let micros = if grouped { micros.div_ceil(TICK_MICROS) * TICK_MICROS } else { micros };
        Span(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// The value of a made-up record: a little JSON, filled up to `length`.
fn value(number: u64, length: usize) -> Bytes {
    let short = format!("{{\"n\":{number}}}");
    let before = format!("{{\"n\":{number},\"text\":\"");
    match length.checked_sub(before.len() + 2) {
        None => Bytes::from(short),
        Some(filling) => Bytes::from(format!("{before}{}\"}}", ".".repeat(filling))),
    }
}

fn average_bytes(source: &Source, max: usize) -> u64 {
    match source {
        Source::Synthetic { value_bytes, .. } => u64::from(*value_bytes).min(max as u64),
        Source::File { records, .. } => {
            let bytes: usize = records.iter().map(|record| record.value.len()).sum();
            bytes as u64 / (records.len() as u64).max(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(rate: u32) -> Workload {
        let mut config = ProducerConfig::new("p1", TopicName::from("orders"));
        config.rate_per_second = rate;
        Workload::new(&config, Time(500))
    }

    fn check(rate: u32, number: u64, after: u64) {
        assert_eq!(workload(rate).due_after(number), Span(after), "record {number} at {rate}/s");
    }

    #[test]
    fn records_are_due_at_even_distances() {
        check(5, 0, 0);
        check(5, 1, 200_000);
        check(3, 1, 333_334);
        check(3, 3, 1_000_000);
        check(1_000, 1, 1_000);
    }

    #[test]
    fn at_high_rates_they_are_due_in_groups() {
        check(3_000, 1, 1_000);
        check(3_000, 3, 1_000);
        check(3_000, 4, 2_000);
        check(1_000_000_000, 1, 1_000);
    }

    #[test]
    fn a_record_is_due_when_it_is_said_to_be() {
        for rate in [1, 3, 7, 999, 1_000] {
            let workload = workload(rate);
            for number in [0, 1, 2, 500, 1_000_003] {
                let at = workload.began + workload.due_after(number);
                assert_eq!(workload.due_by(at), number + 1, "record {number} at {rate}/s");
            }
        }
    }

    #[test]
    fn values_are_json_of_the_length_that_was_asked_for() {
        assert_eq!(&value(17, 0)[..], b"{\"n\":17}");
        assert_eq!(&value(17, 20)[..], b"{\"n\":17,\"text\":\"..\"}");
        assert_eq!(value(17, 1_000).len(), 1_000);
    }
}
