//! Sentences about groups of the consumer protocol (KIP-848), and about offsets that go.

use highwater_cluster::client::errors::kafka_name;
use highwater_cluster::consumer::GroupProtocol;
use highwater_cluster::event::{EpochReason, EventKind, MemberState};

use super::{LogKind::Group, Names, Narration, detail, list, story};

/// The narration of what a coordinator does with such a group; none for other events.
pub(super) fn narrate(kind: &EventKind, names: &Names<'_>) -> Option<Narration> {
    Some(match kind {
        EventKind::GroupProtocolChanged { group, to, generation } => {
            let (id, why) = match to {
                GroupProtocol::Consumer => ("group-upgraded", "group-upgraded.because"),
                GroupProtocol::Classic => ("group-downgraded", "group-downgraded.because"),
            };
            story(Group, id).with("group", group).with("generation", generation).because(why)
        }
        EventKind::GroupEpochBumped { group, epoch, reason } => story(Group, "group-epoch")
            .with("group", group)
            .with("epoch", epoch)
            .because(match reason {
                EpochReason::MemberJoined => "group-epoch.joined",
                EpochReason::SubscriptionChanged => "group-epoch.subscription",
                EpochReason::TopicsChanged => "group-epoch.topics",
                EpochReason::MemberLeft => "group-epoch.left",
            }),
        EventKind::TargetAssigned { group, epoch, assignor } => detail(Group, "group-target")
            .with("group", group)
            .with("epoch", epoch)
            .with("assignor", assignor),
        EventKind::MemberReconciled { group, client, epoch, state, assigned, revoking, .. } => {
            let id = match state {
                _ if epoch.0 < 0 => "member-away",
                MemberState::Stable => "member-stable",
                MemberState::UnrevokedPartitions => "member-unrevoked",
                MemberState::UnreleasedPartitions => "member-unreleased",
            };
            let partitions = match state {
                MemberState::UnrevokedPartitions => list(revoking),
                _ if assigned.is_empty() => "-".to_owned(),
                _ => list(assigned),
            };
            detail(Group, id)
                .with("group", group)
                .said("client", names.node(*client))
                .with("epoch", epoch)
                .with("partitions", partitions)
        }
        EventKind::MemberFenced { group, client, error, .. } => story(Group, "member-fenced")
            .with("group", group)
            .said("client", names.node(*client))
            .with("error", kafka_name(*error)),
        EventKind::OffsetsRemoved { group, partitions, expired } => {
            let id = if *expired { "offsets-expired" } else { "offsets-deleted" };
            story(Group, id).with("group", group).with("partitions", list(partitions))
        }
        _ => return None,
    })
}
