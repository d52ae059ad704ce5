//! A consumer, as Kafka's classic Java client works: an application that polls, a member of a group
//! that gets its partitions from the group's leader, and fetches from the partitions' leaders.
//!
//! The application either polls, and then everything goes on at once, or it works on what the last
//! poll brought, and then only heartbeats, the search for a coordinator and the fetches that are
//! under way go on.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::ResponseError;

use crate::acl::Principal;
use crate::client::error_messages::{not_authorized_to_group, not_authorized_to_topics};
use crate::client::errors::kafka_name;
use crate::client::{Alarm, MetadataUpdater};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{ClientId, CorrelationId, NodeId, TopicName};
use crate::input::Input;
use crate::message::Request;
use crate::time::{Span, Time};
use crate::timer::Timer;
use crate::view::{ConsumerView, PositionView};

mod application;
mod assignment;
pub(crate) mod assignor;
mod close;
mod command;
mod commit;
mod completed_fetch;
mod config;
mod coordinator;
mod duration;
mod embedded;
mod fetcher;
mod group_config;
mod group_heartbeat;
mod heartbeat;
mod join;
mod listener;
mod member;
mod membership;
mod poll;
mod positions;
pub(crate) mod protocol;
mod read_replica;
mod reconcile;
mod responses;
mod settings;
mod subscription;
mod sync;
mod user_data;

pub use application::config::{ApplicationConfig, CommitMode, CommitWhen, OnError, WorkOrder};
pub use application::dedupe::{Dedupe, IdPlace};
pub use application::event::ApplicationEvent;
pub use application::headers;
pub(crate) use application::outbox::OutgoingId;
pub use application::rule::{FailRule, Poison};
pub use command::{ConsumerCommand, SeekTo};
pub use config::{AutoOffsetReset, ConsumerConfig, IsolationLevel};
pub(crate) use duration::parse as duration_ms;
pub use group_config::{GroupMembershipOperation, GroupProtocol, TopicPattern};
pub use protocol::decode_assignment;
pub use settings::CONSUMER_CONFIGS;

use application::Application;
use assignment::Assignment;
use close::Closing;
use commit::Commits;
use fetcher::Fetcher;
use listener::Listener;
use member::Member;
use membership::Membership;
use responses::Sent;

/// A consumer.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    config: Arc<ConsumerConfig>,
    /// Its settings as a view shows them.
    shown_configs: Arc<[(Arc<str>, Arc<str>)]>,
    phase: Phase,
    updater: MetadataUpdater,
    requests: BTreeMap<CorrelationId, Sent>,
    /// What it subscribes to: of a pattern, what it matches.
    topics: Vec<TopicName>,
    membership: Membership,
    /// Its place in a group of the consumer protocol, beyond what both protocols have.
    member: Member,
    listener: Listener,
    assignment: Assignment,
    commits: Commits,
    fetcher: Fetcher,
    application: Application,
    /// Within an application that also writes: what passes between the two.
    embedding: Option<Box<embedded::Embedding>>,
    retry_alarm: Alarm,
    records_consumed: u64,
    last_error: Option<Arc<str>>,
}

/// Where a consumer is in its life.
#[derive(Clone, Debug)]
enum Phase {
    Open,
    /// It commits, then leaves its group.
    Closing(Closing),
    Closed,
}

impl Consumer {
    pub(crate) fn new(config: ConsumerConfig) -> Self {
        let mut updater = MetadataUpdater::new(
            config.topics.clone(),
            config.retry_backoff(),
            Span::from_millis(config.metadata_max_age_ms),
            config.request_timeout(),
        );
        if config.pattern.is_some() {
            updater.follow_all();
        }
        Self {
            phase: Phase::Open,
            updater,
            requests: BTreeMap::new(),
            topics: config.topics.clone(),
            membership: Membership::default(),
            member: Member::default(),
            listener: Listener::default(),
            assignment: Assignment::default(),
            commits: Commits::default(),
            fetcher: Fetcher::default(),
            application: Application::default(),
            embedding: None,
            retry_alarm: Alarm::default(),
            records_consumed: 0,
            last_error: None,
            shown_configs: config.configs().into(),
            config: Arc::new(config),
        }
    }

    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.start(ctx),
            Input::Stop => self.stop_application(ctx),
            Input::Consumer(command) => self.obey(ctx, command),
            Input::Response(id, response) => self.on_response(ctx, id, &response),
            Input::Failed(id, failure) => self.on_failed(ctx, id, failure),
            Input::Timer(Timer::Poll) => self.wake_application(ctx),
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

