//! The requests of a transactional producer to its coordinators, and in which order they go.

use std::collections::BTreeMap;

use highwater_log::LeaderEpoch;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
};
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::protocol::StrBytes;

use crate::client::names;
use crate::ids::{GroupId, TopicName, TopicPartition};
use crate::message::Request;
use crate::producer::calls::{GroupMetadata, OffsetToCommit};
use crate::producer::error::ProducerError;
use crate::producer::idempotence::{Idempotence, ProducerIdAndEpoch};
use crate::producer::transaction::{ProducerTransactionState, TransactionManager};
use crate::time::Span;

/// `FindCoordinatorRequest.CoordinatorType`.
const KEY_TYPE_GROUP: i8 = 0;
const KEY_TYPE_TRANSACTION: i8 = 1;

/// Which coordinator a request goes to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Coordinator {
    Transaction,
    Group(GroupId),
}

/// A request, before it is put into Kafka's form.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TxnRequest {
    FindCoordinator(Coordinator),
    /// For the first time, or for another epoch in place of `bumped`.
    InitProducerId {
        bumped: Option<ProducerIdAndEpoch>,
    },
    AddPartitions {
        producer: ProducerIdAndEpoch,
        partitions: Vec<TopicPartition>,
    },
    AddOffsets {
        producer: ProducerIdAndEpoch,
        group: GroupMetadata,
        offsets: BTreeMap<TopicPartition, OffsetToCommit>,
    },
    TxnOffsetCommit {
        producer: ProducerIdAndEpoch,
        group: GroupMetadata,
        offsets: BTreeMap<TopicPartition, OffsetToCommit>,
    },
    EndTxn {
        producer: ProducerIdAndEpoch,
        commits: bool,
    },
}

/// Which of the application's calls returns with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Returns {
    Nothing,
    /// The one that changes the state.
    Transition,
    Offsets,
}

/// A request that waits to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pending {
    pub(super) request: TxnRequest,
    pub(super) returns: Returns,
    /// How long the sender sleeps first, if it was sent in vain before.
    pub(super) backoff: Option<Span>,
}

/// Requests that wait, those first that others depend on: the end of a transaction comes after all
/// that belongs to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    waiting: BTreeMap<(u8, u64), Pending>,
    count: u64,
}

impl TxnRequest {
    /// Which coordinator it goes to; none if any broker can answer.
    pub(super) fn coordinator(&self) -> Option<Coordinator> {
        match self {
            TxnRequest::FindCoordinator(_) => None,
            TxnRequest::TxnOffsetCommit { group, .. } => {
                Some(Coordinator::Group(group.group.clone()))
            }
            _ => Some(Coordinator::Transaction),
        }
    }

    fn priority(&self) -> u8 {
        match self {
            TxnRequest::FindCoordinator(_) => 0,
            TxnRequest::InitProducerId { bumped: None } => 1,
            TxnRequest::AddPartitions { .. }
            | TxnRequest::AddOffsets { .. }
            | TxnRequest::TxnOffsetCommit { .. } => 2,
            TxnRequest::EndTxn { .. } => 3,
            TxnRequest::InitProducerId { bumped: Some(_) } => 4,
        }
    }
}

impl Pending {
    pub(super) fn new(request: TxnRequest, returns: Returns) -> Self {
        Self { request, returns, backoff: None }
    }
}

impl Queue {
    pub(super) fn push(&mut self, pending: Pending) {
        self.count += 1;
        self.waiting.insert((pending.request.priority(), self.count), pending);
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn first(&self) -> Option<&Pending> {
        self.waiting.values().next()
    }

    fn pop(&mut self) -> Option<Pending> {
        self.waiting.pop_first().map(|(_, pending)| pending)
    }
}

impl TransactionManager {
    /// The next request to send. The end of a transaction waits for its batches.
    pub(super) fn next_request(
        &mut self,
        has_batches: bool,
        state: &mut Idempotence,
    ) -> Option<Pending> {
        if let Some(producer) = state.producer() {
            self.add_new_partitions(producer);
        }
        let pending = loop {
            let is_end = matches!(self.queue.first()?.request, TxnRequest::EndTxn { .. });
            if is_end && has_batches {
                return None;
            }
            let pending = self.queue.pop()?;
            let Some(error) = self.stops(&pending) else { break pending };
            self.fail(pending.returns, &error);
        };
        if let TxnRequest::EndTxn { commits, .. } = pending.request
            && !self.has_started
        {
            // The coordinator never heard of it.
            self.complete(commits, state);
            self.succeed(pending.returns);
            return self.queue.pop();
        }
        Some(pending)
    }

    /// Lets the coordinator be told of partitions that are to join the transaction.
    pub(super) fn add_new_partitions(&mut self, producer: ProducerIdAndEpoch) {
        if self.new_partitions.is_empty() {
            return;
        }
        self.pending_partitions.append(&mut self.new_partitions);
        let partitions = self.pending_partitions.iter().cloned().collect();
        let request = TxnRequest::AddPartitions { producer, partitions };
        self.queue.push(Pending::new(request, Returns::Nothing));
    }

    /// Looks a coordinator up anew.
    pub(super) fn look_up(&mut self, coordinator: Coordinator) {
        match coordinator {
            Coordinator::Transaction => self.coordinator = None,
            Coordinator::Group(_) => self.group_coordinator = None,
        }
        let request = TxnRequest::FindCoordinator(coordinator);
        self.queue.push(Pending::new(request, Returns::Nothing));
    }

    /// The request goes back to the queue, to be sent again after `retry.backoff.ms`.
    pub(super) fn retry(&mut self, pending: Pending) {
        self.retry_after(pending, self.retry_backoff);
    }

