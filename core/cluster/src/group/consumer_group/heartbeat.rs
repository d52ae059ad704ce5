//! ConsumerGroupHeartbeat: members join, say what they subscribe to and what they have, and learn what
//! they are to have.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_group_heartbeat_response::{Assignment, TopicPartitions};
use kafka_protocol::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};

use crate::client::names;
use crate::event::{EpochReason, EventKind, GroupState};
use crate::group::Groups;
use crate::group::answers::str_bytes;
use crate::group::classic_group::Group;
use crate::group::consumer_group::change::Change;
use crate::group::consumer_group::request::{self, Refused};
use crate::group::consumer_group::{
    Assigned, ConsumerGroup, ConsumerMember, ConsumerRecord, JOIN_EPOCH, STATIC_AWAY_EPOCH, refuse,
};
use crate::group::identity;
use crate::group::records::GroupRecord;
use crate::group::server_assignor::Partitions;
use crate::group::topic_pattern::TopicPattern;
use crate::group::turn::Turn;
use crate::ids::{Generation, GroupId, MemberId, NodeId};

/// Handles a heartbeat of `client`. What it changes is written; the answer is to wait for that.
pub(in crate::group) fn answer(
    groups: &mut Groups,
    turn: &mut Turn<'_, '_>,
    partition: i32,
    client: NodeId,
    body: &ConsumerGroupHeartbeatRequest,
) -> Result<ConsumerGroupHeartbeatResponse, Refused> {
    request::check(body, &turn.assignors())?;
    let id = GroupId::from(body.group_id.as_str());
    let is_new = !groups.contains_key(&id);
    if body.member_epoch != JOIN_EPOCH.0 {
        let not_found = |what: String| refuse(ResponseError::GroupIdNotFound, what);
        match groups.get(&id) {
            None => return not_found(format!("Group {id} not found.")),
            Some(group) if group.consumer.is_none() => {
                return not_found(format!("Group {id} is not a consumer group."));
            }
            Some(_) => {}
        }
    }
    let now = turn.ctx.timestamp();
    let group = groups.entry(id.clone()).or_insert_with(|| Group::new(id.clone(), partition, now));
    let answer = match body.member_epoch {
        ..0 => group.leave_consumer(turn, body),
        _ => group.consumer_heartbeat(turn, client, body),
    };
    if is_new && answer.is_err() {
        groups.remove(&id);
    }
    if let Err(refused) = &answer {
        turn.tell_fenced(&id, client, body, refused);
    }
    answer
}

impl Group {
    fn consumer_heartbeat(
        &mut self,
        turn: &mut Turn<'_, '_>,
        client: NodeId,
        body: &ConsumerGroupHeartbeatRequest,
    ) -> Result<ConsumerGroupHeartbeatResponse, Refused> {
        let (mut change, before) = self.change_for_heartbeat(turn)?;
        let id = MemberId::from(body.member_id.as_str());
        let known = change.admit(turn, client, body, &id)?;
        let reason = change.update_member(turn, client, body, &id)?;
        let is_new = known.is_none();
        change.bump_if_needed(
            turn,
            reason.map(|reason| if is_new { EpochReason::MemberJoined } else { reason }),
        );
        change.assign_if_due(turn);
        let reported = request::reported(body);
        let reconciled = change.next.reconciled(&id, reported.as_ref());
        let is_reconciled = reconciled != change.next.members[&id];
        if is_reconciled {
            change.put_reconciled(reconciled, turn.log.image());
        }
        self.apply_with(turn, change, before)?;
        self.watch_session(turn, &id);
        if is_reconciled {
            self.watch_revocation(turn, &id);
        }
        let had = known.map(|member| member.assigned).unwrap_or_default();
        Ok(self.heartbeat_response(turn, body, &id, &had))
    }

    /// The change that a heartbeat begins, with what is to be written before it: a group of the classic
    /// protocol that is empty makes way, one with members goes over.
    fn change_for_heartbeat(
        &mut self,
        turn: &mut Turn<'_, '_>,
    ) -> Result<(Change, Vec<GroupRecord>), Refused> {
        if self.consumer.is_some() {
            return Ok((Change::of(self), Vec::new()));
        }
        if self.state != GroupState::Empty {
            return self.upgrade(turn);
        }
        let change = Change::to(self.id.clone(), ConsumerGroup::new());
        let tombstone = GroupRecord::Group { group: self.id.clone(), value: None };
        // A group that was never more than offsets has no record of itself.
        let before = self.protocol_type.is_some().then_some(tombstone);
        Ok((change, before.into_iter().collect()))
    }

