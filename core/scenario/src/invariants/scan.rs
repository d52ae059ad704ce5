//! The whole world at once, for when it is quiet: every log from end to end, and the metadata of every
//! broker.

use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::log::{LeaderEpoch, Log, Offset};
use highwater_cluster::metadata::PartitionRegistration;
use highwater_cluster::world::World;

use super::Anomaly;
use super::committed::{first_difference, is_compacted};

/// Everything that is wrong.
pub(super) fn scan(world: &World) -> Vec<Anomaly> {
    let mut found = Vec::new();
    for (broker, partition, log) in world.logs() {
        found.extend(check_order(broker, partition, log));
    }
    let Some(image) = world.metadata() else { return found };
    for (partition, registered) in image.partitions() {
        found.extend(check_replicas(world, &partition, registered));
    }
    for broker in image.brokers.keys().filter(|broker| world.is_running(**broker)) {
        let Some(own) = world.metadata_of(*broker) else { continue };
        // One that is behind has not applied all yet.
        if own.end_offset > image.end_offset || (own.end_offset == image.end_offset && own != image)
        {
            found.push(Anomaly::MetadataDiffers { broker: *broker, offset: own.end_offset });
        }
    }
    found
}

/// Offsets and leader epochs ascend, and the high watermark is not beyond the end.
fn check_order(broker: BrokerId, partition: &TopicPartition, log: &Log) -> Option<Anomaly> {
    let partition = partition.clone();
    let (at, end) = (log.high_watermark(), log.log_end_offset());
    if at > end {
        return Some(Anomaly::HighWatermarkBeyondEnd { partition, broker, at, end });
    }
    let (mut next, mut epoch) = (Offset(0), LeaderEpoch(-1));
    for header in log.batches().map(|batch| batch.header()) {
        let offset = header.base_offset;
        if offset < next {
            return Some(Anomaly::OffsetsOutOfOrder { partition, broker, offset });
        }
        if header.leader_epoch < epoch {
            return Some(Anomaly::EpochsOutOfOrder { partition, broker, offset });
        }
        (next, epoch) = (header.next_offset(), header.leader_epoch);
    }
    None
}

/// Each replica in sync has what the leader has below both high watermarks.
fn check_replicas(
    world: &World,
    partition: &TopicPartition,
    registered: &PartitionRegistration,
) -> Vec<Anomaly> {
    let mut found = Vec::new();
    let Some(leader) = registered.leader else { return found };
    let Some(truth) = world.log(leader, partition) else { return found };
    let is_compacted = is_compacted(world, &partition.topic);
    for broker in registered.isr.iter().filter(|broker| **broker != leader) {
        let Some(log) = world.log(*broker, partition) else { continue };
        let committed = truth.high_watermark().min(log.high_watermark());
        if let Some(offset) = first_difference(truth, log, Offset(0)..committed, is_compacted) {
            let (partition, brokers) = (partition.clone(), [leader, *broker]);
            found.push(Anomaly::ReplicasDiffer { partition, brokers, offset });
        }
    }
    found
}
