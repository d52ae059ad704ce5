//! A producer, as Kafka's Java client works: an application that makes records, an accumulator that
//! batches them by partition, and a sender that carries the batches to the leaders, again if need be.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use kafka_protocol::ResponseError;

use crate::acl::Principal;
use crate::client::error_messages::not_authorized_words;
use crate::client::{Alarm, MetadataUpdater};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, ClientId, CorrelationId, NodeId, TopicPartition};
use crate::input::Input;
use crate::producer::accumulator::{Accumulator, Refusal};
use crate::producer::batch::{NewRecord, ProducerBatch};
use crate::producer::calls::Application;
use crate::producer::connections::Connections;
use crate::producer::idempotence::Idempotence;
use crate::producer::statistics::Statistics;
use crate::producer::transaction::{Cycle, TransactionManager};
use crate::producer::workload::Workload;
use crate::time::{Span, Time};
use crate::view::ProducerView;

mod accumulator;
mod batch;
mod calls;
mod config;
mod connections;
mod embedded;
mod error;
mod idempotence;
mod keys;
mod pace;
mod partition_rule;
mod partitioner;
mod ready;
mod responses;
mod sender;
mod shape;
mod statistics;
mod template;
mod transaction;
mod workload;

#[allow(unused_imports)] // For an application that lives in the same process.
pub(crate) use calls::{Done, Settled, Ticket};
pub use calls::{GroupMetadata, OffsetToCommit, ProducerCall, ProducerRecord};
pub use error::{Exception, ProducerError};
pub use transaction::{
    EndAfter, ProducerTransactionEvent, ProducerTransactionState, TransactionPlan,
};

pub use config::{Acks, PRODUCER_CONFIGS, ProducerConfig, Source, SourceRecord};
pub use keys::KeyDistribution;
pub use pace::{Pace, Pause};
pub use partition_rule::{PartitionRule, RULE_SYNTAX, Target};
pub use partitioner::Partitioner;
pub use shape::Shape;
pub use statistics::{Delivery, REMEMBERED_DELIVERIES, SendingView};
pub use template::{PLACEHOLDERS, Template};

/// Kafka's number of a partition that was never chosen: `RecordMetadata.UNKNOWN_PARTITION`.
const UNKNOWN_PARTITION: i32 = -1;

/// A producer.
#[derive(Clone, Debug)]
pub(crate) struct Producer {
    config: Arc<ProducerConfig>,
    /// Its settings as a view shows them.
    shown_configs: Arc<[(Arc<str>, Arc<str>)]>,
    phase: Phase,
    workload: Workload,
    accumulator: Accumulator,
    updater: MetadataUpdater,
    connections: Connections,
    /// None if the producer is not idempotent.
    idempotence: Option<Idempotence>,
    /// None if the producer is not transactional.
    transactions: Option<TransactionManager>,
    /// How the application groups its records into transactions, if it does so by itself.
    cycle: Option<Cycle>,
    application: Application,
    /// The request for a producer id that is under way.
    id_request: Option<(CorrelationId, BrokerId)>,
    id_not_before: Time,
    id_attempts: u32,
    in_flight: BTreeMap<CorrelationId, InFlight>,
    /// Requests that see whether a broker is there.
    opening: BTreeMap<CorrelationId, BrokerId>,
    /// The last requests without an answer.
    oneways: VecDeque<(CorrelationId, BrokerId)>,
    /// Partitions with a batch under way, where only one may be.
    muted: BTreeSet<TopicPartition>,
    /// Whether the application waits in `flush`.
    is_flushing: bool,
    totals: Totals,
    statistics: Box<Statistics>,
    linger_alarm: Alarm,
    retry_alarm: Alarm,
    delivery_alarm: Alarm,
}

/// Where a producer is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// Nothing new is made; what is there is sent.
    Closing,
    Closed,
}

/// A produce request under way.
#[derive(Clone, Debug)]
struct InFlight {
    broker: BrokerId,
    batches: Vec<ProducerBatch>,
}

/// What became of the records.
#[derive(Clone, Debug, Default)]
struct Totals {
    acknowledged: u64,
    failed: u64,
    retries: u64,
    by_partition: BTreeMap<TopicPartition, u64>,
    last_error: Option<Arc<str>>,
    last_failure: Option<Arc<str>>,
}

