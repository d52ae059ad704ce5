//! What a script stands for, without its comments.

use super::{Document, Entry, Header, Item, ScriptError};

/// A whole scenario: the same header and entries always play the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// Versions, seed, start, cluster and settings.
    pub header: Header,
    /// What happens, by time; of entries at one instant the first happens first. Each one's id is its place.
    pub entries: Vec<Entry>,
}

impl Scenario {
    /// Reads a script.
    ///
    /// # Errors
    /// All that is wrong with it; [`Document`] keeps what could be read.
    pub fn parse(text: &str) -> Result<Self, Vec<ScriptError>> {
        Document::parse(text).scenario()
    }

    /// The script that stands for this scenario, without comments.
    pub fn to_document(&self) -> Document {
        let header = self.header.lines().into_iter().map(Item::Header);
        let mut items: Vec<Item> = header.collect();
        if !self.entries.is_empty() {
            items.push(Item::Blank);
        }
        items.extend(self.entries.iter().cloned().map(Item::Entry));
        Document { items, ..Document::default() }
    }
}
