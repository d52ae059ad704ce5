//! What has been achieved in a run, told from its events: what exercises ask about history.

use std::collections::{BTreeMap, BTreeSet};

use highwater_cluster::event::{Event, EventKind};
use highwater_cluster::ids::{BrokerId, ClientId, TopicName, TopicPartition};
use highwater_cluster::producer::Acks;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::time::Time;
use highwater_cluster::world::World;

use crate::chronicle::Chronicle;

/// What has been achieved in a run.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The brokers whose processes do not run now.
    pub brokers_down: BTreeSet<BrokerId>,
    /// Each stop or kill of a broker.
    pub stops: Vec<BrokerStop>,
    /// What happened to the records of each topic.
    pub topics: BTreeMap<TopicName, TopicProgress>,
    /// What happened, moment by moment.
    pub chronicle: Chronicle,
    /// The producers with acks=all.
    careful: BTreeSet<ClientId>,
}

/// A time in which a broker did not run.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerStop {
    /// The broker.
    pub broker: BrokerId,
    /// When it went.
    pub from: Time,
    /// When it was started again.
    pub until: Option<Time>,
}

/// What happened to the records of a topic.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicProgress {
    /// Records acknowledged.
    pub acknowledged: u64,
    /// Records acknowledged under acks=all while a broker with a replica of their partition was down.
    pub acknowledged_while_down: u64,
    /// Records that a producer gave up.
    pub failed: u64,
    /// Batches that a leader refused, by the error.
    pub refused: BTreeMap<i16, u64>,
    /// Records that applications got from consumers.
    pub consumed: u64,
}

impl Progress {
    /// Takes an event in.
    pub fn observe(&mut self, event: &Event, world: &World) {
        self.chronicle.observe(event, world);
        match &event.kind {
            EventKind::BrokerStopped { broker, .. } => {
                self.brokers_down.insert(*broker);
                self.stops.push(BrokerStop { broker: *broker, from: event.at, until: None });
            }
            EventKind::BrokerStarted { broker } => {
                self.brokers_down.remove(broker);
                let open = self.stops.iter_mut().rfind(|stop| stop.broker == *broker);
                if let Some(stop) = open {
                    stop.until.get_or_insert(event.at);
                }
            }
            EventKind::ProducerStarted { client, acks: Acks::All, .. } => {
                self.careful.insert(*client);
            }
            EventKind::TopicDeleted { topic } => {
                self.topics.remove(topic);
            }
            EventKind::RecordsAcknowledged { client, partition, count, base_offset: Some(_) } => {
                let counts =
                    self.careful.contains(client) && self.has_replica_down(partition, world);
                let topic = self.topic(&partition.topic);
                topic.acknowledged += u64::from(*count);
                if counts {
                    topic.acknowledged_while_down += u64::from(*count);
                }
            }
            EventKind::RecordsFailed { partition, count, .. } => {
                self.topic(&partition.topic).failed += u64::from(*count);
            }
            EventKind::ProduceRefused { partition, error, .. } => {
                *self.topic(&partition.topic).refused.entry(error.code()).or_default() += 1;
            }
            EventKind::RecordsConsumed { partition, count, .. } => {
                self.topic(&partition.topic).consumed += u64::from(*count);
            }
            _ => {}
        }
    }

    /// How often a leader refused records of a topic with an error.
    pub fn refused(&self, topic: &TopicName, error: ResponseError) -> u64 {
        let topic = self.topics.get(topic);
        topic.and_then(|topic| topic.refused.get(&error.code())).copied().unwrap_or(0)
    }

    fn topic(&mut self, name: &TopicName) -> &mut TopicProgress {
        self.topics.entry(name.clone()).or_default()
    }

    fn has_replica_down(&self, partition: &TopicPartition, world: &World) -> bool {
        self.brokers_down.iter().any(|broker| world.log(*broker, partition).is_some())
    }
}
