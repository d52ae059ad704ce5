//! A session in which time can be taken back: it can be sought forth and back, lines can be undone and
//! done again, and acting in the past begins a branch beside what was.
//!
//! All of this rests on one thing: a script has one run only. A checkpoint is a clone of the session,
//! and any moment is the nearest checkpoint before it, played on.

use std::sync::Arc;

use highwater_cluster::ids::EventId;
use highwater_cluster::time::Time;

use crate::breakpoints::{Breakpoints, Condition, Hit};
use crate::script::{Action, Document, Entry, Micros, ScriptError};
use crate::session::{self, Advance, LogLine, Played, Session, Stop};

mod branches;
mod checkpoints;

pub use branches::{Branch, BranchId};

use branches::Branches;
use checkpoints::Checkpoints;

/// A session in which time can be taken back.
#[derive(Clone, Debug)]
pub struct Timeline {
    session: Session,
    checkpoints: Checkpoints,
    /// How far this branch was played.
    reached: Time,
    /// The lines that were written here, as the numbers of their entries, the newest last.
    own: Vec<usize>,
    /// The lines that were undone, the last undone last.
    undone: Vec<(Micros, Action)>,
    branches: Branches,
    breakpoints: Breakpoints,
    /// The event at which the run was watched last.
    watched: Option<EventId>,
    /// The breakpoints that were hit, in order of time.
    hits: Vec<Hit>,
}

/// The hits that are kept: a condition that is met all the time would fill the memory.
const MOST_HITS: usize = 500;

impl Timeline {
    /// A timeline of a session, which begins where the session is.
    pub fn new(session: Session) -> Self {
        Self {
            checkpoints: Checkpoints::new(&session),
            reached: session.now(),
            own: Vec::new(),
            undone: Vec::new(),
            branches: Branches::default(),
            breakpoints: Breakpoints::default(),
            watched: None,
            hits: Vec::new(),
            session,
        }
    }

    /// The session as it is now.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The session, to be changed in what is not its script or its time.
    pub fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    /// How far this branch was played: the present moment, or a later one that was left.
    pub fn reached(&self) -> Time {
        self.reached
    }

    /// Plays on up to and including `until`, in at most `max_steps` steps.
    pub fn advance(&mut self, until: Time, max_steps: u32) -> Advance {
        let mut steps_left = max_steps;
        loop {
            let steps = steps_left.min(STEPS_BETWEEN_LOOKS);
            let advance = self.session.advance(until, steps);
            self.note();
            steps_left -= steps;
            if !advance.behind || advance.halted.is_some() || steps_left == 0 {
                return advance;
            }
        }
    }

    /// As [`advance`](Self::advance), but no further than to the next breakpoint.
    pub fn play(&mut self, until: Time, max_steps: u32) -> Played {
        let mut steps_left = max_steps;
        loop {
            let steps = steps_left.min(STEPS_BETWEEN_LOOKS);
            self.begin_watching();
            let played = self.session.play(until, steps, None, Some(&mut self.breakpoints));
            self.watched(&played);
            steps_left -= steps;
            let advance = &played.advance;
            let is_over = !advance.behind || advance.halted.is_some() || played.hit.is_some();
            if is_over || steps_left == 0 {
                return played;
            }
        }
    }

    /// Plays on to the next event that has a sentence, or up to and including `until`.
    pub fn step_event_until(&mut self, until: Time) -> Option<LogLine> {
        let line = self.session.step_event_until(until);
        self.note();
        line
    }

    /// Plays on to what a step goes to, to the next breakpoint, or up to and including `until`.
    pub fn step(&mut self, stop: Stop, until: Time) -> Played {
        self.begin_watching();
        let played = self.session.step(stop, until, Some(&mut self.breakpoints));
        self.watched(&played);
        played
    }

    /// The instant of the last thing before the present moment to which a step would have gone. Right behind
    /// a checkpoint nothing is remembered of what led there: then the stretch before it is played again.
    pub fn instant_before(&self, stop: Stop) -> Option<Time> {
        /// More stretches in a row in which nothing happens than a cluster that does anything has.
        const MOST_STRETCHES: usize = 8;
        if let Some(at) = self.session.event_before(stop) {
            return Some(at);
        }
        let now = self.session.now();
        let earlier = self.checkpoints.newest_first().filter(|session| session.now() < now);
        let found = earlier.take(MOST_STRETCHES).find_map(|checkpoint| {
            let mut session = checkpoint.clone();
            session
                .go_on_with(self.session.document().clone())
                .expect("checkpoints are of the script that is played");
            session.advance(now, u32::MAX);
            session.event_before(stop)
        });
        found.or_else(|| self.session.instant_before(stop))
    }

