//! Producers, consumers and groups as the inspector shows them.

use highwater_cluster::ids::{ClientId, GroupId, NodeId};
use highwater_cluster::producer::{Delivery, SendingView};
use highwater_cluster::view::ClusterView;

use super::sheet::{Fact, Sheet, exact, words};
use crate::format::{count, list};

pub fn producer(view: &ClusterView, id: ClientId) -> Option<Sheet> {
    let producer = view.producers.iter().find(|known| known.client == id)?;
    let under = match (producer.is_closed, producer.is_done) {
        (true, _) => "Closed",
        (false, true) => "It has sent all it had",
        (false, false) => "It is sending",
    };
    let mut facts = vec![
        exact("Topic", &producer.topic),
        exact("acks", &producer.acks),
        exact("Records a second", producer.rate),
        exact("Waiting to be sent", count(producer.records_waiting)),
        exact("Sent, unanswered", count(producer.records_in_flight)),
        exact("Acknowledged", count(producer.records_acknowledged)),
        exact("Given up", count(producer.records_failed)),
        exact("Batches sent again", count(producer.retries)),
    ];
    if let Some(error) = &producer.last_error {
        facts.push(exact("Last error", error));
    }
    let partitions = producer.acknowledged_by_partition.iter();
    let partitions =
        partitions.map(|(partition, records)| exact(partition.to_string(), count(*records)));
    let sheet = Sheet::new("Producer", format!("Producer {}", producer.name), under, facts);
    Some(
        sheet
            .with("Acknowledged, by partition", partitions.collect())
            .with("Sending", sending(&producer.sending))
            .with(
                "Last deliveries",
                producer.sending.deliveries.iter().rev().map(delivery).collect(),
            )
            .with("Settings", settings(&producer.configs)),
    )
}

/// The figures of a producer's sending.
fn sending(sending: &SendingView) -> Vec<Fact> {
    let used = sending.buffer_total_bytes.saturating_sub(sending.buffer_available_bytes);
    let requests = sending.requests_in_flight.iter();
    let requests = requests.map(|(broker, requests)| {
        exact(format!("Requests in flight to broker {broker}"), count(u64::from(*requests)))
    });
    let mut facts = vec![
        exact("Buffer in use, bytes", count(used)),
        exact("Buffer free, bytes", count(sending.buffer_available_bytes)),
        exact("Batches that wait", count(sending.batches_waiting)),
        exact("Batches that are full", count(sending.batches_full)),
        exact("Requests sent", count(sending.requests_sent)),
        exact("Batches sent", count(sending.batches_sent)),
        exact("Bytes of a batch, on average", count(sending.average_batch_bytes())),
        exact("Bytes before compression", count(sending.bytes_before_compression)),
        exact("Bytes sent", count(sending.bytes_sent)),
        exact("Wait of a batch, on average, ms", count(sending.average_queue_time().millis())),
        exact("Longest wait of a batch, ms", count(sending.queue_time_max.millis())),
    ];
    facts.extend(requests);
    facts
}

/// What became of a record: where it is, or the exception.
fn delivery(delivery: &Delivery) -> Fact {
    let partition = &delivery.partition;
    match (&delivery.exception, delivery.offset) {
        (Some(exception), _) => exact(partition.to_string(), exception),
        (None, Some(offset)) => exact(format!("{partition}@{offset}"), "acknowledged"),
        (None, None) => exact(partition.to_string(), "sent, nobody says where to"),
    }
}

pub fn consumer(view: &ClusterView, id: ClientId) -> Option<Sheet> {
    let consumer = view.consumers.iter().find(|known| known.client == id)?;
    let under = match (&consumer.member, consumer.is_closed) {
        (_, true) => "It does not run any more",
        (None, _) => "It has no place in its group yet",
        (Some(_), _) => "A member of its group",
    };
    let facts = vec![
        exact("Group", &consumer.group),
        exact("Topics", list(&consumer.topics)),
        exact("Generation", consumer.generation),
        exact("Records got", count(consumer.records_consumed)),
        exact("Member id", consumer.member.as_ref().map_or("none", |member| member.as_str())),
    ];
    let owned = consumer.assignment.iter().map(|owned| {
        let offset = |offset: Option<_>| {
            offset.map_or_else(
                || "none".to_owned(),
                |offset: highwater_cluster::log::Offset| offset.0.to_string(),
            )
        };
        let value =
            format!("position {}, committed {}", offset(owned.position), offset(owned.committed));
        exact(owned.partition.to_string(), value)
    });
    let sheet = Sheet::new("Consumer", format!("Consumer {}", consumer.name), under, facts);
    Some(
        sheet.with("Its partitions", owned.collect()).with("Settings", settings(&consumer.configs)),
    )
}

pub fn group(view: &ClusterView, id: &GroupId) -> Option<Sheet> {
    let Some(group) = view.groups.iter().find(|known| known.id == *id) else {
        // Its consumers run, but no coordinator knows it yet.
        let members = view
            .consumers
            .iter()
            .filter(|consumer| consumer.group == *id && !consumer.is_closed)
            .count();
        let facts = vec![exact("Consumers that run", members)];
        return (members > 0).then(|| {
            Sheet::new("Consumer group", id.to_string(), "No coordinator knows it yet", facts)
                .named()
        });
    };
    let facts = vec![
        exact("State", group.state.name()),
        exact("Generation", group.generation),
        exact("Coordinator", format!("broker {}", group.coordinator)),
        exact("Assignor", group.assignor.as_deref().unwrap_or("none")),
        exact("Members", group.members.len()),
    ];
    let members = group.members.iter().map(|member| {
        let name = match member.client {
            NodeId::Client(client) => view
                .consumers
                .iter()
                .find(|known| known.client == client)
                .map(|known| known.name.to_string()),
            _ => None,
        };
        let leads = if member.is_leader { ", leads" } else { "" };
        words(
            format!("{}{leads}", name.unwrap_or_else(|| member.id.to_string())),
            list(&member.assignment),
        )
    });
    let committed =
        group.committed.iter().map(|(partition, offset)| exact(partition.to_string(), offset.0));
    let sheet = Sheet::new("Consumer group", id.to_string(), group.state.name(), facts).named();
    Some(sheet.with("Members", members.collect()).with("Committed offsets", committed.collect()))
}

fn settings(configs: &[(std::sync::Arc<str>, std::sync::Arc<str>)]) -> Vec<Fact> {
    configs.iter().map(|(name, value)| exact(&**name, value)).collect()
}
