//! One client's program, driven against a cluster of its own.
//!
//! The program says on standard output what it does, in lines that begin with `@`; to some it reads
//! `ok` from standard input:
//!
//! | line | what |
//! |---|---|
//! | `@client NAME VERSION` | what is tried |
//! | `@step WORDS` | what is done next |
//! | `@acked TOPIC VALUE` | a record was acknowledged |
//! | `@read TOPIC VALUE` | a record was read |
//! | `@check TOPIC exactly-once` (or `at-least-once`) | compare both; `ok` |
//! | `@compressed TOPIC CODEC` | look for a batch of that codec in the topic's log; `ok` |
//! | `@cluster LINE` | type this into `highwater serve`, and wait until it is done; `ok` |
//! | `@finished` | all was as it must be |

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::report::{note, seconds};

use super::cluster::Cluster;
use super::ledger::{Ledger, Promise};
use super::suite::{Words, tell_missing};

/// How long a program may say nothing. What it waits for comes in seconds.
const PATIENCE: Duration = Duration::from_secs(120);
/// The lines of each log that a failure shows.
const SHOWN: usize = 25;

/// Where a trial leaves its traces.
pub struct Files {
    /// What the cluster printed.
    log: PathBuf,
    /// What the program printed.
    output: PathBuf,
    /// The whole run, as a scenario.
    scenario: PathBuf,
}

impl Files {
    /// Those of a program.
    pub fn of(folder: &Path, program: &str) -> Self {
        let file = |ending| folder.join(format!("{program}.{ending}"));
        Self { log: file("log"), output: file("out"), scenario: file("hw") }
    }
}

/// What a trial came to.
pub struct Account {
    /// The client with its version, as it says itself.
    pub client: String,
    /// What was done, in order.
    pub steps: Vec<String>,
    /// Why it is no success.
    pub trouble: Option<Trouble>,
    time: Duration,
}

/// Why a trial is no success.
pub enum Trouble {
    /// The client cannot be had here.
    Missing(String),
    /// Something was not as it must be, in the last of the steps.
    Failed(String),
}

impl Account {
    /// Of a client that cannot be had.
    pub fn missing(why: &str) -> Self {
        let trouble = Some(Trouble::Missing(why.into()));
        Self { client: String::new(), steps: Vec::new(), trouble, time: Duration::ZERO }
    }

    /// Whether something was not as it must be.
    pub fn is_failure(&self) -> bool {
        matches!(self.trouble, Some(Trouble::Failed(_)))
    }

    /// Says it to the person who waits.
    pub fn tell(&self, name: &str) {
        let time = seconds(self.time);
        match &self.trouble {
            None => note(&format!("{name}: {}, {} steps, {time}", self.client, self.steps.len())),
            Some(Trouble::Missing(why)) => tell_missing(name, why),
            Some(Trouble::Failed(why)) => note(&format!("{name}: FAILED after {time}: {why}")),
        }
    }
}

/// Runs a program to its end.
pub fn run(words: &Words, server: &Path, files: &Files) -> Account {
    let begin = Instant::now();
    let mut trial = Trial::default();
    let begun = words.scenario.as_deref();
    let cluster = Cluster::start(server, begun, &files.log, &files.scenario);
    let result = cluster.and_then(|cluster| {
        let result = trial.drive(words, &cluster, files);
        let shown = cluster.last_lines(SHOWN);
        // A program that fails may have failed because the cluster did: that is said first.
        match (cluster.end(), result) {
            (Ok(()), Ok(())) => Ok(()),
            (Err(why), Ok(())) => Err(why),
            (ended, Err(why)) => {
                let why = ended.err().map_or(why.clone(), |ended| format!("{ended}; {why}"));
                Err(format!("{why}\n{}", evidence(files, &shown)))
            }
        }
    });
    let step = trial.steps.last().map_or(String::new(), |step| format!("{step}: "));
    let trouble = result.err().map(|why| Trouble::Failed(format!("{step}{why}")));
    Account { client: trial.client, steps: trial.steps, trouble, time: begin.elapsed() }
}

fn evidence(files: &Files, log: &[String]) -> String {
    let output = std::fs::read_to_string(&files.output).unwrap_or_default();
    let output: Vec<&str> = output.lines().collect();
    let output = &output[output.len().saturating_sub(SHOWN)..];
    format!(
        "-- the end of {}:\n{}\n-- the end of {}:\n{}\n-- the run is {}",
        files.output.display(),
        output.join("\n"),
        files.log.display(),
        log.join("\n"),
        files.scenario.display()
    )
}

/// What is known while the program runs.
#[derive(Default)]
struct Trial {
    client: String,
    steps: Vec<String>,
    ledger: Ledger,
    is_finished: bool,
}

impl Trial {
    fn drive(&mut self, words: &Words, cluster: &Cluster, files: &Files) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("the program did not start: {error}");
        let servers = cluster.servers()?;
        let mut output = File::create(&files.output).map_err(failed)?;
        let mut command = Command::new(&words.program);
        command.args(&words.arguments).env("BOOTSTRAP_SERVERS", servers);
        command.envs(words.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let child = command.stderr(output.try_clone().map_err(failed)?).spawn().map_err(failed)?;
        let mut child = Reaped(child);
        let lines = lines_of(&mut child.0);
        let begin = Instant::now();
        loop {
            match lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    // What is acknowledged and read would hide the rest.
                    if !line.starts_with("@acked") && !line.starts_with("@read") {
                        let _ = writeln!(output, "{:8.3} {line}", begin.elapsed().as_secs_f64());
                    }
                    if self.take_in(&line, cluster)? {
                        let input = child.0.stdin.as_mut().ok_or("it has no standard input")?;
                        writeln!(input, "ok").map_err(|error| format!("answering: {error}"))?;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(format!("the program said nothing for {}", seconds(PATIENCE)));
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let status = child.0.wait().map_err(|error| error.to_string())?;
        match status.success() && self.is_finished {
            true => Ok(()),
            false => Err(format!("the program ended with {status}")),
        }
    }

    /// Whether the program awaits an answer.
    fn take_in(&mut self, line: &str, cluster: &Cluster) -> Result<bool, String> {
        let Some(line) = line.strip_prefix('@') else { return Ok(false) };
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (topic, last) = rest.split_once(' ').unwrap_or((rest, ""));
        match verb {
            "client" => self.client = rest.to_owned(),
            "step" => self.steps.push(rest.to_owned()),
            "acked" => self.ledger.acked(topic, last),
            "read" => self.ledger.read(topic, last),
            "finished" => self.is_finished = true,
            "cluster" => return cluster.type_line(rest).map(|()| true),
            "compressed" => return cluster.find_codec(topic, last).map(|()| true),
            "check" => {
                let promise = Promise::of(last).ok_or_else(|| format!("no promise `{last}`"))?;
                return self.ledger.check(topic, promise).map(|_| true);
            }
            _ => return Err(format!("the program says what nobody understands: @{line}")),
        }
        Ok(false)
    }
}

/// A process that does not outlive its trial.
pub(super) struct Reaped(pub(super) Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a program prints, line by line.
pub(super) fn lines_of(child: &mut Child) -> Receiver<String> {
    let (tell, lines) = channel();
    if let Some(output) = child.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
    }
    lines
}
