//! What happens with the remote tier, in sentences.

use highwater_cluster::ids::BrokerId;
use highwater_cluster::remote::event::RemoteEvent;

use super::{LogKind, Names, Narration, detail, story};

/// How what happened with the remote tier is told.
pub(super) fn narrate_remote(event: &RemoteEvent, names: &Names<'_>) -> Narration {
    let by = |told: Narration, broker: &BrokerId| told.with("broker", broker);
    let told = match event {
        RemoteEvent::CopyStarted { broker, base_offset, end_offset, .. } => {
            by(detail(LogKind::Other, "remote-copy-started"), broker)
                .with("first", base_offset)
                .with("last", end_offset)
        }
        RemoteEvent::Copied { broker, base_offset, end_offset, size_bytes, .. } => {
            by(story(LogKind::Other, "remote-copied"), broker)
                .with("first", base_offset)
                .with("last", end_offset)
                .with("size", size_bytes)
        }
        RemoteEvent::CopyFailed { broker, base_offset, .. } => {
            by(story(LogKind::Fault, "remote-copy-failed"), broker).with("first", base_offset)
        }
        RemoteEvent::DeletedLocally {
            broker, count, local_log_start_offset, is_leader, ..
        } => {
            let id = if *count == 1 { "deleted-locally-one" } else { "deleted-locally" };
            let told =
                if *is_leader { story(LogKind::Other, id) } else { detail(LogKind::Other, id) };
            by(told, broker).with("count", count).with("start", local_log_start_offset)
        }
        RemoteEvent::Deleted { broker, base_offset, end_offset, .. } => {
            by(story(LogKind::Other, "remote-deleted"), broker)
                .with("first", base_offset)
                .with("last", end_offset)
        }
        RemoteEvent::DeleteFailed { broker, base_offset, .. } => {
            by(story(LogKind::Fault, "remote-delete-failed"), broker).with("first", base_offset)
        }
        RemoteEvent::Read { broker, client, offset, size_bytes, .. } => {
            by(detail(LogKind::Consume, "remote-read"), broker)
                .said("name", names.node(*client))
                .with("offset", offset)
                .with("size", size_bytes)
        }
        RemoteEvent::ReadFailed { broker, client, offset, .. } => {
            by(detail(LogKind::Fault, "remote-read-failed"), broker)
                .said("name", names.node(*client))
                .with("offset", offset)
        }
        RemoteEvent::ReadExpired { broker, client, offset, .. } => {
            by(detail(LogKind::Consume, "remote-read-expired"), broker)
                .said("name", names.node(*client))
                .with("offset", offset)
        }
        RemoteEvent::FollowerStarted { broker, log_start_offset, from, .. } => {
            by(story(LogKind::Other, "remote-follower"), broker)
                .with("start", log_start_offset)
                .with("offset", from)
        }
    };
    told.with("partition", event.partition())
}
