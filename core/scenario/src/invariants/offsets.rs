//! An offset that a group was told to be committed is what its coordinator answers from then on, whoever
//! that is.

use std::collections::{BTreeMap, VecDeque};

use highwater_cluster::event::{EventKind, GroupState};
use highwater_cluster::ids::{EventId, GroupId, NodeId, TopicName, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::message::{Body, Request, Response};
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::protocol::messages::OffsetCommitRequest;
use highwater_cluster::protocol::messages::offset_fetch_response::OffsetFetchResponseGroup;

use super::{Anomaly, Look};

/// The commits of a group to a partition that are remembered.
const MOST_COMMITS: usize = 32;

/// What each group committed.
#[derive(Clone, Debug, Default)]
pub(super) struct Offsets(BTreeMap<GroupId, BTreeMap<TopicPartition, Commits>>);

/// The commits of a group to a partition.
#[derive(Clone, Debug, Default)]
struct Commits {
    /// The last that succeeded, and the event that told.
    last: Option<(Offset, EventId)>,
    /// What was asked for, in order. A commit that was given up may yet have been written.
    asked: VecDeque<Offset>,
}

impl Offsets {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::OffsetCommitted { group, partition, offset } => {
                let known = self.0.entry(group.clone()).or_default();
                known.entry(partition.clone()).or_default().last = Some((*offset, look.event.id));
            }
            EventKind::MessageSent {
                message,
                api: ApiKey::OffsetCommit,
                is_response: false,
                ..
            } => {
                if let Some(Body::Request(Request::OffsetCommit(body))) = look.sent(*message) {
                    self.asked(body);
                }
            }
            EventKind::GroupStateChanged { group, to: GroupState::Dead, .. } => {
                self.0.remove(group);
            }
            EventKind::OffsetsRemoved { group, partitions, .. } => {
                if let Some(known) = self.0.get_mut(group) {
                    known.retain(|partition, _| !partitions.contains(partition));
                }
            }
            EventKind::TopicDeleted { topic } => {
                for known in self.0.values_mut() {
                    known.retain(|partition, _| partition.topic != *topic);
                }
            }
            EventKind::MessageSent {
                message,
                from,
                api: ApiKey::OffsetFetch,
                is_response: true,
                ..
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

    fn asked(&mut self, request: &OffsetCommitRequest) {
        let known = self.0.entry(GroupId::from(request.group_id.as_str())).or_default();
        for topic in &request.topics {
            let name = TopicName::from(topic.name.as_str());
            for part in &topic.partitions {
                let partition = TopicPartition::new(&name, part.partition_index);
                let asked = &mut known.entry(partition).or_default().asked;
                asked.push_back(Offset(part.committed_offset));
                if asked.len() > MOST_COMMITS {
                    asked.pop_front();
                }
            }
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
                let Some(commits) = known.get(&partition) else { continue };
                let Some((committed, event)) = commits.last else { continue };
                let found = Some(Offset(part.committed_offset)).filter(|offset| offset.0 >= 0);
                let is_right =
                    found.is_some_and(|found| found >= committed || commits.may_be(found));
                if !is_right {
                    let group = group.clone();
                    let what = Anomaly::CommitLost { group, partition, committed, found };
                    look.report(what, [event]);
                }
            }
        }
    }
}

impl Commits {
    /// Whether an offset was asked to be committed after the last that was told to be.
    fn may_be(&self, offset: Offset) -> bool {
        let is_last = |asked: &Offset| self.last.is_some_and(|(last, _)| last == *asked);
        self.asked.iter().rev().take_while(|asked| !is_last(asked)).any(|asked| *asked == offset)
    }
}
