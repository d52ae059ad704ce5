//! InitProducerId with a transactional id: the producer's id and its next epoch, by which any other
//! producer with the same transactional id is fenced.

use highwater_log::{ProducerEpoch, ProducerId};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::InitProducerIdRequest;

use crate::ids::TransactionalId;
use crate::input::ReplyTo;
use crate::transaction::end::{End, Who};
use crate::transaction::metadata::{Transaction, TransactionMetadata, is_epoch_exhausted};
use crate::transaction::writes::Effect;
use crate::transaction::{TransactionCoordinator, TransactionState, Turn};

/// The producer id and epoch that a producer has, and wants to get on from (KIP-360).
type Expected = Option<(ProducerId, ProducerEpoch)>;

impl TransactionCoordinator {
    pub(super) fn init_producer_id(
        &mut self,
        turn: &mut Turn<'_, '_>,
        reply: ReplyTo,
        request: &InitProducerIdRequest,
    ) -> Result<(), ResponseError> {
        let expected = expected(request)?;
        let id = request.transactional_id.as_ref().map_or("", |id| id.as_str());
        let id = TransactionalId::from(id);
        let timeout_ms = request.transaction_timeout_ms;
        if id.as_str().is_empty() {
            return Err(ResponseError::InvalidRequest);
        }
        if timeout_ms <= 0 || i64::from(timeout_ms) > turn.config().transaction_max_timeout_ms {
            return Err(ResponseError::InvalidTransactionTimeout);
        }
        let (partition, known) = self.transaction(turn, &id)?;
        if known.is_none() {
            let producer_id = turn.log.next_producer_id(turn.ctx)?;
            let metadata = TransactionMetadata::new(producer_id, timeout_ms, turn.ctx.timestamp());
            let coordinated = self.partitions.get_mut(&partition).expect("it was checked");
            coordinated.transactions.insert(id.clone(), Transaction::new(id.clone(), metadata));
        }
        let transaction = self.transaction(turn, &id)?.1.expect("it was just made");
        check(transaction, expected)?;
        if transaction.metadata.state == TransactionState::Ongoing {
            // The producer asks again until the transaction of the one before it is aborted.
            let producer_epoch = transaction.prepare_fence();
            let producer_id = transaction.metadata.producer_id;
            let (version, who) = (turn.ctx.transaction_version(), Who::Fenced(Some(reply)));
            let end = End { producer_id, producer_epoch, commit: false, version, who };
            return self.end(turn, &id, end);
        }
        let now = turn.ctx.timestamp();
        let is_exhausted = transaction.metadata.is_epoch_exhausted()
            && expected.is_none_or(|(_, epoch)| epoch == transaction.metadata.producer_epoch);
        let target = if is_exhausted {
            let producer_id = turn.log.next_producer_id(turn.ctx)?;
            transaction.prepare_producer_id(producer_id, timeout_ms, expected.is_some(), now)
        } else {
            let epoch = expected.map(|(_, epoch)| epoch);
            transaction.prepare_next_epoch(timeout_ms, epoch, now)?
        };
        self.write(turn, partition, &id, Some(target), Effect::Initialized(reply));
        Ok(())
    }
}

/// The producer id and epoch that a request names; both, or neither.
fn expected(request: &InitProducerIdRequest) -> Result<Expected, ResponseError> {
    let (id, epoch) = (ProducerId(request.producer_id.0), ProducerEpoch(request.producer_epoch));
    match (id == ProducerId::NONE, epoch == ProducerEpoch::NONE) {
        (true, true) => Ok(None),
        (false, false) => Ok(Some((id, epoch))),
        _ => Err(ResponseError::InvalidRequest),
    }
}

/// Whether the producer may get on from here, and now.
fn check(transaction: &Transaction, expected: Expected) -> Result<(), ResponseError> {
    let metadata = &transaction.metadata;
    if transaction.pending.is_some() {
        return Err(ResponseError::ConcurrentTransactions);
    }
    // A producer that names the id before this one, at its last epoch, did not hear of the new one.
    let is_known = |(id, epoch): (ProducerId, ProducerEpoch)| {
        metadata.producer_epoch == ProducerEpoch::NONE
            || id == metadata.producer_id
            || (id == metadata.previous_producer_id && is_epoch_exhausted(epoch))
    };
    if !expected.is_none_or(is_known) {
        return Err(ResponseError::ProducerFenced);
    }
    if metadata.state.is_prepared() {
        return Err(ResponseError::ConcurrentTransactions);
    }
    Ok(())
}
