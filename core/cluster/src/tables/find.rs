//! Where things are in a view, which keeps them in order.

use crate::ids::{BrokerId, TopicPartition};
use crate::view::{ClusterView, ReplicaView};

/// The replica of a partition that its leader has; without a leader, the one that has the most records.
pub(super) fn best_replica<'a>(
    view: &'a ClusterView,
    partition: &TopicPartition,
    leader: Option<BrokerId>,
) -> Option<&'a ReplicaView> {
    let replicas = view.brokers.iter().filter_map(|broker| {
        let own = broker.replicas.binary_search_by(|replica| replica.partition.cmp(partition));
        own.ok().map(|place| (broker.id, &broker.replicas[place]))
    });
    let place =
        |(id, replica): &(BrokerId, &ReplicaView)| (Some(*id) == leader, replica.log_end_offset);
    replicas.max_by_key(place).map(|(_, replica)| replica)
}

/// The leader of a partition.
pub(super) fn leader_of(view: &ClusterView, partition: &TopicPartition) -> Option<BrokerId> {
    let place = view.topics.binary_search_by(|topic| topic.name.cmp(&partition.topic)).ok()?;
    let partitions = &view.topics[place].partitions;
    let place = partitions.binary_search_by(|known| known.partition.cmp(partition)).ok()?;
    partitions[place].leader
}