    /// The conditions at which the run is to pause.
    pub fn conditions(&self) -> &[Condition] {
        self.breakpoints.conditions()
    }

    /// Sets the conditions at which the run is to pause from here on.
    pub fn set_conditions(&mut self, conditions: Vec<Condition>) {
        self.breakpoints.set(conditions);
    }

    /// The breakpoints that were hit in what was played of this branch, in order of time.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// Goes to the last checkpoint before an instant, unless the present moment lies between the two.
    /// From there it is to be played on.
    pub fn seek(&mut self, to: Time) {
        let is_nearer =
            |checkpoint: &Session| self.session.now() > to || checkpoint.now() > self.session.now();
        if let Some(checkpoint) = self.checkpoints.before(to).filter(|found| is_nearer(found)) {
            let mut session = checkpoint.clone();
            session
                .go_on_with(self.session.document().clone())
                .expect("checkpoints are of the script that is played");
            session.take_screens(&mut self.session);
            self.session = session;
        }
    }

    /// Writes an entry at the present moment and does it. If lines that were played before lie ahead,
    /// what was stays as a branch of its own, and this is another.
    pub fn write(&mut self, action: Action) -> Result<(), ScriptError> {
        let ahead = self.played_ahead();
        if !ahead.is_empty() {
            let document = without(self.session.document(), &ahead);
            self.branches.fork(self.stored(), self.session.now());
            self.own.retain(|entry| *entry < ahead[0]);
            self.change_script(document, ahead[0], self.session.now())
                .expect("a script without some of its lines is a script");
        }
        self.checkpoints.forget_after(self.session.now(), self.session.entries_done());
        self.hits.retain(|hit| hit.at <= self.session.now());
        let id = self.session.write_entry(action)?;
        self.own.push(id.0 as usize);
        self.undone.clear();
        self.reached = self.session.now();
        Ok(())
    }

    /// Takes over entries that were written elsewhere: see [`Session::take_over`]. They are not this timeline's own, which it
    /// could undo.
    pub fn take_over(&mut self, entries: &str) -> Result<(), ScriptError> {
        self.session.take_over(entries)
    }

    /// Writes a line at the present moment and does it: see [`write`](Self::write).
    pub fn submit(&mut self, terminal: &str, line: &str) -> Result<(), ScriptError> {
        self.write(session::command(terminal, line)?)
    }

    /// Types text to the foreground command of a terminal: see [`write`](Self::write).
    pub fn input(&mut self, terminal: &str, text: &str) -> Result<(), ScriptError> {
        self.write(session::input(terminal, text)?)
    }

    /// Presses Ctrl-D on a terminal: see [`write`](Self::write).
    pub fn end_input(&mut self, terminal: &str) -> Result<(), ScriptError> {
        self.write(session::end_of_input(terminal)?)
    }

    /// Presses Ctrl-C on a terminal: see [`write`](Self::write).
    pub fn interrupt(&mut self, terminal: &str) -> Result<(), ScriptError> {
        self.write(session::interrupt(terminal)?)
    }

    /// The line that [`undo`](Self::undo) takes back.
    pub fn can_undo(&self) -> Option<&Entry> {
        self.session.entries().get(*self.own.last()?)
    }

    /// The line that [`redo`](Self::redo) does again.
    pub fn can_redo(&self) -> Option<&Action> {
        self.undone.last().map(|(_, action)| action)
    }

    /// Takes back the last line that was written here. The instant of that line is returned, to be
    /// played on to; none if there is nothing to take back.
    pub fn undo(&mut self) -> Option<Time> {
        let number = self.own.pop()?;
        let entry = self.session.entries().get(number)?.clone();
        let document = without(self.session.document(), &[number]);
        let at = Time(entry.at.0);
        self.change_script(document, number, at).ok()?;
        self.undone.push((entry.at, entry.action));
        self.reached = at;
        Some(at)
    }

    /// Does again what was undone last. The instant is returned, to be played on to; none if there is
    /// nothing to do again.
    pub fn redo(&mut self) -> Option<Time> {
        let (at, action) = self.undone.pop()?;
        let mut document = Document::clone(self.session.document());
        let number = document.insert(at, action).ok()?.0 as usize;
        self.change_script(Arc::new(document), number, Time(at.0)).ok()?;
        self.own.push(number);
        self.reached = Time(at.0);
        Some(Time(at.0))
    }

