//! What a coordinator's answer means to a transactional producer: done, to be asked again, the end of
//! the transaction, or the end of the producer.

use std::collections::BTreeMap;

use highwater_log::{ProducerEpoch, ProducerId};
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;

use crate::client::error_messages::kafka_message;
use crate::client::errors::{is_retriable, kafka_name};
use crate::client::names;
use crate::ids::{BrokerId, TopicPartition};
use crate::message::Response;
use crate::producer::error::{Exception, ProducerError};
use crate::producer::idempotence::{Idempotence, ProducerIdAndEpoch};
use crate::producer::transaction::requests::{Coordinator, Pending, Returns, TxnRequest};
use crate::producer::transaction::{
    ProducerTransactionEvent, ProducerTransactionState, TransactionManager,
};
use crate::time::Span;

/// How soon the first partition of a transaction is added again while the one before it is still
/// being ended (KAFKA-5482).
const ADD_PARTITIONS_RETRY_BACKOFF: Span = Span(20_000);

impl TransactionManager {
    /// A request was answered.
    pub(super) fn answered(
        &mut self,
        pending: Pending,
        response: &Response,
        state: &mut Idempotence,
    ) {
        match (&pending.request, response) {
            (TxnRequest::FindCoordinator(_), Response::FindCoordinator(body)) => {
                self.on_coordinator(pending, body);
            }
            (TxnRequest::InitProducerId { .. }, Response::InitProducerId(body)) => {
                self.on_producer_id(pending, body, state);
            }
            (TxnRequest::AddPartitions { .. }, Response::AddPartitionsToTxn(body)) => {
                self.on_partitions_added(pending, body, state);
            }
            (TxnRequest::AddOffsets { .. }, Response::AddOffsetsToTxn(body)) => {
                self.on_offsets_added(pending, body);
            }
            (TxnRequest::TxnOffsetCommit { .. }, Response::TxnOffsetCommit(body)) => {
                self.on_offsets_committed(pending, body);
            }
            (TxnRequest::EndTxn { .. }, Response::EndTxn(body)) => {
                self.on_ended(pending, body, state);
            }
            (request, response) => {
                unreachable!("{:?} does not answer {request:?}", response.api_key())
            }
        }
    }

    /// A request will not be answered: its coordinator may be elsewhere now.
    pub(super) fn disconnected(&mut self, pending: Pending) {
        if let Some(coordinator) = pending.request.coordinator() {
            self.look_up(coordinator);
        }
        self.retry(pending);
    }

    fn on_coordinator(&mut self, pending: Pending, response: &kafka::FindCoordinatorResponse) {
        let TxnRequest::FindCoordinator(coordinator) = &pending.request else { return };
        let [found] = &response.coordinators[..] else {
            let message = "Group coordinator lookup failed: Invalid response containing more than a \
                           single coordinator";
            return self.fatal_error(ProducerError::illegal_state(message.to_owned()));
        };
        match (ResponseError::try_from_code(found.error_code), coordinator) {
            (None, Coordinator::Transaction) => self.coordinator = Some(BrokerId(found.node_id.0)),
            (None, Coordinator::Group(_)) => {
                self.group_coordinator = Some(BrokerId(found.node_id.0));
            }
            (Some(error), _) if is_retriable(error) => self.retry(pending),
            (Some(error @ ResponseError::TransactionalIdAuthorizationFailed), _) => {
                self.fatal_error(ProducerError::api(error));
            }
            (
                Some(
                    error @ (ResponseError::GroupAuthorizationFailed
                    | ResponseError::TransactionAbortable),
                ),
                _,
            ) => self.abortable_error(ProducerError::api(error)),
            (Some(error), coordinator) => {
                let (kind, key) = match coordinator {
                    Coordinator::Transaction => ("TRANSACTION", self.id().to_string()),
                    Coordinator::Group(group) => ("GROUP", group.to_string()),
                };
                let told = found.error_message.as_ref().map(ToString::to_string);
                let told = told.unwrap_or_else(|| kafka_message(error));
                self.fatal_error(ProducerError::kafka(format!(
                    "Could not find a coordinator with type {kind} with key {key} due to unexpected \
                     error: {told}"
                )));
            }
        }
    }

    fn on_producer_id(
        &mut self,
        pending: Pending,
        response: &kafka::InitProducerIdResponse,
        state: &mut Idempotence,
    ) {
        use ResponseError as E;
        let Some(error) = ResponseError::try_from_code(response.error_code) else {
            let is_bump = matches!(pending.request, TxnRequest::InitProducerId { bumped: Some(_) });
            if let Err(error) = self.transition_to(ProducerTransactionState::Ready) {
                return self.fatal_error(error);
            }
            if is_bump {
                state.reset_sequences();
            }
            let producer_id = ProducerId(response.producer_id.0);
            let epoch = ProducerEpoch(response.producer_epoch);
            state.set_producer(ProducerIdAndEpoch { id: producer_id, epoch });
            let transactional_id = self.id().clone();
            self.happened.push(ProducerTransactionEvent::Initialized {
                transactional_id,
                producer_id,
                epoch,
            });
            return self.succeed(pending.returns);
        };
        match error {
            E::NotCoordinator | E::CoordinatorNotAvailable => self.look_up_and_retry(pending),
            error if is_retriable(error) => self.retry(pending),
            E::InvalidProducerEpoch | E::ProducerFenced => {
                self.fail_fatally(pending, ProducerError::api(E::ProducerFenced));
            }
            E::TransactionalIdAuthorizationFailed
            | E::ClusterAuthorizationFailed
            | E::TransactionAbortable => self.fail_abortably(pending, ProducerError::api(error)),
            error => {
                let message =
                    format!("Unexpected error in InitProducerIdResponse; {}", kafka_message(error));
                self.fail_fatally(pending, ProducerError::kafka(message));
            }
        }
    }

