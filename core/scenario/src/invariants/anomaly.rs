//! What the checkers can find: violations, which Kafka never lets happen, and losses, repetitions and
//! jumps, which it does let happen and a learner must be told of.

use std::fmt;

use highwater_cluster::ids::{
    BrokerId, ClientId, ControllerId, Generation, GroupId, MemberId, PartitionEpoch, TopicName,
    TopicPartition,
};
use highwater_cluster::log::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

use crate::catalogue::Catalogue;

/// What can be found.
#[derive(Clone, Debug, PartialEq)]
pub enum Anomaly {
    // Violations: the engine is wrong.
    /// Two brokers lead a partition in one leader epoch.
    TwoLeaders { partition: TopicPartition, leader_epoch: LeaderEpoch, brokers: [BrokerId; 2] },
    /// Two controllers are active in one controller epoch.
    TwoControllers { epoch: LeaderEpoch, controllers: [ControllerId; 2] },
    /// A controller knows something to be committed where another knows something else.
    MetadataDiverged { controller: ControllerId, offset: Offset },
    /// A controller was elected that lacks metadata that was committed.
    MetadataLost { controller: ControllerId, offset: Offset },
    /// A leader was elected from outside the ISR where the topic does not allow it.
    ForbiddenElection { partition: TopicPartition, leader: BrokerId },
    /// The controller took an ISR from a leader that did not know the partition as it was.
    StaleIsrChange { partition: TopicPartition, asked: PartitionEpoch, was: PartitionEpoch },
    /// A member of the ISR does not have all that is committed.
    IncompleteIsr { partition: TopicPartition, broker: BrokerId, has: Offset, needs: Offset },
    /// The high watermark went back while its leader lived.
    HighWatermarkWentBack { partition: TopicPartition, from: Offset, to: Offset },
    /// A high watermark lies beyond the end of its log.
    HighWatermarkBeyondEnd { partition: TopicPartition, broker: BrokerId, at: Offset, end: Offset },
    /// A consumer read a record above the high watermark.
    ReadAboveHighWatermark { partition: TopicPartition, offset: Offset, high_watermark: Offset },
    /// A producer with acks=all was told of a record that is not committed.
    AcknowledgedEarly { partition: TopicPartition, offset: Offset, high_watermark: Offset },
    /// A replica differs from its leader below the high watermark.
    ReplicasDiffer { partition: TopicPartition, brokers: [BrokerId; 2], offset: Offset },
    /// A leader was elected in good order, and yet does not have all that is committed.
    CommittedLost { partition: TopicPartition, leader: BrokerId, first: Offset, end: Offset },
    /// Offsets in a log do not ascend.
    OffsetsOutOfOrder { partition: TopicPartition, broker: BrokerId, offset: Offset },
    /// Leader epochs in a log do not ascend.
    EpochsOutOfOrder { partition: TopicPartition, broker: BrokerId, offset: Offset },
    /// The sequence numbers of an idempotent producer in a log do not follow each other.
    SequenceOutOfOrder {
        partition: TopicPartition,
        broker: BrokerId,
        producer_id: ProducerId,
        offset: Offset,
        expected: i32,
        found: i32,
    },
    /// A broker's metadata is not what the controller's log says up to there.
    MetadataDiffers { broker: BrokerId, offset: Offset },
    /// Two members of a group own a partition in one generation.
    TwoOwners {
        group: GroupId,
        partition: TopicPartition,
        generation: Generation,
        members: [ClientId; 2],
    },
    /// Two members of a share group have a record at once.
    HeldTwice { group: GroupId, partition: TopicPartition, offset: Offset, members: [MemberId; 2] },
    /// A share group hands out a record that was acknowledged or archived.
    HandedOutAgain { group: GroupId, partition: TopicPartition, offset: Offset },
    /// A share group hands out a record more often than it may.
    DeliveredTooOften { group: GroupId, partition: TopicPartition, offset: Offset, count: i16 },
    /// A share group counts deliveries of a record wrongly.
    DeliveryMiscounted {
        group: GroupId,
        partition: TopicPartition,
        offset: Offset,
        count: i16,
        expected: i16,
    },
    /// A member of a share group has a record long after its lock has run out.
    LockOverdue { group: GroupId, partition: TopicPartition, offset: Offset, member: MemberId },
    /// A share group archived a record that was to go into its dead-letter queue, and it was not told that it is there
    /// or why not.
    DeadLetterSkipped { group: GroupId, partition: TopicPartition, offset: Offset },
    /// A share group put a record into its dead-letter queue that it was done with.
    DeadLetterAcknowledged { group: GroupId, partition: TopicPartition, offset: Offset },
    /// A record is not in the dead-letter queue where it was said to be.
    DeadLetterMissing {
        group: GroupId,
        partition: TopicPartition,
        offset: Offset,
        queue: TopicPartition,
        at: Offset,
    },
    /// A group's coordinator does not know an offset that was committed.
    CommitLost {
        group: GroupId,
        partition: TopicPartition,
        committed: Offset,
        found: Option<Offset>,
    },
    /// What a group had committed went back, though no member was put back.
    CommitWentBack { group: GroupId, partition: TopicPartition, from: Offset, to: Offset },

