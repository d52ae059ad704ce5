//! What becomes of batches once their broker answers, or does not.

use highwater_log::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::produce_response::PartitionProduceResponse;

use crate::client::error_messages::{kafka_message, not_authorized_words};
use crate::client::errors::{is_invalid_metadata, is_retriable, kafka_name};
use crate::client::names;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, CorrelationId, TopicPartition};
use crate::input::Failure;
use crate::message::Response;
use crate::producer::Producer;
use crate::producer::batch::ProducerBatch;
use crate::producer::calls::Done;
use crate::producer::error::ProducerError;
use crate::producer::idempotence::ProducerIdAndEpoch;
use crate::time::Span;

/// How many requests without an answer are remembered, to know whose connection broke.
const REMEMBERED_ONEWAYS: usize = 64;

impl Producer {
    /// A response came.
    pub(super) fn on_response(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: CorrelationId,
        response: &Response,
    ) {
        if self.updater.handle_response(ctx, id, response) {
            self.accumulator.update_partitions(&self.updater.metadata);
            return self.note_metadata_error();
        }
        if let Some(broker) = self.opening.remove(&id) {
            return self.connections.answered(broker);
        }
        if self.on_transaction_response(ctx, id, response) {
            return;
        }
        match response {
            Response::InitProducerId(body) => self.on_producer_id(ctx, id, body),
            Response::Produce(body) => self.on_produced(ctx, id, body),
            _ => {}
        }
    }

    /// A request will not be answered.
    pub(super) fn on_failed(&mut self, ctx: &mut Ctx<'_>, id: CorrelationId, failure: Failure) {
        if self.updater.handle_failure(ctx, id, failure) {
            return;
        }
        if self.on_transaction_failure(ctx, id) {
            return;
        }
        if let Some((_, broker)) = self.id_request.take_if(|(request, _)| *request == id) {
            self.broken(ctx, broker);
            return self.retry_producer_id(ctx);
        }
        if let Some(broker) = self.opening.remove(&id) {
            self.connections.lost(broker);
            return self.broken(ctx, broker);
        }
        let oneway = self.oneways.iter().find(|(request, _)| *request == id);
        if let Some((_, broker)) = oneway {
            return self.broken(ctx, *broker);
        }
        let Some(request) = self.in_flight.remove(&id) else { return };
        self.connections.lost(request.broker);
        self.broken(ctx, request.broker);
        let (error, message) = match failure {
            Failure::Disconnected => (
                ResponseError::NetworkException,
                format!("Disconnected from node {}", request.broker),
            ),
            Failure::TimedOut => (
                ResponseError::RequestTimedOut,
                format!("Disconnected from node {} due to timeout", request.broker),
            ),
        };
        for batch in request.batches {
            self.refused(ctx, batch, error, &message);
        }
    }

    /// A batch is written, as far as the producer's acks can tell.
    pub(super) fn acknowledged(
        &mut self,
        ctx: &mut Ctx<'_>,
        batch: &ProducerBatch,
        base_offset: Option<Offset>,
    ) {
        if let Some(state) = &mut self.idempotence {
            state.completed(batch);
        }
        self.settled(batch);
        self.settle_tickets(batch, Ok(base_offset));
        let (count, partition) = (batch.record_count(), batch.partition.clone());
        self.totals.acknowledged += u64::from(count);
        *self.totals.by_partition.entry(partition.clone()).or_default() += u64::from(count);
        self.statistics.settled(ctx.now(), &partition, count, Ok(base_offset));
        let client = self.client(ctx);
        ctx.emit(EventKind::RecordsAcknowledged { client, partition, base_offset, count });
    }