    fn on_partitions_added(
        &mut self,
        pending: Pending,
        response: &kafka::AddPartitionsToTxnResponse,
        state: &mut Idempotence,
    ) {
        use ResponseError as E;
        let answers = partition_errors(&pending, response);
        let mut refused: Vec<String> = Vec::new();
        for (partition, error) in &answers {
            let Some(error) = *error else { continue };
            match error {
                E::CoordinatorNotAvailable | E::NotCoordinator => {
                    return self.look_up_and_retry(pending);
                }
                // At first the one before it may still be on its way out, which does not take long.
                E::ConcurrentTransactions if state.in_transaction().next().is_none() => {
                    let backoff = self.retry_backoff.min(ADD_PARTITIONS_RETRY_BACKOFF);
                    return self.retry_after(pending, backoff);
                }
                error if is_retriable(error) => return self.retry(pending),
                E::InvalidProducerEpoch | E::ProducerFenced => {
                    return self.fail_fatally(pending, ProducerError::api(E::ProducerFenced));
                }
                E::TransactionalIdAuthorizationFailed
                | E::InvalidTxnState
                | E::InvalidProducerIdMapping => {
                    return self.fail_fatally(pending, ProducerError::api(error));
                }
                E::UnknownProducerId => return self.fail_and_bump(pending, error),
                E::TransactionAbortable | E::TopicAuthorizationFailed => {
                    return self.fail_abortably(pending, ProducerError::api(error));
                }
                error => refused.push(format!("{partition}={}", kafka_name(error))),
            }
        }
        for partition in answers.keys() {
            self.pending_partitions.remove(partition);
        }
        if !refused.is_empty() {
            let refused = refused.join(", ");
            let message =
                format!("Could not add partitions to transaction due to errors: {{{refused}}}");
            return self.fail_abortably(pending, ProducerError::kafka(message));
        }
        answers.into_keys().for_each(|partition| state.add_to_transaction(partition));
        self.has_started = true;
        self.succeed(pending.returns);
    }

    fn on_offsets_added(&mut self, pending: Pending, response: &kafka::AddOffsetsToTxnResponse) {
        use ResponseError as E;
        let Some(error) = ResponseError::try_from_code(response.error_code) else {
            let TxnRequest::AddOffsets { producer, group, offsets } = pending.request else {
                return;
            };
            // The call returns with the offsets' own answer.
            let request = TxnRequest::TxnOffsetCommit { producer, group, offsets };
            self.queue.push(Pending::new(request, pending.returns));
            self.has_started = true;
            return;
        };
        match error {
            E::NotCoordinator | E::CoordinatorNotAvailable => self.look_up_and_retry(pending),
            error if is_retriable(error) => self.retry(pending),
            E::UnknownProducerId => self.fail_and_bump(pending, error),
            E::InvalidProducerEpoch | E::ProducerFenced => {
                self.fail_fatally(pending, ProducerError::api(E::ProducerFenced));
            }
            E::TransactionalIdAuthorizationFailed
            | E::InvalidTxnState
            | E::InvalidProducerIdMapping => self.fail_fatally(pending, ProducerError::api(error)),
            E::GroupAuthorizationFailed | E::TransactionAbortable => {
                self.fail_abortably(pending, ProducerError::api(error));
            }
            error => {
                let message = format!(
                    "Unexpected error in AddOffsetsToTxnResponse: {}",
                    kafka_message(error)
                );
                self.fail_fatally(pending, ProducerError::kafka(message));
            }
        }
    }

