//! Topics and their partitions, as tools list them.

use highwater_log::{LeaderEpoch, Offset};

use super::find::best_replica;
use crate::ids::{BrokerId, TopicName, TopicPartition};
use crate::view::{ClusterView, PartitionView, ReplicaView, TopicView};
use crate::world::World;

/// A topic.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicRow {
    /// Its name.
    pub name: TopicName,
    /// Whether it is one of Kafka's own.
    pub is_internal: bool,
    /// How many partitions it has.
    pub partitions: u32,
    /// How many replicas each of them has: of the first one.
    pub replication_factor: u32,
    /// The partitions of which a replica is not in the ISR.
    pub under_replicated: u32,
    /// The partitions without a leader.
    pub offline: u32,
    /// The replicas that are not in the ISR of their partitions.
    pub out_of_sync: u32,
    /// The offsets between the beginnings and the ends of its leaders' logs. Markers of transactions count, and so
    /// does what the cleaner took out: Kafka's tools cannot tell either.
    pub records: u64,
    /// The bytes of all its replicas.
    pub disk_bytes: u64,
    /// `cleanup.policy` as it is in force.
    pub cleanup_policy: String,
}

/// A partition of a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionRow {
    /// Which.
    pub partition: TopicPartition,
    /// Its leader.
    pub leader: Option<BrokerId>,
    /// Whether that is the first of its replicas, which is to lead if it can.
    pub has_preferred_leader: bool,
    /// Its leader epoch.
    pub leader_epoch: LeaderEpoch,
    /// Its replicas.
    pub replicas: Vec<BrokerId>,
    /// Those that are in sync.
    pub isr: Vec<BrokerId>,
    /// Whether a replica is not in sync.
    pub is_under_replicated: bool,
    /// Whether fewer replicas are in sync than `min.insync.replicas` asks for: acks=all is refused.
    pub is_under_min_isr: bool,
    /// Where its leader's log begins.
    pub log_start_offset: Offset,
    /// The leader's high watermark.
    pub high_watermark: Offset,
    /// Where its leader's log ends.
    pub log_end_offset: Offset,
    /// The offsets in the leader's log.
    pub records: u64,
    /// The bytes of the leader's log.
    pub size_bytes: u64,
}

impl World {
    /// The topics, in order of their names. `view` is the view of this world.
    pub fn topic_table(&self, view: &ClusterView) -> Vec<TopicRow> {
        view.topics.iter().map(|topic| self.topic_row(view, topic)).collect()
    }

    fn topic_row(&self, view: &ClusterView, topic: &TopicView) -> TopicRow {
        let rows = partitions(view, &topic.name);
        let first = rows.first().map_or(0, |row| row.replicas.len());
        let policy = self.topic_setting(&topic.name, "cleanup.policy");
        let of_topic = view.brokers.iter().flat_map(|broker| {
            broker.replicas.iter().filter(|replica| replica.partition.topic == topic.name)
        });
        TopicRow {
            name: topic.name.clone(),
            is_internal: topic.is_internal,
            partitions: rows.len() as u32,
            replication_factor: first as u32,
            under_replicated: rows.iter().filter(|row| row.is_under_replicated).count() as u32,
            offline: rows.iter().filter(|row| row.leader.is_none()).count() as u32,
            out_of_sync: rows
                .iter()
                .map(|row| row.replicas.iter().filter(|id| !row.isr.contains(id)).count() as u32)
                .sum(),
            records: rows.iter().map(|row| row.records).sum(),
            disk_bytes: of_topic.map(|replica| replica.size_bytes).sum(),
            cleanup_policy: policy.unwrap_or_default(),
        }
    }
}

/// The partitions of a topic, in order.
pub fn partitions(view: &ClusterView, topic: &TopicName) -> Vec<PartitionRow> {
    let Some(topic) = view.topics.iter().find(|known| known.name == *topic) else {
        return Vec::new();
    };
    let row = |known: &PartitionView| {
        let log = best_replica(view, &known.partition, known.leader);
        let of = |read: fn(&ReplicaView) -> Offset| log.map_or(Offset(0), read);
        let (start, end) = (of(|log| log.log_start_offset), of(|log| log.log_end_offset));
        let is_in_sync = |id: &BrokerId| known.isr.contains(id);
        PartitionRow {
            partition: known.partition.clone(),
            leader: known.leader,
            has_preferred_leader: known.leader.is_some()
                && known.leader.as_ref() == known.replicas.first(),
            leader_epoch: known.leader_epoch,
            replicas: known.replicas.clone(),
            isr: known.isr.clone(),
            is_under_replicated: !known.replicas.iter().all(is_in_sync),
            is_under_min_isr: known.isr.len() < topic.min_insync_replicas as usize,
            log_start_offset: start,
            high_watermark: of(|log| log.high_watermark),
            log_end_offset: end,
            records: u64::try_from(end.0 - start.0).unwrap_or(0),
            size_bytes: log.map_or(0, |log| log.size_bytes),
        }
    };
    topic.partitions.iter().map(row).collect()
}
