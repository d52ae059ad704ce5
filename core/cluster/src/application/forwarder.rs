//! A consumer whose application sends on what it fails on, to a dead-letter or a retry topic: it has a
//! producer too.

use std::collections::BTreeMap;

use crate::application::output::Output;
use crate::consumer::{Consumer, ConsumerConfig, OnError, OutgoingId};
use crate::ctx::Ctx;
use crate::ids::{ClientId, TopicName};
use crate::input::Input;
use crate::producer::{ProducerConfig, ProducerRecord, Ticket};
use crate::view::ConsumerView;

/// A consumer whose application sends on what it fails on.
#[derive(Clone, Debug)]
pub(crate) struct Forwarder {
    consumer: Consumer,
    output: Output,
    /// What was sent on, until it is known what became of it.
    sent: BTreeMap<Ticket, OutgoingId>,
    is_closing: bool,
}

impl Forwarder {
    /// The first topic that records are sent on to; none if the application keeps them.
    pub(crate) fn topic(config: &ConsumerConfig) -> Option<&TopicName> {
        config.application.on_error.iter().find_map(|what| match what {
            OnError::DeadLetter(topic) | OnError::RetryTopic { topic, .. } => Some(topic),
            OnError::Stop | OnError::Skip | OnError::Retry { .. } => None,
        })
    }

    /// A consumer with Kafka's default producer beside it, of the same name.
    pub(crate) fn new(config: ConsumerConfig, topic: TopicName) -> Self {
        let output = Output::new(ProducerConfig::new(&config.name, topic));
        let consumer = Consumer::new(config);
        Self { consumer, output, sent: BTreeMap::new(), is_closing: false }
    }

    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        ctx.as_part(|ctx| self.consumer.handle(ctx, input.clone()));
        // The producer is closed once the consumer needs it no longer.
        if !matches!(input, Input::Stop) {
            self.output.handle(ctx, input);
        }
        while self.pass_on(ctx) {}
        if self.consumer.is_closed() && !self.is_closing {
            self.is_closing = true;
            self.output.handle(ctx, Input::Stop);
        }
        if self.is_closing && self.output.is_closed() {
            ctx.client_closed();
        }
    }

    pub(crate) fn consumer(&self) -> &Consumer {
        &self.consumer
    }

    pub(crate) fn view(&self, client: ClientId, is_running: bool) -> ConsumerView {
        self.consumer.view(client, is_running)
    }

    /// Hands records to the producer, and what became of others back. False if there are none of either.
    fn pass_on(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let (outgoing, settled) = (self.consumer.take_outgoing(), self.output.take_settled());
        let goes_on = !outgoing.is_empty() || !settled.is_empty();
        for record in outgoing {
            let made = ProducerRecord {
                topic: record.topic,
                partition: None,
                timestamp: None,
                key: record.key,
                value: record.value,
                headers: record.headers.into(),
            };
            let ticket = self.output.send(ctx, made);
            self.sent.insert(ticket, record.id);
        }
        for (ticket, result) in settled {
            let Some(id) = self.sent.remove(&ticket) else { continue };
            let result = result.map_err(|error| error.to_string().into());
            ctx.as_part(|ctx| self.consumer.outgoing_settled(ctx, id, result));
        }
        goes_on
    }
}
