//! What was written to `__transaction_state` and is not on the whole ISR yet, with what will follow
//! once it is.

use highwater_log::{ProducerEpoch, ProducerId};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{AddOffsetsToTxnResponse, InitProducerIdResponse};

use crate::coordinator_error::write_error;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, TransactionalId};
use crate::input::ReplyTo;
use crate::transaction::answers::initialized_not;
use crate::transaction::end::EndedBy;
use crate::transaction::metadata::{Transaction, TransactionMetadata};
use crate::transaction::records::{encode_key, encode_value};
use crate::transaction::{TransactionCoordinator, TransactionLog, TransactionState, Turn};

/// A write under way.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) partition: i32,
    id: TransactionalId,
    /// What holds once it is written; none if the transactional id is forgotten then.
    target: Option<TransactionMetadata>,
    effect: Effect,
}

/// What follows from a write.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// A producer gets its id and epoch.
    Initialized(ReplyTo),
    /// Partitions are part of the transaction: this transaction of that request.
    PartitionsAdded { add: u64, index: usize },
    /// The partition of a group's offsets is part of the transaction.
    OffsetsAdded(ReplyTo),
    /// The outcome is decided.
    Ended(EndedBy),
    /// All markers are written.
    Completed,
    /// The transactional id is forgotten.
    Forgotten,
}

impl TransactionCoordinator {
    /// Writes a change that was prepared; `effect` follows once it is on the ISR, or failed.
    pub(super) fn write(
        &mut self,
        turn: &mut Turn<'_, '_>,
        partition: i32,
        id: &TransactionalId,
        target: Option<TransactionMetadata>,
        effect: Effect,
    ) {
        let record = (encode_key(id), target.as_ref().map(encode_value));
        let write = Write { partition, id: id.clone(), target, effect };
        match turn.log.append(turn.ctx, partition, record) {
            Ok(token) => {
                let before = self.writes.insert(token, write);
                assert!(before.is_none(), "a token is given once");
            }
            Err(error) => self.done(turn, write, Some(write_error(error))),
        }
    }

    /// A write was replicated, or failed: what waited for it goes on.
    pub(crate) fn written(
        &mut self,
        ctx: &mut Ctx<'_>,
        token: u64,
        error: Option<ResponseError>,
        log: &mut dyn TransactionLog,
    ) {
        let Some(write) = self.writes.remove(&token) else { return };
        let turn = &mut Turn { ctx, log };
        self.done(turn, write, error.map(write_error));
        self.schedule_ticks(turn);
    }

    /// The partition is another broker's: nothing that was being written to it counts here.
    pub(super) fn give_up_writes(&mut self, turn: &mut Turn<'_, '_>, partition: i32) {
        let of_it = |write: &Write| write.partition == partition;
        let tokens: Vec<u64> =
            self.writes.iter().filter(|(_, write)| of_it(write)).map(|(token, _)| *token).collect();
        for token in tokens {
            let write = self.writes.remove(&token).expect("it was just there");
            self.follow(turn, write, Some(ResponseError::NotCoordinator));
        }
    }

    fn done(&mut self, turn: &mut Turn<'_, '_>, write: Write, error: Option<ResponseError>) {
        match error {
            None => self.hold(turn, &write),
            Some(error) => self.withdraw(&write, error),
        }
        self.follow(turn, write, error);
    }

    /// What was written holds.
    fn hold(&mut self, turn: &mut Turn<'_, '_>, write: &Write) {
        let Some(coordinated) = self.partitions.get_mut(&write.partition) else { return };
        let Some(target) = &write.target else {
            coordinated.transactions.remove(&write.id);
            return;
        };
        let Some(transaction) = coordinated.transactions.get_mut(&write.id) else { return };
        let from = transaction.metadata.state;
        transaction.complete(target.clone());
        let coordinator = turn.broker();
        turn.ctx.emit(changed(transaction, from, coordinator));
    }

    /// What could not be written does not hold.
    fn withdraw(&mut self, write: &Write, error: ResponseError) {
        let Some(transaction) = self
            .partitions
            .get_mut(&write.partition)
            .and_then(|coordinated| coordinated.transactions.get_mut(&write.id))
        else {
            return;
        };
        // The end of a transaction is written again and again: its outcome stands.
        let is_tried_again = matches!(write.effect, Effect::Completed)
            && error == ResponseError::CoordinatorNotAvailable;
        if !is_tried_again {
            transaction.pending = None;
        }
        if matches!(&write.effect, Effect::Ended(by) if by.is_fence()) {
            transaction.fence_failed();
        }
    }

    fn follow(&mut self, turn: &mut Turn<'_, '_>, write: Write, error: Option<ResponseError>) {
        let Write { partition, id, target, effect } = write;
        match effect {
            Effect::Initialized(reply) => {
                let response = match (error, target) {
                    (None, Some(target)) => initialized(target.producer_id, target.producer_epoch),
                    (error, _) => {
                        initialized_not(error.unwrap_or(ResponseError::UnknownServerError))
                    }
                };
                turn.ctx.respond(reply, response);
            }
            Effect::PartitionsAdded { add, index } => self.add_written(turn, add, index, error),
            Effect::OffsetsAdded(reply) => {
                let code = error.map_or(0, |error| error.code());
                turn.ctx.respond(reply, AddOffsetsToTxnResponse::default().with_error_code(code));
            }
            Effect::Ended(by) => self.end_written(turn, partition, &id, by, error),
            Effect::Completed => self.completion_written(turn, partition, &id, target, error),
            Effect::Forgotten => {}
        }
    }
}

fn initialized(id: ProducerId, epoch: ProducerEpoch) -> InitProducerIdResponse {
    InitProducerIdResponse::default()
        .with_producer_id(kafka_protocol::messages::ProducerId(id.0))
        .with_producer_epoch(epoch.0)
}

/// The event of a change: another state, or more partitions in an open transaction.
fn changed(transaction: &Transaction, from: TransactionState, coordinator: BrokerId) -> EventKind {
    let metadata = &transaction.metadata;
    EventKind::TransactionStateChanged {
        coordinator,
        id: transaction.id.clone(),
        from,
        to: metadata.state,
        producer_id: metadata.producer_id,
        producer_epoch: metadata.producer_epoch,
        partitions: metadata.partitions.iter().cloned().collect(),
    }
}
