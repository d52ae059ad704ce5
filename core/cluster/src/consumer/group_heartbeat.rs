//! ConsumerGroupHeartbeat: with it a member joins, says what it owns, learns what it is to own, and
//! leaves (KIP-848).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_group_heartbeat_request::TopicPartitions;
use kafka_protocol::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use crate::client::errors::kafka_name;
use crate::client::names;
use crate::consumer::Consumer;
use crate::consumer::member::{ById, State};
use crate::consumer::membership::MemberState;
use crate::consumer::responses::Sent;
use crate::ctx::Ctx;
use crate::ids::{Generation, MemberId, NodeId, TopicId};
use crate::timer::Timer;

/// The epoch of a member that joins.
const JOIN_EPOCH: Generation = Generation(0);
/// The epoch with which a member leaves.
const LEAVE_EPOCH: Generation = Generation(-1);
/// The epoch with which a static member leaves that may be back.
const STATIC_LEAVE_EPOCH: Generation = Generation(-2);

impl Consumer {
    /// Sends the heartbeat that is due, or leaves the group if the application has not polled for
    /// `max.poll.interval.ms`.
    pub(super) fn group_heartbeat(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        let Some(coordinator) = self.membership.coordinator.filter(|_| self.is_active()) else {
            return self.membership.heartbeat_alarm.set(ctx, None, &Timer::ConsumerGroupHeartbeat);
        };
        let is_leaving = self.member.state == State::PrepareLeaving;
        let poll_deadline = self.poll_deadline().filter(|_| !is_leaving);
        if poll_deadline.is_some_and(|deadline| deadline <= now) {
            self.send_leave_heartbeat(ctx, false);
            self.member.state = State::Stale;
            return self.membership.heartbeat_alarm.set(ctx, None, &Timer::ConsumerGroupHeartbeat);
        }
        let is_due = self.member.heartbeat_at <= now;
        if is_due && !self.member.is_awaited {
            self.send_group_heartbeat(ctx, NodeId::Broker(coordinator));
        }
        let next = Some(self.member.heartbeat_at).filter(|_| !self.member.is_awaited);
        let next = [next, poll_deadline].into_iter().flatten().filter(|at| *at > now).min();
        self.membership.heartbeat_alarm.set(ctx, next, &Timer::ConsumerGroupHeartbeat);
    }

    /// Leaves the group: the epoch says so. False if there is none to leave.
    pub(super) fn send_leave_heartbeat(&mut self, ctx: &mut Ctx<'_>, for_good: bool) -> bool {
        let Some(coordinator) = self.membership.coordinator.filter(|_| self.is_active()) else {
            return false;
        };
        let is_static = self.config.group_instance_id.is_some();
        self.set_member_epoch(if is_static && !for_good {
            STATIC_LEAVE_EPOCH
        } else {
            LEAVE_EPOCH
        });
        self.member.state = State::Leaving;
        let request = self.heartbeat_request();
        self.send(ctx, NodeId::Broker(coordinator), request, Sent::GroupLeave);
        self.member.state = State::Unsubscribed;
        true
    }

    pub(super) fn on_group_heartbeat(
        &mut self,
        ctx: &mut Ctx<'_>,
        sent_in: Generation,
        response: &ConsumerGroupHeartbeatResponse,
    ) {
        self.member.is_awaited = false;
        let Some(error) = ResponseError::try_from_code(response.error_code) else {
            return self.on_heartbeat_success(response);
        };
        let now = ctx.now();
        self.member.sent = Default::default();
        let wait = self.config.retry_backoff().wait(ctx, self.member.failures);
        self.member.failures = self.member.failures.saturating_add(1);
        self.member.heartbeat_at = now + wait;
        match error {
            ResponseError::CoordinatorNotAvailable | ResponseError::NotCoordinator => {
                self.membership.coordinator_unknown();
                self.member.heartbeat_at = now;
            }
            ResponseError::CoordinatorLoadInProgress => {}
            ResponseError::FencedMemberEpoch | ResponseError::UnknownMemberId => {
                // It may have begun anew since.
                if self.is_active() && sent_in == self.membership.generation {
                    self.member.state = State::Fenced;
                    self.member.failures = 0;
                    self.set_member_epoch(JOIN_EPOCH);
                }
            }
            error => {
                self.member.state = State::Fatal;
                self.set_member_epoch(JOIN_EPOCH);
                let name = kafka_name(error);
                let what = match response.error_message.as_deref() {
                    Some(message) => format!("{name}: {message}"),
                    None => name,
                };
                self.poll_fails(ctx, &what);
            }
        }
    }

    /// No answer to a heartbeat: the coordinator may be gone.
    pub(super) fn group_heartbeat_failed(&mut self, ctx: &mut Ctx<'_>) {
        self.member.is_awaited = false;
        self.member.sent = Default::default();
        self.membership.coordinator_unknown();
        let wait = self.config.retry_backoff().wait(ctx, self.member.failures);
        self.member.failures = self.member.failures.saturating_add(1);
        self.member.heartbeat_at = ctx.now() + wait;
    }

