//! The sender's part of transactions: carries their requests one at a time, fails what they make
//! senseless, and tells what happened.

use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{CorrelationId, NodeId};
use crate::message::Response;
use crate::producer::Producer;
use crate::producer::batch::ProducerBatch;
use crate::producer::calls::ProducerCall;
use crate::producer::error::{Exception, ProducerError};
use crate::producer::transaction::requests::{Coordinator, Pending};
use crate::producer::transaction::{
    InFlightRequest, ProducerTransactionEvent, ProducerTransactionState, TransactionManager,
};
use crate::time::Time;
use crate::view::ProducerTransactionView;

impl Producer {
    /// Does what transactions ask of the sender before batches are sent. False if none may be sent
    /// now: a coordinator's answer is awaited, or all is over.
    pub(in crate::producer) fn run_transactions(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let Some(manager) = &mut self.transactions else { return true };
        let state = self.idempotence.as_mut().expect("a transactional producer is idempotent");
        if state.has_lost_track() {
            manager.lost_track();
        }
        if manager.state() == ProducerTransactionState::FatalError {
            self.drop_all(ctx);
            self.tell_of_transactions(ctx);
            return false;
        }
        if let Some(error) = manager.refused_id() {
            self.drop_all(ctx);
            if let Some(manager) = &mut self.transactions {
                manager.begin_anew(&error);
            }
            self.tell_of_transactions(ctx);
            return false;
        }
        let goes_on = self.send_to_coordinator(ctx);
        self.tell_of_transactions(ctx);
        goes_on
    }

    /// When the sender has slept long enough to send a request again.
    pub(in crate::producer) fn transactions_wake(&self) -> Option<Time> {
        self.transactions.as_ref().map(|manager| manager.sleeps_until)
    }

    /// Takes the answer to a request of a transaction's. False if it answers another request.
    pub(in crate::producer) fn on_transaction_response(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: CorrelationId,
        response: &Response,
    ) -> bool {
        let Some(sent) = self.take_transaction_request(id) else { return false };
        self.updater.metadata.succeeded(sent.broker);
        let (Some(manager), Some(state)) = (&mut self.transactions, &mut self.idempotence) else {
            return true;
        };
        manager.answered(sent.request, response, state);
        self.tell_of_transactions(ctx);
        true
    }

    /// A request of a transaction's will not be answered. False if it was another request.
    pub(in crate::producer) fn on_transaction_failure(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: CorrelationId,
    ) -> bool {
        let Some(sent) = self.take_transaction_request(id) else { return false };
        self.updater.metadata.failed(sent.broker, ctx.now());
        self.updater.request_update();
        if let Some(manager) = &mut self.transactions {
            manager.disconnected(sent.request);
        }
        true
    }

    /// A batch, or a call of `send`, failed: the transaction cannot be committed any more.
    pub(in crate::producer) fn transaction_failed(
        &mut self,
        ctx: &mut Ctx<'_>,
        error: ProducerError,
    ) {
        let Some(manager) = &mut self.transactions else { return };
        manager.failed(error);
        self.tell_of_transactions(ctx);
    }

    /// Tells what happened to the transaction.
    pub(in crate::producer) fn tell_of_transactions(&mut self, ctx: &mut Ctx<'_>) {
        let Some(manager) = &mut self.transactions else { return };
        for event in manager.take_happened() {
            if let ProducerTransactionEvent::Failed { error, .. } = &event {
                self.totals.last_failure = Some(error.to_string().into());
            }
            self.emit_transaction(ctx, event);
        }
    }

    pub(in crate::producer) fn emit_transaction(
        &self,
        ctx: &mut Ctx<'_>,
        event: ProducerTransactionEvent,
    ) {
        let client = self.client(ctx);
        ctx.emit(EventKind::ProducerTransaction { client, event });
    }

    /// What there is to see of the transaction.
    pub(in crate::producer) fn transaction_view(&self) -> Option<ProducerTransactionView> {
        let (manager, state) = (self.transactions.as_ref()?, self.idempotence.as_ref()?);
        Some(ProducerTransactionView {
            transactional_id: manager.id().clone(),
            state: manager.state(),
            producer: state.producer().map(|producer| (producer.id, producer.epoch)),
            coordinator: manager.coordinator,
            partitions: state.in_transaction().cloned().collect(),
            last_error: manager.last_error().map(|error| error.to_string().into()),
            waits_in: self.application.waits_in(),
        })
    }

    /// Whether the application's call has an answer that it was not told yet.
    pub(in crate::producer) fn can_return(&self) -> bool {
        let (Some(call), Some(manager)) = (self.application.waiting_call(), &self.transactions)
        else {
            return false;
        };
        manager.has_outcome(call)
    }

