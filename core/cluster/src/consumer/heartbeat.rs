//! Heartbeats, and what a consumer learns from their answers: Kafka's heartbeat thread.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{HeartbeatRequest, HeartbeatResponse};

use crate::consumer::Consumer;
use crate::consumer::membership::MemberState;
use crate::consumer::responses::Sent;
use crate::ctx::Ctx;
use crate::ids::{Generation, NodeId};
use crate::timer::Timer;

impl Consumer {
    /// Sends the heartbeat that is due, or leaves the group if the application has not polled for
    /// `max.poll.interval.ms`.
    pub(super) fn heartbeat(&mut self, ctx: &mut Ctx<'_>) {
        if !self.config.is_classic() {
            return self.group_heartbeat(ctx);
        }
        let (true, Some(coordinator)) = (self.membership.has_joined(), self.membership.coordinator)
        else {
            return self.membership.heartbeat_alarm.set(ctx, None, &Timer::GroupHeartbeat);
        };
        let now = ctx.now();
        let session_end = self.membership.session_began + self.config.session_timeout();
        let poll_deadline = self.poll_deadline();
        if session_end <= now {
            // No answer for a whole session: perhaps another broker coordinates the group by now.
            self.membership.coordinator_unknown();
            self.look_up_coordinator(ctx);
        } else if poll_deadline.is_some_and(|deadline| deadline <= now) {
            self.tell_poll_overdue(ctx);
            self.leave_group(ctx, "consumer poll timeout has expired.");
            self.membership.reset(true);
        } else if self.membership.heartbeat_at <= now {
            let request = HeartbeatRequest::default()
                .with_group_id(self.group_id())
                .with_generation_id(self.membership.generation.0)
                .with_member_id(self.member_id())
                .with_group_instance_id(self.instance_id());
            let sent = Sent::Heartbeat(self.membership.generation);
            self.send(ctx, NodeId::Broker(coordinator), request, sent);
            self.membership.heartbeat_at = now + self.config.heartbeat_interval();
        }
        let next = [Some(self.membership.heartbeat_at), Some(session_end), poll_deadline];
        let next = next.into_iter().flatten().filter(|at| *at > now).min();
        let next = next.filter(|_| self.membership.has_joined());
        self.membership.heartbeat_alarm.set(ctx, next, &Timer::GroupHeartbeat);
    }

    /// Heartbeats begin with the generation.
    pub(super) fn begin_heartbeats(&mut self, ctx: &Ctx<'_>) {
        self.membership.session_began = ctx.now();
        self.membership.heartbeat_at = ctx.now() + self.config.heartbeat_interval();
    }

    pub(super) fn on_heartbeat(
        &mut self,
        ctx: &mut Ctx<'_>,
        sent_in: Generation,
        response: &HeartbeatResponse,
    ) {
        let is_same_generation = sent_in == self.membership.generation;
        match ResponseError::try_from_code(response.error_code) {
            None => self.membership.session_began = ctx.now(),
            Some(ResponseError::RebalanceInProgress) => {
                // It stays in the group as long as the rebalance waits for it.
                self.membership.session_began = ctx.now();
                if self.membership.state == MemberState::Stable {
                    self.membership.needs_rejoin = true;
                }
            }
            Some(ResponseError::CoordinatorNotAvailable | ResponseError::NotCoordinator) => {
                self.membership.coordinator_unknown();
                self.heartbeat_failed(ctx);
            }
            Some(error @ (ResponseError::IllegalGeneration | ResponseError::UnknownMemberId)) => {
                if is_same_generation {
                    self.membership.reset(error == ResponseError::UnknownMemberId);
                }
            }
            Some(error) => self.fail(ctx, error),
        }
    }

    /// The next heartbeat comes sooner than usual.
    pub(super) fn heartbeat_failed(&mut self, ctx: &Ctx<'_>) {
        self.membership.heartbeat_at = ctx.now() + self.config.retry_pause();
    }
}
