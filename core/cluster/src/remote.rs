//! Tiered storage (KIP-405), as far as it knows no broker: the remote store, what is said of each segment in it, and what
//! a leader concludes from that. The brokers' part is in `broker/tiered/`.

use std::fmt;

use highwater_log::{EpochEntry, Offset, TimestampMs};

use crate::ids::{BrokerId, PartitionIndex, TopicId};

pub(crate) mod cache;
pub mod event;
pub(crate) mod lineage;
pub(crate) mod records;
pub mod store;

/// A partition of the very topic that an id names: what is remote belongs to no later topic of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicIdPartition {
    /// The topic.
    pub topic: TopicId,
    /// The partition.
    pub partition: PartitionIndex,
}

/// The 128 bits that tell a copy of a segment from all others, also of the same segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemoteSegmentId(pub u128);

impl fmt::Display for RemoteSegmentId {
    /// As Kafka prints a uuid: URL-safe base64 of the 16 bytes, without padding.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TopicId(self.0).fmt(f)
    }
}

/// How far a segment has come: `RemoteLogSegmentState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemoteSegmentState {
    /// Its leader began to copy it.
    CopyStarted,
    /// It is in the store, and read from there.
    CopyFinished,
    /// Its leader began to delete it: it is read no longer.
    DeleteStarted,
    /// It is gone.
    DeleteFinished,
}

impl RemoteSegmentState {
    /// The state as Kafka names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CopyStarted => "COPY_SEGMENT_STARTED",
            Self::CopyFinished => "COPY_SEGMENT_FINISHED",
            Self::DeleteStarted => "DELETE_SEGMENT_STARTED",
            Self::DeleteFinished => "DELETE_SEGMENT_FINISHED",
        }
    }

    /// The state in a record: `RemoteLogSegmentState.id`.
    pub(crate) fn id(self) -> i8 {
        self as i8
    }

    pub(crate) fn from_id(id: i8) -> Option<Self> {
        let all =
            [Self::CopyStarted, Self::CopyFinished, Self::DeleteStarted, Self::DeleteFinished];
        all.into_iter().find(|state| state.id() == id)
    }

    /// Whether a segment may go from this state to another: never back, and to the same one again.
    pub(crate) fn may_become(self, target: Self) -> bool {
        match self {
            Self::CopyStarted => target != Self::DeleteFinished,
            Self::CopyFinished => matches!(target, Self::CopyFinished | Self::DeleteStarted),
            Self::DeleteStarted => matches!(target, Self::DeleteStarted | Self::DeleteFinished),
            Self::DeleteFinished => target == Self::DeleteFinished,
        }
    }
}

/// What is said of a segment in the remote tier: `RemoteLogSegmentMetadata`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteSegment {
    /// Which copy it is.
    pub id: RemoteSegmentId,
    /// Of which partition.
    pub partition: TopicIdPartition,
    /// Its first offset.
    pub start_offset: Offset,
    /// Its last offset.
    pub end_offset: Offset,
    /// The greatest timestamp of its records.
    pub max_timestamp: TimestampMs,
    /// Who said so last.
    pub broker: BrokerId,
    /// When.
    pub event_timestamp: TimestampMs,
    /// The bytes of its batches.
    pub size_bytes: u64,
    /// The leader epochs of its records, each with its first offset in the segment.
    pub epochs: Vec<EpochEntry>,
    /// How far it has come.
    pub state: RemoteSegmentState,
}

impl RemoteSegment {
    /// The last offset of a leader epoch within the segment.
    pub(crate) fn end_of_epoch(&self, entry: EpochEntry) -> Offset {
        let next = self.epochs.iter().find(|other| other.epoch > entry.epoch);
        next.map_or(self.end_offset, |next| next.start_offset - 1)
    }
}
