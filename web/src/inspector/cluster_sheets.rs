//! Controllers, brokers, topics, partitions and replicas as the inspector shows them.

use highwater_cluster::ids::{BrokerId, ControllerId, TopicName, TopicPartition};
use highwater_cluster::view::{BrokerState, BrokerView, ClusterView, PartitionView, TopicView};

use super::sheet::{Fact, Sheet, exact, words};
use crate::format::{bytes, count, list};
use crate::shows::{Shown, Shows};
use crate::stage::strip::{Role, find, role};

/// The whole cluster, when nothing of it was pressed.
pub fn cluster(view: &ClusterView, shows: Shows) -> Sheet {
    let running = view.brokers.iter().filter(|broker| broker.state == BrokerState::Running).count();
    let own = || view.topics.iter().filter(|topic| !topic.is_internal);
    // Kafka's own topics count where they are drawn.
    let seen = || {
        let all = shows.has(Shown::InternalTopics);
        view.topics.iter().filter(move |topic| all || !topic.is_internal)
    };
    let partitions = || seen().flat_map(|topic| &topic.partitions);
    let starting = view.brokers.iter().any(|broker| broker.state == BrokerState::Starting);
    let without_leader = partitions().filter(|partition| partition.leader.is_none()).count();
    let shrunk =
        partitions().filter(|partition| partition.isr.len() < partition.replicas.len()).count();
    let under = if without_leader > 0 {
        t!("inspector.some-partitions-have")
    } else if shrunk > 0 {
        t!("inspector.some-replicas-are")
    } else if starting {
        t!("inspector.brokers-start")
    } else if running < view.brokers.len() {
        t!("inspector.not-all-brokers")
    } else if !view.cut_links.is_empty() {
        t!("inspector.link-cut")
    } else if view.topics.is_empty() {
        t!("inspector.ready-and-empty")
    } else if shows.has(Shown::Isr) {
        t!("inspector.all-replicas-are")
    } else {
        t!("inspector.all-is-well")
    };
    let acknowledged = view.producers.iter().map(|producer| producer.records_acknowledged).sum();
    let consumers = view.consumers.iter().chain(view.apps.iter().map(|app| &app.consumer));
    let consumed = consumers.map(|consumer| consumer.records_consumed).sum();
    let running = t!("inspector.of", running = running, all = view.brokers.len());
    let facts = [
        (Some(Shown::Brokers), exact(t!("inspector.brokers-that-run"), running)),
        (None, exact(t!("inspector.topics"), own().count())),
        (
            Some(Shown::Partitions),
            exact(
                t!("inspector.partitions"),
                seen().map(|topic| topic.partitions.len()).sum::<usize>(),
            ),
        ),
        (Some(Shown::Isr), exact(t!("inspector.with-shrunken-isr"), shrunk)),
        (Some(Shown::Leaders), exact(t!("inspector.without-leader"), without_leader)),
        (None, exact(t!("inspector.records-acknowledged"), count(acknowledged))),
        (None, exact(t!("inspector.records-consumed"), count(consumed))),
        (Some(Shown::Requests), exact(t!("inspector.messages-under-way"), view.messages_under_way)),
    ];
    let facts = facts.into_iter().filter(|(of, _)| of.is_none_or(|of| shows.has(of)));
    let facts = facts.map(|(_, fact)| fact).collect();
    let transactions = view.transactions.iter().map(|transaction| {
        let (id, epoch) = (transaction.producer_id, transaction.producer_epoch);
        words(
            transaction.id.to_string(),
            t!(
                "inspector.producer-epoch",
                state = transaction.state.name(),
                id = id,
                epoch = epoch
            ),
        )
    });
    Sheet::new(t!("inspector.inspector"), t!("inspector.cluster"), under, facts)
        .with(t!("inspector.transactions"), transactions.collect())
}

pub fn controller(view: &ClusterView, id: ControllerId) -> Option<Sheet> {
    let controller = view.controllers.iter().find(|known| known.id == id)?;
    let under = match (controller.is_running, controller.is_active) {
        (false, _) => t!("inspector.its-process-does"),
        (true, true) => t!("inspector.active-controller"),
        (true, false) => t!("inspector.voter-quorum"),
    };
    let facts = vec![
        exact("node.id", id),
        exact(t!("inspector.epoch"), controller.epoch.0),
        exact(t!("inspector.metadata-log-ends"), controller.metadata_log_end_offset.0),
        exact(t!("inspector.topics"), view.topics.len()),
    ];
    let brokers = view.brokers.iter().map(|broker| {
        words(t!("inspector.broker-broker", broker = broker.id), registration(broker))
    });
    Some(
        Sheet::new(
            t!("inspector.controller"),
            t!("inspector.controller-id", id = id),
            under,
            facts,
        )
        .with(t!("inspector.brokers-as-it"), brokers.collect()),
    )
}

