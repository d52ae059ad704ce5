//! What was acknowledged, and what was read back.

use std::collections::BTreeMap;

/// How many records a sentence names.
const NAMED: usize = 3;

/// How often each value was seen in a topic.
type Seen = BTreeMap<String, BTreeMap<String, usize>>;

/// What a client's program told, by topic and value.
#[derive(Debug, Default)]
pub struct Ledger {
    acked: Seen,
    read: Seen,
    /// The number of the last record that was read of each key.
    last: BTreeMap<(String, String), u64>,
    /// The first record that came before one of its key with a smaller number.
    out_of_order: BTreeMap<String, String>,
}

/// What is promised of records that were acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// Each is read once, nothing else is, and in the order of each key.
    ExactlyOnce,
    /// Each is read, and nothing else is.
    AtLeastOnce,
}

impl Promise {
    /// The word that programs have for it.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "exactly-once" => Some(Self::ExactlyOnce),
            "at-least-once" => Some(Self::AtLeastOnce),
            _ => None,
        }
    }
}

impl Ledger {
    /// A record was acknowledged.
    pub fn acked(&mut self, topic: &str, value: &str) {
        *self.acked.entry(topic.into()).or_default().entry(value.into()).or_default() += 1;
    }

    /// A record was read. Values are KEY-NUMBER, where numbers of a key grow.
    pub fn read(&mut self, topic: &str, value: &str) {
        *self.read.entry(topic.into()).or_default().entry(value.into()).or_default() += 1;
        let Some((key, number)) = value.rsplit_once('-') else { return };
        let Ok(number) = number.parse::<u64>() else { return };
        let last = self.last.insert((topic.into(), key.into()), number);
        if last.is_some_and(|last| last > number) {
            self.out_of_order.entry(topic.into()).or_insert_with(|| value.into());
        }
    }

    /// How many records of a topic were acknowledged.
    ///
    /// # Errors
    /// The sentence that says in what the promise is broken.
    pub fn check(&self, topic: &str, promise: Promise) -> Result<usize, String> {
        let none = BTreeMap::new();
        let acked = self.acked.get(topic).unwrap_or(&none);
        let read = self.read.get(topic).unwrap_or(&none);
        let missing = acked.keys().filter(|value| !read.contains_key(*value));
        complain(topic, "acknowledged, but never read", missing)?;
        let strange = read.keys().filter(|value| !acked.contains_key(*value));
        complain(topic, "read, but never acknowledged", strange)?;
        if promise == Promise::ExactlyOnce {
            let twice = read.iter().filter(|(value, times)| acked.get(*value) != Some(*times));
            complain(topic, "read more often than acknowledged", twice.map(|(value, _)| value))?;
            complain(topic, "read after a later one of its key", self.out_of_order.get(topic))?;
        }
        match acked.len() {
            0 => Err(format!("of {topic} no record was acknowledged")),
            count => Ok(count),
        }
    }
}

fn complain<'a>(
    topic: &str,
    what: &str,
    values: impl IntoIterator<Item = &'a String>,
) -> Result<(), String> {
    let values: Vec<&str> = values.into_iter().map(String::as_str).collect();
    if values.is_empty() {
        return Ok(());
    }
    let named = values.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = if values.len() > NAMED { ", .." } else { "" };
    Err(format!("{} records of {topic} were {what}: {named}{more}", values.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(acked: &[&str], read: &[&str]) -> Ledger {
        let mut ledger = Ledger::default();
        acked.iter().for_each(|value| ledger.acked("orders", value));
        read.iter().for_each(|value| ledger.read("orders", value));
        ledger
    }

    fn complaint(acked: &[&str], read: &[&str], promise: Promise) -> String {
        ledger(acked, read).check("orders", promise).expect_err("it is broken")
    }

    #[test]
    fn a_promise_that_is_kept() {
        let ledger = ledger(&["a-1", "a-2", "b-1"], &["b-1", "a-1", "a-2"]);
        assert_eq!(ledger.check("orders", Promise::ExactlyOnce), Ok(3));
        let twice = ["a-1", "a-2", "a-1", "a-2"];
        assert_eq!(
            self::ledger(&["a-1", "a-2"], &twice).check("orders", Promise::AtLeastOnce),
            Ok(2)
        );
    }

    #[test]
    fn a_promise_that_is_broken() {
        let once = Promise::ExactlyOnce;
        assert!(complaint(&["a-1", "a-2"], &["a-1"], once).contains("never read: a-2"));
        assert!(complaint(&["a-1"], &["a-1", "a-2"], once).contains("never acknowledged: a-2"));
        assert!(complaint(&["a-1"], &["a-1", "a-1"], once).contains("more often"));
        assert!(complaint(&["a-1", "a-2"], &["a-2", "a-1"], once).contains("a later one"));
        assert!(complaint(&[], &[], Promise::AtLeastOnce).contains("no record"));
    }
}
