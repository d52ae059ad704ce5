//! The application behind a producer: makes records when they are due, made up or read from a file.

use std::sync::Arc;

use bytes::Bytes;
use highwater_log::{Header, TimestampMs};

use crate::client::Alarm;
use crate::ctx::Ctx;
use crate::ids::TopicName;
use crate::producer::batch::NewRecord;
use crate::producer::keys::KeyPicker;
use crate::producer::pace::Schedule;
use crate::producer::shape::Shape;
use crate::producer::template::{Filling, Template};
use crate::producer::{ProducerConfig, Source};
use crate::time::{Span, Time};
use crate::timer::Timer;

/// After how long the bounds of the world are asked again that forbade records.
const ASK_AGAIN: Span = Span(1_000);

/// The application behind a producer.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    producer: Arc<str>,
    topic: TopicName,
    source: Source,
    /// Shared with checkpoints.
    shape: Arc<Shape>,
    schedule: Schedule,
    keys: KeyPicker,
    /// How many records there are in all; none if there is no end.
    total: Option<u64>,
    /// From when on nothing more is made.
    ends_at: Option<Time>,
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
        let shape = Arc::new(config.shape.clone());
        let keys = match config.source {
            Source::Synthetic { keys, .. } => keys,
            Source::File { .. } => 0,
        };
        let max_value_bytes = config.max_request_size as usize;
        Self {
            weight: 1 + average_bytes(&config.source, &shape, max_value_bytes) / 1_024,
            producer: config.name.clone(),
            topic: config.topic.clone(),
            source: config.source.clone(),
            schedule: Schedule {
                pace: shape.pace,
                rate: config.rate_per_second,
                pause: shape.pause,
            },
            keys: KeyPicker::new(keys, shape.key_distribution),
            total,
            ends_at: shape.until.map(|until| now + until),
            shape,
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
        !self.is_done() && self.due_by(now) > self.made_since
    }

    /// The application waited in another call than `send`, and does not make up for it.
    pub(super) fn waited(&mut self, span: Span) {
        self.began += span;
    }

    /// How many records are due now, of `most` that may be made. None if the bounds of the world do
    /// not allow them: then the run stands still, and this is asked again a millisecond after it goes on.
    pub(super) fn due(&mut self, ctx: &mut Ctx<'_>, most: u64) -> Option<u64> {
        if self.is_blocked() {
            return Some(0);
        }
        let now = ctx.now();
        let has_ended = self.ends_at.is_some_and(|end| now >= end);
        let left = self.total.map_or(u64::MAX, |total| total - self.made);
        let all = self.due_by(now).saturating_sub(self.made_since).min(left);
        let due = all.min(most);
        if due > 0 && !ctx.charge(due.saturating_mul(self.weight)) {
            self.next.set(ctx, Some(now + ASK_AGAIN), &Timer::Workload);
            return None;
        }
        if has_ended {
            self.total = Some(self.made + all);
        }
        Some(due)
    }

    /// How many records are due up to an instant, since the application began.
    fn due_by(&self, now: Time) -> u64 {
        // What is due at the very end is not made any more.
        let until = self.ends_at.map_or(now, |end| Time(end.0.saturating_sub(1)).min(now));
        if until < self.began { 0 } else { self.schedule.due_by(until.since(self.began)) }
    }

    /// Makes the next record.
    pub(super) fn make(&mut self, ctx: &mut Ctx<'_>) -> NewRecord {
        let number = self.made;
        self.made += 1;
        self.made_since += 1;
        let timestamp = self.timestamp(ctx);
        let file_record = match &self.source {
            Source::Synthetic { .. } => None,
            Source::File { records, .. } => {
                Some(records[(number % records.len() as u64) as usize].clone())
            }
        };
        let drawn = self.keys.draw(ctx.random("keys")).map(|key| self.key_name(key));
        let key = match &file_record {
            Some(record) => record.key.clone(),
            None => drawn.map(Bytes::from),
        };
        let key = match &self.shape.key {
            Some(template) => Some(self.fill(ctx, template, number, key.as_deref(), timestamp)),
            None => key,
        };
        let is_tombstone =
            self.shape.tombstone_every.is_some_and(|every| number % every == every - 1);
        let value = match file_record {
            _ if is_tombstone => None,
            Some(record) => Some(record.value),
            None => Some(self.made_up_value(ctx, number, key.as_deref(), timestamp)),
        };
        let headers = self.shape.headers.iter().map(|(name, template)| Header {
            key: Bytes::copy_from_slice(name.as_bytes()),
            value: Some(self.fill(ctx, template, number, key.as_deref(), timestamp)),
        });
        NewRecord {
            topic: self.topic.clone(),
            partition: self.shape.partition,
            timestamp,
            headers: headers.collect(),
            key,
            value,
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
        let goes_on = !self.is_blocked() && !self.is_done();
        let due = self.schedule.due_after(self.made_since).filter(|_| goes_on);
        let due = due.map(|after| self.began + after);
        let end = self.ends_at.filter(|_| goes_on);
        self.next.set(ctx, due.into_iter().chain(end).min(), &Timer::Workload);
    }

    /// The name of a made-up key.
    fn key_name(&self, key: u64) -> String {
        match &self.shape.hot_key {
            Some(name) if key == 0 => name.to_string(),
            _ => format!("k{key}"),
        }
    }

    /// When the record says that it was made.
    fn timestamp(&self, ctx: &mut Ctx<'_>) -> TimestampMs {
        let now = ctx.timestamp();
        let most = self.shape.out_of_order.millis();
        if most == 0 {
            return now;
        }
        let early = ctx.random("timestamps").below(most.saturating_add(1));
        TimestampMs(now.0.saturating_sub_unsigned(early).max(0))
    }

    fn made_up_value(
        &self,
        ctx: &mut Ctx<'_>,
        number: u64,
        key: Option<&[u8]>,
        timestamp: TimestampMs,
    ) -> Bytes {
        if let Some(template) = &self.shape.value {
            return self.fill(ctx, template, number, key, timestamp);
        }
        let Source::Synthetic { value_bytes: least, .. } = self.source else {
            unreachable!("the values of a file are its own");
        };
        let more = self.shape.most_value_bytes.map_or(0, |most| most.saturating_sub(least));
        let drawn = match more {
            0 => 0,
            more => ctx.random("sizes").below(u64::from(more) + 1) as u32,
        };
        value(number, ((least + drawn) as usize).min(self.max_value_bytes))
    }

    fn fill(
        &self,
        ctx: &mut Ctx<'_>,
        template: &Template,
        number: u64,
        key: Option<&[u8]>,
        timestamp: TimestampMs,
    ) -> Bytes {
        let key = String::from_utf8_lossy(key.unwrap_or_default());
        let with = Filling { producer: &self.producer, number, key: &key, timestamp };
        Bytes::from(template.fill(with, ctx.random("templates")))
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

fn average_bytes(source: &Source, shape: &Shape, max: usize) -> u64 {
    let values = match source {
        Source::Synthetic { value_bytes, .. } => {
            let most = shape.most_value_bytes.unwrap_or(*value_bytes).max(*value_bytes);
            let template = shape.value.as_ref().map_or(0, Template::length);
            let average = value_bytes.midpoint(most) as usize;
            average.max(template).min(max) as u64
        }
        Source::File { records, .. } => {
            let bytes: usize = records.iter().map(|record| record.value.len()).sum();
            bytes as u64 / (records.len() as u64).max(1)
        }
    };
    let others = shape.headers.iter().map(|(_, template)| template).chain(&shape.key);
    values + others.map(Template::length).sum::<usize>() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_json_of_the_length_that_was_asked_for() {
        assert_eq!(&value(17, 0)[..], b"{\"n\":17}");
        assert_eq!(&value(17, 20)[..], b"{\"n\":17,\"text\":\"..\"}");
        assert_eq!(value(17, 1_000).len(), 1_000);
    }
}
