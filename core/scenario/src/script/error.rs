//! What is wrong with a line of a script.

use std::fmt;

/// A place in a script, what was expected there and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The line in the file, from 1.
    pub line: u32,
    /// The column in the line, in characters from 1.
    pub column: u32,
    /// What would have been right there.
    pub expected: String,
    /// What stands there: quoted text, or a phrase such as `the end of the line`.
    pub found: String,
    /// The word that was probably meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, expected, found, suggestion } = self;
        write!(f, "line {line}, column {column}: expected {expected}, found {found}")?;
        match suggestion {
            Some(word) => write!(f, "; did you mean \"{word}\"?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ScriptError {}