    /// Joins, or joins anew.
    pub(super) fn join_anew(&mut self, ctx: &mut Ctx<'_>) {
        if self.membership.member.is_none() {
            // The client makes its id up, and keeps it for as long as it lives.
            let random = ctx.random("member id");
            let id = u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
            self.membership.member = Some(MemberId::from(TopicId(id).to_string().as_str()));
        }
        self.member.join(ctx.now());
        self.set_member_epoch(JOIN_EPOCH);
        self.membership.needs_rejoin = false;
    }

    /// Under this protocol the epoch takes the place of the generation; only a member with one commits.
    pub(super) fn set_member_epoch(&mut self, epoch: Generation) {
        self.membership.generation = epoch;
        let is_member = epoch > JOIN_EPOCH;
        self.membership.state = if is_member { MemberState::Stable } else { MemberState::Unjoined };
    }

    fn is_active(&self) -> bool {
        !self.member.state.is_silent()
    }

    fn send_group_heartbeat(&mut self, ctx: &mut Ctx<'_>, coordinator: NodeId) {
        let request = self.heartbeat_request();
        self.member.is_awaited = true;
        self.member.sent_at = ctx.now();
        self.member.heartbeat_at = ctx.now() + self.member.interval;
        let sent = Sent::GroupHeartbeat(self.membership.generation);
        self.send(ctx, coordinator, request, sent);
        if self.member.state == State::Acknowledging {
            let is_done = self.member.is_reconciled();
            self.member.state = if is_done { State::Stable } else { State::Reconciling };
        }
    }

    /// A heartbeat with what has changed since the last; a member that joins says everything.
    fn heartbeat_request(&mut self) -> ConsumerGroupHeartbeatRequest {
        let request = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(self.group_id())
            .with_member_id(self.member_id())
            .with_member_epoch(self.membership.generation.0)
            .with_instance_id(self.instance_id())
            .with_rebalance_timeout_ms(-1)
            .with_topic_partitions(None);
        if self.member.state == State::Leaving {
            return request;
        }
        let is_joining = self.member.state == State::Joining;
        let request = if is_joining || !self.member.sent.is_introduced {
            self.introduced(request)
        } else {
            request
        };
        self.member.sent.is_introduced = true;
        let owned = self.member.current.clone().unwrap_or_default();
        if !is_joining && self.member.sent.owned.as_ref() == Some(&owned) {
            return request;
        }
        let partitions = owned.iter().map(|(topic, partitions)| {
            TopicPartitions::default()
                .with_topic_id(Uuid::from_u128(topic.0))
                .with_partitions(partitions.iter().copied().collect())
        });
        let request = request.with_topic_partitions(Some(partitions.collect()));
        self.member.sent.owned = Some(owned);
        request
    }

    /// Adds what a member says of itself once.
    fn introduced(&self, request: ConsumerGroupHeartbeatRequest) -> ConsumerGroupHeartbeatRequest {
        let text = |text: &str| StrBytes::from_string(text.to_owned());
        let rack = Some(&*self.config.client_rack).filter(|rack| !rack.is_empty()).map(text);
        let request = request
            .with_rack_id(rack)
            .with_rebalance_timeout_ms(self.config.max_poll_interval_ms)
            .with_server_assignor(self.config.group_remote_assignor.as_deref().map(text));
        match &self.config.pattern {
            Some(pattern) => request.with_subscribed_topic_regex(Some(text(pattern.as_str()))),
            None => {
                let mut topics = self.topics.clone();
                topics.sort();
                let topics = topics.iter().map(names::to_kafka).collect();
                request.with_subscribed_topic_names(Some(topics))
            }
        }
    }

    fn on_heartbeat_success(&mut self, response: &ConsumerGroupHeartbeatResponse) {
        self.member.failures = 0;
        let interval = crate::time::Span::from_millis(response.heartbeat_interval_ms.into());
        if interval != self.member.interval {
            self.member.interval = interval;
            if !self.member.state.has_news() {
                self.member.heartbeat_at = self.member.sent_at + interval;
            }
        }
        if !self.is_active() || response.member_epoch < 0 {
            return;
        }
        self.set_member_epoch(Generation(response.member_epoch));
        let Some(assignment) = &response.assignment else { return };
        if !self.member.state.takes_assignments() {
            return;
        }
        let topics =
            assignment.topic_partitions.iter().filter(|topic| !topic.partitions.is_empty());
        let target: ById = topics
            .map(|topic| {
                (names::topic_id(topic.topic_id), topic.partitions.iter().copied().collect())
            })
            .collect();
        self.member.target = Some(target);
        if !self.member.is_reconciled() {
            self.member.state = State::Reconciling;
        } else if matches!(self.member.state, State::Reconciling | State::Joining) {
            self.member.state = State::Stable;
        }
    }
}
