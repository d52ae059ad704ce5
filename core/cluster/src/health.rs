//! How partitions stand, as the metrics of a broker and `kafka-topics.sh --describe` count them.

use crate::view::{PartitionView, TopicView};

/// How a partition stands, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// All its replicas are in the ISR.
    Healthy,
    /// Replicas are missing from the ISR: `UnderReplicatedPartitions`.
    UnderReplicated,
    /// The ISR is smaller than `min.insync.replicas`: `UnderMinIsrPartitionCount`. With acks=all it takes no
    /// writes.
    UnderMinIsr,
    /// No replica leads: `OfflinePartitionsCount`.
    Offline,
}

impl Health {
    /// All of them, the worst last.
    pub const ALL: [Self; 4] =
        [Self::Healthy, Self::UnderReplicated, Self::UnderMinIsr, Self::Offline];

    /// How a partition stands, as the controller knows it.
    pub fn of(topic: &TopicView, partition: &PartitionView) -> Self {
        // A reassignment's new replicas are not missed: Kafka leaves them out too.
        let wanted =
            partition.replicas.len() - partition.adding.len().min(partition.replicas.len());
        // More than there are replicas cannot be in sync: then all of them are enough.
        let least = (topic.min_insync_replicas as usize).min(partition.replicas.len());
        if partition.leader.is_none() {
            Self::Offline
        } else if partition.isr.len() < least {
            Self::UnderMinIsr
        } else if partition.isr.len() < wanted {
            Self::UnderReplicated
        } else {
            Self::Healthy
        }
    }

    /// In the words of Kafka's tools.
    pub fn words(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::UnderReplicated => "under-replicated",
            Self::UnderMinIsr => "under min ISR",
            Self::Offline => "without leader",
        }
    }
}

/// How many partitions of a topic stand how, the healthy first; kinds of which there are none are left out.
pub fn tally(topic: &TopicView) -> Vec<(Health, usize)> {
    let count = |kind: Health| {
        topic.partitions.iter().filter(|partition| Health::of(topic, partition) == kind).count()
    };
    let all = Health::ALL.map(|kind| (kind, count(kind)));
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use highwater_log::LeaderEpoch;

    use super::*;
    use crate::ids::{BrokerId, PartitionEpoch, TopicId, TopicName, TopicPartition};

    fn check(leader: Option<i32>, isr: &[i32], adding: &[i32], expect: Health) {
        let name = TopicName::from("orders");
        let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect::<Vec<_>>();
        let mut replicas = ids(&[1, 2, 3]);
        replicas.extend(ids(adding));
        let partition = PartitionView {
            partition: TopicPartition::new(&name, 0),
            leader: leader.map(BrokerId),
            leader_epoch: LeaderEpoch(0),
            partition_epoch: PartitionEpoch(0),
            replicas,
            isr: ids(isr),
            elr: Vec::new(),
            adding: ids(adding),
            removing: Vec::new(),
        };
        let topic = TopicView {
            name,
            id: TopicId(1),
            is_internal: false,
            configs: Vec::new(),
            min_insync_replicas: 2,
            partitions: vec![partition],
        };
        assert_eq!(tally(&topic), [(expect, 1)], "leader {leader:?}, ISR {isr:?}");
    }

    #[test]
    fn partitions_are_counted_as_kafka_counts_them() {
        check(Some(1), &[1, 2, 3], &[], Health::Healthy);
        check(Some(1), &[1, 2], &[], Health::UnderReplicated);
        check(Some(1), &[1], &[], Health::UnderMinIsr);
        check(None, &[], &[], Health::Offline);
        check(Some(1), &[1, 2, 3], &[4], Health::Healthy);
    }
}
