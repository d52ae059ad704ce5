//! On the way out of a log: what groups process twice, skip, or have read before it was truncated.

use std::collections::BTreeMap;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{ClientId, EventId, GroupId, TopicPartition};
use highwater_cluster::log::Offset;

use crate::invariants::{Anomaly, Cut, Look};

/// How far groups and their consumers have read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    groups: BTreeMap<(GroupId, TopicPartition), Progress>,
    consumers: BTreeMap<(ClientId, TopicPartition), Position>,
}

/// How far any member of a group has come.
#[derive(Clone, Copy, Debug)]
struct Progress {
    /// The offset after the last record that a member got.
    end: Offset,
    event: EventId,
}

/// Where a consumer reads next, while the partition is its own.
#[derive(Clone, Copy, Debug)]
struct Position {
    next: Offset,
    event: EventId,
    /// It was set, and nothing was read from there yet.
    is_fresh: bool,
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
                self.consumed(look, *client, partition, *first, *last);
            }
            EventKind::PartitionsAssigned { client, .. }
            | EventKind::PartitionsRevoked { client, .. }
            | EventKind::PartitionsLost { client, .. }
            | EventKind::ConsumerClosed { client }
            | EventKind::ConsumerKilled { client } => {
                self.consumers.retain(|(of, _), _| of != client);
            }
            EventKind::TopicDeleted { topic } => {
                self.groups.retain(|(_, partition), _| partition.topic != *topic);
                self.consumers.retain(|(_, partition), _| partition.topic != *topic);
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
        let position = Position { next: to, event, is_fresh: true };
        let before = self.consumers.insert((client, partition.clone()), position);
        if let Some(before) = before.filter(|before| to < before.next) {
            let (partition, from) = (partition.clone(), before.next);
            look.report(Anomaly::WentBack { client, partition, from, to }, [before.event]);
        }
        let Some(group) = look.facts.group(client) else { return };
        let start = Progress { end: to, event };
        let known = self.groups.entry((group.clone(), partition.clone())).or_insert(start);
        if to > known.end {
            let (group, partition) = (group.clone(), partition.clone());
            let (first, last) = (known.end, to - 1);
            let evidence = [known.event];
            *known = start;
            look.report(Anomaly::Skipped { group, partition, first, last, committed }, evidence);
        }
    }

    fn consumed(
        &mut self,
        look: &mut Look<'_>,
        client: ClientId,
        partition: &TopicPartition,
        first: Offset,
        last: Offset,
    ) {
        let (next, event) = (last.next(), look.event.id);
        let position = Position { next, event, is_fresh: false };
        let before = self.consumers.insert((client, partition.clone()), position);
        let Some(group) = look.facts.group(client) else { return };
        let key = (group.clone(), partition.clone());
        let known = self.groups.entry(key).or_insert(Progress { end: first, event });
        // Once for each start: what follows from there is read again up to the same end.
        if let Some(start) = before.filter(|before| before.is_fresh)
            && first < known.end
        {
            let (group, partition) = (group.clone(), partition.clone());
            let what =
                Anomaly::ProcessedTwice { group, partition, client, first, last: known.end - 1 };
            look.report(what, [known.event, start.event]);
        }
        if next > known.end {
            *known = Progress { end: next, event };
        }
    }

    /// Committed records are gone: who had read them?
    fn cut(&mut self, look: &mut Look<'_>, cut: &Cut) {
        for ((group, partition), known) in &mut self.groups {
            if *partition != cut.partition || known.end <= cut.first {
                continue;
            }
            let (group, partition) = (group.clone(), partition.clone());
            let (first, last) = (cut.first, known.end - 1);
            known.end = cut.first;
            let what = Anomaly::TruncatedAfterRead { group, partition, first, last };
            look.report(what, [known.event]);
        }
    }
}
