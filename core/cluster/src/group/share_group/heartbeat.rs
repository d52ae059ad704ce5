//! ShareGroupHeartbeat: members join, say what they subscribe to, learn what they fetch from, and leave.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::share_group_heartbeat_response::{Assignment, TopicPartitions};
use kafka_protocol::messages::{ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse};

use crate::client::names;
use crate::event::{EpochReason, EventKind};
use crate::group::answers::str_bytes;
use crate::group::consumer_group::named;
use crate::group::identity;
use crate::group::records::fits;
use crate::group::server_assignor::Partitions;
use crate::group::share_group::{
    Change, ShareGroup, ShareGroupRecord, ShareGroups, ShareMember, not_found,
};
use crate::group::turn::Turn;
use crate::ids::{Generation, GroupId, MemberId, NodeId};
use crate::share::event::ShareEvent;
use crate::timer::Timer;

/// The epoch with which a member joins.
const JOIN_EPOCH: i32 = 0;
/// The epoch with which it leaves.
const LEAVE_EPOCH: i32 = -1;

/// Why a heartbeat is refused, with Kafka's words for it.
pub(in crate::group) type Refused = (ResponseError, String);

/// Handles a heartbeat of `client`. What it changes is written; the answer is to wait for that. `is_other`
/// says that there is a group of that id which is no share group.
pub(in crate::group) fn answer(
    groups: &mut ShareGroups,
    turn: &mut Turn<'_, '_>,
    (partition, is_other): (i32, bool),
    client: NodeId,
    body: &ShareGroupHeartbeatRequest,
) -> Result<ShareGroupHeartbeatResponse, Refused> {
    check(body)?;
    let id = GroupId::from(body.group_id.as_str());
    if is_other || (body.member_epoch != JOIN_EPOCH && !groups.contains_key(&id)) {
        return Err(not_found(&id, is_other));
    }
    let is_new = !groups.contains_key(&id);
    let group = groups.entry(id.clone()).or_insert_with(|| ShareGroup::new(id.clone(), partition));
    let answer = match body.member_epoch {
        LEAVE_EPOCH => group.leave(turn, body),
        _ => group.heartbeat(turn, client, body),
    };
    if is_new && answer.is_err() {
        groups.remove(&id);
    }
    if let Err((error, _)) = &answer
        && matches!(error, ResponseError::FencedMemberEpoch | ResponseError::UnknownMemberId)
    {
        let (group, member) = (id, MemberId::from(body.member_id.as_str()));
        turn.ctx.emit(EventKind::MemberFenced { group, member, client, error: *error });
    }
    answer
}

/// The answer to a heartbeat that is refused.
pub(in crate::group) fn refused((error, message): Refused) -> ShareGroupHeartbeatResponse {
    ShareGroupHeartbeatResponse::default()
        .with_error_code(error.code())
        .with_error_message(Some(str_bytes(&message)))
}

/// Checks what can be told from the request alone.
fn check(request: &ShareGroupHeartbeatRequest) -> Result<(), Refused> {
    let invalid = |message: &str| Err((ResponseError::InvalidRequest, message.to_owned()));
    let is_blank = |text: &str| text.trim().is_empty();
    if is_blank(&request.member_id) {
        return invalid("MemberId can't be empty.");
    }
    if is_blank(&request.group_id) {
        return invalid("GroupId can't be empty.");
    }
    if request.rack_id.as_deref().is_some_and(is_blank) {
        return invalid("RackId can't be empty.");
    }
    if !fits(&request.group_id) || !fits(&request.member_id) {
        return invalid("GroupId or MemberId is too long.");
    }
    let has_topics = request.subscribed_topic_names.as_ref().is_some_and(|names| !names.is_empty());
    match request.member_epoch {
        JOIN_EPOCH if !has_topics => invalid("SubscribedTopicNames must be set in first request."),
        epoch if epoch < LEAVE_EPOCH => invalid("MemberEpoch is invalid."),
        _ => Ok(()),
    }
}