    fn on_offsets_committed(
        &mut self,
        mut pending: Pending,
        response: &kafka::TxnOffsetCommitResponse,
    ) {
        use ResponseError as E;
        let TxnRequest::TxnOffsetCommit { group, offsets, .. } = &mut pending.request else {
            return;
        };
        let coordinator = Coordinator::Group(group.group.clone());
        let mut moved = false;
        for (partition, error) in offset_errors(response) {
            match error {
                None => {
                    offsets.remove(&partition);
                }
                Some(E::CoordinatorNotAvailable | E::NotCoordinator | E::RequestTimedOut) => {
                    moved = true;
                }
                Some(error) if is_retriable(error) => {}
                Some(
                    error @ (E::GroupAuthorizationFailed
                    | E::FencedInstanceId
                    | E::TransactionAbortable),
                ) => return self.fail_abortably(pending, ProducerError::api(error)),
                Some(error @ (E::UnknownMemberId | E::IllegalGeneration | E::StaleMemberEpoch)) => {
                    let message = format!(
                        "Transaction offset Commit failed due to consumer group metadata mismatch: {}",
                        kafka_message(error)
                    );
                    let error = ProducerError {
                        exception: Exception::CommitFailed,
                        message: message.into(),
                    };
                    return self.fail_abortably(pending, error);
                }
                Some(E::InvalidProducerEpoch | E::ProducerFenced) => {
                    return self.fail_fatally(pending, ProducerError::api(E::ProducerFenced));
                }
                Some(
                    error
                    @ (E::TransactionalIdAuthorizationFailed | E::UnsupportedForMessageFormat),
                ) => return self.fail_fatally(pending, ProducerError::api(error)),
                Some(error) => {
                    let message = format!(
                        "Unexpected error in TxnOffsetCommitResponse: {}",
                        kafka_message(error)
                    );
                    return self.fail_fatally(pending, ProducerError::kafka(message));
                }
            }
        }
        if offsets.is_empty() {
            return self.succeed(pending.returns);
        }
        if moved {
            self.look_up(coordinator);
        }
        self.retry(pending);
    }

    fn on_ended(
        &mut self,
        pending: Pending,
        response: &kafka::EndTxnResponse,
        state: &mut Idempotence,
    ) {
        use ResponseError as E;
        let TxnRequest::EndTxn { commits, .. } = pending.request else { return };
        let Some(error) = ResponseError::try_from_code(response.error_code) else {
            // Only under version 2 the answer has an epoch, with which the next transaction begins.
            if self.is_v2 && response.producer_id.0 != -1 {
                state.reset_sequences();
                state.set_producer(ProducerIdAndEpoch {
                    id: ProducerId(response.producer_id.0),
                    epoch: ProducerEpoch(response.producer_epoch),
                });
            }
            self.complete(commits, state);
            return self.succeed(pending.returns);
        };
        match error {
            E::NotCoordinator | E::CoordinatorNotAvailable => self.look_up_and_retry(pending),
            error if is_retriable(error) => self.retry(pending),
            E::InvalidProducerEpoch | E::ProducerFenced => {
                self.fail_fatally(pending, ProducerError::api(E::ProducerFenced));
            }
            E::TransactionalIdAuthorizationFailed
            | E::InvalidTxnState
            | E::InvalidProducerIdMapping => self.fail_fatally(pending, ProducerError::api(error)),
            E::UnknownProducerId => self.fail_and_bump(pending, error),
            E::TransactionAbortable => self.fail_abortably(pending, ProducerError::api(error)),
            error => {
                let message =
                    format!("Unhandled error in EndTxnResponse: {}", kafka_message(error));
                self.fail_fatally(pending, ProducerError::kafka(message));
            }
        }
    }

    fn look_up_and_retry(&mut self, pending: Pending) {
        self.look_up(Coordinator::Transaction);
        self.retry(pending);
    }

    fn fail_fatally(&mut self, pending: Pending, error: ProducerError) {
        self.fail(pending.returns, &error);
        self.fatal_error(error);
    }

    fn fail_abortably(&mut self, pending: Pending, error: ProducerError) {
        // The call that ends a transaction may not hear of it by itself: it waits for the epoch.
        let returns = match pending.request {
            TxnRequest::EndTxn { .. } => Returns::Transition,
            _ => pending.returns,
        };
        self.fail(returns, &error);
        self.abortable_error(error);
    }

    /// The transaction has to be aborted, and the next one needs another epoch.
    fn fail_and_bump(&mut self, pending: Pending, error: ResponseError) {
        if !self.is_v2 {
            self.needs_epoch_bump = true;
        }
        self.fail_abortably(pending, ProducerError::api(error));
    }
}

/// The answer for each partition that was asked about; an error of the whole counts for each.
fn partition_errors(
    pending: &Pending,
    response: &kafka::AddPartitionsToTxnResponse,
) -> BTreeMap<TopicPartition, Option<ResponseError>> {
    if let Some(error) = ResponseError::try_from_code(response.error_code)
        && let TxnRequest::AddPartitions { partitions, .. } = &pending.request
    {
        return partitions.iter().map(|partition| (partition.clone(), Some(error))).collect();
    }
    let topics = response.results_by_transaction.iter().flat_map(|result| &result.topic_results);
    let errors = topics.flat_map(|topic| {
        let name = names::from_kafka(&topic.name);
        topic.results_by_partition.iter().map(move |result| {
            let partition = TopicPartition::new(&name, result.partition_index);
            (partition, ResponseError::try_from_code(result.partition_error_code))
        })
    });
    errors.collect()
}

fn offset_errors(
    response: &kafka::TxnOffsetCommitResponse,
) -> Vec<(TopicPartition, Option<ResponseError>)> {
    let errors = response.topics.iter().flat_map(|topic| {
        let name = names::from_kafka(&topic.name);
        topic.partitions.iter().map(move |result| {
            let partition = TopicPartition::new(&name, result.partition_index);
            (partition, ResponseError::try_from_code(result.error_code))
        })
    });
    errors.collect()
}
