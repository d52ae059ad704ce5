//! WriteTxnMarkers: a leader ends transactions in its partitions, as their coordinator has decided.

use std::collections::BTreeMap;

use highwater_log::{
    AppendOrigin, BatchBuilder, EndTransactionMarker, LeaderEpoch, Offset, ProducerEpoch,
    ProducerId,
};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::write_txn_markers_request::WritableTxnMarker;
use kafka_protocol::messages::write_txn_markers_response::{
    WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
};

use crate::broker::Broker;
use crate::broker::internal_log::InternalTopic;
use crate::broker::produce::Origin;
use crate::broker::purgatory::{AppendedPartition, DelayedProduce, Then};
use crate::bugs::Bug;
use crate::client::names;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{TopicName, TopicPartition};
use crate::input::ReplyTo;

/// Markers that wait for the ISR: whom to answer, and what each append was for.
#[derive(Clone, Debug)]
pub(super) struct Markers {
    from: ReplyTo,
    producers: Vec<ProducerId>,
    /// For each append, the marker that it belongs to, and whether it commits.
    appends: Vec<(usize, bool)>,
}

impl Broker {
    pub(super) fn on_write_txn_markers(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::WriteTxnMarkersRequest,
    ) {
        let producers =
            request.markers.iter().map(|marker| ProducerId(marker.producer_id.0)).collect();
        let mut markers = Markers { from, producers, appends: Vec::new() };
        let mut partitions = Vec::new();
        for (index, marker) in request.markers.iter().enumerate() {
            for topic in &marker.topics {
                let name = names::from_kafka(&topic.name);
                for partition in &topic.partition_indexes {
                    let partition = TopicPartition::new(&name, *partition);
                    partitions.push(self.append_marker(ctx, partition, marker));
                    markers.appends.push((index, marker.transaction_result));
                }
            }
        }
        let then = Then::Markers(markers);
        let delayed = DelayedProduce { then, partitions, timer: None };
        self.wait_for_isr(ctx, delayed, self.config.request_timeout);
    }

    /// The markers are on the ISR, or refused. What a transaction committed of a group's offsets counts
    /// from here on.
    pub(super) fn markers_written(
        &mut self,
        ctx: &mut Ctx<'_>,
        markers: Markers,
        parts: Vec<AppendedPartition>,
    ) {
        type Topics = BTreeMap<TopicName, Vec<WritableTxnMarkerPartitionResult>>;
        let mut results: Vec<Topics> = vec![Topics::new(); markers.producers.len()];
        for (part, (index, commit)) in parts.into_iter().zip(&markers.appends) {
            let AppendedPartition { partition, error, .. } = part;
            let is_offsets = InternalTopic::named(&partition.topic) == Some(InternalTopic::Offsets);
            if is_offsets && error.is_none() {
                let (producer, of) = (markers.producers[*index], partition.partition.0);
                self.with_groups(ctx, |groups, ctx, _| {
                    groups.transaction_ended(ctx, of, producer, *commit);
                });
            }
            let result = WritableTxnMarkerPartitionResult::default()
                .with_partition_index(partition.partition.0)
                .with_error_code(error.map_or(0, |error| error.code()));
            results[*index].entry(partition.topic).or_default().push(result);
        }
        let results = results.into_iter().zip(&markers.producers).map(|(topics, producer)| {
            let topics = topics.into_iter().map(|(topic, partitions)| {
                WritableTxnMarkerTopicResult::default()
                    .with_name(names::to_kafka(&topic))
                    .with_partitions(partitions)
            });
            WritableTxnMarkerResult::default()
                .with_producer_id(kafka::ProducerId(producer.0))
                .with_topics(topics.collect())
        });
        let response = kafka::WriteTxnMarkersResponse::default().with_markers(results.collect());
        ctx.respond(markers.from, response);
    }

    fn append_marker(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: TopicPartition,
        marker: &WritableTxnMarker,
    ) -> AppendedPartition {
        let mut part = AppendedPartition::new(partition.clone());
        let times = if ctx.has_bug(Bug::MarkerTwice) { 2 } else { 1 };
        for _ in 0..times {
            match self.append_one_marker(ctx, &partition, marker) {
                Ok(offset) => {
                    part.base_offset = offset;
                    part.required = offset.next();
                    part.is_waiting = true;
                }
                Err(error) => part.error = Some(error),
            }
        }
        self.log_end_moved(ctx, &partition);
        part
    }

    fn append_one_marker(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        marker: &WritableTxnMarker,
    ) -> Result<Offset, ResponseError> {
        let producer_id = ProducerId(marker.producer_id.0);
        let producer_epoch = ProducerEpoch(marker.producer_epoch);
        let commit = marker.transaction_result;
        let end = EndTransactionMarker { commit, coordinator_epoch: marker.coordinator_epoch };
        let builder =
            BatchBuilder::end_transaction(producer_id, producer_epoch, end, ctx.timestamp());
        let batch = builder.build(Offset(0), LeaderEpoch(-1));
        let origin = Origin::of(AppendOrigin::Coordinator);
        let appended = self.append_as_leader(ctx, partition, batch.bytes(), true, origin);
        let (offset, _) = appended.map_err(|(error, _)| error)?;
        self.forget_verified(partition, producer_id);
        ctx.emit(EventKind::TransactionMarkerWritten {
            broker: self.id,
            partition: partition.clone(),
            producer_id,
            producer_epoch,
            offset,
            commit,
        });
        Ok(offset)
    }
}
