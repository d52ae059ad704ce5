//! Hints: graded, each for one line of the checklist, offered and never thrust.

use serde::{Deserialize, Serialize};

/// A hint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hint {
    /// The check that it helps with.
    pub check: String,
    /// How much it gives away.
    pub level: HintLevel,
    /// The hint.
    pub text_html: String,
    /// A line to type, if it gives one.
    pub line: Option<String>,
    /// When it is offered without being asked for.
    pub offered: Offered,
}

/// How much a hint gives away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HintLevel {
    /// Where to look.
    Where,
    /// The idea behind it.
    Idea,
    /// What to do next.
    Step,
    /// The line that does it.
    Solution,
}

/// When a hint is offered. It can always be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offered {
    /// Only when asked for.
    #[default]
    Asked,
    /// After so many lines that ended in an error, since its check came first among the unmet.
    AfterErrors(u32),
    /// After so many lines of any kind since then.
    AfterAttempts(u32),
    /// After so many seconds in front of the page since then.
    AfterSeconds(u32),
}
