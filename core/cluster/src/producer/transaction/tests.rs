//! A transactional producer's state machine, with coordinators that answer as told.

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::find_coordinator_response::Coordinator as Found;
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};

use super::ProducerTransactionState as State;
use super::*;
use crate::client::names;
use crate::ids::{GroupId, TopicName};
use crate::message::Response;
use highwater_log::Offset;

/// A producer without a world around it.
struct Setting {
    manager: TransactionManager,
    state: Idempotence,
}

impl Setting {
    fn new() -> Self {
        let id = TransactionalId::from("tx");
        let manager = TransactionManager::new(id, 60_000, Span::from_millis(100));
        Self { manager, state: Idempotence::transactional() }
    }

    /// A producer in a transaction with the partition `t-0`.
    fn in_transaction(version: i16) -> Self {
        let mut setting = Self::new();
        setting.manager.initialize(TransactionVersion(version)).unwrap();
        setting.answer_next("InitProducerId", 0);
        assert_eq!(setting.manager.take_outcome(), Some(Ok(())));
        setting.manager.begin(&setting.state).unwrap();
        setting.manager.add_partition(&partition(), &mut setting.state);
        setting
    }

    /// Answers the next request, which is of that kind, with an error.
    fn answer_next(&mut self, kind: &str, error: i16) {
        let pending = self.manager.next_request(false, &mut self.state);
        let pending = pending.unwrap_or_else(|| panic!("{kind} is to be sent"));
        let (name, response) = answer(&pending.request, error);
        assert_eq!(name, kind);
        self.manager.answered(pending, &response, &mut self.state);
    }

    /// The kinds of the requests that wait, with those that back off in brackets.
    fn waiting(&mut self) -> String {
        let mut names = Vec::new();
        while let Some(pending) = self.manager.next_request(false, &mut self.state) {
            let (name, _) = answer(&pending.request, 0);
            names.push(if pending.backoff.is_some() { format!("({name})") } else { name.into() });
        }
        names.join(" ")
    }

