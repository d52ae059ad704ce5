//! What is committed stays: replicas agree byte for byte below the high watermark, and a leader that was
//! elected in good order has all of it. A batch is known by its place, its leader epoch and its CRC.
//!
//! A follower is compared with its leader as its high watermark moves, so that each batch is looked at
//! once. Of the committed records themselves nothing is kept but where they end.

use std::collections::BTreeMap;
use std::ops::Range;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{BrokerId, EventId, TopicName, TopicPartition};
use highwater_cluster::log::{Batch, LeaderEpoch, Log, Offset};
use highwater_cluster::world::World;

use super::{Anomaly, Cut, Look};

/// Where the committed records of each partition end.
#[derive(Clone, Debug, Default)]
pub(super) struct Committed(BTreeMap<TopicPartition, End>);

#[derive(Clone, Debug)]
struct End {
    offset: Offset,
    /// The leader whose log is the truth.
    leader: BrokerId,
    leader_epoch: LeaderEpoch,
    last: Option<Fingerprint>,
    event: EventId,
}

/// What tells a batch from any other: its place, leader epoch and CRC, which covers all the rest.
type Fingerprint = (Offset, Offset, LeaderEpoch, u32);

impl Committed {
    /// Looks at an event. Returns what was cut off, if a leader was elected that lacks some of it.
    pub(super) fn observe(&mut self, look: &mut Look<'_>) -> Option<Cut> {
        match look.kind() {
            EventKind::HighWatermarkAdvanced { broker, partition, to, is_leader: true, .. } => {
                self.advanced(look, *broker, partition, *to);
            }
            EventKind::HighWatermarkAdvanced { broker, partition, from, to, is_leader: false } => {
                compare(look, *broker, partition, *from, *to);
            }
            EventKind::BecameLeader { broker, partition, leader_epoch, .. } => {
                return self.became_leader(look, *broker, partition, *leader_epoch);
            }
            EventKind::TopicDeleted { topic } => {
                self.0.retain(|partition, _| partition.topic != *topic);
            }
            _ => {}
        }
        None
    }

    fn advanced(
        &mut self,
        look: &Look<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
        to: Offset,
    ) {
        let Some(role) = look.facts.role(leader, partition) else { return };
        let known = self.0.get(partition);
        // A leader that was replaced may still commit what its old ISR has: its successor has it too, or
        // was elected uncleanly.
        if known.is_some_and(|end| end.leader_epoch > role.leader_epoch || end.offset > to) {
            return;
        }
        let log = look.world.log(leader, partition);
        let last = log.and_then(|log| log.batches_from(to - 1).next()).map(fingerprint);
        let (leader_epoch, event) = (role.leader_epoch, look.event.id);
        self.0.insert(partition.clone(), End { offset: to, leader, leader_epoch, last, event });
    }

    fn became_leader(
        &mut self,
        look: &mut Look<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
        leader_epoch: LeaderEpoch,
    ) -> Option<Cut> {
        let end = self.0.get_mut(partition)?;
        // One that stood still may only now hear of an epoch that is over.
        if leader_epoch < end.leader_epoch {
            return None;
        }
        let log = look.world.log(leader, partition)?;
        let is_compacted = is_compacted(look.world, &partition.topic);
        let first = match &end.last {
            Some(last) if !has(log, *last, is_compacted) => {
                common(look.world.log(end.leader, partition)?, log, is_compacted)
            }
            _ => end.offset,
        };
        let before = (end.offset, end.leader_epoch, end.event);
        // From here on, this leader's log is the truth.
        end.leader = leader;
        end.leader_epoch = leader_epoch;
        if first >= before.0 {
            return None;
        }
        end.offset = first;
        end.last = log.batches_from(first - 1).next().map(fingerprint).filter(|_| first.0 > 0);
        let is_explained = look.facts.unclean(partition, before.1, leader_epoch).is_some()
            || look.facts.unflushed(partition).is_some();
        if !is_explained {
            let (partition, end) = (partition.clone(), before.0);
            let what = Anomaly::CommittedLost { partition, leader, first, end };
            look.report(what, [before.2]);
        }
        Some(Cut { partition: partition.clone(), first })
    }
}

