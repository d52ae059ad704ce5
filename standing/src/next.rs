//! What is next, and why.

use std::collections::BTreeMap;

use highwater_exercises::Content;
use highwater_exercises::learning::Learning;

use crate::beliefs::beliefs;
use crate::clock::Day;
use crate::queue::{queue, wrong_last};
use crate::recall::Recall;
use crate::skills::{Step, is_past, skills};

/// Something to do next. Which it is says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Questions are due: their time has come, and later they would be forgotten.
    Due {
        /// How many.
        count: usize,
    },
    /// An exercise was begun and is not solved.
    GoOn {
        /// Which.
        exercise: String,
    },
    /// Questions were answered wrong when they were asked last.
    Wrong {
        /// How many.
        count: usize,
    },
    /// A wrong belief was shown, and nothing was done right since that would mend it.
    Mend {
        /// Which.
        belief: String,
    },
    /// The exercise that follows on the road.
    Learn {
        /// Which.
        exercise: String,
        /// The concepts that it teaches.
        teaches: Vec<String>,
    },
    /// A concept was learnt, and never asked for.
    Ask {
        /// Which.
        concept: String,
        /// A question about it.
        question: String,
    },
}

/// So many things are proposed at most.
const MOST: usize = 3;

/// What is next, the most urgent first.
pub fn suggest(
    content: &Content,
    learning: &Learning,
    schedule: &BTreeMap<String, Recall>,
    today: Day,
) -> Vec<Next> {
    let is_known = |id: &str| content.questions.iter().any(|question| question.id == id);
    let due = queue(schedule, is_known, today).due.len();
    let wrong = wrong_last(schedule, is_known);
    // What is due today anyway is not proposed twice.
    let wrong = wrong.iter().filter(|id| schedule[*id].due > today).count();
    let is_past = |id: &String| {
        let exercise = content.exercises.iter().find(|one| one.id == *id);
        exercise.is_none_or(|exercise| is_past(content, learning, exercise))
    };
    let begun = learning.report().stopped_at.filter(|id| !is_past(id));
    let mut steps = content.road.stages.iter().flat_map(|stage| &stage.steps);
    let follows =
        steps.find(|step| !is_past(&step.exercise) && begun.as_ref() != Some(&step.exercise));
    let shown = beliefs(content, learning).into_iter().filter_map(|one| {
        let shown = one.shown.filter(|shown| !shown.is_mended)?;
        Some((shown.last_ms, one.belief.id.clone()))
    });
    let asked = skills(content, learning, schedule).into_iter().find_map(|skill| {
        let is_unasked = skill.step() == Step::Done && skill.answered == 0;
        let question = skill.questions.first().filter(|_| is_unasked)?.clone();
        Some(Next::Ask { concept: skill.concept, question })
    });
    let all = [
        (due > 0).then_some(Next::Due { count: due }),
        begun.map(|exercise| Next::GoOn { exercise }),
        (wrong > 0).then_some(Next::Wrong { count: wrong }),
        shown.max().map(|(_, belief)| Next::Mend { belief }),
        follows.map(|step| Next::Learn {
            exercise: step.exercise.clone(),
            teaches: step.teaches.clone(),
        }),
        asked,
    ];
    all.into_iter().flatten().take(MOST).collect()
}
