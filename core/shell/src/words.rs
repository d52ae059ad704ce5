//! A command line, split into words and operators as a POSIX shell would.
//!
//! Single quotes keep everything, double quotes keep all but `\` before `"`, `\`, `$`, a backquote and a line end, a
//! backslash keeps the next character, and a backslash at the end of a line joins it with the next. `#` at the start of
//! a word opens a comment. There is no expansion: `$`, `*` and backquotes stand for themselves.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

/// Where something stands in a line: columns counted in characters from 1; `end` is the column after the last one.
///
/// In a text of several lines a line end counts as one character and the columns run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first column.
    pub start: u32,
    /// The column after the last.
    pub end: u32,
}

/// One word, with its quotes taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What the command gets to see.
    pub text: String,
    /// Where the word stands in the line, with its quotes.
    pub span: Span,
    /// Whether any part of it was quoted or escaped, so that its columns and its text may differ.
    pub quoted: bool,
}

/// A text as one word of a command line: quoted if it must be.
pub fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "._-/:=,+%".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// What joins or redirects commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `;`
    Semicolon,
    /// A line end outside quotes, which ends a command as `;` does.
    LineEnd,
    /// `|`
    Pipe,
    /// `||`
    Or,
    /// `&`
    Ampersand,
    /// `&&`
    And,
    /// `>`
    Write,
    /// `>>`
    Append,
    /// `<`
    Read,
}

/// A piece of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A word.
    Word(Word),
    /// An operator, outside quotes.
    Operator {
        /// Which one.
        operator: Operator,
        /// Where it stands.
        span: Span,
    },
}

/// A quote that is opened and never closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnclosedQuote {
    /// The column of the opening quote, from 1.
    pub column: u32,
    /// `'` or `"`.
    pub quote: char,
}

impl fmt::Display for UnclosedQuote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, quote } = self;
        write!(
            f,
            "column {column}: this {quote} is never closed; add a {quote} where the text ends, or write \\{quote}"
        )
    }
}

impl std::error::Error for UnclosedQuote {}

/// All that can be said of a line, whether or not it is complete.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Split {
    /// The words and operators in order. An unclosed quote's text so far is the last word.
    pub tokens: Vec<Token>,
    /// Where comments stand.
    pub comments: Vec<Span>,
    /// The quote that is still open at the end.
    pub unclosed: Option<UnclosedQuote>,
}

/// Splits a complete command line; comments are left out.
///
/// # Errors
/// A quote that is never closed.
pub fn split(line: &str) -> Result<Vec<Token>, UnclosedQuote> {
    let split = split_partial(line);
    match split.unclosed {
        Some(unclosed) => Err(unclosed),
        None => Ok(split.tokens),
    }
}

/// Splits a line that may still be in the making, as completion needs it.
pub fn split_partial(line: &str) -> Split {
    let mut scanner =
        Scanner { chars: line.chars().peekable(), column: 1, split: Split::default() };
    scanner.run();
    scanner.split
}

struct Scanner<'a> {
    chars: Peekable<Chars<'a>>,
    /// The column of the next character.
    column: u32,
    split: Split,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while let Some(&next) = self.chars.peek() {
            let start = self.column;
            match next {
                '\n' | ';' | '|' | '&' | '>' | '<' => self.operator(next),
                '#' => {
                    while self.chars.peek().is_some_and(|&c| c != '\n') {
                        self.bump();
                    }
                    self.split.comments.push(Span { start, end: self.column });
                }
                c if is_blank(c) => {
                    self.bump();
                }
                _ => self.word(),
            }
        }
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.chars.next()?;
        self.column = self.column.saturating_add(1);
        Some(next)
    }

    fn operator(&mut self, first: char) {
        let start = self.column;
        self.bump();
        let doubled = matches!(first, '|' | '&' | '>') && self.chars.peek() == Some(&first);
        if doubled {
            self.bump();
        }
        let operator = match (first, doubled) {
            (';', _) => Operator::Semicolon,
            ('|', false) => Operator::Pipe,
            ('|', true) => Operator::Or,
            ('&', false) => Operator::Ampersand,
            ('&', true) => Operator::And,
            ('>', false) => Operator::Write,
            ('>', true) => Operator::Append,
            ('<', _) => Operator::Read,
            _ => Operator::LineEnd,
        };
        let span = Span { start, end: self.column };
        self.split.tokens.push(Token::Operator { operator, span });
    }

    fn word(&mut self) {
        let start = self.column;
        let mut text = String::new();
        // A line continuation alone does not make a word; quotes do, even around nothing.
        let mut present = false;
        let mut quoted = false;
        while let Some(&next) = self.chars.peek() {
            match next {
                '\n' | ';' | '|' | '&' | '>' | '<' => break,
                c if is_blank(c) => break,
                '\'' | '"' => {
                    self.quotation(next, &mut text);
                    (present, quoted) = (true, true);
                }
                '\\' => {
                    self.bump();
                    match self.bump() {
                        Some('\n') => quoted = true,
                        Some(c) => {
                            text.push(c);
                            (present, quoted) = (true, true);
                        }
                        None => {
                            text.push('\\');
                            present = true;
                        }
                    }
                }
                c => {
                    self.bump();
                    text.push(c);
                    present = true;
                }
            }
        }
        if present {
            let span = Span { start, end: self.column };
            self.split.tokens.push(Token::Word(Word { text, span, quoted }));
        }
    }

    fn quotation(&mut self, quote: char, text: &mut String) {
        let column = self.column;
        self.bump();
        while let Some(c) = self.bump() {
            match c {
                c if c == quote => return,
                '\\' if quote == '"' => match self.chars.peek() {
                    Some('\n') => {
                        self.bump();
                    }
                    Some(&kept @ ('"' | '\\' | '$' | '`')) => {
                        self.bump();
                        text.push(kept);
                    }
                    _ => text.push('\\'),
                },
                c => text.push(c),
            }
        }
        self.split.unclosed = Some(UnclosedQuote { column, quote });
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r')
}

#[cfg(test)]
mod tests;
