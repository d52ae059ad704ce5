//! The timers that nodes set. Each is named after the Kafka setting that gives its length, so that
//! "why?" can be answered with it.

use std::fmt;

use crate::ids::{BrokerId, CorrelationId, GroupId, MemberId, TopicPartition};
use crate::raft::QuorumTimer;

/// The name of a timer: the Kafka setting that gives its length, where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerName(pub &'static str);

impl fmt::Display for TimerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What a node wants to be woken for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    // Broker.
    /// Send the next heartbeat to the controller.
    BrokerHeartbeat,
    /// Try again to register with the controller.
    BrokerRegistration,
    /// Fetch the metadata log again.
    MetadataFetch,
    /// Fetch again from the leader of some partitions.
    ReplicaFetch(BrokerId),
    /// Look for followers that lag.
    IsrCheck,
    /// Write the high watermarks down.
    HighWatermarkCheckpoint,
    /// Ask the controller again for a change of the ISR.
    AlterPartition(TopicPartition),
    /// A produce request has waited long enough for the ISR.
    DelayedProduce(u64),
    /// A fetch request has waited long enough for records. Controllers have these too.
    DelayedFetch(u64),
    /// A deletion of records has waited long enough for followers.
    DelayedDeleteRecords(u64),
    /// Look for segments that retention lets go.
    RetentionCheck,
    /// Look for logs to compact.
    LogCleaner,
    /// Forget producers that are silent.
    ProducerIdExpiration,
    /// Forward a request to the controller again.
    Forward(u64),
    /// An append to a slow disk is done.
    DiskWrite(u64),
    /// A client that was beyond its quota is read from again.
    Unmute(u64),
    /// Look for logs that are to be flushed.
    LogFlush,
    /// Give an answer that was told to be given late.
    ScriptedAnswer(u64),

    // Tiered storage.
    /// Look after the remote tier of a partition.
    RemoteLog(TopicPartition),
    /// The remote store is done with something.
    RemoteStore(u64),
    /// A fetch has waited long enough for the remote store.
    RemoteFetch(u64),
    /// A question for offsets has waited long enough for the remote store.
    RemoteListOffsets(u64),
    /// Read `__remote_log_metadata` again.
    RemoteMetadata,
    /// Write to `__remote_log_metadata` again.
    RemotePublication(u64),

    // Group coordinator.
    /// The first rebalance of a group has waited for more members.
    GroupInitialRebalance(GroupId),
    /// A rebalance has waited for its members to join.
    GroupRebalance(GroupId),
    /// A member's session has run out.
    GroupSession(GroupId, MemberId),
    /// A member of the consumer protocol has been silent for too long.
    ConsumerGroupSession(GroupId, MemberId),
    /// A member of the consumer protocol has taken too long to give partitions up.
    ConsumerGroupRebalance(GroupId, MemberId),
    /// Look for offsets that are too old.
    OffsetsExpiration,
    /// A member of a share group has been silent for too long.
    ShareGroupSession(GroupId, MemberId),
    /// Ask again to begin with partitions of a share group.
    ShareGroupInitialize(GroupId),

    // Leaders of share partitions.
    /// The lock of records that were handed out has run out.
    ShareLock(GroupId, TopicPartition, u64),
    /// A share fetch has waited long enough for records.
    DelayedShareFetch(u64),
    /// Ask a share coordinator again.
    SharePersister(u64),
    /// Try again to write to a dead-letter queue.
    DeadLetter(u64),

    // Transaction coordinator, and leaders that ask it.
    /// Look for transactions that take too long.
    TransactionTimeouts,
    /// Look for transactional ids that nobody uses.
    TransactionalIds,
    /// Send markers again.
    TransactionMarkers,
    /// Ask a coordinator again to add partitions to a transaction.
    AddPartitionsToTxn(u64),

    // Controller.
    /// Look for brokers that are silent.
    BrokerSessionCheck,
    /// The quorum of controllers: see [`QuorumTimer`].
    Quorum(QuorumTimer),
    /// Let preferred leaders lead again.
    LeaderImbalanceCheck,
    /// Look for partitions without leader that may have an unclean one.
    UncleanElectionCheck,

    // Clients.
    /// A request got no answer.
    Request(CorrelationId),
    /// The workload is to make its next records.
    Workload,
    /// The transaction is full.
    TransactionEnd,
    /// The application has waited in send for long enough.
    MaxBlock,
    /// A batch has lingered.
    Linger,
    /// Send what waits for a retry.
    Retry,
    /// Ask for metadata.
    MetadataRefresh,
    /// A batch may not be tried any longer.
    Delivery,
    /// The application calls poll.
    Poll,
    /// A member's heartbeat is due.
    GroupHeartbeat,
    /// Positions are to be committed.
    AutoCommit,
    /// A heartbeat of the consumer protocol is due: the coordinator says how often.
    ConsumerGroupHeartbeat,
    /// A heartbeat of a share consumer is due: the coordinator says how often.
    ShareGroupHeartbeat,
    /// The application returns from its rebalance listener.
    RebalanceListener,
    /// An application is done with a record.
    Processing,
    /// An application is to commit.
    CommitInterval,
    /// Closing has taken long enough.
    CloseTimeout,
    /// A command wants to go on.
    Program(u32),
}

