//! A second language beside English, sentence by sentence.

use crate::{PLURAL, Plural, Unreadable, arguments, entries, numbered};

/// The sentences of a language by the places of their keys in the English file, with numbers for the names of
/// their arguments: `{0}` is the first argument of the English sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    sentences: Vec<Option<Box<str>>>,
    plural: Plural,
}

impl Table {
    /// The language in the file `other`. What it lacks, or asks to be filled with what is not there, is left to the
    /// English sentence.
    ///
    /// # Errors
    ///
    /// The first line of either file that cannot be read.
    pub fn new(english: &str, other: &str) -> Result<Self, Unreadable> {
        let other = entries(other)?;
        let find = |key: &str| other.iter().find(|entry| entry.key == key).map(|it| it.sentence);
        let english = entries(english)?;
        let sentences = english.iter().enumerate().map(|(index, entry)| {
            // The form for one takes its arguments from the form for many, which stands behind it.
            let of = if entry.key.ends_with(".one") { english.get(index + 1) } else { None };
            let names = arguments(of.unwrap_or(entry).sentence);
            numbered(find(entry.key)?, &names).map(String::into_boxed_str)
        });
        Ok(Self {
            sentences: sentences.collect(),
            plural: find(PLURAL).and_then(Plural::named).unwrap_or_default(),
        })
    }

    /// The sentence whose key stands at this place of the English file.
    pub fn get(&self, index: u16) -> Option<&str> {
        self.sentences.get(usize::from(index))?.as_deref()
    }

    /// How the language chooses between the forms of what is counted.
    pub fn plural(&self) -> Plural {
        self.plural
    }
}

/// The FNV-1a sum of a text, by which a version of it is known.
pub fn sum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "\
language.plural = one
play = Play
lag = {group} is {n} behind
found.one = One metric of {what}.
found.other = {number} metrics of {what}.
pause = Pause
";

    #[test]
    fn sentences_stand_where_their_english_ones_do() {
        let other = "\
pause = Pausa
found.other = De {what}: {number}.
found.one = De {what}: {number} sola.
lag = {n} le faltan a {group}
language.plural = up-to-one
new = Nueva
";
        let table = Table::new(ENGLISH, other).expect("both can be read");
        let all: Vec<_> = (0..7).map(|index| table.get(index)).collect();
        let lag = Some("{1} le faltan a {0}");
        let (one, many) = (Some("De {1}: {0} sola."), Some("De {1}: {0}."));
        assert_eq!(all, [Some("up-to-one"), None, lag, one, many, Some("Pausa"), None]);
        assert_eq!(table.plural(), Plural::UpToOne);
    }

    #[test]
    fn a_sentence_that_cannot_be_filled_is_left_to_english() {
        let table = Table::new(ENGLISH, "lag = {grupo}").expect("both can be read");
        assert_eq!(table.get(2), None);
        assert!(Table::new(ENGLISH, "lag").is_err());
    }

    #[test]
    fn another_version_has_another_sum() {
        assert_eq!(sum(""), 0x811c_9dc5);
        assert_eq!(sum("a"), 0xe40c_292c);
        assert_ne!(sum(ENGLISH), sum(&ENGLISH[1..]));
    }
}
