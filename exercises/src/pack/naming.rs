//! The names under which the page knows what is in a pack: `PACK/ID`. No id of the page's own has a `/`, so that nothing
//! of a pack is ever taken for something of the page, nor of another pack.

use std::collections::BTreeSet;

use super::Opened;
use crate::model::Content;
use crate::model::playlist::Shown;
use crate::model::question::Task;

impl Opened {
    /// What is in the pack, under these names.
    pub fn named(mut self) -> Content {
        let pack = self.about.id;
        let content = &mut self.content;
        let name = |id: &mut String| *id = format!("{pack}/{id}");
        let ids = |ids: Vec<&String>| ids.into_iter().cloned().collect::<BTreeSet<String>>();
        let beliefs = ids(content.misconceptions.iter().map(|one| &one.id).collect());
        let exercises = ids(content.exercises.iter().map(|one| &one.id).collect());
        let questions = ids(content.questions.iter().map(|one| &one.id).collect());
        // What a pack names that is not its own is the page's.
        let name_belief = |id: &mut String| {
            if beliefs.contains(id) {
                name(id);
            }
        };
        for exercise in &mut content.exercises {
            name(&mut exercise.id);
            let guesses = exercise.predictions.iter_mut().flat_map(|one| &mut one.options);
            guesses.filter_map(|guess| guess.misconception.as_mut()).for_each(name_belief);
        }
        for question in &mut content.questions {
            name(&mut question.id);
            match &mut question.task {
                Task::Choose(choices)
                | Task::Predict(choices)
                | Task::FindFault(choices)
                | Task::ChooseAll(choices) => {
                    let beliefs = choices.iter_mut().filter_map(|one| one.misconception.as_mut());
                    beliefs.for_each(name_belief);
                }
                Task::Number { wrong, .. } | Task::Point { wrong, .. } => {
                    wrong.iter_mut().map(|wrong| &mut wrong.misconception).for_each(name_belief);
                }
                Task::Order(_) | Task::Open(_) => {}
            }
        }
        content.glossary.iter_mut().for_each(|term| name(&mut term.id));
        content.lessons.iter_mut().for_each(|lesson| name(&mut lesson.id));
        for playlist in &mut content.playlists {
            name(&mut playlist.id);
            for scene in &mut playlist.scenes {
                match &mut scene.shown {
                    Shown::Question { id, .. } if questions.contains(id) => name(id),
                    Shown::Belief(id) => name_belief(id),
                    _ => {}
                }
            }
        }
        for belief in &mut content.misconceptions {
            name(&mut belief.id);
            if let Some(exercise) = belief.exercise.as_mut().filter(|id| exercises.contains(*id)) {
                name(exercise);
            }
        }
        self.content
    }
}
