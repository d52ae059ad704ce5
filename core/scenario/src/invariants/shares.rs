//! In a share group (KIP-932) a leader hands each record to one member at a time; hands it out no more once it was
//! acknowledged, archived, or on its way into the dead-letter queue; no more often than it may; counts each time; and gives it to others once its lock has
//! run out.

use std::collections::BTreeMap;

use highwater_cluster::event::{Cause, EventKind};
use highwater_cluster::ids::{BrokerId, EventId, GroupId, MemberId, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::share::ShareEvent;
use highwater_cluster::share::event::ShareRecords;
use highwater_cluster::time::{Span, Time};

use super::{Anomaly, Look};

/// By how much a lock may be late: what was said of its records may be on its way to the share coordinator, which is
/// asked again and again.
const GRACE: Span = Span(240_000_000);

/// The topic that share coordinators write to.
const STATE_TOPIC: &str = "__share_group_state";

/// What the leaders of share partitions did.
#[derive(Clone, Debug, Default)]
pub(super) struct Shares {
    /// What each leader has handed out, since it took the share partition up.
    leaders: BTreeMap<(GroupId, TopicPartition, BrokerId), Leader>,
    /// The records that are settled, whoever led.
    settled: BTreeMap<(GroupId, TopicPartition), BTreeMap<Offset, Settled>>,
    /// The last lock that ran out.
    expired: Option<EventId>,
}

/// A record of which nothing more becomes.
#[derive(Clone, Copy, Debug)]
struct Settled {
    told: EventId,
    by: BrokerId,
    /// False where a lock ran out for the last time: that counts on its leader before it is written down.
    is_written: bool,
}

/// What a leader has handed out.
#[derive(Clone, Debug)]
struct Leader {
    broker: BrokerId,
    /// The event of its taking the share partition up.
    loaded: EventId,
    held: BTreeMap<Offset, Held>,
    /// How often each record was handed out that is not settled, as far as this leader told.
    counts: BTreeMap<Offset, i16>,
}

/// A record in somebody's hands.
#[derive(Clone, Debug)]
struct Held {
    member: MemberId,
    event: EventId,
    since: Time,
}

impl Leader {
    /// Whether a leader has to know that a record is settled. One that does not know yet that it was replaced may
    /// go on with what it has.
    fn knows(&self, settled: &Settled) -> bool {
        let is_read = settled.told < self.loaded;
        if is_read { settled.is_written } else { settled.by == self.broker }
    }
}

impl Shares {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::Share(event) => self.share(look, event),
            EventKind::BrokerStopped { broker, .. } => {
                self.leaders.retain(|(_, _, leader), _| leader != broker);
            }
            EventKind::TopicDeleted { topic } => {
                self.leaders.retain(|(_, partition, _), _| partition.topic != *topic);
                self.settled.retain(|(_, partition), _| partition.topic != *topic);
            }
            // An administrator lets groups begin anew.
            EventKind::MessageSent {
                api:
                    ApiKey::AlterShareGroupOffsets
                    | ApiKey::DeleteShareGroupOffsets
                    | ApiKey::DeleteGroups,
                is_response: false,
                ..
            } => *self = Self::default(),
            _ => {}
        }
    }

    fn share(&mut self, look: &mut Look<'_>, event: &ShareEvent) {
        match event {
            ShareEvent::PartitionLoaded { broker, group, partition, .. } => {
                let key = (group.clone(), partition.clone(), *broker);
                let (held, counts) = (BTreeMap::new(), BTreeMap::new());
                let (broker, loaded) = (*broker, look.event.id);
                self.leaders.insert(key, Leader { broker, loaded, held, counts });
            }
            ShareEvent::PartitionDropped { broker, group, partition } => {
                self.leaders.remove(&(group.clone(), partition.clone(), *broker));
            }
            ShareEvent::Acquired { records, member, .. } => self.acquired(look, records, member),
            // It was settled when it began to be.
            ShareEvent::Archived { was_archiving: true, .. } => {}
            ShareEvent::Acknowledged { records, .. }
            | ShareEvent::Archiving { records, .. }
            | ShareEvent::Archived { records, .. } => {
                self.given_back(records, 0);
                let because = look.event.cause;
                let is_written = self.expired.is_none_or(|lock| because != Cause::Event(lock));
                let settled = Settled { told: look.event.id, by: records.broker, is_written };
                let known = self.settled.entry(place(records)).or_default();
                known.extend(offsets(records).map(|offset| (offset, settled)));
            }
            ShareEvent::Released { records, .. } => self.given_back(records, 0),
            ShareEvent::LockExpired { records, .. } => {
                self.expired = Some(look.event.id);
                self.given_back(records, 0);
            }
            // That delivery does not count.
            ShareEvent::SessionEnded { records, .. } => self.given_back(records, 1),
            ShareEvent::Renewed { records, .. } => {
                if let Some(leader) = self.leaders.get_mut(&key(records)) {
                    for offset in offsets(records) {
                        if let Some(held) = leader.held.get_mut(&offset) {
                            held.since = look.event.at;
                        }
                    }
                }
            }
            ShareEvent::StartMoved { group, partition, broker, to, .. } => {
                let key = (group.clone(), partition.clone(), *broker);
                if let Some(leader) = self.leaders.get_mut(&key) {
                    leader.held = leader.held.split_off(to);
                    leader.counts = leader.counts.split_off(to);
                }
            }
            _ => {}
        }
    }

    fn given_back(&mut self, records: &ShareRecords, uncounted: i16) {
        let Some(leader) = self.leaders.get_mut(&key(records)) else { return };
        for offset in offsets(records) {
            leader.held.remove(&offset);
            if let Some(count) = leader.counts.get_mut(&offset) {
                *count -= uncounted;
            }
        }
    }

    fn acquired(&mut self, look: &mut Look<'_>, records: &ShareRecords, member: &MemberId) {
        let topic = records.partition.topic.as_str();
        if look.facts.may_have_lost(STATE_TOPIC) || look.facts.may_have_lost(topic) {
            // Nobody knows any more what was settled, or offsets name other records than before.
            return *self = Self::default();
        }
        let (group, partition) = place(records);
        let Some(leader) = self.leaders.get_mut(&key(records)) else { return };
        let settled = self.settled.get(&(group.clone(), partition.clone()));
        let event = look.event.id;
        for offset in offsets(records) {
            if let Some(before) = leader.held.get(&offset) {
                let members = [before.member.clone(), member.clone()];
                let (group, partition) = (group.clone(), partition.clone());
                let what = Anomaly::HeldTwice { group, partition, offset, members };
                look.report(what, [before.event]);
            }
            let known = settled.and_then(|settled| settled.get(&offset));
            if let Some(Settled { told, .. }) = known.filter(|settled| leader.knows(settled)) {
                let (group, partition) = (group.clone(), partition.clone());
                look.report(Anomaly::HandedOutAgain { group, partition, offset }, [*told]);
            }
            let count = records.delivery_count;
            let before = leader.counts.insert(offset, count);
            if before.is_some_and(|before| count != before + 1) {
                let (group, partition) = (group.clone(), partition.clone());
                let expected = before.unwrap_or_default() + 1;
                look.report(
                    Anomaly::DeliveryMiscounted { group, partition, offset, count, expected },
                    [],
                );
            }
            let since = look.event.at;
            leader.held.insert(offset, Held { member: member.clone(), event, since });
        }
        check_limit(look, records);
        check_locks(look, leader, &group, &partition);
    }
}

