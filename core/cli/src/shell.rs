//! `highwater shell`: a terminal of the simulated cluster, in a real one.

use std::fs::OpenOptions;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clap::value_parser;
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::screens::LineKind;
use highwater_scenario::script::{Action, ScriptError};
use highwater_scenario::session::Session;

use crate::opening::{self, open};
use crate::options::span;
use crate::output::Output;
use crate::playing::{Budget, MOST_STEPS, play};
use crate::problem::{DONE, NOT_PASSED, Problem};

mod completing;
mod interactive;
mod keyboard;
mod piped;

/// What it takes until the brokers of a new cluster take part.
const BEGINNING: Time = Time(2_000_000);

/// Opens a shell in the simulated cluster
///
/// Kafka's own tools are there, and the playground's verbs: help lists them, man explains them, Tab completes commands,
/// options and names. While a command runs, virtual time follows real time; at the prompt it stands still, and sleep 10
/// lets ten seconds pass. Ctrl-C interrupts the command; Ctrl-D ends its input, and at the prompt leaves, as exit does.
///
/// If standard input is no terminal, its lines are done one after the other, as fast as can be; a command that reads
/// gets the lines behind it.
#[derive(Args, Debug)]
#[command(after_long_help = AFTER)]
pub(crate) struct Options {
    /// A scenario (.hw) that is played to its last line first
    #[arg(long, value_name = "FILE", conflicts_with = "brokers")]
    scenario: Option<PathBuf>,

    /// How many brokers the cluster has, 1 to 12
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = value_parser!(u32).range(1..=12))]
    brokers: u32,

    /// What all that is random comes from: 0 to 18446744073709551615 [default: the scenario's, or 1]
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// At the end, the whole run is written here: a scenario that plays again
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,

    /// How many seconds of virtual time pass in a real one while a command runs in a terminal, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=1000))]
    speed: u32,

    /// If standard input is no terminal: how long a command may run, in virtual time, until it is interrupted as by
    /// Ctrl-C
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = span)]
    patience: Span,
}

const AFTER: &str = "\
Exit status:
  0  it was left; of a pipe, the last command has succeeded
  1  the last command of a pipe has failed
  2  wrong usage, or a file cannot be read or written
  3  the run reached a bound and stands still; in a terminal the command is interrupted instead

Examples:
  highwater shell
  highwater shell --brokers 1 --save afternoon.hw
  highwater shell --scenario story.hw --speed 10
  echo 'kafka-topics.sh --list --bootstrap-server broker1:9092' | highwater shell";

/// A session with the terminal that a person sits at.
struct Shell {
    session: Session,
    /// The name of the terminal.
    terminal: String,
    /// The number of the first line of its screen that was not shown yet.
    shown: u64,
    /// The numbers of the lines in which it shows what was typed: whoever typed has seen that.
    echoes: Vec<u64>,
    /// What stands on the line of the cursor already, of which the screen will tell once the line is ended.
    open: String,
}

/// Opens a shell. The exit status.
///
/// # Errors
/// A file cannot be read or written; the run stands still.
pub(crate) fn shell(options: &Options) -> Result<u8, Problem> {
    if let Some(file) = &options.save {
        // Told at once rather than after an afternoon.
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(file)
            .map_err(|e| unwritable(file, &e))?;
    }
    let mut shell = Shell::open(options)?;
    let mut out = Output::new();
    let result = match std::io::stdin().is_terminal() {
        true => interactive::run(&mut shell, options.speed, &mut out).map(|()| DONE),
        false => piped::run(&mut shell, options.patience, &mut out).map(|()| shell.status()),
    };
    if let Some(file) = &options.save {
        shell.save(file)?;
    }
    result
}

