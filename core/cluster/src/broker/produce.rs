//! Appending as the leader: produce requests, and when they are answered.

use std::collections::BTreeMap;

use bytes::Bytes;
use highwater_log::{AppendError, AppendOrigin, Offset, TransactionVersion};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::protocol::StrBytes;

use crate::broker::Broker;
use crate::broker::disk::storage_error;
use crate::broker::purgatory::{AppendedPartition, DelayedProduce, Then};
use crate::broker::verification::Refused;
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{NodeId, TopicName, TopicPartition};
use crate::input::ReplyTo;
use crate::time::Span;
use crate::timer::Timer;

/// `acks=all` on the wire.
const ACKS_ALL: i16 = -1;

/// On whose behalf a leader appends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    origin: AppendOrigin,
    version: TransactionVersion,
}

impl Origin {
    pub(super) fn of(origin: AppendOrigin) -> Self {
        Self { origin, version: TransactionVersion::UNKNOWN }
    }
}

impl Broker {
    /// Appends what a producer sent, but for what is refused already.
    pub(super) fn append_produced(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::ProduceRequest,
        refused: &Refused,
    ) {
        let mut parts = Vec::new();
        for topic in &request.topic_data {
            let name = TopicName::from(&**topic.name);
            for data in &topic.partition_data {
                let partition = TopicPartition::new(&name, data.index);
                let records = data.records.clone().unwrap_or_default();
                parts.push(match refused.get(&partition) {
                    Some(error) => self.refuse(ctx, from.node, partition, *error),
                    None => self.append_for(ctx, from.node, partition, &records, request.acks),
                });
            }
        }
        let size_bytes = self.size_for_quota(request);
        let then = Then::Respond(from, size_bytes);
        let delayed = DelayedProduce { then, partitions: parts, timer: None };
        let timeout = Span::from_millis(request.timeout_ms.into());
        match request.acks {
            0 => {
                self.throttle_produce(ctx, from, size_bytes, false);
            }
            ACKS_ALL if !ctx.has_bug(Bug::EarlyAck) => self.wait_for_isr(ctx, delayed, timeout),
            _ => self.finish_produce(ctx, delayed),
        }
    }

    /// Refuses all that a producer sent.
    pub(super) fn refuse_produce(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::ProduceRequest,
        error: ResponseError,
    ) {
        let topics = request.topic_data.iter();
        let partitions = topics.flat_map(|topic| {
            let name = TopicName::from(&**topic.name);
            topic.partition_data.iter().map(move |data| TopicPartition::new(&name, data.index))
        });
        let refused = partitions.map(|partition| (partition, error)).collect();
        self.append_produced(ctx, from, request, &refused);
    }

    /// Lets an append wait until the ISR has it, if it has to.
    pub(super) fn wait_for_isr(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut delayed: DelayedProduce,
        timeout: Span,
    ) {
        let id = self.process.purgatory.next_id();
        delayed.timer = Some(ctx.set_timer(timeout, Timer::DelayedProduce(id)));
        self.process.purgatory.produce.insert(id, delayed);
        self.check_delayed_produce(ctx, id);
    }

    /// Looks whether an append that waits is done: each of its partitions on the ISR, or refused.
    pub(super) fn check_delayed_produce(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(mut delayed) = self.process.purgatory.produce.remove(&id) else { return };
        for part in delayed.partitions.iter_mut().filter(|part| part.is_waiting) {
            match self.append_outcome(&part.partition, part.required) {
                None => {}
                Some(Ok(())) => part.is_waiting = false,
                Some(Err(error)) => {
                    part.is_waiting = false;
                    part.error = Some(error);
                }
            }
        }
        if delayed.partitions.iter().any(|part| part.is_waiting) {
            self.process.purgatory.produce.insert(id, delayed);
        } else {
            self.finish_produce(ctx, delayed);
        }
    }

