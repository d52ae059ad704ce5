//! TxnOffsetCommit: offsets that count once the transaction that they belong to is committed (KIP-98),
//! and what becomes of them at its end.

use std::collections::BTreeMap;

use bytes::Bytes;
use highwater_log::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{TxnOffsetCommitRequest, TxnOffsetCommitResponse};

use crate::client::names;
use crate::ctx::Ctx;
use crate::event::{EventKind, GroupState};
use crate::group::classic_group::Group;
use crate::group::offsets::METADATA_MAX_BYTES;
use crate::group::records::{CommittedOffset, GroupRecord, fits};
use crate::group::turn::Turn;
use crate::group::writes::Effect;
use crate::group::{GroupCoordinator, Groups};
use crate::ids::{Generation, GroupId, MemberId, TopicPartition};
use crate::input::ReplyTo;
use crate::message::Request;

/// The producer in whose transaction offsets are committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TransactionalProducer {
    pub(crate) id: ProducerId,
    pub(crate) epoch: ProducerEpoch,
}

/// Offsets of a transaction that are being written.
#[derive(Clone, Debug)]
pub(super) struct TransactionalOffsets {
    pub(super) reply: ReplyTo,
    pub(super) request: Request,
    response: TxnOffsetCommitResponse,
    producer: TransactionalProducer,
    offsets: Vec<(TopicPartition, CommittedOffset)>,
}

/// The offsets of open transactions, by their producers.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingOffsets {
    of_producers: BTreeMap<ProducerId, BTreeMap<TopicPartition, Pending>>,
}

/// An offset of an open transaction.
#[derive(Clone, Debug)]
struct Pending {
    value: CommittedOffset,
    /// Whether another was committed without a transaction since: that one counts, whatever comes.
    is_superseded: bool,
}

impl PendingOffsets {
    /// Whether the offset of a partition is not certain, since a transaction is to commit it.
    pub(super) fn has(&self, partition: &TopicPartition) -> bool {
        self.of_producers.values().any(|offsets| offsets.contains_key(partition))
    }

    /// The partitions whose offsets are not certain.
    pub(super) fn partitions(&self) -> impl Iterator<Item = &TopicPartition> {
        self.of_producers.values().flat_map(BTreeMap::keys)
    }

    /// An offset was committed without a transaction.
    pub(super) fn supersede(&mut self, partition: &TopicPartition) {
        for offsets in self.of_producers.values_mut() {
            if let Some(pending) = offsets.get_mut(partition) {
                pending.is_superseded = true;
            }
        }
    }

    fn add(&mut self, producer: ProducerId, partition: TopicPartition, value: CommittedOffset) {
        let offsets = self.of_producers.entry(producer).or_default();
        offsets.insert(partition, Pending { value, is_superseded: false });
    }
}

impl GroupCoordinator {
    /// Offsets of transactions that are open still, as a partition's records tell of them.
    pub(crate) fn pending_offsets_loaded(
        &mut self,
        ctx: &Ctx<'_>,
        partition: i32,
        records: impl IntoIterator<Item = (ProducerId, Bytes, Bytes)>,
    ) {
        let now = ctx.timestamp();
        for (producer, key, value) in records {
            let record = GroupRecord::decode(&key, Some(&value));
            let Some(GroupRecord::Offset { group, partition: of, value: Some(value) }) = record
            else {
                continue;
            };
            let group = self
                .groups
                .entry(group)
                .or_insert_with_key(|id| Group::new(id.clone(), partition, now));
            group.pending_offsets.add(producer, of, value);
        }
    }

    /// A marker ended a transaction in a partition of `__consumer_offsets`: what it was to commit there
    /// is committed, or dropped.
    pub(crate) fn transaction_ended(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        producer: ProducerId,
        commit: bool,
    ) {
        for group in self.groups.values_mut().filter(|group| group.partition == partition) {
            let offsets = group.pending_offsets.of_producers.remove(&producer);
            for (of, pending) in offsets.unwrap_or_default() {
                if commit && !pending.is_superseded {
                    let (group_id, offset) = (group.id.clone(), pending.value.offset);
                    group.offsets.insert(of.clone(), pending.value);
                    ctx.emit(EventKind::OffsetCommitted { group: group_id, partition: of, offset });
                }
            }
        }
    }
}

