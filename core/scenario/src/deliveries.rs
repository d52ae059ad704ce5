//! How often each record was processed, group by group: once, more than once, or not at all although the
//! group has gone on. It tells at-least-once, at-most-once and exactly-once apart by their results.

use std::collections::BTreeMap;

use highwater_cluster::consumer::ApplicationEvent;
use highwater_cluster::event::{Event, EventKind};
use highwater_cluster::ids::{ClientId, GroupId, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::world::World;

use crate::invariants::{Cut, Facts};

mod runs;

use runs::Runs;

/// What groups did with the records that they were to process.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    ledgers: BTreeMap<(GroupId, TopicPartition), Ledger>,
    /// What applications are at work on.
    under_way: BTreeMap<ClientId, Vec<Work>>,
}

/// How often records were processed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Records that were processed once.
    pub right: u64,
    /// Records that were processed more than once.
    pub repeated: u64,
    /// Records that the group went past, and nobody had finished.
    pub lost: u64,
    /// Records that it went past because its position was reset beyond them, or because the log was cut
    /// where it had read.
    pub skipped: u64,
}

/// What a group did in a partition.
#[derive(Clone, Debug)]
struct Ledger {
    /// Where it began.
    start: Offset,
    /// Up to where it has committed, at the most.
    committed: Offset,
    /// Up to where its members got records, at the most.
    got: Offset,
    done: Runs,
    again: Runs,
    excused: Runs,
    /// What no application is to get: records of aborted transactions.
    passed: Runs,
}

/// Records that an application got and is not done with.
#[derive(Clone, Debug)]
struct Work {
    partition: TopicPartition,
    first: Offset,
    last: Offset,
}

impl Work {
    /// What is left of it once the records of a run are done with.
    fn without(&self, partition: &TopicPartition, first: Offset, last: Offset) -> Vec<Self> {
        if self.partition != *partition || self.last < first || last < self.first {
            return vec![self.clone()];
        }
        let before =
            (self.first < first).then(|| Self { last: Offset(first.0 - 1), ..self.clone() });
        let after = (last < self.last).then(|| Self { first: last.next(), ..self.clone() });
        before.into_iter().chain(after).collect()
    }
}

impl Deliveries {
    pub(crate) fn observe(&mut self, event: &Event, facts: &Facts, cut: Option<&Cut>) {
        if let Some(cut) = cut {
            self.cut(cut);
        }
        match &event.kind {
            EventKind::PositionReset { client, partition, offset, committed } => {
                let Some(group) = facts.group(*client) else { return };
                let key = (group.clone(), partition.clone());
                let ledger = self.ledgers.entry(key).or_insert_with(|| Ledger::new(*offset));
                ledger.start = ledger.start.min(*offset);
                if !committed {
                    ledger.excused.add(ledger.reached(), *offset);
                }
            }
            EventKind::Application(ApplicationEvent::RecordsPolled {
                client,
                partition,
                first,
                last,
                ..
            }) => {
                self.got(*client, facts, partition, *last);
                let work = Work { partition: partition.clone(), first: *first, last: *last };
                self.under_way.entry(*client).or_default().push(work);
            }
            EventKind::Application(ApplicationEvent::WorkDropped {
                client,
                partition,
                first,
                last,
            }) => self.dropped(*client, partition, (*first, *last)),
            EventKind::Application(ApplicationEvent::PassedOver {
                client,
                partition,
                first,
                last,
                ..
            }) => {
                let Some(group) = facts.group(*client) else { return };
                if let Some(ledger) = self.ledgers.get_mut(&(group.clone(), partition.clone())) {
                    ledger.passed.add(*first, last.next());
                }
            }
            EventKind::RecordsConsumed { client, partition, first, last, .. } => {
                self.got(*client, facts, partition, *last);
                self.done(*client, facts, partition, (*first, *last));
            }
            EventKind::OffsetCommitted { group, partition, offset } => {
                let ledger = self.ledgers.get_mut(&(group.clone(), partition.clone()));
                if let Some(ledger) = ledger {
                    ledger.committed = ledger.committed.max(*offset);
                }
            }
            // What it had not finished is not done.
            EventKind::ConsumerClosed { client } | EventKind::ConsumerKilled { client } => {
                self.under_way.remove(client);
            }
            EventKind::TopicDeleted { topic } => {
                self.ledgers.retain(|(_, partition), _| partition.topic != *topic);
                self.under_way.values_mut().for_each(|all| {
                    all.retain(|work| work.partition.topic != *topic);
                });
            }
            _ => {}
        }
    }

