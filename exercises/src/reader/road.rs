//! `road.toml`: the stages, and what comes after what.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::files::Files;
use super::mistake::{Mistake, Mistakes};
use crate::model::{Content, Road, Stage, Step};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoadFile {
    #[serde(default)]
    designs: Vec<String>,
    stages: Vec<StageEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageEntry {
    title: Spanned<String>,
    after: Spanned<String>,
    missing: Option<Spanned<String>>,
    #[serde(default)]
    steps: Vec<StepEntry>,
    challenge: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepEntry {
    exercise: String,
    teaches: Vec<String>,
    #[serde(default)]
    needs: Vec<String>,
}

/// Reads the road. Content of another folder has none: its exercises stand beside it.
pub fn read(files: &mut Files, mistakes: &mut Mistakes) -> Road {
    if !files.has("road.toml") {
        return Road::default();
    }
    let source = files.source("road.toml");
    let Some(file) = source.parse::<RoadFile>(mistakes) else { return Road::default() };
    let stage = |entry: StageEntry| Stage {
        title: source.text(&entry.title, mistakes),
        after: source.text(&entry.after, mistakes),
        missing: entry.missing.map(|text| source.text(&text, mistakes)),
        challenge: entry.challenge,
        steps: entry
            .steps
            .into_iter()
            .map(|step| Step { exercise: step.exercise, teaches: step.teaches, needs: step.needs })
            .collect(),
    };
    Road { designs: file.designs, stages: file.stages.into_iter().map(stage).collect() }
}

/// Whether the road leads from concept to concept, and by every exercise.
pub fn check(content: &Content, files: &Files, mistakes: &mut Mistakes) {
    if content.road.stages.is_empty() {
        return;
    }
    let text = files.text("road.toml");
    let mut wrong = |quoted: &str, what: String, mend: &str| {
        let offset = text.find(&format!("\"{quoted}\"")).unwrap_or_default();
        mistakes.add(Mistake::at("road.toml", text, offset, what, mend));
    };
    let mut taught: BTreeSet<&str> = BTreeSet::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (index, stage) in content.road.stages.iter().enumerate() {
        let number = index + 1;
        for step in &stage.steps {
            let exercise = &step.exercise;
            match content.exercises.iter().find(|known| known.id == *exercise) {
                None => wrong(
                    exercise,
                    format!("there is no exercise {exercise}"),
                    "write it, or take it from the road",
                ),
                Some(known) if usize::from(known.stage) != number => {
                    let what = format!("{exercise} says that it belongs to stage {}", known.stage);
                    wrong(exercise, what, "correct its stage, or move it");
                }
                Some(_) => {}
            }
            if !seen.insert(exercise) {
                wrong(exercise, format!("{exercise} is on the road twice"), "take it out once");
            }
            for need in step.needs.iter().filter(|need| !taught.contains(need.as_str())) {
                let what = format!("{exercise} needs {need}, which nothing before it teaches");
                wrong(exercise, what, "teach it earlier, or move the exercise back");
            }
            taught.extend(step.teaches.iter().map(String::as_str));
        }
        if let Some(challenge) = &stage.challenge
            && stage.steps.last().is_none_or(|last| last.exercise != *challenge)
        {
            let what = format!("the challenge {challenge} is not the last step of its stage");
            wrong(challenge, what, "let it be the last of the steps");
        }
        if stage.steps.is_empty() && stage.missing.is_none() {
            let what = format!("stage {number} has no exercises");
            wrong(
                &stage.title,
                what,
                "add steps, or say with missing = \"..\" why they are not there yet",
            );
        }
    }
    for design in &content.road.designs {
        if !content.exercises.iter().any(|known| known.id == *design) {
            wrong(
                design,
                format!("there is no exercise {design}"),
                "write it, or take it from designs",
            );
        }
        if !seen.insert(design) {
            let mend = "leave it in one place";
            wrong(design, format!("{design} is on the road, or among the designs, twice"), mend);
        }
    }
    for exercise in content.exercises.iter().filter(|known| !seen.contains(known.id.as_str())) {
        let what = format!("the exercise {} is not on the road", exercise.id);
        let mend =
            "add a step for it to its stage, with what it teaches and needs, or name it in designs";
        mistakes.add(Mistake::of_file("road.toml", what, mend));
    }
}

/// Puts exercises in the order of the road, and questions by stage.
pub fn order(content: &mut Content) {
    let steps = content.road.stages.iter().flat_map(|stage| &stage.steps);
    let steps = steps.map(|step| &step.exercise);
    let road: Vec<String> = steps.chain(&content.road.designs).cloned().collect();
    let place = |id: &str| road.iter().position(|known| known == id).unwrap_or(road.len());
    content
        .exercises
        .sort_by(|a, b| (place(&a.id), a.stage, &a.id).cmp(&(place(&b.id), b.stage, &b.id)));
    content.questions.sort_by(|a, b| (a.stage, a.level, &a.id).cmp(&(b.stage, b.level, &b.id)));
}
