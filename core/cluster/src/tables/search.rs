//! What is looked for in messages.

use highwater_log::Record;

use crate::anatomy::{Decoded, DecodedPart};

/// What is looked for: text in keys, values and headers, without regard to the case of ASCII letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search {
    part: Part,
    text: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    All,
    Key,
    Value,
    Header,
}

/// The words before a colon that look into one part only.
const PARTS: [(&str, Part); 3] =
    [("key:", Part::Key), ("value:", Part::Value), ("header:", Part::Header)];

impl Search {
    /// Reads what was typed: some text, or `key:`, `value:` or `header:` before it.
    pub(super) fn new(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let named = PARTS.iter().find_map(|(word, part)| Some((*part, typed.strip_prefix(word)?)));
        let (part, text) = named.unwrap_or((Part::All, typed));
        let text = text.trim().to_ascii_lowercase().into_bytes();
        (!text.is_empty()).then_some(Self { part, text })
    }

    /// Whether a record has it. A record of an internal topic is searched as it is shown: decoded.
    pub(super) fn finds(&self, record: &Record, decoded: Option<&Decoded>) -> bool {
        let looks_into = |part: Part| self.part == Part::All || self.part == part;
        if let Some(decoded) = decoded {
            let value = decoded.value.as_ref().filter(|_| looks_into(Part::Value));
            return (looks_into(Part::Key) && self.is_told(&decoded.key))
                || value.is_some_and(|value| self.is_told(value));
        }
        let is_in = |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| self.is_in(bytes));
        (looks_into(Part::Key) && is_in(record.key.as_deref()))
            || (looks_into(Part::Value) && is_in(record.value.as_deref()))
            || (looks_into(Part::Header)
                && record
                    .headers
                    .iter()
                    .any(|header| self.is_in(&header.key) || is_in(header.value.as_deref())))
    }

    fn is_told(&self, part: &DecodedPart) -> bool {
        let mut fields = part.fields.iter();
        self.is_in(part.schema.as_bytes()) || fields.any(|(_, value)| self.is_in(value.as_bytes()))
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let mut windows = bytes.windows(self.text.len());
        windows.any(|window| window.eq_ignore_ascii_case(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use highwater_log::{Header, Offset, TimestampMs};

    use super::*;

    #[track_caller]
    fn check(typed: &str, is_found: bool) {
        let bytes = |text: &'static str| Bytes::from_static(text.as_bytes());
        let record = Record {
            offset: Offset(0),
            timestamp: TimestampMs(0),
            key: Some(bytes("user-Ä7")),
            value: Some(bytes("{\"City\":\"Bern\"}")),
            headers: vec![Header { key: bytes("trace"), value: Some(bytes("abc")) }],
        };
        let found = Search::new(typed).is_none_or(|search| search.finds(&record, None));
        assert_eq!(found, is_found, "{typed:?}");
    }

    #[test]
    fn text_is_found_in_the_part_that_is_named() {
        check("", true);
        check("key:", true);
        check("bern", true);
        check("CITY", true);
        check("user-Ä", true);
        check("value: bern", true);
        check("key:bern", false);
        check("key:7", true);
        check("header:trace", true);
        check("header:AB", true);
        check("header:bern", false);
        check("zurich", false);
    }
}