impl Shell {
    fn open(options: &Options) -> Result<Self, Problem> {
        let (name, mut session) = match &options.scenario {
            Some(file) => {
                let opened = open(file)?.seeded(options.seed);
                (opened.name.clone(), opened.session()?)
            }
            None => {
                let script =
                    opening::fresh_cluster(options.brokers, options.seed.unwrap_or(1), None);
                let session = Session::parse(&script);
                ("the new cluster".to_owned(), session.expect("this text is a scenario"))
            }
        };
        let until = match options.scenario {
            Some(_) => session.script_end(),
            None => BEGINNING,
        };
        let mut budget = Budget::new(MOST_STEPS);
        play(&mut session, until, &mut budget, |_| Ok(())).map_err(|problem| problem.of(&name))?;
        let used = session.terminal_names();
        let mut names = (1..).map(|number| format!("t{number}"));
        let terminal = names.find(|name| !used.contains(name)).expect("there is no end of names");
        Ok(Self { session, terminal, shown: 0, echoes: Vec::new(), open: String::new() })
    }

    /// Whether a command runs in the foreground.
    fn is_busy(&self) -> bool {
        self.session.is_busy(&self.terminal)
    }

    /// Whether what is typed goes to a command.
    fn is_read(&self) -> bool {
        self.session.terminal(&self.terminal).is_read
    }

    /// What the command asks before the cursor, if it does.
    fn prompt(&self) -> Option<Arc<str>> {
        self.session.terminal(&self.terminal).prompt
    }

    /// Types a line: to the command that reads, or else to the shell.
    fn type_line(&mut self, line: &str) -> Result<(), Problem> {
        if !self.is_read() {
            return self.session.submit(&self.terminal, line).map_err(|error| full(&error));
        }
        let screen = |session: &Session| {
            session.screens().get(&self.terminal).map_or(0, |screen| screen.printed())
        };
        let next = screen(&self.session);
        let echo = format!("{}{line}", self.prompt().unwrap_or_default());
        self.session.input(&self.terminal, line).map_err(|error| full(&error))?;
        let screen = self.session.screens().get(&self.terminal);
        if screen.and_then(|screen| screen.line(next)).is_some_and(|shown| *shown.text == echo) {
            self.echoes.push(next);
        }
        self.open.clear();
        Ok(())
    }

    /// Presses Ctrl-D.
    fn end_input(&mut self) -> Result<(), Problem> {
        self.session.end_input(&self.terminal).map_err(|error| full(&error))
    }

    /// Presses Ctrl-C.
    fn interrupt(&mut self) -> Result<(), Problem> {
        self.session.interrupt(&self.terminal).map_err(|error| full(&error))
    }

    /// Shows what is new on the screen: what a line says beyond what stands there already, if it says more, and who
    /// says it.
    fn show(
        &mut self,
        mut show: impl FnMut(Option<&str>, LineKind) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let Some(screen) = self.session.screens().get(&self.terminal) else { return Ok(()) };
        for number in self.shown..screen.printed() {
            let line = screen.line(number).filter(|line| line.kind != LineKind::Typed);
            let Some(line) = line.filter(|_| !self.echoes.contains(&number)) else { continue };
            let rest = line.text.strip_prefix(self.open.as_str()).unwrap_or(&line.text);
            let stands = rest.is_empty() && !self.open.is_empty();
            show((!stands).then_some(rest), line.kind)?;
            self.open.clear();
        }
        self.shown = screen.printed();
        self.echoes.clear();
        Ok(())
    }

    /// The exit status by the last command.
    fn status(&self) -> u8 {
        match self.session.terminal(&self.terminal).last_code {
            0 => DONE,
            _ => NOT_PASSED,
        }
    }

    /// Writes the run down, up to this moment.
    fn save(&mut self, file: &Path) -> Result<(), Problem> {
        // A script that has no room left for it plays up to its last line.
        let _ = self.session.write(Action::Until);
        std::fs::write(file, self.session.script()).map_err(|error| unwritable(file, &error))
    }
}

/// Whether a line leaves the shell.
fn leaves(line: &str) -> bool {
    matches!(line.trim(), "exit" | "quit" | "logout")
}

fn full(error: &ScriptError) -> Problem {
    Problem::Refused(format!("the line cannot be written into the scenario: {error}"))
}

fn unwritable(file: &Path, error: &std::io::Error) -> Problem {
    Problem::Refused(format!("{} cannot be written: {error}", file.display()))
}
