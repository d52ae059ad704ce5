//! AddPartitionsToTxn and AddOffsetsToTxn: what a transaction writes to is known to its coordinator
//! before it is written.

use std::collections::{BTreeMap, BTreeSet};

use highwater_log::{ProducerEpoch, ProducerId, TransactionVersion};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTransaction;
use kafka_protocol::messages::add_partitions_to_txn_response::AddPartitionsToTxnResult;
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
};

use crate::bugs::Bug;
use crate::client::names;
use crate::ids::{TopicPartition, TransactionalId};
use crate::input::ReplyTo;
use crate::transaction::answers::added;
use crate::transaction::client_version::client_version;
use crate::transaction::metadata::TransactionMetadata;
use crate::transaction::writes::Effect;
use crate::transaction::{Leader, TransactionCoordinator, TransactionState, Turn};

/// The AddPartitionsToTxn requests of which a part is being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Adds {
    next: u64,
    pending: BTreeMap<u64, Add>,
}

/// One of them: its transactions, each with its answer once there is one.
#[derive(Clone, Debug)]
struct Add {
    reply: ReplyTo,
    transactions: Vec<(AddPartitionsToTxnTransaction, Option<AddPartitionsToTxnResult>)>,
}

/// Who adds.
struct Producer {
    id: TransactionalId,
    producer_id: ProducerId,
    epoch: ProducerEpoch,
}

impl TransactionCoordinator {
    pub(super) fn add_partitions(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &AddPartitionsToTxnRequest,
    ) {
        let version = client_version(turn.ctx, &request.unknown_tagged_fields);
        self.adds.next += 1;
        let number = self.adds.next;
        let transactions = request.transactions.iter().map(|each| (each.clone(), None)).collect();
        self.adds.pending.insert(number, Add { reply, transactions });
        for (index, asked) in request.transactions.iter().enumerate() {
            if let Some(result) = self.add_of_transaction(turn, (number, index), asked, version)
                && let Some(add) = self.adds.pending.get_mut(&number)
            {
                add.transactions[index].1 = Some(result);
            }
        }
        self.answer_add(turn, number);
    }

    /// Partitions were written to the log, or not.
    pub(super) fn add_written(
        &mut self,
        turn: &mut Turn<'_, '_>,
        number: u64,
        index: usize,
        error: Option<ResponseError>,
    ) {
        if let Some(add) = self.adds.pending.get_mut(&number) {
            let (asked, answer) = &mut add.transactions[index];
            *answer = Some(added(asked, |_| error));
        }
        self.answer_add(turn, number);
    }

    pub(super) fn add_offsets(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &AddOffsetsToTxnRequest,
    ) -> Result<(), ResponseError> {
        let version = client_version(turn.ctx, &request.unknown_tagged_fields);
        let producer = Producer {
            id: TransactionalId::from(request.transactional_id.as_str()),
            producer_id: ProducerId(request.producer_id.0),
            epoch: ProducerEpoch(request.producer_epoch),
        };
        let partition = turn.log.group_partition(&request.group_id);
        match self.prepare_add(turn, &producer, &[partition].into(), version)? {
            Some((of, target)) => {
                self.write(turn, of, &producer.id, Some(target), Effect::OffsetsAdded(reply));
            }
            None => turn.ctx.respond(reply, AddOffsetsToTxnResponse::default()),
        }
        Ok(())
    }

