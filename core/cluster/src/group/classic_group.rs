//! A group: its members and its generation, as the classic protocol has them, and its offsets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use highwater_log::TimestampMs;
use kafka_protocol::ResponseError;

use crate::event::{EventKind, GroupState};
use crate::group::consumer_group::ConsumerGroup;
use crate::group::member::Member;
use crate::group::records::{CommittedOffset, GroupMetadata, GroupRecord};
use crate::group::transactional::PendingOffsets;
use crate::group::turn::Turn;
use crate::ids::{Generation, GroupId, MemberId, TimerId, TopicPartition};
use crate::time::Span;
use crate::timer::Timer;

/// A group. What it has of the consumer protocol stands apart.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) id: GroupId,
    /// Its partition of `__consumer_offsets`.
    pub(super) partition: i32,
    pub(super) state: GroupState,
    pub(super) previous_state: GroupState,
    pub(super) state_changed_at: TimestampMs,
    pub(super) generation: Generation,
    /// `consumer` for consumers; none for a group that has only ever committed offsets.
    pub(super) protocol_type: Option<Arc<str>>,
    /// The assignor of this generation.
    pub(super) protocol: Option<Arc<str>>,
    pub(super) leader: Option<MemberId>,
    pub(super) members: BTreeMap<MemberId, Member>,
    /// The members that have a `group.instance.id`, by it.
    pub(super) static_members: BTreeMap<Arc<str>, MemberId>,
    /// Ids that were given out, with the timers of their sessions, and have not joined yet.
    pub(super) pending_members: BTreeMap<MemberId, TimerId>,
    /// Members of this generation that have not sent SyncGroup yet.
    pub(super) pending_sync: BTreeSet<MemberId>,
    /// Whether a member came while the first rebalance waits: it waits longer then.
    pub(super) new_member_added: bool,
    /// How long the first rebalance waits now, and may wait after that.
    pub(super) initial_delay: (Span, Span),
    /// Waits for members to join while the group prepares its rebalance, and to sync after that.
    pub(super) rebalance_timer: Option<TimerId>,
    pub(super) offsets: BTreeMap<TopicPartition, CommittedOffset>,
    /// The consumer protocol's side of it (KIP-848); none if the classic protocol runs it. With it, the
    /// members are there, and none of the classic protocol's own is used but the state, and the
    /// generation, which is the group epoch.
    pub(super) consumer: Option<Box<ConsumerGroup>>,
    /// What open transactions are to commit.
    pub(super) pending_offsets: PendingOffsets,
}

impl Group {
    pub(super) fn new(id: GroupId, partition: i32, now: TimestampMs) -> Self {
        Self {
            id,
            partition,
            state: GroupState::Empty,
            previous_state: GroupState::Empty,
            state_changed_at: now,
            generation: Generation(0),
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            static_members: BTreeMap::new(),
            pending_members: BTreeMap::new(),
            pending_sync: BTreeSet::new(),
            new_member_added: false,
            initial_delay: (Span::ZERO, Span::ZERO),
            rebalance_timer: None,
            offsets: BTreeMap::new(),
            consumer: None,
            pending_offsets: PendingOffsets::default(),
        }
    }

    /// Lets the group go over to another state.
    pub(super) fn transition(&mut self, turn: &mut Turn<'_, '_>, to: GroupState) {
        self.previous_state = self.state;
        self.state = to;
        self.state_changed_at = turn.ctx.timestamp();
        turn.ctx.emit(EventKind::GroupStateChanged {
            group: self.id.clone(),
            from: self.previous_state,
            to,
            generation: self.generation,
        });
    }

    /// Takes in a member. The first of all leads the group.
    pub(super) fn add(&mut self, member: Member) {
        if let Some(instance) = &member.instance {
            let before = self.static_members.insert(instance.clone(), member.id.clone());
            assert!(before.is_none(), "a static member is replaced, not added twice");
        }
        self.leader.get_or_insert_with(|| member.id.clone());
        self.members.insert(member.id.clone(), member);
    }

    /// Lets a member go, or an id that has not joined.
    pub(super) fn remove(&mut self, turn: &mut Turn<'_, '_>, id: &MemberId, timed_out: bool) {
        if let Some(timer) = self.pending_members.remove(id) {
            turn.ctx.cancel_timer(timer);
        }
        self.pending_sync.remove(id);
        let Some(member) = self.members.remove(id) else { return };
        if let Some(timer) = member.session_timer {
            turn.ctx.cancel_timer(timer);
        }
        if let Some(instance) = &member.instance {
            self.static_members.remove(instance);
        }
        if self.leader.as_ref() == Some(id) {
            self.leader = self.members.keys().next().cloned();
        }
        turn.ctx.emit(EventKind::MemberLeft {
            group: self.id.clone(),
            member: id.clone(),
            timed_out,
        });
    }

