//! The proof of an exercise, but for the changes of its solution.

use highwater_cluster::time::Time;
use highwater_scenario::session::Session;

use super::{Job, Part, demonstrate, no_command_failed};
use crate::check::CheckState;
use crate::judge::judged;
use crate::model::{Exercise, HintLevel, Reason};
use crate::play::begin;

/// All that is to be proven, each as a job.
pub(super) fn jobs(exercise: &Exercise) -> Vec<Job<'_>> {
    let mut jobs: Vec<Job<'_>> = vec![
        job(exercise, "start.hw", &exercise.start, |_, _, checks| match checks.last() {
            Some(last) if last.met => Err(format!(
                "the last check, {}, is met before anything was done: ask for something that the start does not have",
                last.id
            )),
            _ => told(checks),
        }),
        job(exercise, "solution.hw", &exercise.solution, |exercise, session, checks| {
            solved(checks)?;
            predicted(exercise, session)?;
            hints_lead(exercise)
        }),
        Box::new(move || Box::pin(async move { predictions_are_open(exercise) })),
    ];
    for alternative in &exercise.alternatives {
        jobs.push(job(
            exercise,
            &alternative.file,
            &alternative.script,
            |exercise, session, checks| {
                solved(checks)?;
                predicted(exercise, session)
            },
        ));
    }
    for miss in &exercise.near_misses {
        jobs.push(Box::new(move || {
            Box::pin(async move {
                let run = run(exercise, &miss.script).await;
                let result = run.and_then(|(_, checks)| fails_first_at(&checks, &miss.fails));
                let file = format!("exercises/{}/{}", exercise.id, miss.file);
                Part::of(&file, &miss.script, result)
            })
        }));
    }
    for demonstration in &exercise.demonstrations {
        jobs.push(Box::new(move || {
            Box::pin(async move {
                let file = format!("exercises/{}/exercise.md", exercise.id);
                let result = demonstrate(&demonstration.script).await.map(|_| ());
                Part::of(&file, &demonstration.script, result)
            })
        }));
    }
    jobs
}

fn job<'a>(
    exercise: &'a Exercise,
    file: &'a str,
    script: &'a str,
    verdict: fn(&Exercise, &Session, &[CheckState]) -> Result<(), String>,
) -> Job<'a> {
    Box::new(move || {
        Box::pin(async move {
            let run = run(exercise, script).await;
            let result = run.and_then(|(session, checks)| verdict(exercise, &session, &checks));
            Part::of(&format!("exercises/{}/{file}", exercise.id), script, result)
        })
    })
}

/// The checks at the end of a scenario.
async fn run(exercise: &Exercise, script: &str) -> Result<(Session, Vec<CheckState>), String> {
    if !script.starts_with(&exercise.start) {
        let mend = "its first lines must be those of start.hw";
        return Err(format!("it does not go on from start.hw: {mend}"));
    }
    let session = begin(script)?.quiet();
    if session.script_end() > Time(exercise.until) {
        let until = exercise.until / 1_000_000;
        return Err(format!("it goes on after {until} s, when it is judged: raise `until`"));
    }
    let (session, checks) = judged(exercise, session, exercise.until).await?;
    no_command_failed(&session)?;
    Ok((session, checks))
}

fn solved(checks: &[CheckState]) -> Result<(), String> {
    let unmet = checks.iter().find(|check| !check.met);
    unmet.map_or(Ok(()), |check| Err(format!("check {} is not met: {}", check.id, why_not(check))))
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
    sentence.is_empty() || Reason::arguments(sentence).any(is_name)
}

fn why_not(check: &CheckState) -> &str {
    check.why_not.as_deref().unwrap_or_default()
}

/// What was guessed is answered by a run that solves the exercise: by exactly one option.
fn predicted(exercise: &Exercise, session: &Session) -> Result<(), String> {
    for prediction in &exercise.predictions {
        let id = &prediction.id;
        match prediction.right(session).as_deref() {
            None => {
                return Err(format!("the prediction {id} is never settled: correct settled_when"));
            }
            Some([right]) => {
                for (index, option) in prediction.options.iter().enumerate() {
                    if (index == *right) == option.misconception.is_some() {
                        return Err(format!(
                            "prediction {id}, option {}: a wrong option names the misconception that leads to it, the right one names none",
                            index + 1
                        ));
                    }
                }
            }
            Some(hold) => {
                return Err(format!("of the prediction {id} the options {hold:?} hold, not one"));
            }
        }
    }
    Ok(())
}

/// Nothing is answered before anything was done.
fn predictions_are_open(exercise: &Exercise) -> Part {
    let result = begin(&exercise.start).and_then(|session| {
        let settled = exercise.predictions.iter().find(|one| one.right(&session).is_some());
        settled
            .map_or(Ok(()), |one| Err(format!("the prediction {} is settled at the start", one.id)))
    });
    Part::of(&format!("exercises/{}/exercise.toml", exercise.id), "", result)
}

/// Who follows the hints types lines of the solution.
fn hints_lead(exercise: &Exercise) -> Result<(), String> {
    let mut hints = exercise.hints.iter().filter(|hint| hint.level == HintLevel::Solution);
    let astray = hints.find_map(|hint| {
        let line = hint.line.as_deref().unwrap_or_default();
        let mut lines = exercise.solution.lines();
        let typed = lines.any(|typed| {
            typed.ends_with(&format!("> {line}")) || typed.ends_with(&format!("< {line}"))
        });
        (!typed).then(|| {
            format!(
                "the hint for {} gives a line that the solution does not have: {line}",
                hint.check
            )
        })
    });
    astray.map_or(Ok(()), Err)
}
