//! A share consumer's place in its group: it finds the coordinator, sends heartbeats, and learns which partitions
//! it fetches from. Kafka's `ShareMembershipManager`: there is nothing to give up, and so nothing to wait for.

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::StrBytes;

use crate::client::error_messages::not_authorized_to_group;
use crate::client::errors::kafka_name;
use crate::client::names;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, Generation, MemberId, TopicId, TopicPartition};
use crate::share::session::PartitionId;
use crate::share_consumer::{Phase, Sent, ShareConsumer};
use crate::time::{Span, Time};
use crate::timer::Timer;

/// The epoch with which a member joins.
const JOIN_EPOCH: Generation = Generation(0);
/// The epoch with which it leaves.
const LEAVE_EPOCH: Generation = Generation(-1);

/// A share consumer's place in its group.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    pub(super) member: MemberId,
    pub(super) epoch: Generation,
    coordinator: Option<BrokerId>,
    is_looking_up: bool,
    look_up_attempts: u32,
    pub(super) look_up_at: Time,
    /// The partitions that it is to fetch from.
    pub(super) assignment: BTreeSet<PartitionId>,
    interval: Span,
    heartbeat_at: Time,
    is_awaited: bool,
    failures: u32,
    /// Whether its subscription is known to the coordinator.
    is_introduced: bool,
    /// Whether it is out of the group for good.
    pub(super) has_left: bool,
}

impl Default for Membership {
    fn default() -> Self {
        Self {
            member: "".into(),
            epoch: JOIN_EPOCH,
            coordinator: None,
            is_looking_up: false,
            look_up_attempts: 0,
            look_up_at: Time::ZERO,
            assignment: BTreeSet::new(),
            interval: Span::ZERO,
            heartbeat_at: Time::ZERO,
            is_awaited: false,
            failures: 0,
            is_introduced: false,
            has_left: false,
        }
    }
}

impl Membership {
    /// Makes its id up, and keeps it for as long as it lives.
    pub(super) fn begin(&mut self, ctx: &mut Ctx<'_>) {
        let random = ctx.random("member id");
        let id = u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
        self.member = MemberId::from(TopicId(id).to_string().as_str());
        self.heartbeat_at = ctx.now();
    }

    pub(super) fn left(&mut self) {
        self.has_left = true;
    }

    fn is_member(&self) -> bool {
        self.epoch > JOIN_EPOCH
    }
}

impl ShareConsumer {
    /// Looks for the coordinator, or sends the heartbeat that is due.
    pub(super) fn take_part(&mut self, ctx: &mut Ctx<'_>) {
        if self.phase != Phase::Open {
            return self.heartbeat_alarm.set(ctx, None, &Timer::ShareGroupHeartbeat);
        }
        let now = ctx.now();
        let Some(coordinator) = self.membership.coordinator else {
            self.heartbeat_alarm.set(ctx, None, &Timer::ShareGroupHeartbeat);
            return self.look_up_coordinator(ctx);
        };
        if self.membership.heartbeat_at <= now && !self.membership.is_awaited {
            let request = self.heartbeat_request();
            self.membership.is_awaited = true;
            self.membership.heartbeat_at = now + self.membership.interval;
            self.send(ctx, coordinator, request, Sent::Heartbeat);
        }
        let next = Some(self.membership.heartbeat_at).filter(|_| !self.membership.is_awaited);
        self.heartbeat_alarm.set(ctx, next, &Timer::ShareGroupHeartbeat);
    }

    /// Says that it leaves. False if nobody is there to hear it.
    pub(super) fn leave(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let coordinator = self.membership.coordinator.filter(|_| self.membership.is_member());
        let Some(coordinator) = coordinator else { return false };
        self.membership.epoch = LEAVE_EPOCH;
        let request = kafka::ShareGroupHeartbeatRequest::default()
            .with_group_id(self.group_id())
            .with_member_id(self.member_id())
            .with_member_epoch(LEAVE_EPOCH.0)
            .with_subscribed_topic_names(None);
        self.send(ctx, coordinator, request, Sent::Leave);
        true
    }

    /// The partitions that it is to fetch from, by name.
    pub(super) fn assigned(&self) -> Vec<TopicPartition> {
        let named = self.membership.assignment.iter().filter_map(|id| self.named(*id));
        named.collect()
    }

    pub(super) fn named(&self, (topic, index): PartitionId) -> Option<TopicPartition> {
        let name = self.updater.metadata.topic_names.get(&topic)?;
        Some(TopicPartition::new(name, index))
    }

    pub(super) fn group_id(&self) -> kafka::GroupId {
        kafka::GroupId(StrBytes::from_string(self.config.group.to_string()))
    }

    pub(super) fn member_id(&self) -> StrBytes {
        StrBytes::from_string(self.membership.member.to_string())
    }

    pub(super) fn on_coordinator_found(
        &mut self,
        ctx: &mut Ctx<'_>,
        response: &kafka::FindCoordinatorResponse,
    ) {
        self.membership.is_looking_up = false;
        let found = response.coordinators.first();
        match found.map(|found| (ResponseError::try_from_code(found.error_code), found.node_id)) {
            Some((None, node)) => {
                self.membership.coordinator = Some(BrokerId(node.0));
                self.membership.look_up_attempts = 0;
            }
            Some((Some(ResponseError::GroupAuthorizationFailed), _)) => {
                self.coordinator_not_found(ctx);
                let exception = not_authorized_to_group(&self.config.group);
                self.fail(ctx, &exception);
            }
            _ => self.coordinator_not_found(ctx),
        }
    }

