//! What a group has committed does not go back, unless one of its members was put back: a member that was
//! thrown out, and does not know it yet, commits nothing any more.

use std::collections::BTreeMap;

use highwater_cluster::event::{Cause, EventKind};
use highwater_cluster::ids::{EventId, GroupId, NodeId, TopicPartition};
use highwater_cluster::log::Offset;

use super::{Anomaly, Look};

/// What groups have committed.
#[derive(Clone, Debug, Default)]
pub(super) struct Commits {
    groups: BTreeMap<(GroupId, TopicPartition), Known>,
    /// The last message that arrived, and at whom.
    delivery: Option<(EventId, NodeId)>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    committed: Option<(Offset, EventId)>,
    /// Where the last member began to read, until commits have gone back for it: a commit of its
    /// predecessor may have been under way when it asked where to begin.
    began_at: Option<Offset>,
}

impl Commits {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::MessageDelivered { to, .. } => {
                self.delivery = Some((look.event.id, *to));
            }
            EventKind::PositionReset { client, partition, offset, .. } => {
                let Some(group) = look.facts.group(*client) else { return };
                let known = self.groups.entry((group.clone(), partition.clone())).or_default();
                known.began_at = Some(*offset);
            }
            EventKind::OffsetCommitted { group, partition, offset } => {
                self.committed(look, group, partition, *offset);
            }
            EventKind::TopicDeleted { topic } => {
                self.groups.retain(|(_, partition), _| partition.topic != *topic);
            }
            _ => {}
        }
    }

    fn committed(
        &mut self,
        look: &mut Look<'_>,
        group: &GroupId,
        partition: &TopicPartition,
        to: Offset,
    ) {
        // One that was replaced, and stood still meanwhile, may only now hear that what it was to commit is
        // on all replicas; what its successor has committed since lies behind that in the log.
        let coordinator = look.world.coordinator_of(group).map(NodeId::Broker);
        if self.committer(look).is_some_and(|broker| Some(broker) != coordinator) {
            return;
        }
        let known = self.groups.entry((group.clone(), partition.clone())).or_default();
        let before = known.committed.replace((to, look.event.id));
        let Some((from, event)) = before.filter(|(from, _)| to < *from) else { return };
        let was_put_back = known.began_at.take().is_some_and(|began_at| began_at <= to);
        if !was_put_back && !look.facts.may_have_lost("__consumer_offsets") {
            let (group, partition) = (group.clone(), partition.clone());
            look.report(Anomaly::CommitWentBack { group, partition, from, to }, [event]);
        }
    }

    /// The broker that tells of a commit, if a message made it do so.
    fn committer(&self, look: &Look<'_>) -> Option<NodeId> {
        let Cause::Event(cause) = look.event.cause else { return None };
        self.delivery.filter(|(event, _)| *event == cause).map(|(_, to)| to)
    }
}