    /// A consumer of committed records was served one above the last stable offset.
    ReadAboveLastStableOffset {
        partition: TopicPartition,
        offset: Offset,
        last_stable_offset: Offset,
    },
    /// A coordinator did what a producer asked that had been fenced.
    FencedProducerHeard { producer_id: ProducerId, epoch: ProducerEpoch, newest: ProducerEpoch },
    /// A leader does not have an offset on its disk, and the remote store does not have it either.
    Unreadable { partition: TopicPartition, broker: BrokerId, offset: Offset },
    /// A leader believes an offset to be in the remote store that is not.
    RemoteGap { partition: TopicPartition, broker: BrokerId, offset: Offset },
    /// A leader wrote a marker twice that it was asked for once.
    MarkerTwice { partition: TopicPartition, offset: Offset },

    // What Kafka lets happen.
    /// Records that a producer was told to be appended are gone. It is a violation only if nothing
    /// explains it.
    LostWrite {
        partition: TopicPartition,
        first: Offset,
        last: Offset,
        was_committed: bool,
        why: LossCause,
    },
    /// Records that a producer with acks=0 sent never came into the log.
    NeverWritten { client: ClientId, partition: TopicPartition, count: u32 },
    /// A producer without idempotence sent a batch again that had been appended: it is there twice.
    Duplicate {
        client: ClientId,
        partition: TopicPartition,
        original: Offset,
        first: Offset,
        last: Offset,
    },
    /// A batch of a producer without idempotence was overtaken by a later one.
    Reordered {
        client: ClientId,
        partition: TopicPartition,
        first: Offset,
        last: Offset,
        overtaken_by: Offset,
    },
    /// A group processes records again that it had processed and not committed.
    ProcessedTwice {
        group: GroupId,
        partition: TopicPartition,
        client: ClientId,
        first: Offset,
        last: Offset,
    },
    /// A group goes on beyond records that none of its members got.
    Skipped {
        group: GroupId,
        partition: TopicPartition,
        first: Offset,
        last: Offset,
        committed: bool,
    },
    /// A consumer's position went back while the partition was its own.
    WentBack { client: ClientId, partition: TopicPartition, from: Offset, to: Offset },
    /// Nothing, or less than all, came of records in the topic that the applications of a group write to,
    /// and none of them will read these again.
    NeverMade {
        group: GroupId,
        to: TopicName,
        partition: TopicPartition,
        first: Offset,
        last: Offset,
    },
    /// What comes of records is there more than once in the topic that the applications of a group write
    /// to.
    MadeTwice {
        group: GroupId,
        to: TopicName,
        partition: TopicPartition,
        first: Offset,
        last: Offset,
    },
    /// Records that a group had read are gone from the log.
    TruncatedAfterRead { group: GroupId, partition: TopicPartition, first: Offset, last: Offset },
}

/// Why acknowledged records were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossCause {
    /// `acks=1`: only the leader had them when it went.
    LeaderAlone,
    /// `acks=all`, but the ISR was the leader alone, which `min.insync.replicas=1` allows; and then
    /// another replica was elected.
    MinIsrOfOne,
    /// A leader was elected that was not in sync; recovery by the last known leader counts as such.
    UncleanElection,
    /// No replica has them any more: those that did lost what was not flushed.
    Unflushed,
    /// Nothing that Kafka allows explains it.
    Unexplained,
}

impl Anomaly {
    /// Whether Kafka never lets this happen: if it does, the engine is wrong.
    pub fn is_violation(&self) -> bool {
        match self {
            Anomaly::LostWrite { why, .. } => *why == LossCause::Unexplained,
            Anomaly::NeverWritten { .. }
            | Anomaly::Duplicate { .. }
            | Anomaly::Reordered { .. }
            | Anomaly::ProcessedTwice { .. }
            | Anomaly::Skipped { .. }
            | Anomaly::WentBack { .. }
            | Anomaly::NeverMade { .. }
            | Anomaly::MadeTwice { .. }
            | Anomaly::TruncatedAfterRead { .. } => false,
            _ => true,
        }
    }