    /// Leaves out what the script has in store: from here on happens what is written here, and what runs by now.
    pub fn leave_script(&mut self) {
        let done = self.session.entries_done();
        let ahead: Vec<usize> = (done..self.session.entries().len()).collect();
        if ahead.is_empty() {
            return;
        }
        let document = without(self.session.document(), &ahead);
        let now = self.session.now();
        self.own.retain(|entry| *entry < done);
        self.undone.clear();
        self.change_script(document, done, now)
            .expect("a script without some of its lines is a script");
        self.reached = now;
    }

    /// The branches, the present one among them.
    pub fn branches(&self) -> Vec<Branch> {
        self.branches.list(self.reached, self.own.len())
    }

    /// Goes over to another branch. The instant at which it was left is returned, to be played on to;
    /// none if there is no such branch, or if it is the present one.
    pub fn switch(&mut self, to: BranchId) -> Option<Time> {
        let stored = self.branches.take(to)?;
        let left = self.stored();
        let shared = shared_entries(left.document.entries(), stored.document.entries());
        let until = first_difference(&left.document, &stored.document, shared);
        self.change_script(stored.document, shared, until).ok()?;
        self.own = stored.own;
        self.undone = stored.undone;
        self.reached = stored.reached;
        self.branches.put(left, to);
        Some(stored.moment)
    }

    /// Gives a branch a name. False if there is no such branch.
    pub fn rename(&mut self, branch: BranchId, name: &str) -> bool {
        self.branches.rename(branch, name)
    }

    /// Deletes a branch. False if there is none, or if it is the present one.
    pub fn delete(&mut self, branch: BranchId) -> bool {
        self.branches.delete(branch)
    }

    fn begin_watching(&mut self) {
        if self.watched != Some(self.session.causes().next_id()) {
            self.breakpoints.begin(&self.session);
        }
    }

    fn watched(&mut self, played: &Played) {
        self.watched = Some(self.session.causes().next_id());
        if let Some(hit) = &played.hit {
            let place = self.hits.partition_point(|known| known.event < hit.event);
            let is_known = self.hits.get(place) == Some(hit);
            if !is_known && self.hits.len() < MOST_HITS {
                self.hits.insert(place, hit.clone());
            }
        }
        self.note();
    }

    fn note(&mut self) {
        self.reached = self.reached.max(self.session.now());
        self.checkpoints.note(&self.session);
    }

    /// The numbers of the lines that lie ahead and were played before. Those beyond are the script's
    /// own, which nobody has seen yet: they stay.
    fn played_ahead(&self) -> Vec<usize> {
        let done = self.session.entries_done();
        let ahead = self.session.entries().iter().enumerate().skip(done);
        // A line that only names an instant does nothing.
        ahead
            .filter(|(_, entry)| Time(entry.at.0) <= self.reached && entry.action != Action::Until)
            .map(|(number, _)| number)
            .collect()
    }

    /// Another script takes the place of this one, which differs from the entry of a number on, and
    /// from an instant on. Goes to the last checkpoint that both share.
    fn change_script(
        &mut self,
        document: Arc<Document>,
        from: usize,
        at: Time,
    ) -> Result<(), Vec<ScriptError>> {
        self.hits.retain(|hit| hit.at < at);
        let is_shared = self.session.entries_done() <= from && self.session.now() <= at;
        if is_shared {
            self.session.go_on_with(document)?;
            self.session.forget_ahead();
            self.checkpoints.forget_after(at, from);
            return Ok(());
        }
        let mut session = self.checkpoints.shared(at, from).clone();
        session.go_on_with(document)?;
        session.take_screens(&mut self.session);
        session.forget_ahead();
        self.session = session;
        self.checkpoints.forget_after(at, from);
        Ok(())
    }

    fn stored(&self) -> branches::Stored {
        branches::Stored {
            document: self.session.document().clone(),
            own: self.own.clone(),
            undone: self.undone.clone(),
            reached: self.reached,
            moment: self.session.now(),
        }
    }
}

/// After so many steps it is looked whether a checkpoint is due.
const STEPS_BETWEEN_LOOKS: u32 = 256;

/// A document without the entries of those numbers.
fn without(document: &Document, numbers: &[usize]) -> Arc<Document> {
    Arc::new(document.without(numbers))
}

/// How many entries two scripts begin with in common.
fn shared_entries<'a>(
    one: impl Iterator<Item = &'a Entry>,
    other: impl Iterator<Item = &'a Entry>,
) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).count()
}

/// The instant from which two scripts differ that have so many entries in common.
fn first_difference(one: &Document, other: &Document, shared: usize) -> Time {
    let next = [one, other].map(|document| document.entries().nth(shared).map(|entry| entry.at));
    Time(next.into_iter().flatten().min().map_or(u64::MAX, |at| at.0))
}
