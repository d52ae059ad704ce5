//! What one reads: lessons, the glossary, and misconceptions. Each shows itself in a small scenario.

use serde::{Deserialize, Serialize};

use crate::expr::Expr;

/// A scenario that runs beside a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Demonstration {
    /// The scenario.
    pub script: String,
}

/// A lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// Its name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The stage of the road that it belongs to.
    pub stage: u8,
    /// About how long it takes to read.
    pub minutes: u8,
    /// The text. Where a demonstration stands, there is an element with the class `demonstration` whose
    /// `data-demonstration` is its number.
    pub text_html: String,
    /// What runs in it.
    pub demonstrations: Vec<Demonstration>,
}

/// A term of the glossary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Its name in addresses and in `[[id]]`.
    pub id: String,
    /// The term.
    pub term: String,
    /// Other words for it, which `[[..]]` knows too.
    pub also: Vec<String>,
    /// It in one sentence.
    pub short: String,
    /// It in a paragraph or two.
    pub long_html: String,
    /// Terms beside it.
    pub see: Vec<String>,
    /// What the stage of that draws: words of [`SHOWS`](super::SHOWS). Empty: all but Kafka's own affairs.
    pub shows: Vec<String>,
    /// What shows it, if it can be shown.
    pub scenario: Option<String>,
    /// What must hold at the end of the scenario, if it claims something.
    pub claims: Option<Expr>,
}

/// A wrong belief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Misconception {
    /// Its name.
    pub id: String,
    /// What one believes.
    pub belief: String,
    /// What is true.
    pub truth_html: String,
    /// The smallest scenario that refutes it.
    pub scenario: String,
    /// What the run shows at its end, and what could not be if the belief were right.
    pub refuted_by: Expr,
    /// What is looked at, in a sentence.
    pub look: String,
    /// The exercise that mends it, if there is one.
    pub exercise: Option<String>,
}
