//! JoinGroup: members come, come back, or say anew what they subscribe to.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{JoinGroupRequest, JoinGroupResponse};

use crate::event::{EventKind, GroupState};
use crate::group::answers::{joined_not, str_bytes};
use crate::group::classic_group::Group;
use crate::group::identity;
use crate::group::member::Member;
use crate::group::records::fits;
use crate::group::turn::Turn;
use crate::group::writes::Effect;
use crate::ids::MemberId;
use crate::input::ReplyTo;
use crate::time::Span;
use crate::timer::Timer;

/// How long a new member's JoinGroup is held: it sends no heartbeats yet, and nobody sees it go.
const NEW_MEMBER_JOIN_TIMEOUT: Span = Span(300_000_000);

/// Checks a JoinGroup before the group is looked for.
pub(super) fn check_request(
    turn: &Turn<'_, '_>,
    request: &JoinGroupRequest,
) -> Result<(), ResponseError> {
    if request.group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    let config = turn.config();
    let session = Span::from_millis(request.session_timeout_ms.into());
    if session < config.group_min_session_timeout || session > config.group_max_session_timeout {
        return Err(ResponseError::InvalidSessionTimeout);
    }
    let names = request.protocols.iter().map(|protocol| protocol.name.as_str());
    let instance = request.group_instance_id.as_deref().unwrap_or_default();
    let mut texts = names.chain([request.group_id.as_str(), &request.protocol_type, instance]);
    if texts.all(fits) { Ok(()) } else { Err(ResponseError::InvalidRequest) }
}

impl Group {
    pub(super) fn join(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &JoinGroupRequest,
    ) {
        let names = request.protocols.iter().map(|protocol| protocol.name.as_str());
        if !self.supports(&request.protocol_type, names) {
            let error = ResponseError::InconsistentGroupProtocol;
            return turn.ctx.respond(reply, joined_not(&request.member_id, error));
        }
        if request.member_id.is_empty() {
            return self.join_unknown(turn, reply, request);
        }
        let id = MemberId::from(request.member_id.as_str());
        if let Some(timer) = self.pending_members.remove(&id) {
            turn.ctx.cancel_timer(timer);
            return self.add_member(turn, reply, request, id);
        }
        match self.check_member(&id, request.group_instance_id.as_deref()) {
            Ok(()) => self.join_again(turn, reply, request, &id),
            Err(error) => turn.ctx.respond(reply, joined_not(&id.0, error)),
        }
    }

    /// Someone without a member id: it gets one. A dynamic member is to come back with it, so that
    /// one whose request is lost on the way leaves no trace in the rebalance.
    fn join_unknown(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &JoinGroupRequest,
    ) {
        let Some(instance) = request.group_instance_id.as_deref() else {
            let client_id = identity::client_id(turn.ctx, reply.node);
            let id = identity::new_member_id(turn.ctx, &client_id);
            let session = Span::from_millis(request.session_timeout_ms.into());
            let timer =
                turn.ctx.set_timer(session, Timer::GroupSession(self.id.clone(), id.clone()));
            self.pending_members.insert(id.clone(), timer);
            return turn.ctx.respond(reply, joined_not(&id.0, ResponseError::MemberIdRequired));
        };
        let id = identity::new_member_id(turn.ctx, instance);
        match self.static_members.get(instance).cloned() {
            None => self.add_member(turn, reply, request, id),
            Some(known) => self.replace_static_member(turn, reply, request, &known, id),
        }
    }

    fn add_member(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &JoinGroupRequest,
        id: MemberId,
    ) {
        if self.state == GroupState::PreparingRebalance && self.previous_state == GroupState::Empty
        {
            self.new_member_added = true;
        }
        if self.members.is_empty() {
            self.protocol_type = Some(Arc::from(request.protocol_type.as_str()));
        }
        let client_id = identity::client_id(turn.ctx, reply.node);
        self.add(Member::new(id.clone(), client_id, reply, request));
        turn.ctx.emit(EventKind::MemberJoined {
            group: self.id.clone(),
            member: id.clone(),
            client: reply.node,
        });
        self.restart_session_with(turn, &id, NEW_MEMBER_JOIN_TIMEOUT);
        self.prepare_or_complete(turn);
    }

