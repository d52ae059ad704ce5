//! The proof of content: an exercise's start does not solve it, its solutions do, each near-miss fails
//! at the check it was written for; a question has exactly one right answer.

use std::fmt;

use highwater_cluster::time::Time;
use highwater_scenario::narration::LogKind;
use highwater_scenario::session::Session;

use crate::check::CheckState;
use crate::model::{Exercise, HintLevel, Question};
use crate::play::{begin, play};

/// Something that is not as the content says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exercise or question.
    pub content: String,
    /// The scenario.
    pub file: String,
    /// What is not as it should be.
    pub what: String,
    /// The text of the scenario.
    pub script: String,
}

/// Proves an exercise. Empty if all is as it should be.
pub fn of_exercise(exercise: &Exercise) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut judge = |file: &str,
                     script: &str,
                     verdict: &dyn Fn(&[CheckState]) -> Result<(), String>| {
        let result = run(exercise, script).and_then(|checks| verdict(&checks));
        if let Err(what) = result {
            let (content, file, script) = (exercise.id.clone(), file.to_owned(), script.to_owned());
            failures.push(Failure { content, file, what, script });
        }
    };
    judge("start.hw", &exercise.start, &|checks| match checks.last() {
        Some(last) if last.met => {
            Err(format!("the last check, {}, is met before anything was done", last.id))
        }
        _ => told(checks),
    });
    judge("solution.hw", &exercise.solution, &|checks| {
        solved(checks).and_then(|()| hints_lead(exercise))
    });
    for alternative in &exercise.alternatives {
        judge(&alternative.file, &alternative.script, &solved);
    }
    for miss in &exercise.near_misses {
        judge(&miss.file, &miss.script, &|checks| fails_first_at(checks, &miss.fails));
    }
    failures
}

/// Proves a question. Empty if all is as it should be.
pub fn of_question(question: &Question) -> Vec<Failure> {
    let what = match question.try_ask() {
        Err(error) => Some(error.to_string()),
        Ok(answer) => question.options.iter().enumerate().find_map(|(index, option)| {
            match (index == answer.right, &option.misconception) {
                (true, Some(_)) => {
                    Some(format!("the right option is called a misconception: {}", option.text))
                }
                (false, None) => Some(format!("no misconception is named for: {}", option.text)),
                _ => None,
            }
        }),
    };
    let failure = what.map(|what| Failure {
        content: question.id.clone(),
        file: "scenario.hw".to_owned(),
        what,
        script: question.scenario.clone(),
    });
    failure.into_iter().collect()
}

/// The checks at the end of a scenario.
fn run(exercise: &Exercise, script: &str) -> Result<Vec<CheckState>, String> {
    if !script.starts_with(&exercise.start) {
        return Err(
            "it does not go on from start.hw: its first lines must be those of start.hw".to_owned()
        );
    }
    let mut session = begin(script)?;
    if session.script_end() > Time(exercise.until) {
        return Err(format!("it goes on after {} us, when it is judged", exercise.until));
    }
    play(&mut session, exercise.until)?;
    no_command_failed(&session)?;
    Ok(exercise.check(&session))
}

/// A misspelt command would make a near-miss fail for another reason than its own.
fn no_command_failed(session: &Session) -> Result<(), String> {
    let error = session
        .log()
        .iter()
        .find(|line| matches!(line.kind, LogKind::Output { is_error: true, .. }));
    error
        .map_or(Ok(()), |line| Err(format!("a command failed at {} s: {}", line.at, line.sentence)))
}

fn solved(checks: &[CheckState]) -> Result<(), String> {
    checks
        .iter()
        .find(|check| !check.met)
        .map_or(Ok(()), |check| Err(format!("check {} is not met: {}", check.id, why_not(check))))
}

fn fails_first_at(checks: &[CheckState], wanted: &str) -> Result<(), String> {
    match checks.iter().find(|check| !check.met) {
        None => Err(format!("all checks are met, but {wanted} should fail")),
        Some(check) if check.id != wanted => Err(format!(
            "it fails first at {} ({}), but should at {wanted}",
            check.id,
            why_not(check)
        )),
        Some(_) => told(checks),
    }
}

/// Every unmet check says why, with every number filled in.
fn told(checks: &[CheckState]) -> Result<(), String> {
    let untold = checks.iter().find(|check| !check.met && is_untold(why_not(check)));
    untold.map_or(Ok(()), |check| {
        Err(format!("the reason of {} is incomplete: {}", check.id, why_not(check)))
    })
}

fn is_untold(sentence: &str) -> bool {
    let is_name = |name: &str| name.starts_with(|first: char| first.is_ascii_lowercase());
    sentence.is_empty() || crate::model::Reason::arguments(sentence).any(is_name)
}

fn why_not(check: &CheckState) -> &str {
    check.why_not.as_deref().unwrap_or_default()
}

/// Who follows the hints types lines of the solution.
fn hints_lead(exercise: &Exercise) -> Result<(), String> {
    let mut hints = exercise.hints.iter().filter(|hint| hint.level == HintLevel::Solution);
    let astray = hints.find_map(|hint| {
        let line = hint.line.as_deref().unwrap_or_default();
        let typed = exercise.solution.lines().any(|typed| typed.ends_with(&format!("> {line}")));
        (!typed).then(|| {
            format!(
                "the hint for {} gives a line that the solution does not have: {line}",
                hint.check
            )
        })
    });
    astray.map_or(Ok(()), Err)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { content, file, what, script } = self;
        writeln!(f, "exercises/content/{content}/{file}: {what}")?;
        script
            .lines()
            .enumerate()
            .try_for_each(|(index, line)| writeln!(f, "{:5} {line}", index + 1))
    }
}
