//! A share consumer, as Kafka's `KafkaShareConsumer` works: an application that polls, a member of a share
//! group that is told which partitions to fetch from, and sessions with the leaders of these, from which it
//! gets records that nobody else has meanwhile (KIP-932).
//!
//! The application either polls, and then everything goes on at once, or it works on what the last poll
//! brought, and then only heartbeats and the requests that are under way go on.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::acl::Principal;
use crate::client::error_messages::not_authorized_to_topics;
use crate::client::{Alarm, MetadataUpdater};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, ClientId, CorrelationId, NodeId};
use crate::input::{Failure, Input};
use crate::message::{Request, Response};
use crate::share::ShareEvent;
use crate::time::{Span, Time};
use crate::timer::Timer;
use crate::view::ShareConsumerView;

mod acknowledge;
mod application;
mod close;
mod config;
mod fetch;
mod membership;
mod program;
mod settings;

pub use config::{AcknowledgementMode, OnFailure, ShareConsumerConfig};
pub use program::{ProgramShareConsumer, ShareDelivery};
pub use settings::SHARE_CONSUMER_CONFIGS;

use acknowledge::Said;
use application::Application;
use fetch::Leader;
use membership::Membership;

/// A share consumer.
#[derive(Clone, Debug)]
pub(crate) struct ShareConsumer {
    config: Arc<ShareConsumerConfig>,
    shown_configs: Arc<[(Arc<str>, Arc<str>)]>,
    phase: Phase,
    updater: MetadataUpdater,
    requests: BTreeMap<CorrelationId, Sent>,
    membership: Membership,
    /// The leaders that it fetches from.
    leaders: BTreeMap<BrokerId, Leader>,
    application: Application,
    alarm: Alarm,
    heartbeat_alarm: Alarm,
    last_error: Option<Arc<str>>,
}

/// Where a share consumer is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// It ends its sessions, then leaves its group; until then at most.
    Closing(Time),
    Closed,
}

/// A request that awaits its answer.
#[derive(Clone, Debug)]
enum Sent {
    FindCoordinator(BrokerId),
    Heartbeat,
    Leave,
    Fetch(BrokerId, Said),
    Acknowledge(BrokerId, Said),
}

