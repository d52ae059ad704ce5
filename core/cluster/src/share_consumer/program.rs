//! A share consumer within a command, which takes the records and says what becomes of them.

use std::sync::Arc;

use highwater_log::Record;

use crate::acl::Principal;
use crate::ctx::Ctx;
use crate::ids::{ClientId, TopicPartition};
use crate::input::Input;
use crate::share::AcknowledgeType;
use crate::share_consumer::application::InHand;
use crate::share_consumer::{Phase, ShareConsumer, ShareConsumerConfig};
use crate::view::ShareConsumerView;

/// A record that a poll brought.
#[derive(Clone, Debug)]
pub struct ShareDelivery(InHand);

impl ShareDelivery {
    /// The partition that it is from.
    pub fn partition(&self) -> &TopicPartition {
        &self.0.partition
    }

    /// The record.
    pub fn record(&self) -> &Arc<Record> {
        &self.0.record
    }

    /// How often it has been handed out, this time among them.
    pub fn delivery_count(&self) -> i16 {
        self.0.delivery_count
    }
}

/// A share consumer within a command.
#[derive(Clone, Debug)]
pub struct ProgramShareConsumer(Box<ShareConsumer>);

impl ProgramShareConsumer {
    /// A share consumer that has not begun.
    pub fn new(config: ShareConsumerConfig) -> Self {
        let mut consumer = ShareConsumer::new(config);
        consumer.application.is_program = true;
        Self(Box::new(consumer))
    }

    /// Hands an input on. The first is [`Input::Start`].
    pub fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        ctx.as_part(|ctx| self.0.handle(ctx, input));
    }

    /// The next record that the last poll brought; none if the command is to poll again.
    pub fn next_record(&mut self) -> Option<ShareDelivery> {
        self.0.application.take_next().map(ShareDelivery)
    }

    /// Says what became of a record.
    pub fn acknowledge(&mut self, delivery: &ShareDelivery, kind: AcknowledgeType) {
        self.0.count(kind);
        self.0.say(&delivery.0, kind);
    }

    /// The command calls poll.
    pub fn poll(&mut self, ctx: &mut Ctx<'_>) {
        if self.0.application.has_none() && self.is_open() {
            ctx.as_part(|ctx| self.0.run(ctx));
        }
    }

    /// Says what it is done with, gives back the rest, and leaves its group.
    pub fn close(&mut self, ctx: &mut Ctx<'_>) {
        self.handle(ctx, Input::Stop);
    }

    /// Whether it goes on: it was not closed, and met no error that ends it.
    pub fn is_open(&self) -> bool {
        self.0.phase == Phase::Open
    }

    /// Whether it is at its end.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// The error that ended it, by Kafka's name.
    pub fn last_error(&self) -> Option<Arc<str>> {
        self.0.last_error.clone()
    }

    /// Who it says it is.
    pub(crate) fn principal(&self) -> Option<Principal> {
        self.0.principal()
    }

    /// The `client.id` that its requests carry.
    pub(crate) fn client_id(&self) -> Arc<str> {
        self.0.client_id()
    }

    /// As the page draws it.
    pub fn view(&self, client: ClientId, is_running: bool) -> ShareConsumerView {
        self.0.view(client, is_running)
    }
}
