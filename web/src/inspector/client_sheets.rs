//! Producers, consumers and groups as the inspector shows them.

use highwater_cluster::consumer::GroupProtocol;
use highwater_cluster::ids::{ClientId, GroupId, NodeId};
use highwater_cluster::producer::{Delivery, SendingView};
use highwater_cluster::quota::QuotaKind;
use highwater_cluster::view::{ApplicationView, ClusterView, MemberView};

use super::app_sheet::{position, transaction};
use super::sheet::{Fact, Sheet, exact, words};
use crate::format::{count, list};

pub fn producer(view: &ClusterView, id: ClientId) -> Option<Sheet> {
    let producer = view.producers.iter().find(|known| known.client == id)?;
    let under = match (producer.is_closed, producer.is_done) {
        (true, _) => t!("inspector.closed"),
        (false, true) => t!("inspector.it-has-sent"),
        (false, false) => t!("inspector.it-sending"),
    };
    let mut facts = vec![
        exact(t!("inspector.topic"), &producer.topic),
        exact("acks", &producer.acks),
        exact(t!("inspector.records-second"), producer.rate),
        exact(t!("inspector.waiting-to-be"), count(producer.records_waiting)),
        exact(t!("inspector.sent-unanswered"), count(producer.records_in_flight)),
        exact(t!("inspector.acknowledged"), count(producer.records_acknowledged)),
        exact(t!("inspector.given-up"), count(producer.records_failed)),
        exact(t!("inspector.batches-sent-again"), count(producer.retries)),
    ];
    if let Some(error) = &producer.last_error {
        facts.push(exact(t!("inspector.last-error"), error));
    }
    facts.extend(principal(view, id));
    facts.extend(quotas(view, id, &producer.configs, QuotaKind::Produce));
    let partitions = producer.acknowledged_by_partition.iter();
    let partitions =
        partitions.map(|(partition, records)| exact(partition.to_string(), count(*records)));
    let sheet = Sheet::new(
        t!("inspector.producer"),
        t!("inspector.producer-name", name = producer.name),
        under,
        facts,
    );
    Some(
        sheet
            .with(t!("inspector.acknowledged-by-partition"), partitions.collect())
            .with(
                t!("inspector.its-transaction"),
                producer.transaction.as_ref().map(transaction).unwrap_or_default(),
            )
            .with(t!("inspector.sending"), sending(&producer.sending))
            .with(
                t!("inspector.last-deliveries"),
                producer.sending.deliveries.iter().rev().map(delivery).collect(),
            )
            .with(t!("inspector.settings"), settings(&producer.configs)),
    )
}

/// Who a client is to the brokers, where it says so or they ask.
pub fn principal(view: &ClusterView, id: ClientId) -> Option<Fact> {
    let is_of_interest = view.authorizer.is_some() || view.principals.contains_key(&id);
    is_of_interest.then(|| exact(t!("inspector.principal"), view.principal_of(id)))
}

/// The quotas that a client comes under, if any, and for how long it is held back: that of the bytes that it moves, and that
/// of the time that its requests take.
pub fn quotas(
    view: &ClusterView,
    id: ClientId,
    configs: &[(std::sync::Arc<str>, std::sync::Arc<str>)],
    moves: QuotaKind,
) -> Vec<Fact> {
    if view.quotas.is_empty() {
        return Vec::new();
    }
    let client_id = configs.iter().find(|(name, _)| &**name == "client.id");
    let client_id = client_id.map(|(_, value)| value.clone()).unwrap_or_default();
    let limits = [moves, QuotaKind::Request].into_iter().filter_map(|kind| {
        let limit = view.quota_of(&view.principal_of(id), &client_id, kind.key())?;
        let (value, entity) = (limit.value, limit.entity);
        let said = match kind {
            QuotaKind::Request => t!("inspector.quota-of-time", value = value, entity = entity),
            _ => t!("inspector.quota-of", value = value, entity = entity),
        };
        Some(exact(kind.key(), said))
    });
    let held = view.throttled.iter().filter(|held| held.client == id);
    let held = held.map(|held| {
        let wait = count(held.until.since(view.at).millis());
        exact(
            t!("inspector.held-back"),
            t!("inspector.held-back-by", broker = held.broker, wait = wait),
        )
    });
    limits.chain(held).collect()
}

