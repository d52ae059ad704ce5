//! An offset that a group was told to be committed is what its coordinator answers from then on, whoever
//! that is.

use std::collections::BTreeMap;

use highwater_cluster::event::{EventKind, GroupState};
use highwater_cluster::ids::{EventId, GroupId, NodeId, TopicName, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::message::{Body, Response};
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::protocol::messages::offset_fetch_response::OffsetFetchResponseGroup;

use super::{Anomaly, Look};

/// What each group committed last, and the event that told.
#[derive(Clone, Debug, Default)]
pub(super) struct Offsets(BTreeMap<GroupId, BTreeMap<TopicPartition, (Offset, EventId)>>);

impl Offsets {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::OffsetCommitted { group, partition, offset } => {
                let known = self.0.entry(group.clone()).or_default();
                known.insert(partition.clone(), (*offset, look.event.id));
            }
            EventKind::GroupStateChanged { group, to: GroupState::Dead, .. } => {
                self.0.remove(group);
            }
            EventKind::TopicDeleted { topic } => {
                for known in self.0.values_mut() {
                    known.retain(|partition, _| partition.topic != *topic);
                }
            }
            EventKind::MessageSent {
                message, from, api: ApiKey::OffsetFetch, is_response: true, ..
            } => {
                if let Some(Body::Response(Response::OffsetFetch(body))) = look.sent(*message) {
                    for group in &body.groups {
                        self.check(look, *from, group);
                    }
                }
            }
            _ => {}
        }
    }

    fn check(&self, look: &mut Look<'_>, from: NodeId, answer: &OffsetFetchResponseGroup) {
        let group = GroupId::from(answer.group_id.as_str());
        let Some(known) = self.0.get(&group).filter(|_| answer.error_code == 0) else { return };
        // A coordinator that was replaced may not know of it yet, nor of what was committed since.
        let is_coordinator = look.world.coordinator_of(&group).map(NodeId::Broker) == Some(from);
        if !is_coordinator || look.facts.may_have_lost("__consumer_offsets") {
            return;
        }
        for topic in &answer.topics {
            let name = TopicName::from(topic.name.as_str());
            for part in topic.partitions.iter().filter(|part| part.error_code == 0) {
                let partition = TopicPartition::new(&name, part.partition_index);
                let Some((committed, event)) = known.get(&partition).copied() else { continue };
                let found = Some(Offset(part.committed_offset)).filter(|offset| offset.0 >= 0);
                if found.is_none_or(|found| found < committed) {
                    let group = group.clone();
                    let what = Anomaly::CommitLost { group, partition, committed, found };
                    look.report(what, [event]);
                }
            }
        }
    }
}
