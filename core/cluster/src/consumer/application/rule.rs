//! Poison: the records that a handler, or a deserialiser, fails on.

use highwater_log::Record;

use crate::consumer::application::config::one_of;

/// A kind of record that the application fails on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailRule {
    /// Which records.
    pub what: Poison,
    /// How often it fails on each before it succeeds; always, if not given.
    pub times: Option<u32>,
    /// Whether the deserialiser fails: then poll itself throws, before any handler is called.
    pub is_unreadable: bool,
}

/// Which records an application fails on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Poison {
    /// Those with this key.
    Key(String),
    /// Those whose value contains this text.
    Value(String),
    /// The one at this offset of its partition.
    Offset(i64),
    /// Each n-th of its partition, counted by offsets.
    Every(i64),
}

impl FailRule {
    /// Reads `key=K`, `value~TEXT`, `offset=N` or `every=N`, with `,times=N` and `,deserialize` behind.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text;
        let (mut times, mut is_unreadable) = (None, false);
        while let Some((before, last)) = rest.rsplit_once(',') {
            if last == "deserialize" {
                is_unreadable = true;
            } else if let Some(number) = last.strip_prefix("times=") {
                let number = number.parse::<u32>().ok().filter(|number| *number > 0);
                times =
                    Some(number.ok_or_else(|| {
                        format!("times= takes a number of failures, not \"{last}\"")
                    })?);
            } else {
                break;
            }
            rest = before;
        }
        let what = Poison::parse(rest)
            .ok_or_else(|| one_of("--fail-on", text, "key=K, value~TEXT, offset=N or every=N"))?;
        Ok(Self { what, times, is_unreadable })
    }

    /// Whether the application fails on a record at this attempt, the first being 1.
    pub(crate) fn fails(&self, record: &Record, attempt: u32) -> bool {
        self.times.is_none_or(|times| attempt <= times) && self.what.is(record)
    }
}

impl Poison {
    fn parse(text: &str) -> Option<Self> {
        if let Some((name, value)) = text.split_once('=') {
            match name {
                "key" => return Some(Poison::Key(value.to_owned())),
                "offset" => return value.parse().ok().filter(|at| *at >= 0).map(Poison::Offset),
                "every" => return value.parse().ok().filter(|nth| *nth > 0).map(Poison::Every),
                _ => {}
            }
        }
        let value = text.strip_prefix("value~").filter(|value| !value.is_empty())?;
        Some(Poison::Value(value.to_owned()))
    }

    fn is(&self, record: &Record) -> bool {
        match self {
            Poison::Key(key) => record.key.as_deref() == Some(key.as_bytes()),
            Poison::Value(text) => record
                .value
                .as_deref()
                .is_some_and(|value| value.windows(text.len()).any(|part| part == text.as_bytes())),
            Poison::Offset(offset) => record.offset.0 == *offset,
            Poison::Every(nth) => (record.offset.0 + 1) % nth == 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use highwater_log::{Offset, TimestampMs};

    use super::*;

    #[track_caller]
    fn check(rule: &str, key: &str, value: &str, failing_offsets: &[i64], attempt: u32) {
        let rule = FailRule::parse(rule).unwrap();
        let record = |offset| Record {
            offset: Offset(offset),
            timestamp: TimestampMs(0),
            key: Some(key.to_owned().into()),
            value: Some(value.to_owned().into()),
            headers: Vec::new(),
        };
        let failing: Vec<i64> = (0..6).filter(|at| rule.fails(&record(*at), attempt)).collect();
        assert_eq!(failing, failing_offsets, "{rule:?}");
    }

    #[test]
    fn a_rule_says_which_records_fail_and_how_often() {
        check("key=a", "a", "v", &[0, 1, 2, 3, 4, 5], 1);
        check("key=a", "b", "v", &[], 1);
        check("value~x,y", "a", "wx,yz", &[0, 1, 2, 3, 4, 5], 1);
        check("offset=3", "a", "v", &[3], 9);
        check("offset=3,times=2", "a", "v", &[3], 2);
        check("offset=3,times=2", "a", "v", &[], 3);
        check("every=2,deserialize", "a", "v", &[1, 3, 5], 1);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_what_can() {
        for wrong in ["", "offset=-1", "every=0", "value~", "key", "offset=1,times=0", "colour=red"]
        {
            assert!(FailRule::parse(wrong).is_err(), "{wrong}");
        }
    }
}
