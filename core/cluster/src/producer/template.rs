//! Text with gaps, of which a producer makes keys, values and headers: `{"order":{n},"by":"{key}"}`.

use std::fmt::Write as _;

use highwater_log::TimestampMs;

use crate::rng::{Seed, Stream};

/// What may stand in the gaps, each with an example of what it becomes.
pub const PLACEHOLDERS: &str = "{n} (the record's number, from 0), {key} (its key), {id} (an id of its own, the same in \
                                every run), {time} (its timestamp, in ms), {random 1..100} (a whole number, both included)";

/// Text with gaps. A gap is a brace and a word, `{n}`; any other brace is text, so that JSON needs no
/// care, and a doubled brace before a letter is one brace of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Number,
    Key,
    Id,
    Time,
    Random { least: i64, most: i64 },
}

/// What fills the gaps of one record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filling<'a> {
    /// Who makes the record: part of its id.
    pub(super) producer: &'a str,
    pub(super) number: u64,
    /// Empty if the record has none.
    pub(super) key: &'a str,
    pub(super) timestamp: TimestampMs,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A gap that is not closed, or holds nothing that is known: where, and what may stand there.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            let inside = &from[1..];
            if let Some(doubled) = inside.strip_prefix('{')
                && begins_word(doubled)
            {
                plain.push('{');
                rest = doubled;
            } else if begins_word(inside) {
                let column = text[..text.len() - from.len()].chars().count() + 1;
                let Some((gap, after)) = inside.split_once('}') else {
                    return Err(format!("the gap at character {column} is not closed; add a }}"));
                };
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::parse(gap).map_err(|wrong| {
                    format!("character {column}: {wrong}; in a gap may stand {PLACEHOLDERS}")
                })?);
                rest = after;
            } else {
                plain.push('{');
                rest = inside;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts })
    }

    /// The text with its gaps filled. Only `{random ..}` draws.
    pub(super) fn fill(&self, with: Filling<'_>, random: &mut Stream) -> String {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Number => push(&mut filled, with.number),
                Part::Key => filled.push_str(with.key),
                Part::Id => filled.push_str(&event_id(with.producer, with.number)),
                Part::Time => push(&mut filled, with.timestamp.0),
                Part::Random { least, most } => {
                    let drawn = random.below(most.abs_diff(*least).saturating_add(1));
                    push(&mut filled, least.wrapping_add_unsigned(drawn));
                }
            }
        }
        filled
    }

    /// About how many bytes it comes to, for the bounds of the world.
    pub(super) fn length(&self) -> usize {
        let length = |part: &Part| match part {
            Part::Text(text) => text.len(),
            Part::Id => 36,
            _ => 13,
        };
        self.parts.iter().map(length).sum()
    }
}

impl Part {
    fn parse(gap: &str) -> Result<Self, String> {
        match gap {
            "n" => return Ok(Self::Number),
            "key" => return Ok(Self::Key),
            "id" => return Ok(Self::Id),
            "time" => return Ok(Self::Time),
            _ => {}
        }
        let Some(range) = gap.strip_prefix("random ") else {
            return Err(format!("{{{gap}}} is no gap that is known"));
        };
        let ends = range.trim().split_once("..");
        let ends = ends.and_then(|(least, most)| Some((least.parse().ok()?, most.parse().ok()?)));
        match ends {
            Some((least, most)) if least <= most => Ok(Self::Random { least, most }),
            Some(_) => Err(format!("{{{gap}}} ends before it begins")),
            None => Err(format!("{{{gap}}} needs two whole numbers, as in {{random 1..100}}")),
        }
    }
}

/// A UUID (RFC 9562, version 8) that follows from who made a record and its number: the same record has
/// the same in every run, and no other has it but by a wild chance.
fn event_id(producer: &str, number: u64) -> String {
    let mut stream = Seed(number).stream(producer, number);
    let (high, low) = (stream.next_u64(), stream.next_u64());
    let high = high & !0xf000 | 0x8000;
    let low = low & !(0b11 << 62) | 0b10 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

fn begins_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn push(text: &mut String, number: impl std::fmt::Display) {
    write!(text, "{number}").expect("a string takes all");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fill(text: &str) -> Result<String, String> {
        let with =
            Filling { producer: "p1", number: 7, key: "k3", timestamp: TimestampMs(1_700_000) };
        Ok(Template::parse(text)?.fill(with, &mut Seed(1).stream("values", 0)))
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(fill(text).as_deref(), Ok(expected), "{text}");
    }

    #[track_caller]
    fn check_refused(text: &str, part: &str) {
        let error = fill(text).expect_err(text);
        assert!(error.contains(part), "{error}");
    }

    #[test]
    fn gaps_are_filled_and_other_braces_are_text() {
        check(r#"{"n":{n},"by":{"key":"{key}"}}"#, r#"{"n":7,"by":{"key":"k3"}}"#);
        check("at {time}", "at 1700000");
        check("{{n} is {n}", "{n} is 7");
        check("{} { {1} }", "{} { {1} }");
        check("", "");
        check("{random 5..5}", "5");
        check("{random -3..-3}", "-3");
    }

    #[test]
    fn what_is_no_gap_says_where_and_what_would_be() {
        check_refused("é {nn}", "character 3: {nn} is no gap");
        check_refused("{n} {random 9..1}", "character 5: {random 9..1} ends before it begins");
        check_refused("{random 1-9}", "as in {random 1..100}");
        check_refused("{key", "character 1 is not closed");
    }

    #[test]
    fn ids_are_uuids_that_repeat_only_with_their_record() {
        let id = fill("{id}").unwrap();
        assert_eq!(id, fill("{id}").unwrap());
        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "8");
        assert!(["8", "9", "a", "b"].contains(&&id[19..20]), "{id}");
        let ids: std::collections::BTreeSet<String> =
            (0..1_000).map(|number| event_id("p1", number)).collect();
        assert_eq!(ids.len(), 1_000);
        assert_ne!(event_id("p1", 7), event_id("p2", 7));
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "[a-z{}. 0-9é-]{0,40}") {
            let _ = fill(&text);
        }

        #[test]
        fn drawn_numbers_lie_between_the_two(least in any::<i64>(), most in any::<i64>()) {
            prop_assume!(least <= most);
            let drawn: i64 = fill(&format!("{{random {least}..{most}}}")).unwrap().parse().unwrap();
            prop_assert!((least..=most).contains(&drawn));
        }
    }
}
