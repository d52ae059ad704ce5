//! What led to what: the causes of the last events, so that "why?" can be answered by walking back.

use std::collections::VecDeque;

use highwater_cluster::event::{Cause, Event};
use highwater_cluster::ids::EventId;

/// How many events are remembered. Older ones are found again by replaying.
const MOST: usize = 50_000;

/// The causes of the last events.
#[derive(Clone, Debug, Default)]
pub struct Causes {
    first: u64,
    remembered: VecDeque<Event>,
}

impl Causes {
    /// Remembers an event.
    pub fn remember(&mut self, event: Event) {
        if self.remembered.is_empty() {
            self.first = event.id.0;
        }
        assert_eq!(event.id.0, self.first + self.remembered.len() as u64, "events come in order");
        self.remembered.push_back(event);
        if self.remembered.len() > MOST {
            self.remembered.pop_front();
            self.first += 1;
        }
    }

    /// The event of that id, if it is remembered.
    pub fn event(&self, id: EventId) -> Option<&Event> {
        let index = id.0.checked_sub(self.first)?;
        self.remembered.get(usize::try_from(index).ok()?)
    }

    /// All that is remembered, in order.
    pub fn all(&self) -> impl Iterator<Item = &Event> {
        self.remembered.iter()
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
