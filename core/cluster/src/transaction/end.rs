//! EndTxn, and the ends that the coordinator decides itself: what may be committed or aborted, and by
//! whom (KIP-98; KIP-890 for transaction version 2).

use highwater_log::{ProducerEpoch, ProducerId, TransactionVersion};
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;

use crate::bugs::Bug;
use crate::ids::TransactionalId;
use crate::input::ReplyTo;
use crate::transaction::answers::{ended_not, initialized_not};
use crate::transaction::client_version::client_version;
use crate::transaction::metadata::{Transaction, bumps_epoch, is_epoch_exhausted};
use crate::transaction::writes::Effect;
use crate::transaction::{TransactionCoordinator, TransactionState, Turn};

/// A wish to end a transaction.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) producer_id: ProducerId,
    pub(super) producer_epoch: ProducerEpoch,
    pub(super) commit: bool,
    pub(super) version: TransactionVersion,
    pub(super) who: Who,
}

/// Who ends a transaction.
#[derive(Clone, Copy, Debug)]
pub(super) enum Who {
    /// Its producer.
    Producer(ReplyTo),
    /// The coordinator, which fences the producer: another one with the same transactional id has come
    /// and waits for an answer, or the time is over.
    Fenced(Option<ReplyTo>),
}

/// Who is told that the end of a transaction is decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct EndedBy {
    who: Who,
    version: TransactionVersion,
}

impl EndedBy {
    /// Whether a producer was fenced.
    pub(super) fn is_fence(&self) -> bool {
        matches!(self.who, Who::Fenced(_))
    }
}

/// What a wish to end a transaction comes to.
enum Outcome {
    /// The transaction goes over to this state.
    Goes(TransactionState),
    /// That has been done before.
    IsDone,
}

impl TransactionCoordinator {
    pub(super) fn end_txn(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &kafka::EndTxnRequest,
    ) -> Result<(), ResponseError> {
        let end = End {
            producer_id: ProducerId(request.producer_id.0),
            producer_epoch: ProducerEpoch(request.producer_epoch),
            commit: request.committed,
            version: client_version(turn.ctx, &request.unknown_tagged_fields),
            who: Who::Producer(reply),
        };
        self.end(turn, &TransactionalId::from(request.transactional_id.as_str()), end)
    }

    /// Writes the outcome of a transaction, if it can have this one.
    pub(super) fn end(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &TransactionalId,
        end: End,
    ) -> Result<(), ResponseError> {
        // Before version 2, records did not tell which version the client spoke.
        let version = if bumps_epoch(end.version) { end.version } else { TransactionVersion(0) };
        let ignores_epochs = turn.ctx.has_bug(Bug::NoFencing);
        let (partition, transaction) = self.transaction(turn, id)?;
        let transaction = transaction.ok_or(ResponseError::InvalidProducerIdMapping)?;
        let is_fence = transaction.pending == Some(TransactionState::PrepareEpochFence);
        let state = match decide(transaction, &end, ignores_epochs)? {
            Outcome::Goes(state) => state,
            Outcome::IsDone => {
                if let Who::Producer(reply) = end.who {
                    let response = ended(transaction, end.version);
                    turn.ctx.respond(reply, response);
                }
                return Ok(());
            }
        };
        let runs_out =
            bumps_epoch(version) && !is_fence && transaction.metadata.is_epoch_exhausted();
        let next_id =
            if runs_out { turn.log.next_producer_id(turn.ctx)? } else { ProducerId::NONE };
        if is_fence {
            transaction.enter_fence(end.producer_epoch, version);
        }
        let now = turn.ctx.timestamp();
        let target = transaction.prepare_end(state, version, next_id, now);
        let effect = Effect::Ended(EndedBy { who: end.who, version: end.version });
        self.write(turn, partition, id, Some(target), effect);
        Ok(())
    }

