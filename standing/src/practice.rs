//! A row of questions that is under way: today's, those that went wrong, or what somebody has chosen.

use std::collections::BTreeMap;

use highwater_exercises::Question;
use serde::{Deserialize, Serialize};

use crate::recall::Recall;
use crate::shuffle::shuffle;

/// A row of questions, and how far one has come in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// What kind of row.
    pub kind: Kind,
    /// The questions, by id.
    pub questions: Vec<String>,
    /// Those of them that were answered.
    pub answered: Vec<String>,
}

/// Where a row of questions comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What is due.
    Today,
    /// What went wrong.
    Wrong,
    /// What was chosen in the bank.
    Chosen,
}

impl Practice {
    /// At most so many of these questions: those that were never answered first, then those that were answered longest ago,
    /// each lot in an order that the seed draws.
    pub fn mixed(
        found: &[&Question],
        schedule: &BTreeMap<String, Recall>,
        seed: u64,
        most: usize,
    ) -> Self {
        let mut questions: Vec<String> = found.iter().map(|question| question.id.clone()).collect();
        shuffle(&mut questions, seed);
        questions.sort_by_key(|id| schedule.get(id).map(|recall| recall.answered));
        questions.truncate(most);
        Self { kind: Kind::Chosen, questions, answered: Vec::new() }
    }

    /// These questions in this order.
    pub fn of(kind: Kind, questions: Vec<String>) -> Self {
        Self { kind, questions, answered: Vec::new() }
    }

    /// Notes that a question was answered. False if it is none of the row.
    pub fn answer(&mut self, id: &str) -> bool {
        let is_in = self.questions.iter().any(|known| known == id);
        if is_in && !self.answered.iter().any(|known| known == id) {
            self.answered.push(id.to_owned());
        }
        is_in
    }

    /// The next question that was not answered: after this one, else from the beginning.
    pub fn next(&self, after: Option<&str>) -> Option<&str> {
        let place = after.and_then(|id| self.questions.iter().position(|known| known == id));
        let (before, behind) = self.questions.split_at(place.map_or(0, |place| place + 1));
        let open = |id: &&String| !self.answered.contains(id) && after != Some(id.as_str());
        behind.iter().chain(before).find(open).map(String::as_str)
    }

    /// The place of a question in the row, from 1.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.questions.iter().position(|known| known == id).map(|index| index + 1)
    }

    /// Leaves out what the bank does not know any more.
    pub fn known(mut self, is_known: impl Fn(&str) -> bool) -> Self {
        self.questions.retain(|id| is_known(id));
        self.answered.retain(|id| is_known(id));
        self
    }
}
