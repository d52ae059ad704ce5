//! SyncGroup: the leader brings the assignment, and each member gets its part.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{SyncGroupRequest, SyncGroupResponse};

use crate::bugs::Bug;
use crate::event::GroupState;
use crate::group::answers::{str_bytes, synced_not};
use crate::group::classic_group::Group;
use crate::group::turn::Turn;
use crate::group::writes::Effect;
use crate::ids::MemberId;
use crate::input::ReplyTo;

impl Group {
    pub(super) fn sync(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &SyncGroupRequest,
    ) {
        let id = MemberId::from(request.member_id.as_str());
        if let Err(error) = self.check_sync(request, &id) {
            return turn.ctx.respond(reply, synced_not(error));
        }
        match self.state {
            GroupState::PreparingRebalance => {
                turn.ctx.respond(reply, synced_not(ResponseError::RebalanceInProgress));
            }
            GroupState::CompletingRebalance => {
                self.members.get_mut(&id).expect("it was checked").awaiting_sync = Some(reply);
                self.has_synced(turn, &id);
                if self.is_leader(&id) {
                    self.write_assignment(turn, request);
                }
            }
            GroupState::Stable => {
                self.has_synced(turn, &id);
                let response = self.sync_response(&id);
                turn.ctx.respond(reply, response);
            }
            GroupState::Empty
            | GroupState::Dead
            | GroupState::Assigning
            | GroupState::Reconciling => {
                unreachable!("a group in {:?} has no member", self.state)
            }
        }
    }

    /// The leader's assignment is written, or not. Nobody is told of it if the group has gone on.
    pub(super) fn assignment_written(
        &mut self,
        turn: &mut Turn<'_, '_>,
        assignment: &BTreeMap<MemberId, Bytes>,
        error: Option<ResponseError>,
    ) {
        if let Some(error) = error {
            self.reset_assignment(turn, error);
            return self.prepare_or_complete(turn);
        }
        let first = self.members.keys().next().cloned();
        let only = first.filter(|_| turn.ctx.has_bug(Bug::TwoOwners));
        for member in self.members.values_mut() {
            let whose = only.as_ref().unwrap_or(&member.id);
            member.assignment = assignment.get(whose).cloned().unwrap_or_default();
        }
        self.transition(turn, GroupState::Stable);
        for id in self.members.keys().cloned().collect::<Vec<_>>() {
            let response = self.sync_response(&id);
            self.answer_sync(turn, &id, response);
        }
    }

    /// Nobody has an assignment, and whoever waits for one is told why.
    pub(super) fn reset_assignment(&mut self, turn: &mut Turn<'_, '_>, error: ResponseError) {
        for id in self.members.keys().cloned().collect::<Vec<_>>() {
            self.members.get_mut(&id).expect("no member left meanwhile").assignment = Bytes::new();
            self.refuse_sync(turn, &id, error);
        }
    }

    pub(super) fn refuse_sync(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &MemberId,
        error: ResponseError,
    ) {
        self.answer_sync(turn, id, synced_not(error));
    }

    fn answer_sync(&mut self, turn: &mut Turn<'_, '_>, id: &MemberId, response: SyncGroupResponse) {
        let waiting = self.members.get_mut(id).and_then(|member| member.awaiting_sync.take());
        if let Some(reply) = waiting {
            turn.ctx.respond(reply, response);
            // Had its session run out while its request was held, nothing else would begin it anew.
            self.restart_session(turn, id);
        }
    }

    fn check_sync(&self, request: &SyncGroupRequest, id: &MemberId) -> Result<(), ResponseError> {
        self.check_member(id, request.group_instance_id.as_deref())?;
        if request.generation_id != self.generation.0 {
            return Err(ResponseError::IllegalGeneration);
        }
        let differs = |given: Option<&str>, own: Option<&str>| {
            given.is_some() && own.is_some() && given != own
        };
        if differs(request.protocol_type.as_deref(), self.protocol_type.as_deref())
            || differs(request.protocol_name.as_deref(), self.protocol.as_deref())
        {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        Ok(())
    }

    fn has_synced(&mut self, turn: &mut Turn<'_, '_>, id: &MemberId) {
        self.pending_sync.remove(id);
        if self.pending_sync.is_empty() {
            self.cancel_rebalance_timer(turn);
        }
    }

    /// Members that the leader left out get nothing.
    fn write_assignment(&mut self, turn: &mut Turn<'_, '_>, request: &SyncGroupRequest) {
        let given = request.assignments.iter();
        let assignment: BTreeMap<MemberId, Bytes> = given
            .map(|given| (MemberId::from(given.member_id.as_str()), given.assignment.clone()))
            .collect();
        let record = self.record(&assignment).encode();
        let generation = self.generation;
        if let Err((error, _)) =
            turn.write(self, vec![record], Effect::Assignment { generation, assignment })
        {
            self.assignment_written(turn, &BTreeMap::new(), Some(error));
        }
    }

    fn sync_response(&self, id: &MemberId) -> SyncGroupResponse {
        SyncGroupResponse::default()
            .with_protocol_type(self.protocol_type.as_deref().map(str_bytes))
            .with_protocol_name(self.protocol.as_deref().map(str_bytes))
            .with_assignment(self.members[id].assignment.clone())
    }
}
