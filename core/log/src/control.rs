//! Control records: what a broker writes into a log to mark the end of a transaction, or a KRaft leader its terms.

use bytes::Bytes;

use crate::error::CorruptReason;
use crate::record::Record;

/// What a control record says, in its key: version, then type, as 16-bit numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ControlType {
    Abort,
    Commit,
    LeaderChange,
    SnapshotHeader,
    SnapshotFooter,
    KRaftVersion,
    KRaftVoters,
    /// A type that a later version of Kafka may have added; readers skip it.
    Unknown(i16),
}

/// The marker that ends a transaction in each partition it wrote to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EndTransactionMarker {
    /// Commit, or abort.
    pub commit: bool,
    /// The epoch of the transaction coordinator that decided it: an older one is fenced.
    pub coordinator_epoch: i32,
}

impl ControlType {
    /// Reads a control record's key; `None` if it is too short or its version is negative.
    pub fn parse(key: &[u8]) -> Option<Self> {
        let [v0, v1, t0, t1, ..] = *key else {
            return None;
        };
        if i16::from_be_bytes([v0, v1]) < 0 {
            return None;
        }
        Some(Self::from_id(i16::from_be_bytes([t0, t1])))
    }

    /// The key of a control record of this type, version 0.
    pub fn key(self) -> [u8; 4] {
        let [high, low] = self.id().to_be_bytes();
        [0, 0, high, low]
    }

    /// The name that the dump tool prints.
    pub fn name(self) -> &'static str {
        match self {
            Self::Abort => "ABORT",
            Self::Commit => "COMMIT",
            Self::LeaderChange => "LEADER_CHANGE",
            Self::SnapshotHeader => "SNAPSHOT_HEADER",
            Self::SnapshotFooter => "SNAPSHOT_FOOTER",
            Self::KRaftVersion => "KRAFT_VERSION",
            Self::KRaftVoters => "KRAFT_VOTERS",
            Self::Unknown(_) => "UNKNOWN",
        }
    }

    fn id(self) -> i16 {
        match self {
            Self::Abort => 0,
            Self::Commit => 1,
            Self::LeaderChange => 2,
            Self::SnapshotHeader => 3,
            Self::SnapshotFooter => 4,
            Self::KRaftVersion => 5,
            Self::KRaftVoters => 6,
            Self::Unknown(id) => id,
        }
    }

    fn from_id(id: i16) -> Self {
        match id {
            0 => Self::Abort,
            1 => Self::Commit,
            2 => Self::LeaderChange,
            3 => Self::SnapshotHeader,
            4 => Self::SnapshotFooter,
            5 => Self::KRaftVersion,
            6 => Self::KRaftVoters,
            id => Self::Unknown(id),
        }
    }
}

impl EndTransactionMarker {
    /// The type that the record's key holds.
    pub fn control_type(&self) -> ControlType {
        if self.commit { ControlType::Commit } else { ControlType::Abort }
    }

    /// The record's value: version 0, then the coordinator epoch.
    pub fn value(&self) -> Bytes {
        let [a, b, c, d] = self.coordinator_epoch.to_be_bytes();
        Bytes::copy_from_slice(&[0, 0, a, b, c, d])
    }

    /// Reads a control record; `None` if it is of another type.
    pub fn parse(record: &Record) -> Result<Option<Self>, CorruptReason> {
        let key = record.key.as_deref().unwrap_or_default();
        let commit = match ControlType::parse(key).ok_or(CorruptReason::InvalidControlRecord)? {
            ControlType::Commit => true,
            ControlType::Abort => false,
            _ => return Ok(None),
        };
        // Fields that a later version may have added follow the epoch; they are left unread.
        let [v0, v1, a, b, c, d, ..] = *record.value.as_deref().unwrap_or_default() else {
            return Err(CorruptReason::InvalidControlRecord);
        };
        if i16::from_be_bytes([v0, v1]) < 0 {
            return Err(CorruptReason::InvalidControlRecord);
        }
        Ok(Some(Self { commit, coordinator_epoch: i32::from_be_bytes([a, b, c, d]) }))
    }
}
