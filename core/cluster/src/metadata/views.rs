//! What a viewer sees of the metadata.

use super::{MetadataImage, PartitionRegistration, TopicImage};
use crate::ids::{TopicName, TopicPartition};
use crate::view::{PartitionView, TopicView};

/// The topics that Kafka keeps for itself: `Topic.isInternal`.
const INTERNAL_TOPICS: [&str; 3] =
    ["__consumer_offsets", "__transaction_state", "__share_group_state"];

/// Whether a topic is one of Kafka's own.
pub fn is_internal(topic: &TopicName) -> bool {
    INTERNAL_TOPICS.contains(&topic.as_str())
}

/// Whether a topic is one that Kafka makes and keeps for itself. `__remote_log_metadata` is one, too, though Kafka does not
/// count it among its internal topics: any client may read and write it.
pub fn is_kept_by_kafka(topic: &TopicName) -> bool {
    is_internal(topic) || topic.as_str() == "__remote_log_metadata"
}

impl MetadataImage {
    /// The topics as a viewer sees them. `default_min_isr` is the cluster's `min.insync.replicas`.
    pub fn topic_views(&self, default_min_isr: u32) -> Vec<TopicView> {
        self.topics.iter().map(|(name, topic)| topic_view(name, topic, default_min_isr)).collect()
    }
}

fn topic_view(name: &TopicName, topic: &TopicImage, default_min_isr: u32) -> TopicView {
    let min_isr = topic.configs.get("min.insync.replicas").and_then(|text| text.parse().ok());
    let configs = topic.configs.iter().map(|(name, value)| (name.clone(), value.clone()));
    let partitions = topic.partitions.iter().map(|(index, partition)| {
        partition_view(TopicPartition { topic: name.clone(), partition: *index }, partition)
    });
    TopicView {
        name: name.clone(),
        id: topic.id,
        is_internal: is_kept_by_kafka(name),
        configs: configs.collect(),
        min_insync_replicas: min_isr.unwrap_or(default_min_isr),
        partitions: partitions.collect(),
    }
}

fn partition_view(partition: TopicPartition, registered: &PartitionRegistration) -> PartitionView {
    PartitionView {
        partition,
        leader: registered.leader,
        leader_epoch: registered.leader_epoch,
        partition_epoch: registered.partition_epoch,
        replicas: registered.replicas.clone(),
        isr: registered.isr.clone(),
        elr: registered.elr.clone(),
        adding: registered.adding.clone(),
        removing: registered.removing.clone(),
    }
}
