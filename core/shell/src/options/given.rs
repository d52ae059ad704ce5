//! The options that a line gives.

use crate::words::{Span, Word};

/// What follows an option, read as its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The option is a flag.
    Nothing,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A length of time in microseconds.
    Duration(u64),
}

/// The options of a line, found by the name that the command declared, whichever alias was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The words that belong to no option, in order.
    pub operands: Vec<Word>,
    options: Vec<(&'static str, Value, Span)>,
}

impl Given {
    /// Whether the option is given.
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The text of an option, the first if it is repeated.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts(name).next()
    }

    /// The texts of a repeated option in the order of the line.
    pub fn texts<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.all(name).filter_map(|(value, _)| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The number of an option that takes one.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.all(name).find_map(|(value, _)| match value {
            Value::Integer(number) => Some(*number),
            _ => None,
        })
    }

    /// The microseconds of an option that takes a length of time.
    pub fn duration(&self, name: &str) -> Option<u64> {
        self.all(name).find_map(|(value, _)| match value {
            Value::Duration(micros) => Some(*micros),
            _ => None,
        })
    }

    /// Where the option's value stands, or a flag itself: the place for an error about its meaning.
    pub fn span(&self, name: &str) -> Option<Span> {
        self.all(name).next().map(|(_, span)| span)
    }

    /// Each value of the option with its place, in the order of the line.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = (&'a Value, Span)> {
        // The name is compared while the iterator is made, so that it need not live as long.
        let start = self.options.iter().position(|(given, ..)| *given == name);
        let name = start.map(|at| self.options[at].0);
        self.options
            .iter()
            .skip(start.unwrap_or(0))
            .filter(move |(given, ..)| Some(*given) == name)
            .map(|(_, value, span)| (value, *span))
    }

    pub(super) fn add(&mut self, name: &'static str, value: Value, span: Span) {
        self.options.push((name, value, span));
    }
}
