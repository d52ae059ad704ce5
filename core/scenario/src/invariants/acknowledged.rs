//! What producers were told to be appended is still there. A record is known by its offset and the
//! leader epoch in which it was appended: no two records of a partition share both.

use std::collections::BTreeMap;

use highwater_cluster::event::{Cause, Event, EventKind};
use highwater_cluster::ids::{BrokerId, EventId, NodeId, TopicName, TopicPartition};
use highwater_cluster::log::{LeaderEpoch, Offset};
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::world::World;

use super::Anomaly;

/// What producers were told to be appended.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    partitions: BTreeMap<TopicPartition, Partition>,
    lost: u64,
    /// The last answer that came to a producer, and the broker that gave it.
    answer: Option<(EventId, BrokerId)>,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    leader: Option<BrokerId>,
    high_watermark: Offset,
    /// The last leader epoch that began with an unclean election.
    unclean_epoch: Option<LeaderEpoch>,
    /// The leader epoch of each append, by its first offset, for each broker: one that has not heard of
    /// its successor yet appends at the same offsets.
    appended: BTreeMap<BrokerId, BTreeMap<Offset, LeaderEpoch>>,
    /// What was acknowledged: the first offset, with the last and the epoch.
    acknowledged: BTreeMap<Offset, (Offset, LeaderEpoch)>,
}

impl Acknowledged {
    /// The records that were acknowledged to producers of a topic.
    pub fn count(&self, topic: &TopicName) -> u64 {
        let partitions = self.partitions.iter().filter(|(partition, _)| partition.topic == *topic);
        let ranges = partitions.flat_map(|(_, partition)| &partition.acknowledged);
        ranges.map(|(first, (last, _))| (last.0 - first.0 + 1) as u64).sum()
    }

    /// The acknowledged records of a topic that its leaders do not have now.
    pub fn missing(&self, topic: &TopicName, world: &World) -> u64 {
        let partitions = self.partitions.iter().filter(|(partition, _)| partition.topic == *topic);
        partitions
            .flat_map(|(name, partition)| {
                let gone = move |(first, (_, epoch)): &(&Offset, &(Offset, LeaderEpoch))| {
                    partition.leader.is_none_or(|leader| !has(world, leader, name, **first, *epoch))
                };
                partition.acknowledged.iter().filter(gone)
            })
            .map(|(first, (last, _))| (last.0 - first.0 + 1) as u64)
            .sum()
    }

    /// The acknowledged records that were found lost so far.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    pub(super) fn observe(
        &mut self,
        event: &Event,
        world: &World,
        report: &mut dyn FnMut(Anomaly),
    ) {
        match &event.kind {
            EventKind::MessageDelivered {
                from: NodeId::Broker(broker),
                api: ApiKey::Produce,
                is_response: true,
                ..
            } => self.answer = Some((event.id, *broker)),
            EventKind::BatchAppended {
                broker,
                partition,
                base_offset,
                leader_epoch,
                as_leader: true,
                ..
            } => {
                let known = self.partitions.entry(partition.clone()).or_default();
                let appended = known.appended.entry(*broker).or_default();
                // What was appended beyond this offset before is no longer there.
                appended.split_off(base_offset);
                appended.insert(*base_offset, *leader_epoch);
            }
            EventKind::RecordsAcknowledged {
                partition, base_offset: Some(first), count, ..
            } => {
                let answer = self.answer.filter(|(id, _)| event.cause == Cause::Event(*id));
                let known = self.partitions.entry(partition.clone()).or_default();
                let broker = answer.map(|(_, broker)| broker).or(known.leader);
                let appended = broker.and_then(|broker| known.appended.get(&broker));
                let before = appended.and_then(|appended| appended.range(..=*first).next_back());
                // A batch that was sent again is acknowledged by whoever leads now, with the offset and
                // epoch of its first append: the log knows, unless it was deleted since.
                let epoch = broker
                    .and_then(|broker| epoch_at(world, broker, partition, *first))
                    .or(before.map(|(_, epoch)| *epoch));
                let last = Offset(first.0 + i64::from(*count) - 1);
                known.acknowledged.insert(*first, (last, epoch.unwrap_or_default()));
            }
            EventKind::HighWatermarkAdvanced { partition, to, .. } => {
                let known = self.partitions.entry(partition.clone()).or_default();
                known.high_watermark = known.high_watermark.max(*to);
            }
            EventKind::LeaderElected { partition, leader_epoch, clean: false, .. } => {
                let known = self.partitions.entry(partition.clone()).or_default();
                known.unclean_epoch = Some(*leader_epoch);
            }
            EventKind::BecameLeader { broker, partition, leader_epoch, .. } => {
                self.partitions.entry(partition.clone()).or_default().leader = Some(*broker);
                self.check(partition, *leader_epoch, world, report);
            }
            EventKind::TopicDeleted { topic } => {
                self.partitions.retain(|partition, _| partition.topic != *topic);
            }
            _ => {}
        }
    }

    /// A new leader: what it does not have is lost.
    fn check(
        &mut self,
        name: &TopicPartition,
        epoch: LeaderEpoch,
        world: &World,
        report: &mut dyn FnMut(Anomaly),
    ) {
        let Some(partition) = self.partitions.get_mut(name) else { return };
        let Some(leader) = partition.leader else { return };
        let high_watermark = partition.high_watermark;
        // A later leader was in sync with the unclean one, unless it was found to lack records before.
        let was_unclean = partition.unclean_epoch.take_if(|unclean| *unclean <= epoch).is_some();
        let mut lost = 0;
        partition.acknowledged.retain(|first, (last, epoch)| {
            let kept = has(world, leader, name, *first, *epoch);
            if !kept {
                lost += (last.0 - first.0 + 1) as u64;
                let was_committed = *last < high_watermark;
                let (partition, first, last) = (name.clone(), *first, *last);
                report(Anomaly::LostWrite { partition, first, last, was_committed, was_unclean });
            }
            kept
        });
        self.lost += lost;
    }
}

/// Whether a broker's log has the record of that offset and epoch.
fn has(
    world: &World,
    broker: BrokerId,
    name: &TopicPartition,
    offset: Offset,
    epoch: LeaderEpoch,
) -> bool {
    let Some(log) = world.log(broker, name) else { return false };
    if offset < log.log_start_offset() {
        // Deleted by retention, which is no loss.
        return true;
    }
    epoch_at(world, broker, name, offset) == Some(epoch)
}

/// The leader epoch in which the record at an offset of a broker's log was appended.
fn epoch_at(
    world: &World,
    broker: BrokerId,
    name: &TopicPartition,
    offset: Offset,
) -> Option<LeaderEpoch> {
    let log = world.log(broker, name).filter(|log| offset < log.log_end_offset())?;
    let entries = log.epoch_entries().take_while(|entry| entry.start_offset <= offset);
    entries.last().map(|entry| entry.epoch)
}