    pub(super) fn coordinator_not_found(&mut self, ctx: &mut Ctx<'_>) {
        self.membership.is_looking_up = false;
        let attempts = self.membership.look_up_attempts;
        self.membership.look_up_attempts = attempts.saturating_add(1);
        self.membership.look_up_at = ctx.now() + self.config.retry_backoff().wait(ctx, attempts);
        self.updater.request_update();
    }

    pub(super) fn on_heartbeat(
        &mut self,
        ctx: &mut Ctx<'_>,
        response: &kafka::ShareGroupHeartbeatResponse,
    ) {
        self.membership.is_awaited = false;
        if let Some(error) = ResponseError::try_from_code(response.error_code) {
            return self.heartbeat_refused(ctx, error, response.error_message.as_deref());
        }
        let membership = &mut self.membership;
        membership.failures = 0;
        membership.epoch = Generation(response.member_epoch);
        let interval = Span::from_millis(response.heartbeat_interval_ms.into());
        if interval != membership.interval {
            membership.interval = interval;
            membership.heartbeat_at = ctx.now() + interval;
        }
        let Some(assignment) = &response.assignment else { return };
        let parts = assignment.topic_partitions.iter().flat_map(|topic| {
            let id = names::topic_id(topic.topic_id);
            topic.partitions.iter().map(move |partition| (id, *partition))
        });
        membership.assignment = parts.collect();
        let is_unknown =
            |(topic, _): &PartitionId| !self.updater.metadata.topic_names.contains_key(topic);
        if self.membership.assignment.iter().any(is_unknown) {
            self.updater.request_update();
        }
    }

    /// No answer to a heartbeat: the coordinator may be gone.
    pub(super) fn heartbeat_failed(&mut self, ctx: &mut Ctx<'_>) {
        self.membership.is_awaited = false;
        self.membership.is_introduced = false;
        self.membership.coordinator = None;
        self.wait_to_retry(ctx);
    }

    fn heartbeat_refused(
        &mut self,
        ctx: &mut Ctx<'_>,
        error: ResponseError,
        message: Option<&str>,
    ) {
        self.membership.is_introduced = false;
        self.wait_to_retry(ctx);
        match error {
            ResponseError::CoordinatorNotAvailable | ResponseError::NotCoordinator => {
                self.membership.coordinator = None;
                self.membership.heartbeat_at = ctx.now();
            }
            ResponseError::CoordinatorLoadInProgress => {}
            ResponseError::FencedMemberEpoch | ResponseError::UnknownMemberId => {
                self.membership.epoch = JOIN_EPOCH;
                self.membership.assignment.clear();
                self.membership.failures = 0;
                self.membership.heartbeat_at = ctx.now();
            }
            ResponseError::GroupAuthorizationFailed => {
                self.membership.epoch = JOIN_EPOCH;
                let exception = not_authorized_to_group(&self.config.group);
                self.fail(ctx, &exception);
            }
            error => {
                let name = kafka_name(error);
                let what = message.map_or(name.clone(), |message| format!("{name}: {message}"));
                self.membership.epoch = JOIN_EPOCH;
                self.fail(ctx, &what);
            }
        }
    }

    fn wait_to_retry(&mut self, ctx: &mut Ctx<'_>) {
        let wait = self.config.retry_backoff().wait(ctx, self.membership.failures);
        self.membership.failures = self.membership.failures.saturating_add(1);
        self.membership.heartbeat_at = ctx.now() + wait;
    }

    fn look_up_coordinator(&mut self, ctx: &mut Ctx<'_>) {
        if self.membership.is_looking_up || self.membership.look_up_at > ctx.now() {
            return;
        }
        let broker = self.updater.metadata.pick_node(ctx);
        let request =
            kafka::FindCoordinatorRequest::default().with_coordinator_keys(vec![self.group_id().0]);
        self.membership.is_looking_up = true;
        self.send(ctx, broker, request, Sent::FindCoordinator(broker));
    }

    /// A heartbeat; a member that joins says everything.
    fn heartbeat_request(&mut self) -> kafka::ShareGroupHeartbeatRequest {
        let request = kafka::ShareGroupHeartbeatRequest::default()
            .with_group_id(self.group_id())
            .with_member_id(self.member_id())
            .with_member_epoch(self.membership.epoch.0)
            .with_subscribed_topic_names(None);
        let is_known = self.membership.is_introduced && self.membership.is_member();
        self.membership.is_introduced = true;
        if is_known {
            return request;
        }
        let rack = Some(&*self.config.client_rack).filter(|rack| !rack.is_empty());
        let mut topics = self.config.topics.clone();
        topics.sort();
        request
            .with_rack_id(rack.map(|rack| StrBytes::from_string(rack.to_owned())))
            .with_subscribed_topic_names(Some(topics.iter().map(names::to_kafka).collect()))
    }
}
