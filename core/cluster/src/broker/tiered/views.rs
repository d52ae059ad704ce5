//! What can be seen of the remote tier on a broker.

use std::borrow::Cow;

use highwater_log::Log;

use super::owner_of;
use crate::anatomy::{WaitingRequest, WaitsFor};
use crate::broker::Broker;
use crate::ids::TopicPartition;
use crate::remote::RemoteSegment;
use crate::remote::store::RemoteStore;
use crate::view::{RemotePartitionView, RemoteSegmentView};

impl Broker {
    /// The remote tiers of the partitions that it leads.
    pub(crate) fn remote_views(&self) -> Vec<RemotePartitionView> {
        let led = self.process.tiered.tasks.iter().filter(|(_, task)| task.is_leader);
        led.filter_map(|(partition, _)| self.remote_view(partition)).collect()
    }

    /// Fetches that wait for the remote store.
    pub(in crate::broker) fn waiting_remote_reads(&self) -> impl Iterator<Item = WaitingRequest> {
        let wait = self.config.remote_fetch_max_wait.millis();
        self.process.tiered.reads.iter().map(move |(id, delayed)| {
            let read = &delayed.read;
            WaitingRequest {
                id: *id,
                waits_for: WaitsFor::RemoteStore,
                what: "Fetch".to_owned(),
                from: Some(delayed.from.node),
                partitions: vec![self.part(
                    &read.partition,
                    Some(read.offset),
                    Log::log_end_offset,
                )],
                max_wait_ms: i64::try_from(wait).ok(),
            }
        })
    }

    /// Whether its file says that it has tiered storage.
    pub(crate) fn has_tiers(&self) -> bool {
        self.config.remote_log_storage_system
    }

    /// A log with what is in the remote tier only, as far as this broker knows it: the log itself if that is nothing.
    pub(crate) fn whole_log<'a>(
        &'a self,
        partition: &TopicPartition,
        store: &RemoteStore,
    ) -> Option<Cow<'a, Log>> {
        let log = self.log(partition)?;
        let (mut offset, end) = (log.log_start_offset(), log.local_log_start_offset());
        let mut segments = Vec::new();
        while offset < end {
            let Some(known) = self.remote_segment_of(partition, offset) else { break };
            segments.extend(store.peek(known.id).map(|object| object.segment.clone()));
            offset = known.end_offset.next();
        }
        let is_whole = segments.is_empty();
        Some(if is_whole { Cow::Borrowed(log) } else { Cow::Owned(log.with_remote(segments)) })
    }

    /// The remote segments of a partition that this broker has a replica of, in whatever state, in order of their offsets.
    pub(crate) fn remote_segments(&self, partition: &TopicPartition) -> Vec<&RemoteSegment> {
        let Some(replica) = self.replicas.get(partition) else { return Vec::new() };
        let owner = owner_of(replica, partition);
        let mut found: Vec<_> = self.process.tiered.metadata.cache(owner).all().collect();
        found.sort_by_key(|segment| (segment.start_offset, segment.id));
        found
    }

    /// Whether this broker, as the leader of a partition, has taken over what is in the remote tier.
    pub(crate) fn looks_after_remote_log(&self, partition: &TopicPartition) -> bool {
        let task = self.process.tiered.tasks.get(partition);
        task.is_some_and(|task| task.is_leader && task.has_log_start)
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
