//! What happened: one typed event for each thing that happens, with what caused it. Animation,
//! narration, log, metrics and the answer to "why?" all come from this one stream.

use std::sync::Arc;

use highwater_log::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::ApiKey;

use crate::acl::event::AclEvent;
use crate::application::AppEvent;
use crate::bounds::Bound;
use crate::configs::ConfigResource;
use crate::consumer::{ApplicationEvent, GroupProtocol};
use crate::fault::FaultEvent;
use crate::ids::{
    BrokerEpoch, BrokerId, ClientId, ControllerId, CorrelationId, EntryId, EventId, Generation,
    GroupId, MemberId, MessageId, NodeId, PartitionEpoch, TerminalName, TopicName, TopicPartition,
    TransactionalId,
};
use crate::producer::Acks;
pub use crate::producer::ProducerTransactionEvent;
use crate::quota::event::QuotaEvent;
pub use crate::raft::QuorumRole;
use crate::remote::event::RemoteEvent;
use crate::share::ShareEvent;
use crate::time::Time;
use crate::timer::TimerName;
pub use crate::transaction::TransactionState;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its ordinal in the run.
    pub id: EventId,
    /// When it happened.
    pub at: Time,
    /// What it happened because of.
    pub cause: Cause,
    /// What happened.
    pub kind: EventKind,
}

/// Why an event happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The scenario began.
    Start,
    /// A person did something: this entry of the scenario.
    Entry(EntryId),
    /// An earlier event, often the delivery of a message.
    Event(EventId),
    /// A timer ran out, which an earlier cause had set.
    Timer {
        /// Which timer.
        timer: TimerName,
        /// The event that set it; none if it was set when the scenario began.
        set_by: Option<EventId>,
    },
}

impl Cause {
    /// The event that led there, if one did.
    pub fn event(self) -> Option<EventId> {
        match self {
            Cause::Event(event) => Some(event),
            Cause::Timer { set_by, .. } => set_by,
            Cause::Start | Cause::Entry(_) => None,
        }
    }
}

/// Why a message did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// The link between the two is cut.
    LinkCut,
    /// Whoever should receive it does not run, or no longer as the same process.
    ReceiverDown,
    /// The connection broke before it arrived.
    ConnectionBroken,
}

/// Why the ISR of a partition changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsrChangeReason {
    /// The leader dropped a follower that was not caught up for `replica.lag.time.max.ms`.
    FollowerLagged,
    /// The leader took a follower back that had caught up.
    FollowerCaughtUp,
    /// The controller fenced a broker whose heartbeats stopped for `broker.session.timeout.ms`.
    BrokerFenced,
    /// A broker asked for a controlled shutdown.
    ControlledShutdown,
    /// No in-sync replica was left, and the leader was elected from outside the ISR.
    Election,
    /// A reassignment of the partition's replicas ended, and with it the membership of those let go.
    Reassigned,
}

/// How a broker's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopKind {
    /// A controlled shutdown: leadership was moved first.
    Controlled,
    /// The process was killed: nothing was said to anyone.
    Killed,
    /// The machine lost power: what was not flushed is gone too.
    PowerLost,
    /// The only log directory failed, and the process ended itself (KIP-112).
    LogDirFailed,
}

/// Why a controller gave up leading the quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResignReason {
    /// No majority of voters fetched from it for one and a half times
    /// `controller.quorum.fetch.timeout.ms`.
    QuorumLost,
    /// It shuts down.
    ShuttingDown,
    /// It heard of a later epoch.
    LaterEpoch,
}

/// The state of a consumer group, in Kafka's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupState {
    /// No member; there may be committed offsets.
    Empty,
    /// A rebalance began, and members are to join.
    PreparingRebalance,
    /// All have joined; the assignment of the leader is awaited.
    CompletingRebalance,
    /// Every member has its assignment.
    Stable,
    /// Empty and without offsets: about to be forgotten.
    Dead,
    /// Consumer protocol (KIP-848): the group epoch is ahead of the target assignment.
    Assigning,
    /// Consumer protocol (KIP-848): a member is not yet where the target assignment wants it.
    Reconciling,
}

