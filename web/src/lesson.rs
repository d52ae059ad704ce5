//! Lessons: each tells a stage of the road as a story, with clusters that run in it.

use highwater_exercises::{Exercise, Lesson};
use leptos::prelude::*;

use crate::learn::stage_name;
use crate::prose::Prose;
use crate::shows::Shows;

/// What a lesson leaves out, whatever the exercises of its stage draw: a reader follows one thing at a time.
const OWN_AFFAIRS: [&str; 3] = ["controllers", "internal-topics", "requests"];

/// The lesson of that id.
pub fn find(id: &str) -> Option<&'static Lesson> {
    highwater_exercises::taught().lessons.iter().find(|lesson| lesson.id == id)
}

/// The lesson that a stage begins with.
pub fn first(stage: u8) -> Option<&'static Lesson> {
    highwater_exercises::taught().lessons.iter().find(|lesson| lesson.stage == stage)
}

/// The links to the lessons of a stage, as they stand before its exercises.
pub fn links(stage: usize) -> AnyView {
    let lessons = highwater_exercises::taught().lessons.iter();
    let link = |lesson: &'static Lesson| {
        view! {
            <p class="lesson">
                <a href=format!("#/lesson/{}", lesson.id)>{t!("learn.lesson", title = lesson.title)}</a>
                <span class="over">{t!("learn.about-minutes", minutes = lesson.minutes)}</span>
            </p>
        }
    };
    let of_stage = lessons.filter(|lesson| usize::from(lesson.stage) == stage);
    of_stage.map(link).collect_view().into_any()
}

/// A lesson, on a page of its own.
#[component]
pub fn LessonPage(lesson: &'static Lesson) -> impl IntoView {
    view! {
        <main class="prose">
            <p class="over"><a href="#/learn">{t!("learn.learn")}</a></p>
            <h1>{lesson.title.as_str()}</h1>
            <p class="lead">{t!("learn.minutes", stage = stage_name(lesson.stage), minutes = lesson.minutes)}</p>
            <Prose html=lesson.text_html.as_str() demonstrations=lesson.demonstrations.as_slice()
                shows=shows(lesson.stage) is_wide=true/>
            {first_exercise(lesson.stage).map(|first| view! {
                <p class="sources">
                    <a class="button main" href=format!("#/learn/{}", first.id)>{t!("learn.begin-with", title = first.title)}</a>
                </p>
            })}
        </main>
    }
    .into_any()
}

/// The exercise that a stage begins with.
fn first_exercise(stage: u8) -> Option<&'static Exercise> {
    let stages = &highwater_exercises::road().stages;
    let step = stages.get(usize::from(stage).checked_sub(1)?)?.steps.first()?;
    highwater_exercises::all().iter().find(|exercise| exercise.id == step.exercise)
}

/// What the exercises of a stage draw: what comes later on the road is not drawn.
fn shows(stage: u8) -> Shows {
    let exercises = highwater_exercises::all().iter().filter(|exercise| exercise.stage == stage);
    let words = exercises.flat_map(|exercise| &exercise.shows);
    let words = words.filter(|word| !OWN_AFFAIRS.contains(&word.as_str()));
    Shows::of(&words.cloned().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shows::Shown;

    #[test]
    fn every_stage_with_exercises_has_a_lesson_that_leads_to_them() {
        for (index, stage) in highwater_exercises::road().stages.iter().enumerate() {
            let number = index as u8 + 1;
            let lessons = &highwater_exercises::taught().lessons;
            let count = lessons.iter().filter(|lesson| lesson.stage == number).count();
            assert_eq!(count, usize::from(!stage.steps.is_empty()), "stage {number}");
            let first = first_exercise(number).map(|exercise| exercise.id.as_str());
            assert_eq!(first, stage.steps.first().map(|step| step.exercise.as_str()));
        }
    }

    #[test]
    fn a_lesson_draws_what_its_stage_teaches() {
        assert!(shows(1).has(Shown::Offsets) && !shows(1).has(Shown::Partitions));
        assert!(shows(2).has(Shown::Isr) && !shows(2).has(Shown::Controllers));
        assert!(shows(5).has(Shown::Lag) && !shows(5).has(Shown::InternalTopics));
    }
}