pub fn broker(view: &ClusterView, id: BrokerId) -> Option<Sheet> {
    let broker = view.brokers.iter().find(|known| known.id == id)?;
    let partitions = view.topics.iter().flat_map(|topic| &topic.partitions);
    let (mut leads, mut in_sync) = (0_u64, 0_u64);
    for partition in partitions {
        leads += u64::from(partition.leader == Some(id));
        in_sync += u64::from(partition.isr.contains(&id));
    }
    let state = process(broker);
    let facts = vec![
        words(t!("inspector.process"), state),
        words(t!("inspector.for-controller"), registration(broker)),
        exact("broker.rack", broker.rack.as_deref().unwrap_or(t!("inspector.none"))),
        exact(
            t!("inspector.broker-epoch"),
            broker.epoch.map_or_else(|| t!("inspector.none").to_owned(), |epoch| epoch.to_string()),
        ),
        exact(t!("inspector.replicas"), broker.replicas.len()),
        exact(t!("inspector.leads"), leads),
        exact(t!("inspector.in-isr"), in_sync),
        exact(t!("inspector.metadata-applied-up"), broker.metadata_offset.0),
    ];
    let waiting = vec![
        exact(t!("inspector.produce-for-isr"), broker.purgatory.produce),
        exact(t!("inspector.fetch-for-records"), broker.purgatory.fetch),
    ];
    Some(
        Sheet::new(t!("inspector.broker"), t!("inspector.broker-id", id = id), state, facts)
            .with(t!("inspector.requests-that-wait"), waiting),
    )
}

pub fn topic(view: &ClusterView, name: &TopicName) -> Option<Sheet> {
    let topic = view.topics.iter().find(|known| known.name == *name)?;
    let replicas = topic.partitions.first().map_or(0, |partition| partition.replicas.len());
    let under =
        if topic.is_internal { t!("inspector.one-kafkas-own") } else { t!("inspector.topic-2") };
    let mut facts = vec![
        exact(t!("inspector.topic-id"), topic.id),
        exact(t!("inspector.partitions"), topic.partitions.len()),
        exact(t!("inspector.replication-factor"), replicas),
        exact("min.insync.replicas", topic.min_insync_replicas),
    ];
    facts.extend(topic.configs.iter().map(|(name, value)| exact(&**name, value)));
    let partitions = topic.partitions.iter().map(|partition| {
        let leader = partition
            .leader
            .map_or_else(|| t!("inspector.none").to_owned(), |leader| leader.to_string());
        exact(
            partition.partition.to_string(),
            t!("inspector.leader-isr", leader = leader, isr = list(&partition.isr)),
        )
    });
    Some(
        Sheet::new(t!("inspector.topic"), name.to_string(), under, facts)
            .named()
            .with(t!("inspector.partitions"), partitions.collect()),
    )
}

pub fn partition(view: &ClusterView, partition: &TopicPartition) -> Option<Sheet> {
    let (topic, known) = registered(view, partition)?;
    let under = match known.leader {
        Some(leader) => {
            t!("inspector.led-by-broker", leader = leader, leader_epoch = known.leader_epoch.0)
        }
        None => t!("inspector.without-leader-nobody").to_owned(),
    };
    let replicas = known.replicas.iter().filter_map(|id| {
        let broker = view.brokers.iter().find(|broker| broker.id == *id)?;
        let replica = find(broker, partition)?;
        let (water, end) = (replica.high_watermark.0, replica.log_end_offset.0);
        Some(exact(
            t!("inspector.broker-id-role", id = id, role = role(broker, replica).words()),
            t!("inspector.hw-leo", water = water, end = end),
        ))
    });
    let sheet =
        Sheet::new(t!("inspector.partition"), partition.to_string(), under, agreed(topic, known))
            .named();
    Some(
        sheet
            .with(t!("inspector.replicas"), replicas.collect())
            .with(t!("inspector.groups"), groups(view, partition)),
    )
}

