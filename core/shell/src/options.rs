//! Options of a command line, declared once and read by one rule.
//!
//! A command lists its options as [`Opt`]s; [`parse`] reads the words after the command's name into [`Given`]. Options
//! are written `--topic orders` or `--topic=orders`, never abbreviated. What is wrong comes back as an [`OptionError`]
//! with its column, what was expected and the nearest option; its [`kind`](OptionError::kind) lets a command say it in
//! its own words.

mod duration;
mod error;
mod given;

pub use duration::{parse_duration, print_decimal, print_duration, suggest_duration};
pub use error::{OptionError, OptionErrorKind, quote};
pub use given::{Given, Value};

use crate::suggest::nearest;
use crate::words::{Span, Word};

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: it is there or not.
    Nothing,
    /// Any text, also the empty one.
    Text,
    /// A whole number between the two, both included.
    Integer {
        /// The least one.
        least: i64,
        /// The greatest one.
        most: i64,
    },
    /// A length of time such as `1.5s`, kept in microseconds.
    Duration,
}

/// One option of a command.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// How it is written, with its dashes: `--topic`.
    pub name: &'static str,
    /// Other ways to write it, with their dashes.
    pub aliases: &'static [&'static str],
    /// What follows it.
    pub takes: Takes,
    /// What its value is called in help: `NAME`. Empty for a flag.
    pub placeholder: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it may be given more than once.
    pub repeated: bool,
    /// One line of help.
    pub help: &'static str,
}

impl Opt {
    /// An option that is there or not.
    pub const fn flag(name: &'static str, help: &'static str) -> Self {
        Self::new(name, "", Takes::Nothing, help)
    }

    /// An option with any text.
    pub const fn text(name: &'static str, placeholder: &'static str, help: &'static str) -> Self {
        Self::new(name, placeholder, Takes::Text, help)
    }

    /// An option with a whole number from `least` to `most`.
    pub const fn integer(
        name: &'static str,
        placeholder: &'static str,
        (least, most): (i64, i64),
        help: &'static str,
    ) -> Self {
        Self::new(name, placeholder, Takes::Integer { least, most }, help)
    }

    /// An option with a length of time.
    pub const fn duration(
        name: &'static str,
        placeholder: &'static str,
        help: &'static str,
    ) -> Self {
        Self::new(name, placeholder, Takes::Duration, help)
    }

    /// The same, and it must be given.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same, and it may be given more than once.
    #[must_use]
    pub const fn repeated(mut self) -> Self {
        self.repeated = true;
        self
    }

    /// The same, also written in these ways.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Whether it is written so.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    const fn new(
        name: &'static str,
        placeholder: &'static str,
        takes: Takes,
        help: &'static str,
    ) -> Self {
        Self { name, aliases: &[], takes, placeholder, required: false, repeated: false, help }
    }
}

/// Whether words that belong to no option are welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operands {
    /// Each such word is an error.
    Refused,
    /// They are kept in order in [`Given::operands`].
    Accepted,
}

