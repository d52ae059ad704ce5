//! On the way out of a log: what groups process twice, skip, or have read before it was truncated.

use std::collections::BTreeMap;

use highwater_cluster::consumer::ApplicationEvent;
use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{ClientId, EventId, GroupId, TopicPartition};
use highwater_cluster::log::Offset;

use super::settled::Settled;
use crate::invariants::{Anomaly, Cut, Look};

/// How far groups and their consumers have read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    groups: BTreeMap<(GroupId, TopicPartition), Progress>,
    consumers: BTreeMap<(ClientId, TopicPartition), Position>,
}

/// What a group has done of a partition.
#[derive(Clone, Debug)]
struct Progress {
    /// Where it began: what lies below is not its business.
    start: Offset,
    /// The furthest that any member began at.
    begun: Offset,
    /// What an application is done with, or what is none of its business.
    settled: Settled,
    /// What members got from poll to work on: from where, up to where.
    in_hand: Vec<(ClientId, Offset, Offset)>,
    /// The event that told last how far the group is.
    event: EventId,
}

/// Where a consumer reads next, while the partition is its own.
#[derive(Clone, Copy, Debug)]
struct Position {
    next: Offset,
    /// The event that set where it began.
    start: EventId,
    event: EventId,
    /// Whether it was told already, for this start, that records are processed again.
    is_told: bool,
    /// A person told it to read elsewhere, and it does not know yet where that is.
    is_sought: bool,
}

impl Reading {
    pub(crate) fn observe(&mut self, look: &mut Look<'_>, cut: Option<&Cut>) {
        if let Some(cut) = cut {
            self.cut(look, cut);
        }
        match look.kind() {
            EventKind::PositionReset { client, partition, offset, committed } => {
                self.reset(look, *client, partition, *offset, *committed);
            }
            EventKind::RecordsConsumed { client, partition, first, last, .. } => {
                self.done(look, *client, partition, *first, last.next());
            }
            EventKind::Application(event) => self.observe_application(look, event),
            EventKind::PartitionsAssigned { client, .. }
            | EventKind::PartitionsRevoked { client, .. }
            | EventKind::PartitionsLost { client, .. } => {
                self.consumers.retain(|(of, _), _| of != client);
            }
            EventKind::ConsumerClosed { client } | EventKind::ConsumerKilled { client } => {
                self.consumers.retain(|(of, _), _| of != client);
                self.ended(look, *client);
            }
            EventKind::TopicDeleted { topic } => {
                self.groups.retain(|(_, partition), _| partition.topic != *topic);
                self.consumers.retain(|(_, partition), _| partition.topic != *topic);
            }
            _ => {}
        }
    }

    fn observe_application(&mut self, look: &mut Look<'_>, event: &ApplicationEvent) {
        use ApplicationEvent as E;
        match event {
            E::RecordsPolled { client, partition, first, last } => {
                self.read(look, *client, partition, *first, last.next());
                if let Some(known) = self.group_of(look, *client, partition) {
                    known
                        .in_hand
                        .retain(|(_, from, to)| known.settled.first_missing(*from, *to).is_some());
                    known.in_hand.push((*client, *first, last.next()));
                }
            }
            E::PassedOver { client, partition, first, last, .. } => {
                self.settle(look, *client, partition, *first, last.next());
            }
            E::RecordSkipped { client, partition, offset }
            | E::DeadLettered { client, partition, offset, .. }
            | E::SentToRetry { client, partition, offset, .. }
            | E::DuplicateSkipped { client, partition, offset } => {
                self.settle(look, *client, partition, *offset, offset.next());
            }
            E::WorkDropped { client, partition, first, last } => {
                self.dropped(look, *client, partition, *first, last.next());
            }
            E::Sought { client, partition, offset } => {
                self.sought(look, *client, partition, *offset);
            }
            _ => {}
        }
    }

