//! Trace lines of share groups.

use std::fmt;

use crate::ids::List;
use crate::share::ShareEvent;
use crate::share::event::ShareRecords;

impl fmt::Display for ShareRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { broker, group, partition, first, last, delivery_count } = self;
        write!(f, "{partition} broker {broker} share group {group} {first}-{last}")?;
        write!(f, " delivery {delivery_count}")
    }
}

impl fmt::Display for ShareEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConsumerStarted { client, name, group, topics } => {
                let topics = List(topics);
                write!(f, "client {client} share consumer {name} started, group {group}, {topics}")
            }
            Self::ConsumerClosed { client } => write!(f, "client {client} share consumer closed"),
            Self::ConsumerKilled { client, silently } => {
                let how = if *silently { "lost power" } else { "killed" };
                write!(f, "client {client} share consumer {how}")
            }
            Self::Delivered { client, partition, first, last, count, delivery_count } => write!(
                f,
                "{partition} client {client} got {first}-{last}, {count} records, delivery {delivery_count}"
            ),
            Self::Processed { client, partition, first, last, count, how } => {
                write!(f, "{partition} client {client} {how} {first}-{last}, {count} records")
            }
            Self::AcknowledgeFailed { client, partition, count, error } => {
                write!(f, "{partition} client {client} spoke in vain of {count} records: {error:?}")
            }
            Self::MemberAssigned { group, member, epoch, partitions, .. } => write!(
                f,
                "share group {group} member {member} in epoch {epoch}, assigned {}",
                List(partitions)
            ),
            Self::PartitionsInitialized { group, partitions } => {
                write!(f, "share group {group} initialized {}", List(partitions))
            }
            Self::PartitionLoaded { broker, group, partition, leader_epoch, start, end } => write!(
                f,
                "{partition} broker {broker} share group {group} loaded {start}-{end}, leader epoch {leader_epoch}"
            ),
            Self::PartitionDropped { broker, group, partition } => {
                write!(f, "{partition} broker {broker} share group {group} dropped")
            }
            Self::Acquired { records, member, client } => {
                write!(f, "{records} acquired by {member}, {client}")
            }
            Self::Acknowledged { records, member } => {
                write!(f, "{records} acknowledged by {member}")
            }
            Self::Released { records, member } => write!(f, "{records} released by {member}"),
            Self::Renewed { records, member } => write!(f, "{records} renewed by {member}"),
            Self::SessionEnded { records, member } => {
                write!(f, "{records} back, session of {member} ended")
            }
            Self::LockExpired { records, member } => {
                write!(f, "{records} back, lock of {member} expired")
            }
            Self::Archived { records, reason, .. } => {
                write!(f, "{records} archived, {}", reason.name())
            }
            Self::Archiving { records, reason } => {
                write!(f, "{records} archiving, {}", reason.name())
            }
            Self::DeadLettered { records, queue, at } => {
                write!(f, "{records} dead letters in {queue}, from {at} on")
            }
            Self::DeadLetterFailed { records, queue, failure } => {
                write!(f, "{records} no dead letters in {queue}, {failure}")
            }
            Self::StartMoved { broker, group, partition, from, to } => {
                write!(f, "{partition} broker {broker} share group {group} start {from} -> {to}")
            }
            Self::StateWritten { broker, group, partition, start, batches, is_snapshot } => {
                let what = if *is_snapshot { "snapshot" } else { "update" };
                write!(
                    f,
                    "{partition} broker {broker} share group {group} {what} written, start {start}, {batches} batches"
                )
            }
        }
    }
}
