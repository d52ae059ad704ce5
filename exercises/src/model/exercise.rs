//! An exercise, with all that proves it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::library::Demonstration;
use super::{Hint, Reason};
use crate::expr::Expr;

/// An exercise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exercise {
    /// The name of its folder.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The stage of the road that it belongs to.
    pub stage: u8,
    /// About how long it takes.
    pub minutes: u8,
    /// What it is about, in a sentence.
    pub summary: String,
    /// The task.
    pub text_html: String,
    /// What runs in the task and in why it works; see [`Lesson::text_html`](super::Lesson::text_html).
    pub demonstrations: Vec<Demonstration>,
    /// Why it works: for after success.
    pub why_html: String,
    /// What carries the idea elsewhere, for after success.
    pub carry: Option<Carry>,
    /// What the stage shows: words of [`SHOWS`](super::SHOWS). Empty: everything.
    pub shows: Vec<String>,
    /// What can be done by pressing a button: where typing would be one thing too many to learn.
    pub buttons: Vec<Button>,
    /// What one guesses before it happens.
    pub predictions: Vec<Prediction>,
    /// The checklist, in order.
    pub checks: Vec<Check>,
    /// The hints, by check in the order of the checklist, then from where to look to the solution.
    pub hints: Vec<Hint>,
    /// The scenario that a learner begins with.
    pub start: String,
    /// A scenario that solves it.
    pub solution: String,
    /// Scenarios that nearly solve it.
    pub near_misses: Vec<NearMiss>,
    /// Other scenarios that solve it.
    pub alternatives: Vec<Alternative>,
    /// Changes of the solution that leave it one.
    pub accepted: Vec<Accepted>,
    /// The instant, in microseconds of virtual time, at which each scenario is judged when it is proven.
    pub until: u64,
}

/// Something that can be done by pressing a button.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Button {
    /// What stands on it.
    pub says: String,
    /// The line that it writes. What a person types takes the place of `{}`, if that is in it.
    pub line: String,
    /// What is proposed for that place, one after the other.
    pub words: Vec<String>,
    /// It is there once this line of the checklist is met: the check's id.
    pub after: Option<String>,
}

/// A line of the checklist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Its name within the exercise.
    pub id: String,
    /// What stands in the checklist.
    pub says: String,
    /// When it is met.
    pub when: Expr,
    /// At which moments it is judged.
    pub judged: Judged,
    /// It is not judged before this instant, in microseconds of virtual time.
    pub from: u64,
    /// Reasons for being unmet, in the exercise's own words.
    pub unmet: BTreeMap<Reason, String>,
}

/// At which moments a check is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// At each moment: it can lapse.
    #[default]
    Now,
    /// Once met, it stays met.
    Once,
    /// When all the lines above are met.
    AtEnd,
}

/// A guess that is locked before the run says what is right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Its name within the exercise.
    pub id: String,
    /// What is asked.
    pub asks_html: String,
    /// When it is asked: from the beginning, or once this holds.
    pub asked_when: Option<Expr>,
    /// When the run has answered.
    pub settled_when: Expr,
    /// What one may guess. Which is right, the learner's own run says.
    pub options: Vec<Guess>,
}

/// What one may guess.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Guess {
    /// What it claims.
    pub text: String,
    /// When the claim is true.
    pub when: Expr,
    /// The wrong belief that makes one choose it: an id of a misconception.
    pub misconception: Option<String>,
    /// What to say to who chose it.
    pub reply_html: String,
}

/// A question that carries the idea elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Carry {
    /// What is asked.
    pub asks_html: String,
    /// The answer.
    pub answer_html: String,
}

/// A scenario that does nearly the right thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearMiss {
    /// The name of its file.
    pub file: String,
    /// The check that must be the first unmet one.
    pub fails: String,
    /// The belief that leads there.
    pub believes: String,
    /// The scenario.
    pub script: String,
}

/// Another scenario that is right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The name of its file.
    pub file: String,
    /// Why it is right too.
    pub because: String,
    /// The scenario.
    pub script: String,
}

/// A change of the solution that leaves it a solution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    /// The change, as `cargo xtask content` names it; `*` at its end stands for anything.
    pub change: String,
    /// Why it is as good.
    pub because: String,
}
