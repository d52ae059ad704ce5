//! Controllers, brokers, topics, partitions and replicas as the inspector shows them.

use highwater_cluster::ids::{BrokerId, ControllerId, TopicName, TopicPartition};
use highwater_cluster::view::{BrokerState, BrokerView, ClusterView, PartitionView, TopicView};

use super::sheet::{Fact, Sheet, exact, words};
use crate::format::{bytes, count, counted, list};
use crate::stage::strip::{Role, find, role};

/// The whole cluster, when nothing of it was pressed.
pub fn cluster(view: &ClusterView) -> Sheet {
    let running = view.brokers.iter().filter(|broker| broker.state == BrokerState::Running).count();
    let partitions = || view.topics.iter().flat_map(|topic| &topic.partitions);
    let without_leader = partitions().filter(|partition| partition.leader.is_none()).count();
    let shrunk =
        partitions().filter(|partition| partition.isr.len() < partition.replicas.len()).count();
    let under = if without_leader > 0 {
        "Some partitions have no leader"
    } else if shrunk > 0 {
        "Some replicas are out of sync"
    } else if running < view.brokers.len() {
        "Not all brokers take part"
    } else if view.topics.is_empty() {
        "Ready, and empty"
    } else {
        "All replicas are in sync"
    };
    let acknowledged = view.producers.iter().map(|producer| producer.records_acknowledged).sum();
    let consumers = view.consumers.iter().chain(view.apps.iter().map(|app| &app.consumer));
    let consumed = consumers.map(|consumer| consumer.records_consumed).sum();
    let facts = vec![
        exact("Brokers that run", format!("{running} of {}", view.brokers.len())),
        exact("Topics", view.topics.iter().filter(|topic| !topic.is_internal).count()),
        exact("Partitions", partitions().count()),
        exact("With a shrunken ISR", shrunk),
        exact("Without a leader", without_leader),
        exact("Records acknowledged", count(acknowledged)),
        exact("Records consumed", count(consumed)),
        exact("Messages under way", view.in_flight.len()),
    ];
    let transactions = view.transactions.iter().map(|transaction| {
        let (id, epoch) = (transaction.producer_id, transaction.producer_epoch);
        words(
            transaction.id.to_string(),
            format!("{}, producer {id}, epoch {epoch}", transaction.state.name()),
        )
    });
    Sheet::new("Inspector", "The cluster", under, facts)
        .with("Transactions", transactions.collect())
}

pub fn controller(view: &ClusterView, id: ControllerId) -> Option<Sheet> {
    let controller = view.controllers.iter().find(|known| known.id == id)?;
    let under = match (controller.is_running, controller.is_active) {
        (false, _) => "Its process does not run",
        (true, true) => "The active controller",
        (true, false) => "A voter of the quorum",
    };
    let facts = vec![
        exact("node.id", id),
        exact("Epoch", controller.epoch.0),
        exact("Metadata log ends at", controller.metadata_log_end_offset.0),
        exact("Topics", view.topics.len()),
    ];
    let brokers = view
        .brokers
        .iter()
        .map(|broker| words(format!("Broker {}", broker.id), registration(broker)));
    Some(
        Sheet::new("Controller", format!("Controller {id}"), under, facts)
            .with("Brokers as it sees them", brokers.collect()),
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
        words("Process", state),
        words("For the controller", registration(broker)),
        exact("broker.rack", broker.rack.as_deref().unwrap_or("none")),
        exact(
            "Broker epoch",
            broker.epoch.map_or_else(|| "none".to_owned(), |epoch| epoch.to_string()),
        ),
        exact("Replicas", broker.replicas.len()),
        exact("Leads", leads),
        exact("In the ISR of", in_sync),
        exact("Metadata applied up to", broker.metadata_offset.0),
    ];
    let waiting = vec![
        exact("Produce, for the ISR", broker.purgatory.produce),
        exact("Fetch, for records", broker.purgatory.fetch),
    ];
    Some(
        Sheet::new("Broker", format!("Broker {id}"), state, facts)
            .with("Requests that wait", waiting),
    )
}

