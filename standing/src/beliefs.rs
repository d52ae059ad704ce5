//! The map of wrong beliefs: what refutes each, what it is tied to, and which of them one has shown.

use std::collections::BTreeMap;

use highwater_exercises::learning::{Deed, Learning};
use highwater_exercises::{Content, Exercise, Misconception, Question, Step, Task};

use crate::concepts::concepts_of;

/// A wrong belief, and what belongs to it.
#[derive(Clone, Debug)]
pub struct OfBelief<'a> {
    /// The belief.
    pub belief: &'a Misconception,
    /// The stage of the road at which it comes up first; none if nothing is tied to it.
    pub stage: Option<u8>,
    /// What it is about.
    pub concepts: Vec<String>,
    /// The questions of which it gives a wrong answer.
    pub questions: Vec<&'a Question>,
    /// The exercises that mend it, or have one guess it.
    pub exercises: Vec<&'a Exercise>,
    /// Whether one has shown it.
    pub shown: Option<Shown>,
}

/// That one has shown a belief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// How often.
    pub times: u32,
    /// When last, in milliseconds since 1970.
    pub last_ms: u64,
    /// Whether something tied to it was done right since: a question answered, or an exercise solved.
    pub is_mended: bool,
}

/// All wrong beliefs, by stage.
pub fn beliefs<'a>(content: &'a Content, learning: &Learning) -> Vec<OfBelief<'a>> {
    let mut questions: BTreeMap<&str, Vec<&Question>> = BTreeMap::new();
    for question in &content.questions {
        for belief in beliefs_in(question) {
            let tied = questions.entry(belief).or_default();
            if tied.last().is_none_or(|last| last.id != question.id) {
                tied.push(question);
            }
        }
    }
    let mut shown = shown(learning);
    let of = |belief: &'a Misconception| {
        let questions = questions.remove(belief.id.as_str()).unwrap_or_default();
        let exercises: Vec<&Exercise> =
            content.exercises.iter().filter(|one| is_tied(one, belief)).collect();
        let stages =
            exercises.iter().map(|one| one.stage).chain(questions.iter().map(|it| it.stage));
        let stage = stages.min();
        let concepts = concepts(content, belief, &exercises, &questions);
        let shown = shown.remove(&belief.id).map(|(times, last_ms)| {
            let is_mended = is_mended(learning, last_ms, &exercises, &questions);
            Shown { times, last_ms, is_mended }
        });
        OfBelief { belief, stage, concepts, questions, exercises, shown }
    };
    let mut all: Vec<OfBelief> = content.misconceptions.iter().map(of).collect();
    all.sort_by_key(|one| one.stage.unwrap_or(u8::MAX));
    all
}

/// The beliefs that give a wrong answer to a question.
fn beliefs_in(question: &Question) -> impl Iterator<Item = &str> {
    let wrong = match &question.task {
        Task::Number { wrong, .. } | Task::Point { wrong, .. } => wrong.as_slice(),
        _ => &[],
    };
    let chosen = question.choices().iter().filter_map(|choice| choice.misconception.as_deref());
    chosen.chain(wrong.iter().map(|wrong| wrong.misconception.as_str()))
}

fn is_tied(exercise: &Exercise, belief: &Misconception) -> bool {
    let mut guesses = exercise.predictions.iter().flat_map(|it| &it.options);
    belief.exercise.as_ref() == Some(&exercise.id)
        || guesses.any(|guess| guess.misconception.as_ref() == Some(&belief.id))
}

/// What the exercise that mends it teaches, else what the others with it do; of a belief without any, what its questions are about.
fn concepts(
    content: &Content,
    belief: &Misconception,
    exercises: &[&Exercise],
    questions: &[&Question],
) -> Vec<String> {
    let mends = |step: &&Step| belief.exercise.as_ref().is_none_or(|it| step.exercise == *it);
    let steps = content.road.stages.iter().flat_map(|stage| &stage.steps).filter(mends);
    let taught = steps.filter(|step| exercises.iter().any(|one| one.id == step.exercise));
    let mut concepts: Vec<String> = taught.flat_map(|step| step.teaches.clone()).collect();
    if concepts.is_empty() {
        let asked = questions.iter().flat_map(|question| concepts_of(question, &content.road));
        concepts = asked.map(str::to_owned).collect();
    }
    let mut unlike: Vec<String> = Vec::new();
    for concept in concepts {
        if !unlike.contains(&concept) {
            unlike.push(concept);
        }
    }
    unlike
}

/// How often each belief was shown, and when last.
fn shown(learning: &Learning) -> BTreeMap<String, (u32, u64)> {
    let mut shown = BTreeMap::new();
    for noted in &learning.deeds {
        let beliefs = match &noted.deed {
            Deed::Answered { beliefs, .. } => beliefs.as_slice(),
            Deed::Guessed { belief, is_right: false, .. } => belief.as_slice(),
            _ => &[],
        };
        for belief in beliefs {
            let (times, last_ms) = shown.entry(belief.clone()).or_insert((0_u32, 0));
            (*times, *last_ms) = (times.saturating_add(1), noted.at_ms.max(*last_ms));
        }
    }
    shown
}

fn is_mended(
    learning: &Learning,
    since_ms: u64,
    exercises: &[&Exercise],
    questions: &[&Question],
) -> bool {
    learning.deeds.iter().filter(|noted| noted.at_ms > since_ms).any(|noted| match &noted.deed {
        Deed::Solved { exercise } => exercises.iter().any(|one| one.id == *exercise),
        Deed::Answered { question, is_right: true, .. } => {
            questions.iter().any(|one| one.id == *question)
        }
        _ => false,
    })
}