impl ShareConsumer {
    pub(crate) fn new(config: ShareConsumerConfig) -> Self {
        let updater = MetadataUpdater::new(
            config.topics.clone(),
            config.retry_backoff(),
            Span::from_millis(config.metadata_max_age_ms),
            config.request_timeout(),
        );
        Self {
            phase: Phase::Open,
            updater,
            requests: BTreeMap::new(),
            membership: Membership::default(),
            leaders: BTreeMap::new(),
            application: Application::default(),
            alarm: Alarm::default(),
            heartbeat_alarm: Alarm::default(),
            last_error: None,
            shown_configs: config.configs().into(),
            config: Arc::new(config),
        }
    }

    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.start(ctx),
            Input::Stop => self.close(ctx),
            Input::Response(id, response) => self.on_response(ctx, id, &response),
            Input::Failed(id, failure) => self.on_failed(ctx, id, failure),
            Input::Timer(Timer::Processing) => self.record_processed(ctx),
            // The other timers only wake: what is due is found by looking.
            _ => {}
        }
        self.run(ctx);
    }

    /// Who it says that it is; none if it does not say.
    pub(crate) fn principal(&self) -> Option<Principal> {
        self.config.security.principal()
    }

    /// The `client.id` that its requests carry.
    pub(crate) fn client_id(&self) -> Arc<str> {
        self.config.client_id.clone()
    }

    pub(crate) fn view(&self, client: ClientId, is_running: bool) -> ShareConsumerView {
        let application = &self.application;
        ShareConsumerView {
            client,
            name: self.config.name.clone(),
            group: self.config.group.clone(),
            topics: self.config.topics.clone(),
            member: self.membership.member.clone(),
            epoch: self.membership.epoch,
            assignment: self.assigned(),
            is_closed: !is_running,
            works_on: application.works_on(),
            in_hand: application.in_hand(),
            records_delivered: application.delivered,
            accepted: application.accepted,
            released: application.released,
            rejected: application.rejected,
            too_late: application.too_late,
            last_error: self.last_error.clone(),
            configs: Arc::clone(&self.shown_configs),
        }
    }

    fn start(&mut self, ctx: &mut Ctx<'_>) {
        let started = ctx.emit(EventKind::Share(ShareEvent::ConsumerStarted {
            client: my_id(ctx),
            name: self.config.name.clone(),
            group: self.config.group.clone(),
            topics: self.config.topics.clone(),
        }));
        ctx.because(started);
        self.membership.begin(ctx);
    }

    /// Does whatever can be done now, and sets the alarms for what cannot be done yet.
    fn run(&mut self, ctx: &mut Ctx<'_>) {
        if self.phase == Phase::Closed {
            return;
        }
        self.take_part(ctx);
        match self.phase {
            Phase::Open => self.poll(ctx),
            Phase::Closing(_) => self.go_on_closing(ctx),
            Phase::Closed => {}
        }
        if self.phase == Phase::Closed {
            return;
        }
        self.updater.poll(ctx);
        let now = ctx.now();
        let deadline = match self.phase {
            Phase::Closing(deadline) => Some(deadline),
            Phase::Open | Phase::Closed => None,
        };
        let leaders = self.leaders.values().map(|leader| leader.not_before);
        let looks = [self.membership.look_up_at, self.application.poll_at];
        let all = leaders.chain(looks).chain(deadline);
        let next = all.filter(|at| *at > now).min();
        self.alarm.set(ctx, next, &Timer::Retry);
    }

    fn on_response(&mut self, ctx: &mut Ctx<'_>, id: CorrelationId, response: &Response) {
        if self.updater.handle_response(ctx, id, response) {
            let denied = self.updater.metadata.unauthorized();
            if !denied.is_empty() {
                let exception = not_authorized_to_topics(&denied);
                self.fail(ctx, &exception);
            }
            return;
        }
        let Some(sent) = self.requests.remove(&id) else { return };
        match (sent, response) {
            (Sent::FindCoordinator(broker), Response::FindCoordinator(body)) => {
                self.updater.metadata.succeeded(broker);
                self.on_coordinator_found(ctx, body);
            }
            (Sent::Heartbeat, Response::ShareGroupHeartbeat(body)) => self.on_heartbeat(ctx, body),
            (Sent::Leave, Response::ShareGroupHeartbeat(_)) => self.membership.left(),
            (Sent::Fetch(leader, said), Response::ShareFetch(body)) => {
                self.on_fetched(ctx, leader, &said, body);
            }
            (Sent::Acknowledge(leader, said), Response::ShareAcknowledge(body)) => {
                self.on_acknowledged(ctx, leader, &said, body);
            }
            (sent, response) => unreachable!("{:?} does not answer {sent:?}", response.api_key()),
        }
    }

    /// A request will not be answered: the connection is as good as broken, whichever way it failed.
    fn on_failed(&mut self, ctx: &mut Ctx<'_>, id: CorrelationId, failure: Failure) {
        if self.updater.handle_failure(ctx, id, failure) {
            return;
        }
        let Some(sent) = self.requests.remove(&id) else { return };
        match sent {
            Sent::FindCoordinator(broker) => {
                self.updater.metadata.failed(broker, ctx.now());
                self.coordinator_not_found(ctx);
            }
            Sent::Heartbeat => self.heartbeat_failed(ctx),
            Sent::Leave => self.membership.left(),
            Sent::Fetch(leader, said) | Sent::Acknowledge(leader, said) => {
                self.leader_failed(ctx, leader, &said);
            }
        }
    }

    fn send(&mut self, ctx: &mut Ctx<'_>, to: BrokerId, request: impl Into<Request>, sent: Sent) {
        let id = ctx.send(NodeId::Broker(to), request, self.config.request_timeout());
        self.requests.insert(id, sent);
    }
}

fn my_id(ctx: &Ctx<'_>) -> ClientId {
    match ctx.me() {
        NodeId::Client(id) => id,
        other => unreachable!("{other} is no share consumer"),
    }
}
