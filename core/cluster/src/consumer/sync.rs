//! The second half of a rebalance: the leader assigns, and every member gets its part.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{JoinGroupResponse, SyncGroupRequest, SyncGroupResponse};
use kafka_protocol::protocol::StrBytes;

use crate::bugs::Bug;
use crate::consumer::Consumer;
use crate::consumer::assignor::{Assignments, Assignor, Subscriber};
use crate::consumer::listener::{Parting, Then};
use crate::consumer::membership::MemberState;
use crate::consumer::protocol::{
    PROTOCOL_TYPE, decode_assignment, decode_subscription, encode_assignment,
};
use crate::consumer::responses::Sent;
use crate::consumer::user_data::Remembered;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{Generation, NodeId, TopicName, TopicPartition};

impl Consumer {
    /// The consumer leads the group: it assigns as soon as it knows the topics of all members.
    pub(super) fn on_leader_elected(&mut self, ctx: &mut Ctx<'_>, response: &JoinGroupResponse) {
        let Some(assignor) = self.chosen_assignor() else {
            let name = response.protocol_name.as_deref().unwrap_or_default();
            let what = format!("Coordinator selected invalid assignment protocol: {name}");
            return self.poll_fails(ctx, &what);
        };
        let subscriber = |member: &JoinGroupResponseMember| {
            let subscription = decode_subscription(&member.metadata).unwrap_or_default();
            let instance = member.group_instance_id.as_deref().map(Into::into);
            assignor.subscriber(member.member_id.as_str().into(), instance, subscription)
        };
        let members: Vec<Subscriber> = response.members.iter().map(subscriber).collect();
        let topics: BTreeSet<TopicName> =
            members.iter().flat_map(|member| &member.topics).chain(&self.topics).cloned().collect();
        if response.skip_assignment {
            // It was away for a moment as a static member: the assignment of before stands.
            self.membership.assigned_counts = Some(self.partition_counts(&topics));
            return self.send_sync(ctx, Vec::new());
        }
        self.follow_topics(&topics);
        self.membership.to_assign = Some(members);
        self.assign_if_known(ctx);
    }

    /// Assigns, if the consumer leads the group and knows the topics of all members by now.
    pub(super) fn assign_if_known(&mut self, ctx: &mut Ctx<'_>) {
        let Some(assignor) = self.chosen_assignor() else { return };
        let Some(members) = self.membership.to_assign.take() else { return };
        let topics: BTreeSet<TopicName> =
            members.iter().flat_map(|member| member.topics.clone()).collect();
        let metadata = &self.updater.metadata;
        let is_known = |topic| {
            metadata.topics.contains_key(topic)
                || metadata.errors.contains_key(topic)
                || self.updater.follows_all()
        };
        if !topics.iter().all(is_known) {
            self.membership.to_assign = Some(members);
            return self.updater.request_update();
        }
        let counts = self.partition_counts(&topics);
        let mut shares = assignor.assign(&counts, &members);
        if ctx.has_bug(Bug::AssignsTwice) {
            assign_one_to_two(&mut shares);
        }
        let assignments = shares.into_iter().map(|(member, partitions)| {
            SyncGroupRequestAssignment::default()
                .with_member_id(StrBytes::from_string(member.to_string()))
                .with_assignment(encode_assignment(&partitions))
        });
        self.membership.assigned_counts = Some(counts);
        self.send_sync(ctx, assignments.collect());
    }

    /// If the consumer leads the group and its topics have changed since it assigned them, the group
    /// is to rebalance.
    pub(super) fn check_assigned_topics(&mut self) {
        let Some(assigned) = &self.membership.assigned_counts else { return };
        let topics = assigned.keys().cloned().collect();
        if self.partition_counts(&topics) != *assigned {
            self.membership.needs_rejoin = true;
        }
    }

    pub(super) fn send_sync(
        &mut self,
        ctx: &mut Ctx<'_>,
        assignments: Vec<SyncGroupRequestAssignment>,
    ) {
        let Some(coordinator) = self.membership.coordinator else { return self.join_failed(ctx) };
        let protocol = self.membership.protocol.as_deref().unwrap_or_default();
        let request = SyncGroupRequest::default()
            .with_group_id(self.group_id())
            .with_generation_id(self.membership.generation.0)
            .with_member_id(self.member_id())
            .with_group_instance_id(self.instance_id())
            .with_protocol_type(Some(StrBytes::from_static_str(PROTOCOL_TYPE)))
            .with_protocol_name(Some(StrBytes::from_string(protocol.to_owned())))
            .with_assignments(assignments);
        let sent = Sent::SyncGroup(self.membership.generation);
        self.send(ctx, NodeId::Broker(coordinator), request, sent);
    }

