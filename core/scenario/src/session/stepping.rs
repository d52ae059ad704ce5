//! Playing on, for a while or to the next thing that is of interest.

use highwater_cluster::event::{Event, EventKind};
use highwater_cluster::time::Time;

use super::{Advance, LogLine, Session};
use crate::breakpoints::{Breakpoints, Hit, Seen};
use crate::narration::{Depth, narrate};

/// Far more steps than lie between two sentences of a cluster that does anything.
const MOST_STEPS: u32 = 10_000;

/// What a step goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The next event that is told at this depth.
    Told(Depth),
    /// The next message that arrives or is lost.
    Message,
}

/// What came of playing on with an eye on something.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// How far it went.
    pub advance: Advance,
    /// What the step went to, if it got there.
    pub line: Option<LogLine>,
    /// The breakpoint that was hit, if one was: the run stands right behind it.
    pub hit: Option<Hit>,
}

impl Stop {
    pub(super) fn depth(self) -> Depth {
        match self {
            Stop::Told(depth) => depth,
            Stop::Message => Depth::Wire,
        }
    }

    /// Whether an event that lies at a depth is one to stop at.
    pub(super) fn is_at(self, event: &Event, depth: Depth) -> bool {
        match self {
            Stop::Told(deepest) => depth <= deepest,
            Stop::Message => matches!(
                event.kind,
                EventKind::MessageDelivered { .. } | EventKind::MessageDropped { .. }
            ),
        }
    }
}

impl Session {
    /// Plays on up to and including `until`, in at most `max_steps` steps.
    pub fn advance(&mut self, until: Time, max_steps: u32) -> Advance {
        self.play(until, max_steps, None, None).advance
    }

    /// Plays on as [`advance`](Self::advance) does, but no further than what a step goes to, and no
    /// further than a breakpoint. A step of the world may be several events; the run stands behind the
    /// step that holds the event, at its instant.
    pub fn play(
        &mut self,
        until: Time,
        max_steps: u32,
        stop: Option<Stop>,
        mut watch: Option<&mut Breakpoints>,
    ) -> Played {
        let mut steps = 0;
        while self.next_due().is_some_and(|due| due <= until) {
            if steps == max_steps {
                return self.played(true, None, None);
            }
            let seen = Seen::of(self);
            self.step_once();
            // What is checked is checked against the world as it was then.
            let line = self.take_events(stop);
            let hit = watch.as_mut().and_then(|watch| watch.look(self, seen));
            if line.is_some() || hit.is_some() {
                return self.played(false, line, hit);
            }
            steps += 1;
        }
        self.note_seconds(until);
        self.world.run_until(until);
        self.played(false, None, None)
    }

    /// Plays on to the next event of the story or its details.
    pub fn step_event(&mut self) -> Option<LogLine> {
        for _ in 0..MOST_STEPS {
            let due = self.next_due()?;
            if let Some(line) = self.step_event_until(due) {
                return Some(line);
            }
        }
        None
    }

    /// Plays on to the next event of the story or its details, or up to and including `until` if there
    /// is none before.
    pub fn step_event_until(&mut self, until: Time) -> Option<LogLine> {
        self.step(Stop::Told(Depth::Detail), until, None).line
    }

    /// Plays on to what a step goes to, or up to and including `until` if there is none before.
    pub fn step(&mut self, stop: Stop, until: Time, watch: Option<&mut Breakpoints>) -> Played {
        self.play(until, MOST_STEPS, Some(stop), watch)
    }

    /// The instant of the last thing before the present moment to which a step would have gone, as far
    /// back as is remembered without a gap.
    pub(crate) fn event_before(&self, stop: Stop) -> Option<Time> {
        let now = self.now();
        let depth = |event: &Event| {
            narrate(event, &self.world, &self.causes).map(|narration| narration.depth)
        };
        let is_met = |event: &&Event| {
            event.at < now && depth(event).is_some_and(|depth| stop.is_at(event, depth))
        };
        self.causes.all().rev().find(is_met).map(|event| event.at)
    }

    /// The same, and beyond what is remembered the last thing that the log has.
    pub fn instant_before(&self, stop: Stop) -> Option<Time> {
        let now = self.now();
        let event = self.event_before(stop);
        let logged = self.log.iter().rev().find(|line| line.at < now).map(|line| line.at);
        match stop {
            // The log knows of what is first, and of what is forgotten elsewhere.
            Stop::Told(_) => event.max(logged),
            Stop::Message => event,
        }
    }

    fn played(&self, behind: bool, line: Option<LogLine>, hit: Option<Hit>) -> Played {
        let advance = Advance { reached: self.now(), behind, halted: self.halted() };
        Played { advance, line, hit }
    }
}