/// The figures of a producer's sending.
fn sending(sending: &SendingView) -> Vec<Fact> {
    let used = sending.buffer_total_bytes.saturating_sub(sending.buffer_available_bytes);
    let requests = sending.requests_in_flight.iter();
    let requests = requests.map(|(broker, requests)| {
        exact(t!("inspector.requests-in-flight", broker = broker), count(u64::from(*requests)))
    });
    let mut facts = vec![
        exact(t!("inspector.buffer-in-use"), count(used)),
        exact(t!("inspector.buffer-free-bytes"), count(sending.buffer_available_bytes)),
        exact(t!("inspector.batches-that-wait"), count(sending.batches_waiting)),
        exact(t!("inspector.batches-that-are"), count(sending.batches_full)),
        exact(t!("inspector.requests-sent"), count(sending.requests_sent)),
        exact(t!("inspector.batches-sent"), count(sending.batches_sent)),
        exact(t!("inspector.bytes-batch-on"), count(sending.average_batch_bytes())),
        exact(t!("inspector.bytes-before-compression"), count(sending.bytes_before_compression)),
        exact(t!("inspector.bytes-sent"), count(sending.bytes_sent)),
        exact(t!("inspector.wait-batch-on"), count(sending.average_queue_time().millis())),
        exact(t!("inspector.longest-wait-batch"), count(sending.queue_time_max.millis())),
    ];
    facts.extend(requests);
    facts
}

/// What became of a record: where it is, or the exception.
fn delivery(delivery: &Delivery) -> Fact {
    let partition = &delivery.partition;
    match (&delivery.exception, delivery.offset) {
        (Some(exception), _) => exact(partition.to_string(), exception),
        (None, Some(offset)) => {
            exact(format!("{partition}@{offset}"), t!("inspector.acknowledged-inline"))
        }
        (None, None) => exact(partition.to_string(), t!("inspector.sent-nobody-says")),
    }
}

pub fn consumer(view: &ClusterView, id: ClientId) -> Option<Sheet> {
    let consumer = view.consumers.iter().find(|known| known.client == id)?;
    let under = match (&consumer.member, consumer.is_closed) {
        (_, true) => t!("inspector.it-does-not"),
        (None, _) => t!("inspector.it-has-no"),
        (Some(_), _) => t!("inspector.member-its-group"),
    };
    let has_group = !consumer.group.as_str().is_empty();
    let under = if !has_group && !consumer.is_closed { t!("inspector.it-reads-by") } else { under };
    let topics = consumer.pattern.as_ref().map_or_else(
        || list(&consumer.topics),
        |pattern| format!("{pattern}: {}", list(&consumer.topics)),
    );
    let epoch = match consumer.group_protocol {
        GroupProtocol::Classic => t!("inspector.generation"),
        GroupProtocol::Consumer => t!("inspector.member-epoch"),
    };
    let lag: Option<u64> = consumer.assignment.iter().map(|owned| owned.lag).sum();
    let mut facts = vec![
        exact(
            t!("inspector.group"),
            if has_group { consumer.group.as_str() } else { t!("inspector.none") },
        ),
        exact(t!("inspector.topics"), topics),
        exact(t!("inspector.protocol"), consumer.group_protocol.name()),
        exact(
            t!("inspector.assignor"),
            consumer.assignor.as_deref().unwrap_or(t!("inspector.none")),
        ),
        exact(t!("inspector.its-place"), consumer.member_state),
        exact(epoch, consumer.generation),
        exact(t!("inspector.records-got"), count(consumer.records_consumed)),
        exact(t!("inspector.lag"), lag.map_or_else(|| t!("inspector.not-known").to_owned(), count)),
        exact(
            t!("inspector.member-id"),
            consumer.member.as_ref().map_or(t!("inspector.none"), |member| member.as_str()),
        ),
    ];
    facts.extend(
        consumer.last_error.as_ref().map(|error| exact(t!("inspector.error-that-ended"), error)),
    );
    facts.extend(principal(view, id));
    facts.extend(quotas(view, id, &consumer.configs, QuotaKind::Fetch));
    let sheet = Sheet::new(
        t!("inspector.consumer"),
        t!("inspector.consumer-name", name = consumer.name),
        under,
        facts,
    );
    Some(
        sheet
            .with(
                t!("inspector.its-partitions"),
                consumer.assignment.iter().map(position).collect(),
            )
            .with(t!("inspector.its-application"), application(&consumer.application))
            .with(t!("inspector.settings"), settings(&consumer.configs)),
    )
}

