//! The road: ten stages from nothing to architecture.

use serde::{Deserialize, Serialize};

/// The road.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Road {
    /// The stages, in order: the first has number 1.
    pub stages: Vec<Stage>,
    /// The exercises beside the road in which one designs something on a blank stage, by id, in their order.
    pub designs: Vec<String>,
}

/// A stage of the road.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// What it is about, such as "topics, producers, consumers".
    pub title: String,
    /// What one can do after it.
    pub after: String,
    /// Why it is not there yet; none if it is.
    pub missing: Option<String>,
    /// Its exercises, in order.
    pub steps: Vec<Step>,
    /// The exercise at its end in which nothing is told but the goal.
    pub challenge: Option<String>,
}

/// An exercise on the road.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The exercise.
    pub exercise: String,
    /// The concepts that it teaches.
    pub teaches: Vec<String>,
    /// The concepts that it takes for granted: taught before it.
    pub needs: Vec<String>,
}