impl Producer {
    pub(crate) fn new(config: ProducerConfig) -> Self {
        let updater = MetadataUpdater::new(
            vec![config.topic.clone()],
            config.retry_backoff(),
            Span::from_millis(config.metadata_max_age_ms),
            config.request_timeout(),
        )
        .creating();
        Self {
            phase: Phase::Open,
            workload: Workload::new(&config, Time::ZERO),
            accumulator: Accumulator::new(&config),
            updater,
            connections: Connections::new(config.max_in_flight, config.reconnect_backoff()),
            idempotence: config.is_idempotent().then(|| match config.transactional_id {
                Some(_) => Idempotence::transactional(),
                None => Idempotence::default(),
            }),
            transactions: config.transactional_id.clone().map(|id| {
                let backoff = Span::from_millis(config.retry_backoff_ms);
                TransactionManager::new(id, config.transaction_timeout_ms, backoff)
            }),
            cycle: config.transaction_plan.clone().map(Cycle::new),
            application: Application::default(),
            id_request: None,
            id_not_before: Time::ZERO,
            id_attempts: 0,
            in_flight: BTreeMap::new(),
            opening: BTreeMap::new(),
            oneways: VecDeque::new(),
            muted: BTreeSet::new(),
            is_flushing: false,
            totals: Totals::default(),
            statistics: Box::default(),
            linger_alarm: Alarm::default(),
            retry_alarm: Alarm::default(),
            delivery_alarm: Alarm::default(),
            shown_configs: config.configs().into(),
            config: Arc::new(config),
        }
    }

    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if self.phase == Phase::Closed {
            return;
        }
        match input {
            Input::Start => self.start(ctx),
            Input::Stop => self.close(ctx),
            Input::Response(id, response) => self.on_response(ctx, id, &response),
            Input::Failed(id, failure) => self.on_failed(ctx, id, failure),
            Input::Call(call) => self.enqueue_call(*call),
            // Timers only wake: what is due is found by looking.
            _ => {}
        }
        self.run(ctx);
    }

    /// Lets the application and the sender do what they can do now.
    fn run(&mut self, ctx: &mut Ctx<'_>) {
        self.run_application(ctx);
        self.run_sender(ctx);
        // What was sent may have made room.
        let mut goes_on = self.workload.is_blocked() || self.application.is_blocked_in_send();
        while goes_on || self.can_return() {
            goes_on = false;
            self.run_application(ctx);
            self.run_sender(ctx);
        }
        self.finish_closing(ctx);
    }

    /// Who it says that it is; none if it does not say.
    pub(crate) fn principal(&self) -> Option<Principal> {
        self.config.security.principal()
    }

    /// The `client.id` that its requests carry.
    pub(crate) fn client_id(&self) -> Arc<str> {
        self.config.client_id.clone()
    }

    pub(crate) fn view(&self, client: ClientId) -> ProducerView {
        let in_flight = self.in_flight.values().flat_map(|request| &request.batches);
        let by_partition = self.totals.by_partition.iter();
        ProducerView {
            client,
            name: self.config.name.clone(),
            topic: self.config.topic.clone(),
            acks: self.config.acks.name().into(),
            rate: self.config.rate_per_second,
            is_closed: self.phase == Phase::Closed,
            is_done: self.workload.is_done(),
            records_waiting: self.accumulator.records_waiting(),
            records_in_flight: in_flight.map(|batch| u64::from(batch.record_count())).sum(),
            records_acknowledged: self.totals.acknowledged,
            records_failed: self.totals.failed,
            retries: self.totals.retries,
            last_error: self.totals.last_error.clone(),
            last_failure: self.totals.last_failure.clone(),
            is_blocked: self.workload.is_blocked() || self.application.is_blocked_in_send(),
            acknowledged_by_partition: by_partition
                .map(|(name, count)| (name.clone(), *count))
                .collect(),
            configs: Arc::clone(&self.shown_configs),
            transaction: self.transaction_view(),
            sending: self.sending_view(),
        }
    }

    fn sending_view(&self) -> SendingView {
        let (batches_waiting, batches_full) = self.accumulator.batches_waiting();
        let mut requests: BTreeMap<BrokerId, u32> = BTreeMap::new();
        for request in self.in_flight.values() {
            *requests.entry(request.broker).or_default() += 1;
        }
        SendingView {
            buffer_total_bytes: self.config.buffer_memory as u64,
            buffer_available_bytes: self.accumulator.available_memory(),
            batches_waiting,
            batches_full,
            requests_in_flight: requests.into_iter().collect(),
            ..self.statistics.view()
        }
    }

    fn start(&mut self, ctx: &mut Ctx<'_>) {
        self.workload = Workload::new(&self.config, ctx.now());
        let (name, topic) = (self.config.name.clone(), self.config.topic.clone());
        let client = self.client(ctx);
        let acks = self.config.acks;
        let started = ctx.emit(EventKind::ProducerStarted { client, name, topic, acks });
        ctx.because(started);
    }

    fn close(&mut self, ctx: &mut Ctx<'_>) {
        self.phase = Phase::Closing;
        self.application.stop();
        self.workload.stop(ctx);
    }

    fn finish_closing(&mut self, ctx: &mut Ctx<'_>) {
        let is_flushed = self.accumulator.is_empty() && self.in_flight.is_empty();
        if self.phase == Phase::Closing && is_flushed && self.has_closed_transactions(ctx) {
            self.phase = Phase::Closed;
            let client = self.client(ctx);
            ctx.emit(EventKind::ProducerClosed { client });
            ctx.client_closed();
        }
    }

    /// Lets the application make its calls, and the records that are due, as far as `send` takes them.
    fn run_application(&mut self, ctx: &mut Ctx<'_>) {
        self.run_calls(ctx);
        if self.application.is_busy() {
            return;
        }
        if let Some(record) = self.workload.blocked_record() {
            match self.send(ctx, &record, None) {
                Ok(()) => self.workload.unblock(ctx),
                Err(error) if self.workload.has_waited_too_long(ctx.now()) => {
                    self.workload.unblock(ctx);
                    self.send_failed(ctx, &record, None, error);
                }
                Err(_) => {}
            }
        }
        while let Some(most) = self.records_allowed(ctx) {
            let Some(due) = self.workload.due(ctx, most) else { return };
            self.make_records(ctx, due);
            if self.cycle.is_none() || due == 0 {
                break;
            }
        }
        self.workload.wake(ctx);
    }

    fn make_records(&mut self, ctx: &mut Ctx<'_>, count: u64) {
        for _ in 0..count {
            let record = self.workload.make(ctx);
            if self.send(ctx, &record, None).is_err() {
                return self.workload.block(ctx, record);
            }
        }
    }

    /// What the application calls to send a record, of which it keeps track under `ticket`. The error
    /// is why it has to wait, as it will be told if it waits in vain.
    fn send(
        &mut self,
        ctx: &mut Ctx<'_>,
        record: &NewRecord,
        ticket: Option<Ticket>,
    ) -> Result<(), ProducerError> {
        let config = self.config.clone();
        if !self.accumulator.knows(&record.topic) {
            self.updater.want(&record.topic);
            if self.updater.metadata.unauthorized().contains(&&record.topic) {
                // `send` ends at once, and each one asks anew.
                self.updater.request_update();
                let message = not_authorized_words(&[&record.topic]);
                let error =
                    ProducerError::api_with(ResponseError::TopicAuthorizationFailed, &message);
                self.send_failed(ctx, record, ticket, error);
                return Ok(());
            }
            return Err(ProducerError::timeout(format!(
                "Topic {} not present in metadata after {} ms.",
                record.topic, config.max_block_ms
            )));
        }
        let partition_count = self.accumulator.partition_count(&record.topic);
        if let Some(partition) = record.partition.filter(|partition| partition.0 >= partition_count)
        {
            // There may be more partitions by now than the metadata knows.
            self.updater.request_update();
            return Err(ProducerError::timeout(format!(
                "Partition {partition} of topic {} with partition count {partition_count} is not \
                 present in metadata after {} ms.",
                record.topic, config.max_block_ms
            )));
        }
        let now = ctx.now();
        let mut random = || (ctx.random("partitioner").next_u64() >> 33) as u32;
        let place = self.accumulator.place_for(record, &mut random);
        if let (Some(manager), Some(state)) = (&self.transactions, &self.idempotence)
            && let Err(error) = manager.check_send(&place.partition, state.producer())
        {
            self.send_failed(ctx, record, ticket, error);
            return Ok(());
        }
        match self.accumulator.append(record, place, now, &mut random) {
            Ok(partition) => {
                self.sent(&partition, ticket);
                Ok(())
            }
            Err(Refusal::NoMemory) => {
                let memory = self.accumulator.memory_for(record);
                let available = self.accumulator.available_memory();
                let ProducerConfig { batch_size, max_block_ms, buffer_memory, .. } = &*config;
                Err(ProducerError {
                    exception: Exception::BufferExhausted,
                    message: format!(
                        "Failed to allocate {memory} bytes within the configured max blocking time \
                         {max_block_ms} ms. Total memory: {buffer_memory} bytes. Available memory: \
                         {available} bytes. Poolable size: {} bytes",
                        batch_size.max(&1)
                    )
                    .into(),
                })
            }
            Err(Refusal::Never(error)) => {
                self.send_failed(ctx, record, ticket, error);
                Ok(())
            }
        }
    }

    /// A record was added to the last batch of its partition.
    fn sent(&mut self, partition: &TopicPartition, ticket: Option<Ticket>) {
        if let Some(ticket) = ticket {
            self.accumulator.track_last(partition, ticket);
        }
        if let (Some(manager), Some(state)) = (&mut self.transactions, &mut self.idempotence) {
            manager.add_partition(partition, state);
        }
        if let Some(cycle) = &mut self.cycle {
            cycle.sent();
        }
    }

    /// `send` ended in an exception, or the record's future did at once.
    fn send_failed(
        &mut self,
        ctx: &mut Ctx<'_>,
        record: &NewRecord,
        ticket: Option<Ticket>,
        error: ProducerError,
    ) {
        let partition = TopicPartition::new(&record.topic, UNKNOWN_PARTITION);
        self.application.settle(ticket, Err(error.clone()));
        match error.response_error() {
            Some(kind) => {
                self.records_failed(ctx, partition, 1, kind, &error.to_string());
                self.transaction_failed(ctx, error);
            }
            // It was thrown since the call did not fit, and changes nothing.
            None => {
                self.totals.failed += 1;
                self.totals.last_failure = Some(error.to_string().into());
                self.emit_transaction(
                    ctx,
                    ProducerTransactionEvent::CallFailed { call: "send", error },
                );
            }
        }
    }

    fn client(&self, ctx: &Ctx<'_>) -> ClientId {
        match ctx.me() {
            NodeId::Client(id) => id,
            other => unreachable!("{other} is no producer"),
        }
    }
}

#[cfg(test)]
mod tests;
