//! What can be wrong with a file.

use std::fmt;

use super::MOST_BYTES;

/// What is wrong at a place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: u32,
    /// The column in the line, in characters from 1.
    pub column: u32,
    /// What was expected there, and what to do.
    pub message: String,
}

impl Problem {
    pub(super) fn new(line: u32, column: u32, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { line, column, message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, message } = self;
        write!(f, "line {line}, column {column}: {message}")
    }
}

/// Why a file as a whole cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProblem {
    /// There is nothing in it but white space.
    Empty,
    /// It is longer than [`MOST_BYTES`].
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// Its text is UTF-16.
    Utf16,
    /// Neither its name nor its first characters tell what it is.
    Unknown {
        /// Its name.
        name: String,
    },
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str(
                "the file is empty: expected records as JSON Lines, a JSON array or CSV",
            ),
            Self::TooLong { bytes } => write!(
                f,
                "the file has {bytes} bytes: expected {MOST_BYTES} at most; take a part of it"
            ),
            Self::Utf16 => f.write_str(
                "the file is text in UTF-16: expected UTF-8; save it again with that encoding",
            ),
            Self::Unknown { name } => {
                let name: String = name.chars().take(80).collect();
                write!(
                    f,
                    "{name:?} is not a kind of file that can be read: expected .jsonl, .json or .csv"
                )
            }
        }
    }
}

impl std::error::Error for FileProblem {}

/// Problems as they are found. A file that is not what it seems has one on each line: the first hundred say enough.
#[derive(Default)]
pub(super) struct Problems {
    listed: Vec<Problem>,
    /// The first that is not listed, and how many are not.
    more: Option<(u32, u32, usize)>,
}

impl Problems {
    const MOST: usize = 100;

    pub(super) fn add(&mut self, problem: Problem) {
        if self.listed.len() < Self::MOST {
            self.listed.push(problem);
        } else {
            let Problem { line, column, .. } = problem;
            self.more.get_or_insert((line, column, 0)).2 += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// The problems; the last one counts those that are not listed.
    pub(super) fn into_vec(mut self) -> Vec<Problem> {
        if let Some((line, column, count)) = self.more {
            let message = format!("from here on {count} more problems are not listed");
            self.listed.push(Problem::new(line, column, message));
        }
        self.listed
    }
}
