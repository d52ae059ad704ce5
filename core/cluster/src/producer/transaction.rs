//! What makes a producer transactional: the rest of Kafka's `TransactionManager`. A state machine that
//! says which of the application's calls fit, and a queue of requests to the coordinators, of which
//! one is under way at a time.
//!
//! Under `transaction.version` 2 (KIP-890) a partition joins the transaction with the first batch that
//! its leader gets, and the coordinator raises the epoch with each end of a transaction. Under version
//! 1 the producer tells the coordinator of each partition first, and the epoch stays.

use std::collections::{BTreeMap, BTreeSet};

use highwater_log::TransactionVersion;
use kafka_protocol::ResponseError;

use crate::ids::{BrokerId, CorrelationId, TopicPartition, TransactionalId};
use crate::producer::calls::{GroupMetadata, OffsetToCommit, ProducerCall};
use crate::producer::error::{Exception, ProducerError};
use crate::producer::idempotence::{Idempotence, ProducerIdAndEpoch};
use crate::producer::transaction::requests::{Pending, Queue, Returns, TxnRequest};
use crate::time::{Span, Time};

mod cycle;
mod event;
mod requests;
mod responses;
mod sender;
mod state;

pub(super) use cycle::Cycle;
pub use cycle::{EndAfter, TransactionPlan};
pub use event::ProducerTransactionEvent;
pub use state::ProducerTransactionState;

/// The state of a transactional producer.
#[derive(Clone, Debug)]
pub(super) struct TransactionManager {
    id: TransactionalId,
    timeout_ms: i32,
    retry_backoff: Span,
    state: ProducerTransactionState,
    last_error: Option<ProducerError>,
    /// Whether the protocol of `transaction.version` 2 is spoken.
    is_v2: bool,
    /// Whether the coordinator may know of the transaction, and has to hear of its end.
    has_started: bool,
    /// Whether the producer has to ask for another epoch once the transaction has ended. Only under
    /// version 1: under version 2 the coordinator raises it unasked.
    needs_epoch_bump: bool,
    /// Partitions that the coordinator is to be told of.
    new_partitions: BTreeSet<TopicPartition>,
    /// Partitions that it was told of, and has not confirmed.
    pending_partitions: BTreeSet<TopicPartition>,
    queue: Queue,
    coordinator: Option<BrokerId>,
    group_coordinator: Option<BrokerId>,
    in_flight: Option<InFlightRequest>,
    /// Until when the sender sleeps before it sends a request again; it sends nothing else meanwhile.
    sleeps_until: Time,
    transition: Option<PendingTransition>,
    offsets_outcome: Option<Result<(), ProducerError>>,
    happened: Vec<ProducerTransactionEvent>,
}

/// The request to a coordinator that is under way.
#[derive(Clone, Debug)]
struct InFlightRequest {
    id: CorrelationId,
    broker: BrokerId,
    request: Pending,
}

/// A change of state that the application waits for, or has waited for in vain.
#[derive(Clone, Debug)]
struct PendingTransition {
    to: ProducerTransactionState,
    method: &'static str,
    outcome: Option<Result<(), ProducerError>>,
}

impl TransactionManager {
    pub(super) fn new(id: TransactionalId, timeout_ms: i32, retry_backoff: Span) -> Self {
        Self {
            id,
            timeout_ms,
            retry_backoff,
            state: ProducerTransactionState::Uninitialized,
            last_error: None,
            is_v2: false,
            has_started: false,
            needs_epoch_bump: false,
            new_partitions: BTreeSet::new(),
            pending_partitions: BTreeSet::new(),
            queue: Queue::default(),
            coordinator: None,
            group_coordinator: None,
            in_flight: None,
            sleeps_until: Time::ZERO,
            transition: None,
            offsets_outcome: None,
            happened: Vec::new(),
        }
    }

    pub(super) fn id(&self) -> &TransactionalId {
        &self.id
    }

    pub(super) fn state(&self) -> ProducerTransactionState {
        self.state
    }

    /// What went wrong, as long as it counts.
    pub(super) fn last_error(&self) -> Option<&ProducerError> {
        self.last_error.as_ref()
    }

    /// What happened since this was last asked.
    pub(super) fn take_happened(&mut self) -> Vec<ProducerTransactionEvent> {
        std::mem::take(&mut self.happened)
    }

