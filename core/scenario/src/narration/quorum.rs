//! The quorum of controllers in sentences.

use highwater_cluster::event::{EventKind, QuorumRole, ResignReason, StopKind};

use super::{LogKind, Names, Narration, detail, list, offsets, story, wire};

pub(super) fn narrate_quorum(kind: &EventKind, names: &Names<'_>) -> Option<Narration> {
    Some(match kind {
        EventKind::ControllerStarted { controller } => {
            story(LogKind::Fault, "controller-started").with("controller", controller)
        }
        EventKind::ControllerStopped { controller, how } => {
            let id = match how {
                StopKind::Controlled => "controller-stopped",
                StopKind::Killed | StopKind::PowerLost | StopKind::LogDirFailed => {
                    "controller-killed"
                }
            };
            story(LogKind::Fault, id).with("controller", controller)
        }
        EventKind::QuorumRoleChanged { controller, role, epoch, leader } => {
            let id = match role {
                QuorumRole::Unattached => "quorum-role.unattached",
                QuorumRole::Prospective => "quorum-role.prospective",
                QuorumRole::Candidate => "quorum-role.candidate",
                QuorumRole::Follower => "quorum-role.follower",
                QuorumRole::Leader => "quorum-role.leader",
                QuorumRole::Resigned => "quorum-role.resigned",
            };
            let leader = leader.map_or_else(String::new, |leader| leader.to_string());
            // That one leads, or does no longer, is told by an event of its own.
            let told = match role {
                QuorumRole::Leader | QuorumRole::Resigned => wire(LogKind::Election, id),
                _ => detail(LogKind::Election, id),
            };
            let told = told.with("controller", controller);
            told.with("epoch", epoch).with("leader", leader)
        }
        EventKind::VoteCast { voter, candidate, epoch, granted, pre_vote } => {
            let id = match (pre_vote, granted) {
                (false, true) => "vote-granted",
                (false, false) => "vote-refused",
                (true, true) => "pre-vote-granted",
                (true, false) => "pre-vote-refused",
            };
            let told = detail(LogKind::Election, id).with("voter", voter);
            told.with("candidate", candidate).with("epoch", epoch)
        }
        EventKind::ControllerElected { controller, epoch, votes } => {
            let told = match votes.as_slice() {
                [_] => detail(LogKind::Election, "controller-alone"),
                _ => story(LogKind::Election, "controller-elected"),
            };
            told.with("controller", controller).with("epoch", epoch).with("votes", list(votes))
        }
        EventKind::ControllerResigned { controller, epoch, reason } => {
            story(LogKind::Election, "controller-resigned")
                .with("controller", controller)
                .with("epoch", epoch)
                .because(match reason {
                    ResignReason::QuorumLost => "resigned.quorum-lost",
                    ResignReason::ShuttingDown => "resigned.shutting-down",
                    ResignReason::LaterEpoch => "resigned.later-epoch",
                })
        }
        EventKind::UncommittedDecisionsDropped { controller, from, to } => {
            story(LogKind::Fault, "uncommitted-dropped")
                .with("controller", controller)
                .said("offsets", offsets(*from, *to - 1))
                .because("uncommitted-dropped.because")
        }
        EventKind::MetadataLogTruncated { controller, from, to } => {
            detail(LogKind::Fault, "metadata-truncated")
                .with("controller", controller)
                .with("from", from)
                .with("to", to)
        }
        EventKind::SnapshotTaken { controller, end_offset, .. } => {
            detail(LogKind::Other, "snapshot-taken")
                .with("controller", controller)
                .with("to", end_offset)
        }
        EventKind::SnapshotLoaded { node, end_offset } => detail(LogKind::Other, "snapshot-loaded")
            .said("node", names.node(*node))
            .with("to", end_offset),
        _ => return None,
    })
}
