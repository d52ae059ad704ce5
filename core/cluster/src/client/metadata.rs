//! What a client knows of the cluster: Kafka's `Metadata` and, within it, `MetadataCache`.

use std::collections::{BTreeMap, BTreeSet};

use highwater_log::LeaderEpoch;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;
use kafka_protocol::messages::{MetadataRequest, MetadataResponse};

use crate::client::names;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, PartitionIndex, TopicId, TopicName, TopicPartition};
use crate::time::{Span, Time};

/// A broker that failed is avoided for as long as Kafka waits at most until it connects again,
/// `reconnect.backoff.max.ms`, as long as another is there.
const AVOID_AFTER_FAILURE: Span = Span(1_000_000);

/// What a client knows of the cluster. It may be out of date: only the brokers know better.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientMetadata {
    /// The brokers of the last response; empty before the first.
    pub brokers: BTreeSet<BrokerId>,
    /// The topics that were asked for and exist.
    pub topics: BTreeMap<TopicName, TopicMetadata>,
    /// The names of those topics by their ids.
    pub topic_names: BTreeMap<TopicId, TopicName>,
    /// The errors of the last response, by topic.
    pub errors: BTreeMap<TopicName, ResponseError>,
    /// When a broker last broke a connection or kept silent; gone once it answers.
    failures: BTreeMap<BrokerId, Time>,
}

/// A topic, as a client knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicMetadata {
    /// Its id.
    pub id: TopicId,
    /// Its partitions.
    pub partitions: BTreeMap<PartitionIndex, PartitionMetadata>,
}

/// A partition, as a client knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionMetadata {
    /// Its leader; none if there is none.
    pub leader: Option<BrokerId>,
    /// Its leader epoch.
    pub leader_epoch: LeaderEpoch,
}

