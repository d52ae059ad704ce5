//! Standard output, line by line.

use std::borrow::Cow;
use std::io::{BufWriter, IsTerminal, StdoutLock, Write};

use crate::problem::Problem;

/// Standard output. What is written is kept back until [`flush`](Self::flush), or until it is much.
pub(crate) struct Output {
    writer: BufWriter<StdoutLock<'static>>,
    is_terminal: bool,
}

impl Output {
    /// The standard output of this program.
    pub(crate) fn new() -> Self {
        let stdout = std::io::stdout();
        let is_terminal = stdout.is_terminal();
        Self { writer: BufWriter::new(stdout.lock()), is_terminal }
    }

    /// Writes a line.
    ///
    /// # Errors
    /// Nobody reads, or it cannot be written.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Problem> {
        self.text(text)?;
        self.raw("\n")
    }

    /// Writes text with no line end after it.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Problem> {
        let text = if self.is_terminal { harmless(text) } else { Cow::Borrowed(text) };
        self.raw(&text)
    }

    fn raw(&mut self, text: &str) -> Result<(), Problem> {
        self.writer.write_all(text.as_bytes()).map_err(|error| Problem::writing(&error))
    }

    /// Hands on what was kept back.
    pub(crate) fn flush(&mut self) -> Result<(), Problem> {
        self.writer.flush().map_err(|error| Problem::writing(&error))
    }
}

/// A line whose control characters do nothing to a terminal: records may hold any bytes, and a scenario may come from
/// anywhere.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let is_harmful = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\n');
    if text.contains(is_harmful) {
        Cow::Owned(text.replace(is_harmful, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn control_characters_do_nothing() {
        assert_eq!(harmless("a\tb ü"), "a\tb ü");
        assert_eq!(harmless("\u{1b}[2Jx\u{7}"), "\u{fffd}[2Jx\u{fffd}");
    }
}
