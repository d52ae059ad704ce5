//! What the leader answers about the quorum: `kafka-metadata-quorum.sh` prints it (KIP-595, KIP-836).

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::describe_quorum_response::{
    Listener, Node, PartitionData, ReplicaState, TopicData,
};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use super::leader::Replica;
use super::messages::topic;
use super::{Io, Raft, Role};
use crate::input::ReplyTo;
use crate::time::{Span, Time};

/// How long a broker that fetches no more is still told of: `OBSERVER_SESSION_TIMEOUT_MS`.
const OBSERVER_SESSION: Span = Span(300_000_000);

impl Raft {
    pub(super) fn on_describe(&mut self, io: &mut dyn Io, from: ReplyTo) {
        let mut response = kafka::DescribeQuorumResponse::default();
        let partition = self.describe(io);
        let topic = TopicData::default().with_topic_name(topic()).with_partitions(vec![partition]);
        response.topics = vec![topic];
        response.nodes = self.voters.iter().map(|voter| node(voter.0)).collect();
        io.respond(from, response.into());
    }

    fn describe(&self, io: &dyn Io) -> PartitionData {
        let Role::Leader(leader) = &self.memory.role else {
            return PartitionData::default()
                .with_error_code(ResponseError::NotLeaderOrFollower.code())
                .with_error_message(None);
        };
        let timestamp = io.timestamp().0;
        let at = |time: Option<Time>| {
            time.map_or(-1, |time| timestamp - io.now().since(time).millis() as i64)
        };
        let state = |id: i32, replica: &Replica| {
            ReplicaState::default()
                .with_replica_id(kafka::BrokerId(id))
                .with_replica_directory_id(self.directory_id(id))
                .with_log_end_offset(replica.log_end_offset.map_or(-1, |offset| offset.0))
                .with_last_fetch_timestamp(at(replica.last_fetch))
                .with_last_caught_up_timestamp(at(replica.last_caught_up))
        };
        let own = ReplicaState::default()
            .with_replica_id(kafka::BrokerId(self.me.0))
            .with_replica_directory_id(self.directory_id(self.me.0))
            .with_log_end_offset(self.log.log_end_offset().0)
            .with_last_fetch_timestamp(timestamp)
            .with_last_caught_up_timestamp(timestamp);
        let mut voters: Vec<ReplicaState> =
            leader.voters.iter().map(|(id, replica)| state(id.0, replica)).collect();
        voters.push(own);
        voters.sort_by_key(|voter| voter.replica_id.0);
        let is_gone = |replica: &Replica| {
            replica.last_fetch.is_none_or(|last| io.now().since(last) >= OBSERVER_SESSION)
        };
        let observers = leader.observers.iter().filter(|(id, replica)| {
            // Broker and controller in one process are one replica.
            !is_gone(replica) && !self.voters.iter().any(|voter| voter.0 == **id)
        });
        PartitionData::default()
            .with_error_message(None)
            .with_leader_id(kafka::BrokerId(self.me.0))
            .with_leader_epoch(self.election.epoch.0)
            .with_high_watermark(leader.high_watermark.map_or(-1, |offset| offset.0))
            .with_current_voters(voters)
            .with_observers(observers.map(|(id, replica)| state(*id, replica)).collect())
    }
}

impl Raft {
    /// The id of the directory in which a node keeps the metadata log. It was drawn when the
    /// directory was formatted, before anything happened: from the seed.
    fn directory_id(&self, node: i32) -> Uuid {
        let mut drawn = self.seed.stream("directory-id", u64::from(node.unsigned_abs()));
        let bits = u128::from(drawn.next_u64()) << 64 | u128::from(drawn.next_u64());
        // Of version 4, as Uuid.randomUuid draws one.
        let version_4 = bits & !(0xf << 76) | 0x4 << 76;
        Uuid::from_u128(version_4 & !(0b11 << 62) | 0b10 << 62)
    }
}

fn node(id: i32) -> Node {
    let mut listener = Listener::default();
    listener.name = StrBytes::from_static_str("CONTROLLER");
    listener.host = StrBytes::from_string(format!("controller{id}"));
    listener.port = 9093;
    let mut node = Node::default();
    node.node_id = kafka::BrokerId(id);
    node.listeners = vec![listener];
    node
}
