//! What happens in share groups, in sentences.

use highwater_cluster::client::errors::kafka_name;
use highwater_cluster::share::DeadLetterFailure as Failure;
use highwater_cluster::share::event::{ArchiveReason, ShareEvent, ShareRecords};

use super::{LogKind, Names, Narration, detail, list, offsets, story, wire};

/// How what happened in a share group is told.
pub(super) fn narrate_share(event: &ShareEvent, names: &Names<'_>) -> Option<Narration> {
    match event {
        ShareEvent::ConsumerStarted { .. }
        | ShareEvent::ConsumerClosed { .. }
        | ShareEvent::ConsumerKilled { .. }
        | ShareEvent::Delivered { .. }
        | ShareEvent::Processed { .. }
        | ShareEvent::AcknowledgeFailed { .. } => narrate_consumer(event, names),
        ShareEvent::MemberAssigned { group, client, partitions, .. } => {
            let id = if partitions.is_empty() { "share-waits" } else { "share-assigned" };
            let told = if partitions.is_empty() { detail } else { story };
            Some(
                told(LogKind::Group, id)
                    .with("group", group)
                    .said("name", names.node(*client))
                    .with("partitions", list(partitions)),
            )
        }
        ShareEvent::PartitionsInitialized { group, partitions } => Some(
            detail(LogKind::Group, "share-initialized")
                .with("group", group)
                .with("partitions", list(partitions)),
        ),
        ShareEvent::PartitionLoaded { broker, group, partition, start, .. } => Some(
            detail(LogKind::Group, "share-loaded")
                .with("broker", broker)
                .with("group", group)
                .with("partition", partition)
                .with("start", start),
        ),
        ShareEvent::PartitionDropped { broker, group, partition } => Some(
            detail(LogKind::Group, "share-dropped")
                .with("broker", broker)
                .with("group", group)
                .with("partition", partition),
        ),
        ShareEvent::StartMoved { group, partition, from, to, .. } => Some(
            detail(LogKind::Consume, "share-start-moved")
                .with("group", group)
                .with("partition", partition)
                .with("before", from)
                .with("start", to),
        ),
        ShareEvent::StateWritten { broker, group, partition, start, is_snapshot, .. } => {
            let id = if *is_snapshot { "share-snapshot" } else { "share-update" };
            Some(
                wire(LogKind::Other, id)
                    .with("broker", broker)
                    .with("group", group)
                    .with("partition", partition)
                    .with("start", start),
            )
        }
        _ => narrate_records(event, names),
    }
}

/// What the application around a share consumer does.
fn narrate_consumer(event: &ShareEvent, names: &Names<'_>) -> Option<Narration> {
    let (told, client) = match event {
        ShareEvent::ConsumerStarted { client, group, topics, .. } => (
            story(LogKind::Consume, "share-started")
                .with("group", group)
                .with("topics", list(topics)),
            client,
        ),
        ShareEvent::ConsumerClosed { client } => (story(LogKind::Consume, "share-closed"), client),
        ShareEvent::ConsumerKilled { client, silently } => {
            let id = if *silently { "share-power-lost" } else { "share-killed" };
            (story(LogKind::Fault, id), client)
        }
        ShareEvent::Delivered { client, partition, first, last, count, delivery_count } => (
            detail(LogKind::Consume, "share-delivered")
                .with("partition", partition)
                .said("offsets", offsets(*first, *last))
                .with("count", count)
                .with("delivery", delivery_count),
            client,
        ),
        ShareEvent::Processed { client, partition, first, last, count, how } => (
            wire(LogKind::Consume, "share-processed")
                .with("partition", partition)
                .said("offsets", offsets(*first, *last))
                .with("count", count)
                .with("how", how.name()),
            client,
        ),
        ShareEvent::AcknowledgeFailed { client, partition, count, error } => (
            story(LogKind::Consume, "share-in-vain")
                .with("partition", partition)
                .with("count", count)
                .with("error", kafka_name(*error))
                .because("share-in-vain.because"),
            client,
        ),
        _ => return None,
    };
    Some(told.with("name", names.client(*client)))
}

