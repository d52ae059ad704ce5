//! The markers of transactions whose outcome is decided: they go to the leader of every partition of
//! the transaction until each has one. Then the transaction is complete.

use std::collections::{BTreeMap, BTreeSet};

use highwater_log::{ProducerEpoch, ProducerId};
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::write_txn_markers_request::{
    WritableTxnMarker, WritableTxnMarkerTopic,
};

use crate::client::names;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, TopicName, TopicPartition, TransactionalId};
use crate::time::Span;
use crate::timer::Timer;
use crate::transaction::metadata::TransactionMetadata;
use crate::transaction::writes::Effect;
use crate::transaction::{Leader, TransactionCoordinator, TransactionLog, TransactionState, Turn};

/// How long what could not be done waits until it is tried again. Kafka's sender tries at once, over
/// and over; so it does not take a step of the simulation for each time.
const RETRY: Span = Span(100_000);

/// The markers that are to be written.
#[derive(Clone, Debug, Default)]
pub(super) struct Markers {
    /// What waits for a broker's answer to an earlier request, by broker.
    queues: BTreeMap<BrokerId, Vec<Marker>>,
    /// What a broker has been sent and not answered.
    in_flight: BTreeMap<BrokerId, Vec<Marker>>,
    /// What is to be tried again: the leader is not known, or refused.
    to_retry: Vec<Marker>,
    /// Ends of transactions that could not be written.
    to_complete: Vec<(i32, TransactionalId)>,
    /// What a transaction becomes once it has all its markers.
    completing: BTreeMap<(i32, TransactionalId), TransactionMetadata>,
    is_timer_set: bool,
}

/// The markers of a transaction for partitions with the same leader.
#[derive(Clone, Debug)]
struct Marker {
    /// The partition of `__transaction_state`, and its epoch.
    of: i32,
    coordinator_epoch: i32,
    id: TransactionalId,
    producer_id: ProducerId,
    producer_epoch: ProducerEpoch,
    commit: bool,
    partitions: Vec<TopicPartition>,
}

impl TransactionCoordinator {
    /// Sends the markers of a transaction whose outcome is written; it becomes `target` after the last.
    pub(super) fn send_markers(
        &mut self,
        turn: &mut Turn<'_, '_>,
        of: i32,
        id: &TransactionalId,
        target: TransactionMetadata,
    ) {
        let Some(coordinated) = self.partitions.get(&of) else { return };
        let metadata = &coordinated.transactions[id].metadata;
        let marker = Marker {
            of,
            coordinator_epoch: coordinated.epoch,
            id: id.clone(),
            producer_id: metadata.producer_id,
            producer_epoch: metadata.producer_epoch,
            commit: metadata.state == TransactionState::PrepareCommit,
            partitions: metadata.partitions.iter().cloned().collect(),
        };
        self.markers.completing.insert((of, id.clone()), target);
        self.enqueue(turn, marker);
        self.complete_if_marked(turn, of, id);
        self.send_queued(turn);
    }

