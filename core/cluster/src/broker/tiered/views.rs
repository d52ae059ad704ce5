//! What can be seen of the remote tier on a broker.

use crate::broker::Broker;
use crate::ids::TopicPartition;
use crate::remote::{RemoteSegment, TopicIdPartition};
use crate::view::{RemotePartitionView, RemoteSegmentView};

impl Broker {
    /// The remote tiers of the partitions that it leads.
    pub(crate) fn remote_views(&self) -> Vec<RemotePartitionView> {
        let led = self.process.tiered.tasks.iter().filter(|(_, task)| task.is_leader);
        led.filter_map(|(partition, _)| self.remote_view(partition)).collect()
    }

    /// Whether its file says that it has tiered storage.
    pub(crate) fn has_tiers(&self) -> bool {
        self.config.remote_log_storage_system
    }

    /// The remote segments of a partition that this broker has a replica of, in whatever state, in order of their offsets.
    pub(crate) fn remote_segments(&self, partition: &TopicPartition) -> Vec<&RemoteSegment> {
        let Some(replica) = self.replicas.get(partition) else { return Vec::new() };
        let owner = TopicIdPartition { topic: replica.topic_id, partition: partition.partition };
        let mut found: Vec<_> = self.process.tiered.metadata.cache(owner).all().collect();
        found.sort_by_key(|segment| (segment.start_offset, segment.id));
        found
    }

    fn remote_view(&self, partition: &TopicPartition) -> Option<RemotePartitionView> {
        let log = &self.replicas.get(partition)?.log;
        let (segments, bytes) = log.remote_copy_lag();
        let seen = |segment: &RemoteSegment| RemoteSegmentView {
            id: segment.id,
            start_offset: segment.start_offset,
            end_offset: segment.end_offset,
            size_bytes: segment.size_bytes,
            state: segment.state,
            epochs: segment.epochs.iter().map(|it| (it.epoch, it.start_offset)).collect(),
        };
        Some(RemotePartitionView {
            partition: partition.clone(),
            leader: self.id,
            segments: self.remote_segments(partition).into_iter().map(seen).collect(),
            highest_offset: log.highest_offset_in_remote(),
            copy_lag_segments: segments as u32,
            copy_lag_bytes: bytes as u64,
        })
    }
}
