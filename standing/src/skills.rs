//! The skills map: for each concept what was seen, done, answered and kept.

use std::collections::BTreeMap;

use highwater_exercises::learning::{Deed, Learning};
use highwater_exercises::{Content, Exercise};

use crate::concepts::concepts_of;
use crate::recall::Recall;

/// How far one has come with a concept; each is more than the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Nothing yet.
    #[default]
    New,
    /// An exercise that teaches it was begun.
    Seen,
    /// Such an exercise was solved.
    Done,
    /// A question about it was answered right.
    Answered,
    /// Every question about it that was answered is kept: right when it was asked last, and not due for a week.
    Kept,
}

/// Where one stands with a concept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skill {
    /// Which.
    pub concept: String,
    /// The stage of the road at which it is met first.
    pub stage: u8,
    /// The exercises that teach it, by id.
    pub exercises: Vec<String>,
    /// The questions about it, by id.
    pub questions: Vec<String>,
    /// Whether an exercise that teaches it was begun.
    pub is_seen: bool,
    /// Whether one of them was solved, or the challenge of its stage.
    pub is_done: bool,
    /// How many of the questions were answered.
    pub answered: usize,
    /// How many were right when they were asked last.
    pub right: usize,
    /// How many are kept.
    pub kept: usize,
}

impl Skill {
    /// How far one has come.
    pub fn step(&self) -> Step {
        match self {
            skill if skill.kept > 0 && skill.kept == skill.answered => Step::Kept,
            skill if skill.right > 0 => Step::Answered,
            skill if skill.is_done => Step::Done,
            skill if skill.is_seen || skill.answered > 0 => Step::Seen,
            _ => Step::New,
        }
    }

    /// Of how many questions the last answer was wrong.
    pub fn wrong(&self) -> usize {
        self.answered - self.right
    }
}

/// Where one stands with every concept, in the order of the road.
pub fn skills(
    content: &Content,
    learning: &Learning,
    schedule: &BTreeMap<String, Recall>,
) -> Vec<Skill> {
    let mut skills: Vec<Skill> = Vec::new();
    for (number, stage) in (1..).zip(&content.road.stages) {
        let is_passed = stage.challenge.as_ref().is_some_and(|it| learning.has_solved(it));
        for step in &stage.steps {
            for concept in &step.teaches {
                let skill = of(&mut skills, concept, number);
                skill.exercises.push(step.exercise.clone());
                skill.is_seen |= was_begun(learning, &step.exercise);
                skill.is_done |= is_passed || learning.has_solved(&step.exercise);
            }
        }
    }
    for question in &content.questions {
        let recall = schedule.get(&question.id);
        for concept in concepts_of(question, &content.road) {
            let skill = of(&mut skills, concept, question.stage);
            skill.questions.push(question.id.clone());
            skill.answered += usize::from(recall.is_some());
            skill.right += usize::from(recall.is_some_and(|recall| recall.was_right));
            skill.kept += usize::from(recall.is_some_and(Recall::is_kept));
        }
    }
    // A concept that only questions know stands with its stage.
    skills.sort_by_key(|skill| skill.stage);
    skills
}

/// The exercises that need not be done any more: solved, or skipped by the challenge of their stage.
pub(crate) fn is_past(content: &Content, learning: &Learning, exercise: &Exercise) -> bool {
    let stage = usize::from(exercise.stage).checked_sub(1);
    let stage = stage.and_then(|index| content.road.stages.get(index));
    let challenge = stage.and_then(|stage| stage.challenge.as_ref());
    learning.has_solved(&exercise.id) || challenge.is_some_and(|it| learning.has_solved(it))
}

fn of<'a>(skills: &'a mut Vec<Skill>, concept: &str, stage: u8) -> &'a mut Skill {
    let index = skills.iter().position(|skill| skill.concept == concept).unwrap_or_else(|| {
        skills.push(Skill { concept: concept.to_owned(), stage, ..Skill::default() });
        skills.len() - 1
    });
    &mut skills[index]
}

fn was_begun(learning: &Learning, id: &str) -> bool {
    learning
        .deeds
        .iter()
        .any(|noted| matches!(&noted.deed, Deed::Began { exercise } if exercise == id))
}
