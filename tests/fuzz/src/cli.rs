//! The command line: `highwater-fuzz list`, or `highwater-fuzz TARGET` with options.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

use crate::served::Served;
use crate::targets::{self, Entry};

const USAGE: &str =
    "usage: highwater-fuzz list | TARGET [--inputs N | --seconds S] [--seed S] [--replay FILE]
       highwater-fuzz served --program HIGHWATER [--inputs N | --seconds S] [--seed S] [--from N]";

/// What to do.
pub enum Task {
    /// Name the targets.
    List,
    /// Run inputs in a process that is watched.
    Run(Run),
    /// Be that process.
    Work(Run),
    /// Run one input again.
    Replay {
        /// What reads it.
        target: &'static Entry,
        /// Where it is.
        file: PathBuf,
    },
    /// Send inputs to a server.
    Served(Served),
}

/// Which inputs to run.
#[derive(Clone)]
pub struct Run {
    /// What reads them.
    pub target: &'static Entry,
    /// What all of them follow from.
    pub seed: u64,
    /// The number of the first.
    pub from: u64,
    /// How many; no limit if `seconds` is one.
    pub inputs: Option<u64>,
    /// For how long.
    pub seconds: Option<Duration>,
    /// Write each input to a file before it runs: slow, but whatever ends the process, its input is there.
    pub careful: bool,
}

/// Understands the command line.
pub fn parse() -> Result<Task, String> {
    read(Parser::from_env()).map_err(|error| format!("{error}\n{USAGE}"))
}

fn read(mut parser: Parser) -> Result<Task, lexopt::Error> {
    let Some(Arg::Value(name)) = parser.next()? else { return Err("which target?".into()) };
    let name = name.string()?;
    if name == "list" {
        return Ok(Task::List);
    }
    if name == "served" {
        return served(parser);
    }
    let target = targets::find(&name).ok_or_else(|| {
        let known: Vec<_> = targets::ALL.iter().map(|target| target.name).collect();
        format!("there is no target `{name}`; choose one of {}", known.join(", "))
    })?;
    let mut run = Run { target, seed: 0, from: 0, inputs: None, seconds: None, careful: false };
    let (mut replay, mut is_worker) = (None, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("inputs") => run.inputs = Some(parser.value()?.parse()?),
            Arg::Long("seconds") => {
                run.seconds = Some(Duration::from_secs(parser.value()?.parse()?))
            }
            Arg::Long("seed") => run.seed = parser.value()?.parse()?,
            Arg::Long("from") => run.from = parser.value()?.parse()?,
            Arg::Long("careful") => run.careful = true,
            Arg::Long("worker") => is_worker = true,
            Arg::Long("replay") => replay = Some(PathBuf::from(parser.value()?)),
            other => return Err(other.unexpected()),
        }
    }
    if run.inputs.is_none() && run.seconds.is_none() {
        run.inputs = Some(100_000);
    }
    Ok(match replay {
        Some(file) => Task::Replay { target, file },
        None if is_worker => Task::Work(run),
        None => Task::Run(run),
    })
}

fn served(mut parser: Parser) -> Result<Task, lexopt::Error> {
    let program = PathBuf::new();
    let mut served = Served { program, seed: 0, from: 0, inputs: None, seconds: None };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("program") => served.program = PathBuf::from(parser.value()?),
            Arg::Long("inputs") => served.inputs = Some(parser.value()?.parse()?),
            Arg::Long("seconds") => {
                served.seconds = Some(Duration::from_secs(parser.value()?.parse()?))
            }
            Arg::Long("seed") => served.seed = parser.value()?.parse()?,
            Arg::Long("from") => served.from = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    if served.program.as_os_str().is_empty() {
        return Err("which program is to serve?".into());
    }
    if served.inputs.is_none() && served.seconds.is_none() {
        served.inputs = Some(10_000);
    }
    Ok(Task::Served(served))
}