    /// What a call would throw at once.
    pub(super) fn refusal(
        &self,
        call: &ProducerCall,
        producer: Option<ProducerIdAndEpoch>,
    ) -> Option<ProducerError> {
        let method = call.method();
        let checked = match call {
            ProducerCall::InitTransactions => self.fail_if_in_error(producer).and_then(|()| {
                self.check_transition(ProducerTransactionState::Initializing, method)
            }),
            ProducerCall::BeginTransaction => self
                .fail_if_pending(method)
                .and_then(|()| self.fail_if_in_error(producer))
                .and_then(|()| self.check_state(ProducerTransactionState::InTransaction)),
            ProducerCall::Send(_) => {
                self.fail_if_in_error(producer).and_then(|()| self.fail_if_pending(method))
            }
            ProducerCall::SendOffsets { .. } => self
                .fail_if_pending(method)
                .and_then(|()| self.fail_if_in_error(producer))
                .and_then(|()| self.check_in_transaction()),
            ProducerCall::CommitTransaction => self.check_end(true, producer),
            ProducerCall::AbortTransaction => self.check_end(false, producer),
        };
        checked.err()
    }

    /// `initTransactions`. The cluster's `transaction.version` is learnt here.
    pub(super) fn initialize(&mut self, version: TransactionVersion) -> Result<(), ProducerError> {
        if self.waits_for(ProducerTransactionState::Initializing) {
            return Ok(());
        }
        self.transition_to(ProducerTransactionState::Initializing)?;
        self.is_v2 = version >= TransactionVersion(2);
        self.queue
            .push(Pending::new(TxnRequest::InitProducerId { bumped: None }, Returns::Transition));
        self.await_transition(ProducerTransactionState::Initializing, "initTransactions");
        Ok(())
    }

    /// `beginTransaction`.
    pub(super) fn begin(&mut self, _state: &Idempotence) -> Result<(), ProducerError> {
        self.transition_to(ProducerTransactionState::InTransaction)?;
        self.happened.push(ProducerTransactionEvent::Began);
        Ok(())
    }

    /// A record for the partition was added to a batch: the partition joins the transaction.
    pub(super) fn add_partition(&mut self, partition: &TopicPartition, state: &mut Idempotence) {
        if self.is_v2 {
            state.add_to_transaction(partition.clone());
            self.has_started = true;
        } else if !state.in_transaction().any(|known| known == partition)
            && !self.pending_partitions.contains(partition)
        {
            self.new_partitions.insert(partition.clone());
        }
    }

    /// Why nothing may be sent to `partition` now.
    pub(super) fn check_send(
        &self,
        partition: &TopicPartition,
        producer: Option<ProducerIdAndEpoch>,
    ) -> Result<(), ProducerError> {
        self.fail_if_in_error(producer)?;
        self.fail_if_pending("send")?;
        let message = if producer.is_none() {
            format!(
                "Cannot add partition {partition} to transaction before completing a call to initTransactions"
            )
        } else if self.state != ProducerTransactionState::InTransaction {
            // The two blanks are Kafka's.
            let state = self.state.name();
            format!("Cannot add partition {partition} to transaction while in state  {state}")
        } else {
            return Ok(());
        };
        Err(ProducerError::illegal_state(message))
    }

    /// `sendOffsetsToTransaction`.
    pub(super) fn send_offsets(
        &mut self,
        group: GroupMetadata,
        offsets: BTreeMap<TopicPartition, OffsetToCommit>,
        state: &Idempotence,
    ) -> Result<(), ProducerError> {
        self.check_in_transaction()?;
        self.offsets_outcome = None;
        if offsets.is_empty() {
            self.offsets_outcome = Some(Ok(()));
            return Ok(());
        }
        let producer = state.producer().expect("a transaction has begun");
        let request = if self.is_v2 {
            self.has_started = true;
            TxnRequest::TxnOffsetCommit { producer, group, offsets }
        } else {
            TxnRequest::AddOffsets { producer, group, offsets }
        };
        self.queue.push(Pending::new(request, Returns::Offsets));
        Ok(())
    }

    /// `commitTransaction` and `abortTransaction`.
    pub(super) fn begin_end(
        &mut self,
        commits: bool,
        state: &Idempotence,
    ) -> Result<(), ProducerError> {
        let (to, method) = ending(commits);
        if self.waits_for(to) {
            return Ok(());
        }
        self.transition_to(to)?;
        if commits {
            self.happened.push(ProducerTransactionEvent::Committing);
        } else {
            self.happened.push(ProducerTransactionEvent::Aborting);
            // What is aborted needs no further partition.
            self.new_partitions.clear();
        }
        // Without an id nothing has begun, and nobody is told of the end.
        let producer = state.producer().unwrap_or(ProducerIdAndEpoch::NONE);
        self.add_new_partitions(producer);
        let end = TxnRequest::EndTxn { producer, commits };
        if self.needs_epoch_bump {
            self.queue.push(Pending::new(end, Returns::Nothing));
            let bump = TxnRequest::InitProducerId { bumped: Some(producer) };
            self.queue.push(Pending::new(bump, Returns::Transition));
        } else {
            self.queue.push(Pending::new(end, Returns::Transition));
        }
        self.await_transition(to, method);
        Ok(())
    }

