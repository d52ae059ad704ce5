//! Which format a file has.

use super::extent::extent;
use super::{FileProblem, MOST_BYTES};

/// How a file of records is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object on each line.
    JsonLines,
    /// A JSON array of objects.
    JsonArray,
    /// Rows of text separated by commas (or by semicolons or tabs, if the header has no comma), the first row with names.
    Csv,
}

impl Format {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "JSON Lines",
            Self::JsonArray => "JSON array",
            Self::Csv => "CSV",
        }
    }
}

/// Tells the format by the end of the name, else by how the content starts. A `.json` file may also be JSON Lines.
pub(super) fn format(bytes: &[u8], name: &str) -> Result<Format, FileProblem> {
    if bytes.len() > MOST_BYTES {
        let bytes = bytes.len();
        return Err(FileProblem::TooLong { bytes });
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(FileProblem::Utf16);
    }
    let content = without_mark(bytes).trim_ascii_start();
    let Some(first) = content.first() else {
        return Err(FileProblem::Empty);
    };
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    Ok(match (ending.to_ascii_lowercase().as_str(), first) {
        ("jsonl" | "ndjson", _) => Format::JsonLines,
        ("csv" | "tsv", _) => Format::Csv,
        ("json", b'{') if is_on_one_line(content) => Format::JsonLines,
        ("json", _) | (_, b'[') => Format::JsonArray,
        (_, b'{') => Format::JsonLines,
        _ if is_like_csv(content) => Format::Csv,
        _ => {
            let name = name.to_owned();
            return Err(FileProblem::Unknown { name });
        }
    })
}

/// The content after the byte order mark that some editors put before it.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn is_on_one_line(content: &[u8]) -> bool {
    let line = first_line(content).trim_ascii();
    extent(line, 0) == Ok(line.len())
}

fn is_like_csv(content: &[u8]) -> bool {
    let line = first_line(content);
    let separated = line.iter().any(|byte| matches!(byte, b',' | b';' | b'\t'));
    separated && !line.contains(&0) && std::str::from_utf8(line).is_ok()
}

fn first_line(content: &[u8]) -> &[u8] {
    content.split(|byte| *byte == b'\n').next().unwrap_or(content)
}