    /// A member joins again: since the group rebalances, since its subscription changed, since it
    /// leads and saw the topics change, or since it missed the answer.
    fn join_again(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &JoinGroupRequest,
        id: &MemberId,
    ) {
        let is_unchanged = self.members[id].matches(request);
        let is_answered_at_once = match self.state {
            GroupState::PreparingRebalance => false,
            GroupState::CompletingRebalance => is_unchanged,
            GroupState::Stable => is_unchanged && !self.is_leader(id),
            GroupState::Empty
            | GroupState::Dead
            | GroupState::Assigning
            | GroupState::Reconciling => {
                unreachable!("a group in {:?} has no member", self.state)
            }
        };
        if is_answered_at_once {
            let response = self.join_response(id);
            return turn.ctx.respond(reply, response);
        }
        self.members.get_mut(id).expect("it was checked").update(reply, request);
        self.prepare_or_complete(turn);
    }

    /// A static member is back, as after a restart: it gets what its predecessor had, under a new
    /// id, and the group need not rebalance.
    fn replace_static_member(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &JoinGroupRequest,
        old: &MemberId,
        id: MemberId,
    ) {
        self.put_in_place_of(turn, old, &id, reply);
        self.restart_session(turn, &id);
        self.members.get_mut(&id).expect("it was just put in").update(reply, request);
        match self.state {
            GroupState::Stable if self.select_protocol() == self.protocol => {
                let assignment = self
                    .members
                    .values()
                    .map(|member| (member.id.clone(), member.assignment.clone()));
                let record = self.record(&assignment.collect());
                let effect = Effect::StaticMember { member: id.clone() };
                if let Err((error, _)) = turn.write(self, vec![record.encode()], effect) {
                    self.refuse_join(turn, &id, error);
                }
            }
            // The leader may have the old id in its hands, and would assign to nobody.
            GroupState::CompletingRebalance => self.prepare_rebalance(turn),
            _ => self.prepare_or_complete(turn),
        }
    }

    /// The new id of a static member is written, or not: it may go on.
    pub(super) fn static_member_written(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &MemberId,
        error: Option<ResponseError>,
    ) {
        if let Some(error) = error {
            return self.refuse_join(turn, id, error);
        }
        let response = self.static_join_response(id);
        let waiting = self.members.get_mut(id).and_then(|member| member.awaiting_join.take());
        if let Some(reply) = waiting {
            turn.ctx.respond(reply, response);
        }
    }

    /// A leader that is back learns of the others, but has nothing to assign.
    fn static_join_response(&self, id: &MemberId) -> JoinGroupResponse {
        self.join_response(id).with_skip_assignment(self.is_leader(id))
    }

    /// Puts a static member in the place of its predecessor, which is fenced off if it still waits.
    fn put_in_place_of(
        &mut self,
        turn: &mut Turn<'_, '_>,
        old: &MemberId,
        id: &MemberId,
        reply: ReplyTo,
    ) {
        self.refuse_join_as(turn, old, ResponseError::FencedInstanceId);
        self.refuse_sync(turn, old, ResponseError::FencedInstanceId);
        let mut member = self.members.remove(old).expect("a static member is a member");
        if let Some(timer) = member.session_timer.take() {
            turn.ctx.cancel_timer(timer);
        }
        let was_leader = self.is_leader(old);
        self.pending_sync.remove(old);
        turn.ctx.emit(EventKind::MemberLeft {
            group: self.id.clone(),
            member: old.clone(),
            timed_out: false,
        });
        member.id = id.clone();
        if let Some(instance) = &member.instance {
            self.static_members.insert(instance.clone(), id.clone());
        }
        self.members.insert(id.clone(), member);
        if was_leader {
            self.leader = Some(id.clone());
        }
        turn.ctx.emit(EventKind::MemberJoined {
            group: self.id.clone(),
            member: id.clone(),
            client: reply.node,
        });
    }

    fn refuse_join_as(&mut self, turn: &mut Turn<'_, '_>, id: &MemberId, error: ResponseError) {
        let waiting = self.members.get_mut(id).and_then(|member| member.awaiting_join.take());
        if let Some(reply) = waiting {
            turn.ctx.respond(reply, joined_not(&id.0, error).with_member_id(str_bytes(&id.0)));
        }
    }
}