/// Writes what a transaction is to commit, in a group that comes into being if there is none.
pub(super) fn commit(
    groups: &mut Groups,
    turn: &mut Turn<'_, '_>,
    reply: ReplyTo,
    (id, partition): (&GroupId, i32),
    request: &TxnOffsetCommitRequest,
) -> Result<(), ResponseError> {
    let is_new = !groups.contains_key(id);
    if is_new && request.generation_id >= 0 {
        return Err(ResponseError::IllegalGeneration);
    }
    let now = turn.ctx.timestamp();
    let group = groups.entry(id.clone()).or_insert_with(|| Group::new(id.clone(), partition, now));
    let result = group.commit_in_transaction(turn, reply, request);
    if is_new && result.is_err() {
        groups.remove(id);
    }
    result
}

impl Group {
    fn commit_in_transaction(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &TxnOffsetCommitRequest,
    ) -> Result<(), ResponseError> {
        self.check_committer(request)?;
        let mut response = committed(request, None);
        let mut offsets = Vec::new();
        for (topic, answers) in request.topics.iter().zip(&mut response.topics) {
            for (partition, answer) in topic.partitions.iter().zip(&mut answers.partitions) {
                let metadata = partition.committed_metadata.as_deref().unwrap_or_default();
                if metadata.len() > METADATA_MAX_BYTES {
                    answer.error_code = ResponseError::OffsetMetadataTooLarge.code();
                    continue;
                }
                if !fits(&topic.name) {
                    answer.error_code = ResponseError::InvalidTopicException.code();
                    continue;
                }
                let of =
                    TopicPartition::new(&names::from_kafka(&topic.name), partition.partition_index);
                let value = CommittedOffset {
                    offset: Offset(partition.committed_offset),
                    leader_epoch: LeaderEpoch(partition.committed_leader_epoch),
                    metadata: metadata.into(),
                    committed_at: turn.ctx.timestamp(),
                };
                offsets.push((of, value));
            }
        }
        if offsets.is_empty() {
            turn.ctx.respond(reply, response);
            return Ok(());
        }
        let producer = TransactionalProducer {
            id: ProducerId(request.producer_id.0),
            epoch: ProducerEpoch(request.producer_epoch),
        };
        let record = |(partition, value): &(TopicPartition, CommittedOffset)| {
            let (group, partition) = (self.id.clone(), partition.clone());
            GroupRecord::Offset { group, partition, value: Some(value.clone()) }.encode()
        };
        let records = offsets.iter().map(record).collect();
        let written = TransactionalOffsets {
            reply,
            request: request.clone().into(),
            response,
            producer,
            offsets,
        };
        let effect = Effect::TransactionalOffsets(Box::new(written));
        turn.write_transactional(self, records, producer, effect)
    }

    /// What a transaction is to commit is on the ISR, or will perhaps be later: it stands in the log.
    pub(super) fn transactional_offsets_written(
        &mut self,
        turn: &mut Turn<'_, '_>,
        written: TransactionalOffsets,
        error: Option<ResponseError>,
    ) {
        let TransactionalOffsets { reply, request, response, producer, offsets } = written;
        for (partition, value) in offsets {
            self.pending_offsets.add(producer.id, partition, value);
        }
        match error {
            None => turn.ctx.respond(reply, response),
            Some(error) => turn.ctx.respond(reply, super::refusal(&request, error)),
        }
    }

    /// Checks who commits: who says that it is a member must be one. A producer that does not know of
    /// members (before KIP-447) is let in.
    fn check_committer(&self, request: &TxnOffsetCommitRequest) -> Result<(), ResponseError> {
        if request.generation_id < 0 && self.state == GroupState::Empty {
            return Ok(());
        }
        let is_anonymous = request.generation_id < 0
            && request.member_id.is_empty()
            && request.group_instance_id.is_none();
        if is_anonymous {
            return Ok(());
        }
        if let Some(consumer) = &self.consumer {
            let member =
                consumer.member(&request.member_id).ok_or(ResponseError::UnknownMemberId)?;
            // In this request Kafka calls an epoch that is out of date an illegal generation.
            let is_current = Generation(request.generation_id) == member.epoch;
            return if is_current { Ok(()) } else { Err(ResponseError::IllegalGeneration) };
        }
        let id = MemberId::from(request.member_id.as_str());
        self.check_member(&id, request.group_instance_id.as_deref())?;
        if Generation(request.generation_id) != self.generation {
            return Err(ResponseError::IllegalGeneration);
        }
        Ok(())
    }
}

/// A TxnOffsetCommit of which every partition is answered alike.
pub(super) fn committed(
    request: &TxnOffsetCommitRequest,
    error: Option<ResponseError>,
) -> TxnOffsetCommitResponse {
    let code = error.map_or(0, |error| error.code());
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            TxnOffsetCommitResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(code)
        });
        TxnOffsetCommitResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    TxnOffsetCommitResponse::default().with_topics(topics.collect())
}
