//! Snapshots of the metadata (KIP-630): keeping them, deleting the log before them, and handing them
//! to those who fetch from where there is no log any more.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::fetch_snapshot_response::{
    LeaderIdAndEpoch, PartitionSnapshot, SnapshotId as WireId, TopicSnapshot,
};

use super::messages::topic;
use super::{Io, QuorumTimer, Raft, Role};
use crate::event::EventKind;
use crate::ids::{ControllerId, NodeId};
use crate::input::ReplyTo;

/// Which snapshot: the offset and the epoch that it reaches up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SnapshotId {
    /// The offset after the last record that it stands for.
    pub(crate) end_offset: Offset,
    /// The epoch of that record.
    pub(crate) epoch: LeaderEpoch,
}

/// The snapshots on a voter's disk.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshots(BTreeMap<SnapshotId, Bytes>);

/// A snapshot that is being fetched.
#[derive(Clone, Debug)]
pub(super) struct SnapshotFetch {
    id: SnapshotId,
    pub(super) received: BytesMut,
}

impl SnapshotFetch {
    pub(super) fn new(end_offset: Offset, epoch: LeaderEpoch) -> Self {
        Self { id: SnapshotId { end_offset, epoch }, received: BytesMut::new() }
    }

    pub(super) fn id(&self) -> (Offset, LeaderEpoch) {
        (self.id.end_offset, self.id.epoch)
    }
}

impl Snapshots {
    pub(super) fn latest(&self) -> Option<(SnapshotId, &Bytes)> {
        self.0.last_key_value().map(|(id, bytes)| (*id, bytes))
    }

    pub(super) fn earliest(&self) -> Option<SnapshotId> {
        self.0.first_key_value().map(|(id, _)| *id)
    }

    fn size(&self) -> usize {
        self.0.values().map(Bytes::len).sum()
    }
}

impl Raft {
    /// Keeps a snapshot of what is committed, and lets go of what is too much by
    /// `metadata.max.retention.bytes`.
    pub(crate) fn keep_snapshot(&mut self, io: &mut dyn Io, id: SnapshotId, bytes: Bytes) {
        assert!(id.end_offset <= self.high_watermark(), "only what is committed is in a snapshot");
        let size_bytes = bytes.len() as u64;
        self.snapshots.0.insert(id, bytes);
        io.emit(EventKind::SnapshotTaken {
            controller: self.me,
            end_offset: id.end_offset,
            epoch: id.epoch,
            size_bytes,
        });
        self.delete_old(io);
    }

    /// Deletes snapshots, and the log up to the next, while there is too much: there is always one
    /// left to begin with (`KafkaMetadataLog.maybeClean`).
    fn delete_old(&mut self, io: &mut dyn Io) {
        let Ok(limit) = usize::try_from(self.config.retention_bytes) else { return };
        while self.snapshots.0.len() > 1 && self.retained_bytes() + self.snapshots.size() > limit {
            self.snapshots.0.pop_first();
            let first = self.snapshots.earliest().expect("there was more than one");
            // What is committed is below the high watermark: the log may begin there.
            let moved = self.log.increment_log_start_offset(first.end_offset);
            moved.expect("a snapshot reaches up to what is committed");
            self.log.delete_old_segments(io.timestamp());
        }
    }

    /// The bytes of the log that still count. Their segment is not deleted as long as it is written.
    fn retained_bytes(&self) -> usize {
        let start = self.log.log_start_offset();
        self.log.batches_from(start).map(highwater_log::Batch::size_in_bytes).sum()
    }

    pub(super) fn begin_snapshot_fetch(&mut self, fetch: SnapshotFetch) {
        if self.snapshots.0.contains_key(&fetch.id) && fetch.id.end_offset <= self.log_end_offset()
        {
            return;
        }
        if let Role::Follower { snapshot, .. } = &mut self.memory.role {
            *snapshot = Some(fetch);
        }
    }

