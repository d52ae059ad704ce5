//! What happens in share groups (KIP-932).

use std::sync::Arc;

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::ResponseError;

use crate::ids::{
    BrokerId, ClientId, Generation, GroupId, MemberId, NodeId, TopicName, TopicPartition,
};
use crate::share::{AcknowledgeType, DeadLetterFailure};

/// Why a record is handed out no more though nobody has acknowledged it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArchiveReason {
    /// A consumer rejected it.
    Rejected,
    /// It was handed out as often as `group.share.delivery.count.limit` allows.
    DeliveryLimit,
    /// There is no record at this offset: it was compacted away, or is a marker.
    Gap,
    /// It belongs to a transaction that was aborted, and the group reads committed records only.
    Aborted,
}

impl ArchiveReason {
    /// The reason in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::DeliveryLimit => "delivery-limit",
            Self::Gap => "gap",
            Self::Aborted => "aborted",
        }
    }
}

/// A run of records of a share partition: what most of these events are about.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareRecords {
    /// The leader of the partition.
    pub broker: BrokerId,
    /// The share group.
    pub group: GroupId,
    /// The partition.
    pub partition: TopicPartition,
    /// The first of the records.
    pub first: Offset,
    /// The last of them.
    pub last: Offset,
    /// How often they have been handed out.
    pub delivery_count: i16,
}

/// Something that happened in a share group, on its brokers or in its consumers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ShareEvent {
    // Consumers.
    /// A share consumer was started.
    ConsumerStarted { client: ClientId, name: Arc<str>, group: GroupId, topics: Vec<TopicName> },
    /// A share consumer was closed and left its group.
    ConsumerClosed { client: ClientId },
    /// A share consumer's process was killed; `silently` if its machine lost power, so that no broker
    /// was told that the connection is gone.
    ConsumerKilled { client: ClientId, silently: bool },
    /// A consumer got records from poll.
    Delivered {
        client: ClientId,
        partition: TopicPartition,
        first: Offset,
        last: Offset,
        count: u32,
        delivery_count: i16,
    },
    /// The application is done with records, and says what it made of them.
    Processed {
        client: ClientId,
        partition: TopicPartition,
        first: Offset,
        last: Offset,
        count: u32,
        how: AcknowledgeType,
    },
    /// What a consumer said of records did not count: their lock had run out, or the leader is another.
    AcknowledgeFailed {
        client: ClientId,
        partition: TopicPartition,
        count: u32,
        error: ResponseError,
    },

    // The group.
    /// A member was told which partitions it reads. Others may read them too.
    MemberAssigned {
        group: GroupId,
        member: MemberId,
        client: NodeId,
        epoch: Generation,
        partitions: Vec<TopicPartition>,
    },
    /// The state of partitions is written down for the first time, so that members may get them.
    PartitionsInitialized { group: GroupId, partitions: Vec<TopicPartition> },

    // Leaders of share partitions.
    /// A leader has read what is written down of a share partition, and begins to hand out records.
    PartitionLoaded {
        broker: BrokerId,
        group: GroupId,
        partition: TopicPartition,
        leader_epoch: LeaderEpoch,
        start: Offset,
        end: Offset,
    },
    /// A leader holds a share partition no longer.
    PartitionDropped { broker: BrokerId, group: GroupId, partition: TopicPartition },
    /// Records were handed out, and are locked for a while.
    Acquired { records: ShareRecords, member: MemberId, client: NodeId },
    /// A consumer is done with records.
    Acknowledged { records: ShareRecords, member: MemberId },
    /// A consumer gave records back: someone may try again.
    Released { records: ShareRecords, member: MemberId },
    /// A consumer asked for more time.
    Renewed { records: ShareRecords, member: MemberId },
    /// The session of a consumer ended with records in its hands: they were hardly worked on, so that
    /// this delivery does not count.
    SessionEnded { records: ShareRecords, member: MemberId },
    /// The lock of records ran out (`group.share.record.lock.duration.ms`).
    LockExpired { records: ShareRecords, member: MemberId },
    /// Records are handed out no more; `was_archiving` if that was told before, and they were on their way into the
    /// dead-letter queue since.
    Archived { records: ShareRecords, reason: ArchiveReason, was_archiving: bool },
    /// Records are handed out no more, and are to go into the dead-letter queue of their group before they are
    /// archived (KIP-1191).
    Archiving { records: ShareRecords, reason: ArchiveReason },
    /// The dead-letter queue has them: a record for each, the first of them at `at`.
    DeadLettered { records: ShareRecords, queue: TopicPartition, at: Offset },
    /// The dead-letter queue does not get them. They are archived all the same.
    DeadLetterFailed { records: ShareRecords, queue: TopicName, failure: DeadLetterFailure },
    /// The share-partition start offset moved: everything before it is done with.
    StartMoved {
        broker: BrokerId,
        group: GroupId,
        partition: TopicPartition,
        from: Offset,
        to: Offset,
    },

    // The share coordinator.
    /// A share coordinator wrote down what became of records.
    StateWritten {
        broker: BrokerId,
        group: GroupId,
        partition: TopicPartition,
        start: Offset,
        batches: u32,
        is_snapshot: bool,
    },
}