    /// A batch is given up, and the application told.
    pub(super) fn give_up(
        &mut self,
        ctx: &mut Ctx<'_>,
        batch: &ProducerBatch,
        error: &ProducerError,
        may_reuse_sequence: bool,
    ) {
        let kind = error.response_error().unwrap_or(ResponseError::UnknownServerError);
        if let Some(state) = &mut self.idempotence {
            state.failed(batch, kind, may_reuse_sequence);
        }
        self.settled(batch);
        self.settle_tickets(batch, Err(error.clone()));
        let (partition, count) = (batch.partition.clone(), batch.record_count());
        self.records_failed(ctx, partition, count, kind, &error.to_string());
        self.transaction_failed(ctx, error.clone());
    }

    /// The application learns what became of those records of a batch that it keeps track of.
    pub(super) fn settle_tickets(
        &mut self,
        batch: &ProducerBatch,
        outcome: Result<Option<Offset>, ProducerError>,
    ) {
        for (place, ticket) in batch.tickets() {
            let result = outcome.clone().map(|base| Done::Record {
                partition: batch.partition.clone(),
                offset: base.map(|base| Offset(base.0 + i64::from(*place))),
            });
            self.application.settle(Some(*ticket), result);
        }
    }

    /// Tells the application that records are given up.
    pub(super) fn records_failed(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: TopicPartition,
        count: u32,
        error: ResponseError,
        message: &str,
    ) {
        self.totals.failed += u64::from(count);
        self.totals.last_error = Some(kafka_name(error).into());
        self.totals.last_failure = Some(message.into());
        self.statistics.settled(ctx.now(), &partition, count, Err(message));
        let client = self.client(ctx);
        ctx.emit(EventKind::RecordsFailed { client, partition, count, error });
    }

    /// Keeps in mind to whom a request without an answer went.
    pub(super) fn remember_oneway(&mut self, id: CorrelationId, broker: BrokerId) {
        if self.oneways.len() == REMEMBERED_ONEWAYS {
            self.oneways.pop_front();
        }
        self.oneways.push_back((id, broker));
    }

    fn on_produced(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: CorrelationId,
        response: &kafka::ProduceResponse,
    ) {
        let Some(mut request) = self.in_flight.remove(&id) else { return };
        self.connections.answered(request.broker);
        self.updater.metadata.succeeded(request.broker);
        let wait = Span::from_millis(response.throttle_time_ms.into());
        self.connections.throttled(request.broker, ctx.now() + wait);
        for topic in &response.responses {
            let name = names::from_kafka(&topic.name);
            for answer in &topic.partition_responses {
                let partition = TopicPartition::new(&name, answer.index);
                let place = request.batches.iter().position(|batch| batch.partition == partition);
                // A batch that is not there any more was given up while it was under way.
                if let Some(place) = place {
                    let batch = request.batches.remove(place);
                    self.on_batch_answered(ctx, batch, answer);
                }
            }
        }
        for batch in request.batches {
            let message = "The broker's response does not mention the partition";
            self.refused(ctx, batch, ResponseError::UnknownServerError, message);
        }
    }