/// What an application made of its records; nothing of what it never did.
fn application(application: &ApplicationView) -> Vec<Fact> {
    let figures = [
        (t!("inspector.records-in-hand"), application.in_hand),
        (t!("inspector.records-processed"), application.processed),
        (t!("inspector.failures"), application.failed),
        (t!("inspector.records-given-up"), application.skipped),
        (t!("inspector.tried-again"), application.retried),
        (t!("inspector.in-dead-letter"), application.dead_lettered),
        (t!("inspector.in-retry-topic"), application.sent_to_retry),
        (t!("inspector.duplicates-recognised"), application.duplicates),
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
        let facts = vec![exact(t!("inspector.consumers-that-run"), members)];
        return (members > 0).then(|| {
            Sheet::new(
                t!("inspector.consumer-group"),
                id.to_string(),
                t!("inspector.no-coordinator-knows"),
                facts,
            )
            .named()
        });
    };
    let facts = vec![
        exact(t!("inspector.state"), group.state.name()),
        exact(
            if group.assignment_epoch.is_some() {
                t!("inspector.group-epoch")
            } else {
                t!("inspector.generation")
            },
            group.generation,
        ),
        exact(
            t!("inspector.coordinator"),
            t!("inspector.broker-inline", broker = group.coordinator),
        ),
        exact(t!("inspector.assignor"), group.assignor.as_deref().unwrap_or(t!("inspector.none"))),
        exact(t!("inspector.members"), group.members.len()),
    ];
    let members = group.members.iter().map(|member| {
        let name = match member.client {
            NodeId::Client(client) => view.client_name(client).map(ToString::to_string),
            _ => None,
        };
        let leads = if member.is_leader { t!("inspector.leads-after") } else { "" };
        words(
            format!("{}{leads}", name.unwrap_or_else(|| member.id.to_string())),
            format!("{}{}", list(&member.assignment), reconciliation(member)),
        )
    });
    let committed =
        group.committed.iter().map(|(partition, offset)| exact(partition.to_string(), offset.0));
    let facts = match group.assignment_epoch {
        Some(epoch) => [facts, vec![exact(t!("inspector.assignment-epoch"), epoch)]].concat(),
        None => facts,
    };
    let sheet =
        Sheet::new(t!("inspector.consumer-group"), id.to_string(), group.state.name(), facts)
            .named();
    Some(
        sheet
            .with(t!("inspector.members"), members.collect())
            .with(t!("inspector.committed-offsets"), committed.collect()),
    )
}

/// How far a member of the consumer protocol is on its way to its target.
fn reconciliation(member: &MemberView) -> String {
    let Some(way) = &member.reconciliation else { return String::new() };
    let revoking = match way.revoking.as_slice() {
        [] => String::new(),
        revoking => t!("inspector.gives-up", revoking = list(revoking)),
    };
    let target = if way.target == member.assignment {
        String::new()
    } else {
        t!("inspector.to-have", target = list(&way.target))
    };
    t!(
        "inspector.epoch-epoch-revoking-target",
        epoch = way.epoch,
        revoking = revoking,
        target = target
    )
}

pub fn settings(configs: &[(std::sync::Arc<str>, std::sync::Arc<str>)]) -> Vec<Fact> {
    configs.iter().map(|(name, value)| exact(&**name, value)).collect()
}