    /// The answer to a part of a request; none if it has to be written first.
    fn add_of_transaction(
        &mut self,
        turn: &mut Turn<'_, '_>,
        (add, index): (u64, usize),
        asked: &AddPartitionsToTxnTransaction,
        version: TransactionVersion,
    ) -> Option<AddPartitionsToTxnResult> {
        let partitions = partitions_of(asked);
        let is_unknown =
            |partition: &TopicPartition| turn.log.leader_of(partition) == Leader::NoPartition;
        if partitions.iter().any(is_unknown) {
            return Some(added(asked, |partition| {
                Some(if is_unknown(partition) {
                    ResponseError::UnknownTopicOrPartition
                } else {
                    ResponseError::OperationNotAttempted
                })
            }));
        }
        let producer = Producer {
            id: TransactionalId::from(asked.transactional_id.as_str()),
            producer_id: ProducerId(asked.producer_id.0),
            epoch: ProducerEpoch(asked.producer_epoch),
        };
        if asked.verify_only {
            return Some(match self.verify(turn, &producer) {
                Ok(known) => added(asked, |partition| {
                    let is_in_it = known.contains(partition);
                    (!is_in_it).then_some(ResponseError::TransactionAbortable)
                }),
                Err(error) => added(asked, |_| Some(error)),
            });
        }
        match self.prepare_add(turn, &producer, &partitions, version) {
            Ok(Some((of, target))) => {
                let effect = Effect::PartitionsAdded { add, index };
                self.write(turn, of, &producer.id, Some(target), effect);
                None
            }
            Ok(None) => Some(added(asked, |_| None)),
            Err(error) => Some(added(asked, |_| Some(error))),
        }
    }

    /// The partitions of a producer's transaction, for a leader that wants to know before it appends.
    fn verify(
        &mut self,
        turn: &Turn<'_, '_>,
        producer: &Producer,
    ) -> Result<BTreeSet<TopicPartition>, ResponseError> {
        let (_, transaction) = self.transaction(turn, &producer.id)?;
        let metadata = &transaction.ok_or(ResponseError::InvalidProducerIdMapping)?.metadata;
        check_producer(turn, metadata, producer)?;
        if metadata.state.is_prepared() {
            return Err(ResponseError::ConcurrentTransactions);
        }
        Ok(metadata.partitions.clone())
    }

    /// What the transaction becomes with more partitions; none if it has them all.
    fn prepare_add(
        &mut self,
        turn: &Turn<'_, '_>,
        producer: &Producer,
        partitions: &BTreeSet<TopicPartition>,
        version: TransactionVersion,
    ) -> Result<Option<(i32, TransactionMetadata)>, ResponseError> {
        let (of, transaction) = self.transaction(turn, &producer.id)?;
        let transaction = transaction.ok_or(ResponseError::InvalidProducerIdMapping)?;
        let metadata = &transaction.metadata;
        check_producer(turn, metadata, producer)?;
        if transaction.pending.is_some() || metadata.state.is_prepared() {
            return Err(ResponseError::ConcurrentTransactions);
        }
        let is_ongoing = metadata.state == TransactionState::Ongoing;
        if is_ongoing && partitions.is_subset(&metadata.partitions) {
            return Ok(None);
        }
        let target = transaction.prepare_partitions(partitions, version, turn.ctx.timestamp());
        Ok(Some((of, target)))
    }

    /// Answers a request all of whose transactions have their answers.
    fn answer_add(&mut self, turn: &mut Turn<'_, '_>, number: u64) {
        let is_done = |add: &Add| add.transactions.iter().all(|(_, answer)| answer.is_some());
        if !self.adds.pending.get(&number).is_some_and(is_done) {
            return;
        }
        let Some(Add { reply, transactions }) = self.adds.pending.remove(&number) else { return };
        let results = transactions.into_iter().filter_map(|(_, answer)| answer);
        let response =
            AddPartitionsToTxnResponse::default().with_results_by_transaction(results.collect());
        turn.ctx.respond(reply, response);
    }
}

/// Whether a request comes from the producer that has the transactional id now.
fn check_producer(
    turn: &Turn<'_, '_>,
    metadata: &TransactionMetadata,
    producer: &Producer,
) -> Result<(), ResponseError> {
    if metadata.producer_id != producer.producer_id {
        return Err(ResponseError::InvalidProducerIdMapping);
    }
    if metadata.producer_epoch != producer.epoch && !turn.ctx.has_bug(Bug::NoFencing) {
        return Err(ResponseError::ProducerFenced);
    }
    Ok(())
}

fn partitions_of(asked: &AddPartitionsToTxnTransaction) -> BTreeSet<TopicPartition> {
    let topics = asked.topics.iter();
    topics
        .flat_map(|topic| {
            let name = names::from_kafka(&topic.name);
            topic.partitions.iter().map(move |index| TopicPartition::new(&name, *index))
        })
        .collect()
}
