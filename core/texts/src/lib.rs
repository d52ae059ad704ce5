//! Texts as data. A language is a folder of files, in each of which a line is a key and its sentence:
//!
//! ```text
//! # A comment.
//! stage.lag = {group} is {count} records behind
//! narration.because = " because "
//! ```
//!
//! What stands in braces is an argument. Quotes around a sentence keep the spaces at its ends. A number
//! can ask for two forms, under the keys `….one` and `….other`; which it gets, the language's [`Plural`] says.

#![forbid(unsafe_code)]

mod compare;
mod file;
mod fill;
mod plural;
mod said;
mod table;

pub use compare::{Fault, compare};
pub use file::{Entry, Unreadable, entries};
pub use fill::{arguments, fill, fill_with, numbered};
pub use plural::Plural;
pub use said::{put_in_force, said};
pub use table::{Table, sum};

/// The key under which a file of the interface has the language's own name for itself.
pub const NAME: &str = "language.name";

/// The key under which a file of the interface has the name of its [`Plural`].
pub const PLURAL: &str = "language.plural";
