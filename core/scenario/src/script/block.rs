//! The content of a file in the lines after its entry.

use super::ScriptError;
use super::cursor::Cursor;
use super::encoding::read_base64;

/// How the lines end and what they stand for.
pub(super) struct Block {
    /// The line that ends it.
    pub(super) delimiter: String,
    /// What the lines before that stand for.
    pub(super) form: Form,
}

/// How the lines of a block stand for bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As text; each line ends with a line end.
    Text,
    /// As text; the last line does not.
    NoNewline,
    /// As base64.
    Base64,
}

/// Whether a block may end with this line.
pub(super) fn is_delimiter(text: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=32).contains(&text.len()) && text.bytes().all(part)
}

/// The bytes that the lines of a block stand for. `first` is the number of the first of them.
pub(super) fn decode(lines: &[&str], first: u32, form: Form) -> Result<Vec<u8>, ScriptError> {
    match form {
        Form::Text | Form::NoNewline => text_block(lines, first, form),
        Form::Base64 => base64_block(lines, first),
    }
}

fn text_block(lines: &[&str], first: u32, form: Form) -> Result<Vec<u8>, ScriptError> {
    let mut text = lines.join("\n");
    if form == Form::NoNewline {
        // One way only to write a content: an empty last line would be a line end after all.
        if lines.last().is_none_or(|last| last.is_empty()) {
            let last = u32::try_from(lines.len().max(1) - 1).unwrap_or(u32::MAX);
            return Err(ScriptError {
                line: first.saturating_add(last),
                column: 1,
                expected: "text on the last line of a content without line end".to_owned(),
                found: "none".to_owned(),
                suggestion: None,
            });
        }
    } else if !lines.is_empty() {
        text.push('\n');
    }
    Ok(text.into_bytes())
}

fn base64_block(lines: &[&str], first: u32) -> Result<Vec<u8>, ScriptError> {
    let mut bytes = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let last = index + 1 == lines.len();
        if let Err(wrong) = read_base64(line, last, &mut bytes) {
            let number = u32::try_from(index).map_or(u32::MAX, |n| first.saturating_add(n));
            let cursor = Cursor::new(line, number);
            let column = u32::try_from(wrong).map_or(u32::MAX, |wrong| wrong.saturating_add(1));
            let found = match line.chars().nth(wrong) {
                Some(c) => format!("{c:?}"),
                None => "the end of the line".to_owned(),
            };
            return Err(cursor.wrong_at(column, "base64 in lines of 76 characters", found));
        }
    }
    Ok(bytes)
}
