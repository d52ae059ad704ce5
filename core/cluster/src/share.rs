//! Share groups (KIP-932): consumers that share the records of a partition, each record for itself, as
//! workers share a queue.
//!
//! What is here knows no broker: the records that a leader has handed out ([`partition`]), what is
//! written down of them ([`state`], [`records`]), who writes it down ([`coordinator`]), the sessions
//! of members with a leader ([`session`]), and what goes into the dead-letter queue of a group
//! ([`dead_letter`]). `broker/share/` is where brokers use it.

use std::fmt;

use crate::ids::{GroupId, TopicId};

pub(crate) mod coordinator;
pub mod dead_letter;
pub mod event;
pub(crate) mod partition;
pub(crate) mod records;
pub(crate) mod session;
pub(crate) mod state;
pub(crate) mod told;

pub use dead_letter::DeadLetterFailure;
pub use event::{ArchiveReason, ShareEvent};

/// A partition as one share group sees it: Kafka's `SharePartitionKey`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ShareKey {
    pub(crate) group: GroupId,
    pub(crate) topic: TopicId,
    pub(crate) partition: i32,
}

impl ShareKey {
    /// The text that decides which partition of `__share_group_state` it belongs to
    /// (`SharePartitionKey.asCoordinatorKey`).
    pub(crate) fn text(&self) -> String {
        format!("{}:{}:{}", self.group, self.topic, self.partition)
    }
}

/// What has become of a record that is in flight: Kafka's `RecordState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordState {
    /// It may be handed out.
    Available,
    /// It was handed out, and its lock has not run out.
    Acquired,
    /// It was worked on.
    Acknowledged,
    /// It is on its way into the dead-letter queue of its group, and handed out no more (KIP-1191).
    Archiving,
    /// It is handed out no more, though nobody was done with it: it was rejected, handed out too often,
    /// or is none.
    Archived,
}

impl RecordState {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Available, Self::Acquired, Self::Acknowledged, Self::Archiving, Self::Archived];

    /// Kafka's number for it, as it stands in messages and records.
    pub fn id(self) -> i8 {
        match self {
            Self::Available => 0,
            Self::Acquired => 1,
            Self::Acknowledged => 2,
            Self::Archiving => 3,
            Self::Archived => 4,
        }
    }

    /// The state of that number.
    pub fn from_id(id: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.id() == id)
    }

    /// The state as KIP-932 calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Available => "Available",
            Self::Acquired => "Acquired",
            Self::Acknowledged => "Acknowledged",
            Self::Archiving => "Archiving",
            Self::Archived => "Archived",
        }
    }

    /// Whether nothing more becomes of the record.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Acknowledged | Self::Archived)
    }
}

impl fmt::Display for RecordState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a consumer says of a record that it got: Kafka's `AcknowledgeType`, and the gap that clients
/// tell of by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AcknowledgeType {
    /// There is no record at this offset.
    Gap,
    /// It is done.
    Accept,
    /// Someone may try again.
    Release,
    /// Nobody is to try again.
    Reject,
    /// It takes longer: the lock begins anew (KIP-1222).
    Renew,
}

impl AcknowledgeType {
    /// Kafka's number for it.
    pub fn id(self) -> i8 {
        match self {
            Self::Gap => 0,
            Self::Accept => 1,
            Self::Release => 2,
            Self::Reject => 3,
            Self::Renew => 4,
        }
    }

    /// The type of that number.
    pub fn from_id(id: i8) -> Option<Self> {
        [Self::Gap, Self::Accept, Self::Release, Self::Reject, Self::Renew]
            .into_iter()
            .find(|kind| kind.id() == id)
    }

    /// Its name, as a person types it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Accept => "accept",
            Self::Release => "release",
            Self::Reject => "reject",
            Self::Renew => "renew",
        }
    }
}

impl fmt::Display for AcknowledgeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
