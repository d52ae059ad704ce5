//! Sending: what Kafka's `Sender` does each time it runs.

use std::collections::BTreeMap;

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::protocol::StrBytes;

use crate::client::{ClientMetadata, names};
use crate::ctx::Ctx;
use crate::ids::{BrokerId, NodeId, TopicName};
use crate::producer::batch::ProducerBatch;
use crate::producer::error::ProducerError;
use crate::producer::ready::{Circumstances, ReadyCheck};
use crate::producer::{Acks, InFlight, Phase, Producer};
use crate::time::Time;
use crate::timer::Timer;

impl Producer {
    /// Sends what can be sent, gives up what is too old, and asks to be woken for the rest.
    pub(super) fn run_sender(&mut self, ctx: &mut Ctx<'_>) {
        if !self.run_transactions(ctx) {
            self.updater.poll(ctx);
            return self.set_alarms(ctx, &ReadyCheck::default());
        }
        if self.transactions.is_none() {
            if let Some(state) = &mut self.idempotence {
                state.resolve();
            }
            self.request_producer_id(ctx);
        }
        let mut check = self.check_ready(ctx.now());
        loop {
            if check.has_unknown_leaders {
                self.updater.request_update();
            }
            let mut has_sent = false;
            for broker in std::mem::take(&mut check.brokers) {
                has_sent |= self.send_to(ctx, broker);
            }
            if !has_sent {
                break;
            }
            check = self.check_ready(ctx.now());
        }
        self.give_up_expired(ctx);
        self.updater.poll(ctx);
        self.set_alarms(ctx, &check);
    }

    /// Sends one request with what is ready for `broker`. False if there is nothing that may be sent.
    fn send_to(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) -> bool {
        let now = ctx.now();
        if !self.connections.is_ready(broker, now) {
            return false;
        }
        if self.config.acks == Acks::None && !self.connections.is_open(broker) {
            self.open_connection(ctx, broker);
            return false;
        }
        let circumstances = Circumstances {
            metadata: &self.updater.metadata,
            now,
            is_urgent: self.is_urgent(),
            muted: &self.muted,
        };
        let max_size = self.config.max_request_size as usize;
        let state = self.idempotence.as_mut();
        let mut batches = self.accumulator.drain(broker, max_size, circumstances, state);
        if batches.is_empty() {
            return false;
        }
        if self.connections.guarantees_order() {
            self.muted.extend(batches.iter().map(|batch| batch.partition.clone()));
        }
        let request = self.produce_request(&mut batches);
        let (to, timeout) = (NodeId::Broker(broker), self.config.request_timeout());
        if self.config.acks == Acks::None {
            let correlation_id = ctx.send_oneway(to, request, timeout);
            self.remember_oneway(correlation_id, broker);
            for batch in batches {
                self.acknowledged(ctx, &batch, None);
            }
        } else {
            let correlation_id = ctx.send(to, request, timeout);
            self.connections.sent(broker);
            self.in_flight.insert(correlation_id, InFlight { broker, batches });
        }
        true
    }

    /// Sees whether the broker is there, before requests go to it that it will not answer. Kafka's
    /// client exchanges ApiVersions on each new connection; a request for metadata does as well.
    fn open_connection(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        if self.opening.values().any(|other| *other == broker) {
            return;
        }
        let request = ClientMetadata::request([&self.config.topic]);
        let timeout = self.config.request_timeout();
        let correlation_id = ctx.send(NodeId::Broker(broker), request, timeout);
        self.connections.sent(broker);
        self.opening.insert(correlation_id, broker);
    }

    fn produce_request(&self, batches: &mut [ProducerBatch]) -> kafka::ProduceRequest {
        let mut topics: BTreeMap<TopicName, Vec<PartitionProduceData>> = BTreeMap::new();
        for batch in batches {
            let assigned = self.idempotence.as_ref().and_then(|state| state.assigned(batch));
            let data = PartitionProduceData::default()
                .with_index(batch.partition.partition.0)
                .with_records(Some(batch.bytes(assigned)));
            topics.entry(batch.partition.topic.clone()).or_default().push(data);
        }
        let topic_data = topics.into_iter().map(|(name, partitions)| {
            TopicProduceData::default()
                .with_name(names::to_kafka(&name))
                .with_partition_data(partitions)
        });
        let id = self.config.transactional_id.as_ref();
        let id = id.map(|id| kafka::TransactionalId(StrBytes::from_string(id.to_string())));
        kafka::ProduceRequest::default()
            .with_transactional_id(id)
            .with_acks(self.config.acks.code())
            .with_timeout_ms(self.config.request_timeout_ms)
            .with_topic_data(topic_data.collect())
    }

