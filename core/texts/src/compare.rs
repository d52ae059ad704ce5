//! What a second language lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::{PLURAL, Plural, Unreadable, arguments, entries};

/// What is wrong with the file of a language, compared with the English one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A file cannot be read at all.
    Unreadable(Unreadable),
    /// English has this key, and the language has not.
    Missing(String),
    /// The language has this key, and English has not: it was renamed or is not used any more.
    Stale(String),
    /// The sentence has other arguments than the English one.
    Arguments {
        /// Of which sentence.
        key: String,
        /// What the English one is filled with.
        english: Vec<String>,
        /// What this one asks for.
        other: Vec<String>,
    },
    /// The language names no way to choose a plural that is known.
    Plural(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(unreadable) => write!(f, "{unreadable}"),
            Self::Missing(key) => write!(f, "{key} has no sentence"),
            Self::Stale(key) => write!(f, "{key} is no key of the English file: leave it out"),
            Self::Arguments { key, english, other } => write!(
                f,
                "{key} is filled with {{{}}}, and asks for {{{}}}",
                english.join("}, {"),
                other.join("}, {")
            ),
            Self::Plural(name) => write!(f, "{PLURAL} = {name} is no way to choose a plural"),
        }
    }
}

/// Compares the file of a language with the English one. Nothing is wrong if nothing comes back.
pub fn compare(english: &str, other: &str) -> Vec<Fault> {
    let (english, other) = match (table(english), table(other)) {
        (Ok(english), Ok(other)) => (english, other),
        (Err(unreadable), _) | (_, Err(unreadable)) => return vec![Fault::Unreadable(unreadable)],
    };
    let mut faults = Vec::new();
    for (key, sentence) in &english {
        match other.get(key) {
            None => faults.push(Fault::Missing((*key).to_owned())),
            Some(own) if !fits(key, &needs(own), &needs(sentence)) => {
                faults.push(Fault::Arguments {
                    key: (*key).to_owned(),
                    english: needs(sentence).into_iter().map(str::to_owned).collect(),
                    other: needs(own).into_iter().map(str::to_owned).collect(),
                })
            }
            Some(_) => {}
        }
    }
    let stale = other.keys().filter(|key| !english.contains_key(*key));
    faults.extend(stale.map(|key| Fault::Stale((*key).to_owned())));
    let odd = other.get(PLURAL).filter(|name| Plural::named(name).is_none());
    faults.extend(odd.map(|name| Fault::Plural((*name).to_owned())));
    faults
}

fn table(text: &str) -> Result<BTreeMap<&str, &str>, Unreadable> {
    Ok(entries(text)?.into_iter().map(|entry| (entry.key, entry.sentence)).collect())
}

/// Whether a sentence asks for what the English one is filled with. The form for one need not say the number, and
/// may where English does not.
fn fits(key: &str, own: &BTreeSet<&str>, english: &BTreeSet<&str>) -> bool {
    let counts = |name: &&&str| key.ends_with(".one") && **name == "number";
    own.iter().filter(|name| !counts(name)).eq(english.iter().filter(|name| !counts(name)))
}

fn needs(sentence: &str) -> BTreeSet<&str> {
    arguments(sentence).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "language.plural = one\nplay = Play\nlag = {group} is {n} behind\n";

    fn faults(other: &str) -> Vec<String> {
        compare(ENGLISH, other).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_whole_language_has_no_fault() {
        let other = "lag = A {group} le faltan {n}, {n}\nplay = Tocar\nlanguage.plural = up-to-one";
        assert_eq!(faults(other), [""; 0]);
    }

    #[test]
    fn what_is_missing_stale_or_mismatched_is_named() {
        let other = "language.plural = dual\nlag = {grupo} {n}\npause = Pausa\n";
        assert_eq!(
            faults(other),
            [
                "lag is filled with {group}, {n}, and asks for {grupo}, {n}",
                "play has no sentence",
                "pause is no key of the English file: leave it out",
                "language.plural = dual is no way to choose a plural",
            ]
        );
        assert_eq!(faults("play"), ["line 1: write `key = sentence`"]);
        assert_eq!(compare("a", "").len(), 1);
    }

    #[test]
    fn the_form_for_one_may_leave_its_number_out() {
        let english = "found.one = One of {what}\nfound.other = {number} of {what}\n";
        let other = "found.one = {number} de {what}\nfound.other = {number} de {what}\n";
        assert_eq!(compare(english, other), []);
        let other = "found.one = Una\nfound.other = de {what}\n";
        assert_eq!(compare(english, other).len(), 2);
    }

    #[test]
    fn an_argument_that_is_left_out_is_found() {
        let other = "language.plural = one\nplay = Tocar\nlag = {n}\n";
        assert_eq!(faults(other), ["lag is filled with {group}, {n}, and asks for {n}"]);
    }
}
