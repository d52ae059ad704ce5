//! `describe-producers`: who writes to a partition.

use highwater_cluster::client::ClientMetadata;
use highwater_cluster::client::errors::is_invalid_metadata;
use highwater_cluster::client::names;
use highwater_cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_cluster::message::Response;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::describe_producers_request::TopicRequest;
use highwater_cluster::protocol::messages::describe_producers_response::ProducerState;

use super::fail_with;
use crate::admin::To;
use crate::options::Given;
use crate::programs::calls::ask;
use crate::programs::table;
use crate::script::{Failure, Halt, Io, caught};

const API: &str = "describeProducers(api=DESCRIBE_PRODUCERS)";

pub(super) fn describe(io: &mut Io<'_, '_>, given: &Given) -> Result<(), Halt> {
    let partition = partition_of(given);
    let broker = broker_of(given);
    let producers = match caught(active(io, &partition, broker))? {
        Ok(producers) => producers,
        Err(failure) => {
            let at = broker.map_or("leader".to_owned(), |broker| format!("broker {broker}"));
            let what = format!("Failed to describe producers for partition {partition} on {at}");
            return fail_with(io, &what, &failure);
        }
    };
    let rows: Vec<[String; 6]> = producers
        .iter()
        .map(|producer| {
            let start = producer.current_txn_start_offset;
            let start = if start < 0 { "None".to_owned() } else { start.to_string() };
            [
                producer.producer_id.0.to_string(),
                producer.producer_epoch.to_string(),
                producer.coordinator_epoch.max(-1).to_string(),
                producer.last_sequence.to_string(),
                producer.last_timestamp.to_string(),
                start,
            ]
        })
        .collect();
    let head = [
        "ProducerId",
        "ProducerEpoch",
        "LatestCoordinatorEpoch",
        "LastSequence",
        "LastTimestamp",
        "CurrentTransactionStartOffset",
    ];
    table::print(io, head, &rows);
    Ok(())
}

/// `--topic` and `--partition`
pub(super) fn partition_of(given: &Given) -> TopicPartition {
    let topic = TopicName::from(given.text("--topic").unwrap_or_default());
    let index = given.integer("--partition").and_then(|index| i32::try_from(index).ok());
    TopicPartition::new(&topic, index.unwrap_or_default())
}

/// `--broker-id`
pub(super) fn broker_of(given: &Given) -> Option<BrokerId> {
    let id = given.integer("--broker-id").and_then(|id| i32::try_from(id).ok());
    id.map(BrokerId)
}

/// The producers of a partition, as its leader or a certain replica knows them.
pub(super) fn active(
    io: &mut Io<'_, '_>,
    partition: &TopicPartition,
    broker: Option<BrokerId>,
) -> Result<Vec<ProducerState>, Halt> {
    let topic = TopicRequest::default()
        .with_name(names::to_kafka(&partition.topic))
        .with_partition_indexes(vec![partition.partition.0]);
    let request = kafka::DescribeProducersRequest::default().with_topics(vec![topic]);
    let deadline = io.deadline()?;
    for tries in 0.. {
        let to = match broker {
            Some(broker) => Some(broker),
            None => leader(io, partition)?,
        };
        if let Some(to) = to {
            let body = ask!(io, API, request.clone(), To::Broker(to) => DescribeProducers);
            let answer = body.topics.first().and_then(|topic| topic.partitions.first());
            let answer = answer.cloned().unwrap_or_default();
            match ResponseError::try_from_code(answer.error_code) {
                None => return Ok(answer.active_producers),
                // Only the leader is looked for anew.
                Some(error) if is_invalid_metadata(error) && broker.is_none() => {}
                Some(error) => {
                    return Err(Failure::of(error, answer.error_message.as_deref()).into());
                }
            }
        }
        if io.now()?.0 >= deadline {
            let call = "describeProducers(api=METADATA)";
            let message = format!("Timed out waiting to send the call. Call: {call}");
            return Err(Failure::timeout(message).into());
        }
        io.back_off(tries)?;
    }
    unreachable!("the deadline comes")
}

/// The leader of a partition; none while there is none, or no such partition.
pub(super) fn leader(
    io: &mut Io<'_, '_>,
    partition: &TopicPartition,
) -> Result<Option<BrokerId>, Halt> {
    let request = ClientMetadata::request([&partition.topic]);
    let body = ask!(io, "describeProducers(api=METADATA)", request, To::Any => Metadata);
    let mut metadata = ClientMetadata::default();
    metadata.update(&body);
    Ok(metadata.leader(partition))
}
