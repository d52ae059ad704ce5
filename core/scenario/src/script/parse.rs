//! A text becomes a document, line by line.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::block::{Block, Form, decode, is_delimiter};
use super::cursor::{Cursor, is_blank};
use super::parse_entry::{Draft, announced_block, entry_line};
use super::parse_header::header_line;
use super::print::as_lines;
use super::{
    Action, ConfigTarget, Document, Entry, EntryId, FileContent, HeaderLine, Item, Micros,
    ScriptError,
};

/// Reads a whole text.
pub(super) fn document(text: &str) -> Document {
    // Editors put a byte order mark before the text; it is no part of it.
    let text = text.trim_start_matches('\u{feff}');
    let body = text.strip_suffix('\n').unwrap_or(text);
    if body.len() > Document::MOST_BYTES {
        return too_long(body);
    }
    let mut reader = Reader::new(if text.is_empty() { None } else { Some(body) });
    while let Some(line) = reader.lines.next() {
        let item = if reader.items.len() == Document::MOST_ITEMS {
            let limit = format!("at most {} lines", Document::MOST_ITEMS);
            reader.beyond(line, limit)
        } else {
            reader.item(line)
        };
        reader.items.push(item);
    }
    Document { items: reader.items, base64: reader.base64, printed_bytes: None }
}

fn too_long(body: &str) -> Document {
    let error = ScriptError {
        line: 1,
        column: 1,
        expected: format!("a script of at most {} bytes", Document::MOST_BYTES),
        found: format!("{} bytes", body.len()),
        suggestion: None,
    };
    let text = body.to_owned();
    Document { items: vec![Item::Malformed { text, error }], ..Document::default() }
}

/// A line and its number.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    number: u32,
}

/// The lines that are not read yet; without carriage returns at their ends.
struct Lines<'a> {
    rest: Option<&'a str>,
    number: u32,
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.rest?;
        let (text, after) = match rest.split_once('\n') {
            Some((line, after)) => (line, Some(after)),
            None => (rest, None),
        };
        self.rest = after;
        self.number = self.number.saturating_add(1);
        let text = text.trim_end_matches('\r');
        let number = self.number;
        Some(Line { text, number })
    }
}

struct Reader<'a> {
    lines: Lines<'a>,
    items: Vec<Item>,
    base64: BTreeSet<EntryId>,
    entries: usize,
    /// The time of the last entry, and its line.
    last: Option<(Micros, u32)>,
    /// The header's lines that may stand only once, by keyword.
    seen: BTreeMap<&'static str, u32>,
    settings: BTreeSet<(ConfigTarget, String)>,
    /// What was last found out about the lines ahead.
    ahead: Option<Ahead<'a>>,
}

/// The lines up to the next one that starts with `@`.
struct Ahead<'a> {
    /// The number of that line.
    end: u32,
    /// The last line before it at which each text that could end a block stands.
    delimiters: BTreeMap<&'a str, u32>,
}

impl<'a> Reader<'a> {
    fn new(body: Option<&'a str>) -> Self {
        Self {
            lines: Lines { rest: body, number: 0 },
            items: Vec::new(),
            base64: BTreeSet::new(),
            entries: 0,
            last: None,
            seen: BTreeMap::new(),
            settings: BTreeSet::new(),
            ahead: None,
        }
    }

    fn item(&mut self, line: Line<'a>) -> Item {
        let trimmed = line.text.trim_start_matches(is_blank);
        if trimmed.is_empty() {
            Item::Blank
        } else if trimmed.starts_with('#') {
            Item::Comment(line.text.to_owned())
        } else if trimmed.starts_with('@') {
            self.entry(line)
        } else {
            self.header(line)
        }
    }

    fn header(&mut self, line: Line<'a>) -> Item {
        let read = header_line(line.text, line.number, self.entries == 0);
        match read.and_then(|read| self.only_once(read, line)) {
            Ok(read) => Item::Header(read),
            Err(error) => self.malformed(line, error),
        }
    }

    fn only_once(&mut self, read: HeaderLine, line: Line<'_>) -> Result<HeaderLine, ScriptError> {
        let mut cursor = Cursor::new(line.text, line.number);
        let keyword = cursor.word();
        if let HeaderLine::Config(config) = &read {
            cursor.word();
            let setting = cursor.word();
            if !self.settings.insert((config.target, config.name.clone())) {
                let expected = format!("\"{}\" only once for the same brokers", config.name);
                return Err(cursor.wrong(setting, expected));
            }
        } else if let Some(first) = self.seen.insert(read.keyword(), line.number) {
            self.seen.insert(read.keyword(), first);
            let expected = format!("one line \"{}\" (line {first} is one)", read.keyword());
            return Err(cursor.wrong(keyword, expected));
        }
        Ok(read)
    }

