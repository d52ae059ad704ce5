//! Conditions on what became of records.

use highwater_cluster::configs::BrokerConfig;
use highwater_cluster::ids::{BrokerId, TopicName};
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::view::TopicView;
use highwater_scenario::invariants::Anomaly;
use highwater_scenario::session::Session;

use super::look::{Look, Unmet};
use crate::model::Reason;

pub(super) fn acknowledged_while_down(
    look: &Look<'_>,
    topic: &str,
    wanted: u64,
) -> Result<(), Unmet> {
    let topic = look.topic(topic)?;
    let down = look.holder_down(topic)?;
    let found = look.topic_history(topic.name.as_str()).acknowledged_while_down;
    if found >= wanted {
        return Ok(());
    }
    let unmet = match down {
        Some(broker) => what_holds_writes_up(look, topic, broker),
        None => what_held_writes_up(look, topic),
    };
    Err(unmet.with("topic", &topic.name).with("found", found).with("wanted", wanted))
}

pub(super) fn nothing_lost(look: &Look<'_>, topic: &str, wanted: u64) -> Result<(), Unmet> {
    let name = TopicName::from(topic);
    if let Some((lost, unmet)) = lost(look.session, &name) {
        return Err(unmet.with("topic", topic).with("lost", lost));
    }
    let told = look.session.invariants().acknowledged();
    let (acknowledged, missing) = (told.count(&name), told.missing(&name, look.session.world()));
    let reason = match (missing, acknowledged) {
        (1.., _) => Reason::RecordsMissing,
        (0, acknowledged) if acknowledged < wanted => Reason::TooFewAcknowledged,
        _ => return Ok(()),
    };
    Err(Unmet::new(reason)
        .with("acknowledged", acknowledged)
        .with("missing", missing)
        .with("wanted", wanted))
}

/// The acknowledged records of a topic that are gone now, found lost or not.
pub(crate) fn gone(session: &Session, topic: &TopicName) -> u64 {
    let missing = session.invariants().acknowledged().missing(topic, session.world());
    missing + lost(session, topic).map_or(0, |(lost, _)| lost)
}

/// The batches of a topic that leaders refused for want of in-sync replicas.
pub(crate) fn not_enough_replicas(session: &Session, topic: &TopicName) -> u64 {
    let errors = [ResponseError::NotEnoughReplicas, ResponseError::NotEnoughReplicasAfterAppend];
    errors.into_iter().map(|error| session.progress().refused(topic, error)).sum()
}

/// A broker is down, and not enough was acknowledged: what is in the way?
fn what_holds_writes_up(look: &Look<'_>, topic: &TopicView, broker: BrokerId) -> Unmet {
    let is_fenced = look.broker(broker).is_some_and(|broker| broker.is_fenced);
    let in_isr = topic.partitions.iter().any(|partition| partition.isr.contains(&broker));
    if !is_fenced && in_isr {
        let timeout = BrokerConfig::new(look.session.world().spec(), broker).session_timeout;
        return Unmet::new(Reason::NotFencedYet).with("broker", broker).with("timeout", timeout);
    }
    if let Some(partition) = topic.partitions.iter().find(|partition| partition.leader.is_none()) {
        return Unmet::new(Reason::NoLeader)
            .with("broker", broker)
            .with("partition", &partition.partition);
    }
    let min = topic.min_insync_replicas;
    let small = topic.partitions.iter().find(|partition| partition.isr.len() < min as usize);
    if let Some(partition) = small {
        return Unmet::new(Reason::BelowMinInsync)
            .with("partition", &partition.partition)
            .with("isr", partition.isr.len())
            .with("min", min)
            .with("refused", not_enough_replicas(look.session, &topic.name));
    }
    let is_written = look.producers(topic.name.as_str()).any(|producer| !producer.is_closed);
    let reason = if is_written { Reason::TooFewWhileDown } else { Reason::NobodyWrites };
    Unmet::new(reason).with("broker", broker)
}

/// A broker was down and is back, and not enough was acknowledged meanwhile: what was in the way?
fn what_held_writes_up(look: &Look<'_>, topic: &TopicView) -> Unmet {
    match not_enough_replicas(look.session, &topic.name) {
        0 => Unmet::new(Reason::NoBrokerDownNow),
        refused => Unmet::new(Reason::WasRefused)
            .with("refused", refused)
            .with("min", topic.min_insync_replicas),
    }
}

/// The records of a topic that were found lost, and where they begin; none if there are none.
fn lost(session: &Session, topic: &TopicName) -> Option<(u64, Unmet)> {
    let mut count = 0;
    let mut begins = None;
    for finding in session.invariants().found() {
        if let Anomaly::LostWrite { partition, first, last, .. } = &finding.what
            && partition.topic == *topic
        {
            count += u64::try_from(last.0 - first.0 + 1).unwrap_or(0);
            begins.get_or_insert_with(|| {
                Unmet::new(Reason::RecordsLost).with("partition", partition).with("offset", first)
            });
        }
    }
    begins.map(|unmet| (count, unmet))
}
