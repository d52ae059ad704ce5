//! What happens with the remote tier.

use std::fmt;

use highwater_log::Offset;

use super::RemoteSegmentId;
use crate::ids::{BrokerId, NodeId, TopicPartition};

/// Something that happened with the remote tier (KIP-405).
#[derive(Clone, Debug, PartialEq)]
pub enum RemoteEvent {
    /// A leader began to copy a closed segment.
    CopyStarted {
        broker: BrokerId,
        partition: TopicPartition,
        id: RemoteSegmentId,
        base_offset: Offset,
        end_offset: Offset,
        size_bytes: u64,
    },
    /// A segment is in the remote tier.
    Copied {
        broker: BrokerId,
        partition: TopicPartition,
        id: RemoteSegmentId,
        base_offset: Offset,
        end_offset: Offset,
        size_bytes: u64,
    },
    /// A segment could not be copied: its leader tries again later.
    CopyFailed { broker: BrokerId, partition: TopicPartition, base_offset: Offset },
    /// Segments that are in the remote tier were deleted from a broker's disk.
    DeletedLocally {
        broker: BrokerId,
        partition: TopicPartition,
        count: u32,
        size_bytes: u64,
        local_log_start_offset: Offset,
        is_leader: bool,
    },
    /// A segment was deleted from the remote tier.
    Deleted {
        broker: BrokerId,
        partition: TopicPartition,
        id: RemoteSegmentId,
        base_offset: Offset,
        end_offset: Offset,
        size_bytes: u64,
    },
    /// A segment could not be deleted from the remote tier. The leader tries again later, as long as it looks after it.
    DeleteFailed { broker: BrokerId, partition: TopicPartition, base_offset: Offset },
    /// A broker read from the remote tier for somebody.
    Read {
        broker: BrokerId,
        partition: TopicPartition,
        client: NodeId,
        offset: Offset,
        size_bytes: u64,
    },
    /// The remote tier could not be read.
    ReadFailed { broker: BrokerId, partition: TopicPartition, client: NodeId, offset: Offset },
    /// The remote tier took longer to read than a fetch waits.
    ReadExpired { broker: BrokerId, partition: TopicPartition, client: NodeId, offset: Offset },
    /// A follower was told that what it asks for is in the remote tier, took over what goes with it, and goes on behind it.
    FollowerStarted {
        broker: BrokerId,
        partition: TopicPartition,
        log_start_offset: Offset,
        from: Offset,
    },
}

impl fmt::Display for RemoteEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CopyStarted {
                broker, partition, base_offset, end_offset, size_bytes, ..
            } => {
                write!(
                    f,
                    "{partition} broker {broker} copies {base_offset}..{end_offset} to remote, {size_bytes} B"
                )
            }
            Self::Copied { broker, partition, base_offset, end_offset, size_bytes, .. } => write!(
                f,
                "{partition} broker {broker} copied {base_offset}..{end_offset} to remote, {size_bytes} B"
            ),
            Self::CopyFailed { broker, partition, base_offset } => {
                write!(f, "{partition} broker {broker} could not copy {base_offset} to remote")
            }
            Self::DeletedLocally {
                broker,
                partition,
                count,
                size_bytes,
                local_log_start_offset,
                ..
            } => write!(
                f,
                "{partition} broker {broker} deleted {count} local segments, {size_bytes} B, local start {local_log_start_offset}"
            ),
            Self::Deleted { broker, partition, base_offset, end_offset, size_bytes, .. } => write!(
                f,
                "{partition} broker {broker} deleted {base_offset}..{end_offset} from remote, {size_bytes} B"
            ),
            Self::DeleteFailed { broker, partition, base_offset } => {
                write!(f, "{partition} broker {broker} could not delete {base_offset} from remote")
            }
            Self::Read { broker, partition, client, offset, size_bytes } => write!(
                f,
                "{partition} broker {broker} read {offset} from remote for {client}, {size_bytes} B"
            ),
            Self::ReadFailed { broker, partition, client, offset } => {
                write!(
                    f,
                    "{partition} broker {broker} could not read {offset} from remote for {client}"
                )
            }
            Self::ReadExpired { broker, partition, client, offset } => {
                write!(
                    f,
                    "{partition} broker {broker} gave up reading {offset} from remote for {client}"
                )
            }
            Self::FollowerStarted { broker, partition, log_start_offset, from } => write!(
                f,
                "{partition} broker {broker} begins at {from}, log start {log_start_offset}, the rest is remote"
            ),
        }
    }
}

impl RemoteEvent {
    /// The partition that it is about.
    pub fn partition(&self) -> &TopicPartition {
        match self {
            Self::CopyStarted { partition, .. }
            | Self::Copied { partition, .. }
            | Self::CopyFailed { partition, .. }
            | Self::DeletedLocally { partition, .. }
            | Self::Deleted { partition, .. }
            | Self::DeleteFailed { partition, .. }
            | Self::Read { partition, .. }
            | Self::ReadFailed { partition, .. }
            | Self::ReadExpired { partition, .. }
            | Self::FollowerStarted { partition, .. } => partition,
        }
    }
}
