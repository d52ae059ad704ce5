//! Members that leave, for good or for a while, or that are dropped.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, LeaveGroupRequest,
    LeaveGroupResponse,
};

use crate::event::{EpochReason, EventKind, MemberState};
use crate::group::answers::str_bytes;
use crate::group::classic_group::Group;
use crate::group::consumer_group::change::Change;
use crate::group::consumer_group::{
    Assigned, ConsumerGroup, ConsumerRecord, Refused, STATIC_AWAY_EPOCH, refuse,
};
use crate::group::turn::Turn;
use crate::ids::MemberId;

impl ConsumerGroup {
    /// What is written when nothing of the group remains, in Kafka's order.
    pub(in crate::group) fn tombstones(&self) -> Vec<ConsumerRecord> {
        let ids = || self.members.keys().cloned();
        ids()
            .map(|id| ConsumerRecord::Current(id, None))
            .chain(ids().map(|id| ConsumerRecord::Target(id, None)))
            .chain([ConsumerRecord::Assignment(None)])
            .chain(ids().map(|id| ConsumerRecord::Member(id, None)))
            .chain([ConsumerRecord::Epoch(None)])
            .collect()
    }
}

/// What is written when nothing of a member remains.
pub(super) fn member_tombstones(id: &MemberId) -> [ConsumerRecord; 3] {
    [
        ConsumerRecord::Current(id.clone(), None),
        ConsumerRecord::Target(id.clone(), None),
        ConsumerRecord::Member(id.clone(), None),
    ]
}

impl Group {
    /// A heartbeat with epoch -1: the member leaves; or -2: a static member goes away, and will be back.
    pub(super) fn leave_consumer(
        &mut self,
        turn: &mut Turn<'_, '_>,
        body: &ConsumerGroupHeartbeatRequest,
    ) -> Result<ConsumerGroupHeartbeatResponse, Refused> {
        let id = MemberId::from(body.member_id.as_str());
        self.check_leaving(&id, body.instance_id.as_deref())?;
        if body.member_epoch == STATIC_AWAY_EPOCH.0 {
            self.static_member_away(turn, &id)?;
        } else {
            self.remove_consumer_members(turn, &[id], false)?;
        }
        Ok(ConsumerGroupHeartbeatResponse::default()
            .with_member_id(Some(body.member_id.clone()))
            .with_member_epoch(body.member_epoch))
    }

    /// LeaveGroup of members of a group of the consumer protocol: of classic members, or by an
    /// administrator, who names static members by their instance.
    pub(in crate::group) fn leave_classic_from_consumer(
        &mut self,
        turn: &mut Turn<'_, '_>,
        request: &LeaveGroupRequest,
    ) -> Result<LeaveGroupResponse, ResponseError> {
        let consumer = self.consumer.as_deref().expect("it is such a group");
        let mut leaving: Vec<MemberId> = Vec::new();
        let mut responses = Vec::new();
        for identity in &request.members {
            let instance = identity.group_instance_id.as_deref();
            let holder = instance.and_then(|instance| consumer.static_member(instance));
            let named = match (identity.member_id.as_str(), holder) {
                ("", Some(holder)) => Ok(holder.id.clone()),
                ("", None) => Err(ResponseError::UnknownMemberId),
                (id, _) => {
                    let id = MemberId::from(id);
                    self.check_leaving(&id, instance).map(|()| id).map_err(|refused| refused.error)
                }
            };
            let named = named.and_then(|id| match leaving.contains(&id) {
                true => Err(ResponseError::UnknownMemberId),
                false => Ok(id),
            });
            let error_code = named.as_ref().err().map_or(0, |error| error.code());
            leaving.extend(named);
            responses.push(
                MemberResponse::default()
                    .with_member_id(identity.member_id.clone())
                    .with_group_instance_id(identity.group_instance_id.clone())
                    .with_error_code(error_code),
            );
        }
        if !leaving.is_empty() {
            self.remove_consumer_members(turn, &leaving, false)?;
        }
        Ok(LeaveGroupResponse::default().with_members(responses))
    }

    /// Removes members; the group gets a new epoch, or goes back to the classic protocol if only members
    /// of that remain.
    pub(super) fn remove_consumer_members(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ids: &[MemberId],
        timed_out: bool,
    ) -> Result<(), ResponseError> {
        let mut change = Change::of(self);
        for id in ids {
            change.remove_member(id);
            change.tell(EventKind::MemberLeft {
                group: self.id.clone(),
                member: id.clone(),
                timed_out,
            });
        }
        if change.next.may_downgrade(turn) {
            // Nothing remains of those that leave, nor of the others.
            let before = Change::of(self).next;
            change.records.clear();
            change.write_all(before.tombstones());
            self.downgrade(turn, change)?;
            self.prepare_rebalance(turn);
            return Ok(());
        }
        change.bump_if_needed(turn, Some(EpochReason::MemberLeft));
        if change.next.members.is_empty() {
            // There is nothing to assign, so nothing to wait for.
            change.next.assignment_epoch = change.next.epoch;
            change.next.assigned_at = None;
            change.write(ConsumerRecord::assignment(&change.next));
        }
        self.apply(turn, change)
    }

    fn static_member_away(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &MemberId,
    ) -> Result<(), ResponseError> {
        let mut change = Change::of(self);
        let mut member = change.next.members[id].clone();
        member.previous_epoch = member.epoch;
        member.epoch = STATIC_AWAY_EPOCH;
        member.revoking = Assigned::new();
        if let Some(timer) = member.rebalance_timer.take() {
            turn.ctx.cancel_timer(timer);
        }
        if member.state == MemberState::UnrevokedPartitions {
            member.state = MemberState::Stable;
        }
        change.put_reconciled(member, turn.log.image());
        self.apply(turn, change)
    }

    pub(super) fn check_leaving(
        &self,
        id: &MemberId,
        instance: Option<&str>,
    ) -> Result<(), Refused> {
        let consumer = self.consumer.as_deref().expect("it is such a group");
        let unknown = |message: String| refuse(ResponseError::UnknownMemberId, message);
        let Some(instance) = instance else {
            return match consumer.members.contains_key(id) {
                true => Ok(()),
                false => unknown(format!("Member {id} is not a member of group {}.", self.id)),
            };
        };
        match consumer.static_member(instance) {
            None => unknown(format!("Instance id {instance} is unknown.")),
            Some(holder) if holder.id != *id => {
                let message = format!(
                    "Static member {id} with instance id {instance} was fenced by member {}.",
                    holder.id
                );
                Err(Refused {
                    error: ResponseError::FencedInstanceId,
                    message: str_bytes(&message),
                })
            }
            Some(_) => Ok(()),
        }
    }
}
