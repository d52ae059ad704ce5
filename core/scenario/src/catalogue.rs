//! The sentences, by message id: one text file a language. A sentence has its arguments in braces.

use std::collections::BTreeMap;

use highwater_texts::{Unreadable, entries, fill, fill_with};

use crate::narration::Said;

/// The English sentences.
const ENGLISH: &str = include_str!("../../../texts/en/narration.txt");

/// The sentences of one language.
#[derive(Clone, Debug)]
pub struct Catalogue(BTreeMap<&'static str, &'static str>);

impl Catalogue {
    /// English.
    pub fn english() -> Self {
        Self::read(ENGLISH).expect("tests read the English sentences")
    }

    /// Another language. A sentence that it lacks is said in English.
    ///
    /// # Errors
    ///
    /// The first line that is no sentence.
    pub fn of(text: &'static str) -> Result<Self, Unreadable> {
        let mut all = Self::english();
        all.0.extend(Self::read(text)?.0);
        Ok(all)
    }

    /// The sentence `id` with its arguments filled in. An id without a sentence is shown as it is, so
    /// that nothing is silent; a test sees to it that there is none.
    pub fn say(&self, id: &str, arguments: &[(&str, String)]) -> String {
        self.0.get(id).map_or_else(|| id.to_owned(), |sentence| fill(sentence, arguments))
    }

    /// The same with arguments of which some are words of this language.
    pub fn tell(&self, id: &str, arguments: &[(&'static str, Said)]) -> String {
        // Each event is told: what is said already is written where it stands.
        let Some(sentence) = self.0.get(id) else { return id.to_owned() };
        fill_with(sentence, &mut |name, text| match arguments
            .iter()
            .find(|(known, _)| *known == name)
        {
            Some((_, Said::Plain(value))) => text.push_str(value),
            Some((_, said)) => text.push_str(&said.in_words(self)),
            None => text.push_str(name),
        })
    }

    /// The arguments that the sentence `id` is to be filled with.
    pub fn arguments(&self, id: &str) -> Vec<&'static str> {
        self.0.get(id).copied().map(highwater_texts::arguments).unwrap_or_default()
    }

    /// The ids that have a sentence.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().copied()
    }

    fn read(text: &'static str) -> Result<Self, Unreadable> {
        Ok(Self(entries(text)?.into_iter().map(|entry| (entry.key, entry.sentence)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_language_says_what_it_has_and_english_the_rest() {
        let catalogue = Catalogue::of("entry = Du: {line}").expect("it is one sentence");
        let line = [("line", "help".to_owned())];
        assert_eq!(catalogue.say("entry", &line), "Du: help");
        assert_eq!(catalogue.say("output", &[("text", "as it is".to_owned())]), "as it is");
        assert_eq!(catalogue.say("unheard", &[]), "unheard");
        assert!(Catalogue::of("entry").is_err());
    }
}