    pub(super) fn delayed_produce_expired(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(mut delayed) = self.process.purgatory.produce.remove(&id) else { return };
        for part in delayed.partitions.iter_mut().filter(|part| part.is_waiting) {
            part.is_waiting = false;
            part.error = Some(ResponseError::RequestTimedOut);
        }
        delayed.timer = None;
        self.finish_produce(ctx, delayed);
    }

    /// Appends batches as the leader of a partition. Whoever waits for records is told.
    pub(super) fn append_as_leader(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        records: &Bytes,
        needs_min_isr: bool,
        origin: Origin,
    ) -> Result<(Offset, Offset), (ResponseError, String)> {
        let min_isr = self.effective_min_isr(partition);
        self.check_leader_epoch(partition, -1).map_err(|error| (error, error.to_string()))?;
        let replica = &self.replicas[partition];
        let isr_size = replica.leader().map_or(0, |leader| leader.isr.len());
        if needs_min_isr && isr_size < min_isr {
            let isr = replica.leader().map_or_else(String::new, |leader| isr_text(&leader.isr));
            let message = format!(
                "The size of the current ISR {isr} is insufficient to satisfy the min.isr requirement of {min_isr} for partition {partition}"
            );
            return Err((ResponseError::NotEnoughReplicas, message));
        }
        if self.write_fails() {
            return Err(storage_error());
        }
        let replica = self.replicas.get_mut(partition).expect("its leadership was checked");
        let epoch = replica.leader_epoch;
        let Origin { origin, version } = origin;
        let origin =
            if ctx.has_bug(Bug::NoSequenceCheck) { AppendOrigin::Coordinator } else { origin };
        let info = replica
            .log
            .append_as_leader_from(origin, records, epoch, version, ctx.timestamp())
            .map_err(|error| (error_code(&error), error.to_string()))?;
        if !info.duplicate {
            replica.note_flush(ctx.now());
            ctx.emit(EventKind::BatchAppended {
                broker: self.id,
                partition: partition.clone(),
                base_offset: info.first_offset,
                last_offset: info.last_offset,
                size_bytes: u32::try_from(records.len()).unwrap_or(u32::MAX),
                leader_epoch: epoch,
                as_leader: true,
            });
            ctx.note_log_growth(records.len() as u64);
        }
        Ok((info.first_offset, info.last_offset))
    }

    fn append_for(
        &mut self,
        ctx: &mut Ctx<'_>,
        client: NodeId,
        partition: TopicPartition,
        records: &Bytes,
        acks: i16,
    ) -> AppendedPartition {
        let mut part = AppendedPartition::new(partition.clone());
        let origin = Origin::of(AppendOrigin::Client);
        match self.append_as_leader(ctx, &partition, records, acks == ACKS_ALL, origin) {
            Ok((first, last)) => {
                part.base_offset = first;
                part.required = last.next();
                part.is_waiting = acks == ACKS_ALL;
                part.log_start_offset = self.replicas[&partition].log.log_start_offset();
                self.log_end_moved(ctx, &partition);
            }
            Err((error, message)) => {
                ctx.emit(EventKind::ProduceRefused { broker: self.id, partition, client, error });
                part.error = Some(error);
                part.message = Some(message);
            }
        }
        part
    }

    fn refuse(
        &mut self,
        ctx: &mut Ctx<'_>,
        client: NodeId,
        partition: TopicPartition,
        error: ResponseError,
    ) -> AppendedPartition {
        let mut part = AppendedPartition::new(partition.clone());
        ctx.emit(EventKind::ProduceRefused { broker: self.id, partition, client, error });
        // Without words of its own: the client has its own for each error.
        part.error = Some(error);
        part
    }

    /// The leader's log has grown: followers that wait are answered, and a partition without
    /// followers in its ISR has its records on the whole ISR already.
    pub(super) fn log_end_moved(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        self.maybe_advance_high_watermark(ctx, partition);
        self.check_delayed_fetches(ctx, partition);
    }

