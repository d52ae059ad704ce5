//! What can be seen of a world: plain data, made anew on request. A viewer never reaches further.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_log::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, TimestampMs};
use kafka_protocol::messages::ApiKey;

use crate::acl::{Acl, Authorizer, Principal};
use crate::application::Guarantee;
use crate::consumer::GroupProtocol;
use crate::event::{GroupState, MemberState};
use crate::fault::{DiskView, LinkView, Scripted};
use crate::ids::{
    BrokerEpoch, BrokerId, ClientId, ControllerId, CorrelationId, Generation, GroupId, MemberId,
    MessageId, NodeId, PartitionEpoch, TopicId, TopicName, TopicPartition, TransactionalId,
};
pub use crate::producer::ProducerTransactionState;
use crate::producer::SendingView;
use crate::quota::{Limit, limit};
pub use crate::raft::{FollowerView, QuorumRole};
use crate::time::Time;
pub use crate::transaction::TransactionState;

mod quotas;
mod real_clients;
mod remote;
mod shares;

pub use quotas::{QuotaView, ThrottleView};
pub use real_clients::{ConnectionView, RealClientView};
pub use remote::{RemotePartitionView, RemoteSegmentView, RemoteView};
pub use shares::{
    InFlightView, RecordState, ShareConsumerView, ShareGroupView, ShareMemberView,
    SharePartitionView,
};

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
    /// The applications that read, work and write, in the order in which they were started. Their
    /// consumers and producers are not among the others.
    pub apps: Vec<AppView>,
    /// The clients from outside the simulation, in the order in which they connected.
    pub real_clients: Vec<RealClientView>,
    /// The consumer groups that a coordinator knows, in order of their ids.
    pub groups: Vec<GroupView>,
    /// The share consumers, in the order in which they were started.
    pub share_consumers: Vec<ShareConsumerView>,
    /// The share groups that a coordinator knows, in order of their ids.
    pub share_groups: Vec<ShareGroupView>,
    /// The transactional ids that a coordinator knows, in order of their ids.
    pub transactions: Vec<TransactionView>,
    /// The clients that run and say who they are.
    pub principals: BTreeMap<ClientId, Principal>,
    /// The entries of the access control lists, in order.
    pub acls: Vec<Acl>,
    /// What brokers ask whether a client may do what it wants; none if it may do everything.
    pub authorizer: Option<Authorizer>,
    /// The quotas of clients, in order of whom they limit.
    pub quotas: Vec<QuotaView>,
    /// The clients that are not heard for a while, since they are beyond their quotas.
    pub throttled: Vec<ThrottleView>,
    /// The remote store of clusters with tiered storage.
    pub remote: RemoteView,
    /// The messages under way; each can be looked at by itself.
    pub messages_under_way: u32,
    /// Pairs of nodes between which nothing passes.
    pub cut_links: Vec<(NodeId, NodeId)>,
    /// What else is wrong with the ways between nodes, by sender and receiver.
    pub link_faults: Vec<LinkView>,
}

impl ClusterView {
    /// The clients that a person named: each with its name, and whether it was closed.
    pub fn clients(&self) -> impl Iterator<Item = (ClientId, &Arc<str>, bool)> {
        let producers = self.producers.iter().map(|one| (one.client, &one.name, one.is_closed));
        let consumers = self.consumers.iter().map(|one| (one.client, &one.name, one.is_closed));
        let apps = self.apps.iter().map(|one| (one.client, &one.name, one.is_closed));
        let shares = self.share_consumers.iter().map(|one| (one.client, &one.name, one.is_closed));
        producers.chain(consumers).chain(apps).chain(shares)
    }

    /// The name that a person gave to a client, or that one from outside has.
    pub fn client_name(&self, client: ClientId) -> Option<&Arc<str>> {
        let named = self.clients().find(|(id, ..)| *id == client).map(|(_, name, _)| name);
        named.or_else(|| self.real_client(client).map(|real| &real.name))
    }

    /// Who a client is to the brokers.
    pub fn principal_of(&self, client: ClientId) -> Principal {
        self.principals.get(&client).cloned().unwrap_or_else(Principal::anonymous)
    }