    /// An idempotent producer sends nothing before a broker gave it an id.
    fn request_producer_id(&mut self, ctx: &mut Ctx<'_>) {
        let Some(state) = &self.idempotence else { return };
        let is_waiting = self.id_request.is_some() || self.id_not_before > ctx.now();
        if state.has_producer_id() || is_waiting {
            return;
        }
        let broker = self.updater.metadata.pick_node(ctx);
        // Without transactions there is no transaction to time out.
        let request = kafka::InitProducerIdRequest::default()
            .with_transactional_id(None)
            .with_transaction_timeout_ms(i32::MAX)
            .with_producer_id(kafka::ProducerId(-1))
            .with_producer_epoch(-1);
        let timeout = self.config.request_timeout();
        let correlation_id = ctx.send(NodeId::Broker(broker), request, timeout);
        self.id_request = Some((correlation_id, broker));
    }

    fn check_ready(&mut self, now: Time) -> ReadyCheck {
        let circumstances = Circumstances {
            metadata: &self.updater.metadata,
            now,
            is_urgent: self.is_urgent(),
            muted: &self.muted,
        };
        self.accumulator.ready(circumstances)
    }

    /// Gives up what was not acknowledged within `delivery.timeout.ms`, whether it was sent or not.
    fn give_up_expired(&mut self, ctx: &mut Ctx<'_>) {
        let timeout = self.config.delivery_timeout();
        // Before that much time has passed nothing can have expired.
        let Some(oldest) = ctx.now().0.checked_sub(timeout.0).map(Time) else { return };
        let mut expired = Vec::new();
        for request in self.in_flight.values_mut() {
            let is_expired = |batch: &mut ProducerBatch| batch.created <= oldest;
            expired.extend(request.batches.extract_if(.., is_expired));
        }
        expired.extend(self.accumulator.take_expired(oldest));
        for batch in expired {
            let waited = ctx.now().since(batch.created).millis();
            let message = format!(
                "Expiring {} record(s) for {}:{waited} ms has passed since batch creation. \
                 The request has not been sent, or no server response has been received yet.",
                batch.record_count(),
                batch.partition
            );
            if let Some(state) = &mut self.idempotence
                && batch.attempts > 0
            {
                state.mark_unresolved(&batch);
            }
            self.muted.remove(&batch.partition);
            self.give_up(ctx, &batch, &ProducerError::timeout(message), false);
        }
    }

    fn set_alarms(&mut self, ctx: &mut Ctx<'_>, check: &ReadyCheck) {
        let now = ctx.now();
        self.linger_alarm.set(ctx, check.next_linger, &Timer::Linger);
        let waits_for_id = self.idempotence.as_ref().is_some_and(|state| !state.has_producer_id());
        let id_retry = waits_for_id.then_some(self.id_not_before).filter(|at| *at > now);
        let request_retry = self.transactions_wake().filter(|at| *at > now);
        let retries =
            [check.next_retry, self.connections.next_attempt(now), id_retry, request_retry];
        self.retry_alarm.set(ctx, retries.into_iter().flatten().min(), &Timer::Retry);
        let sent = self.in_flight.values().flat_map(|request| &request.batches);
        let oldest = sent.map(|batch| batch.created).chain(self.accumulator.oldest()).min();
        let expires = oldest.map(|created| created + self.config.delivery_timeout());
        self.delivery_alarm.set(ctx, expires, &Timer::Delivery);
    }

    fn is_urgent(&self) -> bool {
        let is_completing =
            self.transactions.as_ref().is_some_and(|manager| manager.state().is_completing());
        let is_blocked = self.workload.is_blocked() || self.application.is_blocked_in_send();
        self.phase == Phase::Closing || is_blocked || is_completing
    }
}
