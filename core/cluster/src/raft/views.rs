//! What a viewer sees of a voter.

use highwater_log::Offset;

use super::leader::Replica;
use super::{Raft, Role};
use crate::ids::{BrokerId, NodeId};
use crate::time::Time;
use crate::view::ControllerView;

/// One that fetches the metadata log, as the leader knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowerView {
    /// Who.
    pub node: NodeId,
    /// The offset that it fetched last; none before its first fetch.
    pub log_end_offset: Option<Offset>,
    /// When it fetched last.
    pub last_fetch: Option<Time>,
    /// When it last had all that the leader had.
    pub last_caught_up: Option<Time>,
}

impl Raft {
    /// What a viewer sees of the voter; `is_running` is whether its process exists.
    pub(crate) fn view(&self, is_running: bool) -> ControllerView {
        ControllerView {
            id: self.me,
            is_active: self.is_leader(),
            epoch: self.election.epoch,
            metadata_log_end_offset: self.log.log_end_offset(),
            is_running,
            role: self.role_name(),
            voted_for: self.election.voted,
            leader: self.leader(),
            high_watermark: self.high_watermark(),
            log_start_offset: self.log.log_start_offset(),
            snapshot_end_offset: self.snapshots.latest().map(|(id, _)| id.end_offset),
            followers: self.followers(),
        }
    }

    fn followers(&self) -> Vec<FollowerView> {
        let Role::Leader(leader) = &self.memory.role else { return Vec::new() };
        let view = |node: NodeId, replica: &Replica| FollowerView {
            node,
            log_end_offset: replica.log_end_offset,
            last_fetch: replica.last_fetch,
            last_caught_up: replica.last_caught_up,
        };
        let voters = leader.voters.iter().map(|(id, known)| view(NodeId::Controller(*id), known));
        let observers = leader.observers.iter();
        let observers = observers.map(|(id, known)| view(NodeId::Broker(BrokerId(*id)), known));
        voters.chain(observers).collect()
    }
}