impl Timer {
    /// The Kafka setting that gives its length, or what it is where Kafka has no setting for it.
    pub fn name(&self) -> TimerName {
        TimerName(match self {
            Timer::BrokerHeartbeat => "broker.heartbeat.interval.ms",
            Timer::BrokerRegistration => "initial.broker.registration.timeout.ms",
            Timer::MetadataFetch => "controller.quorum.retry.backoff.ms",
            Timer::ReplicaFetch(_) => "replica.fetch.backoff.ms",
            Timer::IsrCheck => "replica.lag.time.max.ms",
            Timer::HighWatermarkCheckpoint => "replica.high.watermark.checkpoint.interval.ms",
            Timer::AlterPartition(_) => "alter-partition retry",
            Timer::DelayedProduce(_) => "request.timeout.ms",
            Timer::DelayedFetch(_) => "fetch.max.wait.ms",
            Timer::DelayedDeleteRecords(_) => "request.timeout.ms",
            Timer::RetentionCheck => "log.retention.check.interval.ms",
            Timer::LogCleaner => "log.cleaner.backoff.ms",
            Timer::ProducerIdExpiration => "producer.id.expiration.check.interval.ms",
            Timer::Forward(_) => "forwarding retry",
            Timer::DiskWrite(_) => "slow disk",
            Timer::Unmute(_) => "throttled channel",
            Timer::LogFlush => "log.flush.scheduler.interval.ms",
            Timer::ScriptedAnswer(_) => "broker fail --delay",
            Timer::RemoteLog(_) => "remote.log.manager.task.interval.ms",
            Timer::RemoteStore(_) => "remote store",
            Timer::RemoteFetch(_) => "remote.fetch.max.wait.ms",
            Timer::RemoteListOffsets(_) => "remote.list.offsets.request.timeout.ms",
            Timer::RemoteMetadata | Timer::RemotePublication(_) => "remote log metadata retry",
            Timer::GroupInitialRebalance(_) => "group.initial.rebalance.delay.ms",
            Timer::GroupRebalance(_) => "max.poll.interval.ms",
            Timer::GroupSession(..) => "session.timeout.ms",
            Timer::ConsumerGroupSession(..) => "group.consumer.session.timeout.ms",
            Timer::ConsumerGroupRebalance(..) => "max.poll.interval.ms",
            Timer::OffsetsExpiration => "offsets.retention.check.interval.ms",
            Timer::ShareGroupSession(..) => "group.share.session.timeout.ms",
            Timer::ShareGroupInitialize(_) => "group.share.initialize.retry.interval.ms",
            Timer::ShareLock(..) => "group.share.record.lock.duration.ms",
            Timer::DelayedShareFetch(_) => "fetch.max.wait.ms",
            Timer::SharePersister(_) => "share coordinator retry",
            Timer::DeadLetter(_) => "dead-letter queue retry",
            Timer::ShareGroupHeartbeat => "group.share.heartbeat.interval.ms",
            Timer::TransactionTimeouts => {
                "transaction.abort.timed.out.transaction.cleanup.interval.ms"
            }
            Timer::TransactionalIds => "transaction.remove.expired.transaction.cleanup.interval.ms",
            Timer::TransactionMarkers => "transaction marker retry",
            Timer::AddPartitionsToTxn(_) => "add.partitions.to.txn.retry.backoff.ms",
            Timer::BrokerSessionCheck => "broker.session.timeout.ms",
            Timer::Quorum(timer) => timer.name(),
            Timer::LeaderImbalanceCheck => "leader.imbalance.check.interval.seconds",
            Timer::UncleanElectionCheck => "unclean.leader.election.interval.ms",
            Timer::Request(_) => "request.timeout.ms",
            Timer::Workload => "rate",
            Timer::TransactionEnd => "transaction-ms",
            Timer::MaxBlock => "max.block.ms",
            Timer::Linger => "linger.ms",
            Timer::Retry => "retry.backoff.ms",
            Timer::MetadataRefresh => "metadata.max.age.ms",
            Timer::Delivery => "delivery.timeout.ms",
            Timer::Poll => "poll",
            Timer::GroupHeartbeat => "heartbeat.interval.ms",
            Timer::ConsumerGroupHeartbeat => "group.consumer.heartbeat.interval.ms",
            Timer::RebalanceListener => "onPartitionsRevoked",
            Timer::AutoCommit => "auto.commit.interval.ms",
            Timer::Processing => "app --process-ms",
            Timer::CommitInterval => "commit.interval.ms",
            Timer::CloseTimeout => "close timeout",
            Timer::Program(_) => "command",
        })
    }
}
