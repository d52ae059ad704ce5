//! `highwater run`: plays scenarios and prints what came of them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::script::{Action, Micros};
use highwater_scenario::session::Session;

use crate::opening::{Opened, open};
use crate::options::{instant, span};
use crate::output::Output;
use crate::playing::{Budget, MOST_STEPS, play};
use crate::problem::{EXIT_STATUS, Problem};

mod json;
mod log;
mod text;

pub(crate) use log::printed;
pub(crate) use text::PROMPT;

/// Plays scenarios and prints what their commands print
///
/// Each scenario is played from its beginning, in virtual time and as fast as can be, up to its last line. What its
/// terminals show is printed, or the story of the run, or all that happened as JSON. Files that it names by their hash
/// are found in its own folder, whatever they are called there.
#[derive(Args, Debug)]
#[command(after_long_help = format!("{EXIT_STATUS}\n\n{EXAMPLES}\n\n{JSON}"))]
pub(crate) struct Options {
    /// Scenarios (.hw); - reads one from standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Plays up to this instant of virtual time, such as 30s or 1m30s [default: the last line's]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<Time>,

    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// What all that is random comes from, whatever the scenario says: 0 to 18446744073709551615
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// Prints only the hash over every event and every byte of every log: 16 hexadecimal digits; with several files
    /// the name of each behind it
    #[arg(long, conflicts_with = "format")]
    hash: bool,

    /// With --format json, a view of the cluster each time so much virtual time has passed, besides the one at the end
    #[arg(long, value_name = "TIME", value_parser = span)]
    view_every: Option<Span>,

    /// Stops a run after so many steps of the engine
    #[arg(long, value_name = "N", default_value_t = MOST_STEPS)]
    max_steps: u64,
}

/// What is printed of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// What the terminals show
    Text,
    /// The story of the run, with what the commands print, each line with its time
    Log,
    /// All that happened, an object a line
    Json,
}

const EXAMPLES: &str = "\
Examples:
  highwater run story.hw
  highwater run story.hw --until 1m --format log
  highwater run --format json story.hw | jq 'select(.type == \"anomaly\")'
  highwater run --hash monday.hw tuesday.hw";

const JSON: &str = "\
JSON:
  Each line is an object, and its type says what it is. Each at_us is an instant of virtual time,
  in microseconds.
  scenario  begins a run: file, seed, brokers, controllers
  event     id, at_us, kind, trace (what happened in one line), cause (an event, an entry counted
            from 0, a timer and what set it, or the start); where it has a sentence also depth
            (story, detail or wire), sentence, because, about
  output    a command printed a line: at_us, event, terminal, stream (stdout or stderr), text
  anomaly   what the checkers found: event, id, sentence, evidence (the events that led there),
            violation (true: Kafka never does it, and the engine is wrong)
  view      the cluster at an instant: at_us, controllers, brokers with their replicas, topics,
            producers, consumers, groups, transactions
  end       ends a run: file, at_us, events, hash, halted (why it stands still, or null)";

/// Plays what was asked for.
///
/// # Errors
/// A scenario cannot be read, or stands still. What comes after it is played all the same if it can be read.
pub(crate) fn run(options: &Options) -> Result<(), Problem> {
    let mut out = Output::new();
    let mut halted = Vec::new();
    for file in &options.files {
        let opened = open(file)?.seeded(options.seed);
        let name = opened.name.clone();
        match one(options, opened, &mut out) {
            Err(Problem::Halted(sentence)) => halted.push(format!("{name}: {sentence}")),
            result => result?,
        }
        out.flush()?;
    }
    match halted.is_empty() {
        true => Ok(()),
        false => Err(Problem::Halted(halted.join("\n"))),
    }
}

/// Plays a scenario.
fn one(options: &Options, opened: Opened, out: &mut Output) -> Result<(), Problem> {
    let name = opened.name.clone();
    let session = opened.session()?;
    let until = options.until.unwrap_or(session.script_end());
    let budget = Budget::new(options.max_steps);
    let title = (options.files.len() > 1).then_some(name.as_str());
    if options.hash {
        return hash(session.hashed(), until, budget, title, out);
    }
    let mut session = session;
    match options.format {
        Format::Text => {
            text::print(&mut session, until, budget, title, out)?;
            if options.until.is_none() {
                out.flush()?;
                tell_what_runs(&session, &name);
            }
            Ok(())
        }
        Format::Log => log::print(&mut session, until, budget, title, out),
        Format::Json => {
            let session = session.hashed();
            json::Printer::new(session, &name, out).print(until, budget, options.view_every)
        }
    }
}

fn hash(
    mut session: Session,
    until: Time,
    mut budget: Budget,
    title: Option<&str>,
    out: &mut Output,
) -> Result<(), Problem> {
    play(&mut session, until, &mut budget, |_| Ok(()))?;
    let hash = session.hash().unwrap_or_default();
    let title = title.map_or(String::new(), |title| format!("  {title}"));
    out.line(&format!("{hash:016x}{title}"))
}

/// The terminals that a scenario types on, in order of their names.
fn terminals(session: &Session) -> BTreeSet<String> {
    let entries = session.entries().iter();
    let names = entries.filter_map(|entry| match &entry.action {
        Action::Command { terminal, .. } | Action::Input { terminal, .. } => Some(terminal),
        _ => None,
    });
    names.map(ToString::to_string).collect()
}

/// Commands that have not come to their end are told of: who wonders where their output is finds the option.
fn tell_what_runs(session: &Session, name: &str) {
    let is_busy = |terminal: &String| session.is_busy(terminal);
    let busy: Vec<String> = terminals(session).into_iter().filter(is_busy).collect();
    if !busy.is_empty() {
        let (at, busy) = (Micros(session.now().0), busy.join(", "));
        eprintln!("{name}: at {at} a command still runs on {busy}; --until plays on");
    }
}