    /// What came of it so far, in each group. This takes as long as the logs are.
    pub(crate) fn count(&self, facts: &Facts, world: &World) -> BTreeMap<GroupId, Delivered> {
        let mut groups: BTreeMap<GroupId, Delivered> = BTreeMap::new();
        for ((group, partition), ledger) in &self.ledgers {
            let mut busy = Runs::default();
            for (client, all) in &self.under_way {
                let own = all.iter().filter(|work| work.partition == *partition);
                let is_member = facts.group(*client) == Some(group);
                own.filter(|_| is_member).for_each(|work| {
                    busy.add(work.first, work.last.next());
                });
            }
            let counted = groups.entry(group.clone()).or_default();
            ledger.count(offsets(world, partition, ledger), &busy, counted);
        }
        groups
    }

    /// An application got records up to this one.
    fn got(&mut self, client: ClientId, facts: &Facts, partition: &TopicPartition, last: Offset) {
        let Some(group) = facts.group(client) else { return };
        if let Some(ledger) = self.ledgers.get_mut(&(group.clone(), partition.clone())) {
            ledger.got = ledger.got.max(last.next());
        }
    }

    /// An application works on records no longer.
    fn dropped(
        &mut self,
        client: ClientId,
        partition: &TopicPartition,
        (first, last): (Offset, Offset),
    ) {
        if let Some(all) = self.under_way.get_mut(&client) {
            *all = all.iter().flat_map(|work| work.without(partition, first, last)).collect();
        }
    }

    /// An application is done with records.
    fn done(
        &mut self,
        client: ClientId,
        facts: &Facts,
        partition: &TopicPartition,
        (first, last): (Offset, Offset),
    ) {
        self.dropped(client, partition, (first, last));
        let Some(group) = facts.group(client) else { return };
        if let Some(ledger) = self.ledgers.get_mut(&(group.clone(), partition.clone())) {
            for (first, end) in ledger.done.add(first, last.next()) {
                ledger.again.add(first, end);
            }
        }
    }

    /// Committed records are gone, and others will stand at their offsets.
    fn cut(&mut self, cut: &Cut) {
        for ((_, partition), ledger) in &mut self.ledgers {
            if *partition == cut.partition {
                // Whoever had read further goes on there, and commits it.
                let read = ledger.reached().max(ledger.got);
                ledger.done.cut(cut.first);
                ledger.again.cut(cut.first);
                ledger.passed.cut(cut.first);
                ledger.excused.add(cut.first, read);
            }
        }
        for all in self.under_way.values_mut() {
            all.retain(|work| work.partition != cut.partition || work.last < cut.first);
        }
    }
}

impl Delivered {
    /// Adds what came of another group, or another run.
    pub fn add(&mut self, other: Delivered) {
        self.right += other.right;
        self.repeated += other.repeated;
        self.lost += other.lost;
        self.skipped += other.skipped;
    }
}

impl Ledger {
    fn new(start: Offset) -> Self {
        Self {
            start,
            committed: start,
            got: start,
            done: Runs::default(),
            again: Runs::default(),
            excused: Runs::default(),
            passed: Runs::default(),
        }
    }

    /// Up to where the group has come.
    fn reached(&self) -> Offset {
        self.committed.max(self.done.end())
    }

    fn count(&self, offsets: impl Iterator<Item = Offset>, busy: &Runs, counted: &mut Delivered) {
        for offset in offsets {
            let to = if self.again.has(offset) {
                &mut counted.repeated
            } else if self.done.has(offset) {
                &mut counted.right
            } else if busy.has(offset) || self.passed.has(offset) {
                continue;
            } else if self.excused.has(offset) {
                &mut counted.skipped
            } else {
                &mut counted.lost
            };
            *to += 1;
        }
    }
}

/// The offsets of the records that a group has gone past. Of what is deleted by now, each offset counts:
/// nobody can tell any more which of them were records.
fn offsets<'a>(
    world: &'a World,
    partition: &TopicPartition,
    ledger: &Ledger,
) -> impl Iterator<Item = Offset> + use<'a> {
    let (start, end) = (ledger.start, ledger.reached());
    let leader = world.registration(partition).and_then(|known| known.leader);
    let log = leader.and_then(|leader| world.whole_log(leader, partition));
    let log_start = log.as_deref().map_or(end, |log| log.log_start_offset().min(end));
    let batches: Vec<_> =
        log.iter().flat_map(|log| log.batches_from(start.max(log_start))).cloned().collect();
    let data = batches
        .into_iter()
        .take_while(move |batch| batch.base_offset() < end)
        .filter(|batch| batch.control_type().is_ok_and(|control| control.is_none()))
        .flat_map(|batch| batch.records().unwrap_or_default())
        .map(|record| record.offset)
        .filter(move |offset| (start.max(log_start)..end).contains(offset));
    (start.0..log_start.0).map(Offset).chain(data)
}