    /// What kind it is: the id of its sentence in the catalogue.
    pub fn id(&self) -> &'static str {
        match self {
            Anomaly::TwoLeaders { .. } => "found.two-leaders",
            Anomaly::TwoControllers { .. } => "found.two-controllers",
            Anomaly::MetadataDiverged { .. } => "found.metadata-diverged",
            Anomaly::MetadataLost { .. } => "found.metadata-lost",
            Anomaly::ForbiddenElection { .. } => "found.forbidden-election",
            Anomaly::StaleIsrChange { .. } => "found.stale-isr-change",
            Anomaly::IncompleteIsr { .. } => "found.incomplete-isr",
            Anomaly::HighWatermarkWentBack { .. } => "found.high-watermark-back",
            Anomaly::HighWatermarkBeyondEnd { .. } => "found.high-watermark-beyond-end",
            Anomaly::ReadAboveHighWatermark { .. } => "found.read-above-high-watermark",
            Anomaly::AcknowledgedEarly { .. } => "found.acknowledged-early",
            Anomaly::ReplicasDiffer { .. } => "found.replicas-differ",
            Anomaly::CommittedLost { .. } => "found.committed-lost",
            Anomaly::OffsetsOutOfOrder { .. } => "found.offsets-out-of-order",
            Anomaly::EpochsOutOfOrder { .. } => "found.epochs-out-of-order",
            Anomaly::SequenceOutOfOrder { .. } => "found.sequence-out-of-order",
            Anomaly::MetadataDiffers { .. } => "found.metadata-differs",
            Anomaly::TwoOwners { .. } => "found.two-owners",
            Anomaly::HeldTwice { .. } => "found.held-twice",
            Anomaly::HandedOutAgain { .. } => "found.handed-out-again",
            Anomaly::DeliveredTooOften { .. } => "found.delivered-too-often",
            Anomaly::DeliveryMiscounted { .. } => "found.delivery-miscounted",
            Anomaly::LockOverdue { .. } => "found.lock-overdue",
            Anomaly::DeadLetterSkipped { .. } => "found.dead-letter-skipped",
            Anomaly::DeadLetterAcknowledged { .. } => "found.dead-letter-acknowledged",
            Anomaly::DeadLetterMissing { .. } => "found.dead-letter-missing",
            Anomaly::CommitLost { found: Some(_), .. } => "found.commit-lost",
            Anomaly::CommitLost { found: None, .. } => "found.commit-forgotten",
            Anomaly::ReadAboveLastStableOffset { .. } => "found.read-above-last-stable-offset",
            Anomaly::FencedProducerHeard { .. } => "found.fenced-producer-heard",
            Anomaly::Unreadable { .. } => "found.unreadable",
            Anomaly::RemoteGap { .. } => "found.remote-gap",
            Anomaly::MarkerTwice { .. } => "found.marker-twice",
            Anomaly::CommitWentBack { .. } => "found.commit-back",
            Anomaly::LostWrite { why, .. } => why.id(),
            Anomaly::NeverWritten { .. } => "found.never-written",
            Anomaly::Duplicate { .. } => "found.duplicate",
            Anomaly::Reordered { .. } => "found.reordered",
            Anomaly::ProcessedTwice { .. } => "found.processed-twice",
            Anomaly::Skipped { committed: true, .. } => "found.skipped-committed",
            Anomaly::Skipped { committed: false, .. } => "found.skipped-reset",
            Anomaly::WentBack { .. } => "found.went-back",
            Anomaly::NeverMade { .. } => "found.never-made",
            Anomaly::MadeTwice { .. } => "found.made-twice",
            Anomaly::TruncatedAfterRead { .. } => "found.truncated-after-read",
        }
    }

    /// What it is in a sentence of the catalogue.
    pub fn sentence(&self, catalogue: &Catalogue) -> String {
        catalogue.say(self.id(), &self.arguments())
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        /// The named fields as arguments of a sentence.
        macro_rules! fields {
            ($($name:ident),*) => { vec![$((stringify!($name), $name.to_string())),*] };
        }
        match self {
            Anomaly::TwoLeaders { partition, leader_epoch, brokers: [a, b] } => {
                fields!(partition, leader_epoch, a, b)
            }
            Anomaly::TwoControllers { epoch, controllers: [a, b] } => fields!(epoch, a, b),
            Anomaly::MetadataDiverged { controller, offset } => fields!(controller, offset),
            Anomaly::MetadataLost { controller, offset } => fields!(controller, offset),
            Anomaly::ForbiddenElection { partition, leader } => fields!(partition, leader),
            Anomaly::StaleIsrChange { partition, asked, was } => fields!(partition, asked, was),
            Anomaly::IncompleteIsr { partition, broker, has, needs } => {
                fields!(partition, broker, has, needs)
            }
            Anomaly::HighWatermarkWentBack { partition, from, to } => fields!(partition, from, to),
            Anomaly::HighWatermarkBeyondEnd { partition, broker, at, end } => {
                fields!(partition, broker, at, end)
            }
            Anomaly::ReadAboveHighWatermark { partition, offset, high_watermark }
            | Anomaly::AcknowledgedEarly { partition, offset, high_watermark } => {
                fields!(partition, offset, high_watermark)
            }
            Anomaly::ReplicasDiffer { partition, brokers: [a, b], offset } => {
                fields!(partition, a, b, offset)
            }
            Anomaly::CommittedLost { partition, leader, first, end } => {
                fields!(partition, leader, first, end)
            }
            Anomaly::OffsetsOutOfOrder { partition, broker, offset }
            | Anomaly::Unreadable { partition, broker, offset }
            | Anomaly::RemoteGap { partition, broker, offset }
            | Anomaly::EpochsOutOfOrder { partition, broker, offset } => {
                fields!(partition, broker, offset)
            }
            Anomaly::SequenceOutOfOrder {
                partition,
                broker,
                producer_id,
                offset,
                expected,
                found,
            } => fields!(partition, broker, producer_id, offset, expected, found),
            Anomaly::MetadataDiffers { broker, offset } => fields!(broker, offset),
            Anomaly::TwoOwners { group, partition, generation, members: [a, b] } => {
                fields!(group, partition, generation, a, b)
            }
            Anomaly::HeldTwice { group, partition, offset, members: [a, b] } => {
                fields!(group, partition, offset, a, b)
            }
            Anomaly::HandedOutAgain { group, partition, offset }
            | Anomaly::DeadLetterSkipped { group, partition, offset }
            | Anomaly::DeadLetterAcknowledged { group, partition, offset } => {
                fields!(group, partition, offset)
            }
            Anomaly::DeadLetterMissing { group, partition, offset, queue, at } => {
                fields!(group, partition, offset, queue, at)
            }
            Anomaly::DeliveredTooOften { group, partition, offset, count } => {
                fields!(group, partition, offset, count)
            }
            Anomaly::DeliveryMiscounted { group, partition, offset, count, expected } => {
                fields!(group, partition, offset, count, expected)
            }
            Anomaly::LockOverdue { group, partition, offset, member } => {
                fields!(group, partition, offset, member)
            }
            Anomaly::CommitLost { group, partition, committed, found } => {
                let found = found.map_or_else(String::new, |found| found.to_string());
                fields!(group, partition, committed, found)
            }
            Anomaly::ReadAboveLastStableOffset { partition, offset, last_stable_offset } => {
                fields!(partition, offset, last_stable_offset)
            }
            Anomaly::FencedProducerHeard { producer_id, epoch, newest } => {
                fields!(producer_id, epoch, newest)
            }
            Anomaly::MarkerTwice { partition, offset } => fields!(partition, offset),
            Anomaly::CommitWentBack { group, partition, from, to } => {
                fields!(group, partition, from, to)
            }
            Anomaly::LostWrite { partition, first, last, .. } => fields!(partition, first, last),
            Anomaly::NeverWritten { client, partition, count } => fields!(client, partition, count),
            Anomaly::Duplicate { client, partition, original, first, last } => {
                fields!(client, partition, original, first, last)
            }
            Anomaly::Reordered { client, partition, first, last, overtaken_by } => {
                fields!(client, partition, first, last, overtaken_by)
            }
            Anomaly::ProcessedTwice { group, partition, client, first, last } => {
                fields!(group, partition, client, first, last)
            }
            Anomaly::Skipped { group, partition, first, last, .. }
            | Anomaly::TruncatedAfterRead { group, partition, first, last } => {
                fields!(group, partition, first, last)
            }
            Anomaly::NeverMade { group, to, partition, first, last }
            | Anomaly::MadeTwice { group, to, partition, first, last } => {
                fields!(group, to, partition, first, last)
            }
            Anomaly::WentBack { client, partition, from, to } => {
                fields!(client, partition, from, to)
            }
        }
    }
}

impl LossCause {
    fn id(self) -> &'static str {
        match self {
            LossCause::LeaderAlone => "found.lost-write-leader-alone",
            LossCause::MinIsrOfOne => "found.lost-write-min-isr",
            LossCause::UncleanElection => "found.lost-write-unclean",
            LossCause::Unflushed => "found.lost-write-unflushed",
            LossCause::Unexplained => "found.lost-write",
        }
    }
}

impl fmt::Display for Anomaly {
    /// The sentence in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(&Catalogue::english()))
    }
}
