//! What producers were told to be appended is still there. A record is known by its offset and the
//! leader epoch in which it was appended: no two records of a partition share both.

use std::collections::BTreeMap;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{BrokerId, ClientId, EventId, NodeId, TopicName, TopicPartition};
use highwater_cluster::log::{LeaderEpoch, Log, Offset};
use highwater_cluster::producer::Acks;
use highwater_cluster::world::World;

use super::{Anomaly, Look, LossCause};

/// How often the leader of a partition may have changed since a batch was appended that may yet be
/// acknowledged.
const MOST_LEADERS: usize = 64;

/// What producers were told to be appended.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    partitions: BTreeMap<TopicPartition, Partition>,
    lost: u64,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    leader: Option<(BrokerId, LeaderEpoch)>,
    /// How far the high watermark came in each leader epoch.
    committed: BTreeMap<LeaderEpoch, Offset>,
    /// What each leader appended in each of its epochs, by its first offset.
    appended: BTreeMap<(BrokerId, Offset), Appended>,
    /// What was acknowledged, by leader epoch and first offset.
    ranges: BTreeMap<(LeaderEpoch, Offset), Told>,
}

/// Batches that a leader appended one after the other in one epoch.
#[derive(Clone, Copy, Debug)]
struct Appended {
    leader_epoch: LeaderEpoch,
    /// The first offset of the last of them.
    last: Offset,
}

/// Neighbouring records of one leader epoch that were acknowledged.
#[derive(Clone, Copy, Debug)]
struct Told {
    last: Offset,
    acks: Option<Acks>,
    /// Whether the leader was the whole ISR.
    isr_of_one: bool,
    /// The event that told the last of them.
    event: EventId,
}

impl Acknowledged {
    /// The records that were acknowledged to producers of a topic.
    pub fn count(&self, topic: &TopicName) -> u64 {
        let partitions = self.partitions.iter().filter(|(partition, _)| partition.topic == *topic);
        let ranges = partitions.flat_map(|(_, partition)| &partition.ranges);
        ranges.map(|((_, first), told)| count(*first, told.last)).sum()
    }

    /// The acknowledged records of a topic that its leaders do not have now.
    pub fn missing(&self, topic: &TopicName, world: &World) -> u64 {
        let partitions = self.partitions.iter().filter(|(partition, _)| partition.topic == *topic);
        partitions
            .flat_map(|(name, partition)| {
                let log = partition.leader.and_then(|(leader, _)| world.log(leader, name));
                partition.ranges.iter().filter_map(move |((epoch, first), told)| {
                    let kept = log.map_or(*first, |log| kept(log, *epoch, *first, told.last));
                    (kept <= told.last).then(|| count(kept, told.last))
                })
            })
            .sum()
    }

