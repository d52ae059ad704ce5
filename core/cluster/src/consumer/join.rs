//! Joining a group of the classic protocol: what was owned is committed and, under the eager protocol,
//! given back, then JoinGroup.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::{JoinGroupRequest, JoinGroupResponse};
use kafka_protocol::protocol::StrBytes;

use crate::consumer::Consumer;
use crate::consumer::group_config::RebalanceProtocol;
use crate::consumer::listener::{Parting, Then};
use crate::consumer::membership::MemberState;
use crate::consumer::protocol::{PROTOCOL_TYPE, Subscription, encode_subscription};
use crate::consumer::responses::Sent;
use crate::ctx::Ctx;
use crate::ids::{Generation, MemberId, NodeId};
use crate::time::Span;

/// How much longer than the rebalance may take the consumer waits for the answer to JoinGroup.
const JOIN_GROUP_TIMEOUT_LAPSE: Span = Span(5_000_000);

impl Consumer {
    /// While the application polls: takes over what was assigned, and joins the group if it is time to
    /// and nothing stands in the way.
    pub(super) fn rejoin_if_needed(&mut self, ctx: &mut Ctx<'_>) {
        if !self.config.is_classic() {
            return self.reconcile_if_needed(ctx);
        }
        self.complete_join(ctx);
        if self.listener.is_running() || !self.knows_subscription() {
            return;
        }
        let Some(coordinator) = self.membership.coordinator else { return };
        let is_due = self.membership.needs_rejoin && self.membership.join_at <= ctx.now();
        if !is_due || self.is_joining() {
            return;
        }
        if !self.membership.is_join_prepared {
            if !self.commit_before_join(ctx) {
                return;
            }
            self.membership.is_join_prepared = true;
            self.give_back_before_join(ctx);
            if self.listener.is_running() {
                return;
            }
        }
        self.send_join(ctx, NodeId::Broker(coordinator));
    }

    pub(super) fn on_joined(
        &mut self,
        ctx: &mut Ctx<'_>,
        sent_in: Generation,
        response: &JoinGroupResponse,
    ) {
        let is_same_generation = sent_in == self.membership.generation;
        let Some(error) = ResponseError::try_from_code(response.error_code) else {
            return self.on_generation_begun(ctx, response);
        };
        self.membership.rebalance_failed();
        match error {
            ResponseError::MemberIdRequired => {
                self.membership.member = Some(MemberId::from(response.member_id.as_str()));
            }
            ResponseError::UnknownMemberId => {
                if is_same_generation {
                    self.membership.reset(true);
                }
            }
            ResponseError::IllegalGeneration | ResponseError::RebalanceInProgress => {}
            ResponseError::CoordinatorNotAvailable | ResponseError::NotCoordinator => {
                self.membership.coordinator_unknown();
                self.join_later(ctx);
            }
            ResponseError::CoordinatorLoadInProgress => self.join_later(ctx),
            error => self.fail(ctx, error),
        }
    }

    /// The request was lost, and with it the coordinator.
    pub(super) fn join_failed(&mut self, ctx: &Ctx<'_>) {
        self.membership.rebalance_failed();
        self.membership.coordinator_unknown();
        self.join_later(ctx);
    }

    pub(super) fn join_later(&mut self, ctx: &Ctx<'_>) {
        self.membership.join_at = ctx.now() + self.config.retry_pause();
    }

    /// Under the eager protocol, everything is given back before each rebalance; under the cooperative
    /// one, only what the consumer no longer subscribes to. If the coordinator has thrown it out
    /// meanwhile, others may own everything by now.
    fn give_back_before_join(&mut self, ctx: &mut Ctx<'_>) {
        let membership = &self.membership;
        let is_member = membership.generation != Generation::NONE && membership.member.is_some();
        let owned = self.assignment.owned();
        if !is_member {
            return self.give_back(ctx, owned, Parting::Lost, Then::Poll);
        }
        let going = match self.config.rebalance_protocol() {
            RebalanceProtocol::Eager => owned,
            RebalanceProtocol::Cooperative => owned
                .into_iter()
                .filter(|partition| !self.topics.contains(&partition.topic))
                .collect(),
        };
        self.give_back(ctx, going, Parting::Revoked, Then::Poll);
    }

    /// Whether a rebalance is under way already. The answer to a request of it may be awaited even
    /// after the group has thrown the consumer out.
    fn is_joining(&self) -> bool {
        let is_part = |sent: &Sent| matches!(sent, Sent::JoinGroup(_) | Sent::SyncGroup(_));
        self.membership.to_assign.is_some() || self.requests.values().any(is_part)
    }

    fn send_join(&mut self, ctx: &mut Ctx<'_>, coordinator: NodeId) {
        let protocols = self.config.assignors.iter().map(|assignor| {
            let subscription = Subscription {
                topics: self.topics.clone(),
                user_data: assignor.user_data(self.membership.remembered.get(assignor.name())),
                owned: self.assignment.owned(),
                generation: Some(self.membership.generation),
                rack: Some(self.config.client_rack.clone()),
            };
            JoinGroupRequestProtocol::default()
                .with_name(StrBytes::from_static_str(assignor.name()))
                .with_metadata(encode_subscription(&subscription))
        });
        let request = JoinGroupRequest::default()
            .with_group_id(self.group_id())
            .with_session_timeout_ms(self.config.session_timeout_ms)
            .with_rebalance_timeout_ms(self.config.max_poll_interval_ms)
            .with_member_id(self.member_id())
            .with_group_instance_id(self.instance_id())
            .with_protocol_type(StrBytes::from_static_str(PROTOCOL_TYPE))
            .with_protocols(protocols.collect());
        self.membership.joined_topics = Some(self.topics.clone());
        self.membership.state = MemberState::PreparingRebalance;
        let lapse = self.config.max_poll_interval() + JOIN_GROUP_TIMEOUT_LAPSE;
        let timeout = lapse.max(self.config.request_timeout());
        let sent = Sent::JoinGroup(self.membership.generation);
        self.send_within(ctx, coordinator, request, timeout, sent);
    }

    fn on_generation_begun(&mut self, ctx: &mut Ctx<'_>, response: &JoinGroupResponse) {
        if self.membership.state != MemberState::PreparingRebalance {
            return;
        }
        self.membership.state = MemberState::CompletingRebalance;
        self.membership.generation = Generation(response.generation_id);
        self.membership.member = Some(MemberId::from(response.member_id.as_str()));
        self.membership.protocol = response.protocol_name.as_deref().map(Into::into);
        self.membership.assigned_counts = None;
        self.begin_heartbeats(ctx);
        if response.leader == response.member_id {
            self.on_leader_elected(ctx, response);
        } else {
            self.send_sync(ctx, Vec::new());
        }
    }
}
