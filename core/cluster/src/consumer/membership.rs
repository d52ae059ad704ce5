//! What a consumer knows of its place in its group: Kafka's `AbstractCoordinator`, as state.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::client::Alarm;
use crate::consumer::Consumer;
use crate::consumer::assignor::Subscriber;
use crate::consumer::user_data::Remembered;
use crate::ids::{BrokerId, Generation, MemberId, TopicName, TopicPartition};
use crate::time::Time;

/// How far a consumer is in joining its group: Kafka's `MemberState`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum MemberState {
    /// It is no part of any generation.
    #[default]
    Unjoined,
    /// It has sent JoinGroup.
    PreparingRebalance,
    /// It belongs to a generation, and is to learn its assignment.
    CompletingRebalance,
    /// It has its assignment. Under the consumer protocol: it has a member epoch.
    Stable,
}

/// A consumer's place in its group.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    pub(super) state: MemberState,
    pub(super) member: Option<MemberId>,
    /// -1 for none. Under the consumer protocol, the member epoch.
    pub(super) generation: Generation,
    /// The assignor of the generation.
    pub(super) protocol: Option<Arc<str>>,
    /// What it joined with, in the order of names; none if it has not.
    pub(super) joined_topics: Option<Vec<TopicName>>,
    /// What it was assigned, until the application polls: only then does it learn of it.
    pub(super) assigned: Option<Vec<TopicPartition>>,
    /// What its sticky assignors remember, by name.
    pub(super) remembered: BTreeMap<&'static str, Remembered>,
    pub(super) coordinator: Option<BrokerId>,
    /// Whether a FindCoordinator is under way.
    pub(super) is_looking_up: bool,
    /// Until when no coordinator is looked for, after how many attempts.
    pub(super) look_up_at: Time,
    pub(super) look_up_attempts: u32,
    /// Whether it is to join at the next poll.
    pub(super) needs_rejoin: bool,
    /// Whether the partitions of the last generation are given back already.
    pub(super) is_join_prepared: bool,
    /// Until when it does not join.
    pub(super) join_at: Time,
    /// If it leads the group: the members to which it will assign as soon as it knows their topics.
    pub(super) to_assign: Option<Vec<Subscriber>>,
    /// If it leads the group: the partitions of each topic that it assigned. More of them, and it lets
    /// the group rebalance.
    pub(super) assigned_counts: Option<BTreeMap<TopicName, u32>>,
    pub(super) heartbeat_at: Time,
    /// When the coordinator was last known to be there.
    pub(super) session_began: Time,
    pub(super) heartbeat_alarm: Alarm,
}

impl Default for Membership {
    fn default() -> Self {
        Self {
            state: MemberState::Unjoined,
            member: None,
            generation: Generation(-1),
            protocol: None,
            joined_topics: None,
            assigned: None,
            remembered: BTreeMap::new(),
            coordinator: None,
            is_looking_up: false,
            look_up_at: Time::ZERO,
            look_up_attempts: 0,
            needs_rejoin: true,
            is_join_prepared: false,
            join_at: Time::ZERO,
            to_assign: None,
            assigned_counts: None,
            heartbeat_at: Time::ZERO,
            session_began: Time::ZERO,
            heartbeat_alarm: Alarm::default(),
        }
    }
}

impl Membership {
    /// Whether the coordinator counts it to a generation, so that its heartbeats mean something.
    pub(super) fn has_joined(&self) -> bool {
        matches!(self.state, MemberState::CompletingRebalance | MemberState::Stable)
    }

    /// Whether it has an assignment that the coordinator knows of, so that it may commit.
    pub(super) fn is_stable(&self) -> bool {
        self.state == MemberState::Stable && self.generation.0 >= 0
    }

    /// The rebalance came to nothing: the next poll tries again.
    pub(super) fn rebalance_failed(&mut self) {
        self.state = MemberState::Unjoined;
        self.needs_rejoin = true;
        self.to_assign = None;
        self.assigned = None;
    }

    /// The coordinator does not know the generation, and, with `forget_member`, not even the member.
    pub(super) fn reset(&mut self, forget_member: bool) {
        self.state = MemberState::Unjoined;
        self.generation = Generation(-1);
        self.protocol = None;
        if forget_member {
            self.member = None;
        }
        self.needs_rejoin = true;
        self.to_assign = None;
        self.assigned = None;
    }

    /// The coordinator is not where it was: it is looked for.
    pub(super) fn coordinator_unknown(&mut self) {
        self.coordinator = None;
    }
}

impl MemberState {
    /// As the Java client's log writes it.
    fn name(self) -> &'static str {
        match self {
            Self::Unjoined => "UNJOINED",
            Self::PreparingRebalance => "PREPARING_REBALANCE",
            Self::CompletingRebalance => "COMPLETING_REBALANCE",
            Self::Stable => "STABLE",
        }
    }
}

impl Consumer {
    /// How far it is in joining its group, by the name that the Java client's log has for it.
    pub(super) fn member_state(&self) -> &'static str {
        if self.config.is_classic() {
            self.membership.state.name()
        } else {
            self.member.state.name()
        }
    }

    /// The assignor of its group, as far as it knows.
    pub(super) fn assignor_name(&self) -> Option<Arc<str>> {
        if self.config.is_classic() {
            self.membership.protocol.clone()
        } else {
            self.config.group_remote_assignor.clone()
        }
    }

    /// Until when the application is to poll again, or to return from its listener; none while it
    /// waits in poll.
    pub(super) fn poll_deadline(&self) -> Option<Time> {
        let began = self.listener.began().map(|began| began + self.config.max_poll_interval());
        began.or_else(|| self.application.poll_deadline(&self.config))
    }

    /// The member id and epoch by which the coordinator tells whether an offset fetch of the consumer
    /// protocol is of use still; none under the classic protocol.
    pub(super) fn fetch_identity(&self) -> (Option<kafka_protocol::protocol::StrBytes>, i32) {
        if self.config.is_classic() || !self.membership.is_stable() {
            return (None, -1);
        }
        (Some(self.member_id()), self.membership.generation.0)
    }

    /// The member id as requests carry it: nothing for none.
    pub(super) fn member_id(&self) -> kafka_protocol::protocol::StrBytes {
        let id = self.membership.member.as_ref().map_or("", MemberId::as_str);
        kafka_protocol::protocol::StrBytes::from_string(id.to_owned())
    }

    pub(super) fn group_id(&self) -> kafka_protocol::messages::GroupId {
        let id = self.config.group.to_string();
        kafka_protocol::messages::GroupId(kafka_protocol::protocol::StrBytes::from_string(id))
    }

    pub(super) fn instance_id(&self) -> Option<kafka_protocol::protocol::StrBytes> {
        let id = self.config.group_instance_id.as_deref()?;
        Some(kafka_protocol::protocol::StrBytes::from_string(id.to_owned()))
    }
}
