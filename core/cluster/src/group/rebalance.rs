//! A rebalance: the group waits for its members to join, then begins its next generation.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::JoinGroupResponse;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;

use crate::event::GroupState;
use crate::group::answers::{joined_not, str_bytes};
use crate::group::classic_group::Group;
use crate::group::turn::Turn;
use crate::group::writes::Effect;
use crate::ids::{Generation, MemberId};
use crate::time::Span;
use crate::timer::Timer;

impl Group {
    /// Begins a rebalance, or ends the one under way if all have joined.
    pub(super) fn prepare_or_complete(&mut self, turn: &mut Turn<'_, '_>) {
        match self.state {
            GroupState::Empty | GroupState::Stable | GroupState::CompletingRebalance => {
                self.prepare_rebalance(turn);
            }
            _ => self.complete_if_joined(turn),
        }
    }

    /// Begins a rebalance.
    pub(super) fn prepare_rebalance(&mut self, turn: &mut Turn<'_, '_>) {
        if self.state == GroupState::CompletingRebalance {
            // Whoever waits for an assignment will get none: they are to join again.
            self.reset_assignment(turn, ResponseError::RebalanceInProgress);
        }
        self.pending_sync.clear();
        self.cancel_rebalance_timer(turn);
        let is_initial = self.state == GroupState::Empty;
        if is_initial {
            // The group is new: others are likely to come, and one rebalance is to do for all.
            let delay = turn.config().group_initial_rebalance_delay;
            self.initial_delay = (delay, self.rebalance_timeout() - delay);
            self.set_rebalance_timer(turn, delay, Timer::GroupInitialRebalance(self.id.clone()));
        }
        self.transition(turn, GroupState::PreparingRebalance);
        if is_initial {
            return;
        }
        if self.all_joined() {
            self.complete_join(turn);
        } else {
            let timeout = self.rebalance_timeout();
            self.set_rebalance_timer(turn, timeout, Timer::GroupRebalance(self.id.clone()));
        }
    }

    /// Ends the wait for members if all have joined, unless it is a first rebalance, which always
    /// waits for its delay.
    pub(super) fn complete_if_joined(&mut self, turn: &mut Turn<'_, '_>) {
        if self.state == GroupState::PreparingRebalance
            && self.previous_state != GroupState::Empty
            && self.all_joined()
        {
            self.complete_join(turn);
        }
    }

    /// The delay of a first rebalance is over. If a member came meanwhile, it begins anew, up to the
    /// rebalance timeout.
    pub(super) fn initial_delay_over(&mut self, turn: &mut Turn<'_, '_>) {
        self.rebalance_timer = None;
        let (delay, remaining) = self.initial_delay;
        if !self.new_member_added || remaining == Span::ZERO {
            return self.complete_join(turn);
        }
        self.new_member_added = false;
        let next = turn.config().group_initial_rebalance_delay.min(remaining);
        self.initial_delay = (next, remaining - delay);
        self.set_rebalance_timer(turn, next, Timer::GroupInitialRebalance(self.id.clone()));
    }

    /// The rebalance timeout is over: members have not joined, or not synced, in time.
    pub(super) fn rebalance_timeout_over(&mut self, turn: &mut Turn<'_, '_>) {
        self.rebalance_timer = None;
        match self.state {
            GroupState::PreparingRebalance => self.complete_join(turn),
            GroupState::CompletingRebalance | GroupState::Stable => {
                let silent = std::mem::take(&mut self.pending_sync);
                if silent.is_empty() {
                    return;
                }
                for member in &silent {
                    self.remove(turn, member, true);
                }
                self.prepare_rebalance(turn);
            }
            _ => {}
        }
    }

    /// Ends the wait for members: who has not joined is no longer one. The next generation begins.
    pub(super) fn complete_join(&mut self, turn: &mut Turn<'_, '_>) {
        self.cancel_rebalance_timer(turn);
        let absent = self.members.values().filter(|member| member.awaiting_join.is_none());
        let absent: Vec<MemberId> = absent
            .filter(|member| member.instance.is_none())
            .map(|member| member.id.clone())
            .collect();
        for member in &absent {
            self.remove(turn, member, true);
        }
        if !self.elect_joined_leader() && !self.members.is_empty() {
            // Only static members are left, and none has joined: their sessions decide.
            let timeout = self.rebalance_timeout();
            return self.set_rebalance_timer(turn, timeout, Timer::GroupRebalance(self.id.clone()));
        }
        self.generation = Generation(self.generation.0.wrapping_add(1));
        self.pending_sync.clear();
        self.protocol = self.select_protocol();
        if self.members.is_empty() {
            self.become_empty(turn);
        } else {
            self.transition(turn, GroupState::CompletingRebalance);
            self.answer_joins(turn);
        }
    }

    /// What a member that has joined is told. The leader also learns of all others.
    pub(super) fn join_response(&self, member: &MemberId) -> JoinGroupResponse {
        let is_leader = self.is_leader(member);
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let members = self.members.values().filter(|_| is_leader).map(|member| {
            JoinGroupResponseMember::default()
                .with_member_id(str_bytes(member.id.as_str()))
                .with_group_instance_id(member.instance.as_deref().map(str_bytes))
                .with_metadata(member.subscription(protocol))
        });
        JoinGroupResponse::default()
            .with_generation_id(self.generation.0)
            .with_protocol_type(self.protocol_type.as_deref().map(str_bytes))
            .with_protocol_name(self.protocol.as_deref().map(str_bytes))
            .with_leader(str_bytes(self.leader.as_ref().map_or("", MemberId::as_str)))
            .with_member_id(str_bytes(member.as_str()))
            .with_members(members.collect())
    }

    /// Answers a member's JoinGroup, if it waits for one, with an error.
    pub(super) fn refuse_join(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &MemberId,
        error: ResponseError,
    ) {
        let waiting = self.members.get_mut(id).and_then(|member| member.awaiting_join.take());
        if let Some(reply) = waiting {
            turn.ctx.respond(reply, joined_not("", error));
        }
    }

    fn answer_joins(&mut self, turn: &mut Turn<'_, '_>) {
        for id in self.members.keys().cloned().collect::<Vec<_>>() {
            let response = self.join_response(&id);
            let member = self.members.get_mut(&id).expect("no member left meanwhile");
            member.is_new = false;
            if let Some(reply) = member.awaiting_join.take() {
                turn.ctx.respond(reply, response);
            }
            self.restart_session(turn, &id);
            self.pending_sync.insert(id);
        }
        let timeout = self.rebalance_timeout();
        self.set_rebalance_timer(turn, timeout, Timer::GroupRebalance(self.id.clone()));
    }

    fn become_empty(&mut self, turn: &mut Turn<'_, '_>) {
        self.transition(turn, GroupState::Empty);
        let record = self.record(&BTreeMap::<MemberId, Bytes>::new());
        // If it cannot be written, the generation before counts again after the next failover, and
        // its members time out once more: no harm.
        let _ = turn.write(self, vec![record.encode()], Effect::Nothing);
    }

    /// Whether there is a leader that has joined; another is elected if the present one has not.
    fn elect_joined_leader(&mut self) -> bool {
        let has_joined = |id: &MemberId| {
            self.members.get(id).is_some_and(|member| member.awaiting_join.is_some())
        };
        let Some(leader) = &self.leader else { return false };
        if has_joined(leader) {
            return true;
        }
        match self.members.keys().find(|id| has_joined(id)).cloned() {
            Some(joined) => {
                self.leader = Some(joined);
                true
            }
            None => false,
        }
    }
}