pub fn replica(view: &ClusterView, id: BrokerId, partition: &TopicPartition) -> Option<Sheet> {
    let broker = view.brokers.iter().find(|known| known.id == id)?;
    let replica = find(broker, partition)?;
    let under = match role(broker, replica) {
        Role::Leader => t!("inspector.leader-since-epoch", leader_epoch = replica.leader_epoch.0),
        Role::Follower => t!("inspector.follower-in-sync").to_owned(),
        Role::Behind => t!("inspector.follower-out-sync").to_owned(),
        Role::Offline => t!("inspector.offline-what-it").to_owned(),
    };
    let facts = vec![
        exact(t!("inspector.log-start-offset"), replica.log_start_offset.0),
        exact(t!("inspector.local-log-start"), replica.local_log_start_offset.0),
        exact(t!("inspector.high-watermark"), replica.high_watermark.0),
        exact(t!("inspector.last-stable-offset"), replica.last_stable_offset.0),
        exact(t!("inspector.log-end-offset"), replica.log_end_offset.0),
        exact(t!("inspector.leader-epoch"), replica.leader_epoch.0),
        exact(t!("inspector.segments"), replica.segments),
        exact(t!("inspector.size"), bytes(replica.size_bytes)),
    ];
    let epochs = replica.epochs.iter().map(|(epoch, from)| {
        exact(t!("inspector.epoch-epoch", epoch = epoch.0), t!("inspector.from", from = from.0))
    });
    let over = t!("inspector.replica-on-broker", id = id);
    let sheet = Sheet::new(&over, partition.to_string(), under, facts).named();
    let agreed =
        registered(view, partition).map(|(topic, known)| agreed(topic, known)).unwrap_or_default();
    Some(
        sheet
            .with(t!("inspector.its-partition"), agreed)
            .with(t!("inspector.leader-epochs-in"), epochs.collect()),
    )
}

/// What the controller has written about a partition.
fn agreed(topic: &TopicView, known: &PartitionView) -> Vec<Fact> {
    vec![
        exact(
            t!("inspector.leader"),
            known
                .leader
                .map_or_else(|| t!("inspector.none").to_owned(), |leader| leader.to_string()),
        ),
        exact(t!("inspector.isr"), list(&known.isr)),
        exact(t!("inspector.replicas"), list(&known.replicas)),
        exact(t!("inspector.eligible-outside-isr"), list(&known.elr)),
        exact("min.insync.replicas", topic.min_insync_replicas),
        exact(t!("inspector.partition-epoch"), known.partition_epoch),
    ]
}

fn groups(view: &ClusterView, partition: &TopicPartition) -> Vec<Fact> {
    let leader = registered(view, partition).and_then(|(_, known)| known.leader);
    let broker = view.brokers.iter().find(|broker| Some(broker.id) == leader);
    let water = broker
        .and_then(|broker| find(broker, partition))
        .map_or(0, |replica| replica.high_watermark.0);
    let committed = view.groups.iter().filter_map(|group| {
        let (_, offset) = group.committed.iter().find(|(known, _)| known == partition)?;
        let lag = u64::try_from(water - offset.0).unwrap_or(0);
        Some(exact(
            group.id.to_string(),
            t!("inspector.committed-lag", offset = offset.0, lag = count(lag)),
        ))
    });
    committed.collect()
}

fn registered<'a>(
    view: &'a ClusterView,
    partition: &TopicPartition,
) -> Option<(&'a TopicView, &'a PartitionView)> {
    let topic = view.topics.iter().find(|topic| topic.name == partition.topic)?;
    let known = topic.partitions.iter().find(|known| known.partition == *partition)?;
    Some((topic, known))
}

fn process(broker: &BrokerView) -> &'static str {
    match broker.state {
        BrokerState::Stopped if broker.was_killed => t!("inspector.killed"),
        BrokerState::Stopped => t!("inspector.stopped"),
        BrokerState::Starting => t!("inspector.starting"),
        BrokerState::Running if broker.is_paused => t!("inspector.paused-it-stands"),
        BrokerState::Running => t!("inspector.running"),
        BrokerState::ShuttingDown => t!("inspector.shutting-down"),
    }
}

fn registration(broker: &BrokerView) -> String {
    match (broker.epoch, broker.is_fenced) {
        (None, _) => t!("inspector.not-registered").to_owned(),
        (Some(_), true) => t!("inspector.fenced").to_owned(),
        (Some(_), false) => {
            t!(
                "inspector.takes-part",
                replicas = t!("inspector.replicas-number", number = broker.replicas.len() as u64)
            )
        }
    }
}
