//! Kafka's clients within a command: the engine's own producer and consumer, for programs that are
//! written elsewhere. A program hands on every input that it gets, and looks what came of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_log::{Offset, Record};
use kafka_protocol::ResponseError;

use crate::consumer::{Consumer, ConsumerCommand, ConsumerConfig};
use crate::ctx::Ctx;
use crate::ids::{ClientId, TopicPartition};
use crate::input::Input;
use crate::producer::{
    Done, Producer, ProducerCall, ProducerConfig, ProducerError, ProducerRecord,
};
use crate::view::{ConsumerView, ProducerView};

/// A consumer within a command. What polls bring is handed to the command.
#[derive(Clone, Debug)]
pub struct ProgramConsumer(Box<Consumer>);

impl ProgramConsumer {
    /// A consumer that has not begun.
    pub fn new(config: ConsumerConfig) -> Self {
        Self(Box::new(Consumer::for_program(config)))
    }

    /// Hands an input on. The first is [`Input::Start`].
    pub fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        ctx.as_part(|ctx| self.0.handle(ctx, input));
    }

    /// What the last poll brought, each record once.
    pub fn take(&mut self) -> Vec<(TopicPartition, Arc<Record>)> {
        self.0.take_polled()
    }

    /// The command calls poll.
    pub fn poll(&mut self, ctx: &mut Ctx<'_>) {
        ctx.as_part(|ctx| self.0.resume_poll(ctx));
    }

    /// The command calls one of the other methods.
    pub fn command(&mut self, ctx: &mut Ctx<'_>, command: ConsumerCommand) {
        self.handle(ctx, Input::Consumer(command));
    }

    /// `commitSync`: commits where it has got to; [`Self::take_committed`] tells what came of it.
    pub fn commit_sync(&mut self, ctx: &mut Ctx<'_>) {
        ctx.as_part(|ctx| self.0.commit_sync(ctx));
    }

    /// What came of the commit, once it is known.
    pub fn take_committed(&mut self) -> Option<Result<(), ResponseError>> {
        self.0.take_committed()
    }

    /// Commits where it has got to, if it commits by itself, and leaves its group.
    pub fn close(&mut self, ctx: &mut Ctx<'_>) {
        self.handle(ctx, Input::Stop);
    }

    /// Whether it goes on: it was not closed, and met no error that ends it.
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// Whether it is at its end.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// The error that ended it, by Kafka's name.
    pub fn last_error(&self) -> Option<Arc<str>> {
        self.0.last_error()
    }

    /// Where it has got to, in each of its partitions.
    pub fn positions(&self) -> BTreeMap<TopicPartition, Offset> {
        self.0.positions()
    }

    /// The partitions that it has.
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.0.assigned()
    }

    /// As the page draws it.
    pub fn view(&self, client: ClientId, is_running: bool) -> ConsumerView {
        self.0.view(client, is_running)
    }

    pub(crate) fn inner(&self) -> &Consumer {
        &self.0
    }
}

/// What became of a record that was sent: where it is, or why it was given up.
pub type Delivery = Result<(TopicPartition, Option<Offset>), ProducerError>;

/// A producer within a command.
#[derive(Clone, Debug)]
pub struct ProgramProducer {
    producer: Box<Producer>,
    next_ticket: u64,
}

impl ProgramProducer {
    /// A producer that has not begun, and makes no records by itself.
    pub fn new(mut config: ProducerConfig) -> Self {
        config.rate_per_second = 0;
        Self { producer: Box::new(Producer::new(config)), next_ticket: 0 }
    }

    /// Hands an input on. The first is [`Input::Start`].
    pub fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        ctx.as_part(|ctx| self.producer.handle(ctx, input));
    }

    pub(crate) fn inner(&self) -> &Producer {
        &self.producer
    }

    /// `send`: what becomes of the record is told under the number that is returned.
    pub fn send(&mut self, ctx: &mut Ctx<'_>, record: ProducerRecord) -> u64 {
        self.call(ctx, ProducerCall::Send(record))
    }

    /// Another call: when it returns is told under the number.
    pub fn call(&mut self, ctx: &mut Ctx<'_>, call: ProducerCall) -> u64 {
        self.next_ticket += 1;
        let ticket = self.next_ticket;
        ctx.as_part(|ctx| self.producer.call(ctx, call, Some(ticket)));
        ticket
    }

    /// What became of records since this was last asked.
    pub fn take_settled(&mut self) -> Vec<(u64, Delivery)> {
        let settled = self.producer.take_settled().into_iter();
        let delivery = |done| match done {
            Done::Record { partition, offset } => (partition, offset),
            Done::Call => (TopicPartition::new(&"".into(), -1), None),
        };
        settled.map(|settled| (settled.ticket, settled.result.map(delivery))).collect()
    }

    /// Whether a call has not returned: the command's thread waits in it.
    pub fn is_in_call(&self) -> bool {
        self.producer.is_in_call()
    }

    /// Sends what it holds, then ends.
    pub fn close(&mut self, ctx: &mut Ctx<'_>) {
        self.handle(ctx, Input::Stop);
    }

    /// Whether it is at its end.
    pub fn is_closed(&self) -> bool {
        self.producer.is_closed()
    }

    /// As the page draws it.
    pub fn view(&self, client: ClientId) -> ProducerView {
        self.producer.view(client)
    }
}
