//! What a share group gives up goes into its dead-letter queue (KIP-1191) before it is archived, unless it is told why
//! not; what it is done with does not; and what is said to be in the queue is there.

use std::collections::{BTreeMap, BTreeSet};

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{BrokerId, EventId, GroupId, TopicPartition};
use highwater_cluster::log::{Header, Offset, Record};
use highwater_cluster::share::ShareEvent;
use highwater_cluster::share::dead_letter::{
    GROUP_HEADER, OFFSET_HEADER, PARTITION_HEADER, TOPIC_HEADER,
};
use highwater_cluster::share::event::ShareRecords;

use super::shares::{key, offsets, place};
use super::{Anomaly, Look};

/// The setting that names the queue of a group.
const QUEUE: &str = "errors.deadletterqueue.topic.name";

/// What leaders of share partitions did with records since they took them up.
#[derive(Clone, Debug, Default)]
pub(super) struct DeadLetters {
    pub(super) count: DeadLetterCount,
    leaders: BTreeMap<(GroupId, TopicPartition, BrokerId), Leader>,
}

/// How much came into dead-letter queues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeadLetterCount {
    /// Records that came into one.
    pub written: u64,
    /// Records of which it was told that they do not.
    pub failed: u64,
    /// Records that came into one by way of a leader that had not given them up itself, at least.
    pub resumed: u64,
}

#[derive(Clone, Debug, Default)]
struct Leader {
    /// What this leader gave up by itself.
    given_up: BTreeSet<Offset>,
    /// What the queue has, or does not get.
    answered: BTreeSet<Offset>,
    /// What the group is done with, with the event that told of it.
    acknowledged: BTreeMap<Offset, EventId>,
}

impl DeadLetters {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::Share(event) => self.share(look, event),
            EventKind::BrokerStopped { broker, .. } => {
                self.leaders.retain(|(_, _, leader), _| leader != broker);
            }
            EventKind::TopicDeleted { topic } => {
                self.leaders.retain(|(_, partition, _), _| partition.topic != *topic);
            }
            _ => {}
        }
    }

    fn share(&mut self, look: &mut Look<'_>, event: &ShareEvent) {
        match event {
            ShareEvent::PartitionLoaded { broker, group, partition, .. }
            | ShareEvent::PartitionDropped { broker, group, partition } => {
                self.leaders.remove(&(group.clone(), partition.clone(), *broker));
            }
            ShareEvent::Acknowledged { records, .. } if has_queue(look, &records.group) => {
                let told = look.event.id;
                let leader = self.leaders.entry(key(records)).or_default();
                leader.acknowledged.extend(offsets(records).map(|offset| (offset, told)));
            }
            ShareEvent::Archiving { records, .. } => {
                let leader = self.leaders.entry(key(records)).or_default();
                leader.given_up.extend(offsets(records));
            }
            ShareEvent::DeadLettered { records, queue, at } => {
                self.answered(records);
                let given_up = &self.leaders[&key(records)].given_up;
                let foreign = offsets(records).filter(|offset| !given_up.contains(offset));
                self.count.resumed += foreign.count() as u64;
                self.count.written += offsets(records).count() as u64;
                self.check_not_acknowledged(look, records);
                check_content(look, records, queue, *at);
            }
            ShareEvent::DeadLetterFailed { records, .. } => {
                self.answered(records);
                self.count.failed += offsets(records).count() as u64;
            }
            ShareEvent::Archived { records, was_archiving: true, .. } => {
                let leader = self.leaders.entry(key(records)).or_default();
                // One event tells of all of them, and so does one finding.
                let skipped = offsets(records).find(|offset| !leader.answered.contains(offset));
                for offset in offsets(records) {
                    leader.answered.remove(&offset);
                }
                if let Some(offset) = skipped {
                    let (group, partition) = place(records);
                    look.report(Anomaly::DeadLetterSkipped { group, partition, offset }, []);
                }
            }
            _ => {}
        }
    }

    fn answered(&mut self, records: &ShareRecords) {
        let leader = self.leaders.entry(key(records)).or_default();
        leader.answered.extend(offsets(records));
    }

    fn check_not_acknowledged(&mut self, look: &mut Look<'_>, records: &ShareRecords) {
        let Some(leader) = self.leaders.get(&key(records)) else { return };
        let done = offsets(records).find_map(|offset| leader.acknowledged.get_key_value(&offset));
        if let Some((offset, told)) = done {
            let ((group, partition), offset) = (place(records), *offset);
            look.report(Anomaly::DeadLetterAcknowledged { group, partition, offset }, [*told]);
        }
    }
}

/// The queue has a record for each of these at its place.
fn check_content(look: &mut Look<'_>, records: &ShareRecords, queue: &TopicPartition, at: Offset) {
    if look.facts.may_have_lost(queue.topic.as_str()) {
        return;
    }
    let leader = look.registration(queue).and_then(|registered| registered.leader);
    let Some(log) = leader.and_then(|leader| look.world.log(leader, queue)) else { return };
    let places = (at.0..).map(Offset).zip(offsets(records));
    let missing = places.into_iter().find(|(at, offset)| {
        let read = log.read_batches(*at, 1, true, log.log_end_offset());
        // What retention has deleted, or is in the remote store only, was there.
        let Ok(batches) = read else { return false };
        let found = batches.first().and_then(|batch| batch.records().ok()).unwrap_or_default();
        !found.iter().any(|record| record.offset == *at && tells_of(record, records, *offset))
    });
    if let Some((at, offset)) = missing {
        let ((group, partition), queue) = (place(records), queue.clone());
        look.report(Anomaly::DeadLetterMissing { group, partition, offset, queue, at }, []);
    }
}

/// Whether a record of a queue says that it comes from there.
fn tells_of(letter: &Record, records: &ShareRecords, offset: Offset) -> bool {
    let partition = &records.partition;
    [
        (TOPIC_HEADER, partition.topic.to_string()),
        (PARTITION_HEADER, partition.partition.to_string()),
        (OFFSET_HEADER, offset.to_string()),
        (GROUP_HEADER, records.group.to_string()),
    ]
    .into_iter()
    .all(|(name, value)| {
        let is_named = |header: &&Header| header.key == name.as_bytes();
        let last = letter.headers.iter().rev().find(is_named);
        last.and_then(|header| header.value.as_deref()) == Some(value.as_bytes())
    })
}

fn has_queue(look: &Look<'_>, group: &GroupId) -> bool {
    let named = || look.metadata()?.group_configs.get(group)?.get(QUEUE);
    named().is_some_and(|topic| !topic.trim().is_empty())
}