    pub(crate) fn view(&self, client: ClientId, is_running: bool) -> ConsumerView {
        let positions = self.assignment.partitions.iter().map(|(partition, state)| PositionView {
            partition: partition.clone(),
            position: state.offset(),
            committed: state.committed,
            preferred_read_replica: state.preferred_read_replica.map(|chosen| chosen.replica),
            lag: state.offset().zip(state.end).map(|(at, end)| (end - at).max(0).unsigned_abs()),
            is_paused: state.is_paused,
        });
        ConsumerView {
            client,
            name: self.config.name.clone(),
            group: self.config.group.clone(),
            topics: self.topics.clone(),
            pattern: self.config.pattern.as_ref().map(|pattern| pattern.as_str().into()),
            group_protocol: self.config.group_protocol,
            assignor: self.assignor_name(),
            member_state: self.member_state(),
            is_closed: !is_running,
            member: self.membership.member.clone(),
            generation: self.membership.generation,
            assignment: positions.collect(),
            records_consumed: self.records_consumed,
            application: self.application.view(),
            last_error: self.last_error.clone(),
            configs: Arc::clone(&self.shown_configs),
        }
    }

    fn start(&mut self, ctx: &mut Ctx<'_>) {
        let started = ctx.emit(EventKind::ConsumerStarted {
            client: my_id(ctx),
            name: self.config.name.clone(),
            group: self.config.group.clone(),
            topics: self.config.topics.clone(),
        });
        ctx.because(started);
        self.assign_itself(ctx);
        self.application_polls(ctx);
    }

    /// Does whatever can be done now, and sets the alarms for what cannot be done yet.
    fn run(&mut self, ctx: &mut Ctx<'_>) {
        if matches!(self.phase, Phase::Closed) {
            return;
        }
        self.await_listener(ctx);
        self.heartbeat(ctx);
        if matches!(self.phase, Phase::Open) {
            if self.has_group() {
                self.look_up_coordinator(ctx);
            }
            self.work(ctx);
            self.poll(ctx);
        }
        // An exception may have closed it just now.
        self.go_on_closing(ctx);
        if matches!(self.phase, Phase::Closed) {
            return;
        }
        self.updater.poll(ctx);
        let retry_at = self.next_retry(ctx.now());
        self.retry_alarm.set(ctx, retry_at, &Timer::Retry);
    }

    /// The next instant at which something that failed may be tried again.
    fn next_retry(&self, now: Time) -> Option<Time> {
        let deadline = match &self.phase {
            Phase::Closing(closing) => Some(closing.deadline),
            Phase::Open | Phase::Closed => None,
        };
        let membership =
            [self.membership.look_up_at, self.membership.join_at, self.commits.retry_at];
        let partitions = self.assignment.next_retry(now);
        let all = membership
            .into_iter()
            .chain(deadline)
            .chain(partitions)
            .chain(self.fetcher.next_attempt(now));
        all.filter(|at| *at > now).min()
    }

    /// Whether it took its partitions for itself: it is no member of its group then, if it has one.
    fn is_self_assigned(&self) -> bool {
        !self.config.assign.is_empty()
    }

    fn has_group(&self) -> bool {
        self.config.has_group()
    }

    fn send(&mut self, ctx: &mut Ctx<'_>, to: NodeId, request: impl Into<Request>, sent: Sent) {
        let timeout = self.config.request_timeout();
        self.send_within(ctx, to, request, timeout, sent);
    }

    fn send_within(
        &mut self,
        ctx: &mut Ctx<'_>,
        to: NodeId,
        request: impl Into<Request>,
        timeout: Span,
        sent: Sent,
    ) {
        let id = ctx.send(to, request, timeout);
        self.requests.insert(id, sent);
    }

    /// Poll throws an exception that the application does not handle.
    fn fail(&mut self, ctx: &mut Ctx<'_>, error: ResponseError) {
        let exception = match error {
            ResponseError::GroupAuthorizationFailed => not_authorized_to_group(&self.config.group),
            error => kafka_name(error),
        };
        self.poll_fails(ctx, &exception);
    }

    /// Poll throws since the consumer may not know of topics that it follows, if the brokers said so.
    fn check_topic_authorization(&mut self, ctx: &mut Ctx<'_>) {
        let denied = self.updater.metadata.unauthorized();
        if !denied.is_empty() {
            self.poll_fails(ctx, &not_authorized_to_topics(&denied));
        }
    }

    /// Poll throws an exception that the application does not handle: at once, or as soon as the application
    /// is done with what poll brought before, and calls it again.
    fn poll_fails(&mut self, ctx: &mut Ctx<'_>, error: &str) {
        if self.is_at_work() {
            self.application.thrown_next.get_or_insert_with(|| error.into());
        } else {
            self.fail_with(ctx, error);
        }
    }

    /// The application gets an exception that it does not handle: it closes the consumer.
    fn fail_with(&mut self, ctx: &mut Ctx<'_>, error: &str) {
        self.last_error = Some(error.into());
        self.close(ctx);
    }
}

fn my_id(ctx: &Ctx<'_>) -> ClientId {
    match ctx.me() {
        NodeId::Client(id) => id,
        other => unreachable!("{other} is no consumer"),
    }
}

#[cfg(test)]
mod tests;