pub fn topic(view: &ClusterView, name: &TopicName) -> Option<Sheet> {
    let topic = view.topics.iter().find(|known| known.name == *name)?;
    let replicas = topic.partitions.first().map_or(0, |partition| partition.replicas.len());
    let under = if topic.is_internal { "One of Kafka's own topics" } else { "A topic" };
    let mut facts = vec![
        exact("Topic id", topic.id),
        exact("Partitions", topic.partitions.len()),
        exact("Replication factor", replicas),
        exact("min.insync.replicas", topic.min_insync_replicas),
    ];
    facts.extend(topic.configs.iter().map(|(name, value)| exact(&**name, value)));
    let partitions = topic.partitions.iter().map(|partition| {
        let leader =
            partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string());
        exact(
            partition.partition.to_string(),
            format!("leader {leader}, ISR {}", list(&partition.isr)),
        )
    });
    Some(
        Sheet::new("Topic", name.to_string(), under, facts)
            .named()
            .with("Partitions", partitions.collect()),
    )
}

pub fn partition(view: &ClusterView, partition: &TopicPartition) -> Option<Sheet> {
    let (topic, known) = registered(view, partition)?;
    let under = match known.leader {
        Some(leader) => format!("Led by broker {leader} since epoch {}", known.leader_epoch.0),
        None => "Without a leader: nobody can write to it or read it".to_owned(),
    };
    let replicas = known.replicas.iter().filter_map(|id| {
        let broker = view.brokers.iter().find(|broker| broker.id == *id)?;
        let replica = find(broker, partition)?;
        let (water, end) = (replica.high_watermark.0, replica.log_end_offset.0);
        Some(exact(
            format!("Broker {id}, {}", role(broker, replica).words()),
            format!("HW {water}, LEO {end}"),
        ))
    });
    let sheet = Sheet::new("Partition", partition.to_string(), under, agreed(topic, known)).named();
    Some(sheet.with("Replicas", replicas.collect()).with("Groups", groups(view, partition)))
}

pub fn replica(view: &ClusterView, id: BrokerId, partition: &TopicPartition) -> Option<Sheet> {
    let broker = view.brokers.iter().find(|known| known.id == id)?;
    let replica = find(broker, partition)?;
    let under = match role(broker, replica) {
        Role::Leader => format!("Leader since epoch {}", replica.leader_epoch.0),
        Role::Follower => "Follower, in sync".to_owned(),
        Role::Behind => "Follower, out of sync".to_owned(),
        Role::Offline => "Offline: what it holds stays on its disk".to_owned(),
    };
    let facts = vec![
        exact("Log start offset", replica.log_start_offset.0),
        exact("High watermark", replica.high_watermark.0),
        exact("Last stable offset", replica.last_stable_offset.0),
        exact("Log end offset", replica.log_end_offset.0),
        exact("Leader epoch", replica.leader_epoch.0),
        exact("Segments", replica.segments),
        exact("Size", bytes(replica.size_bytes)),
    ];
    let epochs = replica
        .epochs
        .iter()
        .map(|(epoch, from)| exact(format!("Epoch {}", epoch.0), format!("from {}", from.0)));
    let over = format!("Replica, on broker {id}");
    let sheet = Sheet::new(&over, partition.to_string(), under, facts).named();
    let agreed =
        registered(view, partition).map(|(topic, known)| agreed(topic, known)).unwrap_or_default();
    Some(sheet.with("Its partition", agreed).with("Leader epochs in its log", epochs.collect()))
}

/// What the controller has written about a partition.
fn agreed(topic: &TopicView, known: &PartitionView) -> Vec<Fact> {
    vec![
        exact(
            "Leader",
            known.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string()),
        ),
        exact("ISR", list(&known.isr)),
        exact("Replicas", list(&known.replicas)),
        exact("Eligible outside the ISR", list(&known.elr)),
        exact("min.insync.replicas", topic.min_insync_replicas),
        exact("Partition epoch", known.partition_epoch),
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
        Some(exact(group.id.to_string(), format!("committed {}, lag {}", offset.0, count(lag))))
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
        BrokerState::Stopped if broker.was_killed => "Killed",
        BrokerState::Stopped => "Stopped",
        BrokerState::Starting => "Starting",
        BrokerState::Running if broker.is_paused => "Paused: it stands still",
        BrokerState::Running => "Running",
        BrokerState::ShuttingDown => "Shutting down",
    }
}

fn registration(broker: &BrokerView) -> String {
    match (broker.epoch, broker.is_fenced) {
        (None, _) => "not registered".to_owned(),
        (Some(_), true) => "fenced".to_owned(),
        (Some(_), false) => {
            format!("takes part, {}", counted(broker.replicas.len() as u64, "replica", "replicas"))
        }
    }
}
