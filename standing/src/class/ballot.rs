//! The answers that a room chooses from.

use highwater_exercises::{Answer, Question, Solution, Task};

/// The answers that a room chooses from, and which of them are right. The options of a question; of a number or a place, what is
/// right and what wrong beliefs give, in an order that tells nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// The answers.
    pub answers: Vec<String>,
    /// The places of those that are right.
    pub right: Vec<usize>,
}

impl Ballot {
    /// Whether a question has answers to choose from.
    pub fn is_there(question: &Question) -> bool {
        match &question.task {
            Task::Number { wrong, .. } | Task::Point { wrong, .. } => !wrong.is_empty(),
            _ => !question.choices().is_empty(),
        }
    }

    /// The answers of a question, by what its run showed. The texts are as the question has them, with braces for what is drawn.
    pub fn of(question: &Question, answer: &Answer) -> Self {
        match &answer.solution {
            Solution::Choice(right) => Self::of_options(question, &[*right]),
            Solution::Choices(right) => Self::of_options(question, right),
            Solution::Number(right) => Self::with_wrong(&right.to_string(), answer),
            Solution::Point(right) => Self::with_wrong(right, answer),
            Solution::Order(_) | Solution::Open => Self { answers: Vec::new(), right: Vec::new() },
        }
    }

    fn of_options(question: &Question, right: &[usize]) -> Self {
        let order = question.shown_order();
        let text = |index: &usize| question.choices().get(*index).map(|choice| choice.text.clone());
        let answers = order.iter().filter_map(text).collect();
        let place = |right: &usize| order.iter().position(|index| index == right);
        Self { answers, right: right.iter().filter_map(place).collect() }
    }

    fn with_wrong(right: &str, answer: &Answer) -> Self {
        let wrong = answer.wrong.iter().map(ToString::to_string);
        let mut answers: Vec<String> = wrong.chain([right.to_owned()]).collect();
        answers.sort_by_key(|text| (text.parse::<i64>().unwrap_or(i64::MAX), text.clone()));
        answers.dedup();
        let right = answers.iter().position(|text| text == right).into_iter().collect();
        Self { answers, right }
    }
}
