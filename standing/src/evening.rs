//! A plan for one evening: what to do in so many minutes, beginning where it is needed most.

use std::collections::{BTreeMap, BTreeSet};

use highwater_exercises::Content;
use highwater_exercises::learning::Learning;

use crate::bank::minutes_for;
use crate::beliefs::beliefs;
use crate::clock::Day;
use crate::queue::{queue, wrong_last};
use crate::recall::Recall;
use crate::skills::{Skill, Step, is_past, skills};

/// A thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What.
    pub what: What,
    /// About how long it takes.
    pub minutes: u32,
    /// Why it is there.
    pub why: Reason,
}

/// What is to be done, by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A question to be answered.
    Question(String),
    /// An exercise to be solved.
    Exercise(String),
    /// A wrong belief to be seen refuted.
    Belief(String),
}

/// Why something is in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its time has come.
    Due,
    /// It was answered wrong.
    Wrong,
    /// One has shown it.
    Shown,
    /// It was begun.
    Begun,
    /// For a concept that one is weak in.
    Weak(String),
}

/// About how long it takes to see a belief refuted.
const BELIEF_MINUTES: u32 = 3;

/// The plan: never longer than it may be, and nothing in it twice.
pub fn evening(
    content: &Content,
    learning: &Learning,
    schedule: &BTreeMap<String, Recall>,
    today: Day,
    minutes: u32,
) -> Vec<Planned> {
    let is_known = |id: &str| content.questions.iter().any(|question| question.id == id);
    let mut plan =
        Plan { content, learning, left: minutes, known: BTreeSet::new(), planned: vec![] };
    // What was learnt before may take half of the time: the other half is for what is new.
    let half = minutes.div_ceil(2);
    plan.left = half;
    for id in queue(schedule, is_known, today).due {
        plan.question(&id, Reason::Due);
    }
    for id in wrong_last(schedule, is_known) {
        plan.question(&id, Reason::Wrong);
    }
    for one in beliefs(content, learning) {
        if one.shown.is_some_and(|shown| !shown.is_mended) {
            let what = What::Belief(one.belief.id.clone());
            plan.add(what, BELIEF_MINUTES, Reason::Shown);
        }
    }
    plan.left += minutes - half;
    if let Some(begun) = learning.report().stopped_at {
        plan.exercise(&begun, Reason::Begun);
    }
    let mut weak = skills(content, learning, schedule);
    weak.retain(|skill| skill.step() != Step::Kept);
    weak.sort_by_key(|skill| (weakness(skill), skill.stage));
    for skill in &weak {
        plan.strengthen(skill);
    }
    plan.planned
}

/// The lower, the more it is needed: what went wrong, what was begun, what was learnt and never asked, what is new.
fn weakness(skill: &Skill) -> u8 {
    match skill.step() {
        _ if skill.wrong() > 0 => 0,
        Step::Seen => 1,
        Step::Done => 2,
        Step::New => 3,
        Step::Answered | Step::Kept => 4,
    }
}

struct Plan<'a> {
    content: &'a Content,
    learning: &'a Learning,
    /// The minutes that are left.
    left: u32,
    known: BTreeSet<What>,
    planned: Vec<Planned>,
}

impl Plan<'_> {
    /// An exercise that teaches the concept, then a question about it.
    fn strengthen(&mut self, skill: &Skill) {
        let why = Reason::Weak(skill.concept.clone());
        for exercise in &skill.exercises {
            self.exercise(exercise, why.clone());
        }
        // One question a concept: an evening is to cover much.
        for id in &skill.questions {
            if self.question(id, why.clone()) {
                break;
            }
        }
    }

    fn question(&mut self, id: &str, why: Reason) -> bool {
        let question = self.content.questions.iter().find(|question| question.id == id);
        let Some(question) = question else { return false };
        self.add(What::Question(id.to_owned()), minutes_for(question), why)
    }

    fn exercise(&mut self, id: &str, why: Reason) -> bool {
        let exercise = self.content.exercises.iter().find(|exercise| exercise.id == id);
        let Some(exercise) = exercise else { return false };
        if is_past(self.content, self.learning, exercise) {
            return false;
        }
        self.add(What::Exercise(id.to_owned()), u32::from(exercise.minutes), why)
    }

    /// Adds it if it fits and is not there. An exercise that does not fit leaves room for what does.
    fn add(&mut self, what: What, minutes: u32, why: Reason) -> bool {
        let minutes = minutes.max(1);
        if minutes > self.left || !self.known.insert(what.clone()) {
            return false;
        }
        self.left -= minutes;
        self.planned.push(Planned { what, minutes, why });
        true
    }
}
