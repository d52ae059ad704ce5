//! Members of the classic protocol in a group that the consumer protocol runs: JoinGroup, SyncGroup and
//! Heartbeat do for them together what one heartbeat does for the others. The coordinator assigns, so
//! none of them leads.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{
    HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, SyncGroupRequest, SyncGroupResponse,
};

use crate::consumer::protocol::{
    PROTOCOL_TYPE, Subscription, decode_subscription, encode_assignment,
};
use crate::event::{EpochReason, MemberState};
use crate::group::answers::{joined_not, str_bytes};
use crate::group::classic_group::Group;
use crate::group::consumer_group::change::Change;
use crate::group::consumer_group::{
    ClassicSide, ConsumerGroup, ConsumerMember, Refused, named, without_epochs,
};
use crate::group::identity;
use crate::group::server_assignor::Partitions;
use crate::group::turn::Turn;
use crate::ids::{MemberId, NodeId};
use crate::metadata::MetadataImage;

impl Group {
    /// A member of the classic protocol joins, or joins again, as it does once it has given up what it
    /// had.
    pub(in crate::group) fn join_consumer_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        client: NodeId,
        request: &JoinGroupRequest,
    ) -> Result<JoinGroupResponse, ResponseError> {
        let mut change = Change::of(self);
        let id = joining_id(turn, client, request);
        if !change.next.members.contains_key(&id) {
            change.check_size(turn).map_err(|refused: Refused| refused.error)?;
        }
        if !change.next.supports_classic(request) {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        if request.member_id.is_empty() && request.group_instance_id.is_none() {
            return Ok(joined_not(&id.0, ResponseError::MemberIdRequired));
        }
        // Its assignor is passed over, so all of its subscriptions are taken to say the same.
        let first = request.protocols.first();
        let subscription = first.and_then(|protocol| decode_subscription(&protocol.metadata));
        let subscription = subscription.ok_or(ResponseError::UnknownServerError)?;
        let replaced = change.admit_classic(client, request, &id)?;
        let is_changed = change.update_classic(turn, client, request, &id, &subscription);
        let reason = match replaced {
            Some(_) => EpochReason::SubscriptionChanged,
            None => EpochReason::MemberJoined,
        };
        change.bump_if_needed(turn, is_changed.then_some(reason));
        change.assign_if_due(turn);
        let owned = owned(&subscription, turn.log.image());
        let reconciled = change.next.reconciled(&id, Some(&owned));
        if reconciled != change.next.members[&id] {
            change.put_reconciled(reconciled, turn.log.image());
        }
        let response = joined(&change.next.members[&id]);
        // It may have taken the place of the last member that spoke the consumer protocol.
        let is_last = request.group_instance_id.is_some()
            && replaced.is_some_and(|replaced| replaced.classic.is_none());
        if is_last && change.next.may_downgrade(turn) {
            change.write_all(change.next.tombstones());
            self.downgrade(turn, change)?;
            if is_changed {
                self.prepare_rebalance(turn);
            }
            return Ok(response);
        }
        self.apply(turn, change)?;
        self.watch_session(turn, &id);
        self.watch_classic_rebalance(turn, &id, true);
        Ok(response)
    }

    /// A member that has joined asks for what it may use now.
    pub(in crate::group) fn sync_in_consumer_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        request: &SyncGroupRequest,
    ) -> Result<SyncGroupResponse, ResponseError> {
        let instance = request.group_instance_id.as_deref();
        let id = MemberId::from(request.member_id.as_str());
        let (group, member) = self.check_classic(&id, instance, request.generation_id)?;
        let differs = |given: Option<&str>, own: &str| given.is_some_and(|given| given != own);
        if differs(request.protocol_type.as_deref(), PROTOCOL_TYPE)
            || differs(request.protocol_name.as_deref(), member.first_protocol())
        {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        // One that is to give something up has joined already: it does that first.
        if group.epoch > member.epoch && member.state != MemberState::UnrevokedPartitions {
            self.watch_classic_rebalance(turn, &id, false);
            return Err(ResponseError::RebalanceInProgress);
        }
        let assigned = named(&without_epochs(&member.assigned), turn.log.image());
        self.stop_classic_rebalance(turn, &id);
        self.watch_session(turn, &id);
        Ok(SyncGroupResponse::default()
            .with_protocol_type(request.protocol_type.clone())
            .with_protocol_name(request.protocol_name.clone())
            .with_assignment(encode_assignment(&assigned)))
    }

    /// A member says that it lives, and learns whether it is to join again.
    pub(in crate::group) fn heartbeat_in_consumer_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        request: &HeartbeatRequest,
    ) -> Result<(), ResponseError> {
        let instance = request.group_instance_id.as_deref();
        let id = MemberId::from(request.member_id.as_str());
        let (group, member) = self.check_classic(&id, instance, request.generation_id)?;
        let is_to_join = group.is_to_join_again(member);
        self.watch_session(turn, &id);
        if is_to_join {
            self.watch_classic_rebalance(turn, &id, false);
            return Err(ResponseError::RebalanceInProgress);
        }
        Ok(())
    }

    /// The group and the member that a request of the classic protocol comes from.
    fn check_classic(
        &self,
        id: &MemberId,
        instance: Option<&str>,
        generation: i32,
    ) -> Result<(&ConsumerGroup, &ConsumerMember), ResponseError> {
        let group = self.consumer.as_deref().expect("it is such a group");
        self.check_leaving(id, instance).map_err(|refused| refused.error)?;
        let member = group.members.get(id).filter(|member| member.classic.is_some());
        let member = member.ok_or(ResponseError::UnknownMemberId)?;
        if generation != member.epoch.0 {
            return Err(ResponseError::IllegalGeneration);
        }
        Ok((group, member))
    }
}

