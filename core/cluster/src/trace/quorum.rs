//! Trace lines of the quorum of controllers.

use std::fmt;

use crate::event::EventKind;
use crate::ids::{ControllerId, List};

pub(super) fn fmt_quorum(kind: &EventKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match kind {
        EventKind::ControllerStarted { controller } => write!(f, "controller {controller} started"),
        EventKind::ControllerStopped { controller, how } => {
            write!(f, "controller {controller} stopped {how:?}")
        }
        EventKind::QuorumRoleChanged { controller, role, epoch, leader } => {
            let (role, leader) = (role.name(), Maybe(*leader));
            write!(f, "controller {controller} is {role}, epoch {epoch}, leader {leader}")
        }
        EventKind::VoteCast { voter, candidate, epoch, granted, pre_vote } => {
            let what = if *pre_vote { "pre-vote" } else { "vote" };
            let said = if *granted { "grants" } else { "refuses" };
            write!(f, "controller {voter} {said} {candidate} its {what}, epoch {epoch}")
        }
        EventKind::ControllerElected { controller, epoch, votes } => {
            write!(f, "controller {controller} elected, epoch {epoch}, votes {}", List(votes))
        }
        EventKind::ControllerResigned { controller, epoch, reason } => {
            write!(f, "controller {controller} resigned, epoch {epoch}, {reason:?}")
        }
        EventKind::UncommittedDecisionsDropped { controller, from, to } => {
            write!(f, "controller {controller} dropped uncommitted {from} -> {to}")
        }
        EventKind::MetadataLogTruncated { controller, from, to } => {
            write!(f, "controller {controller} truncated {from} -> {to}")
        }
        EventKind::SnapshotTaken { controller, end_offset, epoch, size_bytes } => write!(
            f,
            "controller {controller} snapshot up to {end_offset}, epoch {epoch}, {size_bytes} B"
        ),
        EventKind::SnapshotLoaded { node, end_offset } => {
            write!(f, "{node} loaded the snapshot up to {end_offset}")
        }
        other => unreachable!("{other:?} is not of the quorum"),
    }
}

/// A controller, or nobody.
struct Maybe(Option<ControllerId>);

impl fmt::Display for Maybe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(id) => id.fmt(f),
            None => f.write_str("none"),
        }
    }
}
