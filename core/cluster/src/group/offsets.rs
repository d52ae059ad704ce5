//! OffsetCommit and OffsetFetch.

use std::collections::BTreeSet;

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use kafka_protocol::messages::{OffsetCommitRequest, TopicName as KafkaTopicName};

use crate::bugs::Bug;
use crate::client::names;
use crate::event::{EventKind, GroupState};
use crate::group::answers::{committed, refusal, str_bytes};
use crate::group::classic_group::Group;
use crate::group::records::{CommittedOffset, GroupRecord, fits};
use crate::group::turn::Turn;
use crate::group::writes::Effect;
use crate::ids::{MemberId, TopicPartition};
use crate::input::ReplyTo;
use crate::message::Request;

/// `offset.metadata.max.bytes`
pub(super) const METADATA_MAX_BYTES: usize = 4_096;

impl Group {
    /// Writes what a member, or a client that manages its partitions itself, wants to be committed.
    /// It is answered once the write is on the ISR.
    pub(super) fn commit(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &Request,
        body: &OffsetCommitRequest,
    ) -> Result<(), ResponseError> {
        let id = MemberId::from(body.member_id.as_str());
        let checked = match &self.consumer {
            Some(consumer) => consumer.check_commit(body, turn.log.image()),
            None => self.check_commit(body, &id),
        };
        if !turn.ctx.has_bug(Bug::ZombieCommits) {
            checked?;
        }
        let is_awaited = matches!(self.state, GroupState::Stable | GroupState::PreparingRebalance);
        if is_awaited && checked.is_ok() {
            self.restart_session(turn, &id);
        }
        let mut response = committed(body, 0);
        let mut offsets = Vec::new();
        for (topic, answers) in body.topics.iter().zip(&mut response.topics) {
            for (partition, answer) in topic.partitions.iter().zip(&mut answers.partitions) {
                let metadata = partition.committed_metadata.as_deref().unwrap_or_default();
                if metadata.len() > METADATA_MAX_BYTES {
                    answer.error_code = ResponseError::OffsetMetadataTooLarge.code();
                } else if !fits(&topic.name) {
                    answer.error_code = ResponseError::InvalidTopicException.code();
                } else {
                    let partition_of = TopicPartition::new(
                        &names::from_kafka(&topic.name),
                        partition.partition_index,
                    );
                    let value = CommittedOffset {
                        offset: Offset(partition.committed_offset),
                        leader_epoch: LeaderEpoch(partition.committed_leader_epoch),
                        metadata: metadata.into(),
                        committed_at: turn.ctx.timestamp(),
                    };
                    offsets.push((partition_of, value));
                }
            }
        }
        if offsets.is_empty() {
            turn.ctx.respond(reply, response);
            return Ok(());
        }
        let record = |(partition, value): &(TopicPartition, CommittedOffset)| {
            let (group, partition) = (self.id.clone(), partition.clone());
            GroupRecord::Offset { group, partition, value: Some(value.clone()) }.encode()
        };
        let records = offsets.iter().map(record).collect();
        let effect = Effect::Offsets { reply, request: request.clone(), response, offsets };
        turn.write(self, records, effect).map_err(|(error, _)| error)
    }

    /// What was to be committed is on the ISR, or will perhaps be later: it stands in the log.
    pub(super) fn offsets_written(
        &mut self,
        turn: &mut Turn<'_, '_>,
        effect: Effect,
        error: Option<ResponseError>,
    ) {
        let Effect::Offsets { reply, request, response, offsets } = effect else { return };
        for (partition, value) in offsets {
            if error.is_none() {
                turn.ctx.emit(EventKind::OffsetCommitted {
                    group: self.id.clone(),
                    partition: partition.clone(),
                    offset: value.offset,
                });
            }
            self.pending_offsets.supersede(&partition);
            self.offsets.insert(partition, value);
        }
        match error {
            None => turn.ctx.respond(reply, response),
            Some(error) => turn.ctx.respond(reply, refusal(&request, error)),
        }
    }