    fn heartbeat_response(
        &self,
        turn: &Turn<'_, '_>,
        body: &ConsumerGroupHeartbeatRequest,
        id: &MemberId,
        had: &Assigned,
    ) -> ConsumerGroupHeartbeatResponse {
        let member = &self.consumer.as_deref().expect("it is one by now").members[id];
        let interval = turn.config().group_consumer_heartbeat_interval;
        let is_full = body.member_epoch == JOIN_EPOCH.0
            || (body.rebalance_timeout_ms != -1
                && (body.subscribed_topic_names.is_some()
                    || body.subscribed_topic_regex.is_some())
                && body.topic_partitions.is_some());
        let is_told = is_full || member.assigned != *had;
        ConsumerGroupHeartbeatResponse::default()
            .with_member_id(Some(str_bytes(id.as_str())))
            .with_member_epoch(member.epoch.0)
            .with_heartbeat_interval_ms(i32::try_from(interval.millis()).unwrap_or(i32::MAX))
            .with_assignment(is_told.then(|| assignment(&member.assigned)))
    }
}

impl Change {
    /// Finds the member that a heartbeat comes from, or takes it in; the member as it was before, if it
    /// was one.
    fn admit(
        &mut self,
        turn: &Turn<'_, '_>,
        client: NodeId,
        body: &ConsumerGroupHeartbeatRequest,
        id: &MemberId,
    ) -> Result<Option<ConsumerMember>, Refused> {
        let is_join = body.member_epoch == JOIN_EPOCH.0;
        let instance = body.instance_id.as_deref();
        let holder = instance.and_then(|instance| self.next.static_member(instance)).cloned();
        let known = match (instance, holder) {
            (Some(_), Some(holder)) if holder.id == *id => Some(holder),
            (Some(instance), Some(holder)) if is_join => {
                check_released(&holder, id, instance)?;
                return Ok(Some(self.replace_static(client, id, &holder)));
            }
            (Some(instance), Some(holder)) => {
                let message = format!(
                    "Static member {id} with instance id {instance} was fenced by member {}.",
                    holder.id
                );
                return refuse(ResponseError::FencedInstanceId, message);
            }
            (Some(instance), None) if !is_join => {
                let message = format!("Instance id {instance} is unknown.");
                return refuse(ResponseError::UnknownMemberId, message);
            }
            _ => self.next.members.get(id).cloned(),
        };
        match &known {
            Some(member) => check_epoch(member, body)?,
            None if is_join => {
                self.check_size(turn)?;
                let member = ConsumerMember::new(id.clone(), client);
                self.next.members.insert(id.clone(), member);
                self.tell_joined(id, client);
            }
            None => {
                let message = format!("Member {id} is not a member of group {}.", self.group);
                return refuse(ResponseError::UnknownMemberId, message);
            }
        }
        Ok(known)
    }

    /// A static member is back under a new id. It gets what its predecessor had.
    pub(super) fn replace_static(
        &mut self,
        client: NodeId,
        id: &MemberId,
        before: &ConsumerMember,
    ) -> ConsumerMember {
        let target = self.next.target_of(&before.id);
        let mut member = before.clone();
        member.id = id.clone();
        member.epoch = JOIN_EPOCH;
        member.previous_epoch = JOIN_EPOCH;
        member.client = client;
        member.session_timer = None;
        member.rebalance_timer = None;
        self.remove_member(&before.id);
        self.tell(EventKind::MemberLeft {
            group: self.group.clone(),
            member: before.id.clone(),
            timed_out: false,
        });
        self.put_member(member.clone());
        self.write(ConsumerRecord::Target(id.clone(), Some(target.clone())));
        self.write(ConsumerRecord::current(&member));
        self.next.target.insert(id.clone(), target);
        self.tell_joined(id, client);
        member
    }

    /// Takes over what the member says of itself. If it subscribes to something else, that is a reason
    /// for a new epoch.
    fn update_member(
        &mut self,
        turn: &Turn<'_, '_>,
        client: NodeId,
        body: &ConsumerGroupHeartbeatRequest,
        id: &MemberId,
    ) -> Result<Option<EpochReason>, Refused> {
        let before = &self.next.members[id];
        let text = |given: &Option<kafka_protocol::protocol::StrBytes>, old: &Option<Arc<str>>| {
            given.as_deref().map(Arc::from).or_else(|| old.clone())
        };
        let mut member = before.clone();
        member.client = client;
        member.client_id = identity::client_id(turn.ctx, client);
        member.classic = None;
        member.instance = text(&body.instance_id, &before.instance);
        member.rack = text(&body.rack_id, &before.rack);
        member.assignor = text(&body.server_assignor, &before.assignor);
        if body.rebalance_timeout_ms != -1 {
            member.rebalance_timeout_ms = body.rebalance_timeout_ms;
        }
        if let Some(topics) = &body.subscribed_topic_names {
            member.topics = topics.iter().map(names::from_kafka).collect();
        }
        if let Some(regex) = &body.subscribed_topic_regex {
            if let Err(message) = TopicPattern::parse(regex) {
                let message = format!(
                    "SubscribedTopicRegex `{}` is not a valid regular expression: {message}.",
                    regex.as_str()
                );
                return refuse(ResponseError::InvalidRegularExpression, message);
            }
            member.regex = Arc::from(regex.as_str());
        }
        let is_changed = (&member.topics, &member.regex) != (&before.topics, &before.regex);
        if member != *before {
            self.put_member(member);
        }
        Ok(is_changed.then_some(EpochReason::SubscriptionChanged))
    }

