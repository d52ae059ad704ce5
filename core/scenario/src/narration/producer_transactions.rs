//! What a transactional producer goes through, in sentences. What its coordinator decides is told by
//! the coordinator.

use highwater_cluster::event::ProducerTransactionEvent as Event;
use highwater_cluster::ids::ClientId;

use super::LogKind::Produce;
use super::{Names, Narration, detail, story};

/// How it is told.
pub(super) fn narrate(client: ClientId, event: &Event, names: &Names<'_>) -> Option<Narration> {
    let told = match event {
        Event::Initialized { producer_id, epoch, .. } => detail(Produce, "producer-initialized")
            .with("id", producer_id)
            .with("epoch", epoch)
            .because("producer-initialized.because"),
        Event::Began => detail(Produce, "producer-began"),
        Event::Committing => detail(Produce, "producer-committing"),
        Event::Aborting => detail(Produce, "producer-aborting"),
        Event::Committed { is_empty: false } => detail(Produce, "producer-committed"),
        Event::Aborted { is_empty: false } => detail(Produce, "producer-aborted"),
        Event::Committed { .. } | Event::Aborted { .. } => {
            detail(Produce, "producer-ended-empty").because("producer-ended-empty.because")
        }
        Event::Failed { is_fatal: false, error } => {
            story(Produce, "producer-has-to-abort").with("error", error)
        }
        Event::Failed { error, .. } => story(Produce, "producer-failed")
            .with("error", error)
            .because("producer-failed.because"),
        Event::RecordsDropped { partition, count } => story(Produce, "producer-dropped")
            .with("partition", partition)
            .with("count", count)
            .because("producer-dropped.because"),
        Event::CallFailed { call, error } => {
            story(Produce, "producer-call-failed").with("call", call).with("error", error)
        }
        Event::Killed => story(Produce, "producer-killed"),
        _ => return None,
    };
    Some(told.with("name", names.client(client)))
}