    /// The acknowledged records that were found lost so far.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::BatchAppended {
                broker,
                partition,
                base_offset,
                leader_epoch,
                as_leader: true,
                ..
            } => {
                self.partition(partition).appended(*broker, *base_offset, *leader_epoch);
            }
            EventKind::RecordsAcknowledged {
                client,
                partition,
                base_offset: Some(first),
                count,
            } => {
                let last = Offset(first.0 + i64::from(*count) - 1);
                self.told(look, *client, partition, *first, last);
            }
            EventKind::HighWatermarkAdvanced { broker, partition, to, is_leader: true, .. } => {
                let Some(role) = look.facts.role(*broker, partition) else { return };
                let committed = &mut self.partition(partition).committed;
                let reached = committed.entry(role.leader_epoch).or_insert(*to);
                *reached = (*reached).max(*to);
            }
            EventKind::BecameLeader { broker, partition, leader_epoch, .. } => {
                self.became_leader(look, *broker, partition, *leader_epoch);
            }
            EventKind::LogTruncated { broker, partition, to, .. } => {
                self.partition(partition).truncated(*broker, *to);
            }
            EventKind::TopicDeleted { topic } => {
                self.partitions.retain(|partition, _| partition.topic != *topic);
            }
            _ => {}
        }
    }

    fn partition(&mut self, name: &TopicPartition) -> &mut Partition {
        if !self.partitions.contains_key(name) {
            self.partitions.insert(name.clone(), Partition::default());
        }
        self.partitions.get_mut(name).expect("it was just put there")
    }

    fn told(
        &mut self,
        look: &mut Look<'_>,
        client: ClientId,
        name: &TopicPartition,
        first: Offset,
        last: Offset,
    ) {
        let by = look.delivery().and_then(|delivery| match delivery.from {
            NodeId::Broker(broker) => Some(broker),
            _ => None,
        });
        let isr_of_one =
            look.registration(name).is_some_and(|registered| registered.isr.len() <= 1);
        let known = self.partition(name);
        let Some(by) = by.or(known.leader.map(|(leader, _)| leader)) else { return };
        // A batch that was sent again may have been appended by an earlier leader.
        let in_log =
            || look.world.log(by, name).and_then(|log| log.epoch_cache().epoch_for_offset(first));
        let appended = known.appended_in(by, first);
        let Some(epoch) = appended.or_else(in_log) else { return };
        let told = Told { last, acks: look.facts.acks(client), isr_of_one, event: look.event.id };
        known.remember(epoch, first, told);
        // Whoever acknowledged may have been replaced without knowing it.
        if let Some((leader, leader_epoch)) = known.leader.filter(|(leader, _)| *leader != by)
            && leader_epoch > epoch
        {
            self.lost += known.check(look, name, (leader, leader_epoch), Some(epoch));
        }
    }

    fn became_leader(
        &mut self,
        look: &mut Look<'_>,
        leader: BrokerId,
        name: &TopicPartition,
        leader_epoch: LeaderEpoch,
    ) {
        let known = self.partition(name);
        if known.leader.is_some_and(|(_, newest)| newest > leader_epoch) {
            return;
        }
        known.leader = Some((leader, leader_epoch));
        let lost = known.check(look, name, (leader, leader_epoch), None);
        self.lost += lost;
    }
}

impl Partition {
    fn appended(&mut self, leader: BrokerId, first: Offset, leader_epoch: LeaderEpoch) {
        let key = (leader, first);
        let before = self.appended.range_mut((leader, Offset(0))..=key).next_back();
        match before {
            Some((_, run)) if run.leader_epoch == leader_epoch => run.last = run.last.max(first),
            _ => {
                self.appended.insert(key, Appended { leader_epoch, last: first });
            }
        }
        if self.appended.len() > MOST_LEADERS {
            self.appended.pop_first();
        }
    }

    fn truncated(&mut self, broker: BrokerId, to: Offset) {
        self.appended.retain(|(by, first), _| *by != broker || *first < to);
        let own = self.appended.iter_mut().filter(|((by, _), _)| *by == broker);
        own.for_each(|(_, run)| run.last = run.last.min(to - 1));
    }

    /// In which leader epoch a broker appended the batch that begins at an offset.
    fn appended_in(&self, leader: BrokerId, first: Offset) -> Option<LeaderEpoch> {
        let (_, run) = self.appended.range((leader, Offset(0))..=(leader, first)).next_back()?;
        (first <= run.last).then_some(run.leader_epoch)
    }

    /// Adds a range, to the one before it if they are alike.
    fn remember(&mut self, epoch: LeaderEpoch, first: Offset, told: Told) {
        let before = self.ranges.range_mut((epoch, Offset(0))..=(epoch, first)).next_back();
        if let Some((_, before)) = before
            && before.last.next() >= first
            && (before.acks, before.isr_of_one) == (told.acks, told.isr_of_one)
        {
            before.last = before.last.max(told.last);
            before.event = told.event;
        } else {
            self.ranges.insert((epoch, first), told);
        }
    }

