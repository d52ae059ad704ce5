//! What led to what: the causes of the last events, so that "why?" can be answered by walking back.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_cluster::event::Event;
use highwater_cluster::ids::EventId;

use crate::recent::Recent;

/// How many events are remembered. Older ones are found again by replaying.
const MOST: usize = 50_000;

/// The causes of the last events.
#[derive(Clone, Debug)]
pub struct Causes {
    recent: Recent<Event>,
    /// What a checkpoint has kept of earlier ones.
    kept: Arc<BTreeMap<EventId, Kept>>,
}

/// An event from before a checkpoint.
#[derive(Clone, Debug)]
struct Kept {
    event: Event,
    /// The nearest reason that led to it.
    reason: Option<EventId>,
}

impl Default for Causes {
    fn default() -> Self {
        Self { recent: Recent::new(MOST), kept: Arc::default() }
    }
}

impl Causes {
    /// Remembers an event.
    pub fn remember(&mut self, event: Event) {
        assert_eq!(event.id.0, self.recent.total(), "events come in order");
        self.recent.push(event);
    }

    /// What later events may still be led back to: those that are under way, and the nearest reason of
    /// each. All else is forgotten, since a run has many checkpoints, and each would hold as many events
    /// as are remembered.
    pub(crate) fn for_checkpoint(
        &self,
        under_way: impl Iterator<Item = EventId>,
        is_reason: impl Fn(&Event) -> bool,
    ) -> Self {
        let (mut kept, mut known) = (BTreeMap::new(), BTreeMap::new());
        for event in under_way.filter_map(|id| self.event(id)) {
            let reason = self.reason_of(event, &is_reason, &mut known);
            for (event, reason) in [(Some(event), reason), (reason, None)] {
                let Some(event) = event else { continue };
                let reason = reason.map(|reason| reason.id);
                let entry = kept.entry(event.id);
                let event = entry.or_insert_with(|| Kept { event: event.clone(), reason });
                event.reason = event.reason.or(reason);
            }
        }
        Self { recent: self.recent.emptied(), kept: Arc::new(kept) }
    }

    /// The nearest reason that led to an event. What led to each of the others on the way is `known` from
    /// then on: many events go back to the same.
    fn reason_of<'a>(
        &'a self,
        event: &'a Event,
        is_reason: impl Fn(&Event) -> bool,
        known: &mut BTreeMap<EventId, Option<&'a Event>>,
    ) -> Option<&'a Event> {
        let (mut way, mut reason) = (Vec::new(), None);
        for earlier in self.of(event.id) {
            if let Some(found) = known.get(&earlier.id).copied() {
                reason = found;
                break;
            }
            if is_reason(earlier) {
                reason = Some(earlier);
                break;
            }
            way.push(earlier.id);
        }
        known.extend(way.into_iter().map(|id| (id, reason)));
        reason
    }

    /// The event of that id, if it is remembered.
    pub fn event(&self, id: EventId) -> Option<&Event> {
        self.recent.get(id.0).or_else(|| self.kept.get(&id).map(|kept| &kept.event))
    }

    /// The id that the next event will have.
    pub fn next_id(&self) -> EventId {
        EventId(self.recent.total())
    }

    /// What is remembered from an id on, in order. Before a checkpoint that was gone back to there are gaps.
    pub fn since(&self, id: EventId) -> impl Iterator<Item = &Event> {
        let kept = self.kept.range(id..).map(|(_, kept)| &kept.event);
        kept.chain(self.recent.since(id.0))
    }

    /// All that is remembered without a gap, in order.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.recent.iter()
    }

    /// The events that led to one, the nearest first, as far back as is remembered.
    pub fn of(&self, id: EventId) -> impl Iterator<Item = &Event> {
        let first = self.event(id).and_then(|event| self.cause_of(event));
        std::iter::successors(first, |event| self.cause_of(event))
    }

    fn cause_of(&self, event: &Event) -> Option<&Event> {
        match self.kept.get(&event.id) {
            Some(kept) => self.event(kept.reason?),
            None => self.event(event.cause.event()?),
        }
    }
}
