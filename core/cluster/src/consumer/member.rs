//! A member of a group of the consumer protocol (KIP-848): how far it is, and what it knows of its
//! assignment. Kafka's `ConsumerMembershipManager`, as state.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{TopicId, TopicPartition};
use crate::time::{Span, Time};

/// How far a member is: Kafka's `MemberState` of this protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// It has not tried to join, or has left.
    #[default]
    Unsubscribed,
    /// It is about to say, or has said, that it wants to join.
    Joining,
    /// It has a target assignment that is not its own yet.
    Reconciling,
    /// It is about to tell the coordinator what it owns now.
    Acknowledging,
    /// What it owns is what the coordinator wants it to.
    Stable,
    /// The coordinator has thrown it out: it drops everything, then joins anew.
    Fenced,
    /// It left since the application did not poll: it joins anew when the application does.
    Stale,
    /// It gives everything back, then leaves.
    PrepareLeaving,
    /// It is about to say that it leaves.
    Leaving,
    /// Something went wrong that trying again does not mend.
    Fatal,
}

/// Partitions by topic id, as requests carry them.
pub(super) type ById = BTreeMap<TopicId, BTreeSet<i32>>;

/// What the consumer knows of its membership beyond member id and epoch.
#[derive(Clone, Debug, Default)]
pub(super) struct Member {
    pub(super) state: State,
    /// What the coordinator last told it to own; none before it said anything.
    pub(super) target: Option<ById>,
    /// What it owns and has acknowledged, or is about to; none before its first assignment.
    pub(super) current: Option<ById>,
    /// How long it waits between heartbeats: the coordinator says so.
    pub(super) interval: Span,
    /// When the next heartbeat is due.
    pub(super) heartbeat_at: Time,
    /// When the last one was sent.
    pub(super) sent_at: Time,
    /// Whether a heartbeat awaits its answer.
    pub(super) is_awaited: bool,
    /// Heartbeats in a row that failed.
    pub(super) failures: u32,
    /// What the last heartbeats said: only what has changed since is said again.
    pub(super) sent: Sent,
}

/// The fields of the last heartbeats.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sent {
    /// Whether the fields that never change were sent.
    pub(super) is_introduced: bool,
    pub(super) owned: Option<ById>,
}

impl State {
    /// As the Java client's log writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unsubscribed => "UNSUBSCRIBED",
            Self::Joining => "JOINING",
            Self::Reconciling => "RECONCILING",
            Self::Acknowledging => "ACKNOWLEDGING",
            Self::Stable => "STABLE",
            Self::Fenced => "FENCED",
            Self::Stale => "STALE",
            Self::PrepareLeaving => "PREPARE_LEAVING",
            Self::Leaving => "LEAVING",
            Self::Fatal => "FATAL",
        }
    }

    /// Whether it is no active member, so that it sends no heartbeats.
    pub(super) fn is_silent(self) -> bool {
        matches!(self, Self::Unsubscribed | Self::Fenced | Self::Stale | Self::Fatal)
    }

    /// Whether it takes an assignment over that comes now.
    pub(super) fn takes_assignments(self) -> bool {
        matches!(self, Self::Joining | Self::Reconciling | Self::Acknowledging | Self::Stable)
    }

    /// Whether its next heartbeat does not wait for the interval to pass.
    pub(super) fn has_news(self) -> bool {
        self == Self::Acknowledging
    }
}

impl Member {
    /// Whether it owns what the coordinator wants it to.
    pub(super) fn is_reconciled(&self) -> bool {
        self.target == self.current
    }

    /// It begins anew: the coordinator knows nothing of what it had.
    pub(super) fn join(&mut self, now: Time) {
        let interval = self.interval;
        *self = Self { state: State::Joining, interval, heartbeat_at: now, ..Self::default() };
    }
}

/// Partitions by topic id; those of topics without a known id are left out.
pub(super) fn by_id(
    partitions: &[TopicPartition],
    id: impl Fn(&TopicPartition) -> Option<TopicId>,
) -> ById {
    let mut by_id = ById::new();
    for partition in partitions {
        if let Some(topic) = id(partition) {
            by_id.entry(topic).or_default().insert(partition.partition.0);
        }
    }
    by_id
}