    /// A consumer starts at an offset: further than its group has come, or back from where it was itself?
    fn reset(
        &mut self,
        look: &mut Look<'_>,
        client: ClientId,
        partition: &TopicPartition,
        to: Offset,
        committed: bool,
    ) {
        let event = look.event.id;
        let position = Position { next: to, start: event, event, is_told: false, is_sought: false };
        let before = self.consumers.insert((client, partition.clone()), position);
        if before.is_some_and(|before| before.is_sought) {
            return self.begin_elsewhere(look, client, partition, to);
        }
        if let Some(before) = before.filter(|before| to < before.next) {
            let (partition, from) = (partition.clone(), before.next);
            look.report(Anomaly::WentBack { client, partition, from, to }, [before.event]);
        }
        let Some(group) = look.facts.group(client) else { return };
        let key = (group.clone(), partition.clone());
        let known = self.groups.entry(key).or_insert_with(|| Progress::new(to, event));
        known.start = known.start.min(to);
        known.begun = known.begun.max(to);
        let mut not_lost = known.settled.clone();
        for (_, from, to) in &known.in_hand {
            not_lost.add(*from, *to);
        }
        let evidence = known.event;
        let mut from = known.start;
        while let Some((first, end)) = not_lost.first_missing(from, to) {
            known.settled.add(first, end);
            known.event = event;
            let (group, partition) = (group.clone(), partition.clone());
            let what = Anomaly::Skipped { group, partition, first, last: end - 1, committed };
            look.report(what, [evidence]);
            from = end;
        }
    }

    /// An application is done with records: for the first time?
    fn done(
        &mut self,
        look: &mut Look<'_>,
        client: ClientId,
        partition: &TopicPartition,
        first: Offset,
        end: Offset,
    ) {
        let is_held = self.group_of(look, client, partition).is_some_and(|known| {
            known.in_hand.iter().any(|(by, from, to)| *by == client && *from < end && first < *to)
        });
        if !is_held {
            // It had no time to do anything else with them.
            self.read(look, client, partition, first, end);
        }
        let event = look.event.id;
        let Some(group) = look.facts.group(client).cloned() else { return };
        let position = self.consumers.get_mut(&(client, partition.clone()));
        let key = (group.clone(), partition.clone());
        let known = self.groups.entry(key).or_insert_with(|| Progress::new(first, event));
        let again = known.settled.first_within(first, end);
        let is_told = position.as_ref().is_some_and(|position| position.is_told);
        if let Some((first, _)) = again.filter(|_| !is_told) {
            // What follows is read again up to the same end.
            let all = known.settled.first_within(first, Offset(i64::MAX));
            let last = all.map_or(first, |(_, end)| end - 1);
            let evidence = [Some(known.event), position.as_ref().map(|position| position.start)];
            let (group, partition) = (group.clone(), partition.clone());
            let what = Anomaly::ProcessedTwice { group, partition, client, first, last };
            look.report(what, evidence.into_iter().flatten());
            if let Some(position) = position {
                position.is_told = true;
            }
        }
        if known.settled.end().is_none_or(|known| known < end) {
            known.event = event;
        }
        known.settled.add(first, end);
    }

    /// A consumer goes on from its position to the end of what it got. Between the two there was nothing.
    fn read(
        &mut self,
        look: &Look<'_>,
        client: ClientId,
        partition: &TopicPartition,
        first: Offset,
        end: Offset,
    ) {
        let event = look.event.id;
        let Some(position) = self.consumers.get_mut(&(client, partition.clone())) else { return };
        let from = position.next;
        position.next = end;
        position.event = event;
        if from < first {
            self.settle(look, client, partition, from, first);
        }
    }

    fn settle(
        &mut self,
        look: &Look<'_>,
        client: ClientId,
        partition: &TopicPartition,
        first: Offset,
        end: Offset,
    ) {
        if let Some(known) = self.group_of(look, client, partition) {
            known.settled.add(first, end);
        }
    }