    /// The quota of that setting for a user and its client id, if there is any.
    pub fn quota_of(&self, user: &Principal, client_id: &Arc<str>, key: &str) -> Option<Limit> {
        limit(user.name(), client_id, key, |entity| {
            let known = self.quotas.iter().find(|known| known.entity == *entity);
            known.map(|known| &known.quotas)
        })
    }

    /// Until when a broker does not hear a client, the latest if several do not.
    pub fn throttled_until(&self, client: ClientId) -> Option<Time> {
        let own = self.throttled.iter().filter(|throttle| throttle.client == client);
        own.map(|throttle| throttle.until).max()
    }

    /// The client from outside that has this connection.
    #[inline(never)]
    pub fn real_client(&self, connection: ClientId) -> Option<&RealClientView> {
        let has =
            |real: &&RealClientView| real.connections.iter().any(|it| it.client == connection);
        self.real_clients.iter().find(has)
    }

    /// The share group of that id, if a coordinator knows one.
    pub fn share_group(&self, id: &GroupId) -> Option<&ShareGroupView> {
        self.share_groups.iter().find(|group| group.id == *id)
    }
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
    /// The requests that are on their way to it.
    pub requests_under_way: u32,
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
    /// Where its log starts, in whatever tier.
    pub log_start_offset: Offset,
    /// Where what is on its disk starts: above the log start, where the rest is in the remote tier only.
    pub local_log_start_offset: Offset,
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
    /// The transactions that are open in it, with the offsets of their first records.
    pub open_transactions: Vec<(ProducerId, Offset)>,
    /// The transactions that were aborted in it, with the offsets of their first records and markers.
    pub aborted_transactions: Vec<(ProducerId, Offset, Offset)>,
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
    pub configs: Arc<[(Arc<str>, Arc<str>)]>,
    /// Its transactions, if it is transactional.
    pub transaction: Option<ProducerTransactionView>,
    /// What it can tell of its sending.
    pub sending: SendingView,
}

/// A transactional producer's own view of its transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerTransactionView {
    /// `transactional.id`.
    pub transactional_id: TransactionalId,
    /// Its state.
    pub state: ProducerTransactionState,
    /// Its id and epoch, once it has them.
    pub producer: Option<(ProducerId, ProducerEpoch)>,
    /// The broker that it believes to be its coordinator.
    pub coordinator: Option<BrokerId>,
    /// The partitions that are in the transaction.
    pub partitions: Vec<TopicPartition>,
    /// What went wrong, as the application is told, while the state is one of error.
    pub last_error: Option<Arc<str>>,
    /// The method that the application waits in.
    pub waits_in: Option<&'static str>,
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
    /// The pattern that it subscribed to, of which `topics` are the matches it knows.
    pub pattern: Option<Arc<str>>,
    /// Its `group.protocol`.
    pub group_protocol: GroupProtocol,
    /// The assignor of its group, as far as it knows: the one that the members agreed on, or the one that
    /// it asked the coordinator for.
    pub assignor: Option<Arc<str>>,
    /// How far it is in joining its group, by the name that the Java client's log has for it.
    pub member_state: &'static str,
    /// Whether it was closed or killed.
    pub is_closed: bool,
    /// Its member id, once it has one.
    pub member: Option<MemberId>,
    /// The generation that it belongs to; under the consumer protocol, its member epoch.
    pub generation: Generation,
    /// What it owns, with where it reads next.
    pub assignment: Vec<PositionView>,
    /// Records that the application got.
    pub records_consumed: u64,
    /// What the application made of them.
    pub application: ApplicationView,
    /// The error that ended it, by Kafka's name: the application does not handle it.
    pub last_error: Option<Arc<str>>,
    /// Its settings, by Kafka's names.
    pub configs: Arc<[(Arc<str>, Arc<str>)]>,
}