impl ConsumerGroup {
    /// Whether members of the classic protocol with these assignors can be in the group together: they
    /// need one in common to be able to go back to that protocol.
    fn supports_classic(&self, request: &JoinGroupRequest) -> bool {
        let has = |classic: &ClassicSide, name: &str| {
            classic.protocols.iter().any(|(known, _)| &**known == name)
        };
        request.protocol_type.as_str() == PROTOCOL_TYPE
            && request.protocols.iter().any(|protocol| {
                let mut others = self.members.values().filter_map(|member| member.classic.as_ref());
                others.all(|classic| has(classic, &protocol.name))
            })
    }

    /// Whether a member is to join again: since there is a new epoch, since it has something to give up
    /// and must say when it has, or since what it waits for is free.
    fn is_to_join_again(&self, member: &ConsumerMember) -> bool {
        member.epoch < self.epoch
            || match member.state {
                MemberState::Stable => false,
                MemberState::UnrevokedPartitions => true,
                MemberState::UnreleasedPartitions => !self.is_waiting(member),
            }
    }

    /// Whether others have yet to give up what a member is to get.
    fn is_waiting(&self, member: &ConsumerMember) -> bool {
        let target = self.target_of(&member.id);
        let mut wanted =
            target.iter().flat_map(|(topic, own)| own.iter().map(|own| (*topic, *own)));
        wanted.any(|(topic, index)| {
            let has = member.assigned.get(&topic).is_some_and(|own| own.contains_key(&index));
            !has && self.is_owned(topic, index)
        })
    }
}

impl ConsumerMember {
    /// The assignor that it names first, which stands for all of them.
    fn first_protocol(&self) -> &str {
        let first = self.classic.as_ref().and_then(|classic| classic.protocols.first());
        first.map_or("", |(name, _)| name)
    }
}

impl Change {
    /// Finds the member that a JoinGroup comes from, or takes it in. What it was before, or the static
    /// member in whose place it comes.
    fn admit_classic(
        &mut self,
        client: NodeId,
        request: &JoinGroupRequest,
        id: &MemberId,
    ) -> Result<Option<ConsumerMember>, ResponseError> {
        let instance = request.group_instance_id.as_deref();
        let holder = instance.and_then(|instance| self.next.static_member(instance)).cloned();
        let is_unknown = request.member_id.is_empty();
        let known = match (instance, holder) {
            (None, _) => self.next.members.get(id).cloned(),
            (Some(_), Some(holder)) if is_unknown => {
                self.replace_static(client, id, &holder);
                return Ok(Some(holder));
            }
            (Some(_), Some(holder)) if holder.id != *id => {
                return Err(ResponseError::FencedInstanceId);
            }
            (Some(_), None) if !is_unknown => return Err(ResponseError::UnknownMemberId),
            (Some(_), holder) => holder,
        };
        if known.is_none() {
            self.next.members.insert(id.clone(), ConsumerMember::new(id.clone(), client));
            self.tell_joined(id, client);
        }
        Ok(known)
    }

    /// Takes over what the member says of itself; whether it subscribes to something else.
    fn update_classic(
        &mut self,
        turn: &Turn<'_, '_>,
        client: NodeId,
        request: &JoinGroupRequest,
        id: &MemberId,
        subscription: &Subscription,
    ) -> bool {
        let before = &self.next.members[id];
        let mut member = before.clone();
        member.client = client;
        member.client_id = identity::client_id(turn.ctx, client);
        if let Some(instance) = request.group_instance_id.as_deref() {
            member.instance = Some(instance.into());
        }
        if let Some(rack) = &subscription.rack {
            member.rack = Some(rack.clone());
        }
        member.rebalance_timeout_ms = request.rebalance_timeout_ms;
        member.topics = subscription.topics.iter().cloned().collect();
        let protocols = request.protocols.iter();
        member.classic = Some(ClassicSide {
            session_timeout_ms: request.session_timeout_ms,
            protocols: protocols
                .map(|protocol| (protocol.name.as_str().into(), protocol.metadata.clone()))
                .collect(),
        });
        let is_changed = member.topics != before.topics;
        if member != *before {
            self.put_member(member);
        }
        is_changed
    }
}

/// The id under which someone joins: a new one if it has none.
fn joining_id(turn: &mut Turn<'_, '_>, client: NodeId, request: &JoinGroupRequest) -> MemberId {
    if !request.member_id.is_empty() {
        return MemberId::from(request.member_id.as_str());
    }
    let client_id = identity::client_id(turn.ctx, client);
    let prefix = request.group_instance_id.as_deref().unwrap_or(&client_id);
    identity::new_member_id(turn.ctx, prefix)
}

/// What a member says that it still owns. One of the eager protocol owns nothing as it joins.
fn owned(subscription: &Subscription, image: &MetadataImage) -> Partitions {
    let mut owned = Partitions::new();
    for partition in &subscription.owned {
        if let Some(topic) = image.topics.get(&partition.topic) {
            owned.entry(topic.id).or_default().insert(partition.partition.0);
        }
    }
    owned
}

/// What a member that has joined is told: there is no leader, so it has nothing to assign.
fn joined(member: &ConsumerMember) -> JoinGroupResponse {
    JoinGroupResponse::default()
        .with_member_id(str_bytes(member.id.as_str()))
        .with_generation_id(member.epoch.0)
        .with_protocol_type(Some(str_bytes(PROTOCOL_TYPE)))
        .with_protocol_name(Some(str_bytes(member.first_protocol())))
}
