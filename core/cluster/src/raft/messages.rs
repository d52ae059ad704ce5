//! The requests and responses of the quorum. Each is about one topic with one partition, that of the
//! metadata log.

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::fetch_response::{FetchableTopicResponse, LeaderIdAndEpoch};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use super::Raft;
use super::snapshots::SnapshotFetch;
use crate::ids::ControllerId;
use crate::message::{Request, Response};
use crate::metadata::{METADATA_TOPIC, METADATA_TOPIC_ID};

/// How long a fetch at the end of the log waits: `MAX_FETCH_WAIT_MS`.
pub(crate) const FETCH_WAIT_MS: i32 = 500;
/// How many bytes are fetched at once: `MAX_FETCH_SIZE_BYTES`.
pub(crate) const FETCH_BYTES: i32 = 8 << 20;

/// Leader, or -1, and epoch, as every answer tells them.
type Told = (i32, i32);

impl Raft {
    pub(super) fn vote_request(&self, to: ControllerId, pre_vote: bool) -> Request {
        use kafka::vote_request::{PartitionData, TopicData};
        let partition = PartitionData::default()
            .with_replica_epoch(self.election.epoch.0)
            .with_replica_id(kafka::BrokerId(self.me.0))
            .with_last_offset_epoch(self.last_epoch().0)
            .with_last_offset(self.log.log_end_offset().0)
            .with_pre_vote(pre_vote);
        let topic = TopicData::default().with_topic_name(topic()).with_partitions(vec![partition]);
        let request = kafka::VoteRequest::default();
        request.with_voter_id(kafka::BrokerId(to.0)).with_topics(vec![topic]).into()
    }

    pub(super) fn begin_epoch_request(&self, to: ControllerId) -> Request {
        use kafka::begin_quorum_epoch_request::{PartitionData, TopicData};
        let partition = PartitionData::default()
            .with_leader_id(kafka::BrokerId(self.me.0))
            .with_leader_epoch(self.election.epoch.0);
        let topic = TopicData::default().with_topic_name(topic()).with_partitions(vec![partition]);
        let request = kafka::BeginQuorumEpochRequest::default();
        request.with_voter_id(kafka::BrokerId(to.0)).with_topics(vec![topic]).into()
    }

    pub(super) fn end_epoch_request(&self, successors: &[ControllerId]) -> Request {
        use kafka::end_quorum_epoch_request::{PartitionData, ReplicaInfo, TopicData};
        let candidate =
            |id: &ControllerId| ReplicaInfo::default().with_candidate_id(kafka::BrokerId(id.0));
        let partition = PartitionData::default()
            .with_leader_id(kafka::BrokerId(self.me.0))
            .with_leader_epoch(self.election.epoch.0)
            .with_preferred_candidates(successors.iter().map(candidate).collect());
        let topic = TopicData::default().with_topic_name(topic()).with_partitions(vec![partition]);
        kafka::EndQuorumEpochRequest::default().with_topics(vec![topic]).into()
    }

    pub(super) fn fetch_request(&self) -> Request {
        let high_watermark = self.memory.high_watermark.map_or(-1, |offset| offset.0);
        let known = Fetched {
            epoch: self.election.epoch,
            offset: self.log.log_end_offset(),
            last_epoch: self.last_epoch(),
        };
        fetch_request(self.me.0, known, high_watermark)
    }

    pub(super) fn fetch_snapshot_request(&self, snapshot: &SnapshotFetch) -> Request {
        let position = snapshot.received.len();
        fetch_snapshot_request(self.me.0, self.election.epoch, snapshot.id(), position)
    }
}

/// What one that fetches has already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fetched {
    /// The epoch of the leader, as it believes.
    pub(crate) epoch: LeaderEpoch,
    /// Where it goes on.
    pub(crate) offset: Offset,
    /// The epoch of the last record that it has.
    pub(crate) last_epoch: LeaderEpoch,
}

