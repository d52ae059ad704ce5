//! What can be seen of a world: plain data, made anew on request. A viewer never reaches further.

use std::sync::Arc;

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::messages::ApiKey;

use crate::event::GroupState;
use crate::fault::{DiskView, LinkView, Scripted};
use crate::ids::{
    BrokerEpoch, BrokerId, ClientId, ControllerId, CorrelationId, Generation, GroupId, MemberId,
    MessageId, NodeId, PartitionEpoch, TopicId, TopicName, TopicPartition,
};
use crate::producer::SendingView;
pub use crate::raft::{FollowerView, QuorumRole};
use crate::time::Time;

/// The whole cluster at one instant, with its clients.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ClusterView {
    /// Now.
    pub at: Time,
    /// The controllers, in order of their ids.
    pub controllers: Vec<ControllerView>,
    /// The brokers, in order of their ids.
    pub brokers: Vec<BrokerView>,
    /// The topics as the active controller knows them, in order of their names.
    pub topics: Vec<TopicView>,
    /// The producers, in the order in which they were started.
    pub producers: Vec<ProducerView>,
    /// The consumers, in the order in which they were started.
    pub consumers: Vec<ConsumerView>,
    /// The consumer groups that a coordinator knows, in order of their ids.
    pub groups: Vec<GroupView>,
    /// The messages under way, in order of their ids.
    pub in_flight: Vec<MessageView>,
    /// Pairs of nodes between which nothing passes.
    pub cut_links: Vec<(NodeId, NodeId)>,
    /// What else is wrong with the ways between nodes, by sender and receiver.
    pub link_faults: Vec<LinkView>,
}

/// A controller of the quorum.
#[derive(Clone, Debug, PartialEq)]
pub struct ControllerView {
    /// Its `node.id`.
    pub id: ControllerId,
    /// Whether it is the active one.
    pub is_active: bool,
    /// The epoch of its leadership of the quorum.
    pub epoch: LeaderEpoch,
    /// Where its metadata log ends.
    pub metadata_log_end_offset: Offset,
    /// Whether its process runs.
    pub is_running: bool,
    /// What it is to the quorum.
    pub role: QuorumRole,
    /// Whom it gave its vote in this epoch.
    pub voted_for: Option<ControllerId>,
    /// Who leads in this epoch, as far as it knows.
    pub leader: Option<ControllerId>,
    /// Up to where it knows the metadata log to be committed.
    pub high_watermark: Offset,
    /// Where its metadata log begins: what comes before is in a snapshot.
    pub log_start_offset: Offset,
    /// Where its newest snapshot ends, if it has one.
    pub snapshot_end_offset: Option<Offset>,
    /// If it leads: the other voters, then the brokers, as it knows them from their fetches.
    pub followers: Vec<FollowerView>,
}

/// What a broker's process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerState {
    /// It does not run.
    Stopped,
    /// It runs, but the controller has not let it take part yet.
    Starting,
    /// It runs and takes part.
    Running,
    /// It waits for its leaderships to be moved.
    ShuttingDown,
}

/// A broker, as itself and as the controller sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerView {
    /// Its `node.id`.
    pub id: BrokerId,
    /// Its `broker.rack`.
    pub rack: Option<Arc<str>>,
    /// What its process does.
    pub state: BrokerState,
    /// Whether its process was killed rather than stopped, if it does not run.
    pub was_killed: bool,
    /// Whether the controller fences it.
    pub is_fenced: bool,
    /// The epoch of its registration; none before its first.
    pub epoch: Option<BrokerEpoch>,
    /// The end of the metadata that it has applied.
    pub metadata_offset: Offset,
    /// The replicas on its disk, running or not, in order of their partitions.
    pub replicas: Vec<ReplicaView>,
    /// Produce requests with acks=all that wait for the ISR, and fetches that wait for records.
    pub purgatory: PurgatoryView,
    /// Whether its process stands still.
    pub is_paused: bool,
    /// Messages and timers that wait for the paused process.
    pub waiting_for_resume: u32,
    /// Its disk.
    pub disk: DiskView,
    /// By how much its wall clock is off, in milliseconds.
    pub clock_skew_ms: i64,
    /// Whether Metadata answers leave it out.
    pub is_hidden: bool,
    /// What it was told to do with the next requests of a kind.
    pub scripted: Vec<Scripted>,
}

/// Requests that wait for something to happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PurgatoryView {
    /// Produce requests with acks=all.
    pub produce: u32,
    /// Fetches from followers and consumers.
    pub fetch: u32,
}

/// What a replica is to its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicaRole {
    /// Its broker leads the partition, and knows it.
    Leader,
    /// Its broker follows.
    Follower,
    /// Its broker does not run, or has no leader to follow.
    Offline,
}

/// One replica: a log on one broker's disk.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaView {
    /// Of which partition.
    pub partition: TopicPartition,
    /// What it believes to be.
    pub role: ReplicaRole,
    /// Whether the controller counts it as in sync.
    pub in_sync: bool,
    /// The leader epoch that it knows.
    pub leader_epoch: LeaderEpoch,
    /// Where its log starts.
    pub log_start_offset: Offset,
    /// Up to where it knows records to be on the whole ISR.
    pub high_watermark: Offset,
    /// Up to where no transaction is open.
    pub last_stable_offset: Offset,
    /// Where its log ends.
    pub log_end_offset: Offset,
    /// Up to where its log is on the disk for certain: what a power loss would leave.
    pub flushed_offset: Offset,
    /// The bytes of its log.
    pub size_bytes: u64,
    /// The files of its log.
    pub segments: u32,
    /// Where each leader epoch began in its log.
    pub epochs: Vec<(LeaderEpoch, Offset)>,
}