impl ShareGroup {
    fn heartbeat(
        &mut self,
        turn: &mut Turn<'_, '_>,
        client: NodeId,
        body: &ShareGroupHeartbeatRequest,
    ) -> Result<ShareGroupHeartbeatResponse, Refused> {
        let id = MemberId::from(body.member_id.as_str());
        let mut change = Change::of(self);
        let reason = change.admit(turn, client, body, &id)?;
        change.bump_if_needed(turn.log.image(), reason);
        change.assign_if_due(turn);
        let had = self.members.get(&id).map(|member| member.assigned.clone());
        change.reconcile(turn, &id);
        let to_begin = change.begin_initializing(turn);
        self.apply(turn, change)?;
        self.watch_session(turn, &id);
        self.initialize(turn, to_begin);
        let is_told =
            body.member_epoch == JOIN_EPOCH || had.as_ref() != Some(&self.members[&id].assigned);
        Ok(self.heartbeat_response(turn, &id, is_told))
    }

    fn heartbeat_response(
        &self,
        turn: &Turn<'_, '_>,
        id: &MemberId,
        is_told: bool,
    ) -> ShareGroupHeartbeatResponse {
        let member = &self.members[id];
        let interval = turn.config().group_share_heartbeat_interval;
        ShareGroupHeartbeatResponse::default()
            .with_member_id(Some(str_bytes(id.as_str())))
            .with_member_epoch(member.epoch.0)
            .with_heartbeat_interval_ms(i32::try_from(interval.millis()).unwrap_or(i32::MAX))
            .with_assignment(is_told.then(|| assignment(&member.assigned)))
    }

    fn leave(
        &mut self,
        turn: &mut Turn<'_, '_>,
        body: &ShareGroupHeartbeatRequest,
    ) -> Result<ShareGroupHeartbeatResponse, Refused> {
        let id = MemberId::from(body.member_id.as_str());
        if !self.members.contains_key(&id) {
            return Err(self.unknown(&id));
        }
        self.drop_member(turn, &id, false)?;
        Ok(ShareGroupHeartbeatResponse::default()
            .with_member_id(Some(body.member_id.clone()))
            .with_member_epoch(body.member_epoch))
    }

    /// A member leaves, or was silent for too long.
    pub(in crate::group) fn drop_member(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &MemberId,
        timed_out: bool,
    ) -> Result<(), Refused> {
        let mut change = Change::of(self);
        change.remove_member(id, timed_out);
        change.bump_if_needed(turn.log.image(), Some(EpochReason::MemberLeft));
        if let Some(timer) = self.members.get(id).and_then(|member| member.session_timer) {
            turn.ctx.cancel_timer(timer);
        }
        self.apply(turn, change)
    }

    fn unknown(&self, id: &MemberId) -> Refused {
        let message = format!("Member {id} is not a member of group {}.", self.id);
        (ResponseError::UnknownMemberId, message)
    }

    /// Begins a member's session anew.
    pub(super) fn watch_session(&mut self, turn: &mut Turn<'_, '_>, id: &MemberId) {
        let timeout = turn.config().group_share_session_timeout;
        let timer = Timer::ShareGroupSession(self.id.clone(), id.clone());
        let Some(member) = self.members.get_mut(id) else { return };
        if let Some(timer) = member.session_timer.take() {
            turn.ctx.cancel_timer(timer);
        }
        member.session_timer = Some(turn.ctx.set_timer(timeout, timer));
    }
}

