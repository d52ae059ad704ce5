//! A line of a script that is read word by word, with the columns for its errors.

use highwater_shell::options::quote;
use highwater_shell::suggest::nearest;

use super::ScriptError;

/// A word and the byte at which it starts in its line. It is empty at the line's end.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

/// A place in a line.
pub(super) struct Cursor<'a> {
    line: &'a str,
    number: u32,
    /// Always at the start of a character.
    at: usize,
}

impl<'a> Cursor<'a> {
    /// At the beginning of line `number` of the file.
    pub(super) fn new(line: &'a str, number: u32) -> Self {
        Self { line, number, at: 0 }
    }

    /// All that is left.
    pub(super) fn rest(&self) -> &'a str {
        &self.line[self.at..]
    }

    /// The byte at which the rest starts, for a [`Piece`].
    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// The next word, up to a blank.
    pub(super) fn word(&mut self) -> Piece<'a> {
        self.word_until(&[])
    }

    /// The next word, up to a blank or one of `stops`.
    pub(super) fn word_until(&mut self, stops: &[char]) -> Piece<'a> {
        self.skip_blanks();
        let rest = self.rest();
        let length = rest.find(|c| is_blank(c) || stops.contains(&c));
        let text = &rest[..length.unwrap_or(rest.len())];
        let at = self.at;
        self.at += text.len();
        Piece { text, at }
    }

    /// Steps over `text` if it comes next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let comes = self.rest().starts_with(text);
        if comes {
            self.at += text.len();
        }
        comes
    }

    /// Steps over blanks.
    pub(super) fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches(is_blank).len();
    }

    /// Reads a string in JSON's notation.
    pub(super) fn json_string(&mut self) -> Result<String, ScriptError> {
        self.skip_blanks();
        let mut strings = serde_json::Deserializer::from_str(self.rest()).into_iter::<String>();
        match strings.next() {
            Some(Ok(text)) => {
                self.at += strings.byte_offset();
                Ok(text)
            }
            _ => {
                let rest = Piece { text: self.rest(), at: self.at };
                Err(self.wrong(rest, "text in double quotes, escaped as in JSON such as \"a\\nb\""))
            }
        }
    }

    /// Fails unless nothing but blanks is left.
    pub(super) fn end(&mut self) -> Result<(), ScriptError> {
        self.skip_blanks();
        if self.rest().is_empty() {
            return Ok(());
        }
        let rest = Piece { text: self.rest(), at: self.at };
        Err(self.wrong(rest, "the end of the line"))
    }

    /// An error at a piece of this line.
    pub(super) fn wrong(&self, piece: Piece<'_>, expected: impl Into<String>) -> ScriptError {
        let before = self.line.get(..piece.at).unwrap_or(self.line);
        let column =
            u32::try_from(before.chars().count()).map_or(u32::MAX, |n| n.saturating_add(1));
        // An empty piece that is not at the line's end stands before the character that is in its way.
        let found = match self.line.get(piece.at..).and_then(|rest| rest.chars().next()) {
            Some(c) if piece.text.is_empty() => quote(c.encode_utf8(&mut [0; 4])),
            _ => quote(piece.text),
        };
        self.wrong_at(column, expected, found)
    }

    /// An error at a column of this line.
    pub(super) fn wrong_at(
        &self,
        column: u32,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> ScriptError {
        ScriptError {
            line: self.number,
            column,
            expected: expected.into(),
            found: found.into(),
            suggestion: None,
        }
    }

    /// An error at a word that should be one of `words`, with the nearest of them.
    pub(super) fn not_one_of(
        &self,
        piece: Piece<'_>,
        expected: impl Into<String>,
        words: &[&'static str],
    ) -> ScriptError {
        let mut error = self.wrong(piece, expected);
        error.suggestion = nearest(piece.text, words.iter().copied()).map(str::to_owned);
        error
    }
}

/// What separates words in a script.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}
