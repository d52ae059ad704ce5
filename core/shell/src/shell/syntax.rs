//! What a line of the shell says, once it is read.

use std::sync::Arc;

use crate::words::{Span, Word};

/// Commands one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct List(pub(crate) Vec<Item>);

/// Pipelines joined by `&&` and `||`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) first: Pipeline,
    pub(crate) rest: Vec<(Join, Pipeline)>,
    /// Whether `&` stands behind it.
    pub(crate) is_background: bool,
    /// As it was typed.
    pub(crate) text: Arc<str>,
}

/// When the next pipeline is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    /// If the one before succeeded: `&&`.
    And,
    /// If the one before failed: `||`.
    Or,
}

/// Commands of which each reads what the one before writes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pipeline {
    /// Whether `!` stands before it.
    pub(crate) is_negated: bool,
    pub(crate) stages: Vec<Stage>,
}

/// A command and where it reads from and writes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stage {
    pub(crate) command: Command,
    pub(crate) redirects: Vec<Redirect>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    /// Variables that are set, then a command and its arguments.
    Simple { assignments: Vec<(String, Text)>, words: Vec<Text> },
    /// `{ list; }` or `(list)`
    Group(Arc<List>),
    /// `for name in words; do list; done`
    For { variable: String, values: Vec<Text>, body: Arc<List> },
    /// `while list; do list; done`, or `until`.
    While { is_until: bool, condition: Arc<List>, body: Arc<List> },
    /// `if list; then list; elif list; then list; else list; fi`
    If { branches: Vec<(Arc<List>, Arc<List>)>, otherwise: Arc<List> },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Redirect {
    /// Which stream: 0, 1 or 2.
    pub(crate) stream: u8,
    pub(crate) to: Target,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    /// `< file`
    Read(Text),
    /// `> file`
    Write(Text),
    /// `>> file`
    Append(Text),
    /// `>&1`
    Same(u8),
    /// `<<END` and `<<<text`: the text itself is read.
    Here(Text),
}

/// A word before anything in it is expanded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    pub(crate) parts: Vec<Part>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    /// Stands for itself.
    Literal { text: String, is_quoted: bool },
    /// `$NAME`, or `${NAME:-otherwise}`.
    Variable { name: String, otherwise: String, is_quoted: bool },
    /// `$((1 + 2))`
    Arithmetic(String),
    /// `$(list)`: what it prints.
    Command { list: Arc<List>, is_quoted: bool },
    /// What a `$(list)` has printed.
    Printed { text: String, is_quoted: bool },
}

impl Text {
    /// The word, if nothing in it is to be expanded.
    pub(crate) fn plain(&self) -> Option<Word> {
        let (mut text, mut quoted) = (String::new(), false);
        for part in &self.parts {
            let Part::Literal { text: literal, is_quoted } = part else { return None };
            text.push_str(literal);
            quoted |= is_quoted;
        }
        let is_braces = !quoted && text.contains('{') && text.contains("..");
        (!is_braces).then_some(Word { text, span: self.span, quoted })
    }

    /// The text of a word that is written without quotes, and of which nothing is to be expanded: only
    /// that can be a keyword.
    pub(crate) fn unquoted(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal { text, is_quoted: false }] => Some(text),
            _ => None,
        }
    }
}

impl List {
    /// The words of the one plain command that the list is, if it is no more than that.
    pub(crate) fn plain_words(&self) -> Option<Vec<Word>> {
        let [Item { first, rest, is_background: false, .. }] = self.0.as_slice() else {
            return None;
        };
        let Pipeline { is_negated: false, stages } = first else { return None };
        let [Stage { command: Command::Simple { assignments, words }, redirects }] =
            stages.as_slice()
        else {
            return None;
        };
        if !rest.is_empty() || !redirects.is_empty() || !assignments.is_empty() {
            return None;
        }
        words.iter().map(Text::plain).collect()
    }
}