/// What becomes of records on their leader.
fn narrate_records(event: &ShareEvent, names: &Names<'_>) -> Option<Narration> {
    let told = match event {
        ShareEvent::Acquired { records, client, .. } if records.delivery_count > 1 => {
            about(story(LogKind::Consume, "share-redelivered"), records)
                .said("name", names.node(*client))
        }
        ShareEvent::Acquired { records, client, .. } => {
            about(detail(LogKind::Consume, "share-acquired"), records)
                .said("name", names.node(*client))
        }
        ShareEvent::Acknowledged { records, .. } => {
            about(detail(LogKind::Consume, "share-acknowledged"), records)
        }
        ShareEvent::Released { records, .. } => {
            about(detail(LogKind::Consume, "share-released"), records)
        }
        ShareEvent::Renewed { records, .. } => {
            about(detail(LogKind::Consume, "share-renewed"), records)
        }
        ShareEvent::SessionEnded { records, .. } => {
            about(story(LogKind::Consume, "share-session-ended"), records)
        }
        ShareEvent::LockExpired { records, .. } => {
            about(story(LogKind::Consume, "share-lock-expired"), records)
        }
        ShareEvent::Archived { records, was_archiving: true, .. } => {
            about(detail(LogKind::Consume, "share-archived"), records)
        }
        ShareEvent::Archiving { .. }
        | ShareEvent::DeadLettered { .. }
        | ShareEvent::DeadLetterFailed { .. } => return narrate_dead_letters(event),
        ShareEvent::Archived { records, reason, .. } => {
            let (told, id): (fn(_, _) -> _, _) = match reason {
                ArchiveReason::Rejected => (story, "share-rejected"),
                ArchiveReason::DeliveryLimit => (story, "share-limit"),
                ArchiveReason::Gap => (detail, "share-gap"),
                ArchiveReason::Aborted => (detail, "share-aborted"),
            };
            about(told(LogKind::Consume, id), records)
        }
        _ => return None,
    };
    Some(told)
}

/// What becomes of records that go into the dead-letter queue of their group.
fn narrate_dead_letters(event: &ShareEvent) -> Option<Narration> {
    Some(match event {
        ShareEvent::Archiving { records, reason } => {
            let id = match reason {
                ArchiveReason::DeliveryLimit => "share-limit-archiving",
                _ => "share-rejected-archiving",
            };
            about(story(LogKind::Consume, id), records)
        }
        ShareEvent::DeadLettered { records, queue, at } => {
            about(story(LogKind::Consume, "share-dead-lettered"), records)
                .with("queue", queue)
                .with("at", at)
        }
        ShareEvent::DeadLetterFailed { records, queue, failure } => {
            let told = about(story(LogKind::Consume, "share-undelivered"), records);
            let told = told.with("queue", queue).because(why(failure));
            match failure {
                Failure::WrongPrefix(prefix) => told.with("prefix", prefix),
                Failure::NotCreated(error) | Failure::Refused(error) => {
                    told.with("error", kafka_name(*error))
                }
                _ => told,
            }
        }
        _ => return None,
    })
}

/// Why records did not get into a dead-letter queue.
fn why(failure: &Failure) -> &'static str {
    match failure {
        Failure::NoQueue => "share-undelivered.no-queue",
        Failure::ReservedName => "share-undelivered.reserved-name",
        Failure::NotEnabled => "share-undelivered.not-enabled",
        Failure::WrongPrefix(_) => "share-undelivered.wrong-prefix",
        Failure::NoTopic => "share-undelivered.no-topic",
        Failure::NotCreated(_) => "share-undelivered.not-created",
        Failure::NoLeader => "share-undelivered.no-leader",
        Failure::Refused(_) => "share-undelivered.refused",
        Failure::GaveUp => "share-undelivered.gave-up",
    }
}

fn about(told: Narration, records: &ShareRecords) -> Narration {
    told.with("broker", records.broker)
        .with("group", &records.group)
        .with("partition", &records.partition)
        .said("offsets", offsets(records.first, records.last))
        .with("delivery", records.delivery_count)
}
