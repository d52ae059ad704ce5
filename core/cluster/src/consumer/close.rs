//! Closing in good order: a last commit, then LeaveGroup, so that the others need not wait for the
//! session to run out.

use kafka_protocol::messages::LeaveGroupRequest;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::protocol::StrBytes;

use crate::consumer::commit::CommitReason;
use crate::consumer::group_config::GroupMembershipOperation;
use crate::consumer::listener::{Parting, Then};
use crate::consumer::member::State;
use crate::consumer::membership::MemberState;
use crate::consumer::responses::Sent;
use crate::consumer::{Consumer, Phase};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::NodeId;
use crate::time::{Span, Time};

/// How long closing may take: Kafka's default for `close()`.
const CLOSE_TIMEOUT: Span = Span(30_000_000);

/// How far a consumer is in closing.
#[derive(Clone, Debug)]
pub(super) struct Closing {
    pub(super) deadline: Time,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It is to commit.
    Commit,
    /// It has sent its last commit.
    Committing,
    /// It is to give its partitions back.
    GiveBack,
    /// The application is busy with that.
    GivingBack,
    /// It is to leave.
    Leave,
    /// It has sent LeaveGroup.
    Leaving,
    Done,
}

impl Consumer {
    pub(super) fn close(&mut self, ctx: &Ctx<'_>) {
        if let Phase::Open = self.phase {
            self.application.abandon_work();
            let deadline = ctx.now() + CLOSE_TIMEOUT;
            self.phase = Phase::Closing(Closing { deadline, step: Step::Commit });
        }
    }

    pub(super) fn go_on_closing(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        let deadline = match &self.phase {
            Phase::Closing(closing) => closing.deadline,
            Phase::Open | Phase::Closed => return,
        };
        if deadline <= now {
            self.set_step(Step::Done);
        }
        if self.step() == Step::Commit {
            self.commit_at_close(ctx);
        }
        if self.step() == Step::GiveBack {
            self.give_back_at_close(ctx);
        }
        if self.step() == Step::Leave {
            let is_leaving = self.leave_at_close(ctx);
            self.set_step(if is_leaving { Step::Leaving } else { Step::Done });
        }
        if self.step() == Step::Done {
            // Out of time: there is none left to wait for the application's listener.
            self.give_back(ctx, self.assignment.owned(), Parting::Lost, Then::Leave);
            self.phase = Phase::Closed;
            let client = super::my_id(ctx);
            ctx.emit(EventKind::ConsumerClosed { client });
            ctx.client_closed();
        }
    }

    /// Leaves the group. False if there is none to leave, or the consumer stays in it: a static member
    /// does, so that it gets the same partitions when it comes back in time.
    fn leave_at_close(&mut self, ctx: &mut Ctx<'_>) -> bool {
        if !self.config.leaves_at_close() {
            return false;
        }
        if !self.config.is_classic() {
            let operation = self.config.group_membership_operation;
            let for_good = operation == GroupMembershipOperation::LeaveGroup;
            return self.send_leave_heartbeat(ctx, for_good);
        }
        self.send_leave(ctx, "the consumer is being closed")
    }

    /// Leaves the group, unless the consumer is a static member.
    pub(super) fn leave_group(&mut self, ctx: &mut Ctx<'_>, reason: &'static str) {
        if self.config.group_instance_id.is_none() {
            self.send_leave(ctx, reason);
        }
    }

    fn send_leave(&mut self, ctx: &mut Ctx<'_>, reason: &'static str) -> bool {
        let is_member =
            self.membership.state != MemberState::Unjoined && self.membership.member.is_some();
        let Some(coordinator) = self.membership.coordinator.filter(|_| is_member) else {
            return false;
        };
        let identity = MemberIdentity::default()
            .with_member_id(self.member_id())
            .with_group_instance_id(self.instance_id())
            .with_reason(Some(StrBytes::from_static_str(reason)));
        let request = LeaveGroupRequest::default()
            .with_group_id(self.group_id())
            .with_members(vec![identity]);
        self.send(ctx, NodeId::Broker(coordinator), request, Sent::LeaveGroup);
        true
    }

    pub(super) fn left_group(&mut self) {
        if let Phase::Closing(closing) = &mut self.phase
            && closing.step == Step::Leaving
        {
            closing.step = Step::Done;
        }
    }

    pub(super) fn close_commit_done(&mut self) {
        self.set_step(Step::GiveBack);
    }

    /// The application has returned from its listener.
    pub(super) fn ready_to_leave(&mut self) {
        self.set_step(Step::Leave);
    }

    pub(super) fn close_commit_failed(&mut self) {
        self.set_step(Step::Commit);
    }

    fn commit_at_close(&mut self, ctx: &mut Ctx<'_>) {
        let has_something = self.config.enable_auto_commit
            && self.may_commit()
            && !self.assignment.consumed().is_empty();
        if !has_something {
            return self.set_step(Step::GiveBack);
        }
        self.look_up_coordinator(ctx);
        let offsets = self.assignment.consumed();
        let is_time = self.commits.retry_at <= ctx.now();
        if is_time && self.send_commit(ctx, CommitReason::Close, offsets) {
            self.set_step(Step::Committing);
        }
    }

    /// The application gets its partitions taken away. If the group rebalances, or has thrown the
    /// consumer out, others may own them already.
    fn give_back_at_close(&mut self, ctx: &mut Ctx<'_>) {
        if self.listener.is_running() {
            return;
        }
        self.set_step(Step::GivingBack);
        self.member.state = match self.member.state {
            state if state.is_silent() => state,
            _ => State::PrepareLeaving,
        };
        let parting = if self.membership.is_stable() { Parting::Revoked } else { Parting::Lost };
        self.give_back(ctx, self.assignment.owned(), parting, Then::Leave);
    }

    fn step(&self) -> Step {
        match &self.phase {
            Phase::Closing(closing) => closing.step,
            Phase::Open | Phase::Closed => Step::Done,
        }
    }

    fn set_step(&mut self, step: Step) {
        if let Phase::Closing(closing) = &mut self.phase {
            closing.step = step;
        }
    }
}