/// Reads `words`, the part of a command line after the command's name, by the options in `spec`.
///
/// An option's value is the next word, whatever it is, unless that word is itself an option of `spec` and not quoted. A
/// word `--` ends the options: all after it are operands.
///
/// # Errors
/// The first thing that is wrong from left to right; a required option that is missing comes last.
pub fn parse(spec: &[Opt], operands: Operands, words: &[Word]) -> Result<Given, OptionError> {
    let mut given = Given::default();
    let mut words_left = words.iter();
    while let Some(word) = words_left.next() {
        if word.text == "--" && operands == Operands::Accepted {
            given.operands.extend(words_left.by_ref().cloned());
        } else if is_option(word) {
            let (name, inline) = name_and_value(word);
            let opt = find(spec, name).ok_or_else(|| unknown(spec, word, name))?;
            if !opt.repeated && given.has(opt.name) {
                return Err(OptionError::repeated(opt, word.span));
            }
            let (value, span) = match (opt.takes, inline) {
                (Takes::Nothing, None) => (Value::Nothing, word.span),
                (Takes::Nothing, Some((_, span))) => {
                    return Err(OptionError::unwanted_value(opt, word, span));
                }
                (_, Some((text, span))) => (read_value(opt, text, span)?, span),
                (_, None) => {
                    let next = words_left.clone().next().filter(|next| !names_option(spec, next));
                    let next = next.ok_or_else(|| no_value(opt, word, words_left.as_slice()))?;
                    words_left.next();
                    (read_value(opt, &next.text, next.span)?, next.span)
                }
            };
            given.add(opt.name, value, span);
        } else if operands == Operands::Accepted {
            given.operands.push(word.clone());
        } else {
            return Err(stray(spec, word));
        }
    }
    match spec.iter().find(|opt| opt.required && !given.has(opt.name)) {
        Some(missing) => {
            Err(OptionError::missing(missing, words.last().map_or(1, |word| word.span.end)))
        }
        None => Ok(given),
    }
}

fn find<'a>(spec: &'a [Opt], name: &str) -> Option<&'a Opt> {
    spec.iter().find(|opt| opt.is_called(name))
}

/// A single dash and negative numbers are values or operands, not options.
fn is_option(word: &Word) -> bool {
    let text = word.text.strip_prefix('-').unwrap_or_default();
    !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit())
}

fn names_option(spec: &[Opt], word: &Word) -> bool {
    !word.quoted && is_option(word) && find(spec, name_and_value(word).0).is_some()
}

/// Takes `--name=value` apart; the value comes with its columns.
fn name_and_value(word: &Word) -> (&str, Option<(&str, Span)>) {
    let Some((name, value)) = word.text.split_once('=') else {
        return (&word.text, None);
    };
    // Inside a quoted word columns and characters do not agree: the whole word is the place then.
    let before = u32::try_from(name.chars().count()).unwrap_or(u32::MAX).saturating_add(1);
    let start = if word.quoted { word.span.start } else { word.span.start.saturating_add(before) };
    (name, Some((value, Span { start, end: word.span.end })))
}

fn read_value(opt: &Opt, text: &str, span: Span) -> Result<Value, OptionError> {
    let value = match opt.takes {
        Takes::Nothing => Some(Value::Nothing),
        Takes::Text => Some(Value::Text(text.to_owned())),
        Takes::Integer { least, most } => {
            text.parse().ok().filter(|number| (least..=most).contains(number)).map(Value::Integer)
        }
        Takes::Duration => parse_duration(text).map(Value::Duration),
    };
    value.ok_or_else(|| OptionError::bad_value(opt, text, span))
}

fn unknown(spec: &[Opt], word: &Word, name: &str) -> OptionError {
    let names =
        spec.iter().flat_map(|opt| std::iter::once(opt.name).chain(opt.aliases.iter().copied()));
    OptionError::unknown(name, word.span, listing(spec), nearest(name, names))
}

fn stray(spec: &[Opt], word: &Word) -> OptionError {
    // A forgotten pair of dashes is the likeliest cause.
    let dashed = format!("--{}", word.text);
    let meant = nearest(&dashed, spec.iter().map(|opt| opt.name));
    OptionError::stray(&word.text, word.span, listing(spec), meant)
}

fn no_value(opt: &Opt, word: &Word, after: &[Word]) -> OptionError {
    OptionError::no_value(opt, word.span, after.first())
}

/// The options in words: `--create, --list or --topic`.
fn listing(spec: &[Opt]) -> String {
    let names: Vec<&str> = spec.iter().map(|opt| opt.name).collect();
    match names.as_slice() {
        [] => "no options".to_owned(),
        [one] => format!("the option {one}"),
        [.., _] if names.len() > 8 => "an option of this command".to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests;
