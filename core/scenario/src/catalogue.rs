//! The sentences, by message id: one text file a language. A sentence has its arguments in braces.

use std::collections::BTreeMap;

/// The English sentences.
const ENGLISH: &str = include_str!("../catalogue/en.txt");

/// The sentences of one language.
#[derive(Clone, Debug)]
pub struct Catalogue(BTreeMap<&'static str, &'static str>);

impl Catalogue {
    /// English.
    pub fn english() -> Self {
        Self::parse(ENGLISH)
    }

    /// The sentence `id` with its arguments filled in. An id without a sentence is shown as it is, so
    /// that nothing is silent; a test sees to it that there is none.
    pub fn say(&self, id: &str, arguments: &[(&str, String)]) -> String {
        let Some(template) = self.0.get(id) else { return id.to_owned() };
        let mut said = String::with_capacity(template.len() + 32);
        let mut rest = *template;
        while let Some((before, from)) = rest.split_once('{') {
            said.push_str(before);
            let Some((name, after)) = from.split_once('}') else { break };
            let value = arguments.iter().find(|(known, _)| *known == name);
            said.push_str(value.map_or(name, |(_, value)| value));
            rest = after;
        }
        said.push_str(rest);
        said
    }

    /// The arguments that the sentence `id` is to be filled with.
    pub fn arguments(&self, id: &str) -> impl Iterator<Item = &'static str> {
        let template = self.0.get(id).copied().unwrap_or_default();
        template.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
    }

    /// The ids that have a sentence.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().copied()
    }

    fn parse(text: &'static str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(
            lines
                .filter_map(|line| line.split_once('='))
                .map(|(id, said)| (id.trim(), said.trim()))
                .collect(),
        )
    }
}
