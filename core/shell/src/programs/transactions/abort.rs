//! `abort`: writes the marker that a transaction which hangs was never given.

use highwater_cluster::client::names;
use highwater_cluster::ids::TopicPartition;
use highwater_cluster::message::Response;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::write_txn_markers_request::{
    WritableTxnMarker, WritableTxnMarkerTopic,
};

use super::producers::{active, leader, partition_of};
use super::{fail, fail_with};
use crate::admin::To;
use crate::options::Given;
use crate::programs::calls::ask;
use crate::script::{Failure, Halt, Io, caught};

/// What identifies a transaction in a partition: `AbortTransactionSpec`.
#[derive(Clone, Copy, Debug)]
struct Spec {
    producer_id: i64,
    producer_epoch: i16,
    coordinator_epoch: i32,
}

pub(super) fn abort(io: &mut Io<'_, '_>, given: &Given) -> Result<(), Halt> {
    let partition = partition_of(given);
    let spec = match (given.integer("--start-offset"), given.integer("--producer-id")) {
        (Some(offset), _) => by_offset(io, &partition, offset)?,
        (None, Some(producer_id)) => by_producer(io, given, producer_id)?,
        (None, None) => {
            return fail(
                io,
                "The transaction to abort must be identified either with --start-offset (for brokers on 3.0 or above) or \
                 with --producer-id, --producer-epoch, and --coordinator-epoch (for older brokers)",
            );
        }
    };
    if let Err(failure) = caught(write(io, &partition, spec))? {
        let Spec { producer_id, producer_epoch, coordinator_epoch } = spec;
        let what = format!(
            "Failed to abort transaction AbortTransactionSpec(topicPartition={partition}, producerId={producer_id}, \
             producerEpoch={producer_epoch}, coordinatorEpoch={coordinator_epoch})"
        );
        return fail_with(io, &what, &failure);
    }
    Ok(())
}

fn by_offset(io: &mut Io<'_, '_>, partition: &TopicPartition, offset: i64) -> Result<Spec, Halt> {
    let producers = match caught(active(io, partition, None))? {
        Ok(producers) => producers,
        Err(failure) => {
            let what = format!("Failed to validate producer state for partition {partition}");
            return fail_with(io, &what, &failure);
        }
    };
    let found = producers
        .iter()
        .find(|producer| offset >= 0 && producer.current_txn_start_offset == offset);
    match found {
        Some(producer) => Ok(Spec {
            producer_id: producer.producer_id.0,
            producer_epoch: producer.producer_epoch as i16,
            coordinator_epoch: producer.coordinator_epoch.max(0),
        }),
        None => fail(
            io,
            &format!(
                "Could not find any open transactions starting at offset {offset} on partition {partition}"
            ),
        ),
    }
}

fn by_producer(io: &mut Io<'_, '_>, given: &Given, producer_id: i64) -> Result<Spec, Halt> {
    let Some(producer_epoch) = given.integer("--producer-epoch") else {
        return fail(io, "Missing required argument --producer-epoch");
    };
    let Some(coordinator_epoch) = given.integer("--coordinator-epoch") else {
        return fail(io, "Missing required argument --coordinator-epoch");
    };
    Ok(Spec {
        producer_id,
        producer_epoch: producer_epoch as i16,
        // One that never ended has no coordinator's epoch yet: 0 is no greater than any.
        coordinator_epoch: coordinator_epoch.max(0) as i32,
    })
}

/// `abortTransaction`: the leader of the partition writes the marker.
fn write(io: &mut Io<'_, '_>, partition: &TopicPartition, spec: Spec) -> Result<(), Halt> {
    let deadline = io.deadline()?;
    for tries in 0.. {
        if let Some(leader) = leader(io, partition)? {
            let topic = WritableTxnMarkerTopic::default()
                .with_name(names::to_kafka(&partition.topic))
                .with_partition_indexes(vec![partition.partition.0]);
            let marker = WritableTxnMarker::default()
                .with_producer_id(kafka::ProducerId(spec.producer_id))
                .with_producer_epoch(spec.producer_epoch)
                .with_coordinator_epoch(spec.coordinator_epoch)
                .with_transaction_result(false)
                .with_topics(vec![topic]);
            let request = kafka::WriteTxnMarkersRequest::default().with_markers(vec![marker]);
            let name = "abortTransaction(api=WRITE_TXN_MARKERS)";
            let body = ask!(io, name, request, To::Broker(leader) => WriteTxnMarkers);
            let topics = body.markers.iter().flat_map(|marker| &marker.topics);
            let codes = topics.flat_map(|topic| &topic.partitions).map(|part| part.error_code);
            match codes.filter_map(ResponseError::try_from_code).next() {
                None => return Ok(()),
                Some(error) if error.is_retriable() => {}
                Some(error) => return Err(Failure::of(error, None).into()),
            }
        }
        if io.now()?.0 >= deadline {
            let call = "abortTransaction(api=WRITE_TXN_MARKERS)";
            let message = format!("Timed out waiting to send the call. Call: {call}");
            return Err(Failure::timeout(message).into());
        }
        io.back_off(tries)?;
    }
    unreachable!("the deadline comes")
}
