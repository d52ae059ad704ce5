//! `exercise.toml`, with the texts and scenarios beside it, as an [`Exercise`].

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::folder::Folder;
use crate::mistake::Mistakes;
use crate::model::{
    Alternative, Check, Condition, Exercise, Hint, HintLevel, NearMiss, Offered, Reason,
};
use crate::settings::Source;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExerciseFile {
    title: Spanned<String>,
    stage: Spanned<u8>,
    minutes: u8,
    summary: Spanned<String>,
    until: Spanned<String>,
    checks: Vec<CheckEntry>,
    hints: Vec<HintEntry>,
    near_misses: Spanned<Vec<NearMissEntry>>,
    #[serde(default)]
    alternatives: Vec<AlternativeEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckEntry {
    id: Spanned<String>,
    says: Spanned<String>,
    when: Condition,
    #[serde(default)]
    unmet: BTreeMap<Reason, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HintEntry {
    check: Spanned<String>,
    level: Spanned<HintLevel>,
    text: Spanned<String>,
    line: Option<Spanned<String>>,
    #[serde(default)]
    offered: Offered,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NearMissEntry {
    file: Spanned<String>,
    fails: Spanned<String>,
    believes: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlternativeEntry {
    file: Spanned<String>,
    because: Spanned<String>,
}

/// Compiles a folder that holds an exercise.
pub fn compile(folder: &mut Folder, mistakes: &mut Mistakes) -> Option<Exercise> {
    let source = folder.source("exercise.toml");
    let file: ExerciseFile = source.parse(mistakes)?;
    let checks = checks(&source, file.checks, mistakes);
    let hints = hints(&source, file.hints, &checks, mistakes);
    if file.near_misses.get_ref().len() < 2 {
        let mend = "add scenarios that a learner may well try, each failing at one check";
        mistakes.add(source.mistake(
            &file.near_misses,
            "there are fewer than two near-misses",
            mend,
        ));
    }
    let mut own_script = |name| {
        folder.script(name).unwrap_or_else(|mistake| {
            mistakes.add(mistake);
            String::new()
        })
    };
    let (start, solution) = (own_script("start.hw"), own_script("solution.hw"));
    let near_misses = file.near_misses.into_inner();
    Some(Exercise {
        title: source.text(&file.title, mistakes),
        stage: source.stage(&file.stage, mistakes),
        minutes: file.minutes,
        summary: source.text(&file.summary, mistakes),
        text_html: folder.markdown("exercise.md", mistakes),
        why_html: folder.markdown("why.md", mistakes),
        near_misses: near_misses
            .into_iter()
            .map(|entry| near_miss(&source, folder, entry, &checks, mistakes))
            .collect(),
        alternatives: file
            .alternatives
            .into_iter()
            .map(|entry| Alternative {
                script: named_script(&source, folder, &entry.file, mistakes),
                because: source.text(&entry.because, mistakes),
                file: entry.file.into_inner(),
            })
            .collect(),
        until: source.instant(&file.until, mistakes),
        id: folder.id.clone(),
        checks,
        hints,
        start,
        solution,
    })
}

fn checks(source: &Source, entries: Vec<CheckEntry>, mistakes: &mut Mistakes) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    for CheckEntry { id, says, when, unmet } in entries {
        if checks.iter().any(|check| check.id == *id.get_ref()) {
            let what = format!("there are two checks with the id {}", id.get_ref());
            mistakes.add(source.mistake(&id, what, "give one of them another"));
        }
        for (reason, sentence) in &unmet {
            check_reason(source, &when, *reason, sentence, mistakes);
        }
        let says = source.text(&says, mistakes);
        let unmet = unmet.into_iter().map(|(reason, sentence)| (reason, sentence.into_inner()));
        checks.push(Check { id: id.into_inner(), says, when, unmet: unmet.collect() });
    }
    checks
}

fn check_reason(
    source: &Source,
    when: &Condition,
    reason: Reason,
    sentence: &Spanned<String>,
    mistakes: &mut Mistakes,
) {
    if !when.reasons().contains(&reason) {
        let what = format!("{} is never the reason why this check is unmet", names(&[reason]));
        let mend = format!("choose among {}", names(when.reasons()));
        mistakes.add(source.mistake(sentence, what, mend));
    }
    let known: Vec<&str> = Reason::arguments(reason.sentence()).collect();
    for unknown in Reason::arguments(sentence.get_ref()).filter(|name| !known.contains(name)) {
        let what = format!("nothing fills {{{unknown}}} in");
        mistakes.add(source.mistake(sentence, what, format!("use only {known:?}")));
    }
}

/// Reasons as an author writes them.
fn names(reasons: &[Reason]) -> String {
    serde_json::to_string(reasons)
        .unwrap_or_default()
        .replace(['[', ']', '"'], "")
        .replace(',', ", ")
}

fn hints(
    source: &Source,
    entries: Vec<HintEntry>,
    checks: &[Check],
    mistakes: &mut Mistakes,
) -> Vec<Hint> {
    let mut hints: Vec<(usize, Hint)> = Vec::new();
    for HintEntry { check, level, text, line, offered } in entries {
        let Some(index) = checks.iter().position(|known| known.id == *check.get_ref()) else {
            mistakes.add(unknown_check(source, &check, checks));
            continue;
        };
        let grade = *level.get_ref();
        let before = hints.last().map(|(index, hint)| (*index, hint.level));
        if before.is_some_and(|before| before >= (index, grade)) {
            let mend = "order hints by check, and for each check: where, idea, step, solution";
            mistakes.add(source.mistake(
                &level,
                "this hint gives away less than the one before",
                mend,
            ));
        }
        if (grade == HintLevel::Solution) != line.is_some() {
            let mend = "give a line to hints of the level solution, and to no others";
            mistakes.add(source.mistake(
                &level,
                "a solution is a line to type, and only a solution is",
                mend,
            ));
        }
        let text_html = source.markdown(&text, mistakes);
        let line = line.map(Spanned::into_inner);
        hints.push((
            index,
            Hint { check: check.into_inner(), level: grade, text_html, line, offered },
        ));
    }
    for check in checks.iter().filter(|check| !hints.iter().any(|(_, hint)| hint.check == check.id))
    {
        let what = format!("the check {} has no hint", check.id);
        let offset = source.text.find(&format!("\"{}\"", check.id)).unwrap_or_default();
        let mend = "write at least one, of the level where";
        mistakes.add(crate::mistake::Mistake::at(&source.path, &source.text, offset, what, mend));
    }
    hints.into_iter().map(|(_, hint)| hint).collect()
}

fn near_miss(
    source: &Source,
    folder: &mut Folder,
    entry: NearMissEntry,
    checks: &[Check],
    mistakes: &mut Mistakes,
) -> NearMiss {
    if !checks.iter().any(|check| check.id == *entry.fails.get_ref()) {
        mistakes.add(unknown_check(source, &entry.fails, checks));
    }
    NearMiss {
        script: named_script(source, folder, &entry.file, mistakes),
        believes: source.text(&entry.believes, mistakes),
        file: entry.file.into_inner(),
        fails: entry.fails.into_inner(),
    }
}

fn named_script(
    source: &Source,
    folder: &mut Folder,
    file: &Spanned<String>,
    mistakes: &mut Mistakes,
) -> String {
    if !folder.has(file.get_ref()) {
        let what = format!("there is no file {}", file.get_ref());
        mistakes.add(source.mistake(file, what, "write it, or correct the name"));
        return String::new();
    }
    folder.script(file.get_ref()).unwrap_or_else(|mistake| {
        mistakes.add(mistake);
        String::new()
    })
}

fn unknown_check(
    source: &Source,
    id: &Spanned<String>,
    checks: &[Check],
) -> crate::mistake::Mistake {
    let known: Vec<&str> = checks.iter().map(|check| check.id.as_str()).collect();
    let what = format!("there is no check {}", id.get_ref());
    source.mistake(id, what, format!("name one of {}", known.join(", ")))
}