    /// Something that concerns the transaction failed: a batch, or `send` itself.
    pub(super) fn failed(&mut self, error: ProducerError) {
        let is_fatal = matches!(
            error.exception,
            Exception::Api(
                ResponseError::ClusterAuthorizationFailed
                    | ResponseError::TransactionalIdAuthorizationFailed
                    | ResponseError::ProducerFenced
                    | ResponseError::UnsupportedVersion
                    | ResponseError::InvalidProducerIdMapping
            )
        );
        if is_fatal {
            return self.fatal_error(error);
        }
        if !self.is_v2 && !self.state.is_completing() {
            self.needs_epoch_bump = true;
        }
        self.abortable_error(error);
    }

    /// What a partition has is not known and never will be: only an abort, and another epoch, help.
    pub(super) fn lost_track(&mut self) {
        let message = "The client hasn't received acknowledgment for some previously sent messages and \
                       can no longer retry them. It is safe to abort the transaction and continue.";
        if !self.is_v2 {
            self.needs_epoch_bump = true;
        }
        self.abortable_error(ProducerError::kafka(message.to_owned()));
    }

    /// What the call that waits for a change of state returned, if it has.
    pub(super) fn take_outcome(&mut self) -> Option<Result<(), ProducerError>> {
        let outcome = self.transition.as_mut()?.outcome.take()?;
        self.transition = None;
        Some(outcome)
    }

    /// What `sendOffsetsToTransaction` returned, if it has.
    pub(super) fn take_offsets_outcome(&mut self) -> Option<Result<(), ProducerError>> {
        self.offsets_outcome.take()
    }

    /// The call that gave up waiting, if one did: it has to be made again before any other.
    fn call_to_repeat(&self) -> Option<ProducerCall> {
        match self.transition.as_ref()?.to {
            ProducerTransactionState::Initializing => Some(ProducerCall::InitTransactions),
            ProducerTransactionState::CommittingTransaction => {
                Some(ProducerCall::CommitTransaction)
            }
            ProducerTransactionState::AbortingTransaction => Some(ProducerCall::AbortTransaction),
            _ => None,
        }
    }