    /// What a leader does not have is lost. Returns how many records that is.
    fn check(
        &mut self,
        look: &mut Look<'_>,
        name: &TopicPartition,
        leader: (BrokerId, LeaderEpoch),
        only: Option<LeaderEpoch>,
    ) -> u64 {
        let Some(log) = look.world.log(leader.0, name) else { return 0 };
        let mut lost = Vec::new();
        self.ranges.retain(|(epoch, first), told| {
            if only.is_some_and(|only| only != *epoch) || *epoch >= leader.1 {
                return true;
            }
            let kept = kept(log, *epoch, *first, told.last);
            if kept <= told.last {
                lost.push((*epoch, kept, *told));
                told.last = kept - 1;
            }
            kept > *first
        });
        let mut total = 0;
        for (epoch, first, told) in lost {
            total += count(first, told.last);
            // A late answer of a leader that was replaced: only what itself had committed counts.
            let until = if only.is_some() { epoch } else { leader.1 };
            let committed = self.committed.range(epoch..=until).map(|(_, reached)| *reached).max();
            let was_committed = committed.is_some_and(|committed| first < committed);
            report(look, name, (epoch, leader.0, leader.1), first, told, was_committed);
        }
        total
    }
}

fn report(
    look: &mut Look<'_>,
    partition: &TopicPartition,
    (epoch, leader, until): (LeaderEpoch, BrokerId, LeaderEpoch),
    first: Offset,
    told: Told,
    was_committed: bool,
) {
    let unclean = look.facts.unclean(partition, epoch, until);
    let unflushed = look.facts.unflushed(partition);
    let why = if told.acks != Some(Acks::All) && !was_committed {
        LossCause::LeaderAlone
    } else if look.facts.has_lost_unflushed(leader, partition, first, told.last) {
        LossCause::Unflushed
    } else if unclean.is_some() && told.acks == Some(Acks::All) && told.isr_of_one {
        LossCause::MinIsrOfOne
    } else if unclean.is_some() {
        LossCause::UncleanElection
    } else if unflushed.is_some() && is_nowhere(look, partition, epoch, first, told.last) {
        LossCause::Unflushed
    } else {
        LossCause::Unexplained
    };
    let stopped = look.registration(partition).map(|registered| registered.replicas.clone());
    let stopped = stopped.unwrap_or_default().into_iter();
    let stopped = stopped.filter_map(|broker| look.facts.stopped(broker)).max();
    let evidence = [Some(told.event), unclean, unflushed, stopped].into_iter().flatten();
    let (partition, last) = (partition.clone(), told.last);
    look.report(Anomaly::LostWrite { partition, first, last, was_committed, why }, evidence);
}

/// Whether no replica has any of these records, running or not.
fn is_nowhere(
    look: &Look<'_>,
    partition: &TopicPartition,
    epoch: LeaderEpoch,
    first: Offset,
    last: Offset,
) -> bool {
    let Some(registered) = look.registration(partition) else { return true };
    let mut logs = registered.replicas.iter().filter_map(|id| look.world.log(*id, partition));
    logs.all(|log| kept(log, epoch, first, last) <= first)
}

/// The first offset from `first` to `last` whose record of that leader epoch a log does not have; the
/// one after `last` if it has them all. What retention deleted is no loss.
fn kept(log: &Log, epoch: LeaderEpoch, first: Offset, last: Offset) -> Offset {
    if log.config().compact {
        // Whole batches may be gone, and with them all that a replica could know of their epoch.
        return log.log_end_offset().clamp(first, last.next());
    }
    let end = match log.end_offset_for_epoch(epoch) {
        Some((found, end)) if found == epoch => end,
        // The epoch is older than the log: its records were deleted.
        _ => log.log_start_offset(),
    };
    let begins = log.epoch_entries().find(|entry| entry.epoch == epoch);
    // Where the epoch begins later than this, the records before are of another history.
    let is_other = begins.is_some_and(|entry| {
        entry.start_offset > first && entry.start_offset > log.log_start_offset()
    });
    if is_other { first } else { end.clamp(first, last.next()) }
}

fn count(first: Offset, last: Offset) -> u64 {
    u64::try_from(last.0 - first.0 + 1).unwrap_or(0)
}
