//! What a group has committed does not go back, unless one of its members was put back: a member that was
//! thrown out, and does not know it yet, commits nothing any more.

use std::collections::BTreeMap;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{EventId, GroupId, TopicPartition};
use highwater_cluster::log::Offset;

use super::{Anomaly, Look};

/// What groups have committed.
#[derive(Clone, Debug, Default)]
pub(super) struct Commits(BTreeMap<(GroupId, TopicPartition), Known>);

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
            EventKind::PositionReset { client, partition, offset, .. } => {
                let Some(group) = look.facts.group(*client) else { return };
                let known = self.0.entry((group.clone(), partition.clone())).or_default();
                known.began_at = Some(*offset);
            }
            EventKind::OffsetCommitted { group, partition, offset } => {
                self.committed(look, group, partition, *offset);
            }
            EventKind::TopicDeleted { topic } => {
                self.0.retain(|(_, partition), _| partition.topic != *topic);
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
        let known = self.0.entry((group.clone(), partition.clone())).or_default();
        let before = known.committed.replace((to, look.event.id));
        let Some((from, event)) = before.filter(|(from, _)| to < *from) else { return };
        let was_put_back = known.began_at.take().is_some_and(|began_at| began_at <= to);
        if !was_put_back && !look.facts.may_have_lost("__consumer_offsets") {
            let (group, partition) = (group.clone(), partition.clone());
            look.report(Anomaly::CommitWentBack { group, partition, from, to }, [event]);
        }
    }
}
