//! A script as a text: its lines in order, also those that say nothing or make no sense.

use std::collections::BTreeSet;

use super::{
    Action, Entry, EntryId, FORMAT_VERSION, Header, HeaderLine, Micros, Scenario, ScriptError,
    parse, print,
};

/// The lines of a script.
///
/// A document holds what its text says, not how it was spaced: reading a text that [`print`](Self::print) wrote gives
/// the same document, and printing that gives the same text. See the [module](super) for what printing changes in a text
/// that people wrote. Line numbers are kept in all cases.
#[derive(Clone, Debug, Default, Eq)]
pub struct Document {
    pub(super) items: Vec<Item>,
    /// Files that the text gives as base64 though they might be text: printed so again, as lines must keep their numbers.
    pub(super) base64: BTreeSet<EntryId>,
    /// How long the printed text is, if somebody asked since the document was last changed by reading.
    pub(super) printed_bytes: Option<usize>,
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items && self.base64 == other.base64
    }
}

/// One line of a script, or the several lines of an entry with a file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A line of the header.
    Header(HeaderLine),
    /// An entry.
    Entry(Entry),
    /// A line that starts with `#`, as it was written.
    Comment(String),
    /// An empty line.
    Blank,
    /// What could not be read; nothing of it takes part in the scenario.
    Malformed {
        /// The line or lines as they were written, without the last line end.
        text: String,
        /// What is wrong.
        error: ScriptError,
    },
}

impl Document {
    /// The longest text that is read, in bytes: 16 MiB.
    pub const MOST_BYTES: usize = 16 * 1024 * 1024;
    /// The most entries that are read.
    pub const MOST_ENTRIES: usize = 100_000;
    /// The most lines that are read, not counting those of files' contents.
    pub const MOST_ITEMS: usize = 200_000;

    /// Reads a script. What is malformed is kept as it is, beside its error; what lies beyond a limit is kept as one
    /// malformed piece.
    pub fn parse(text: &str) -> Self {
        parse::document(text)
    }

    /// The script as text. Each line ends with a line end.
    pub fn print(&self) -> String {
        let mut text = String::new();
        for item in &self.items {
            self.print_item(item, &mut text);
        }
        text
    }

    /// An entry as text, at the first instant.
    ///
    /// # Errors
    /// It could not be read back.
    pub fn print_action(action: Action) -> Result<String, ScriptError> {
        let mut document = Self::parse(&format!("highwater {FORMAT_VERSION}\n"));
        document.insert(Micros(0), action)?;
        Ok(document.print_entries_from(0))
    }

    /// The entries from a number on as text, counted from 0: see [`print`](Self::print).
    pub fn print_entries_from(&self, number: usize) -> String {
        let is_meant =
            |item: &&Item| matches!(item, Item::Entry(entry) if entry.id.0 as usize >= number);
        let mut text = String::new();
        // They are the last ones, and few of many.
        let first = self.items.iter().rposition(|item| !is_meant(&item)).map_or(0, |last| last + 1);
        for item in self.items[first..].iter().filter(is_meant) {
            self.print_item(item, &mut text);
        }
        text
    }

    /// What the script says up to an instant: without the entries after it.
    pub fn up_to(&self, at: Micros) -> Self {
        let is_later = |item: &Item| matches!(item, Item::Entry(entry) if entry.at > at);
        let items = self.items.iter().filter(|item| !is_later(item)).cloned().collect();
        Self { items, base64: self.base64.clone(), printed_bytes: None }
    }

    /// The script without the entries of those numbers, counted from 0; the ids of later ones go down.
    pub fn without(&self, numbers: &[usize]) -> Self {
        let is_gone = |item: &Item| matches!(item, Item::Entry(entry) if numbers.contains(&(entry.id.0 as usize)));
        let items = self.items.iter().filter(|item| !is_gone(item)).cloned().collect();
        let left = Self { items, base64: self.base64.clone(), printed_bytes: None };
        // Reading the text again numbers the entries.
        Self::parse(&left.print())
    }

    /// The same script with another seed. If it named none, its lines are one further down.
    pub fn with_seed(&self, seed: u64) -> Self {
        let mut changed = Self { printed_bytes: None, ..self.clone() };
        let is_seed = |item: &Item| matches!(item, Item::Header(HeaderLine::Seed(_)));
        let is_format = |item: &Item| matches!(item, Item::Header(HeaderLine::Format));
        let line = Item::Header(HeaderLine::Seed(seed));
        if let Some(place) = changed.items.iter().position(is_seed) {
            changed.items[place] = line;
        } else if let Some(format) = changed.items.iter().position(is_format) {
            changed.items.insert(format + 1, line);
        }
        changed
    }

    /// The lines in order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// What the header says, with defaults for what it leaves out or what is malformed.
    pub fn header(&self) -> Header {
        let mut header = Header::default();
        for item in &self.items {
            if let Item::Header(line) = item {
                header.apply(line);
            }
        }
        header
    }

