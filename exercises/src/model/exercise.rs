//! An exercise, with all that proves it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Condition, Hint, Reason};

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
    /// Why it works: for after success.
    pub why_html: String,
    /// The checklist, in order. The last line is met only at the end.
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
    /// The instant, in microseconds of virtual time, at which each scenario is judged when it is proven.
    pub until: u64,
}

/// A line of the checklist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Its name within the exercise.
    pub id: String,
    /// What stands in the checklist.
    pub says: String,
    /// When it is met.
    pub when: Condition,
    /// Reasons for being unmet, in the exercise's own words.
    pub unmet: BTreeMap<Reason, String>,
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
