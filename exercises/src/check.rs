//! Whether the lines of a checklist are met, and if not, why not.

use std::collections::BTreeMap;

use highwater_cluster::time::Time;
use highwater_scenario::script::Document;
use highwater_scenario::session::Session;
use highwater_texts::{fill, said};

use crate::eval::{Look, Moment, Unmet};
use crate::model::{Check, Exercise, Hint, Judged, Prediction, Reason};

/// How a line of the checklist stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckState {
    /// Its name within the exercise.
    pub id: String,
    /// What stands in the checklist.
    pub says: String,
    /// Whether it is met.
    pub met: bool,
    /// If it is unmet: why, with the numbers.
    pub why_not: Option<String>,
    /// If it can no longer be met: the moment to go back before.
    pub broke: Option<Moment>,
}

/// A learner's way through a checklist. It remembers when lines were met of which once is enough; whoever
/// goes back in time goes back before that, too.
#[derive(Clone, Debug, Default)]
pub struct Checklist {
    met: BTreeMap<String, Time>,
}

impl Checklist {
    /// How each line stands at this moment of a run.
    pub fn look(&mut self, exercise: &Exercise, session: &Session) -> Vec<CheckState> {
        let look = Look::new(session);
        let now = session.now();
        self.met.retain(|_, since| *since <= now);
        let mut states: Vec<CheckState> = Vec::new();
        for check in &exercise.checks {
            let was_met = self.met.contains_key(&check.id);
            let unmet = match check.judged {
                Judged::Once if was_met => None,
                Judged::AtEnd if !states.iter().all(|state| state.met) => {
                    // What is broken for good is said at once.
                    let broken =
                        look.holds(&check.when).err().filter(|unmet| unmet.broke.is_some());
                    Some(broken.unwrap_or_else(|| Unmet::new(Reason::OthersFirst)))
                }
                _ if now.0 < check.from => Some(
                    Unmet::new(Reason::TooEarly)
                        .with("wanted", seconds(check.from))
                        .with("found", seconds(now.0)),
                ),
                _ => look.holds(&check.when).err(),
            };
            if unmet.is_none() {
                self.met.entry(check.id.clone()).or_insert(now);
            }
            states.push(check.state(unmet));
        }
        states
    }
}

impl Exercise {
    /// How each line of the checklist stands at this moment of a run, without what was before it.
    pub fn check(&self, session: &Session) -> Vec<CheckState> {
        Checklist::default().look(self, session)
    }

    /// The moment at which a learner begins: what the start does is done then.
    pub fn opens_at(&self) -> Time {
        let start = Document::parse(&self.start);
        start.last_entry().map_or(Time::ZERO, |entry| Time(entry.at.0))
    }

    /// Whether every line of the checklist is met.
    pub fn is_solved(&self, session: &Session) -> bool {
        self.check(session).iter().all(|check| check.met)
    }

    /// The hints for a line of the checklist, the one that gives away the least first.
    pub fn hints_for(&self, check: &str) -> impl Iterator<Item = &Hint> {
        self.hints.iter().filter(move |hint| hint.check == check)
    }
}

impl Prediction {
    /// Whether it is to be asked at this moment.
    pub fn is_asked(&self, session: &Session) -> bool {
        let look = Look::new(session);
        self.asked_when.as_ref().is_none_or(|when| look.holds(when).is_ok())
    }

    /// The guesses that the run has shown to be right; none before it has settled the matter.
    pub fn right(&self, session: &Session) -> Option<Vec<usize>> {
        let look = Look::new(session);
        look.holds(&self.settled_when).ok()?;
        let options = self.options.iter().enumerate();
        let right = options.filter(|(_, option)| look.holds(&option.when).is_ok());
        Some(right.map(|(index, _)| index).collect())
    }
}

impl Check {
    fn state(&self, unmet: Option<Unmet>) -> CheckState {
        CheckState {
            id: self.id.clone(),
            says: self.says.clone(),
            met: unmet.is_none(),
            broke: unmet.as_ref().and_then(|unmet| unmet.broke),
            why_not: unmet.map(|unmet| self.tell(&unmet)),
        }
    }

    /// The sentence for a reason: the exercise's own if it has one.
    fn tell(&self, unmet: &Unmet) -> String {
        let own = self.unmet.get(&unmet.reason).map(String::as_str);
        fill(own.unwrap_or_else(|| said(unmet.reason.sentence())), &unmet.arguments)
    }
}

/// Microseconds as seconds.
fn seconds(micros: u64) -> String {
    format!("{}.{} s", micros / 1_000_000, micros / 100_000 % 10).replace(".0 s", " s")
}
