//! `kcat -P`: what it reads becomes records.

use std::collections::VecDeque;

use bytes::Bytes;
use highwater_cluster::client::partition_for_key;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::ProgramProducer;
use highwater_cluster::ids::PartitionIndex;
use highwater_cluster::input::Input;
use highwater_cluster::log::Header;
use highwater_cluster::producer::{ProducerCall, ProducerConfig, ProducerRecord};
use highwater_cluster::time::Span;
use highwater_cluster::timer::Timer;

use super::arguments::Arguments;
use super::{AGAIN, Topic, ask, metadata};
use crate::programs::clients::exception::class_and_message;

/// How long it waits before it asks for a topic again.
const PAUSE: Span = Span(100_000);

#[derive(Clone, Debug, Default)]
pub(super) struct Produce {
    producer: Option<ProgramProducer>,
    topic: Topic,
    /// What was read and is no whole record yet.
    open: String,
    waiting: VecDeque<String>,
    has_ended: bool,
    is_closing: bool,
    /// How far a transaction is.
    transaction: Transaction,
    code: i32,
    sent: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Transaction {
    /// The producer is not transactional.
    #[default]
    None,
    /// A call that is under way, by its number.
    Beginning(u64),
    Open,
    Committing(u64),
    Committed,
}

impl Produce {
    pub(super) fn producer(&self) -> Option<&ProgramProducer> {
        self.producer.as_ref()
    }

    pub(super) fn begin(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments) {
        let mut config = ProducerConfig::new("rdkafka#producer-1", arguments.topic());
        config.client_id = arguments.properties.get("client.id").unwrap_or("rdkafka").into();
        // What librdkafka has by default.
        config.enable_idempotence = false;
        config.max_block_ms = 300_000;
        if let Err(message) = arguments.properties.apply_to_producer(&mut config) {
            return fail(ctx, &message);
        }
        let is_transactional = config.transactional_id.is_some();
        config.enable_idempotence |= is_transactional;
        let mut producer = ProgramProducer::new(config);
        producer.handle(ctx, Input::Start);
        if is_transactional {
            ctx.print_error("% Using transactional producer");
            producer.call(ctx, ProducerCall::InitTransactions);
            let begun = producer.call(ctx, ProducerCall::BeginTransaction);
            self.transaction = Transaction::Beginning(begun);
        }
        self.producer = Some(producer);
        ask(ctx, &[arguments.topic()], true);
    }

    pub(super) fn line(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments, line: String) {
        let limit = arguments.properties.get("message.max.bytes");
        let limit = limit.and_then(|limit| limit.parse().ok()).unwrap_or(1_048_576_usize);
        if line.len() > limit {
            let message =
                format!("Input is too large, maximum size is {}", limit.saturating_add(1));
            return fail(ctx, &message);
        }
        if arguments.delimiter == "\n" {
            self.waiting.push_back(line);
        } else {
            if !self.open.is_empty() {
                self.open.push('\n');
            }
            self.open.push_str(&line);
            while !arguments.delimiter.is_empty()
                && let Some((record, rest)) = self.open.split_once(&arguments.delimiter)
            {
                self.waiting.push_back(record.to_owned());
                self.open = rest.to_owned();
            }
        }
        self.go_on(ctx, arguments);
    }

    pub(super) fn end_of_input(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments) {
        if !self.has_ended {
            self.has_ended = true;
            let rest = std::mem::take(&mut self.open);
            if !rest.is_empty() {
                self.waiting.push_back(rest);
            }
        }
        self.go_on(ctx, arguments);
    }

    pub(super) fn handle(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments, input: Input) {
        if !self.topic.is_ready() {
            if let Some(body) = metadata(&input) {
                let found = Topic::of(body, &arguments.topic());
                if let Some(topic) = found {
                    self.topic = topic;
                    if !self.topic.is_ready() {
                        ctx.set_timer(PAUSE, Timer::Program(AGAIN));
                    }
                }
            } else if matches!(input, Input::Timer(Timer::Program(AGAIN))) {
                ask(ctx, &[arguments.topic()], true);
            }
        }
        if let Some(producer) = &mut self.producer {
            producer.handle(ctx, input);
        }
        self.go_on(ctx, arguments);
    }

