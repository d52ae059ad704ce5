//! What went wrong, and what to do about it: a command never ends with the first half alone.

use std::fmt;
use std::path::Path;

/// The result of a step.
pub type Outcome<T = ()> = Result<T, Failure>;

/// A failed step in two sentences.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    what: String,
    todo: String,
}

impl Failure {
    /// `what` went wrong; `todo` is the next thing a person should try.
    pub fn new(what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { what: what.into(), todo: todo.into() }
    }

    /// Both halves in one line, for what is no failure of the whole.
    pub fn in_one_line(&self) -> String {
        format!("{}; {}", self.what, self.todo)
    }

    /// A file operation that the system refused.
    pub fn file(action: &str, path: &Path, error: &std::io::Error) -> Self {
        let what = format!("could not {action} {}: {error}", path.display());
        Self::new(
            what,
            "check that the file exists, that you may write there, and that the disk is not full",
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}\n  what to do: {}", self.what, self.todo)
    }
}