    /// Checks who commits: a member of this generation, or anyone while the group is empty.
    fn check_commit(
        &self,
        request: &OffsetCommitRequest,
        id: &MemberId,
    ) -> Result<(), ResponseError> {
        let generation = request.generation_id_or_member_epoch;
        if generation < 0 && self.state == GroupState::Empty {
            return Ok(());
        }
        if generation < 0 && id.0.is_empty() && request.group_instance_id.is_none() {
            return Err(ResponseError::UnknownMemberId);
        }
        self.check_member(id, request.group_instance_id.as_deref())?;
        if generation != self.generation.0 {
            return Err(ResponseError::IllegalGeneration);
        }
        if self.state == GroupState::CompletingRebalance {
            // It has seen the new generation, so it will not take this amiss.
            return Err(ResponseError::RebalanceInProgress);
        }
        Ok(())
    }
}

/// What a group has committed: of the topics that are asked for, or of all. Offset -1 says that there
/// is nothing.
pub(super) fn fetch(
    group: Option<&Group>,
    request: &OffsetFetchRequestGroup,
    require_stable: bool,
) -> OffsetFetchResponseGroup {
    let consumer = group.and_then(|group| group.consumer.as_deref());
    if let Some(Err(error)) = consumer.map(|consumer| consumer.check_fetch(request)) {
        let answer = OffsetFetchResponseGroup::default().with_group_id(request.group_id.clone());
        return answer.with_error_code(error.code());
    }
    // An offset that an open transaction is to commit is not certain: its reader is to ask again.
    let is_unstable = |partition: &TopicPartition| {
        require_stable && group.is_some_and(|group| group.pending_offsets.has(partition))
    };
    let topics = match &request.topics {
        Some(asked) => asked
            .iter()
            .map(|topic| {
                let name = names::from_kafka(&topic.name);
                let partitions = topic.partition_indexes.iter().map(|index| {
                    let partition = TopicPartition::new(&name, *index);
                    if is_unstable(&partition) {
                        return unstable(*index);
                    }
                    answer(*index, group.and_then(|group| group.offsets.get(&partition)))
                });
                answers(topic.name.clone(), partitions.collect())
            })
            .collect(),
        None => group.map(|group| all(group, require_stable)).unwrap_or_default(),
    };
    OffsetFetchResponseGroup::default().with_group_id(request.group_id.clone()).with_topics(topics)
}

fn all(group: &Group, require_stable: bool) -> Vec<OffsetFetchResponseTopics> {
    let mut topics: Vec<OffsetFetchResponseTopics> = Vec::new();
    let unstable_ones: BTreeSet<&TopicPartition> =
        group.pending_offsets.partitions().filter(|_| require_stable).collect();
    let known: BTreeSet<&TopicPartition> =
        group.offsets.keys().chain(unstable_ones.iter().copied()).collect();
    for partition in known {
        let name = names::to_kafka(&partition.topic);
        if topics.last().is_none_or(|last| last.name != name) {
            topics.push(answers(name, Vec::new()));
        }
        let last = topics.last_mut().expect("one was just put there");
        last.partitions.push(if unstable_ones.contains(partition) {
            unstable(partition.partition.0)
        } else {
            answer(partition.partition.0, group.offsets.get(partition))
        });
    }
    topics
}

fn answers(
    name: KafkaTopicName,
    partitions: Vec<OffsetFetchResponsePartitions>,
) -> OffsetFetchResponseTopics {
    OffsetFetchResponseTopics::default().with_name(name).with_partitions(partitions)
}

fn answer(index: i32, committed: Option<&CommittedOffset>) -> OffsetFetchResponsePartitions {
    let answer = OffsetFetchResponsePartitions::default().with_partition_index(index);
    match committed {
        Some(committed) => answer
            .with_committed_offset(committed.offset.0)
            .with_committed_leader_epoch(committed.leader_epoch.0)
            .with_metadata(Some(str_bytes(&committed.metadata))),
        None => answer
            .with_committed_offset(-1)
            .with_committed_leader_epoch(-1)
            .with_metadata(Some(str_bytes(""))),
    }
}

fn unstable(index: i32) -> OffsetFetchResponsePartitions {
    answer(index, None).with_error_code(ResponseError::UnstableOffsetCommit.code())
}
