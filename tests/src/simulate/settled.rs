//! Whether everything has converged: what a cluster comes to once all faults are healed and nobody writes
//! any more.

use std::collections::BTreeSet;

use highwater_scenario::cluster::event::GroupState;
use highwater_scenario::cluster::ids::TopicPartition;
use highwater_scenario::cluster::view::{
    AppView, BrokerState, ClusterView, ConsumerView, SharePartitionView,
};
use highwater_scenario::session::Session;

/// Commits of groups that may be on their way to all replicas.
const MOST_UNDER_WAY: i64 = 20;

/// What is not as it should be yet; none if all is. In a run that is not careful, a transaction may be open
/// for ever: its coordinator has lost what it knew.
pub(super) fn unsettled(session: &Session, is_careful: bool) -> Option<String> {
    let view = session.view();
    brokers(&view)
        .or_else(|| producers(&view))
        .or_else(|| partitions(session, &view))
        .or_else(|| groups(session, &view, is_careful))
        .or_else(|| work(session, &view, is_careful))
        .or_else(|| shares(session, &view, is_careful))
}

fn brokers(view: &ClusterView) -> Option<String> {
    let down = view
        .brokers
        .iter()
        .find(|broker| broker.state != BrokerState::Running || broker.is_fenced)?;
    Some(format!("broker {} does not take part", down.id))
}

fn producers(view: &ClusterView) -> Option<String> {
    let open = view.producers.iter().find(|producer| !producer.is_closed)?;
    Some(format!("producer {} has not closed", open.name))
}

/// Every replica is in sync, and has the same records, all of them committed.
fn partitions(session: &Session, view: &ClusterView) -> Option<String> {
    let topics = view.topics.iter();
    for (topic, part) in
        topics.flat_map(|topic| topic.partitions.iter().map(move |part| (topic, part)))
    {
        let id = &part.partition;
        let Some(leader) = part.leader else { return Some(format!("{id} has no leader")) };
        if part.isr.len() < part.replicas.len() {
            return Some(format!("a replica of {id} is not in sync"));
        }
        let world = session.world();
        let Some(truth) = world.log(leader, id) else {
            return Some(format!("broker {leader} leads {id} without a log"));
        };
        let end = truth.log_end_offset();
        for broker in &part.replicas {
            let Some(log) = world.log(*broker, id) else {
                return Some(format!("broker {broker} has no log of {id}"));
            };
            // Groups go on committing while their members live.
            if topic.is_internal && log.high_watermark() + MOST_UNDER_WAY >= end {
                continue;
            }
            if log.log_end_offset() != end || log.high_watermark() != end {
                return Some(format!(
                    "on broker {broker}, {id} ends at {} and is committed up to {}, not {end}",
                    log.log_end_offset(),
                    log.high_watermark()
                ));
            }
        }
    }
    None
}

/// Every group that has members is stable, they own all there is, and have read it to its end.
fn groups(session: &Session, view: &ClusterView, is_careful: bool) -> Option<String> {
    let open: Vec<&ConsumerView> =
        view.consumers.iter().filter(|consumer| !consumer.is_closed).collect();
    for consumer in &open {
        let group = view.groups.iter().find(|group| group.id == consumer.group);
        if group.map(|group| group.state) != Some(GroupState::Stable) {
            return Some(format!("group {} is not stable", consumer.group));
        }
        let members = open.iter().filter(|member| member.group == consumer.group);
        let owned: Vec<_> = members.flat_map(|member| &member.assignment).collect();
        let wanted: BTreeSet<&TopicPartition> = view
            .topics
            .iter()
            .filter(|topic| consumer.topics.contains(&topic.name))
            .flat_map(|topic| topic.partitions.iter().map(|part| &part.partition))
            .collect();
        let own: BTreeSet<&TopicPartition> = owned.iter().map(|owned| &owned.partition).collect();
        if own != wanted {
            return Some(format!("group {} does not own all its partitions", consumer.group));
        }
        for owned in owned {
            let leader = session.world().registration(&owned.partition)?.leader?;
            let log = session.world().log(leader, &owned.partition)?;
            let end = log.log_end_offset();
            let least = if is_careful { end } else { log.last_stable_offset() };
            if owned.position.is_none_or(|position| !(least..=end).contains(&position)) {
                let place =
                    owned.position.map_or("nowhere".to_owned(), |offset| offset.to_string());
                return Some(format!(
                    "group {} is at {place} in {}, which ends at {end}",
                    consumer.group, owned.partition
                ));
            }
            // Who commits by itself does so for records only: not for the marker behind them, and not again
            // what a rebalance refused.
            if !commits_automatically(consumer) {
                continue;
            }
            let committed = group.and_then(|group| {
                let mut committed = group.committed.iter();
                committed.find(|(partition, _)| *partition == owned.partition)
            });
            if committed.map(|(_, offset)| *offset) != owned.position {
                return Some(format!(
                    "group {} has committed {committed:?} of {}, which ends at {end}",
                    consumer.group, owned.partition
                ));
            }
        }
    }
    None
}

