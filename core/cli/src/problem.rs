//! Why the program ends before its work is done, and with which exit status.

use std::fmt;
use std::io;

/// What was asked for was done, and the answer is yes.
pub(crate) const DONE: u8 = 0;
/// What was asked for was done, and the answer is no.
pub(crate) const NOT_PASSED: u8 = 1;
/// It was asked wrongly, or something cannot be read or written.
const REFUSED: u8 = 2;
/// The run reached a bound of the engine, or of the program.
const HALTED: u8 = 3;

/// The exit statuses, as the help of each command that plays a scenario tells them.
pub(crate) const EXIT_STATUS: &str = "\
Exit status:
  0  it was done
  2  wrong usage, or something cannot be read or written
  3  the run reached a bound and stands still; what was printed up to there is right";

/// Why the program ends before its work is done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// It was asked wrongly, or something cannot be read or written: what, where, and what to do.
    Refused(String),
    /// The run reached a bound: which, and where.
    Halted(String),
    /// Whoever read the output has gone, as `head` does: nobody is to be told anything.
    NobodyReads,
}

impl Problem {
    /// What became of writing to standard output.
    pub(crate) fn writing(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::NobodyReads,
            _ => Self::Refused(format!("standard output cannot be written: {error}")),
        }
    }

    /// The exit status of the program.
    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Self::Refused(_) => REFUSED,
            Self::Halted(_) => HALTED,
            Self::NobodyReads => DONE,
        }
    }

    /// The same, with the file that it is about before it.
    pub(crate) fn of(self, file: &str) -> Self {
        match self {
            Self::Refused(text) => Self::Refused(format!("{file}: {text}")),
            Self::Halted(text) => Self::Halted(format!("{file}: {text}")),
            Self::NobodyReads => Self::NobodyReads,
        }
    }
}

impl From<String> for Problem {
    fn from(text: String) -> Self {
        Self::Refused(text)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(text) | Self::Halted(text) => f.write_str(text),
            Self::NobodyReads => Ok(()),
        }
    }
}