    /// A leader has answered, or not.
    pub(crate) fn markers_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        broker: BrokerId,
        response: Option<&kafka::WriteTxnMarkersResponse>,
        log: &mut dyn TransactionLog,
    ) {
        let turn = &mut Turn { ctx, log };
        let sent = self.markers.in_flight.remove(&broker).unwrap_or_default();
        for (index, marker) in sent.into_iter().enumerate() {
            let result = response.and_then(|response| response.markers.get(index));
            self.take_result(turn, marker, result.map(errors));
        }
        self.send_queued(turn);
        self.schedule_retry(turn);
        self.schedule_ticks(turn);
    }

    /// What could not be done is tried again.
    pub(crate) fn retry_markers(&mut self, ctx: &mut Ctx<'_>, log: &mut dyn TransactionLog) {
        let turn = &mut Turn { ctx, log };
        self.markers.is_timer_set = false;
        for marker in std::mem::take(&mut self.markers.to_retry) {
            let (of, id) = (marker.of, marker.id.clone());
            self.enqueue(turn, marker);
            self.complete_if_marked(turn, of, &id);
        }
        for (of, id) in std::mem::take(&mut self.markers.to_complete) {
            self.complete_if_marked(turn, of, &id);
        }
        self.send_queued(turn);
        self.schedule_retry(turn);
    }

    /// The end of a transaction is written, or not.
    pub(super) fn completion_written(
        &mut self,
        turn: &mut Turn<'_, '_>,
        of: i32,
        id: &TransactionalId,
        target: Option<TransactionMetadata>,
        error: Option<ResponseError>,
    ) {
        if error == Some(ResponseError::CoordinatorNotAvailable)
            && let Some(target) = target
        {
            self.markers.completing.insert((of, id.clone()), target);
            self.markers.to_complete.push((of, id.clone()));
            self.schedule_retry(turn);
        }
    }

    /// The broker coordinates the transactions of a partition no longer: the next coordinator sends
    /// the markers.
    pub(super) fn give_up_markers(&mut self, of: i32) {
        let is_kept = |marker: &Marker| marker.of != of;
        self.markers.queues.values_mut().for_each(|queue| queue.retain(is_kept));
        self.markers.to_retry.retain(is_kept);
        self.markers.to_complete.retain(|(partition, _)| *partition != of);
        self.markers.completing.retain(|(partition, _), _| *partition != of);
    }

    fn take_result(
        &mut self,
        turn: &mut Turn<'_, '_>,
        mut marker: Marker,
        errors: Option<BTreeMap<TopicPartition, Option<ResponseError>>>,
    ) {
        let (of, id) = (marker.of, marker.id.clone());
        let is_current = self
            .partitions
            .get(&of)
            .is_some_and(|coordinated| coordinated.epoch == marker.coordinator_epoch);
        if !is_current {
            return;
        }
        let Some(errors) = errors else {
            // The broker did not answer: whoever leads by then is asked.
            self.markers.to_retry.push(marker);
            return;
        };
        let error_of = |partition: &TopicPartition| {
            errors.get(partition).copied().unwrap_or(Some(ResponseError::UnknownServerError))
        };
        let is_replaced = marker.partitions.iter().any(|partition| {
            matches!(
                error_of(partition),
                Some(
                    ResponseError::InvalidProducerEpoch
                        | ResponseError::TransactionCoordinatorFenced
                )
            )
        });
        if is_replaced {
            // Another coordinator has taken the transaction over, so this one stops.
            self.markers.completing.remove(&(of, id));
            return;
        }
        let (done, rest): (Vec<_>, Vec<_>) =
            marker.partitions.into_iter().partition(|partition| error_of(partition).is_none());
        self.remove_partitions(of, &id, &done);
        if rest.is_empty() {
            self.complete_if_marked(turn, of, &id);
        } else {
            marker.partitions = rest;
            self.markers.to_retry.push(marker);
        }
    }

    /// Hands the marker out to the leaders of its partitions. Those that are no more need none.
    fn enqueue(&mut self, turn: &mut Turn<'_, '_>, marker: Marker) {
        let mut by_leader: BTreeMap<Leader, Vec<TopicPartition>> = BTreeMap::new();
        for partition in &marker.partitions {
            by_leader.entry(turn.log.leader_of(partition)).or_default().push(partition.clone());
        }
        for (leader, partitions) in by_leader {
            let part = Marker { partitions, ..marker.clone() };
            match leader {
                Leader::Broker(broker) => {
                    self.markers.queues.entry(broker).or_default().push(part);
                }
                Leader::None => {
                    self.markers.to_retry.push(part);
                    self.schedule_retry(turn);
                }
                Leader::NoPartition => {
                    self.remove_partitions(part.of, &part.id, &part.partitions);
                }
            }
        }
    }

    /// Sends what waits, to each broker that owes no answer.
    fn send_queued(&mut self, turn: &mut Turn<'_, '_>) {
        let markers = &mut self.markers;
        for (broker, queue) in &mut markers.queues {
            if queue.is_empty() || markers.in_flight.contains_key(broker) {
                continue;
            }
            let sent = std::mem::take(queue);
            let entries = sent.iter().map(writable).collect();
            let request = kafka::WriteTxnMarkersRequest::default().with_markers(entries);
            markers.in_flight.insert(*broker, sent);
            turn.log.send_markers(turn.ctx, *broker, request);
        }
    }

    fn remove_partitions(&mut self, of: i32, id: &TransactionalId, partitions: &[TopicPartition]) {
        let coordinated = self.partitions.get_mut(&of);
        let transaction = coordinated.and_then(|coordinated| coordinated.transactions.get_mut(id));
        if let Some(transaction) =
            transaction.filter(|transaction| transaction.metadata.state.is_prepared())
        {
            let known = &mut transaction.metadata.partitions;
            partitions.iter().for_each(|partition| {
                known.remove(partition);
            });
        }
    }

    /// Writes the end of a transaction whose partitions all have their marker.
    fn complete_if_marked(&mut self, turn: &mut Turn<'_, '_>, of: i32, id: &TransactionalId) {
        let Some(coordinated) = self.partitions.get(&of) else { return };
        let Some(transaction) = coordinated.transactions.get(id) else { return };
        if !transaction.metadata.partitions.is_empty() {
            return;
        }
        if let Some(target) = self.markers.completing.remove(&(of, id.clone())) {
            self.write(turn, of, id, Some(target), Effect::Completed);
        }
    }

    fn schedule_retry(&mut self, turn: &mut Turn<'_, '_>) {
        let markers = &mut self.markers;
        let has_work = !markers.to_retry.is_empty() || !markers.to_complete.is_empty();
        if has_work && !markers.is_timer_set {
            markers.is_timer_set = true;
            turn.ctx.set_timer(RETRY, Timer::TransactionMarkers);
        }
    }
}

fn writable(marker: &Marker) -> WritableTxnMarker {
    let mut topics: BTreeMap<&TopicName, BTreeSet<i32>> = BTreeMap::new();
    for partition in &marker.partitions {
        topics.entry(&partition.topic).or_default().insert(partition.partition.0);
    }
    let topics = topics.into_iter().map(|(topic, indexes)| {
        WritableTxnMarkerTopic::default()
            .with_name(names::to_kafka(topic))
            .with_partition_indexes(indexes.into_iter().collect())
    });
    WritableTxnMarker::default()
        .with_producer_id(kafka::ProducerId(marker.producer_id.0))
        .with_producer_epoch(marker.producer_epoch.0)
        .with_transaction_result(marker.commit)
        .with_coordinator_epoch(marker.coordinator_epoch)
        .with_topics(topics.collect())
}

/// What a leader says of each partition.
fn errors(
    result: &kafka::write_txn_markers_response::WritableTxnMarkerResult,
) -> BTreeMap<TopicPartition, Option<ResponseError>> {
    let topics = result.topics.iter();
    topics
        .flat_map(|topic| {
            let name = names::from_kafka(&topic.name);
            topic.partitions.iter().map(move |partition| {
                let error = ResponseError::try_from_code(partition.error_code);
                (TopicPartition::new(&name, partition.partition_index), error)
            })
        })
        .collect()
}
