//! Lessons, the glossary and misconceptions, each a file; and whether what names them finds them.

use serde::Deserialize;
use toml::Spanned;

use super::beside::Beside;
use super::exercise::SHORT;
use super::files::Files;
use super::markdown::{Terms, Writer};
use super::mistake::{Mistake, Mistakes};
use super::prose::Bounds;
use crate::expr::{Scope, Type};
use crate::model::question::Task;
use crate::model::{Content, Lesson, Misconception, Term};

/// How long a lesson may be.
const LESSON: Bounds = Bounds::new(80, 900);
/// How long a term's explanation may be.
const LONG: Bounds = Bounds::new(15, 180);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LessonFile {
    title: Spanned<String>,
    stage: Spanned<u8>,
    minutes: u8,
    text: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermFile {
    term: Spanned<String>,
    #[serde(default)]
    also: Vec<String>,
    short: Spanned<String>,
    long: Spanned<String>,
    #[serde(default)]
    see: Vec<Spanned<String>>,
    #[serde(default)]
    shows: Vec<Spanned<String>>,
    scenario: Option<Spanned<String>>,
    claims: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MisconceptionFile {
    belief: Spanned<String>,
    truth: Spanned<String>,
    scenario: Spanned<String>,
    refuted_by: Spanned<String>,
    look: Spanned<String>,
    exercise: Option<String>,
}

/// All lessons, by id.
pub fn lessons(files: &mut Files, terms: &Terms, mistakes: &mut Mistakes) -> Vec<Lesson> {
    let mut lessons = Vec::new();
    for id in files.settings("lessons") {
        let source = files.source(&format!("lessons/{id}.toml"));
        let Some(file) = source.parse::<LessonFile>(mistakes) else { continue };
        let mut writer = Writer::new(terms);
        lessons.push(Lesson {
            id,
            title: source.text(&file.title, mistakes),
            stage: source.stage(&file.stage, mistakes),
            minutes: file.minutes,
            text_html: writer.value(&source, &file.text, LESSON, mistakes),
            demonstrations: writer.demonstrations,
        });
    }
    lessons
}

/// The glossary, by term.
pub fn glossary(files: &mut Files, terms: &Terms, mistakes: &mut Mistakes) -> Vec<Term> {
    let mut glossary = Vec::new();
    for id in files.settings("glossary") {
        let source = files.source(&format!("glossary/{id}.toml"));
        let Some(file) = source.parse::<TermFile>(mistakes) else { continue };
        for other in file.see.iter().filter(|other| terms.find(other.get_ref()).is_none()) {
            let what = format!("there is no term {}", other.get_ref());
            mistakes.add(source.mistake(other, what, "write it, or leave it out"));
        }
        if let (Some(claims), None) = (&file.claims, &file.scenario) {
            let mend = "add a scenario, or leave claims out";
            mistakes.add(source.mistake(claims, "there is nothing that could show this", mend));
        }
        glossary.push(Term {
            id,
            term: source.text(&file.term, mistakes),
            also: file.also,
            short: source.text(&file.short, mistakes),
            long_html: Writer::new(terms).value(&source, &file.long, LONG, mistakes),
            see: file
                .see
                .iter()
                .filter_map(|other| terms.find(other.get_ref()).map(|(id, _)| id.clone()))
                .collect(),
            shows: source.shows(file.shows, mistakes),
            scenario: file.scenario.map(|script| source.script(&script, mistakes)),
            claims: file
                .claims
                .map(|expr| source.expr(&expr, Type::Truth, &Scope::default(), mistakes)),
        });
    }
    glossary.sort_by_key(|term| term.term.to_lowercase());
    glossary
}

/// All misconceptions, by id.
pub fn misconceptions(
    files: &mut Files,
    terms: &Terms,
    mistakes: &mut Mistakes,
) -> Vec<Misconception> {
    let mut misconceptions = Vec::new();
    for id in files.settings("misconceptions") {
        let source = files.source(&format!("misconceptions/{id}.toml"));
        let Some(file) = source.parse::<MisconceptionFile>(mistakes) else { continue };
        misconceptions.push(Misconception {
            id,
            belief: source.text(&file.belief, mistakes),
            truth_html: Writer::new(terms).value(&source, &file.truth, SHORT, mistakes),
            scenario: source.script(&file.scenario, mistakes),
            refuted_by: source.expr(&file.refuted_by, Type::Truth, &Scope::default(), mistakes),
            look: source.text(&file.look, mistakes),
            exercise: file.exercise,
        });
    }
    misconceptions
}

/// Whether every misconception and exercise that is named is there.
pub fn check_links(content: &Content, beside: &Beside, mistakes: &mut Mistakes) {
    let mut belief = |file: String, id: &str| {
        let is_own = content.misconceptions.iter().any(|known| known.id == id);
        if !is_own && !beside.misconceptions.contains(id) {
            let mend = format!("write misconceptions/{id}.toml, or name one that is there");
            mistakes.add(Mistake::of_file(file, format!("there is no misconception {id}"), mend));
        }
    };
    for exercise in &content.exercises {
        let guesses = exercise.predictions.iter().flat_map(|prediction| &prediction.options);
        for id in guesses.filter_map(|guess| guess.misconception.as_deref()) {
            belief(format!("exercises/{}/exercise.toml", exercise.id), id);
        }
    }
    for question in &content.questions {
        let file = format!("questions/{}.toml", question.id);
        for id in question.choices().iter().filter_map(|choice| choice.misconception.as_deref()) {
            belief(file.clone(), id);
        }
        if let Task::Number { wrong, .. } | Task::Point { wrong, .. } = &question.task {
            wrong.iter().for_each(|wrong| belief(file.clone(), &wrong.misconception));
        }
    }
    for known in &content.misconceptions {
        let Some(exercise) = &known.exercise else { continue };
        let is_own = content.exercises.iter().any(|other| other.id == *exercise);
        if !is_own && !beside.exercises.contains(exercise) {
            let file = format!("misconceptions/{}.toml", known.id);
            let what = format!("there is no exercise {exercise}");
            mistakes.add(Mistake::of_file(file, what, "name one that is there, or none"));
        }
    }
}