    /// None while the ISR does not have all below `required` yet.
    fn append_outcome(
        &self,
        partition: &TopicPartition,
        required: Offset,
    ) -> Option<Result<(), ResponseError>> {
        let leader =
            self.replicas.get(partition).and_then(|replica| Some((replica, replica.leader()?)));
        let Some((replica, leader)) = leader else {
            return Some(Err(ResponseError::NotLeaderOrFollower));
        };
        if replica.log.high_watermark() < required {
            return None;
        }
        if leader.isr.len() < self.effective_min_isr(partition) {
            return Some(Err(ResponseError::NotEnoughReplicasAfterAppend));
        }
        Some(Ok(()))
    }

    fn finish_produce(&mut self, ctx: &mut Ctx<'_>, delayed: DelayedProduce) {
        if let Some(timer) = delayed.timer {
            ctx.cancel_timer(timer);
        }
        match delayed.then {
            Then::Respond(from, size_bytes) => {
                let wait = self.throttle_produce(ctx, from, size_bytes, true);
                let response = produce_response(delayed.partitions);
                ctx.respond(from, response.with_throttle_time_ms(wait));
            }
            Then::Group(token) => {
                let error = delayed.partitions.iter().find_map(|part| part.error);
                self.group_write_done(ctx, token, error);
            }
            Then::Transaction(token) => {
                let error = delayed.partitions.iter().find_map(|part| part.error);
                self.transaction_write_done(ctx, token, error);
            }
            Then::ShareState(token) => {
                let error = delayed.partitions.iter().find_map(|part| part.error);
                self.share_state_write_done(ctx, token, error);
            }
            Then::Markers(markers) => self.markers_written(ctx, markers, delayed.partitions),
        }
    }
}

fn produce_response(parts: Vec<AppendedPartition>) -> kafka::ProduceResponse {
    let mut topics: BTreeMap<TopicName, Vec<PartitionProduceResponse>> = BTreeMap::new();
    for part in parts {
        let mut response = PartitionProduceResponse::default();
        response.index = part.partition.partition.0;
        response.error_code = part.error.map_or(0, |error| error.code());
        response.base_offset = if part.error.is_some() { -1 } else { part.base_offset.0 };
        response.log_append_time_ms = -1;
        response.log_start_offset = part.log_start_offset.0;
        response.error_message = part.message.map(StrBytes::from_string);
        topics.entry(part.partition.topic).or_default().push(response);
    }
    let mut response = kafka::ProduceResponse::default();
    response.responses = topics
        .into_iter()
        .map(|(name, partitions)| {
            TopicProduceResponse::default()
                .with_name(kafka::TopicName(StrBytes::from_string(name.to_string())))
                .with_partition_responses(partitions)
        })
        .collect();
    response
}

/// The ISR as Kafka's exception prints it: `Set(1, 3)`.
fn isr_text(isr: &[crate::ids::BrokerId]) -> String {
    let ids: Vec<String> = isr.iter().map(ToString::to_string).collect();
    format!("Set({})", ids.join(", "))
}

/// Kafka's error code for a refused append.
fn error_code(error: &AppendError) -> ResponseError {
    match error {
        AppendError::CorruptMessage(_) => ResponseError::CorruptMessage,
        AppendError::MessageTooLarge { .. } => ResponseError::MessageTooLarge,
        AppendError::RecordListTooLarge { .. } => ResponseError::RecordListTooLarge,
        AppendError::InvalidTimestamp { .. } => ResponseError::InvalidTimestamp,
        AppendError::InvalidRecord { .. } => ResponseError::InvalidRecord,
        AppendError::OutOfOrderSequence { .. } => ResponseError::OutOfOrderSequenceNumber,
        AppendError::InvalidProducerEpoch { .. } => ResponseError::InvalidProducerEpoch,
        AppendError::TransactionCoordinatorFenced { .. } => {
            ResponseError::TransactionCoordinatorFenced
        }
        AppendError::InvalidTxnState { .. } => ResponseError::InvalidTxnState,
        AppendError::UnexpectedAppendOffset { .. } | AppendError::OffsetsOutOfOrder { .. } => {
            unreachable!("a leader assigns the offsets itself: {error:?}")
        }
    }
}
