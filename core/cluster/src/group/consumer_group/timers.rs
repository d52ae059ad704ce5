//! What members have time for: to send the next heartbeat, and to give partitions up.

use crate::event::MemberState;
use crate::group::classic_group::Group;
use crate::group::consumer_group::ConsumerMember;
use crate::group::turn::Turn;
use crate::ids::MemberId;
use crate::time::Span;
use crate::timer::Timer;

/// How long a coordinator waits that could not write that a member is gone.
const RETRY_BACKOFF: Span = Span(500_000);

impl Group {
    /// Begins a member's session anew.
    pub(super) fn watch_session(&mut self, turn: &mut Turn<'_, '_>, id: &MemberId) {
        let timeout = turn.config().group_consumer_session_timeout;
        let group = self.id.clone();
        let Some(member) = self.consumer_member(id) else { return };
        let own = member.classic.as_ref().map(|classic| i64::from(classic.session_timeout_ms));
        if let Some(timer) = member.session_timer.take() {
            turn.ctx.cancel_timer(timer);
        }
        let timer = Timer::ConsumerGroupSession(group, id.clone());
        let timeout = own.map_or(timeout, Span::from_millis);
        member.session_timer = Some(turn.ctx.set_timer(timeout, timer));
    }

    /// A member that was told to give partitions up has its rebalance timeout for it.
    pub(super) fn watch_revocation(&mut self, turn: &mut Turn<'_, '_>, id: &MemberId) {
        let group = self.id.clone();
        let Some(member) = self.consumer_member(id) else { return };
        if let Some(timer) = member.rebalance_timer.take() {
            turn.ctx.cancel_timer(timer);
        }
        // Members of the classic protocol are watched as they join and sync.
        if member.state == MemberState::UnrevokedPartitions && member.classic.is_none() {
            let timeout = Span::from_millis(member.rebalance_timeout_ms.into());
            let timer = Timer::ConsumerGroupRebalance(group, id.clone());
            member.rebalance_timer = Some(turn.ctx.set_timer(timeout, timer));
        }
    }

    /// A member of the classic protocol has its rebalance timeout to join once it was told to, and again
    /// to sync once it has joined. What it waits for already goes on, unless that `begins_anew`.
    pub(super) fn watch_classic_rebalance(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &MemberId,
        begins_anew: bool,
    ) {
        let group = self.id.clone();
        let Some(member) = self.consumer_member(id) else { return };
        if member.rebalance_timer.is_some() && !begins_anew {
            return;
        }
        if let Some(timer) = member.rebalance_timer.take() {
            turn.ctx.cancel_timer(timer);
        }
        let timeout = Span::from_millis(member.rebalance_timeout_ms.into());
        let timer = Timer::ConsumerGroupRebalance(group, id.clone());
        member.rebalance_timer = Some(turn.ctx.set_timer(timeout, timer));
    }

    pub(super) fn stop_classic_rebalance(&mut self, turn: &mut Turn<'_, '_>, id: &MemberId) {
        let timer = self.consumer_member(id).and_then(|member| member.rebalance_timer.take());
        if let Some(timer) = timer {
            turn.ctx.cancel_timer(timer);
        }
    }

    /// Begins the sessions of all members of the classic protocol.
    pub(super) fn watch_classic_sessions(&mut self, turn: &mut Turn<'_, '_>) {
        let members = self.consumer.iter().flat_map(|consumer| consumer.members.values());
        let classic = members.filter(|member| member.classic.is_some());
        for id in classic.map(|member| member.id.clone()).collect::<Vec<_>>() {
            self.watch_session(turn, &id);
        }
    }

    /// A member was silent for too long, or did not give up in time what it was to: it is dropped.
    pub(in crate::group) fn consumer_member_over(
        &mut self,
        turn: &mut Turn<'_, '_>,
        timer: Timer,
        id: &MemberId,
    ) {
        let is_session = matches!(timer, Timer::ConsumerGroupSession(..));
        let Some(member) = self.consumer_member(id) else { return };
        match is_session {
            true => member.session_timer = None,
            false => member.rebalance_timer = None,
        }
        if self.remove_consumer_members(turn, std::slice::from_ref(id), true).is_ok() {
            return;
        }
        let again = turn.ctx.set_timer(RETRY_BACKOFF, timer);
        let member = self.consumer_member(id).expect("it was not removed");
        match is_session {
            true => member.session_timer = Some(again),
            false => member.rebalance_timer = Some(again),
        }
    }

    pub(super) fn consumer_member(&mut self, id: &MemberId) -> Option<&mut ConsumerMember> {
        self.consumer.as_mut()?.members.get_mut(id)
    }
}
