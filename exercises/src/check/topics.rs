//! Conditions on a topic and its partitions.

use highwater_cluster::ids::BrokerId;

use super::look::{Look, Unmet};
use crate::model::Reason;

pub(super) fn replication(look: &Look<'_>, topic: &str, wanted: u32) -> Result<(), Unmet> {
    let partitions = &look.topic(topic)?.partitions;
    let found = partitions.iter().map(|partition| partition.replicas.len()).min().unwrap_or(0);
    if found >= wanted as usize {
        return Ok(());
    }
    let reason = if found == 1 { Reason::OneCopy } else { Reason::TooFewReplicas };
    Err(Unmet::new(reason).with("topic", topic).with("found", found).with("wanted", wanted))
}

pub(super) fn min_insync(
    look: &Look<'_>,
    topic: &str,
    at_least: Option<u32>,
    at_most: Option<u32>,
) -> Result<(), Unmet> {
    let found = look.topic(topic)?.min_insync_replicas;
    let unmet = |reason, wanted: u32| {
        Err(Unmet::new(reason).with("topic", topic).with("found", found).with("wanted", wanted))
    };
    match (at_least, at_most) {
        (Some(least), _) if found < least => unmet(Reason::MinInsyncTooLow, least),
        (_, Some(most)) if found > most => unmet(Reason::MinInsyncTooHigh, most),
        _ => Ok(()),
    }
}

pub(super) fn isr_complete(look: &Look<'_>, topic: &str) -> Result<(), Unmet> {
    let topic = look.topic(topic)?;
    if let Some(broker) = look.holder_down(topic)? {
        return Err(Unmet::new(Reason::BrokerStillDown).with("broker", broker));
    }
    for partition in &topic.partitions {
        let behind = partition.replicas.iter().find(|replica| !partition.isr.contains(replica));
        if let Some(broker) = behind {
            return Err(Unmet::new(Reason::CatchingUp)
                .with("partition", &partition.partition)
                .with("replicas", set(&partition.replicas))
                .with("isr", set(&partition.isr))
                .with("broker", broker));
        }
    }
    Ok(())
}

fn set(brokers: &[BrokerId]) -> String {
    let ids: Vec<String> = brokers.iter().map(ToString::to_string).collect();
    format!("{{{}}}", ids.join(", "))
}
