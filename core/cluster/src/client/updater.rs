//! Keeps a client's metadata fresh: asks when something proves it wrong, after
//! `metadata.max.age.ms` in any case, and never more often than `retry.backoff.ms` allows.

use crate::client::errors::is_invalid_metadata;
use crate::client::{Alarm, Backoff, ClientMetadata};
use crate::ctx::Ctx;
use crate::ids::{BrokerId, CorrelationId, NodeId, TopicName};
use crate::input::Failure;
use crate::message::Response;
use crate::time::{Span, Time};
use crate::timer::Timer;

/// Keeps the metadata of a client's topics fresh. Its owner calls [`MetadataUpdater::poll`] after each
/// input, and at [`Timer::MetadataRefresh`].
#[derive(Clone, Debug)]
pub struct MetadataUpdater {
    /// What is known.
    pub metadata: ClientMetadata,
    topics: Vec<TopicName>,
    /// Whether it asks for all topics, whatever they are called.
    follows_all: bool,
    /// Whether brokers may create what it asks for and is not there: `allow.auto.create.topics`.
    may_create: bool,
    backoff: Backoff,
    max_age: Span,
    request_timeout: Span,
    needs_update: bool,
    /// Answers in a row that did not settle what was asked.
    attempts: u32,
    not_before: Time,
    updated_at: Time,
    under_way: Option<(CorrelationId, BrokerId)>,
    alarm: Alarm,
}

impl MetadataUpdater {
    /// An updater that knows nothing yet and will ask about `topics` at the first poll.
    pub fn new(
        topics: Vec<TopicName>,
        backoff: Backoff,
        max_age: Span,
        request_timeout: Span,
    ) -> Self {
        Self {
            metadata: ClientMetadata::default(),
            topics,
            follows_all: false,
            may_create: false,
            backoff,
            max_age,
            request_timeout,
            needs_update: true,
            attempts: 0,
            not_before: Time::ZERO,
            updated_at: Time::ZERO,
            under_way: None,
            alarm: Alarm::default(),
        }
    }

    /// The same for a producer, whose missing topics brokers may create (`auto.create.topics.enable`).
    #[must_use]
    pub fn creating(mut self) -> Self {
        self.may_create = true;
        self
    }

    /// Asks about these topics from here on, and at once.
    pub fn follow(&mut self, topics: Vec<TopicName>) {
        self.topics = topics;
        self.needs_update = true;
        self.attempts = 0;
        self.not_before = Time::ZERO;
    }

    /// Asks about all topics there are from here on. What is no longer among them is forgotten.
    pub fn follow_all(&mut self) {
        self.follows_all = true;
    }

    /// Whether it asks about all topics there are.
    pub fn follows_all(&self) -> bool {
        self.follows_all
    }

    /// Something proved the metadata wrong, or a leader is not known.
    pub fn request_update(&mut self) {
        self.needs_update = true;
    }

    /// A topic is to be known too from here on.
    pub fn want(&mut self, topic: &TopicName) {
        if !self.topics.contains(topic) {
            self.topics.push(topic.clone());
            self.needs_update = true;
        }
    }

    /// Asks a broker if it is time to, or else sets the timer for when it will be.
    pub fn poll(&mut self, ctx: &mut Ctx<'_>) {
        if self.under_way.is_some() {
            return;
        }
        let oldest = self.updated_at + self.max_age;
        let due = if self.needs_update { self.not_before } else { oldest };
        if due > ctx.now() {
            return self.alarm.set(ctx, Some(due), &Timer::MetadataRefresh);
        }
        let broker = self.metadata.pick_node(ctx);
        let request = if self.follows_all {
            ClientMetadata::request_all()
        } else {
            ClientMetadata::request(&self.topics).with_allow_auto_topic_creation(self.may_create)
        };
        let correlation_id = ctx.send(NodeId::Broker(broker), request, self.request_timeout);
        self.needs_update = false;
        self.under_way = Some((correlation_id, broker));
    }

    /// Takes over the answer to a request for metadata. False if it answers another request.
    pub fn handle_response(
        &mut self,
        ctx: &mut Ctx<'_>,
        correlation_id: CorrelationId,
        response: &Response,
    ) -> bool {
        let (Response::Metadata(response), Some((id, broker))) = (response, self.under_way) else {
            return false;
        };
        if id != correlation_id {
            return false;
        }
        self.under_way = None;
        self.metadata.succeeded(broker);
        self.metadata.update(response);
        if self.follows_all {
            self.metadata.forget_all_but(response);
        }
        self.updated_at = ctx.now();
        if self.is_settled() {
            self.attempts = 0;
        } else {
            self.needs_update = true;
        }
        self.back_off(ctx);
        true
    }

    /// A request for metadata failed. False if it was another request.
    pub fn handle_failure(
        &mut self,
        ctx: &mut Ctx<'_>,
        correlation_id: CorrelationId,
        _failure: Failure,
    ) -> bool {
        let Some((id, broker)) = self.under_way else { return false };
        if id != correlation_id {
            return false;
        }
        self.under_way = None;
        self.metadata.failed(broker, ctx.now());
        self.needs_update = true;
        self.back_off(ctx);
        true
    }

    /// Whether the last answer told of every topic, and every partition's leader. An error that will
    /// not go away by asking again is settled too.
    fn is_settled(&self) -> bool {
        self.topics.iter().all(|topic| match self.metadata.errors.get(topic) {
            Some(error) => !error.is_retriable() && !is_invalid_metadata(*error),
            None => self.metadata.is_complete(topic),
        })
    }

    fn back_off(&mut self, ctx: &mut Ctx<'_>) {
        self.not_before = ctx.now() + self.backoff.wait(ctx, self.attempts);
        self.attempts = self.attempts.saturating_add(1);
        if !self.needs_update {
            self.attempts = 0;
        }
    }
}