impl ClientMetadata {
    /// A request for what is known of `topics`. It asks for no topic to be created.
    pub fn request<'a>(topics: impl IntoIterator<Item = &'a TopicName>) -> MetadataRequest {
        let topic = |name| MetadataRequestTopic::default().with_name(Some(names::to_kafka(name)));
        MetadataRequest::default()
            .with_topics(Some(topics.into_iter().map(topic).collect()))
            .with_allow_auto_topic_creation(false)
    }

    /// A request for what is known of all topics.
    pub fn request_all() -> MetadataRequest {
        MetadataRequest::default().with_topics(None).with_allow_auto_topic_creation(false)
    }

    /// Takes over what a broker answered. Topics that it does not speak of stay as they are.
    pub fn update(&mut self, response: &MetadataResponse) {
        let brokers = response.brokers.iter().map(|broker| BrokerId(broker.node_id.0));
        self.brokers = brokers.collect();
        for topic in &response.topics {
            if let Some(name) = &topic.name {
                self.update_topic(names::from_kafka(name), topic);
            }
        }
    }

    /// Forgets the topics that an answer about all topics does not name: they are gone.
    pub fn forget_all_but(&mut self, response: &MetadataResponse) {
        let named = response.topics.iter().filter_map(|topic| topic.name.as_ref());
        let named: BTreeSet<TopicName> = named.map(names::from_kafka).collect();
        self.topics.retain(|topic, _| named.contains(topic));
        self.topic_names.retain(|_, topic| named.contains(topic));
        self.errors.retain(|topic, _| named.contains(topic));
    }

    /// The leader of a partition; none if there is none, or none is known.
    pub fn leader(&self, partition: &TopicPartition) -> Option<BrokerId> {
        self.partition(partition)?.leader
    }

    /// What is known of a partition.
    pub fn partition(&self, partition: &TopicPartition) -> Option<&PartitionMetadata> {
        self.topics.get(&partition.topic)?.partitions.get(&partition.partition)
    }

    /// The number of a topic's partitions; zero while the topic is not known.
    pub fn partition_count(&self, topic: &TopicName) -> u32 {
        self.topics.get(topic).map_or(0, |topic| topic.partitions.len() as u32)
    }

    /// The topics that the client may not know of, as the last response said.
    pub fn unauthorized(&self) -> Vec<&TopicName> {
        let denied = self.errors.iter();
        let denied = denied.filter(|(_, error)| **error == ResponseError::TopicAuthorizationFailed);
        denied.map(|(topic, _)| topic).collect()
    }

    /// Whether every partition of a topic is known, each with a leader.
    pub fn is_complete(&self, topic: &TopicName) -> bool {
        self.topics.get(topic).is_some_and(|topic| {
            topic.partitions.values().all(|partition| partition.leader.is_some())
        })
    }

    /// Takes over a newer leader that a broker named while it refused a request (KIP-951). False if
    /// it is no newer than what is known.
    pub fn update_leader(
        &mut self,
        partition: &TopicPartition,
        leader: BrokerId,
        leader_epoch: LeaderEpoch,
    ) -> bool {
        let topic = self.topics.get_mut(&partition.topic);
        let known = topic.and_then(|topic| topic.partitions.get_mut(&partition.partition));
        match known {
            Some(known) if leader_epoch > known.leader_epoch => {
                *known = PartitionMetadata { leader: Some(leader), leader_epoch };
                true
            }
            _ => false,
        }
    }

    /// The broker to ask for what any broker can answer: one of those known, or of the bootstrap
    /// servers before any is, and if possible none that has just failed.
    pub fn pick_node(&self, ctx: &mut Ctx<'_>) -> BrokerId {
        let known: Vec<BrokerId> = if self.brokers.is_empty() {
            ctx.bootstrap_brokers()
        } else {
            self.brokers.iter().copied().collect()
        };
        let now = ctx.now();
        let healthy: Vec<BrokerId> =
            known.iter().copied().filter(|broker| !self.has_just_failed(*broker, now)).collect();
        if healthy.is_empty() {
            // All failed: the one that had the longest time to recover.
            let oldest = known.iter().copied().min_by_key(|broker| self.failures.get(broker));
            return oldest.expect("a cluster has a broker");
        }
        let choice = ctx.random("least loaded node").below(healthy.len() as u64);
        healthy[choice as usize]
    }

    /// A broker broke the connection or kept silent.
    pub fn failed(&mut self, broker: BrokerId, now: Time) {
        self.failures.insert(broker, now);
    }

    /// A broker answered.
    pub fn succeeded(&mut self, broker: BrokerId) {
        self.failures.remove(&broker);
    }

    fn has_just_failed(&self, broker: BrokerId, now: Time) -> bool {
        self.failures.get(&broker).is_some_and(|at| now.since(*at) < AVOID_AFTER_FAILURE)
    }

    fn update_topic(&mut self, name: TopicName, response: &MetadataResponseTopic) {
        self.errors.remove(&name);
        if let Some(error) = ResponseError::try_from_code(response.error_code) {
            self.errors.insert(name.clone(), error);
            self.forget_topic(&name);
            return;
        }
        let id = names::topic_id(response.topic_id);
        // Epochs of an earlier topic of that name say nothing about this one.
        let before = self.topics.get(&name).filter(|topic| topic.id == id).cloned();
        self.forget_topic(&name);
        let partitions = response.partitions.iter().map(|partition| {
            let index = PartitionIndex(partition.partition_index);
            let leader = match ResponseError::try_from_code(partition.error_code) {
                None => names::broker_id(partition.leader_id),
                Some(_) => None,
            };
            let leader_epoch = LeaderEpoch(partition.leader_epoch);
            let known = before.as_ref().and_then(|topic| topic.partitions.get(&index));
            // A broker that lags behind may answer with an older leader than the client knows.
            let newer = known.filter(|known| known.leader_epoch > leader_epoch).cloned();
            (index, newer.unwrap_or(PartitionMetadata { leader, leader_epoch }))
        });
        let topic = TopicMetadata { id, partitions: partitions.collect() };
        self.topic_names.insert(id, name.clone());
        self.topics.insert(name, topic);
    }

    fn forget_topic(&mut self, name: &TopicName) {
        if let Some(topic) = self.topics.remove(name) {
            self.topic_names.remove(&topic.id);
        }
    }
}

#[cfg(test)]
mod tests;
