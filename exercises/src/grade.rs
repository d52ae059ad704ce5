//! Grading what somebody answered.

use serde::{Deserialize, Serialize};

use crate::ask::{Answer, Solution};
use crate::eval::Value;
use crate::model::question::{Question, Rubric, Task};

/// What somebody answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// The index of an option.
    Choice(usize),
    /// The indexes of options.
    Choices(Vec<usize>),
    /// The indexes of the items, in an order.
    Order(Vec<usize>),
    /// A number.
    Number(i64),
    /// What was pointed at.
    Point(String),
    /// Which points of the rubric the answer had, in one's own judgement: first what it contains, then
    /// what separates.
    Open(Vec<bool>),
}

/// What an answer is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grade {
    /// Whether it is right.
    pub is_right: bool,
    /// How much of it is right, in a hundred.
    pub share: u8,
    /// The wrong beliefs that it shows, by their ids.
    pub beliefs: Vec<String>,
    /// What to say, in HTML.
    pub replies: Vec<String>,
}

impl Question {
    /// Grades what was given by what the run showed. What does not fit the kind of the question is wrong.
    pub fn grade(&self, answer: &Answer, given: &Given) -> Grade {
        match (&answer.solution, given) {
            (Solution::Choice(right), Given::Choice(chosen)) => {
                self.graded(share(usize::from(right == chosen), 1), &[*chosen], &[*right])
            }
            (Solution::Choices(right), Given::Choices(chosen)) => self.graded_all(right, chosen),
            (Solution::Order(right), Given::Order(order)) => {
                let pairs = right.len().saturating_sub(1);
                let place = |item: &usize| order.iter().position(|known| known == item);
                let kept = right.windows(2).filter(|pair| {
                    matches!((place(&pair[0]), place(&pair[1])), (Some(a), Some(b)) if a < b)
                });
                let is_whole = order == right;
                Grade { is_right: is_whole, ..self.graded(share(kept.count(), pairs), &[], &[]) }
            }
            (Solution::Number(right), Given::Number(number)) => {
                self.graded_value(answer, right == number, &Value::Number(*number))
            }
            (Solution::Point(right), Given::Point(pointed)) => {
                let pointed = pointed.trim();
                let value =
                    pointed.parse().map_or_else(|_| Value::Text(pointed.to_owned()), Value::Number);
                self.graded_value(answer, right == pointed, &value)
            }
            (Solution::Open, Given::Open(had)) => match &self.task {
                Task::Open(rubric) => graded_open(rubric, had),
                _ => Grade::wrong(),
            },
            _ => Grade::wrong(),
        }
    }

    /// A share, with what is to be said of some options, of which some are right.
    fn graded(&self, share: u8, of: &[usize], right: &[usize]) -> Grade {
        let options = of
            .iter()
            .filter_map(|index| Some((right.contains(index), self.choices().get(*index)?)));
        let (mut beliefs, mut replies) = (Vec::new(), Vec::new());
        for (is_right, choice) in options {
            // In a template an option may be right for one draw, and wrong for another. If it names a belief,
            // its reply is for the draws in which it is wrong, and else for those in which it is right.
            if self.is_template() && is_right == choice.misconception.is_some() {
                continue;
            }
            beliefs.extend(choice.misconception.clone());
            replies.push(choice.reply_html.clone());
        }
        Grade { is_right: share == 100, share, beliefs, replies }
    }

    /// Each option counts: chosen as it should be, or left alone as it should be. What is wrong, and what
    /// was left out, is replied to.
    fn graded_all(&self, right: &[usize], chosen: &[usize]) -> Grade {
        let count = self.choices().len();
        let is_right = |index: &usize| right.contains(index) == chosen.contains(index);
        let missed: Vec<usize> = (0..count).filter(|index| !is_right(index)).collect();
        // Who left a right one out holds no belief that it names.
        self.graded(share(count - missed.len(), count), &missed, right)
    }

    fn graded_value(&self, answer: &Answer, is_right: bool, given: &Value) -> Grade {
        if is_right {
            return Grade { is_right, share: 100, beliefs: Vec::new(), replies: Vec::new() };
        }
        let (Task::Number { wrong, .. } | Task::Point { wrong, .. }) = &self.task else {
            return Grade::wrong();
        };
        let known = wrong.iter().zip(&answer.wrong).filter(|(_, value)| *value == given);
        let (mut beliefs, mut replies) = (Vec::new(), Vec::new());
        for (wrong, _) in known {
            beliefs.push(wrong.misconception.clone());
            replies.push(wrong.reply_html.clone());
        }
        Grade { beliefs, replies, ..Grade::wrong() }
    }
}

/// An answer is right if it has all that a good one contains; what separates makes it complete.
fn graded_open(rubric: &Rubric, had: &[bool]) -> Grade {
    let all = rubric.contains.len() + rubric.separates.len();
    let has = |index: usize| had.get(index).copied().unwrap_or(false);
    let count = (0..all).filter(|index| has(*index)).count();
    let is_right = (0..rubric.contains.len()).all(has);
    Grade { is_right, share: share(count, all), beliefs: Vec::new(), replies: Vec::new() }
}

impl Grade {
    fn wrong() -> Self {
        Self { is_right: false, share: 0, beliefs: Vec::new(), replies: Vec::new() }
    }
}

/// So many of so many, in a hundred.
fn share(part: usize, all: usize) -> u8 {
    u8::try_from(part * 100 / all.max(1)).unwrap_or(100)
}