/// A fetch of the metadata log. The answer is held back until there are records, or a high watermark
/// above the one that is given (KIP-1166).
pub(crate) fn fetch_request(replica: i32, known: Fetched, high_watermark: i64) -> Request {
    use kafka::fetch_request::{FetchPartition, FetchTopic, ReplicaState};
    let partition = FetchPartition::default()
        .with_fetch_offset(known.offset.0)
        .with_current_leader_epoch(known.epoch.0)
        .with_last_fetched_epoch(known.last_epoch.0)
        .with_partition_max_bytes(FETCH_BYTES)
        .with_high_watermark(high_watermark);
    let topic = FetchTopic::default()
        .with_topic_id(Uuid::from_u128(METADATA_TOPIC_ID.0))
        .with_partitions(vec![partition]);
    let mut request = kafka::FetchRequest::default();
    request.replica_state = ReplicaState::default().with_replica_id(kafka::BrokerId(replica));
    request.max_wait_ms = FETCH_WAIT_MS;
    request.min_bytes = 1;
    request.max_bytes = FETCH_BYTES;
    request.session_epoch = -1;
    request.topics = vec![topic];
    request.into()
}

/// A fetch of the snapshot that ends at that offset and epoch, from a position in its bytes on.
pub(crate) fn fetch_snapshot_request(
    replica: i32,
    epoch: LeaderEpoch,
    (end_offset, end_epoch): (Offset, LeaderEpoch),
    position: usize,
) -> Request {
    use kafka::fetch_snapshot_request::{PartitionSnapshot, SnapshotId, TopicSnapshot};
    let partition = PartitionSnapshot::default()
        .with_current_leader_epoch(epoch.0)
        .with_snapshot_id(
            SnapshotId::default().with_end_offset(end_offset.0).with_epoch(end_epoch.0),
        )
        .with_position(i64::try_from(position).unwrap_or(i64::MAX));
    let topic = TopicSnapshot::default().with_name(topic()).with_partitions(vec![partition]);
    let mut request = kafka::FetchSnapshotRequest::default();
    request.replica_id = kafka::BrokerId(replica);
    request.max_bytes = FETCH_BYTES;
    request.topics = vec![topic];
    request.into()
}

pub(super) fn vote_response((leader, epoch): Told, error: i16, granted: bool) -> Response {
    use kafka::vote_response::{PartitionData, TopicData};
    let partition = PartitionData::default()
        .with_error_code(error)
        .with_leader_id(kafka::BrokerId(leader))
        .with_leader_epoch(epoch)
        .with_vote_granted(granted);
    let topic = TopicData::default().with_topic_name(topic()).with_partitions(vec![partition]);
    kafka::VoteResponse::default().with_topics(vec![topic]).into()
}

pub(super) fn begin_epoch_response((leader, epoch): Told, error: i16) -> Response {
    use kafka::begin_quorum_epoch_response::{PartitionData, TopicData};
    let partition = PartitionData::default()
        .with_error_code(error)
        .with_leader_id(kafka::BrokerId(leader))
        .with_leader_epoch(epoch);
    let topic = TopicData::default().with_topic_name(topic()).with_partitions(vec![partition]);
    kafka::BeginQuorumEpochResponse::default().with_topics(vec![topic]).into()
}

pub(super) fn end_epoch_response((leader, epoch): Told, error: i16) -> Response {
    use kafka::end_quorum_epoch_response::{PartitionData, TopicData};
    let partition = PartitionData::default()
        .with_error_code(error)
        .with_leader_id(kafka::BrokerId(leader))
        .with_leader_epoch(epoch);
    let topic = TopicData::default().with_topic_name(topic()).with_partitions(vec![partition]);
    kafka::EndQuorumEpochResponse::default().with_topics(vec![topic]).into()
}

/// What is answered to a fetch, without anything in it yet but who leads.
pub(super) fn fetch_answer((leader, epoch): Told) -> kafka::fetch_response::PartitionData {
    let leader = LeaderIdAndEpoch::default()
        .with_leader_id(kafka::BrokerId(leader))
        .with_leader_epoch(epoch);
    let mut data = kafka::fetch_response::PartitionData::default();
    data.high_watermark = -1;
    data.current_leader = leader;
    data
}

pub(super) fn fetch_response(data: kafka::fetch_response::PartitionData) -> Response {
    let topic = FetchableTopicResponse::default()
        .with_topic_id(Uuid::from_u128(METADATA_TOPIC_ID.0))
        .with_partitions(vec![data]);
    kafka::FetchResponse::default().with_responses(vec![topic]).into()
}

/// `__cluster_metadata`, as messages name it.
pub(super) fn topic() -> kafka::TopicName {
    StrBytes::from_static_str(METADATA_TOPIC).into()
}