    pub(super) fn on_fetch_snapshot(
        &mut self,
        io: &mut dyn Io,
        from: ReplyTo,
        body: &kafka::FetchSnapshotRequest,
    ) {
        let asked = body.topics.iter().flat_map(|topic| &topic.partitions).next();
        let mut answer = match asked {
            Some(asked) => self.snapshot_part(asked, body.max_bytes),
            None => refusal(ResponseError::InvalidRequest),
        };
        if answer.error_code == 0
            && let NodeId::Controller(voter) = from.node
        {
            self.voter_was_heard(io, voter);
        }
        let (leader, epoch) = self.told();
        answer.current_leader = LeaderIdAndEpoch::default()
            .with_leader_id(kafka::BrokerId(leader))
            .with_leader_epoch(epoch);
        let topic = TopicSnapshot::default().with_name(topic()).with_partitions(vec![answer]);
        io.respond(from, kafka::FetchSnapshotResponse::default().with_topics(vec![topic]).into());
    }

    fn snapshot_part(
        &self,
        asked: &kafka::fetch_snapshot_request::PartitionSnapshot,
        max_bytes: i32,
    ) -> PartitionSnapshot {
        if let Err(error) = self.check_leads_in(LeaderEpoch(asked.current_leader_epoch)) {
            return refusal(error);
        }
        let id = SnapshotId {
            end_offset: Offset(asked.snapshot_id.end_offset),
            epoch: LeaderEpoch(asked.snapshot_id.epoch),
        };
        let Some(bytes) = self.snapshots.0.get(&id) else {
            return refusal(ResponseError::SnapshotNotFound);
        };
        let Some(position) =
            usize::try_from(asked.position).ok().filter(|position| *position < bytes.len())
        else {
            return refusal(ResponseError::PositionOutOfRange);
        };
        let most = usize::try_from(max_bytes).unwrap_or(0).max(1);
        let end = bytes.len().min(position.saturating_add(most));
        let mut part = PartitionSnapshot::default();
        part.snapshot_id =
            WireId::default().with_end_offset(id.end_offset.0).with_epoch(id.epoch.0);
        part.size = bytes.len() as i64;
        part.position = position as i64;
        part.unaligned_records = bytes.slice(position..end);
        part
    }

    pub(super) fn on_snapshot_fetched(
        &mut self,
        io: &mut dyn Io,
        peer: ControllerId,
        body: &kafka::FetchSnapshotResponse,
    ) {
        let part = body.topics.iter().flat_map(|topic| &topic.partitions).next();
        let Some(part) = part.filter(|_| body.error_code == 0) else {
            return self.pause(io, peer);
        };
        let told = (part.current_leader.leader_id.0, part.current_leader.leader_epoch);
        let is_of_no_use = self.follow_what_is_told(io, told, part.error_code);
        let Role::Follower { snapshot, .. } = &mut self.memory.role else { return };
        let Some(fetch) = snapshot else { return };
        if is_of_no_use {
            // The leader has a newer one by now: the next fetch tells which.
            *snapshot = None;
            return;
        }
        fetch.received.extend_from_slice(&part.unaligned_records);
        if fetch.received.len() as i64 >= part.size {
            let done = snapshot.take().expect("it was just there");
            self.begin_from_snapshot(io, done);
        }
        self.set_timer(io, QuorumTimer::Fetch, self.config.fetch_timeout);
    }

    /// The snapshot takes the place of the log.
    fn begin_from_snapshot(&mut self, io: &mut dyn Io, fetched: SnapshotFetch) {
        let SnapshotFetch { id, received } = fetched;
        self.snapshots.0.insert(id, received.freeze());
        self.log.truncate_fully_and_start_at(id.end_offset);
        self.memory.high_watermark = Some(id.end_offset);
        let node = NodeId::Controller(self.me);
        io.emit(EventKind::SnapshotLoaded { node, end_offset: id.end_offset });
    }
}

fn refusal(error: ResponseError) -> PartitionSnapshot {
    let mut part = PartitionSnapshot::default();
    part.error_code = error.code();
    part
}