    fn on_batch_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        batch: ProducerBatch,
        answer: &PartitionProduceResponse,
    ) {
        let Some(error) = ResponseError::try_from_code(answer.error_code) else {
            return self.acknowledged(ctx, &batch, Some(Offset(answer.base_offset)));
        };
        if let Some(leader) = names::broker_id(answer.current_leader.leader_id) {
            let epoch = LeaderEpoch(answer.current_leader.leader_epoch);
            self.updater.metadata.update_leader(&batch.partition, leader, epoch);
        }
        let message = match &answer.error_message {
            _ if error == ResponseError::TopicAuthorizationFailed => {
                not_authorized_words(&[&batch.partition.topic])
            }
            _ if error == ResponseError::ClusterAuthorizationFailed => {
                "The producer is not authorized to do idempotent sends".to_owned()
            }
            Some(message) => message.to_string(),
            None => kafka_message(error),
        };
        self.refused(ctx, batch, error, &message);
    }

    /// A batch came back with an error: it is tried again, or given up.
    fn refused(
        &mut self,
        ctx: &mut Ctx<'_>,
        batch: ProducerBatch,
        error: ResponseError,
        message: &str,
    ) {
        self.totals.last_error = Some(kafka_name(error).into());
        if is_invalid_metadata(error) {
            self.updater.request_update();
        }
        if self.can_retry(ctx, &batch, error) {
            self.retry(ctx, batch, error);
        } else if error == ResponseError::DuplicateSequenceNumber {
            // The broker has it, though it no longer remembers where.
            self.acknowledged(ctx, &batch, None);
        } else {
            // Once the attempts are used up, nobody knows whether one of them was written.
            let may_reuse = batch.attempts < self.max_attempts();
            let error = ProducerError::api_with(error, message);
            self.give_up(ctx, &batch, &error, may_reuse);
        }
    }

    fn can_retry(&mut self, ctx: &Ctx<'_>, batch: &ProducerBatch, error: ResponseError) -> bool {
        let is_expired = ctx.now() >= batch.created + self.config.delivery_timeout();
        if is_expired || batch.attempts >= self.max_attempts() {
            return false;
        }
        let by_sequence = self.idempotence.as_mut().and_then(|state| state.can_retry(batch, error));
        by_sequence.unwrap_or_else(|| is_retriable(error))
    }

    fn retry(&mut self, ctx: &mut Ctx<'_>, mut batch: ProducerBatch, error: ResponseError) {
        let wait = self.config.retry_backoff().wait(ctx, batch.attempts);
        batch.failed_attempt(ctx.now(), wait);
        self.totals.retries += 1;
        self.muted.remove(&batch.partition);
        let (count, partition) = (batch.record_count(), batch.partition.clone());
        self.accumulator.reenqueue(batch, self.idempotence.is_some());
        let client = self.client(ctx);
        ctx.emit(EventKind::ProduceRetried { client, partition, count, error });
    }

    fn on_producer_id(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: CorrelationId,
        response: &kafka::InitProducerIdResponse,
    ) {
        let Some((_, broker)) = self.id_request.take_if(|(request, _)| *request == id) else {
            return;
        };
        self.updater.metadata.succeeded(broker);
        if let Some(error) = ResponseError::try_from_code(response.error_code) {
            if error == ResponseError::ClusterAuthorizationFailed {
                self.give_all_up(ctx, &ProducerError::api(error));
            }
            return self.retry_producer_id(ctx);
        }
        self.id_attempts = 0;
        if let Some(state) = &mut self.idempotence {
            state.set_producer(ProducerIdAndEpoch {
                id: ProducerId(response.producer_id.0),
                epoch: ProducerEpoch(response.producer_epoch),
            });
        }
    }

    /// Nothing that waits can be sent.
    fn give_all_up(&mut self, ctx: &mut Ctx<'_>, error: &ProducerError) {
        for batch in self.accumulator.take_where(|_| true) {
            self.give_up(ctx, &batch, error, true);
        }
    }

    fn retry_producer_id(&mut self, ctx: &mut Ctx<'_>) {
        self.id_not_before = ctx.now() + self.config.retry_backoff().wait(ctx, self.id_attempts);
        self.id_attempts = self.id_attempts.saturating_add(1);
    }

    /// A connection broke, which may mean that the leaders are elsewhere now.
    fn broken(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        self.connections.broke(ctx, broker);
        self.updater.metadata.failed(broker, ctx.now());
        self.updater.request_update();
    }

    /// Nothing more will become of a batch.
    pub(super) fn settled(&mut self, batch: &ProducerBatch) {
        self.accumulator.release(batch);
        self.muted.remove(&batch.partition);
    }

    fn note_metadata_error(&mut self) {
        if let Some(error) = self.updater.metadata.errors.get(&self.config.topic) {
            self.totals.last_error = Some(kafka_name(*error).into());
        }
    }

    fn max_attempts(&self) -> u32 {
        self.config.retries as u32
    }
}