    pub(super) fn retry_after(&mut self, pending: Pending, backoff: Span) {
        self.queue.push(Pending { backoff: Some(backoff), ..pending });
    }

    /// The request in the form in which it is sent.
    pub(super) fn to_kafka(&self, request: &TxnRequest) -> Request {
        let id = kafka::TransactionalId(StrBytes::from_string(self.id.to_string()));
        let pid = |producer: &ProducerIdAndEpoch| kafka::ProducerId(producer.id.0);
        match request {
            TxnRequest::FindCoordinator(coordinator) => {
                let (kind, key) = match coordinator {
                    Coordinator::Transaction => (KEY_TYPE_TRANSACTION, id.0),
                    Coordinator::Group(group) => {
                        (KEY_TYPE_GROUP, StrBytes::from_string(group.to_string()))
                    }
                };
                let request = kafka::FindCoordinatorRequest::default();
                request.with_key_type(kind).with_coordinator_keys(vec![key]).into()
            }
            TxnRequest::InitProducerId { bumped } => {
                let (producer_id, epoch) =
                    bumped.map_or((-1, -1), |bumped| (bumped.id.0, bumped.epoch.0));
                kafka::InitProducerIdRequest::default()
                    .with_transactional_id(Some(id))
                    .with_transaction_timeout_ms(self.timeout_ms)
                    .with_producer_id(kafka::ProducerId(producer_id))
                    .with_producer_epoch(epoch)
                    .into()
            }
            TxnRequest::AddPartitions { producer, partitions } => {
                let transaction = AddPartitionsToTxnTransaction::default()
                    .with_transactional_id(id)
                    .with_producer_id(pid(producer))
                    .with_producer_epoch(producer.epoch.0)
                    .with_topics(by_topic(partitions));
                let request = kafka::AddPartitionsToTxnRequest::default();
                request.with_transactions(vec![transaction]).into()
            }
            TxnRequest::AddOffsets { producer, group, .. } => {
                kafka::AddOffsetsToTxnRequest::default()
                    .with_transactional_id(id)
                    .with_producer_id(pid(producer))
                    .with_producer_epoch(producer.epoch.0)
                    .with_group_id(kafka::GroupId(StrBytes::from_string(group.group.to_string())))
                    .into()
            }
            TxnRequest::TxnOffsetCommit { producer, group, offsets } => {
                let instance = group.instance.as_ref();
                kafka::TxnOffsetCommitRequest::default()
                    .with_transactional_id(id)
                    .with_group_id(kafka::GroupId(StrBytes::from_string(group.group.to_string())))
                    .with_producer_id(pid(producer))
                    .with_producer_epoch(producer.epoch.0)
                    .with_generation_id(group.generation.0)
                    .with_member_id(StrBytes::from_string(group.member.to_string()))
                    .with_group_instance_id(
                        instance.map(|id| StrBytes::from_string(id.to_string())),
                    )
                    .with_topics(offset_topics(offsets))
                    .into()
            }
            TxnRequest::EndTxn { producer, commits } => kafka::EndTxnRequest::default()
                .with_transactional_id(id)
                .with_producer_id(pid(producer))
                .with_producer_epoch(producer.epoch.0)
                .with_committed(*commits)
                .into(),
        }
    }

    /// The application's call that waits for the request returns.
    pub(super) fn succeed(&mut self, returns: Returns) {
        self.conclude(returns, Ok(()));
    }

    /// The application's call that waits for the request throws.
    pub(super) fn fail(&mut self, returns: Returns, error: &ProducerError) {
        self.conclude(returns, Err(error.clone()));
    }

    fn conclude(&mut self, returns: Returns, outcome: Result<(), ProducerError>) {
        match returns {
            Returns::Nothing => {}
            Returns::Transition => {
                if let Some(transition) = &mut self.transition {
                    transition.outcome.get_or_insert(outcome);
                }
            }
            Returns::Offsets => {
                self.offsets_outcome.get_or_insert(outcome);
            }
        }
    }

    /// The error on account of which a request is not sent.
    fn stops(&self, pending: &Pending) -> Option<ProducerError> {
        // To know the coordinator is of use for the abort that has to come.
        let is_harmless = self.state == ProducerTransactionState::AbortableError
            && matches!(pending.request, TxnRequest::FindCoordinator(_));
        if !self.state.is_error() || is_harmless { None } else { self.last_error.clone() }
    }
}

fn by_topic(partitions: &[TopicPartition]) -> Vec<AddPartitionsToTxnTopic> {
    let mut topics: BTreeMap<&TopicName, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition.0);
    }
    let topics = topics.into_iter().map(|(name, partitions)| {
        AddPartitionsToTxnTopic::default()
            .with_name(names::to_kafka(name))
            .with_partitions(partitions)
    });
    topics.collect()
}

fn offset_topics(
    offsets: &BTreeMap<TopicPartition, OffsetToCommit>,
) -> Vec<TxnOffsetCommitRequestTopic> {
    let mut topics: BTreeMap<&TopicName, Vec<TxnOffsetCommitRequestPartition>> = BTreeMap::new();
    for (partition, commit) in offsets {
        let epoch = commit.leader_epoch.unwrap_or(LeaderEpoch::NONE);
        let commit = TxnOffsetCommitRequestPartition::default()
            .with_partition_index(partition.partition.0)
            .with_committed_offset(commit.offset.0)
            .with_committed_leader_epoch(epoch.0)
            .with_committed_metadata(Some(StrBytes::from_string(commit.metadata.to_string())));
        topics.entry(&partition.topic).or_default().push(commit);
    }
    let topics = topics.into_iter().map(|(name, partitions)| {
        TxnOffsetCommitRequestTopic::default()
            .with_name(names::to_kafka(name))
            .with_partitions(partitions)
    });
    topics.collect()
}