impl Change {
    /// Finds the member that a heartbeat comes from, or takes it in; and takes over what it says of itself.
    /// If it is new, or subscribes to something else, that is a reason for a new epoch.
    fn admit(
        &mut self,
        turn: &Turn<'_, '_>,
        client: NodeId,
        body: &ShareGroupHeartbeatRequest,
        id: &MemberId,
    ) -> Result<Option<EpochReason>, Refused> {
        let before = self.next.members.get(id).cloned();
        match &before {
            Some(member) => check_epoch(member, body.member_epoch)?,
            None if body.member_epoch == JOIN_EPOCH => {
                let most = turn.config().group_share_max_size;
                if self.next.members.len() as i64 >= most {
                    let message = format!(
                        "The share group has reached its maximum capacity of {most} members."
                    );
                    return Err((ResponseError::GroupMaxSizeReached, message));
                }
                let (group, member) = (self.next.id.clone(), id.clone());
                self.tell(EventKind::MemberJoined { group, member, client });
            }
            None => return Err(self.next.unknown(id)),
        }
        let is_new = before.is_none();
        let before = before.unwrap_or_else(|| ShareMember::new(id.clone(), client));
        let mut member = before.clone();
        member.client = client;
        member.client_id = identity::client_id(turn.ctx, client);
        if let Some(rack) = &body.rack_id {
            member.rack = Some(Arc::from(rack.as_str()));
        }
        if let Some(topics) = &body.subscribed_topic_names {
            member.topics = topics.iter().map(names::from_kafka).collect();
        }
        let is_changed = member.topics != before.topics;
        if is_new || member != before {
            self.write(ShareGroupRecord::member(&member));
            self.next.members.insert(id.clone(), member);
        }
        let changed = is_changed.then_some(EpochReason::SubscriptionChanged);
        Ok(if is_new { Some(EpochReason::MemberJoined) } else { changed })
    }

    /// A member gets what the target assignment has for it, at once: nobody has to give it up first.
    fn reconcile(&mut self, turn: &Turn<'_, '_>, id: &MemberId) {
        let target = self.next.target.get(id).cloned().unwrap_or_default();
        let epoch = self.next.assignment_epoch;
        let Some(member) = self.next.members.get_mut(id) else { return };
        if member.epoch == epoch {
            return;
        }
        let is_told = member.assigned != target || member.epoch == Generation(JOIN_EPOCH);
        member.previous_epoch = member.epoch;
        member.epoch = epoch;
        member.assigned = target;
        let (record, client) = (ShareGroupRecord::current(member), member.client);
        let partitions = named(&member.assigned, turn.log.image());
        self.write(record);
        if is_told {
            let (group, member) = (self.next.id.clone(), id.clone());
            let told = ShareEvent::MemberAssigned { group, member, client, epoch, partitions };
            self.tell(EventKind::Share(told));
        }
    }
}

impl ShareMember {
    pub(super) fn new(id: MemberId, client: NodeId) -> Self {
        Self {
            id,
            rack: None,
            client_id: "".into(),
            client,
            topics: Default::default(),
            epoch: Generation(JOIN_EPOCH),
            previous_epoch: Generation::NONE,
            assigned: Partitions::new(),
            session_timer: None,
        }
    }
}

/// A member speaks of the epoch that it is in; or of the one before, if the answer was lost.
fn check_epoch(member: &ShareMember, received: i32) -> Result<(), Refused> {
    let is_known = [member.epoch.0, member.previous_epoch.0, JOIN_EPOCH].contains(&received);
    if is_known {
        return Ok(());
    }
    let how = if received > member.epoch.0 { "greater" } else { "smaller" };
    let message = format!(
        "The share group member has a {how} member epoch ({received}) than the one known by the group \
         coordinator ({}). The member must abandon all its partitions and rejoin.",
        member.epoch
    );
    Err((ResponseError::FencedMemberEpoch, message))
}

fn assignment(assigned: &Partitions) -> Assignment {
    let topics = assigned.iter().map(|(topic, own)| {
        TopicPartitions::default()
            .with_topic_id(uuid::Uuid::from_u128(topic.0))
            .with_partitions(own.iter().copied().collect())
    });
    Assignment::default().with_topic_partitions(topics.collect())
}
