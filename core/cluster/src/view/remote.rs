//! What can be seen of the remote tier (KIP-405).

use highwater_log::{LeaderEpoch, Offset};

use crate::ids::{BrokerId, TopicPartition};
use crate::remote::{RemoteSegmentId, RemoteSegmentState};

/// The remote store, and what leaders know to be in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteView {
    /// Whether the cluster has tiered storage: `remote.log.storage.system.enable`.
    pub is_enabled: bool,
    /// Whether the store answers nobody.
    pub has_failed: bool,
    /// The objects in it.
    pub objects: u32,
    /// The bytes of logs in it.
    pub log_bytes: u64,
    /// The tiered partitions that have a leader, in order.
    pub partitions: Vec<RemotePartitionView>,
}

/// The remote tier of a partition, as its leader knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct RemotePartitionView {
    /// Which.
    pub partition: TopicPartition,
    /// Its leader.
    pub leader: BrokerId,
    /// The segments in it, in whatever state, in order of their offsets.
    pub segments: Vec<RemoteSegmentView>,
    /// The last offset in it, if it has any.
    pub highest_offset: Option<Offset>,
    /// The closed segments that are not in it yet: `RemoteCopyLagSegments`.
    pub copy_lag_segments: u32,
    /// Their bytes: `RemoteCopyLagBytes`.
    pub copy_lag_bytes: u64,
}

/// A segment in the remote tier.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteSegmentView {
    /// Which copy it is.
    pub id: RemoteSegmentId,
    /// Its first offset.
    pub start_offset: Offset,
    /// Its last offset.
    pub end_offset: Offset,
    /// The bytes of its batches.
    pub size_bytes: u64,
    /// How far it has come.
    pub state: RemoteSegmentState,
    /// Its leader epochs, each with where it begins in it.
    pub epochs: Vec<(LeaderEpoch, Offset)>,
}

impl RemoteView {
    /// The remote tier of a partition, if it has one.
    pub fn partition(&self, partition: &TopicPartition) -> Option<&RemotePartitionView> {
        self.partitions.iter().find(|known| known.partition == *partition)
    }
}

impl RemotePartitionView {
    /// The segments that are read from it.
    pub fn copied(&self) -> impl Iterator<Item = &RemoteSegmentView> {
        self.segments.iter().filter(|segment| segment.state == RemoteSegmentState::CopyFinished)
    }
}