/// An application that reads topics, makes something of each record, and writes it to another.
#[derive(Clone, Debug, PartialEq)]
pub struct AppView {
    /// Which client it is.
    pub client: ClientId,
    /// The name that the person gave it.
    pub name: Arc<str>,
    /// The group of its consumer.
    pub group: GroupId,
    /// What it reads.
    pub from: Vec<TopicName>,
    /// Where it writes to.
    pub to: TopicName,
    /// What is to hold if something fails.
    pub guarantee: Guarantee,
    /// `commit.interval.ms`.
    pub commit_interval_ms: i64,
    /// Whether it has ended, in whatever way.
    pub is_closed: bool,
    /// What it is doing, in a word.
    pub doing: Arc<str>,
    /// Records that it has worked on; those that it read twice count twice.
    pub records_in: u64,
    /// Records that it has handed to its producer.
    pub records_out: u64,
    /// Records that it has worked on since it last committed.
    pub records_uncommitted: u64,
    /// How often it has committed.
    pub commits: u64,
    /// How often it went back to what was committed last.
    pub times_gone_back: u64,
    /// How many committed records lie before it in its partitions; none while a position is not known.
    pub lag: Option<u64>,
    /// The last error that it met, by Kafka's name or in Kafka's words.
    pub last_error: Option<Arc<str>>,
    /// Its consumer.
    pub consumer: ConsumerView,
    /// Its producer.
    pub producer: ProducerView,
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
    /// Its lag: how many offsets lie between its position and what it could read, as the last fetch told.
    pub lag: Option<u64>,
    /// Whether it was paused.
    pub is_paused: bool,
}

/// What the application behind a consumer has made of the records that it got. An application that takes
/// no time for records, and does nothing else with them, counts none of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApplicationView {
    /// Records that it is not done with.
    pub in_hand: u64,
    /// Records that its handler was done with.
    pub processed: u64,
    /// How often its handler, or a deserialiser, failed.
    pub failed: u64,
    /// Records that it gave up.
    pub skipped: u64,
    /// How often it tried a record again in place.
    pub retried: u64,
    /// Records that it sent to a dead letter topic.
    pub dead_lettered: u64,
    /// Records that it sent to a retry topic.
    pub sent_to_retry: u64,
    /// Records that it recognised as handled already.
    pub duplicates: u64,
    /// Commits of its own that failed.
    pub commits_failed: u64,
    /// The last exception that it got or threw.
    pub last_exception: Option<Arc<str>>,
}

/// A consumer group, as its coordinator knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupView {
    /// Its `group.id`.
    pub id: GroupId,
    /// Its state.
    pub state: GroupState,
    /// Its generation; in the consumer protocol (KIP-848) its group epoch.
    pub generation: Generation,
    /// The epoch of its target assignment; none for a group of the classic protocol.
    pub assignment_epoch: Option<Generation>,
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
    /// What it was assigned; in the consumer protocol with what it has yet to give up.
    pub assignment: Vec<TopicPartition>,
    /// How far it has come with its target assignment; none in a group of the classic protocol.
    pub reconciliation: Option<ReconciliationView>,
}

/// A member of a group of the consumer protocol (KIP-848), on the way to its target assignment.
#[derive(Clone, Debug, PartialEq)]
pub struct ReconciliationView {
    /// Its member epoch; -2 for a static member that is away.
    pub epoch: Generation,
    /// How far it has come.
    pub state: MemberState,
    /// What it is to give up.
    pub revoking: Vec<TopicPartition>,
    /// What it is to have in the end.
    pub target: Vec<TopicPartition>,
    /// Whether it speaks the classic protocol.
    pub is_classic: bool,
}

/// A transactional id, as its coordinator knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionView {
    /// The producer's `transactional.id`.
    pub id: TransactionalId,
    /// The broker that coordinates it.
    pub coordinator: BrokerId,
    /// Its producer id.
    pub producer_id: ProducerId,
    /// Its epoch: a producer with a lower one is fenced.
    pub producer_epoch: ProducerEpoch,
    /// Its state.
    pub state: TransactionState,
    /// The state that is being written to `__transaction_state`, if one is.
    pub pending: Option<TransactionState>,
    /// The partitions of the transaction; of one whose outcome is decided, those without marker yet.
    pub partitions: Vec<TopicPartition>,
    /// How long a transaction may be open, in milliseconds: the producer's `transaction.timeout.ms`.
    pub timeout_ms: i32,
    /// When the last transaction began; none if there was none.
    pub started_at: Option<TimestampMs>,
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
