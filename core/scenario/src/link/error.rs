//! Why a link cannot be read.

use std::fmt;

/// Why a link cannot be read, or be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// There is nothing after the `#/s/`.
    Empty,
    /// A character that no link holds.
    Character {
        /// Which one, counted from 1.
        place: usize,
        /// What stands there.
        character: char,
    },
    /// It ends before it should.
    CutOff {
        /// How long it is.
        characters: usize,
    },
    /// Its checksum is not that of what it holds.
    Damaged,
    /// It is whole, and of another version of the format.
    OtherVersion(u8),
    /// Its checksum holds, yet a part of it cannot be read.
    Content(&'static str),
    /// It holds, or would hold, more than a scenario may.
    TooLong,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("this link holds no scenario: nothing follows its #/s/"),
            Self::Character { place, character } => {
                let code = u32::from(*character);
                write!(f, "this link is damaged at character {place}: ")?;
                match character {
                    '!'..='~' => write!(f, "no link holds '{character}'"),
                    _ => write!(f, "no link holds the character U+{code:04X}"),
                }
            }
            Self::CutOff { characters } => {
                write!(f, "this link is cut off after {characters} characters")
            }
            Self::Damaged => f.write_str(
                "this link is damaged: its checksum is not that of what it holds, so a character of it was changed, lost or added",
            ),
            Self::OtherVersion(version) => write!(
                f,
                "this link was made by a newer Highwater (version {version} of links; this one reads version {}): reload the page to get the newest",
                super::VERSION
            ),
            Self::Content(part) => {
                write!(f, "this link is whole, yet {part} cannot be read: it was not made by Highwater")
            }
            Self::TooLong => f.write_str("the scenario is longer than a link can hold"),
        }
    }
}

impl std::error::Error for LinkError {}
