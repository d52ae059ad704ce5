//! Where saved scenarios stand in the browser's storage.

use highwater_cluster::time::Time;

use super::storage::{self, StorageError};

const PREFIX: &str = "highwater.scenario.";
const LAST: &str = "highwater.last.";
const TAB: &str = "highwater.tab";

/// A saved scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// The scenario.
    pub script: String,
    /// Where it was.
    pub moment: Time,
    /// When it was saved, in milliseconds since 1970.
    pub saved_at: f64,
}

impl Saved {
    fn print(&self) -> String {
        format!("{} {}\n{}", self.moment.0, self.saved_at, self.script)
    }

    /// What cannot be read is a script of which nobody knows where it was: it is told what is wrong with it, and nothing
    /// is written over it.
    fn parse(text: &str) -> Self {
        let read = || {
            let (head, script) = text.split_once('\n')?;
            let (moment, saved_at) = head.split_once(' ')?;
            let moment = Time(moment.parse().ok()?);
            Some(Self { script: script.to_owned(), moment, saved_at: saved_at.parse().ok()? })
        };
        read().unwrap_or_else(|| Self {
            script: text.to_owned(),
            moment: Time::ZERO,
            saved_at: 0.0,
        })
    }
}

/// The name under which this tab saves; a new one if it has none yet.
pub fn own_slot() -> String {
    storage::of_tab(TAB).unwrap_or_else(new_slot)
}

/// Lets this tab save under a new name.
pub fn new_slot() -> String {
    let random = (js_sys::Math::random() * 1e9) as u64;
    let slot = format!("{:x}{random:x}", js_sys::Date::now() as u64);
    storage::set_of_tab(TAB, &slot);
    slot
}

/// Lets this tab save under a name that it had before.
pub fn use_slot(slot: &str) {
    storage::set_of_tab(TAB, slot);
}

/// Saves a scenario of a place, and notes that it is the last of that place.
pub fn store(place: &str, slot: &str, saved: &Saved) -> Result<(), StorageError> {
    storage::set(&key(place, slot), &saved.print())?;
    storage::set(&format!("{LAST}{place}"), slot)
}

/// What this tab has saved for a place; else what was saved last for it.
pub fn stored(place: &str, slot: &str) -> Option<Saved> {
    let own = storage::get(&key(place, slot));
    let text =
        own.or_else(|| storage::get(&key(place, &storage::get(&format!("{LAST}{place}"))?)))?;
    Some(Saved::parse(&text))
}

/// The slot of a key that holds a scenario of a place.
pub fn slot_of(key: &str, place: &str) -> Option<String> {
    key.strip_prefix(PREFIX)?.strip_prefix(place)?.strip_prefix('.').map(str::to_owned)
}

/// The place and the slot of a key.
pub fn place_and_slot(key: &str) -> Option<(String, String)> {
    let (place, slot) = key.strip_prefix(PREFIX)?.rsplit_once('.')?;
    Some((place.to_owned(), slot.to_owned()))
}

/// All that is saved, the newest first: keys, and what stands under them.
pub fn all_saved() -> Vec<(String, Saved)> {
    let keys = storage::keys(PREFIX).into_iter();
    let mut all: Vec<(String, Saved)> =
        keys.filter_map(|key| Some((key.clone(), Saved::parse(&storage::get(&key)?)))).collect();
    all.sort_by(|a, b| b.1.saved_at.total_cmp(&a.1.saved_at));
    all
}

/// Forgets what is saved under a key.
pub fn forget(key: &str) {
    storage::remove(key);
}

fn key(place: &str, slot: &str) -> String {
    format!("{PREFIX}{place}.{slot}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_reads_back() {
        let saved = Saved {
            script: "highwater 1\n\n# two\n".to_owned(),
            moment: Time(1_500_000),
            saved_at: 12.5,
        };
        assert_eq!(Saved::parse(&saved.print()), saved);
        let odd = Saved::parse("highwater 1\n# from nobody knows when\n");
        assert_eq!(odd.script, "highwater 1\n# from nobody knows when\n");
    }

    #[test]
    fn a_slot_is_found_in_its_key() {
        assert_eq!(slot_of(&key("play", "1a"), "play").as_deref(), Some("1a"));
        assert_eq!(slot_of(&key("learn-x", "1a"), "play"), None);
        let found = place_and_slot(&key("learn/keep-writing", "1a"));
        assert_eq!(found, Some(("learn/keep-writing".to_owned(), "1a".to_owned())));
    }
}