/// A follower learnt that what it has from `from` to `to` is committed: it is what its leader has.
fn compare(
    look: &mut Look<'_>,
    follower: BrokerId,
    partition: &TopicPartition,
    from: Offset,
    to: Offset,
) {
    let Some(role) = look.facts.role(follower, partition) else { return };
    let Some(leader) = role.leader.filter(|leader| *leader != follower) else { return };
    // Meanwhile the leader may have become a follower itself, and follow another history.
    let is_same = |other: super::facts::ReplicaRole| other.leader_epoch == role.leader_epoch;
    if !look.facts.role(leader, partition).is_some_and(is_same) {
        return;
    }
    // What a power loss took from the leader's disk is no difference: it was there when it was sent.
    if look.facts.has_lost_unflushed(leader, partition, from, to) {
        return;
    }
    let (Some(own), Some(other)) =
        (look.world.log(follower, partition), look.world.log(leader, partition))
    else {
        return;
    };
    let is_compacted = is_compacted(look.world, &partition.topic);
    if let Some(offset) = first_difference(own, other, from..to, is_compacted) {
        let (partition, brokers) = (partition.clone(), [leader, follower]);
        look.report(Anomaly::ReplicasDiffer { partition, brokers, offset }, []);
    }
}

/// The first offset from `from` to `to` at which two logs differ. What one of them has deleted, or may
/// have compacted, is left out: neither touches the active segment.
pub(super) fn first_difference(
    a: &Log,
    b: &Log,
    range: Range<Offset>,
    is_compacted: bool,
) -> Option<Offset> {
    let Range { start, end: to } = range;
    let from = start.max(a.local_log_start_offset()).max(b.local_log_start_offset());
    let from = if is_compacted {
        from.max(a.active_segment().base_offset()).max(b.active_segment().base_offset())
    } else {
        from
    };
    let below = |batch: &&Batch| batch.base_offset() < to;
    let mut a = a.batches_from(from).take_while(below);
    let mut b = b.batches_from(from).take_while(below);
    loop {
        match (a.next(), b.next()) {
            (None, None) => return None,
            (Some(a), Some(b)) if fingerprint(a) == fingerprint(b) => {}
            (a, b) => {
                let bases = a.into_iter().chain(b).map(Batch::base_offset);
                return bases.min().map(|base| base.max(from));
            }
        }
    }
}

/// Whether the replicas of a topic are compacted, each when it suits it.
pub(super) fn is_compacted(world: &World, topic: &TopicName) -> bool {
    // While no controller is active, brokers go by what they know.
    let brokers = 1..=world.spec().brokers as i32;
    let known = brokers.filter_map(|id| world.metadata_of(BrokerId(id)));
    let policies = world.metadata().into_iter().chain(known);
    let policy = policies.filter_map(|image| image.topic_config(topic, "cleanup.policy")).next();
    policy.is_some_and(|policy| policy.contains("compact"))
}

fn has(log: &Log, batch: Fingerprint, is_compacted: bool) -> bool {
    let (base_offset, ..) = batch;
    // What was deleted or compacted since was there.
    base_offset < log.local_log_start_offset()
        || (is_compacted && base_offset < log.active_segment().base_offset())
        || log.batches_from(base_offset).next().map(fingerprint) == Some(batch)
}

/// Up to where two logs agree.
fn common(a: &Log, b: &Log, is_compacted: bool) -> Offset {
    let end = a.log_end_offset().max(b.log_end_offset());
    first_difference(a, b, Offset(0)..end, is_compacted).unwrap_or(end)
}

fn fingerprint(batch: &Batch) -> Fingerprint {
    let header = batch.header();
    (header.base_offset, header.last_offset(), header.leader_epoch, header.crc)
}
