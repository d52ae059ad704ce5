//! Members that stay, leave, or fall silent.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::{HeartbeatRequest, LeaveGroupRequest, LeaveGroupResponse};

use crate::event::GroupState;
use crate::group::classic_group::Group;
use crate::group::turn::Turn;
use crate::ids::MemberId;

impl Group {
    /// A member says that it lives. While the group rebalances it learns that it is to join.
    pub(super) fn heartbeat(
        &mut self,
        turn: &mut Turn<'_, '_>,
        request: &HeartbeatRequest,
    ) -> Result<(), ResponseError> {
        let id = MemberId::from(request.member_id.as_str());
        self.check_member(&id, request.group_instance_id.as_deref())?;
        if request.generation_id != self.generation.0 {
            return Err(ResponseError::IllegalGeneration);
        }
        self.restart_session(turn, &id);
        match self.state {
            GroupState::PreparingRebalance => Err(ResponseError::RebalanceInProgress),
            _ => Ok(()),
        }
    }

    /// Members leave, or are removed by an administrator, who names static members by their
    /// `group.instance.id`.
    pub(super) fn leave(
        &mut self,
        turn: &mut Turn<'_, '_>,
        request: &LeaveGroupRequest,
    ) -> LeaveGroupResponse {
        let mut has_changed = false;
        let mut responses = Vec::new();
        for identity in &request.members {
            let result = self.leave_one(turn, identity);
            has_changed |= result.is_ok();
            responses.push(
                MemberResponse::default()
                    .with_member_id(identity.member_id.clone())
                    .with_group_instance_id(identity.group_instance_id.clone())
                    .with_error_code(result.err().map_or(0, |error| error.code())),
            );
        }
        if has_changed {
            match self.state {
                GroupState::Stable | GroupState::CompletingRebalance => {
                    self.prepare_or_complete(turn)
                }
                GroupState::PreparingRebalance => self.complete_if_joined(turn),
                _ => {}
            }
        }
        LeaveGroupResponse::default().with_members(responses)
    }

    /// A member's session is over.
    pub(super) fn session_over(&mut self, turn: &mut Turn<'_, '_>, id: &MemberId) {
        if self.pending_members.contains_key(id) {
            self.remove(turn, id, true);
            if self.state == GroupState::PreparingRebalance && self.all_joined() {
                self.complete_join(turn);
            }
            return;
        }
        let Some(member) = self.members.get_mut(id) else { return };
        member.session_timer = None;
        if member.has_satisfied_heartbeat() {
            return;
        }
        // If it is still there, it will come again.
        self.refuse_join(turn, id, ResponseError::UnknownMemberId);
        self.remove(turn, id, true);
        match self.state {
            GroupState::Stable | GroupState::CompletingRebalance => self.prepare_or_complete(turn),
            GroupState::PreparingRebalance if self.all_joined() => self.complete_join(turn),
            _ => {}
        }
    }

    fn leave_one(
        &mut self,
        turn: &mut Turn<'_, '_>,
        identity: &MemberIdentity,
    ) -> Result<(), ResponseError> {
        let instance = identity.group_instance_id.as_deref();
        let id = if identity.member_id.is_empty() {
            let named = instance.and_then(|instance| self.static_members.get(instance));
            named.cloned().ok_or(ResponseError::UnknownMemberId)?
        } else {
            MemberId::from(identity.member_id.as_str())
        };
        if !self.pending_members.contains_key(&id) {
            self.check_member(&id, instance)?;
            self.refuse_join(turn, &id, ResponseError::UnknownMemberId);
        }
        self.remove(turn, &id, false);
        Ok(())
    }
}