    fn go_on(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments) {
        self.note_settled(ctx);
        let may_send = matches!(self.transaction, Transaction::None | Transaction::Open);
        while self.topic.is_ready()
            && may_send
            && !self.is_closing
            && self.producer.as_ref().is_some_and(|producer| !producer.is_in_call())
            && let Some(text) = self.waiting.pop_front()
        {
            if arguments.count.is_some_and(|most| self.sent >= most) {
                self.waiting.clear();
                self.has_ended = true;
                break;
            }
            let Some(record) = self.record(ctx, arguments, &text) else { return };
            self.sent += 1;
            if let Some(producer) = &mut self.producer {
                producer.send(ctx, record);
            }
            if arguments.tees {
                ctx.print_open(&text);
            }
            self.note_settled(ctx);
        }
        self.close_if_done(ctx);
    }

    fn record(
        &mut self,
        ctx: &mut Ctx<'_>,
        arguments: &Arguments,
        text: &str,
    ) -> Option<ProducerRecord> {
        let (key, value) = match &arguments.key_delimiter {
            Some(between) if !between.is_empty() => match text.split_once(between.as_str()) {
                Some((key, value)) => (Some(key), value),
                None => (None, text),
            },
            _ => (None, text),
        };
        let key = arguments.fixed_key.as_deref().or(key);
        // An empty key is none; an empty value is null if that is wished.
        let key = key.filter(|key| !key.is_empty() || !arguments.null_for_empty);
        let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        let is_null = value.is_empty() && arguments.null_for_empty;
        let partition = arguments.partition.filter(|partition| *partition >= 0);
        let count = self.topic.leaders.len() as i32;
        if partition.is_some_and(|partition| partition >= count) {
            ctx.print_error("% Delivery failed for message: Local: Unknown partition");
            ctx.exit(1);
            return None;
        }
        let partitioner = arguments.properties.get("partitioner").unwrap_or("consistent_random");
        let hashed =
            key.filter(|key| !key.is_empty()).map(|key| match partitioner.starts_with("murmur2") {
                true => partition_for_key(key.as_bytes(), count),
                false => PartitionIndex((crc32(key.as_bytes()) % count as u32) as i32),
            });
        let drawn = || PartitionIndex((ctx.random("kcat").next_u64() % count as u64) as i32);
        let partition = partition.map(PartitionIndex).or(hashed).unwrap_or_else(drawn);
        let header = |(name, value): &(String, Option<String>)| Header {
            key: bytes(name),
            value: value.as_deref().map(bytes),
        };
        Some(ProducerRecord {
            topic: arguments.topic(),
            partition: Some(partition),
            timestamp: None,
            key: key.map(bytes),
            value: (!is_null).then(|| bytes(value)),
            headers: arguments.headers.iter().map(header).collect(),
        })
    }

    fn note_settled(&mut self, ctx: &mut Ctx<'_>) {
        let Some(producer) = &mut self.producer else { return };
        for (ticket, delivery) in producer.take_settled() {
            match (delivery, self.transaction) {
                (Ok(_), Transaction::Beginning(begun)) if begun == ticket => {
                    self.transaction = Transaction::Open;
                }
                (Ok(_), Transaction::Committing(commit)) if commit == ticket => {
                    ctx.print_error("% Transaction successfully committed");
                    self.transaction = Transaction::Committed;
                }
                (Ok(_), _) => {}
                (Err(error), _) => {
                    let error = class_and_message(&error);
                    ctx.print_error(&format!("% Delivery failed for message: {error}"));
                    self.code = 1;
                }
            }
        }
    }

    fn close_if_done(&mut self, ctx: &mut Ctx<'_>) {
        let Some(producer) = &mut self.producer else { return };
        if self.has_ended && self.waiting.is_empty() && !producer.is_in_call() && !self.is_closing {
            match self.transaction {
                Transaction::Open => {
                    ctx.print_error("% Committing transaction");
                    let commit = producer.call(ctx, ProducerCall::CommitTransaction);
                    self.transaction = Transaction::Committing(commit);
                    return self.note_settled(ctx);
                }
                Transaction::Beginning(_) | Transaction::Committing(_) => return,
                Transaction::None | Transaction::Committed => {}
            }
            self.is_closing = true;
            producer.close(ctx);
            self.note_settled(ctx);
        }
        let is_closed = self.producer.as_ref().is_some_and(ProgramProducer::is_closed);
        if self.is_closing && is_closed {
            ctx.exit(self.code);
        }
    }
}

fn fail(ctx: &mut Ctx<'_>, message: &str) {
    ctx.print_error(&format!("% ERROR: {message}"));
    ctx.exit(1);
}

/// The hash by which librdkafka's `consistent` partitioners choose.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            let divides = crc & 1 == 1;
            (crc >> 1) ^ if divides { 0xedb8_8320 } else { 0 }
        })
    };
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_is_the_usual_one() {
        assert_eq!(super::crc32(b"123456789"), 0xcbf4_3926);
    }
}
