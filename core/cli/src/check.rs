//! `highwater check`: grades an attempt at an exercise by its checklist, as the page does.

use std::path::PathBuf;

use clap::Args;
use highwater_exercises::{CheckState, Exercise, all, stage_name};
use highwater_scenario::cluster::time::Time;
use highwater_scenario::script::{Document, Entry, Micros};
use highwater_scenario::shell::suggest::nearest;

use crate::opening::open;
use crate::options::instant;
use crate::output::Output;
use crate::problem::{DONE, NOT_PASSED, Problem};

/// An attempt is judged this early at the latest: a checklist may be looked at ten times a second.
const LATEST: Time = Time(6 * 3_600 * 1_000_000);

/// Grades an attempt at an exercise
///
/// An attempt is a scenario that begins with the lines of the exercise's start: what --start prints, with lines of
/// one's own behind it, or what the page saves. It is played, and each line of the checklist is printed with whether it
/// is met, and if not, why.
#[derive(Args, Debug)]
#[command(after_long_help = AFTER)]
pub(crate) struct Options {
    /// The exercise, by its id: --list tells all
    #[arg(required_unless_present = "list")]
    exercise: Option<String>,

    /// The attempt (.hw); - reads standard input [default: the untouched start]
    file: Option<PathBuf>,

    /// Lists the exercises: the stage of the road, the id, the title
    #[arg(long, conflicts_with_all = ["exercise", "file", "start", "at"])]
    list: bool,

    /// Prints the scenario that the exercise starts with, to go on from
    #[arg(long, conflicts_with_all = ["file", "at"])]
    start: bool,

    /// Judges at this instant of virtual time, such as 45s [default: when the exercise is done if it is done well, or the
    /// last line of the attempt if that is later]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<Time>,
}

const AFTER: &str = "\
Exit status:
  0  the attempt passed
  1  it did not pass
  2  wrong usage, or the attempt cannot be read, or it does not go on from the start
  3  the run reached a bound and cannot be judged

Examples:
  highwater check --list
  highwater check make-a-topic --start > attempt.hw
  echo '@2s t1> kafka-topics.sh --list --bootstrap-server broker1:9092' >> attempt.hw
  highwater check make-a-topic attempt.hw";

/// Grades what was asked for. The exit status.
///
/// # Errors
/// There is no such exercise; the attempt cannot be read, or played to the end.
pub(crate) fn check(options: &Options) -> Result<u8, Problem> {
    let mut out = Output::new();
    let Some(id) = &options.exercise else {
        list(&mut out)?;
        return Ok(DONE);
    };
    let exercise = find(id)?;
    if options.start {
        out.text(&exercise.start)?;
        out.flush()?;
        return Ok(DONE);
    }
    let (at, checks) = judge(exercise, options)?;
    print(exercise, at, &checks, &mut out)?;
    let is_passed = checks.iter().all(|check| check.met);
    Ok(if is_passed { DONE } else { NOT_PASSED })
}

fn list(out: &mut Output) -> Result<(), Problem> {
    let width = all().iter().map(|exercise| exercise.id.len()).max().unwrap_or_default();
    for exercise in all() {
        let Exercise { stage, id, title, .. } = exercise;
        out.line(&format!("{stage:>2}  {id:width$}  {title}"))?;
    }
    out.flush()
}

fn find(id: &str) -> Result<&'static Exercise, Problem> {
    all().iter().find(|exercise| exercise.id == id).ok_or_else(|| {
        let ids = all().iter().map(|exercise| exercise.id.as_str());
        let meant =
            nearest(id, ids).map_or(String::new(), |id| format!("; did you mean \"{id}\"?"));
        Problem::Refused(format!(
            "there is no exercise \"{id}\"{meant} (highwater check --list tells all)"
        ))
    })
}

/// Plays an attempt and judges it. The instant of that, and how each line of the checklist stands.
fn judge(exercise: &Exercise, options: &Options) -> Result<(Time, Vec<CheckState>), Problem> {
    let (name, session) = match &options.file {
        None => {
            let session = highwater_scenario::session::Session::parse(&exercise.start);
            (exercise.id.clone(), session.expect("a test plays every start"))
        }
        Some(file) => {
            let attempt = open(file)?;
            let name = attempt.name.clone();
            goes_on_from_start(&exercise.start, &attempt.document)
                .map_err(|error| Problem::Refused(error).of(&name))?;
            (name, attempt.session()?)
        }
    };
    let at = options.at.unwrap_or(Time(exercise.until).max(session.script_end()));
    if at > LATEST {
        let (at, latest) = (Micros(at.0), Micros(LATEST.0));
        return Err(Problem::Refused(format!(
            "{name}: it would be judged at {at}, and at {latest} at the latest: take out what comes later, or give --at"
        )));
    }
    let checks = exercise.judge(session.quiet(), at);
    Ok((at, checks.map_err(|error| Problem::Halted(error).of(&name))?))
}

/// An attempt has the cluster of the start, and begins with its lines.
fn goes_on_from_start(start: &str, attempt: &Document) -> Result<(), String> {
    let mend =
        "begin with what `highwater check EXERCISE --start` prints, and put your lines behind it";
    let start = Document::parse(start);
    let (wanted, found) = (start.header(), attempt.header());
    if attempt.errors().is_empty()
        && (wanted.cluster, wanted.configs) != (found.cluster, found.configs)
    {
        return Err(format!("its cluster is not the one of the exercise: {mend}"));
    }
    let is_same =
        |(own, given): (&Entry, &Entry)| (own.at, &own.action) == (given.at, &given.action);
    let mut given = start.entries();
    let other = attempt.entries().zip(given.by_ref()).find(|pair| !is_same(*pair));
    match (other, given.next()) {
        (Some((own, _)), _) => {
            let line = attempt.line_of(own.id).unwrap_or(1);
            Err(format!("line {line} is not as in the exercise's start: {mend}"))
        }
        (None, Some(_)) => Err(format!("it ends before the exercise's start does: {mend}")),
        (None, None) => Ok(()),
    }
}

fn print(
    exercise: &Exercise,
    at: Time,
    checks: &[CheckState],
    out: &mut Output,
) -> Result<(), Problem> {
    let Exercise { title, id, stage, .. } = exercise;
    out.line(&format!("{title} ({id})"))?;
    out.line(&format!("{}; judged at {}", stage_name(*stage), Micros(at.0)))?;
    out.line("")?;
    for check in checks {
        out.line(&format!("[{}] {}", if check.met { 'x' } else { ' ' }, check.says))?;
        if let Some(reason) = &check.why_not {
            out.line(&format!("    {reason}"))?;
        }
        if let Some(at) = check.broke.and_then(|broke| broke.at) {
            out.line(&format!("    It can be met no more: go back before {}.", Micros(at.0)))?;
        }
    }
    let met = checks.iter().filter(|check| check.met).count();
    out.line("")?;
    out.line(&match met == checks.len() {
        true => format!("Passed: all {met} are met."),
        false => format!("Not passed: {met} of {} are met.", checks.len()),
    })?;
    out.flush()
}
