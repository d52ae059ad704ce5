//! What content from elsewhere may name besides its own: the terms, beliefs, questions and exercises that are there already.

use std::collections::BTreeSet;

use crate::model::Content;

/// What is there already.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Terms: ids, all their names, and their short sentences.
    pub(super) terms: Vec<(String, Vec<String>, String)>,
    pub(super) misconceptions: BTreeSet<String>,
    pub(super) exercises: BTreeSet<String>,
    pub(super) questions: BTreeSet<String>,
}

impl Beside {
    /// What a content has.
    pub fn of(content: &Content) -> Self {
        let names = |term: &crate::model::Term| {
            [term.id.clone(), term.term.clone()].into_iter().chain(term.also.clone()).collect()
        };
        let terms = content.glossary.iter();
        Self {
            terms: terms.map(|term| (term.id.clone(), names(term), term.short.clone())).collect(),
            misconceptions: content.misconceptions.iter().map(|one| one.id.clone()).collect(),
            exercises: content.exercises.iter().map(|one| one.id.clone()).collect(),
            questions: content.questions.iter().map(|one| one.id.clone()).collect(),
        }
    }
}
