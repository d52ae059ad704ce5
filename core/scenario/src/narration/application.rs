//! What happens in the application behind a consumer, in sentences.

use highwater_cluster::consumer::ApplicationEvent;
use highwater_cluster::ids::{ClientId, TopicPartition};
use highwater_cluster::log::Offset;

use super::LogKind::{Consume, Group};
use super::{Names, Narration, detail, list, offsets, story};

/// How an event of an application is told.
pub(super) fn narrate_application(
    event: &ApplicationEvent,
    names: &Names<'_>,
) -> Option<Narration> {
    use ApplicationEvent as E;
    let named =
        |narration: Narration, client: &ClientId| narration.with("name", names.client(*client));
    Some(match event {
        E::SelfAssigned { client, partitions } => {
            named(story(Consume, "self-assigned"), client).with("partitions", list(partitions))
        }
        E::RecordsPolled { client, partition, first, last } => {
            named(detail(Consume, "polled"), client)
                .with("partition", partition)
                .said("offsets", offsets(*first, *last))
        }
        E::PassedOver { client, partition, first, last, is_aborted } => {
            let because = if *is_aborted { "passed-over.aborted" } else { "passed-over.control" };
            named(detail(Consume, "passed-over"), client)
                .with("partition", partition)
                .said("offsets", offsets(*first, *last))
                .because(because)
        }
        E::WorkDropped { client, partition, first, last } => {
            named(story(Consume, "work-dropped"), client)
                .with("partition", partition)
                .said("offsets", offsets(*first, *last))
                .because("work-dropped.because")
        }
        E::CommitFailed { client, exception } => {
            named(story(Group, "commit-failed"), client).with("exception", exception)
        }
        E::PollOverdue { client } => {
            named(story(Group, "poll-overdue"), client).because("poll-overdue.because")
        }
        E::Paused { client, partition } => {
            named(story(Consume, "partition-paused"), client).with("partition", partition)
        }
        E::Resumed { client, partition } => {
            named(story(Consume, "partition-resumed"), client).with("partition", partition)
        }
        E::Sought { client, partition, offset: Some(offset) } => {
            named(story(Consume, "sought"), client)
                .with("partition", partition)
                .with("offset", offset)
        }
        E::Sought { client, partition, offset: None } => {
            named(story(Consume, "seeks"), client).with("partition", partition)
        }
        _ => return narrate_record(event, names),
    })
}

/// What becomes of one record.
fn narrate_record(event: &ApplicationEvent, names: &Names<'_>) -> Option<Narration> {
    use ApplicationEvent as E;
    let of = |narration: Narration, client: &ClientId, at: &TopicPartition, offset: &Offset| {
        narration.with("name", names.client(*client)).with("partition", at).with("offset", offset)
    };
    Some(match event {
        E::RecordFailed { client, partition, offset, attempt, is_unreadable } => {
            let id = if *is_unreadable { "record-unreadable" } else { "record-failed" };
            of(story(Consume, id), client, partition, offset).with("attempt", attempt)
        }
        E::RetryPlanned { client, partition, offset, backoff } => {
            of(detail(Consume, "retry-planned"), client, partition, offset).with("backoff", backoff)
        }
        E::RecordSkipped { client, partition, offset } => {
            of(story(Consume, "record-skipped"), client, partition, offset)
        }
        E::DeadLettered { client, partition, offset, topic } => {
            of(story(Consume, "dead-lettered"), client, partition, offset).with("topic", topic)
        }
        E::SentToRetry { client, partition, offset, topic, delay } => {
            of(story(Consume, "sent-to-retry"), client, partition, offset)
                .with("topic", topic)
                .with("delay", delay)
        }
        E::DuplicateSkipped { client, partition, offset } => {
            of(detail(Consume, "duplicate-skipped"), client, partition, offset)
        }
        E::WaitsUntilDue { client, partition, offset, wait } => {
            of(detail(Consume, "waits-until-due"), client, partition, offset).with("wait", wait)
        }
        _ => return None,
    })
}
