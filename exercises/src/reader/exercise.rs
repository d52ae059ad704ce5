//! `exercises/ID/exercise.toml`, with the texts and scenarios beside it, as an [`Exercise`].

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::files::Files;
use super::markdown::{Terms, Writer};
use super::mistake::{Mistake, Mistakes};
use super::prose::Bounds;
use super::settings::Source;
use crate::expr::functions;
use crate::expr::{Expr, Scope, Type};
use crate::model::{
    Accepted, Alternative, Button, Carry, Check, Exercise, Guess, Hint, HintLevel, Judged,
    NearMiss, Offered, Prediction, Reason,
};

/// How long the task may be: it is read before anything is done.
const TASK: Bounds = Bounds::new(25, 260);
/// How long the explanation may be.
const WHY: Bounds = Bounds::new(25, 330);
/// How long a hint, a reply or a carried question may be.
pub(super) const SHORT: Bounds = Bounds::new(2, 110);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExerciseFile {
    title: Spanned<String>,
    stage: Spanned<u8>,
    minutes: Spanned<u8>,
    summary: Spanned<String>,
    until: Spanned<String>,
    #[serde(default)]
    shows: Vec<Spanned<String>>,
    checks: Vec<CheckEntry>,
    #[serde(default)]
    buttons: Vec<ButtonEntry>,
    #[serde(default)]
    predictions: Vec<PredictionEntry>,
    hints: Vec<HintEntry>,
    near_misses: Spanned<Vec<NearMissEntry>>,
    #[serde(default)]
    alternatives: Vec<AlternativeEntry>,
    #[serde(default)]
    accepted: Vec<AcceptedEntry>,
    carry: Option<CarryEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ButtonEntry {
    says: Spanned<String>,
    line: Spanned<String>,
    #[serde(default)]
    words: Vec<String>,
    after: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckEntry {
    id: Spanned<String>,
    says: Spanned<String>,
    when: Spanned<String>,
    #[serde(default)]
    judged: Judged,
    from: Option<Spanned<String>>,
    #[serde(default)]
    unmet: BTreeMap<Reason, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PredictionEntry {
    id: Spanned<String>,
    asks: Spanned<String>,
    asked_when: Option<Spanned<String>>,
    settled_when: Spanned<String>,
    options: Spanned<Vec<GuessEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GuessEntry {
    text: Spanned<String>,
    when: Spanned<String>,
    misconception: Option<String>,
    reply: Spanned<String>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptedEntry {
    change: Spanned<String>,
    because: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CarryEntry {
    asks: Spanned<String>,
    answer: Spanned<String>,
}

/// All exercises, by id.
pub fn read_all(files: &mut Files, terms: &Terms, mistakes: &mut Mistakes) -> Vec<Exercise> {
    let ids = files.folders("exercises");
    ids.into_iter().filter_map(|id| read(files, id, terms, mistakes)).collect()
}

fn read(files: &mut Files, id: String, terms: &Terms, mistakes: &mut Mistakes) -> Option<Exercise> {
    let folder = format!("exercises/{id}");
    let source = files.needed(&format!("{folder}/exercise.toml"), mistakes)?;
    let file: ExerciseFile = source.parse(mistakes)?;
    let checks = checks(&source, file.checks, mistakes);
    let mut writer = Writer::new(terms);
    let hints = hints(&source, file.hints, &checks, &mut writer, mistakes);
    if file.near_misses.get_ref().len() < 2 {
        let mend = "add scenarios that a learner may well try, each failing at one check";
        mistakes.add(source.mistake(
            &file.near_misses,
            "there are fewer than two near-misses",
            mend,
        ));
    }
    if !(1..=15).contains(file.minutes.get_ref()) {
        let mend = "make it 1 to 15 minutes; a longer one is several exercises";
        mistakes.add(source.mistake(&file.minutes, "it takes too long", mend));
    }
    let buttons = file.buttons.into_iter();
    let buttons = buttons.map(|entry| button(&source, entry, &checks, mistakes)).collect();
    let start = files.script(&format!("{folder}/start.hw"), mistakes);
    let predictions = file.predictions.into_iter();
    let predictions =
        predictions.map(|entry| prediction(&source, entry, &mut writer, mistakes)).collect();
    let carry = file.carry.map(|entry| Carry {
        asks_html: writer.value(&source, &entry.asks, SHORT, mistakes),
        answer_html: writer.value(&source, &entry.answer, SHORT, mistakes),
    });
    writer.start = Some(&start);
    let text_html = writer.file(files, &format!("{folder}/exercise.md"), TASK, mistakes);
    let why_html = writer.file(files, &format!("{folder}/why.md"), WHY, mistakes);
    let demonstrations = writer.demonstrations;
    let near_misses = file.near_misses.into_inner().into_iter();
    let accepted = file.accepted.into_iter();
    Some(Exercise {
        title: source.text(&file.title, mistakes),
        stage: source.stage(&file.stage, mistakes),
        minutes: file.minutes.into_inner(),
        summary: source.text(&file.summary, mistakes),
        solution: files.script(&format!("{folder}/solution.hw"), mistakes),
        near_misses: near_misses
            .map(|entry| near_miss(&source, files, &folder, entry, &checks, mistakes))
            .collect(),
        alternatives: file
            .alternatives
            .into_iter()
            .map(|entry| Alternative {
                script: named_script(&source, files, &folder, &entry.file, mistakes),
                because: source.text(&entry.because, mistakes),
                file: entry.file.into_inner(),
            })
            .collect(),
        accepted: accepted
            .map(|entry| Accepted {
                change: source.text(&entry.change, mistakes),
                because: source.text(&entry.because, mistakes),
            })
            .collect(),
        until: source.instant(&file.until, mistakes),
        shows: source.shows(file.shows, mistakes),
        text_html,
        why_html,
        demonstrations,
        carry,
        buttons,
        predictions,
        id,
        checks,
        hints,
        start,
    })
}

fn checks(source: &Source, entries: Vec<CheckEntry>, mistakes: &mut Mistakes) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    for CheckEntry { id, says, when, judged, from, unmet } in entries {
        if checks.iter().any(|check| check.id == *id.get_ref()) {
            let what = format!("there are two checks with the id {}", id.get_ref());
            mistakes.add(source.mistake(&id, what, "give one of them another"));
        }
        let expr = source.expr(&when, Type::Truth, &Scope::default(), mistakes);
        for (reason, sentence) in &unmet {
            check_reason(source, &expr, *reason, sentence, mistakes);
        }
        let says = source.text(&says, mistakes);
        let from = from.map(|from| source.instant(&from, mistakes)).unwrap_or_default();
        let unmet = unmet.into_iter().map(|(reason, sentence)| (reason, sentence.into_inner()));
        let unmet = unmet.collect();
        checks.push(Check { id: id.into_inner(), says, when: expr, judged, from, unmet });
    }
    checks
}

fn button(
    source: &Source,
    entry: ButtonEntry,
    checks: &[Check],
    mistakes: &mut Mistakes,
) -> Button {
    if entry.line.get_ref().contains("{}") == entry.words.is_empty() {
        let mend = "write {} into the line where what is typed goes, and words to propose for it; or neither";
        mistakes.add(source.mistake(
            &entry.line,
            "the line and its words do not belong together",
            mend,
        ));
    }
    if let Some(after) = &entry.after
        && checks.iter().all(|check| check.id != *after.get_ref())
    {
        let what = format!("there is no check {}", after.get_ref());
        mistakes.add(source.mistake(after, what, "write the id of one, or leave it out"));
    }
    Button {
        says: source.text(&entry.says, mistakes),
        line: source.text(&entry.line, mistakes),
        words: entry.words,
        after: entry.after.map(Spanned::into_inner),
    }
}

/// The reasons for which an expression may be unmet.
fn reasons(expr: &Expr) -> Vec<Reason> {
    let mut reasons = Reason::COMMON.to_vec();
    expr.each(&mut |part| {
        if let Expr::Call(name, _) = part {
            reasons
                .extend(functions::find(name).map(|function| function.reasons).unwrap_or_default());
        }
    });
    reasons
}

fn check_reason(
    source: &Source,
    when: &Expr,
    reason: Reason,
    sentence: &Spanned<String>,
    mistakes: &mut Mistakes,
) {
    let possible = reasons(when);
    if !possible.contains(&reason) {
        let what = format!("{} is never the reason why this check is unmet", names(&[reason]));
        let mend = format!("choose among {}", names(&possible));
        mistakes.add(source.mistake(sentence, what, mend));
    }
    let mut known: Vec<&str> = Reason::arguments(reason.sentence()).collect();
    // All reasons that a comparison brings know what was compared.
    known.extend(["found", "wanted"]);
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

fn prediction(
    source: &Source,
    entry: PredictionEntry,
    writer: &mut Writer<'_>,
    mistakes: &mut Mistakes,
) -> Prediction {
    if !(2..=5).contains(&entry.options.get_ref().len()) {
        let mend = "let there be two to five";
        mistakes.add(source.mistake(
            &entry.options,
            "there are too few options, or too many",
            mend,
        ));
    }
    let scope = Scope::default();
    let options = entry.options.into_inner().into_iter().map(|guess| Guess {
        text: source.text(&guess.text, mistakes),
        when: source.expr(&guess.when, Type::Truth, &scope, mistakes),
        misconception: guess.misconception,
        reply_html: writer.value(source, &guess.reply, SHORT, mistakes),
    });
    let options = options.collect();
    Prediction {
        asks_html: writer.value(source, &entry.asks, SHORT, mistakes),
        asked_when: entry.asked_when.map(|when| source.expr(&when, Type::Truth, &scope, mistakes)),
        settled_when: source.expr(&entry.settled_when, Type::Truth, &scope, mistakes),
        id: entry.id.into_inner(),
        options,
    }
}

fn hints(
    source: &Source,
    entries: Vec<HintEntry>,
    checks: &[Check],
    writer: &mut Writer<'_>,
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
        let text_html = writer.value(source, &text, SHORT, mistakes);
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
        mistakes.add(Mistake::at(&source.path, &source.text, offset, what, mend));
    }
    hints.into_iter().map(|(_, hint)| hint).collect()
}

fn near_miss(
    source: &Source,
    files: &mut Files,
    folder: &str,
    entry: NearMissEntry,
    checks: &[Check],
    mistakes: &mut Mistakes,
) -> NearMiss {
    if !checks.iter().any(|check| check.id == *entry.fails.get_ref()) {
        mistakes.add(unknown_check(source, &entry.fails, checks));
    }
    NearMiss {
        script: named_script(source, files, folder, &entry.file, mistakes),
        believes: source.text(&entry.believes, mistakes),
        file: entry.file.into_inner(),
        fails: entry.fails.into_inner(),
    }
}

fn named_script(
    source: &Source,
    files: &mut Files,
    folder: &str,
    file: &Spanned<String>,
    mistakes: &mut Mistakes,
) -> String {
    let path = format!("{folder}/{}", file.get_ref());
    if !files.has(&path) {
        let what = format!("there is no file {}", file.get_ref());
        mistakes.add(source.mistake(file, what, "write it, or correct the name"));
        return String::new();
    }
    files.script(&path, mistakes)
}

fn unknown_check(source: &Source, id: &Spanned<String>, checks: &[Check]) -> Mistake {
    let known: Vec<&str> = checks.iter().map(|check| check.id.as_str()).collect();
    let what = format!("there is no check {}", id.get_ref());
    source.mistake(id, what, format!("name one of {}", known.join(", ")))
}