    fn entry(&mut self, line: Line<'a>) -> Item {
        let (at, draft) = match entry_line(line.text, line.number) {
            Ok(read) => read,
            Err(error) => return self.malformed(line, error),
        };
        let mut inside = Vec::new();
        let mut base64 = false;
        let action = match draft {
            Draft::Whole(action) => Ok(action),
            Draft::Block { name, block } => {
                let content = self.content(&block, line, &mut inside);
                base64 = block.form == Form::Base64 && content.as_ref().is_ok_and(might_be_text);
                content.map(|content| Action::File { name, content })
            }
        };
        match action.and_then(|action| self.in_order(at, action, line)) {
            Ok(entry) if self.entries < Document::MOST_ENTRIES => {
                self.entries += 1;
                if base64 {
                    self.base64.insert(entry.id);
                }
                self.last = Some((at, line.number));
                Item::Entry(entry)
            }
            Ok(_) => {
                let limit = format!("at most {} entries", Document::MOST_ENTRIES);
                let mut item = self.beyond(line, limit);
                if let Item::Malformed { text, .. } = &mut item {
                    // The content of this entry's file was already taken.
                    let after = text.split_off(line.text.len());
                    *text = joined(line.text, &inside) + &after;
                }
                item
            }
            Err(error) => Item::Malformed { text: joined(line.text, &inside), error },
        }
    }

    fn in_order(&self, at: Micros, action: Action, line: Line<'_>) -> Result<Entry, ScriptError> {
        if let Some((last, last_line)) = self.last
            && at < last
        {
            let mut cursor = Cursor::new(line.text, line.number);
            let time = cursor.word();
            let expected =
                format!("@{last} or later, the time of line {last_line}: entries stand in order");
            return Err(cursor.wrong(time, expected));
        }
        let id = EntryId(u32::try_from(self.entries).unwrap_or(u32::MAX));
        Ok(Entry { id, at, action })
    }

    /// Takes the lines of a block, up to its delimiter, and reads them. All lines that were taken are left in `inside`.
    fn content(
        &mut self,
        block: &Block,
        line: Line<'a>,
        inside: &mut Vec<&'a str>,
    ) -> Result<FileContent, ScriptError> {
        let first = line.number.saturating_add(1);
        if !self.take_until(&block.delimiter, inside) {
            let start = line.text.rfind("<<").unwrap_or(0);
            let column = line.text[..start].chars().count();
            return Err(ScriptError {
                line: line.number,
                column: u32::try_from(column).map_or(u32::MAX, |column| column.saturating_add(1)),
                expected: format!("a line {} after the file's content", block.delimiter),
                found: "the end of the script".to_owned(),
                suggestion: None,
            });
        }
        let content = inside.split_last().map_or(&[][..], |(_, content)| content);
        let bytes = decode(content, first, block.form)?;
        Ok(FileContent::Inline(Bytes::from(bytes)))
    }

    /// Takes lines up to and with the one that is `delimiter`; `false` if the text ends before.
    fn take_until(&mut self, delimiter: &str, taken: &mut Vec<&'a str>) -> bool {
        for line in self.lines.by_ref() {
            taken.push(line.text);
            if line.text == delimiter {
                return true;
            }
        }
        false
    }

    /// Keeps a line that is wrong, with the content of a file if it announces one, as that would only be wrong again.
    fn malformed(&mut self, line: Line<'a>, error: ScriptError) -> Item {
        let mut inside = Vec::new();
        if let Some(delimiter) = announced_block(line.text)
            && self.comes(delimiter, line.number)
        {
            self.take_until(delimiter, &mut inside);
        }
        let text = joined(line.text, &inside);
        Item::Malformed { text, error }
    }

    /// Whether a line that is `delimiter` comes after line `number` and before the next entry: a line that is wrong does
    /// not take entries with it.
    fn comes(&mut self, delimiter: &str, number: u32) -> bool {
        if self.ahead.as_ref().is_none_or(|ahead| ahead.end <= number) {
            self.ahead = Some(self.look_ahead());
        }
        let last = self.ahead.as_ref().and_then(|ahead| ahead.delimiters.get(delimiter));
        last.is_some_and(|last| *last > number)
    }

    /// Looks as far as the next entry, once for all lines before it.
    fn look_ahead(&self) -> Ahead<'a> {
        let mut delimiters = BTreeMap::new();
        let Lines { rest, number } = self.lines;
        for line in (Lines { rest, number }) {
            if line.text.trim_start_matches(is_blank).starts_with('@') {
                let end = line.number;
                return Ahead { end, delimiters };
            }
            if is_delimiter(line.text) {
                delimiters.insert(line.text, line.number);
            }
        }
        let end = u32::MAX;
        Ahead { end, delimiters }
    }

    /// Keeps this line and all after it as one piece, because of a limit.
    fn beyond(&mut self, line: Line<'a>, limit: String) -> Item {
        let rest: Vec<&str> = self.lines.by_ref().map(|line| line.text).collect();
        let error = ScriptError {
            line: line.number,
            column: 1,
            expected: limit,
            found: "more".to_owned(),
            suggestion: None,
        };
        let text = joined(line.text, &rest);
        Item::Malformed { text, error }
    }
}

fn might_be_text(content: &FileContent) -> bool {
    matches!(content, FileContent::Inline(bytes) if as_lines(bytes).is_some())
}

fn joined(first: &str, others: &[&str]) -> String {
    let mut text = first.to_owned();
    for other in others {
        text.push('\n');
        text.push_str(other);
    }
    text
}
