//! One asking of a question.

use highwater_exercises::eval::Drawn;
use highwater_exercises::learning::Deed;
use highwater_exercises::{Answer, Given, Grade, Question, Task};
use leptos::prelude::*;

use crate::learning;

/// One asking of a question: what was drawn for it, what is answered, and what the cluster says.
#[derive(Clone, Copy)]
pub struct Asking {
    /// What is asked.
    pub question: &'static Question,
    drawn: StoredValue<Drawn>,
    /// What is answered.
    pub given: RwSignal<Option<Given>>,
    /// What is written in one's own words.
    pub words: RwSignal<String>,
    /// What the cluster says, once the answer is given.
    pub judged: RwSignal<Option<(Answer, Grade)>>,
    /// Whether the answer is given and its verdict held back: that of a mock interview.
    pub is_closed: RwSignal<bool>,
    /// The wrong beliefs that one had shown before.
    pub known: StoredValue<Vec<String>>,
    /// Whether an answer in one's own words is compared with a good one at once, or after the interview.
    pub compares: bool,
    /// Whether an answer can be spoken: not when it is given, and only to be compared.
    pub speaks: bool,
}

impl Asking {
    /// Asks with the numbers that are drawn.
    pub fn new(question: &'static Question, draw: u32) -> Self {
        Self {
            question,
            drawn: StoredValue::new(question.draw(u64::from(draw))),
            given: RwSignal::new(None),
            words: RwSignal::new(String::new()),
            judged: RwSignal::new(None),
            is_closed: RwSignal::new(false),
            known: StoredValue::new(learning::noted().report().beliefs.into_keys().collect()),
            compares: true,
            speaks: true,
        }
    }

    /// A text of the question with what was drawn.
    pub fn with(self, text: &str) -> String {
        self.drawn.with_value(|drawn| self.question.with(text, drawn))
    }

    /// Whether the answer is given, and cannot be changed any more.
    pub fn is_locked(self) -> bool {
        self.is_closed.get() || self.judged.with(Option::is_some)
    }

    /// Whether it is to be answered in one's own words.
    pub fn is_open(self) -> bool {
        matches!(self.question.task, Task::Open(_))
    }

    /// What the cluster says of what is given: none if nothing is, or if it cannot say.
    pub fn grade(self) -> Option<(Answer, Grade)> {
        let given = self.given.get_untracked()?;
        let answer = self.drawn.with_value(|drawn| self.question.try_ask_drawn(drawn)).ok()?;
        let grade = self.question.grade(&answer, &given);
        Some((answer, grade))
    }

    /// Notes what was answered.
    pub fn note(self, grade: Option<&Grade>) {
        learning::note(Deed::Answered {
            question: self.question.id.clone(),
            share: grade.map_or(0, |grade| grade.share),
            is_right: grade.is_some_and(|grade| grade.is_right),
            beliefs: grade.map(|grade| grade.beliefs.clone()).unwrap_or_default(),
        });
    }
}