impl GroupState {
    /// The state as Kafka's tools print it.
    pub fn name(self) -> &'static str {
        match self {
            GroupState::Empty => "Empty",
            GroupState::PreparingRebalance => "PreparingRebalance",
            GroupState::CompletingRebalance => "CompletingRebalance",
            GroupState::Stable => "Stable",
            GroupState::Dead => "Dead",
            GroupState::Assigning => "Assigning",
            GroupState::Reconciling => "Reconciling",
        }
    }
}

/// How far a member of a group of the consumer protocol has come with its assignment (KIP-848).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberState {
    /// It has what its epoch's target gives it.
    Stable,
    /// It was told to give partitions up, and has not said yet that it has.
    UnrevokedPartitions,
    /// It waits for partitions that others have not given up yet.
    UnreleasedPartitions,
}

impl MemberState {
    /// The state as Kafka's source names it.
    pub fn name(self) -> &'static str {
        match self {
            MemberState::Stable => "STABLE",
            MemberState::UnrevokedPartitions => "UNREVOKED_PARTITIONS",
            MemberState::UnreleasedPartitions => "UNRELEASED_PARTITIONS",
        }
    }
}

/// Why the epoch of a group of the consumer protocol went up (KIP-848).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpochReason {
    /// A member came.
    MemberJoined,
    /// A member subscribes to something else.
    SubscriptionChanged,
    /// A topic that is subscribed to came, went, or grew.
    TopicsChanged,
    /// A member left, or was dropped.
    MemberLeft,
}