    /// The entries that could be read, in order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.items.iter().filter_map(|item| match item {
            Item::Entry(entry) => Some(entry),
            _ => None,
        })
    }

    /// All that is wrong, from the top.
    pub fn errors(&self) -> Vec<ScriptError> {
        let malformed = self.items.iter().filter_map(|item| match item {
            Item::Malformed { error, .. } => Some(error.clone()),
            _ => None,
        });
        self.missing_format().into_iter().chain(malformed).collect()
    }

    /// The scenario that the script stands for.
    ///
    /// # Errors
    /// All of [`errors`](Self::errors), if there are any; what could be read is still in
    /// [`header`](Self::header) and [`entries`](Self::entries).
    pub fn scenario(&self) -> Result<Scenario, Vec<ScriptError>> {
        let errors = self.errors();
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Scenario { header: self.header(), entries: self.entries().cloned().collect() })
    }

    /// The line on which an entry starts, from 1.
    pub fn line_of(&self, id: EntryId) -> Option<u32> {
        let mut line = 1_u32;
        for item in &self.items {
            if matches!(item, Item::Entry(entry) if entry.id == id) {
                return Some(line);
            }
            let mut text = String::new();
            self.print_item(item, &mut text);
            let lines = text.bytes().filter(|byte| *byte == b'\n').count();
            line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        }
        None
    }

    /// Puts an entry in its place by time, after those of the same instant; the ids of later entries go up by one.
    ///
    /// # Errors
    /// The entry would not be read back: its time is beyond [`Micros::LATEST`], or the script is full. The document is as
    /// it was.
    pub fn insert(&mut self, at: Micros, action: Action) -> Result<EntryId, ScriptError> {
        let before = |item: &Item| match item {
            Item::Entry(entry) => entry.at <= at,
            Item::Header(_) => true,
            _ => false,
        };
        let place = self.items.iter().rposition(before).map_or(0, |last| last + 1);
        if place == self.items.len()
            && let Some(id) = self.append(at, &action)
        {
            return Ok(id);
        }
        let mut changed = self.clone();
        let id = EntryId(u32::MAX);
        let entry = Item::Entry(Entry { id, at, action });
        changed.items.insert(place, entry);
        // Reading the text again numbers the entries and the lines of errors.
        let changed = Self::parse(&changed.print());
        match changed.items.get(place) {
            Some(Item::Entry(entry)) => {
                let id = entry.id;
                *self = changed;
                Ok(id)
            }
            _ => Err(changed.errors().pop().unwrap_or_else(|| ScriptError {
                line: 1,
                column: 1,
                expected: "room for one more entry".to_owned(),
                found: "a full script".to_owned(),
                suggestion: None,
            })),
        }
    }

    /// The last entry; comments and empty lines may follow it.
    pub fn last_entry(&self) -> Option<&Entry> {
        self.items.iter().rev().find_map(|item| match item {
            Item::Entry(entry) => Some(entry),
            _ => None,
        })
    }

    /// Whether the script has room for one more entry at its end.
    pub fn has_room(&self, at: Micros, action: &Action) -> bool {
        self.length_with(&Entry { id: EntryId(0), at, action: action.clone() }).is_some()
    }

    /// How long the printed text is with one more entry at its end; none if there is no room for it.
    fn length_with(&self, entry: &Entry) -> Option<usize> {
        let has_room = entry.at <= Micros::LATEST
            && self.items.len() < Self::MOST_ITEMS
            && self.last_entry().is_none_or(|last| (last.id.0 as usize) < Self::MOST_ENTRIES - 1);
        let bytes = has_room.then(|| self.bytes() + print::length(entry))?;
        (bytes <= Self::MOST_BYTES).then_some(bytes)
    }

    /// Puts an entry after the last one without reading the whole script again, as that would make a
    /// recording of a thousand entries a thousand times as slow. None if that is not possible: nothing is
    /// changed then.
    fn append(&mut self, at: Micros, action: &Action) -> Option<EntryId> {
        let id = EntryId(self.last_entry()?.id.0.checked_add(1)?);
        let entry = Entry { id: EntryId(0), at, action: action.clone() };
        let bytes = self.length_with(&entry)?;
        // What clients from outside do is read as it is written, whatever they sent; and they send much.
        if !matches!(action, Action::Client { .. }) {
            let mut text = String::new();
            print::item(&Item::Entry(entry.clone()), false, &mut text);
            let read = Self::parse(&format!("highwater {FORMAT_VERSION}\n{text}"));
            if read.items.get(1..) != Some(&[Item::Entry(entry.clone())]) {
                return None;
            }
            if !read.base64.is_empty() {
                self.base64.insert(id);
            }
        }
        self.items.push(Item::Entry(Entry { id, ..entry }));
        self.printed_bytes = Some(bytes);
        Some(id)
    }

    /// How long the printed text is.
    pub(super) fn bytes(&self) -> usize {
        self.printed_bytes.unwrap_or_else(|| self.print().len())
    }

    fn print_item(&self, item: &Item, out: &mut String) {
        let base64 = matches!(item, Item::Entry(entry) if self.base64.contains(&entry.id));
        print::item(item, base64, out);
    }

    /// The first line names the format, or else is what is wrong; a malformed first line says so itself.
    fn missing_format(&self) -> Option<ScriptError> {
        let found = match self.items.first() {
            Some(Item::Header(HeaderLine::Format) | Item::Malformed { .. }) => return None,
            None => "an empty script".to_owned(),
            Some(Item::Header(line)) => format!("\"{}\"", line.keyword()),
            Some(Item::Entry(_)) => "an entry".to_owned(),
            Some(Item::Comment(_)) => "a comment".to_owned(),
            Some(Item::Blank) => "an empty line".to_owned(),
        };
        Some(ScriptError {
            line: 1,
            column: 1,
            expected: format!("\"highwater {FORMAT_VERSION}\" on the first line"),
            found,
            suggestion: None,
        })
    }
}