    /// The group epoch goes up if there is a reason, or if the topics have changed.
    pub(super) fn bump_if_needed(&mut self, turn: &Turn<'_, '_>, reason: Option<EpochReason>) {
        let hash = self.next.subscribed_topics_hash(turn.log.image());
        let has_changed = hash != self.next.metadata_hash;
        self.next.metadata_hash = hash;
        if let Some(reason) = reason.or(has_changed.then_some(EpochReason::TopicsChanged)) {
            self.bump_epoch(reason);
        }
    }

    /// Computes a new target assignment if the group epoch is ahead of it, at most once in
    /// `group.consumer.assignment.interval.ms`.
    pub(super) fn assign_if_due(&mut self, turn: &Turn<'_, '_>) {
        let now = turn.ctx.timestamp();
        let interval = turn.config().group_consumer_assignment_interval.millis().cast_signed();
        // The clock of the coordinator before may have been ahead: nobody is to wait for that.
        let is_due =
            self.next.assigned_at.is_none_or(|at| !(0..interval).contains(&(now.0 - at.0)));
        if is_due && self.next.epoch > self.next.assignment_epoch {
            self.assign(turn.log.image(), turn.default_assignor(), now);
        }
    }

    pub(super) fn check_size(&self, turn: &Turn<'_, '_>) -> Result<(), Refused> {
        let most = turn.config().group_consumer_max_size;
        if (self.next.members.len() as i64) < most {
            return Ok(());
        }
        let message =
            format!("The consumer group has reached its maximum capacity of {most} members.");
        refuse(ResponseError::GroupMaxSizeReached, message)
    }

    pub(super) fn tell_joined(&mut self, id: &MemberId, client: NodeId) {
        let (group, member) = (self.group.clone(), id.clone());
        self.tell(EventKind::MemberJoined { group, member, client });
    }
}

/// Whoever takes the place of a static member waits until that has said that it goes away. One of the
/// classic protocol has no way to say so.
fn check_released(before: &ConsumerMember, id: &MemberId, instance: &str) -> Result<(), Refused> {
    if before.epoch == STATIC_AWAY_EPOCH || before.classic.is_some() {
        return Ok(());
    }
    let message = format!(
        "Static member {id} with instance id {instance} cannot join the group because the instance \
         id is owned by member {}.",
        before.id
    );
    refuse(ResponseError::UnreleasedInstanceId, message)
}

/// A member speaks of the epoch that it is in; or of the one before, if the answer was lost.
fn check_epoch(
    member: &ConsumerMember,
    body: &ConsumerGroupHeartbeatRequest,
) -> Result<(), Refused> {
    let received = Generation(body.member_epoch);
    let is_retry = received == member.previous_epoch
        && is_subset(request::reported(body).as_ref(), &member.assigned);
    if received == member.epoch || (received < member.epoch && is_retry) {
        return Ok(());
    }
    let how = if received > member.epoch { "greater" } else { "smaller" };
    let message = format!(
        "The consumer group member has a {how} member epoch ({received}) than the one known by the \
         group coordinator ({}). The member must abandon all its partitions and rejoin.",
        member.epoch
    );
    refuse(ResponseError::FencedMemberEpoch, message)
}

/// Whether the member reports nothing that it does not have; if it reports nothing at all, who knows.
fn is_subset(reported: Option<&Partitions>, assigned: &Assigned) -> bool {
    let Some(reported) = reported else { return false };
    reported.iter().all(|(topic, own)| {
        let of_topic = assigned.get(topic);
        own.iter().all(|index| of_topic.is_some_and(|has| has.contains_key(index)))
    })
}

fn assignment(assigned: &Assigned) -> Assignment {
    let topics = assigned.iter().map(|(topic, own)| {
        TopicPartitions::default()
            .with_topic_id(uuid::Uuid::from_u128(topic.0))
            .with_partitions(own.keys().copied().collect())
    });
    Assignment::default().with_topic_partitions(topics.collect())
}

impl Turn<'_, '_> {
    /// Tells of a member whose heartbeat was refused so that it has to begin anew.
    fn tell_fenced(
        &mut self,
        group: &GroupId,
        client: NodeId,
        body: &ConsumerGroupHeartbeatRequest,
        refused: &Refused,
    ) {
        let is_fencing = matches!(
            refused.error,
            ResponseError::FencedMemberEpoch
                | ResponseError::UnknownMemberId
                | ResponseError::FencedInstanceId
                | ResponseError::UnreleasedInstanceId
        );
        if is_fencing {
            self.ctx.emit(EventKind::MemberFenced {
                group: group.clone(),
                member: MemberId::from(body.member_id.as_str()),
                client,
                error: refused.error,
            });
        }
    }
}