/// No record is handed out more often than it may be.
fn check_limit(look: &mut Look<'_>, records: &ShareRecords) {
    let limit = setting(look, &records.group, "share.delivery.count.limit", records.broker, 5);
    if i64::from(records.delivery_count) > limit {
        let (group, partition) = place(records);
        let (offset, count) = (records.first, records.delivery_count);
        look.report(Anomaly::DeliveredTooOften { group, partition, offset, count }, []);
    }
}

/// A leader that hands out records has had the time to see that locks ran out.
fn check_locks(look: &mut Look<'_>, leader: &Leader, group: &GroupId, partition: &TopicPartition) {
    let lock = look.metadata().and_then(|image| {
        image.group_configs.get(group)?.get("share.record.lock.duration.ms")?.parse().ok()
    });
    let lock_ms = lock.unwrap_or(30_000).max(60_000);
    let longest = Span(Span::from_millis(lock_ms).0 + GRACE.0);
    let overdue = leader.held.iter().find(|(_, held)| held.since + longest < look.event.at);
    if let Some((offset, held)) = overdue {
        let (group, partition) = (group.clone(), partition.clone());
        let member = held.member.clone();
        let what = Anomaly::LockOverdue { group, partition, offset: *offset, member };
        look.report(what, [held.event]);
    }
}

/// A setting of a group that is a number: its own, or the broker's.
fn setting(look: &Look<'_>, group: &GroupId, name: &str, broker: BrokerId, default: i64) -> i64 {
    let own = look.metadata().and_then(|image| image.group_configs.get(group)?.get(name).cloned());
    let of_broker = format!("group.{name}");
    let given = own.or_else(|| look.world.spec().config(broker, &of_broker).map(Into::into));
    given.and_then(|text| text.trim().parse().ok()).unwrap_or(default)
}

/// Of which group and partition they are.
pub(super) fn place(records: &ShareRecords) -> (GroupId, TopicPartition) {
    (records.group.clone(), records.partition.clone())
}

/// Which share partition hands them out, and where that is led.
pub(super) fn key(records: &ShareRecords) -> (GroupId, TopicPartition, BrokerId) {
    (records.group.clone(), records.partition.clone(), records.broker)
}

/// Each of them.
pub(super) fn offsets(records: &ShareRecords) -> impl Iterator<Item = Offset> + use<> {
    (records.first.0..=records.last.0).map(Offset)
}