    /// Nobody will do what a member had in hand.
    fn dropped(
        &mut self,
        look: &mut Look<'_>,
        client: ClientId,
        partition: &TopicPartition,
        first: Offset,
        end: Offset,
    ) {
        let Some(group) = look.facts.group(client).cloned() else { return };
        let key = (group, partition.clone());
        let Some(known) = self.groups.get_mut(&key) else { return };
        let mut left = Vec::new();
        for (by, from, to) in std::mem::take(&mut known.in_hand) {
            if by != client || to <= first || end <= from {
                left.push((by, from, to));
                continue;
            }
            let rest = [(by, from, first), (by, end, to)];
            left.extend(rest.into_iter().filter(|(_, from, to)| from < to));
        }
        known.in_hand = left;
        known.tell_lost(look, &key, first, end);
    }

    /// A member is no more, and with it what it had in hand.
    fn ended(&mut self, look: &mut Look<'_>, client: ClientId) {
        for (key, known) in &mut self.groups {
            let all = std::mem::take(&mut known.in_hand);
            let (own, left) = all.into_iter().partition(|(by, ..)| *by == client);
            known.in_hand = left;
            for (_, first, end) in own {
                known.tell_lost(look, key, first, end);
            }
        }
    }

    /// A person told a consumer where to read on: it is meant to skip, or to repeat.
    fn sought(
        &mut self,
        look: &Look<'_>,
        client: ClientId,
        partition: &TopicPartition,
        to: Option<Offset>,
    ) {
        let event = look.event.id;
        let key = (client, partition.clone());
        let start =
            Position { next: Offset(0), start: event, event, is_told: false, is_sought: false };
        let position = self.consumers.entry(key).or_insert(start);
        position.is_sought = to.is_none();
        if let Some(to) = to {
            *position = Position { next: to, ..start };
            self.begin_elsewhere(look, client, partition, to);
        }
    }

    fn begin_elsewhere(
        &mut self,
        look: &Look<'_>,
        client: ClientId,
        partition: &TopicPartition,
        to: Offset,
    ) {
        let Some(known) = self.group_of(look, client, partition) else { return };
        known.settled.cut(to);
        known.start = known.start.min(to);
        known.begun = known.begun.max(to);
        known.settled.add(known.start, to);
    }

    fn group_of(
        &mut self,
        look: &Look<'_>,
        client: ClientId,
        partition: &TopicPartition,
    ) -> Option<&mut Progress> {
        let group = look.facts.group(client)?;
        self.groups.get_mut(&(group.clone(), partition.clone()))
    }

    /// Committed records are gone: who had read them?
    fn cut(&mut self, look: &mut Look<'_>, cut: &Cut) {
        for ((group, partition), known) in &mut self.groups {
            let end = known.end();
            if *partition != cut.partition || end <= cut.first {
                continue;
            }
            let (group, partition) = (group.clone(), partition.clone());
            let (first, last) = (cut.first, end - 1);
            known.settled.cut(cut.first);
            known.start = known.start.min(cut.first);
            known.begun = known.begun.min(cut.first);
            let what = Anomaly::TruncatedAfterRead { group, partition, first, last };
            look.report(what, [known.event]);
        }
    }
}

impl Progress {
    fn new(start: Offset, event: EventId) -> Self {
        let (settled, in_hand) = (Settled::default(), Vec::new());
        Self { start, begun: start, settled, in_hand, event }
    }

    /// What follows on the last that the group is done with, or where it began.
    fn end(&self) -> Offset {
        self.settled.end().unwrap_or(self.start).max(self.begun)
    }

    /// Tells of what nobody is done with, and nobody will be: the group goes on beyond.
    fn tell_lost(
        &mut self,
        look: &mut Look<'_>,
        (group, partition): &(GroupId, TopicPartition),
        first: Offset,
        end: Offset,
    ) {
        let (mut from, end) = (first, end.min(self.begun));
        while let Some((first, to)) = self.settled.first_missing(from, end) {
            self.settled.add(first, to);
            let (group, partition) = (group.clone(), partition.clone());
            let (last, committed) = (to - 1, true);
            let what = Anomaly::Skipped { group, partition, first, last, committed };
            look.report(what, [self.event]);
            from = to;
        }
    }
}
