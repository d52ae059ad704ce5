//! The checkpoints of a run: few, and the further apart the longer the run is.

use highwater_cluster::time::{Span, Time};

use super::FIRST_STRETCH;
use crate::session::Session;

/// With more, every other one is dropped, and the next are made half as often.
const MOST: usize = 96;

/// The checkpoints of a run, in order of time; the first is the beginning.
#[derive(Clone, Debug)]
pub(super) struct Checkpoints {
    kept: Vec<Session>,
    stretch: Span,
}

impl Checkpoints {
    pub(super) fn new(beginning: &Session) -> Self {
        Self { kept: vec![beginning.clone()], stretch: FIRST_STRETCH }
    }

    /// When the next checkpoint is to be made.
    pub(super) fn next_due(&self) -> Time {
        self.kept.last().expect("the beginning is always kept").now() + self.stretch
    }

    /// The session was played on: it may be time for another checkpoint.
    pub(super) fn note(&mut self, session: &Session) {
        if session.now() < self.next_due() {
            return;
        }
        self.kept.push(session.clone());
        if self.kept.len() > MOST {
            let mut number = 0;
            self.kept.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.stretch = Span(self.stretch.0 * 2);
        }
    }

    /// The last checkpoint that is not after an instant.
    pub(super) fn before(&self, at: Time) -> Option<&Session> {
        self.kept.iter().rev().find(|session| session.now() <= at)
    }

    /// The last checkpoint that is not after an instant, and that has done no more than so many
    /// entries.
    pub(super) fn shared(&self, at: Time, entries: usize) -> &Session {
        let is_shared =
            |session: &&Session| session.now() <= at && session.entries_done() <= entries;
        let found = self.kept.iter().rev().find(is_shared);
        found.expect("the beginning is shared by all")
    }

    /// Forgets the checkpoints after an instant, and those that have done more than so many entries.
    pub(super) fn forget_after(&mut self, at: Time, entries: usize) {
        self.kept.retain(|session| session.now() <= at && session.entries_done() <= entries);
    }
}
