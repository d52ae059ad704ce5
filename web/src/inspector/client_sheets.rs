//! Producers, consumers and groups as the inspector shows them.

use highwater_cluster::consumer::GroupProtocol;
use highwater_cluster::ids::{ClientId, GroupId, NodeId};
use highwater_cluster::producer::{Delivery, SendingView};
use highwater_cluster::view::{ApplicationView, ClusterView, MemberView};

use super::app_sheet::{position, transaction};
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
            .with(
                "Its transaction",
                producer.transaction.as_ref().map(transaction).unwrap_or_default(),
            )
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
    let has_group = !consumer.group.as_str().is_empty();
    let under =
        if !has_group && !consumer.is_closed { "It reads by itself, in no group" } else { under };
    let topics = consumer.pattern.as_ref().map_or_else(
        || list(&consumer.topics),
        |pattern| format!("{pattern}: {}", list(&consumer.topics)),
    );
    let epoch = match consumer.group_protocol {
        GroupProtocol::Classic => "Generation",
        GroupProtocol::Consumer => "Member epoch",
    };
    let lag: Option<u64> = consumer.assignment.iter().map(|owned| owned.lag).sum();
    let mut facts = vec![
        exact("Group", if has_group { consumer.group.as_str() } else { "none" }),
        exact("Topics", topics),
        exact("Protocol", consumer.group_protocol.name()),
        exact("Assignor", consumer.assignor.as_deref().unwrap_or("none")),
        exact("Its place", consumer.member_state),
        exact(epoch, consumer.generation),
        exact("Records got", count(consumer.records_consumed)),
        exact("Lag", lag.map_or_else(|| "not known".to_owned(), count)),
        exact("Member id", consumer.member.as_ref().map_or("none", |member| member.as_str())),
    ];
    facts.extend(consumer.last_error.as_ref().map(|error| exact("Error that ended it", error)));
    let sheet = Sheet::new("Consumer", format!("Consumer {}", consumer.name), under, facts);
    Some(
        sheet
            .with("Its partitions", consumer.assignment.iter().map(position).collect())
            .with("Its application", application(&consumer.application))
            .with("Settings", settings(&consumer.configs)),
    )
}

/// What an application made of its records; nothing of what it never did.
fn application(application: &ApplicationView) -> Vec<Fact> {
    let figures = [
        ("Records in hand", application.in_hand),
        ("Records processed", application.processed),
        ("Failures", application.failed),
        ("Records given up", application.skipped),
        ("Tried again", application.retried),
        ("In the dead letter topic", application.dead_lettered),
        ("In the retry topic", application.sent_to_retry),
        ("Duplicates recognised", application.duplicates),
    ];
    let some = figures.into_iter().filter(|(_, figure)| *figure > 0);
    some.map(|(name, figure)| exact(name, count(figure))).collect()
}

pub fn group(view: &ClusterView, id: &GroupId) -> Option<Sheet> {
    let Some(group) = view.groups.iter().find(|known| known.id == *id) else {
        // Its consumers run, but no coordinator knows it yet.
        let consumers = view.consumers.iter().map(|known| (&known.group, known.is_closed));
        let apps = view.apps.iter().map(|known| (&known.group, known.is_closed));
        let is_running = |(group, is_closed): &(&GroupId, bool)| *group == id && !is_closed;
        let members = consumers.chain(apps).filter(is_running).count();
        let facts = vec![exact("Consumers that run", members)];
        return (members > 0).then(|| {
            Sheet::new("Consumer group", id.to_string(), "No coordinator knows it yet", facts)
                .named()
        });
    };
    let facts = vec![
        exact("State", group.state.name()),
        exact(
            if group.assignment_epoch.is_some() { "Group epoch" } else { "Generation" },
            group.generation,
        ),
        exact("Coordinator", format!("broker {}", group.coordinator)),
        exact("Assignor", group.assignor.as_deref().unwrap_or("none")),
        exact("Members", group.members.len()),
    ];
    let members = group.members.iter().map(|member| {
        let name = match member.client {
            NodeId::Client(client) => name_of(view, client),
            _ => None,
        };
        let leads = if member.is_leader { ", leads" } else { "" };
        words(
            format!("{}{leads}", name.unwrap_or_else(|| member.id.to_string())),
            format!("{}{}", list(&member.assignment), reconciliation(member)),
        )
    });
    let committed =
        group.committed.iter().map(|(partition, offset)| exact(partition.to_string(), offset.0));
    let facts = match group.assignment_epoch {
        Some(epoch) => [facts, vec![exact("Assignment epoch", epoch)]].concat(),
        None => facts,
    };
    let sheet = Sheet::new("Consumer group", id.to_string(), group.state.name(), facts).named();
    Some(sheet.with("Members", members.collect()).with("Committed offsets", committed.collect()))
}

/// The name of a consumer or an application.
fn name_of(view: &ClusterView, client: ClientId) -> Option<String> {
    let consumers = view.consumers.iter().map(|known| (known.client, &known.name));
    let mut all = consumers.chain(view.apps.iter().map(|known| (known.client, &known.name)));
    all.find(|(known, _)| *known == client).map(|(_, name)| name.to_string())
}

/// How far a member of the consumer protocol is on its way to its target.
fn reconciliation(member: &MemberView) -> String {
    let Some(way) = &member.reconciliation else { return String::new() };
    let revoking = match way.revoking.as_slice() {
        [] => String::new(),
        revoking => format!(", gives up {}", list(revoking)),
    };
    let target = if way.target == member.assignment {
        String::new()
    } else {
        format!(", to have {}", list(&way.target))
    };
    format!("; epoch {}{revoking}{target}", way.epoch)
}

pub fn settings(configs: &[(std::sync::Arc<str>, std::sync::Arc<str>)]) -> Vec<Fact> {
    configs.iter().map(|(name, value)| exact(&**name, value)).collect()
}
