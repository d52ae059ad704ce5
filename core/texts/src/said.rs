//! The sentences that tables of the program hold, in the language in force: they are found by what they say in English, so
//! that a table need know no keys. English is what stands in the tables.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::{Unreadable, entries};

static OWN: OnceLock<BTreeMap<String, String>> = OnceLock::new();

/// Puts a language in force for [`said`], as long as the program runs. `english` has the tables' own sentences, `own` what
/// they are in the language, under the same keys.
///
/// # Errors
///
/// The first line that cannot be read; then nothing changes.
pub fn put_in_force(english: &str, own: &str) -> Result<(), Unreadable> {
    let _ = OWN.set(matched(english, own)?);
    Ok(())
}

/// A sentence of a table in the language in force; in English if that lacks it.
pub fn said(english: &'static str) -> &'static str {
    OWN.get().and_then(|own| own.get(english)).map_or(english, String::as_str)
}

fn matched(english: &str, own: &str) -> Result<BTreeMap<String, String>, Unreadable> {
    let own = entries(own)?;
    let own: BTreeMap<&str, &str> = own.iter().map(|entry| (entry.key, entry.sentence)).collect();
    let pairs = entries(english)?
        .into_iter()
        .filter_map(|entry| Some((entry.sentence.to_owned(), (*own.get(entry.key)?).to_owned())));
    Ok(pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_found_by_its_english_words() {
        let own = matched(
            "a = Lag\nb = Queues\nc = Disk\nd = \" of {it}\"",
            "b = seueuQ\na = gaL\nd = \" ed {it}\"",
        );
        let own = own.expect("both can be read");
        assert_eq!(own.get("Lag").map(String::as_str), Some("gaL"));
        assert_eq!(own.get(" of {it}").map(String::as_str), Some(" ed {it}"));
        assert_eq!(own.get("Disk"), None);
        assert!(matched("a", "b = c").is_err());
    }

    #[test]
    fn without_another_language_it_is_english() {
        assert!(put_in_force("a", "").is_err());
        assert_eq!(said("Lag"), "Lag");
    }
}