    pub(super) fn on_synced(
        &mut self,
        ctx: &mut Ctx<'_>,
        sent_in: Generation,
        response: &SyncGroupResponse,
    ) {
        let is_same_generation = sent_in == self.membership.generation;
        let Some(error) = ResponseError::try_from_code(response.error_code) else {
            if is_same_generation && self.membership.state == MemberState::CompletingRebalance {
                self.on_assigned(response);
            }
            return;
        };
        self.membership.rebalance_failed();
        match error {
            ResponseError::RebalanceInProgress => {}
            ResponseError::UnknownMemberId | ResponseError::IllegalGeneration => {
                if is_same_generation {
                    self.membership.reset(error == ResponseError::UnknownMemberId);
                }
            }
            ResponseError::CoordinatorNotAvailable | ResponseError::NotCoordinator => {
                self.membership.coordinator_unknown();
                self.join_later(ctx);
            }
            error => self.fail(ctx, error),
        }
    }

    fn on_assigned(&mut self, response: &SyncGroupResponse) {
        self.membership.state = MemberState::Stable;
        self.membership.needs_rejoin = false;
        self.membership.is_join_prepared = false;
        let mut partitions = decode_assignment(&response.assignment).unwrap_or_default();
        partitions.sort();
        self.membership.assigned = Some(partitions);
    }

    /// The application polls, and learns what it was assigned. Under the cooperative protocol, this is
    /// when it gives back what it is to lose; it joins once more, so that others get that.
    pub(super) fn complete_join(&mut self, ctx: &mut Ctx<'_>) {
        if self.listener.is_running() {
            return;
        }
        let Some(partitions) = self.membership.assigned.take() else { return };
        if !partitions.iter().all(|partition| self.config.subscribes_to(&partition.topic)) {
            self.membership.needs_rejoin = true;
            return;
        }
        let generation = self.membership.generation;
        let revoked = self.assignment.owned_beyond(&partitions);
        if revoked.is_empty() {
            return self.take_assigned(ctx, &partitions, generation);
        }
        let then = Then::AssignAndRejoin(partitions, generation);
        self.give_back(ctx, revoked, Parting::Revoked, then);
    }

    pub(super) fn take_assigned(
        &mut self,
        ctx: &mut Ctx<'_>,
        partitions: &[TopicPartition],
        generation: Generation,
    ) {
        let added = self.assignment.not_owned(partitions);
        self.assignment.assign(partitions);
        if let Some(assignor) = self.chosen_assignor() {
            let remembered = Remembered { partitions: partitions.to_vec(), generation };
            self.membership.remembered.insert(assignor.name(), remembered);
        }
        self.begin_auto_commit(ctx);
        if !added.is_empty() || partitions.is_empty() {
            ctx.emit(EventKind::PartitionsAssigned {
                client: super::my_id(ctx),
                group: self.config.group.clone(),
                partitions: added,
                generation,
            });
        }
        self.check_assigned_topics();
    }

    /// The assignor that the group chose, if it is one that the consumer offered.
    pub(super) fn chosen_assignor(&self) -> Option<Assignor> {
        let name = self.membership.protocol.as_deref()?;
        self.config.assignors.iter().copied().find(|assignor| assignor.name() == name)
    }

    /// Keeps the metadata of other members' topics fresh too.
    fn follow_topics(&mut self, topics: &BTreeSet<TopicName>) {
        if topics.iter().all(|topic| self.updater.metadata.topics.contains_key(topic)) {
            return;
        }
        self.updater.follow(topics.iter().cloned().collect());
    }

    fn partition_counts(&self, topics: &BTreeSet<TopicName>) -> BTreeMap<TopicName, u32> {
        let count =
            |topic: &TopicName| (topic.clone(), self.updater.metadata.partition_count(topic));
        topics.iter().map(count).collect()
    }
}

/// The bug [`Bug::AssignsTwice`]: what the first member gets first, the last gets too.
fn assign_one_to_two(shares: &mut Assignments) {
    let first = shares.values().find_map(|own| own.first().cloned());
    let last = shares.values_mut().next_back();
    if let (Some(first), Some(last)) = (first, last)
        && !last.contains(&first)
    {
        last.push(first);
    }
}