    pub(super) fn is_leader(&self, member: &MemberId) -> bool {
        self.leader.as_ref() == Some(member)
    }

    /// Whether every member has sent JoinGroup, those that only have an id included.
    pub(super) fn all_joined(&self) -> bool {
        self.pending_members.is_empty()
            && self.members.values().all(|member| member.awaiting_join.is_some())
    }

    /// The longest rebalance timeout of a member.
    pub(super) fn rebalance_timeout(&self) -> Span {
        self.members.values().map(|member| member.rebalance_timeout).max().unwrap_or(Span::ZERO)
    }

    /// Checks that a request comes from a member.
    pub(super) fn check_member(
        &self,
        member: &MemberId,
        instance: Option<&str>,
    ) -> Result<(), ResponseError> {
        if let Some(instance) = instance {
            match self.static_members.get(instance) {
                None => return Err(ResponseError::UnknownMemberId),
                Some(known) if known != member => return Err(ResponseError::FencedInstanceId),
                Some(_) => {}
            }
        }
        if self.members.contains_key(member) { Ok(()) } else { Err(ResponseError::UnknownMemberId) }
    }

    /// Whether a member with these assignors can be in the group: with one, all must be able to work.
    pub(super) fn supports<'a>(
        &self,
        protocol_type: &str,
        mut protocols: impl Iterator<Item = &'a str>,
    ) -> bool {
        if self.state == GroupState::Empty {
            return !protocol_type.is_empty() && protocols.next().is_some();
        }
        self.protocol_type.as_deref() == Some(protocol_type)
            && protocols.any(|name| self.members.values().all(|member| member.supports(name)))
    }

    /// The assignor that most members prefer, of those that all can use; of two alike, the first by
    /// name.
    pub(super) fn select_protocol(&self) -> Option<Arc<str>> {
        let first = self.members.values().next()?;
        let candidates: BTreeSet<&str> = first
            .protocols
            .iter()
            .map(|(name, _)| &**name)
            .filter(|name| self.members.values().all(|member| member.supports(name)))
            .collect();
        let mut votes: BTreeMap<&str, u32> = BTreeMap::new();
        for vote in self.members.values().filter_map(|member| member.vote(&candidates)) {
            *votes.entry(vote).or_default() += 1;
        }
        let winner = votes.into_iter().rev().max_by_key(|(_, count)| *count)?;
        Some(winner.0.into())
    }

    /// Begins a member's session anew.
    pub(super) fn restart_session(&mut self, turn: &mut Turn<'_, '_>, id: &MemberId) {
        if let Some(member) = self.members.get(id) {
            self.restart_session_with(turn, id, member.session_timeout);
        }
    }

    pub(super) fn restart_session_with(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &MemberId,
        timeout: Span,
    ) {
        let Some(member) = self.members.get_mut(id) else { return };
        if let Some(timer) = member.session_timer.take() {
            turn.ctx.cancel_timer(timer);
        }
        let timer = Timer::GroupSession(self.id.clone(), id.clone());
        member.session_timer = Some(turn.ctx.set_timer(timeout, timer));
    }

    /// Sets the timer of the rebalance in place of the one before.
    pub(super) fn set_rebalance_timer(
        &mut self,
        turn: &mut Turn<'_, '_>,
        after: Span,
        timer: Timer,
    ) {
        self.cancel_rebalance_timer(turn);
        self.rebalance_timer = Some(turn.ctx.set_timer(after, timer));
    }

    pub(super) fn cancel_rebalance_timer(&mut self, turn: &mut Turn<'_, '_>) {
        if let Some(timer) = self.rebalance_timer.take() {
            turn.ctx.cancel_timer(timer);
        }
    }

    /// The record of the present generation, with `assignment` for each member.
    pub(super) fn record(&self, assignment: &BTreeMap<MemberId, bytes::Bytes>) -> GroupRecord {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let members = self.members.values().map(|member| {
            member.metadata(protocol, assignment.get(&member.id).cloned().unwrap_or_default())
        });
        let value = GroupMetadata {
            protocol_type: self.protocol_type.clone().unwrap_or_else(|| "".into()),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            state_changed_at: self.state_changed_at,
            members: members.collect(),
        };
        GroupRecord::Group { group: self.id.clone(), value: Some(value) }
    }
}
