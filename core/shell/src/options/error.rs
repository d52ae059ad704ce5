//! What can be wrong with the options of a command line.

use std::fmt;

use super::{Opt, Takes, suggest_duration};
use crate::words::{Span, Word};

/// What is wrong, for commands that say it in their own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionErrorKind {
    /// No such option.
    Unknown,
    /// The option's value is not there.
    NoValue,
    /// A flag was given a value with `=`.
    UnwantedValue,
    /// The value is not of the option's type, or out of range.
    BadValue,
    /// Given twice, allowed once.
    Repeated,
    /// Required and not given.
    Missing,
    /// A word that belongs to no option, where none is allowed.
    Stray,
}

/// What is wrong, where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// What is wrong.
    pub kind: OptionErrorKind,
    /// The option that it concerns, with its dashes; for a stray word, the word.
    pub option: String,
    /// The column in the line, in characters from 1.
    pub column: u32,
    /// What would have been right there.
    pub expected: String,
    /// What stands there: quoted text, or a phrase such as `the end of the line`.
    pub found: String,
    /// The word that was probably meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, expected, found, .. } = self;
        write!(f, "column {column}: expected {expected}, found {found}")?;
        match &self.suggestion {
            Some(word) => write!(f, "; did you mean \"{word}\"?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for OptionError {}

/// Text as it is shown in an error: in quotes, control characters escaped, cut when long. Empty text is the line's end.
pub fn quote(text: &str) -> String {
    const LONGEST: usize = 40;
    if text.is_empty() {
        return "the end of the line".to_owned();
    }
    let mut shown = String::from("\"");
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown.push('"');
    shown
}

impl OptionError {
    pub(super) fn unknown(
        name: &str,
        span: Span,
        expected: String,
        suggestion: Option<&str>,
    ) -> Self {
        let found = quote(name);
        Self::new(OptionErrorKind::Unknown, name, span.start, expected, found)
            .suggesting(suggestion.map(str::to_owned))
    }

    pub(super) fn stray(
        word: &str,
        span: Span,
        expected: String,
        suggestion: Option<&str>,
    ) -> Self {
        let found = if word.is_empty() { "an empty word".to_owned() } else { quote(word) };
        Self::new(OptionErrorKind::Stray, word, span.start, expected, found)
            .suggesting(suggestion.map(str::to_owned))
    }

    pub(super) fn repeated(opt: &Opt, span: Span) -> Self {
        let expected = format!("{} only once", opt.name);
        let found = "it again".to_owned();
        Self::new(OptionErrorKind::Repeated, opt.name, span.start, expected, found)
    }

    pub(super) fn unwanted_value(opt: &Opt, word: &Word, span: Span) -> Self {
        let expected = format!("{} without a value", opt.name);
        let kind = OptionErrorKind::UnwantedValue;
        Self::new(kind, opt.name, span.start, expected, quote(&word.text))
            .suggesting(Some(opt.name.to_owned()))
    }

    pub(super) fn no_value(opt: &Opt, span: Span, next: Option<&Word>) -> Self {
        let expected = format!("{} for {}", described(opt), opt.name);
        let found = quote(next.map_or("", |word| &word.text));
        let column = next.map_or(span.end, |word| word.span.start);
        Self::new(OptionErrorKind::NoValue, opt.name, column, expected, found)
    }

    pub(super) fn bad_value(opt: &Opt, text: &str, span: Span) -> Self {
        let expected = format!("{} for {}", described(opt), opt.name);
        let found = if text.is_empty() { "nothing".to_owned() } else { quote(text) };
        let suggestion = match opt.takes {
            Takes::Duration => suggest_duration(text),
            _ => None,
        };
        Self::new(OptionErrorKind::BadValue, opt.name, span.start, expected, found)
            .suggesting(suggestion)
    }

    pub(super) fn missing(opt: &Opt, column: u32) -> Self {
        let expected = match opt.takes {
            Takes::Nothing => opt.name.to_owned(),
            _ => format!("{} {}", opt.name, opt.placeholder),
        };
        let found = quote("");
        Self::new(OptionErrorKind::Missing, opt.name, column, expected, found)
    }

    fn new(
        kind: OptionErrorKind,
        option: &str,
        column: u32,
        expected: String,
        found: String,
    ) -> Self {
        Self { kind, option: option.to_owned(), column, expected, found, suggestion: None }
    }

    fn suggesting(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

fn described(opt: &Opt) -> String {
    match opt.takes {
        Takes::Nothing => "nothing".to_owned(),
        Takes::Text => format!("a value ({})", opt.placeholder),
        Takes::Integer { least, most: i64::MAX } => format!("a whole number from {least} on"),
        Takes::Integer { least, most } => format!("a whole number from {least} to {most}"),
        Takes::Duration => "a time such as 1.5s".to_owned(),
    }
}
