//! A mock interview: questions one after the other, against a clock, and a report at its end.

use std::collections::BTreeMap;

use highwater_exercises::{Content, Given, Grade, Question, Task};
use serde::{Deserialize, Serialize};

use crate::bank::minutes_for;
use crate::class::Work;
use crate::concepts::concepts_of;
use crate::shuffle::{next, shuffle};

/// A mock interview that is under way, or over: all that is needed to go on with it after a reload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mock {
    /// When it began, in milliseconds since 1970.
    pub began_ms: u64,
    /// Whether one is told after each question what was right, rather than at the end.
    pub tells: bool,
    /// Whether the clock is shown.
    pub is_timed: bool,
    /// The questions, in their order.
    pub slots: Vec<Slot>,
    /// Whether it was ended, before its last question perhaps.
    pub is_ended: bool,
    /// The class that gave it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Work>,
}

/// A question of a mock interview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Which, by id.
    pub question: String,
    /// What draws its numbers.
    pub draw: u32,
    /// How long one has thought about it.
    pub spent_ms: u64,
    /// What was answered.
    pub given: Option<Given>,
    /// What was written in one's own words.
    pub words: String,
    /// What became of it; none while it is open.
    pub judged: Option<Judged>,
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// How much of it is right, in a hundred; none if who answered has yet to compare it with a good answer.
    pub share: Option<u8>,
    /// Whether it is right.
    pub is_right: bool,
    /// The wrong beliefs that it shows, by id.
    pub beliefs: Vec<String>,
}

/// How it went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// A line for each question.
    pub lines: Vec<Line>,
    /// How many are right.
    pub right: usize,
    /// How many wait to be compared with a good answer by who gave them.
    pub to_compare: usize,
    /// How long it took.
    pub spent_ms: u64,
    /// How long it might have taken.
    pub limit_ms: u64,
    /// The wrong beliefs that were shown, and how often: the most frequent first.
    pub beliefs: Vec<(String, usize)>,
    /// What to go over again, what went wrong most often first.
    pub review: Vec<Review>,
}

/// One question of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the interview, from 0.
    pub place: usize,
    /// Which, by id.
    pub question: String,
    /// What became of it; none if it was not come to.
    pub judged: Option<Judged>,
    /// Whether anything was answered.
    pub is_answered: bool,
    /// How long one has thought about it.
    pub spent_ms: u64,
    /// How long one might have.
    pub limit_ms: u64,
}

/// A concept to go over again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Which.
    pub concept: String,
    /// How many of its questions went wrong.
    pub wrong: usize,
    /// Of how many.
    pub of: usize,
    /// The exercise that teaches it, if there is one.
    pub exercise: Option<String>,
}

impl Mock {
    /// An interview of so many of these questions, as a seed draws them: about as many different things as there are.
    pub fn draw(found: &[&Question], content: &Content, seed: u64, count: usize) -> Self {
        let mut pool: Vec<&Question> = found.to_vec();
        shuffle(&mut pool, seed);
        let mut state = seed;
        let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
        let mut slots = Vec::new();
        while slots.len() < count && !pool.is_empty() {
            let often = |question: &Question| -> usize {
                let concepts = concepts_of(question, &content.road);
                concepts.iter().map(|it| asked.get(it).copied().unwrap_or(0)).sum()
            };
            let rarest = pool.iter().enumerate().min_by_key(|(_, question)| often(question));
            let question = pool.remove(rarest.map_or(0, |(index, _)| index));
            for concept in concepts_of(question, &content.road) {
                *asked.entry(concept).or_default() += 1;
            }
            slots.push(Slot::new(&question.id, (next(&mut state) >> 40) as u32));
        }
        // Interviews go from what is easy to what is not.
        let level = |slot: &Slot| {
            let question = found.iter().find(|question| question.id == slot.question);
            question.map(|question| question.level)
        };
        slots.sort_by_key(level);
        Self { began_ms: 0, tells: false, is_timed: true, slots, is_ended: false, class: None }
    }

    /// The place of the first question that is open; none when it is over.
    pub fn place(&self) -> Option<usize> {
        if self.is_ended {
            return None;
        }
        self.slots.iter().position(|slot| slot.judged.is_none())
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.place().is_none()
    }

    /// Leaves out what nobody knows any more.
    pub fn known(mut self, is_known: impl Fn(&str) -> bool) -> Self {
        self.slots.retain(|slot| is_known(&slot.question));
        self
    }

    /// How it went. A question may be of a pack: it is found by whoever asks.
    pub fn report<'a>(
        &self,
        content: &'a Content,
        find: impl Fn(&str) -> Option<&'a Question>,
    ) -> Report {
        let mut report = Report::default();
        let mut concepts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (place, slot) in self.slots.iter().enumerate() {
            let Some(question) = find(&slot.question) else { continue };
            let judged = slot.judged.clone();
            let waits = judged.as_ref().is_some_and(|judged| judged.share.is_none());
            let is_right = judged.as_ref().is_some_and(|judged| judged.is_right);
            let limit_ms = u64::from(minutes_for(question)) * 60_000;
            report.right += usize::from(is_right);
            report.to_compare += usize::from(waits);
            report.spent_ms += slot.spent_ms;
            report.limit_ms += limit_ms;
            if judged.is_some() && !waits {
                for concept in concepts_of(question, &content.road) {
                    let (wrong, of) = concepts.entry(concept).or_default();
                    (*wrong, *of) = (*wrong + usize::from(!is_right), *of + 1);
                }
            }
            for belief in judged.iter().flat_map(|judged| &judged.beliefs) {
                match report.beliefs.iter_mut().find(|(known, _)| known == belief) {
                    Some((_, times)) => *times += 1,
                    None => report.beliefs.push((belief.clone(), 1)),
                }
            }
            let is_answered = slot.given.is_some() || !slot.words.is_empty();
            let (question, spent_ms) = (slot.question.clone(), slot.spent_ms);
            report.lines.push(Line { place, question, judged, is_answered, spent_ms, limit_ms });
        }
        report.beliefs.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        report.review = review(content, &concepts);
        report
    }
}

impl Slot {
    pub(crate) fn new(question: &str, draw: u32) -> Self {
        Self {
            question: question.to_owned(),
            draw,
            spent_ms: 0,
            given: None,
            words: String::new(),
            judged: None,
        }
    }

    /// Closes it with what was found of it; who answers in own words compares later.
    pub fn close(&mut self, question: &Question, grade: Option<&Grade>) {
        let is_open = matches!(question.task, Task::Open(_));
        self.judged = Some(match grade {
            Some(grade) => Judged {
                share: Some(grade.share),
                is_right: grade.is_right,
                beliefs: grade.beliefs.clone(),
            },
            None => {
                let waits = is_open && !self.words.trim().is_empty();
                Judged { share: (!waits).then_some(0), is_right: false, beliefs: Vec::new() }
            }
        });
    }
}

fn review(content: &Content, concepts: &BTreeMap<&str, (usize, usize)>) -> Vec<Review> {
    let steps = || content.road.stages.iter().flat_map(|stage| &stage.steps);
    let wrong = concepts.iter().filter(|(_, (wrong, _))| *wrong > 0);
    let mut review: Vec<Review> = wrong
        .map(|(concept, (wrong, of))| {
            let mut taught = steps().filter(|step| step.teaches.iter().any(|it| it == concept));
            let exercise = taught.next().map(|step| step.exercise.clone());
            Review { concept: (*concept).to_owned(), wrong: *wrong, of: *of, exercise }
        })
        .collect();
    review.sort_by_key(|one| std::cmp::Reverse(one.wrong));
    review
}
