//! A producer, as Kafka's Java client works: an application that makes records, an accumulator that
//! batches them by partition, and a sender that carries the batches to the leaders, again if need be.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use kafka_protocol::ResponseError;

use crate::client::{Alarm, MetadataUpdater};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, ClientId, CorrelationId, NodeId, TopicPartition};
use crate::input::Input;
use crate::producer::accumulator::{Accumulator, Refusal};
use crate::producer::batch::{NewRecord, ProducerBatch};
use crate::producer::connections::Connections;
use crate::producer::idempotence::Idempotence;
use crate::producer::statistics::Statistics;
use crate::producer::workload::Workload;
use crate::time::{Span, Time};
use crate::view::ProducerView;

mod accumulator;
mod batch;
mod config;
mod connections;
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
mod workload;

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
    phase: Phase,
    workload: Workload,
    accumulator: Accumulator,
    updater: MetadataUpdater,
    connections: Connections,
    /// None if the producer is not idempotent.
    idempotence: Option<Idempotence>,
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
        );
        Self {
            phase: Phase::Open,
            workload: Workload::new(&config, Time::ZERO),
            accumulator: Accumulator::new(&config),
            updater,
            connections: Connections::new(config.max_in_flight, config.reconnect_backoff()),
            idempotence: config.is_idempotent().then(Idempotence::default),
            id_request: None,
            id_not_before: Time::ZERO,
            id_attempts: 0,
            in_flight: BTreeMap::new(),
            opening: BTreeMap::new(),
            oneways: VecDeque::new(),
            muted: BTreeSet::new(),
            totals: Totals::default(),
            statistics: Box::default(),
            linger_alarm: Alarm::default(),
            retry_alarm: Alarm::default(),
            delivery_alarm: Alarm::default(),
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
            // Timers only wake: what is due is found by looking.
            _ => {}
        }
        self.run_application(ctx);
        self.run_sender(ctx);
        if self.workload.is_blocked() {
            // What was sent may have made room.
            self.run_application(ctx);
            self.run_sender(ctx);
        }
        self.finish_closing(ctx);
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
            is_blocked: self.workload.is_blocked(),
            acknowledged_by_partition: by_partition
                .map(|(name, count)| (name.clone(), *count))
                .collect(),
            configs: self.config.configs(),
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
        self.workload.stop(ctx);
    }

    fn finish_closing(&mut self, ctx: &mut Ctx<'_>) {
        let is_flushed = self.accumulator.is_empty() && self.in_flight.is_empty();
        if self.phase == Phase::Closing && is_flushed {
            self.phase = Phase::Closed;
            let client = self.client(ctx);
            ctx.emit(EventKind::ProducerClosed { client });
            ctx.client_closed();
        }
    }

    /// Lets the application make the records that are due, as far as `send` takes them.
    fn run_application(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(record) = self.workload.blocked_record() {
            match self.send(ctx, &record) {
                Ok(()) => self.workload.unblock(ctx),
                Err(reason) if self.workload.has_waited_too_long(ctx.now()) => {
                    self.workload.unblock(ctx);
                    let partition = TopicPartition::new(&record.topic, UNKNOWN_PARTITION);
                    self.records_failed(ctx, partition, 1, ResponseError::RequestTimedOut, &reason);
                }
                Err(_) => {}
            }
        }
        let Some(due) = self.workload.due(ctx) else { return };
        for _ in 0..due {
            let record = self.workload.make(ctx);
            if self.send(ctx, &record).is_err() {
                self.workload.block(ctx, record);
                break;
            }
        }
        self.workload.wake(ctx);
    }

    /// What the application calls to send a record. The error is why it has to wait, as it will be
    /// told if it waits in vain.
    fn send(&mut self, ctx: &mut Ctx<'_>, record: &NewRecord) -> Result<(), String> {
        let config = self.config.clone();
        if !self.accumulator.knows(&record.topic) {
            self.updater.want(&record.topic);
            return Err(format!(
                "TimeoutException: Topic {} not present in metadata after {} ms.",
                record.topic, config.max_block_ms
            ));
        }
        let partition_count = self.accumulator.partition_count(&record.topic);
        if let Some(partition) = record.partition.filter(|partition| partition.0 >= partition_count)
        {
            // There may be more partitions by now than the metadata knows.
            self.updater.request_update();
            return Err(format!(
                "TimeoutException: Partition {partition} of topic {} with partition count {partition_count} is not \
                 present in metadata after {} ms.",
                record.topic, config.max_block_ms
            ));
        }
        let now = ctx.now();
        let mut random = || (ctx.random("partitioner").next_u64() >> 33) as u32;
        match self.accumulator.append(record, now, &mut random) {
            Ok(()) => Ok(()),
            Err(Refusal::NoMemory) => {
                let memory = self.accumulator.memory_for(record);
                let available = self.accumulator.available_memory();
                let ProducerConfig { batch_size, max_block_ms, buffer_memory, .. } = &*config;
                Err(format!(
                    "BufferExhaustedException: Failed to allocate {memory} bytes within the configured max \
                     blocking time {max_block_ms} ms. Total memory: {buffer_memory} bytes. Available memory: \
                     {available} bytes. Poolable size: {} bytes",
                    batch_size.max(&1)
                ))
            }
            Err(Refusal::Never(error, message)) => {
                let partition = TopicPartition::new(&record.topic, UNKNOWN_PARTITION);
                self.records_failed(ctx, partition, 1, error, &message);
                Ok(())
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