    /// What Kafka's message says that a call waits for, when it waits in vain.
    pub(super) fn awaited(&self, call: &ProducerCall) -> &'static str {
        match call {
            ProducerCall::SendOffsets { .. } if self.is_v2 => "TxnOffsetCommitHandler",
            ProducerCall::SendOffsets { .. } => "AddOffsetsToTxn",
            ProducerCall::CommitTransaction => "EndTxn(true)",
            ProducerCall::AbortTransaction => "EndTxn(false)",
            _ => "InitProducerId",
        }
    }

    /// The error, if it is that the producer may not have an id. Then it may ask for one again.
    fn refused_id(&self) -> Option<ProducerError> {
        use ResponseError::{ClusterAuthorizationFailed, TransactionalIdAuthorizationFailed};
        let error = self.last_error.as_ref()?;
        let is_refused = matches!(
            error.exception,
            Exception::Api(ClusterAuthorizationFailed | TransactionalIdAuthorizationFailed)
        );
        let is_abortable = self.state == ProducerTransactionState::AbortableError;
        (is_refused && is_abortable).then(|| error.clone())
    }

    /// All is as before `initTransactions`.
    fn begin_anew(&mut self, error: &ProducerError) {
        self.state = ProducerTransactionState::Uninitialized;
        self.last_error = None;
        self.queue.clear();
        self.fail(Returns::Transition, error);
        self.fail(Returns::Offsets, error);
    }

    fn fatal_error(&mut self, error: ProducerError) {
        if self.state != ProducerTransactionState::FatalError {
            self.happened
                .push(ProducerTransactionEvent::Failed { is_fatal: true, error: error.clone() });
        }
        self.state = ProducerTransactionState::FatalError;
        self.last_error = Some(error.clone());
        self.fail(Returns::Transition, &error);
        self.fail(Returns::Offsets, &error);
        self.queue.clear();
    }

    fn abortable_error(&mut self, error: ProducerError) {
        if self.state == ProducerTransactionState::AbortingTransaction {
            return;
        }
        if !ProducerTransactionState::AbortableError.may_follow(self.state) {
            // The sender cannot throw: it takes the producer out of service instead.
            let invalid = self.invalid_transition(ProducerTransactionState::AbortableError);
            return self.fatal_error(invalid);
        }
        if self.state != ProducerTransactionState::AbortableError {
            self.happened
                .push(ProducerTransactionEvent::Failed { is_fatal: false, error: error.clone() });
        }
        self.state = ProducerTransactionState::AbortableError;
        self.last_error = Some(error);
    }

    /// The transaction has ended; what it was made of is forgotten.
    fn complete(&mut self, commits: bool, state: &mut Idempotence) {
        let is_empty = !self.has_started;
        self.state = if self.needs_epoch_bump {
            ProducerTransactionState::Initializing
        } else {
            ProducerTransactionState::Ready
        };
        self.last_error = None;
        self.needs_epoch_bump = false;
        self.has_started = false;
        self.new_partitions.clear();
        self.pending_partitions.clear();
        state.end_transaction();
        self.happened.push(match commits {
            true => ProducerTransactionEvent::Committed { is_empty },
            false => ProducerTransactionEvent::Aborted { is_empty },
        });
    }

    fn check_end(
        &self,
        commits: bool,
        producer: Option<ProducerIdAndEpoch>,
    ) -> Result<(), ProducerError> {
        let (to, method) = ending(commits);
        let tolerates_error = !commits && self.state == ProducerTransactionState::AbortableError;
        if !tolerates_error && !self.waits_for(to) {
            self.fail_if_in_error(producer)?;
        }
        self.check_transition(to, method)
    }

    fn check_in_transaction(&self) -> Result<(), ProducerError> {
        if self.state == ProducerTransactionState::InTransaction {
            return Ok(());
        }
        Err(ProducerError::illegal_state(format!(
            "Cannot send offsets if a transaction is not in progress (currentState= {})",
            self.state.name()
        )))
    }

    /// Whether `method` may change the state to `to`, or goes on waiting for that.
    fn check_transition(
        &self,
        to: ProducerTransactionState,
        method: &str,
    ) -> Result<(), ProducerError> {
        if self.waits_for(to) {
            return Ok(());
        }
        self.fail_if_pending(method)?;
        self.check_state(to)
    }

    fn waits_for(&self, to: ProducerTransactionState) -> bool {
        self.transition.as_ref().is_some_and(|transition| transition.to == to)
    }

    fn await_transition(&mut self, to: ProducerTransactionState, method: &'static str) {
        self.transition = Some(PendingTransition { to, method, outcome: None });
    }

    fn check_state(&self, to: ProducerTransactionState) -> Result<(), ProducerError> {
        if to.may_follow(self.state) { Ok(()) } else { Err(self.invalid_transition(to)) }
    }

    fn transition_to(&mut self, to: ProducerTransactionState) -> Result<(), ProducerError> {
        self.check_state(to)?;
        self.state = to;
        self.last_error = None;
        Ok(())
    }

    fn invalid_transition(&self, to: ProducerTransactionState) -> ProducerError {
        let (from, to) = (self.state.name(), to.name());
        let id = &self.id;
        ProducerError::illegal_state(format!(
            "TransactionalId {id}: Invalid transition attempted from state {from} to state {to}"
        ))
    }

    fn fail_if_pending(&self, method: &str) -> Result<(), ProducerError> {
        let Some(transition) = &self.transition else { return Ok(()) };
        Err(ProducerError::illegal_state(format!(
            "Cannot attempt operation `{method}` because the previous call to `{}` timed out and must \
             be retried",
            transition.method
        )))
    }

    fn fail_if_in_error(&self, producer: Option<ProducerIdAndEpoch>) -> Result<(), ProducerError> {
        if !self.state.is_error() {
            return Ok(());
        }
        let Some(error) = &self.last_error else { return Ok(()) };
        let producer = producer.map_or("(producerId=-1, epoch=-1)".to_owned(), |producer| {
            format!("(producerId={}, epoch={})", producer.id.0, producer.epoch.0)
        });
        let who = format!("Producer with transactionalId '{}' and {producer}", self.id);
        Err(match error.exception {
            Exception::Api(kind @ ResponseError::ProducerFenced) => {
                let why = "has been fenced by another producer with the same transactionalId";
                ProducerError::api_with(kind, &format!("{who} {why}"))
            }
            Exception::Api(kind @ ResponseError::InvalidProducerEpoch) => {
                let why = "attempted to produce with an old epoch";
                ProducerError::api_with(kind, &format!("{who} {why}"))
            }
            Exception::IllegalState => ProducerError::illegal_state(format!(
                "{who} cannot execute transactional method because of previous invalid state transition \
                 attempt"
            )),
            _ => ProducerError::kafka(
                "Cannot execute transactional method because we are in an error state".to_owned(),
            ),
        })
    }
}

fn ending(commits: bool) -> (ProducerTransactionState, &'static str) {
    match commits {
        true => (ProducerTransactionState::CommittingTransaction, "commitTransaction"),
        false => (ProducerTransactionState::AbortingTransaction, "abortTransaction"),
    }
}

#[cfg(test)]
mod tests;