    fn calls(&mut self, call: ProducerCall) -> Result<(), ProducerError> {
        match self.manager.refusal(&call, self.state.producer()) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

fn partition() -> TopicPartition {
    TopicPartition::new(&TopicName::from("t"), 0)
}

/// A coordinator's answer with an error, or without one for 0; and what kind of request it answers.
fn answer(request: &TxnRequest, error: i16) -> (&'static str, Response) {
    match request {
        TxnRequest::FindCoordinator(_) => {
            let found = Found::default().with_node_id(kafka::BrokerId(2)).with_error_code(error);
            let body = kafka::FindCoordinatorResponse::default().with_coordinators(vec![found]);
            ("FindCoordinator", body.into())
        }
        TxnRequest::InitProducerId { .. } => {
            let body = kafka::InitProducerIdResponse::default()
                .with_producer_id(kafka::ProducerId(7))
                .with_producer_epoch(3)
                .with_error_code(error);
            ("InitProducerId", body.into())
        }
        TxnRequest::AddPartitions { .. } => {
            let result =
                AddPartitionsToTxnPartitionResult::default().with_partition_error_code(error);
            let topic = AddPartitionsToTxnTopicResult::default()
                .with_name(names::to_kafka(&TopicName::from("t")))
                .with_results_by_partition(vec![result]);
            let result = AddPartitionsToTxnResult::default().with_topic_results(vec![topic]);
            let body = kafka::AddPartitionsToTxnResponse::default()
                .with_results_by_transaction(vec![result]);
            ("AddPartitions", body.into())
        }
        TxnRequest::AddOffsets { .. } => {
            let body = kafka::AddOffsetsToTxnResponse::default().with_error_code(error);
            ("AddOffsets", body.into())
        }
        TxnRequest::TxnOffsetCommit { .. } => {
            let result = TxnOffsetCommitResponsePartition::default().with_error_code(error);
            let topic = TxnOffsetCommitResponseTopic::default()
                .with_name(names::to_kafka(&TopicName::from("t")))
                .with_partitions(vec![result]);
            let body = kafka::TxnOffsetCommitResponse::default().with_topics(vec![topic]);
            ("TxnOffsetCommit", body.into())
        }
        TxnRequest::EndTxn { .. } => {
            let body = kafka::EndTxnResponse::default()
                .with_producer_id(kafka::ProducerId(7))
                .with_producer_epoch(4)
                .with_error_code(error);
            ("EndTxn", body.into())
        }
    }
}

/// Lets a coordinator answer a request with `error`, and checks what comes of it: the state, the
/// error that the application is told, and the requests that are sent next.
#[track_caller]
fn check(version: i16, kind: &str, error: ResponseError, state: State, told: &str, next: &str) {
    let mut setting = Setting::in_transaction(version);
    match kind {
        "AddPartitions" => {}
        "AddOffsets" | "TxnOffsetCommit" => {
            if version == 1 {
                setting.answer_next("AddPartitions", 0);
            }
            let group = GroupMetadata::of_group(GroupId::from("g"));
            let offset =
                OffsetToCommit { offset: Offset(5), leader_epoch: None, metadata: "".into() };
            let offsets = BTreeMap::from([(partition(), offset)]);
            setting.manager.send_offsets(group, offsets, &setting.state).unwrap();
        }
        _ => {
            if version == 1 {
                setting.answer_next("AddPartitions", 0);
            }
            setting.manager.begin_end(true, &setting.state).unwrap();
        }
    }
    setting.answer_next(kind, error.code());
    let context = format!("{kind} under version {version}: {error:?}");
    assert_eq!(setting.manager.state(), state, "{context}");
    let last = setting.manager.last_error().map(|error| error.exception.to_string());
    assert_eq!(last.unwrap_or_default(), told, "{context}");
    assert_eq!(setting.waiting(), next, "{context}");
}

#[test]
fn errors_are_retried_end_the_transaction_or_end_the_producer() {
    use ResponseError as E;
    let committing = State::CommittingTransaction;
    for version in [1, 2] {
        check(version, "EndTxn", E::ConcurrentTransactions, committing, "", "(EndTxn)");
        check(version, "EndTxn", E::CoordinatorLoadInProgress, committing, "", "(EndTxn)");
        check(version, "EndTxn", E::NotCoordinator, committing, "", "FindCoordinator (EndTxn)");
        let fenced = "ProducerFencedException";
        check(version, "EndTxn", E::InvalidProducerEpoch, State::FatalError, fenced, "");
        check(version, "EndTxn", E::ProducerFenced, State::FatalError, fenced, "");
        let invalid = "InvalidTxnStateException";
        check(version, "EndTxn", E::InvalidTxnState, State::FatalError, invalid, "");
        let abortable = "TransactionAbortableException";
        check(version, "EndTxn", E::TransactionAbortable, State::AbortableError, abortable, "");
        check(version, "EndTxn", E::UnknownServerError, State::FatalError, "KafkaException", "");
        let member = "CommitFailedException";
        if version == 2 {
            check(2, "TxnOffsetCommit", E::IllegalGeneration, State::AbortableError, member, "");
        }
    }
    let open = State::InTransaction;
    check(1, "AddPartitions", E::ConcurrentTransactions, open, "", "(AddPartitions)");
    let pid = "InvalidPidMappingException";
    check(1, "AddPartitions", E::InvalidProducerIdMapping, State::FatalError, pid, "");
    let unknown = "UnknownProducerIdException";
    check(1, "AddPartitions", E::UnknownProducerId, State::AbortableError, unknown, "");
    let kafka = "KafkaException";
    check(1, "AddPartitions", E::OperationNotAttempted, State::AbortableError, kafka, "");
    check(1, "AddOffsets", E::NotCoordinator, open, "", "FindCoordinator (AddOffsets)");
    let not = E::NotCoordinator;
    check(2, "TxnOffsetCommit", not, open, "", "FindCoordinator (TxnOffsetCommit)");
    let loading = E::CoordinatorLoadInProgress;
    check(2, "TxnOffsetCommit", loading, open, "", "(TxnOffsetCommit)");
}

#[test]
fn version_2_takes_the_epoch_from_the_end_and_version_1_keeps_its_own() {
    for (version, epoch) in [(1, 3), (2, 4)] {
        let mut setting = Setting::in_transaction(version);
        if version == 1 {
            setting.answer_next("AddPartitions", 0);
        }
        setting.manager.begin_end(true, &setting.state).unwrap();
        setting.answer_next("EndTxn", 0);
        assert_eq!(setting.manager.state(), State::Ready);
        assert_eq!(setting.state.producer().unwrap().epoch.0, epoch, "version {version}");
    }
}

#[test]
fn under_version_1_an_abort_after_a_failure_asks_for_another_epoch() {
    for (version, next) in [(1, "EndTxn InitProducerId"), (2, "EndTxn")] {
        let mut setting = Setting::in_transaction(version);
        if version == 1 {
            setting.answer_next("AddPartitions", 0);
        }
        setting.manager.failed(ProducerError::timeout("expired".to_owned()));
        assert_eq!(setting.manager.state(), State::AbortableError);
        let refused = setting.calls(ProducerCall::CommitTransaction).unwrap_err();
        let message = "Cannot execute transactional method because we are in an error state";
        assert_eq!(refused, ProducerError::kafka(message.to_owned()));
        setting.manager.begin_end(false, &setting.state).unwrap();
        assert_eq!(setting.waiting(), next, "version {version}");
    }
}

#[test]
fn an_empty_transaction_ends_without_a_request() {
    let mut setting = Setting::new();
    setting.manager.initialize(TransactionVersion(2)).unwrap();
    setting.answer_next("InitProducerId", 0);
    assert_eq!(setting.manager.take_outcome(), Some(Ok(())));
    setting.manager.begin(&setting.state).unwrap();
    setting.manager.begin_end(true, &setting.state).unwrap();
    assert_eq!(setting.waiting(), "");
    assert_eq!(setting.manager.take_outcome(), Some(Ok(())));
    assert_eq!(setting.manager.state(), State::Ready);
}

#[test]
fn the_end_waits_for_the_batches() {
    let mut setting = Setting::in_transaction(2);
    setting.manager.begin_end(true, &setting.state).unwrap();
    assert_eq!(setting.manager.next_request(true, &mut setting.state), None);
    setting.answer_next("EndTxn", 0);
    assert_eq!(setting.manager.state(), State::Ready);
}

#[test]
fn calls_that_do_not_fit_are_refused_as_kafka_refuses_them() {
    let invalid = |from: &str, to: &str| {
        let message = format!(
            "TransactionalId tx: Invalid transition attempted from state {from} to state {to}"
        );
        Err(ProducerError::illegal_state(message))
    };
    let mut setting = Setting::new();
    let begin = ProducerCall::BeginTransaction;
    assert_eq!(setting.calls(begin.clone()), invalid("UNINITIALIZED", "IN_TRANSACTION"));
    let commit = ProducerCall::CommitTransaction;
    assert_eq!(setting.calls(commit), invalid("UNINITIALIZED", "COMMITTING_TRANSACTION"));
    let mut setting = Setting::in_transaction(2);
    assert_eq!(setting.calls(begin), invalid("IN_TRANSACTION", "IN_TRANSACTION"));
    let init = ProducerCall::InitTransactions;
    assert_eq!(setting.calls(init), invalid("IN_TRANSACTION", "INITIALIZING"));
    setting.manager.begin_end(false, &setting.state).unwrap();
    let pending = "Cannot attempt operation `commitTransaction` because the previous call to \
                   `abortTransaction` timed out and must be retried";
    let commit = setting.calls(ProducerCall::CommitTransaction);
    assert_eq!(commit, Err(ProducerError::illegal_state(pending.to_owned())));
    assert_eq!(setting.calls(ProducerCall::AbortTransaction), Ok(()), "it goes on waiting");
}
