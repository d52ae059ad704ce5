//! What can be asked of the program. Help, completions and man pages are made from this.

use clap::{Parser, Subcommand};
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::script::Micros;

use crate::{check, dump, pages, run, serve, shell};

/// Apache Kafka, simulated to learn with
///
/// Highwater plays scenarios: scripts that say how a Kafka cluster is made and what a person does to it, at which
/// instant of virtual time. The same scenario always plays the same. A scenario is a text file that ends in .hw; the
/// page saves and opens the same files.
#[derive(Debug, Parser)]
#[command(name = "highwater", version, propagate_version = true, after_long_help = AFTER)]
pub(crate) struct Program {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER: &str = "\
Exit status:
  0  it was done; of check: the attempt passed
  1  check: the attempt did not pass; shell: the last command of a pipe failed
  2  wrong usage, or something cannot be read or written
  3  the run reached a bound and stands still

Examples:
  highwater run story.hw
  highwater check make-a-topic attempt.hw
  highwater shell --brokers 3 --save afternoon.hw
  highwater help run";

/// A command of the program.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::Options),
    Check(check::Options),
    Shell(shell::Options),
    Dump(dump::Options),
    Serve(serve::Options),
    Completions(pages::Completions),
    Man(pages::Man),
}

/// Reads an instant of virtual time.
pub(crate) fn instant(text: &str) -> Result<Time, String> {
    let time = Micros::parse(text);
    time.map(|time| Time(time.0))
        .ok_or_else(|| "it is to be a time such as 30s or 1m30s".to_owned())
}

/// Reads a length of virtual time that is not nothing.
pub(crate) fn span(text: &str) -> Result<Span, String> {
    instant(text).and_then(|time| match time.0 {
        0 => Err("it is to be longer than nothing".to_owned()),
        micros => Ok(Span(micros)),
    })
}
