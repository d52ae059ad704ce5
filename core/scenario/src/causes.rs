//! What led to what: the causes of the last events, so that "why?" can be answered by walking back.

use highwater_cluster::event::{Cause, Event};
use highwater_cluster::ids::EventId;

use crate::recent::Recent;

/// How many events are remembered. Older ones are found again by replaying.
const MOST: usize = 50_000;

/// The causes of the last events.
#[derive(Clone, Debug)]
pub struct Causes(Recent<Event>);

impl Default for Causes {
    fn default() -> Self {
        Self(Recent::new(MOST))
    }
}

impl Causes {
    /// Remembers an event.
    pub fn remember(&mut self, event: Event) {
        assert_eq!(event.id.0, self.0.total(), "events come in order");
        self.0.push(event);
    }

    /// The event of that id, if it is remembered.
    pub fn event(&self, id: EventId) -> Option<&Event> {
        self.0.get(id.0)
    }

    /// The id that the next event will have.
    pub fn next_id(&self) -> EventId {
        EventId(self.0.total())
    }

    /// All that is remembered, in order.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.0.iter()
    }

    /// The events that led to one, the nearest first, as far back as is remembered.
    pub fn of(&self, id: EventId) -> impl Iterator<Item = &Event> {
        let first = self.event(id).and_then(|event| self.cause_of(event));
        std::iter::successors(first, |event| self.cause_of(event))
    }

    fn cause_of(&self, event: &Event) -> Option<&Event> {
        match event.cause {
            Cause::Event(id) => self.event(id),
            Cause::Timer { set_by, .. } => self.event(set_by?),
            Cause::Start | Cause::Entry(_) => None,
        }
    }
}
