//! Recognising events that were handled already, by an id that the event itself carries.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use highwater_log::Record;

use crate::consumer::application::config::one_of;
use crate::consumer::application::json_field::json_field;

/// By what the application recognises an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dedupe {
    /// Where the event's id stands.
    pub id: IdPlace,
    /// How many ids it remembers; the oldest goes first.
    pub window: u32,
}

/// Where an event's id stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdPlace {
    /// The record's key.
    Key,
    /// A header of that name.
    Header(String),
    /// A field of the value, which is a JSON object.
    Json(String),
}

impl Dedupe {
    /// The ids that are remembered, if nothing else is said.
    pub const WINDOW: u32 = 10_000;

    /// Reads `key`, `header:NAME` or `json:FIELD`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let id = match text.split_once(':') {
            None if text == "key" => IdPlace::Key,
            Some(("header", name)) if !name.is_empty() => IdPlace::Header(name.to_owned()),
            Some(("json", field)) if !field.is_empty() => IdPlace::Json(field.to_owned()),
            _ => return Err(one_of("--dedupe", text, "key, header:NAME or json:FIELD")),
        };
        Ok(Self { id, window: Self::WINDOW })
    }

    /// The id of a record; none if it has none: then nothing is recognised.
    pub(super) fn id_of(&self, record: &Record) -> Option<Bytes> {
        match &self.id {
            IdPlace::Key => record.key.clone(),
            IdPlace::Header(name) => {
                let last = record.headers.iter().rev().find(|header| header.key == name.as_bytes());
                last?.value.clone()
            }
            IdPlace::Json(field) => json_field(record.value.as_ref()?, field),
        }
    }
}

/// The ids of the events that were handled, as long as they are remembered. They are gone with the
/// process.
#[derive(Clone, Debug, Default)]
pub(super) struct SeenIds {
    ids: BTreeSet<Bytes>,
    in_order: VecDeque<Bytes>,
}

impl SeenIds {
    pub(super) fn has(&self, id: &Bytes) -> bool {
        self.ids.contains(id)
    }

    pub(super) fn remember(&mut self, id: Bytes, window: u32) {
        if self.ids.insert(id.clone()) {
            self.in_order.push_back(id);
        }
        while self.in_order.len() > window as usize
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_forgets_the_oldest_first() {
        let mut seen = SeenIds::default();
        for id in ["a", "b", "a", "c"] {
            seen.remember(Bytes::from(id), 2);
        }
        let known: Vec<bool> = ["a", "b", "c"].map(|id| seen.has(&Bytes::from(id))).to_vec();
        assert_eq!(known, [false, true, true]);
    }
}