/// Every share group that has members is stable, and done with all that it may have.
fn shares(session: &Session, view: &ClusterView, is_careful: bool) -> Option<String> {
    for consumer in view.share_consumers.iter().filter(|consumer| !consumer.is_closed) {
        let group = view.share_groups.iter().find(|group| group.id == consumer.group);
        let Some(group) = group.filter(|group| group.state == GroupState::Stable) else {
            return Some(format!("share group {} is not stable", consumer.group));
        };
        // Without care, what was written down may be gone, or what it speaks of.
        let topics = view.topics.iter().filter(|topic| consumer.topics.contains(&topic.name));
        let wanted = topics.flat_map(|topic| &topic.partitions).filter(|_| is_careful);
        for id in wanted.map(|part| &part.partition) {
            let leader = session.world().registration(id)?.leader?;
            let end = session.world().log(leader, id)?.high_watermark();
            let own = |part: &&SharePartitionView| part.partition == *id && part.leader == leader;
            let start = group.partitions.iter().find(own).map(|part| part.start);
            if start != Some(end) && end.0 > 0 {
                return Some(format!(
                    "share group {} has come to {start:?} in {id}, which ends at {end}",
                    consumer.group
                ));
            }
        }
    }
    None
}

fn commits_automatically(consumer: &ConsumerView) -> bool {
    consumer
        .configs
        .iter()
        .any(|(name, value)| &**name == "enable.auto.commit" && &**value == "true")
}

/// Nobody is at work any more.
fn work(session: &Session, view: &ClusterView, is_careful: bool) -> Option<String> {
    let mut open = view.consumers.iter().filter(|consumer| !consumer.is_closed);
    if let Some(busy) = open.find(|consumer| consumer.application.in_hand > 0) {
        return Some(format!("consumer {} is still at work", busy.name));
    }
    if !is_careful && has_forgotten_transaction(view) {
        // What it is in the way of, nobody can go on with: in Kafka neither.
        return None;
    }
    let running: Vec<&AppView> = view.apps.iter().filter(|app| !app.is_closed).collect();
    let pipelines = session.pipelines();
    let behind = pipelines.iter().find(|pipeline| {
        // An error that was injected may have ended them all.
        pipeline.pending > 0 && running.iter().any(|app| app.group == pipeline.group)
    })?;
    Some(format!("application group {} has {} records to go", behind.group, behind.pending))
}

/// Whether a transaction is open in a log that no coordinator knows of any more, since it lost its own log.
fn has_forgotten_transaction(view: &ClusterView) -> bool {
    let replicas = view.brokers.iter().flat_map(|broker| &broker.replicas);
    let mut open = replicas.flat_map(|replica| {
        replica.open_transactions.iter().map(|(id, _)| (id, &replica.partition))
    });
    open.any(|(id, partition)| {
        let mut known = view.transactions.iter();
        !known.any(|known| known.producer_id == *id && known.partitions.contains(partition))
    })
}