/// What happened. Fields carry what a sentence about it needs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    // The scenario.
    /// An entry of the scenario took effect.
    EntryApplied { entry: EntryId, text: Arc<str> },
    /// A bound of the world was reached, and the run stands still until something changes.
    Halted { bound: Bound, entry: Option<EntryId> },
    /// A command wrote a line to its terminal.
    Output { terminal: TerminalName, client: ClientId, text: Arc<str>, is_error: bool },
    /// A command came to its end.
    CommandExited { terminal: TerminalName, client: ClientId, code: i32 },

    // The network.
    /// A message left its sender. The error is the first that a response carries.
    MessageSent {
        message: MessageId,
        from: NodeId,
        to: NodeId,
        api: ApiKey,
        correlation_id: CorrelationId,
        is_response: bool,
        size_bytes: u32,
        deliver_at: Time,
        error: Option<ResponseError>,
    },
    /// A message reached its receiver.
    MessageDelivered {
        message: MessageId,
        from: NodeId,
        to: NodeId,
        api: ApiKey,
        is_response: bool,
    },
    /// A message was lost on its way.
    MessageDropped { message: MessageId, from: NodeId, to: NodeId, api: ApiKey, reason: DropReason },
    /// A request went unanswered for the time that its sender waits.
    RequestTimedOut { from: NodeId, to: NodeId, api: ApiKey, correlation_id: CorrelationId },
    /// The connection that a request used broke.
    Disconnected { from: NodeId, to: NodeId, api: ApiKey, correlation_id: CorrelationId },
    /// The link between two nodes no longer carries anything.
    LinkCut { a: NodeId, b: NodeId },
    /// The link between two nodes carries messages again.
    LinkHealed { a: NodeId, b: NodeId },

    // Brokers, as themselves and as the controller sees them.
    /// A broker's process began.
    BrokerStarted { broker: BrokerId },
    /// A broker asked the controller to let it go.
    BrokerShuttingDown { broker: BrokerId },
    /// A broker's process ended.
    BrokerStopped { broker: BrokerId, how: StopKind },
    /// The controller wrote a broker's registration.
    BrokerRegistered { broker: BrokerId, epoch: BrokerEpoch },
    /// The controller let a broker take part.
    BrokerUnfenced { broker: BrokerId },
    /// The controller shut a broker out: it leads nothing, and is in no ISR.
    BrokerFenced { broker: BrokerId, silent_for_ms: Option<u64> },

    // The quorum of controllers.
    /// A controller's process began again.
    ControllerStarted { controller: ControllerId },
    /// A controller's process ended.
    ControllerStopped { controller: ControllerId, how: StopKind },
    /// A controller is something else to the quorum than before, or in another epoch.
    QuorumRoleChanged {
        controller: ControllerId,
        role: QuorumRole,
        epoch: LeaderEpoch,
        leader: Option<ControllerId>,
    },
    /// A controller gave its vote, or refused it. A pre-vote binds nobody (KIP-996).
    VoteCast {
        voter: ControllerId,
        candidate: ControllerId,
        epoch: LeaderEpoch,
        granted: bool,
        pre_vote: bool,
    },
    /// A controller leads the quorum from here on: it is the active controller.
    ControllerElected { controller: ControllerId, epoch: LeaderEpoch, votes: Vec<ControllerId> },
    /// A controller leads the quorum no longer.
    ControllerResigned { controller: ControllerId, epoch: LeaderEpoch, reason: ResignReason },
    /// A controller that lost the lead forgot what it had decided and no majority had.
    UncommittedDecisionsDropped { controller: ControllerId, from: Offset, to: Offset },
    /// A controller cut off the end of its metadata log, which the leader does not have.
    MetadataLogTruncated { controller: ControllerId, from: Offset, to: Offset },
    /// A controller wrote a snapshot of the metadata (KIP-630).
    SnapshotTaken {
        controller: ControllerId,
        end_offset: Offset,
        epoch: LeaderEpoch,
        size_bytes: u64,
    },
    /// A node began anew from a snapshot of the metadata.
    SnapshotLoaded { node: NodeId, end_offset: Offset },

    // Topics and partitions, as the controller decides.
    /// A topic was created.
    TopicCreated { topic: TopicName, partitions: u32, replication_factor: u32 },
    /// A topic was deleted.
    TopicDeleted { topic: TopicName },
    /// A topic has got more partitions.
    PartitionsAdded { topic: TopicName, from: u32, to: u32 },
    /// A setting was given, or with no value taken away.
    ConfigChanged { resource: ConfigResource, name: Arc<str>, value: Option<Arc<str>> },
    /// A setting was given that changes nothing here.
    ConfigNotSimulated { resource: ConfigResource, name: Arc<str> },
    /// A partition has another leader, or none.
    LeaderElected {
        partition: TopicPartition,
        leader: Option<BrokerId>,
        previous: Option<BrokerId>,
        leader_epoch: LeaderEpoch,
        clean: bool,
    },
    /// The ISR of a partition changed.
    IsrChanged {
        partition: TopicPartition,
        isr: Vec<BrokerId>,
        previous: Vec<BrokerId>,
        partition_epoch: PartitionEpoch,
        reason: IsrChangeReason,
    },
    /// A partition is to have other replicas: the new ones begin to copy it (KIP-455).
    ReassignmentStarted {
        partition: TopicPartition,
        target: Vec<BrokerId>,
        adding: Vec<BrokerId>,
        removing: Vec<BrokerId>,
    },
    /// All replicas that a partition is to have are in sync: it has these and no others.
    ReassignmentCompleted {
        partition: TopicPartition,
        replicas: Vec<BrokerId>,
        previous: Vec<BrokerId>,
    },
    /// A reassignment was called off: the partition has the replicas that it had before.
    ReassignmentCancelled { partition: TopicPartition, replicas: Vec<BrokerId> },

    // Replicas, on their brokers.
    /// A broker learnt that it leads a partition.
    BecameLeader {
        broker: BrokerId,
        partition: TopicPartition,
        leader_epoch: LeaderEpoch,
        start: Offset,
    },
    /// A broker learnt whom to follow.
    BecameFollower {
        broker: BrokerId,
        partition: TopicPartition,
        leader: Option<BrokerId>,
        leader_epoch: LeaderEpoch,
    },
    /// A batch was appended to a replica's log.
    BatchAppended {
        broker: BrokerId,
        partition: TopicPartition,
        base_offset: Offset,
        last_offset: Offset,
        size_bytes: u32,
        leader_epoch: LeaderEpoch,
        as_leader: bool,
    },
    /// A replica cut off the end of its log, which its leader does not have.
    LogTruncated { broker: BrokerId, partition: TopicPartition, from: Offset, to: Offset },
    /// A broker is no replica of a partition any more, and deleted its log.
    ReplicaDeleted { broker: BrokerId, partition: TopicPartition, log_end_offset: Offset },
    /// A replica's high watermark moved up.
    HighWatermarkAdvanced {
        broker: BrokerId,
        partition: TopicPartition,
        from: Offset,
        to: Offset,
        is_leader: bool,
    },
    /// A replica's log was compacted: it is clean up to `to` now, where `from` is what it was up to before.
    LogCompacted {
        broker: BrokerId,
        partition: TopicPartition,
        from: Offset,
        to: Offset,
        kept: u64,
        dropped: u64,
        size_before_bytes: u64,
        size_after_bytes: u64,
    },
    /// Whole segments at the start of a replica's log were deleted.
    SegmentsDeleted {
        broker: BrokerId,
        partition: TopicPartition,
        count: u32,
        size_bytes: u64,
        log_start_offset: Offset,
    },
    /// A replica's log starts further up: what lies below can no longer be read.
    LogStartOffsetMoved {
        broker: BrokerId,
        partition: TopicPartition,
        from: Offset,
        to: Offset,
        is_leader: bool,
    },
    /// Something happened with the remote tier (KIP-405).
    Remote(Arc<RemoteEvent>),
    /// Something happened with access control lists.
    Acl(Arc<AclEvent>),
    /// Something happened with quotas of clients.
    Quota(Arc<QuotaEvent>),
    /// The leader refused to append.
    ProduceRefused {
        broker: BrokerId,
        partition: TopicPartition,
        client: NodeId,
        error: ResponseError,
    },

    // Clients from outside the simulation.
    /// A client from outside opened a connection to a broker.
    ClientConnected { client: ClientId, broker: BrokerId },
    /// A connection of a client from outside was closed; with a reason if the broker closed it.
    ClientDisconnected { client: ClientId, reason: Option<Arc<str>> },

    // Producers.
    /// A producer was started.
    ProducerStarted { client: ClientId, name: Arc<str>, topic: TopicName, acks: Acks },
    /// A producer was closed.
    ProducerClosed { client: ClientId },
    /// A producer learnt that a batch was appended. Under acks=0 it only assumes so, and there is no offset.
    RecordsAcknowledged {
        client: ClientId,
        partition: TopicPartition,
        base_offset: Option<Offset>,
        count: u32,
    },
    /// A producer will send a batch again.
    ProduceRetried { client: ClientId, partition: TopicPartition, count: u32, error: ResponseError },
    /// A producer gave a batch up; the application was told.
    RecordsFailed { client: ClientId, partition: TopicPartition, count: u32, error: ResponseError },
    /// Something happened to a transactional producer.
    ProducerTransaction { client: ClientId, event: ProducerTransactionEvent },

    // Consumers and groups.
    /// A consumer was started.
    ConsumerStarted { client: ClientId, name: Arc<str>, group: GroupId, topics: Vec<TopicName> },
    /// A consumer was closed and left its group.
    ConsumerClosed { client: ClientId },
    /// A consumer's process was killed.
    ConsumerKilled { client: ClientId },
    /// A member came to a group; the coordinator gave it its id.
    MemberJoined { group: GroupId, member: MemberId, client: NodeId },
    /// A member is no longer in its group.
    MemberLeft { group: GroupId, member: MemberId, timed_out: bool },
    /// A group's state changed.
    GroupStateChanged { group: GroupId, from: GroupState, to: GroupState, generation: Generation },
    /// A consumer learnt which partitions are its own; of what it had before and keeps, nothing is said.
    PartitionsAssigned {
        client: ClientId,
        group: GroupId,
        partitions: Vec<TopicPartition>,
        generation: Generation,
    },
    /// A consumer gave its partitions back.
    PartitionsRevoked { client: ClientId, group: GroupId, partitions: Vec<TopicPartition> },
    /// A consumer learnt that it lost its partitions: others may own them already.
    PartitionsLost { client: ClientId, group: GroupId, partitions: Vec<TopicPartition> },
    /// The application behind a consumer is done with records that it got from poll.
    RecordsConsumed {
        client: ClientId,
        partition: TopicPartition,
        first: Offset,
        last: Offset,
        count: u32,
    },
    /// A consumer fetches a partition from that replica from here on, rather than from the leader; or with
    /// none from the leader again (KIP-392).
    ReadReplicaChosen { client: ClientId, partition: TopicPartition, replica: Option<BrokerId> },
    /// A consumer started at an offset.
    PositionReset { client: ClientId, partition: TopicPartition, offset: Offset, committed: bool },
    /// A group goes over to another protocol while it has members (`group.consumer.migration.policy`).
    /// Its generation, or its epoch, is the one before.
    GroupProtocolChanged { group: GroupId, to: GroupProtocol, generation: Generation },
    /// The epoch of a group of the consumer protocol went up: it is to get a new target assignment.
    GroupEpochBumped { group: GroupId, epoch: Generation, reason: EpochReason },
    /// The coordinator computed a target assignment for a group of the consumer protocol.
    TargetAssigned { group: GroupId, epoch: Generation, assignor: &'static str },
    /// A member came closer to its target assignment. It may use what is `assigned`, and is to give up
    /// what is `revoking`.
    MemberReconciled {
        group: GroupId,
        member: MemberId,
        client: NodeId,
        epoch: Generation,
        state: MemberState,
        assigned: Vec<TopicPartition>,
        revoking: Vec<TopicPartition>,
    },
    /// A heartbeat was refused: its sender is to give up all partitions and to join again.
    MemberFenced { group: GroupId, member: MemberId, client: NodeId, error: ResponseError },
    /// Offsets of a group are gone: deleted on request, or `expired` after `offsets.retention.minutes`.
    OffsetsRemoved { group: GroupId, partitions: Vec<TopicPartition>, expired: bool },
    /// A group's offset was committed.
    OffsetCommitted { group: GroupId, partition: TopicPartition, offset: Offset },

    // Transactions.
    /// A transactional id went over to another state at its coordinator, got a new epoch, or more
    /// partitions.
    TransactionStateChanged {
        coordinator: BrokerId,
        id: TransactionalId,
        from: TransactionState,
        to: TransactionState,
        producer_id: ProducerId,
        producer_epoch: ProducerEpoch,
        partitions: Vec<TopicPartition>,
    },
    /// A leader wrote the marker that ends a transaction in its partition.
    TransactionMarkerWritten {
        broker: BrokerId,
        partition: TopicPartition,
        producer_id: ProducerId,
        producer_epoch: ProducerEpoch,
        offset: Offset,
        commit: bool,
    },
    /// Readers of committed records may read further in a partition in which a transaction was open.
    LastStableOffsetAdvanced {
        broker: BrokerId,
        partition: TopicPartition,
        from: Offset,
        to: Offset,
    },

    // Applications that read, work and write.
    /// Something happened in an application, apart from what its consumer and its producer do.
    App(AppEvent),
    /// Something happened in the application behind a consumer.
    Application(ApplicationEvent),

    // Share groups.
    /// Something happened in a share group, on its brokers or in its consumers (KIP-932).
    Share(ShareEvent),

    // Faults that a person injects.
    /// A fault was injected or undone, or showed.
    Fault(FaultEvent),
}