/// A topic.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicView {
    /// Its name.
    pub name: TopicName,
    /// Its id.
    pub id: TopicId,
    /// Whether it is one of Kafka's own, such as `__consumer_offsets`.
    pub is_internal: bool,
    /// The settings that were given to it.
    pub configs: Vec<(Arc<str>, Arc<str>)>,
    /// `min.insync.replicas` as it is in force.
    pub min_insync_replicas: u32,
    /// Its partitions, in order.
    pub partitions: Vec<PartitionView>,
}

/// A partition, as the active controller knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionView {
    /// Which.
    pub partition: TopicPartition,
    /// Its leader; none if no replica may lead.
    pub leader: Option<BrokerId>,
    /// Its leader epoch.
    pub leader_epoch: LeaderEpoch,
    /// Its partition epoch.
    pub partition_epoch: PartitionEpoch,
    /// Its replicas, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// Its in-sync replicas.
    pub isr: Vec<BrokerId>,
    /// Its eligible leader replicas (KIP-966).
    pub elr: Vec<BrokerId>,
    /// The replicas that a reassignment adds; they are among its replicas already.
    pub adding: Vec<BrokerId>,
    /// The replicas that a reassignment removes; they are among its replicas still.
    pub removing: Vec<BrokerId>,
}

/// A producer.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerView {
    /// Which client it is.
    pub client: ClientId,
    /// The name that the person gave it.
    pub name: Arc<str>,
    /// Where it sends to.
    pub topic: TopicName,
    /// Its `acks`, as Kafka writes it: `0`, `1` or `all`.
    pub acks: Arc<str>,
    /// Records it makes in a second.
    pub rate: u32,
    /// Whether it was closed.
    pub is_closed: bool,
    /// Whether it has no more to send: its file has come to its end.
    pub is_done: bool,
    /// Records in its accumulator, not yet sent.
    pub records_waiting: u64,
    /// Records sent and not yet answered.
    pub records_in_flight: u64,
    /// Records acknowledged.
    pub records_acknowledged: u64,
    /// Records given up.
    pub records_failed: u64,
    /// Batches sent again.
    pub retries: u64,
    /// The error of the last refused batch, by Kafka's name.
    pub last_error: Option<Arc<str>>,
    /// What the application was told of the last records that were given up.
    pub last_failure: Option<Arc<str>>,
    /// Whether the application waits in `send`: for metadata, or for room in `buffer.memory`.
    pub is_blocked: bool,
    /// Records acknowledged by partition.
    pub acknowledged_by_partition: Vec<(TopicPartition, u64)>,
    /// Its settings, by Kafka's names.
    pub configs: Vec<(Arc<str>, Arc<str>)>,
    /// What it can tell of its sending.
    pub sending: SendingView,
}

/// A consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerView {
    /// Which client it is.
    pub client: ClientId,
    /// The name that the person gave it.
    pub name: Arc<str>,
    /// Its group.
    pub group: GroupId,
    /// What it subscribed to.
    pub topics: Vec<TopicName>,
    /// Whether it was closed or killed.
    pub is_closed: bool,
    /// Its member id, once it has one.
    pub member: Option<MemberId>,
    /// The generation that it belongs to.
    pub generation: Generation,
    /// What it owns, with where it reads next.
    pub assignment: Vec<PositionView>,
    /// Records that the application got.
    pub records_consumed: u64,
    /// The error that ended it, by Kafka's name: the application does not handle it.
    pub last_error: Option<Arc<str>>,
    /// Its settings, by Kafka's names.
    pub configs: Vec<(Arc<str>, Arc<str>)>,
}

/// Where a consumer reads next in a partition that it owns.
#[derive(Clone, Debug, PartialEq)]
pub struct PositionView {
    /// The partition.
    pub partition: TopicPartition,
    /// The offset of the next record; none until it is found.
    pub position: Option<Offset>,
    /// The last offset that it committed, or found committed.
    pub committed: Option<Offset>,
    /// The replica that it fetches from in place of the leader, if it does (KIP-392).
    pub preferred_read_replica: Option<BrokerId>,
}

/// A consumer group, as its coordinator knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupView {
    /// Its `group.id`.
    pub id: GroupId,
    /// Its state.
    pub state: GroupState,
    /// Its generation.
    pub generation: Generation,
    /// The broker that coordinates it.
    pub coordinator: BrokerId,
    /// The assignor that its members agreed on.
    pub assignor: Option<Arc<str>>,
    /// Its members, in order of their ids.
    pub members: Vec<MemberView>,
    /// Its committed offsets, in order of the partitions.
    pub committed: Vec<(TopicPartition, Offset)>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberView {
    /// Its id.
    pub id: MemberId,
    /// The client that it is.
    pub client: NodeId,
    /// Whether it makes the assignment.
    pub is_leader: bool,
    /// What it was assigned.
    pub assignment: Vec<TopicPartition>,
}

/// A message under way.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageView {
    /// Which.
    pub id: MessageId,
    /// Its sender.
    pub from: NodeId,
    /// Its receiver.
    pub to: NodeId,
    /// Which of Kafka's requests, or the response to it.
    pub api: ApiKey,
    /// The version of it.
    pub api_version: i16,
    /// What ties request and response together.
    pub correlation_id: CorrelationId,
    /// Whether it is the response.
    pub is_response: bool,
    /// Whether it is a response that carries an error.
    pub is_refusal: bool,
    /// Its size on the wire.
    pub size_bytes: u32,
    /// When it was sent.
    pub sent_at: Time,
    /// When it will arrive.
    pub deliver_at: Time,
    /// The partitions that it is about, at most a few.
    pub partitions: Vec<TopicPartition>,
    /// Whether it would be lost: the link is cut.
    pub is_lost: bool,
}