    /// The outcome is written, or not. If it is, the markers follow; the producer need not wait for
    /// them.
    pub(super) fn end_written(
        &mut self,
        turn: &mut Turn<'_, '_>,
        partition: i32,
        id: &TransactionalId,
        by: EndedBy,
        error: Option<ResponseError>,
    ) {
        let now = turn.ctx.timestamp();
        let coordinated = self.partitions.get_mut(&partition);
        let transaction = coordinated.and_then(|coordinated| coordinated.transactions.get_mut(id));
        let Some(transaction) = transaction.filter(|_| error.is_none()) else {
            let error = error.unwrap_or(ResponseError::NotCoordinator);
            return match by.who {
                Who::Producer(reply) => turn.ctx.respond(reply, ended_not(error)),
                Who::Fenced(Some(reply)) => turn.ctx.respond(reply, initialized_not(error)),
                Who::Fenced(None) => {}
            };
        };
        let target = transaction.prepare_complete(now);
        match by.who {
            Who::Producer(reply) => {
                let has_news = bumps_epoch(by.version);
                let response = if has_news {
                    kafka::EndTxnResponse::default()
                        .with_producer_id(kafka::ProducerId(target.producer_id.0))
                        .with_producer_epoch(target.producer_epoch.0)
                } else {
                    without_news()
                };
                turn.ctx.respond(reply, response);
            }
            Who::Fenced(Some(reply)) => {
                // It asks again until the transaction of the one before it is aborted.
                turn.ctx.respond(reply, initialized_not(ResponseError::ConcurrentTransactions));
            }
            Who::Fenced(None) => {}
        }
        self.send_markers(turn, partition, id, target);
    }
}

/// What a wish to end a transaction comes to: Kafka's table of states, epochs and retries.
fn decide(
    transaction: &Transaction,
    end: &End,
    ignores_epochs: bool,
) -> Result<Outcome, ResponseError> {
    use TransactionState as S;
    let metadata = &transaction.metadata;
    let is_fence = transaction.pending == Some(S::PrepareEpochFence);
    let bumps = bumps_epoch(end.version) && !is_fence;
    let (own, given) = (metadata.producer_epoch, end.producer_epoch);
    let is_after_bump = bumps && own.0.checked_sub(1) == Some(given.0);
    let is_after_rotation = bumps
        && metadata.previous_producer_id == end.producer_id
        && is_epoch_exhausted(given)
        && own == ProducerEpoch(0);
    if metadata.producer_id != end.producer_id && !is_after_rotation {
        return Err(ResponseError::InvalidProducerIdMapping);
    }
    let is_retry = is_after_bump || is_after_rotation;
    let is_valid = match metadata.state {
        _ if !bumps => is_fence && given >= own || given == own,
        S::PrepareCommit | S::PrepareAbort => is_after_bump,
        S::CompleteCommit | S::CompleteAbort => is_retry || given == own,
        _ => given == own,
    };
    if !is_valid && !ignores_epochs {
        return Err(ResponseError::ProducerFenced);
    }
    if transaction.pending.is_some() && !is_fence {
        return Err(ResponseError::ConcurrentTransactions);
    }
    let wanted = if end.commit { S::PrepareCommit } else { S::PrepareAbort };
    let was_committed = matches!(metadata.state, S::PrepareCommit | S::CompleteCommit);
    match metadata.state {
        S::Ongoing => Ok(Outcome::Goes(wanted)),
        S::PrepareCommit | S::PrepareAbort if was_committed == end.commit => {
            Err(ResponseError::ConcurrentTransactions)
        }
        S::CompleteCommit | S::CompleteAbort
            if was_committed == end.commit && (is_retry || !bumps) =>
        {
            Ok(Outcome::IsDone)
        }
        // With version 2 a producer aborts what it does not know to have begun: it gets a new epoch.
        S::Empty | S::CompleteCommit | S::CompleteAbort if bumps && !end.commit && !is_retry => {
            Ok(Outcome::Goes(wanted))
        }
        _ => Err(ResponseError::InvalidTxnState),
    }
}

/// The answer to an end that has been before.
fn ended(transaction: &Transaction, version: TransactionVersion) -> kafka::EndTxnResponse {
    if !bumps_epoch(version) {
        return without_news();
    }
    kafka::EndTxnResponse::default()
        .with_producer_id(kafka::ProducerId(transaction.metadata.producer_id.0))
        .with_producer_epoch(transaction.metadata.producer_epoch.0)
}

/// The answer to a producer that keeps its id and epoch.
fn without_news() -> kafka::EndTxnResponse {
    kafka::EndTxnResponse::default().with_producer_id(kafka::ProducerId(-1)).with_producer_epoch(-1)
}