    /// Ends a transaction that is open while the producer closes. True once none is.
    pub(in crate::producer) fn has_closed_transactions(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let (Some(manager), Some(state)) = (&mut self.transactions, &mut self.idempotence) else {
            return true;
        };
        let is_open = manager.state() == ProducerTransactionState::InTransaction
            || manager.state() == ProducerTransactionState::AbortableError;
        let is_over = manager.state() == ProducerTransactionState::FatalError
            || (is_open && manager.begin_end(false, state).is_err());
        if is_open && !is_over {
            self.run_sender(ctx);
        }
        let manager = self.transactions.as_ref().expect("it was there");
        is_over || !manager.is_busy()
    }

    /// Sends the next request to a coordinator. True if there is none, and batches may be sent.
    fn send_to_coordinator(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let Some(manager) = &self.transactions else { return true };
        if manager.in_flight.is_some() || manager.sleeps_until > ctx.now() {
            return false;
        }
        self.drop_unsent(ctx);
        let has_batches = !self.accumulator.is_empty() || self.has_batches_in_flight();
        let (Some(manager), Some(state)) = (&mut self.transactions, &mut self.idempotence) else {
            return true;
        };
        let Some(pending) = manager.next_request(has_batches, state) else { return true };
        let target = match pending.request.coordinator() {
            None => Some(self.updater.metadata.pick_node(ctx)),
            Some(Coordinator::Transaction) => manager.coordinator,
            Some(Coordinator::Group(_)) => manager.group_coordinator,
        };
        let manager = self.transactions.as_mut().expect("it was there");
        match (target, pending.request.coordinator()) {
            (None, Some(coordinator)) => {
                manager.look_up(coordinator);
                manager.queue.push(pending);
                self.send_to_coordinator(ctx)
            }
            (Some(broker), _) => {
                if let Some(backoff) = pending.backoff {
                    manager.sleeps_until = ctx.now() + backoff;
                    manager.queue.push(Pending { backoff: None, ..pending });
                    return false;
                }
                let request = manager.to_kafka(&pending.request);
                let timeout = self.config.request_timeout();
                let id = ctx.send(NodeId::Broker(broker), request, timeout);
                manager.in_flight = Some(InFlightRequest { id, broker, request: pending });
                false
            }
            (None, None) => unreachable!("any broker can be asked for a coordinator"),
        }
    }

    fn take_transaction_request(&mut self, id: CorrelationId) -> Option<InFlightRequest> {
        self.transactions.as_mut()?.in_flight.take_if(|sent| sent.id == id)
    }

    fn has_batches_in_flight(&self) -> bool {
        self.in_flight.values().any(|request| !request.batches.is_empty())
    }

    /// A transaction that is aborted, or has to be, drops what was never sent. What was sent is sent
    /// again, since the broker may have it: the sequences behind it depend on that.
    fn drop_unsent(&mut self, ctx: &mut Ctx<'_>) {
        let Some(manager) = &self.transactions else { return };
        let is_over = matches!(
            manager.state(),
            ProducerTransactionState::AbortableError
                | ProducerTransactionState::AbortingTransaction
        );
        if !is_over {
            return;
        }
        let reason = manager.last_error().cloned();
        let reason = reason.unwrap_or_else(ProducerError::transaction_aborted);
        let state = self.idempotence.as_ref().expect("a transactional producer is idempotent");
        let dropped = self.accumulator.take_where(|batch| state.assigned(batch).is_none());
        self.drop_batches(ctx, dropped, &reason);
    }

    /// The producer is out of service: nothing more is sent.
    fn drop_all(&mut self, ctx: &mut Ctx<'_>) {
        let reason = self.transactions.as_ref().and_then(|manager| manager.last_error().cloned());
        let reason = reason.unwrap_or_else(ProducerError::transaction_aborted);
        let mut dropped = self.accumulator.take_where(|_| true);
        for request in self.in_flight.values_mut() {
            dropped.append(&mut request.batches);
        }
        self.drop_batches(ctx, dropped, &reason);
    }

    fn drop_batches(
        &mut self,
        ctx: &mut Ctx<'_>,
        batches: Vec<ProducerBatch>,
        reason: &ProducerError,
    ) {
        for batch in batches {
            self.settled(&batch);
            self.settle_tickets(&batch, Err(reason.clone()));
            let (partition, count) = (batch.partition.clone(), batch.record_count());
            match reason.exception {
                Exception::Api(error) => {
                    self.records_failed(ctx, partition, count, error, &reason.to_string());
                }
                _ => {
                    self.totals.failed += u64::from(count);
                    self.emit_transaction(
                        ctx,
                        ProducerTransactionEvent::RecordsDropped { partition, count },
                    );
                }
            }
        }
    }
}

impl TransactionManager {
    /// Whether something is on its way to a coordinator, or will be.
    fn is_busy(&self) -> bool {
        self.in_flight.is_some() || !self.queue.is_empty() || self.state.is_completing()
    }

    /// Whether a call of the application's can return. That of a call that it has given up changes nothing.
    fn has_outcome(&self, call: &ProducerCall) -> bool {
        match call {
            ProducerCall::SendOffsets { .. } => self.offsets_outcome.is_some(),
            ProducerCall::Send(_) => false,
            _ => self.transition.as_ref().is_some_and(|transition| transition.outcome.is_some()),
        }
    }
}
