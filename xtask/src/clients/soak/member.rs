//! One client of a soak: its program, and what it says. The lines are those of `trial.rs`, and `@soaking`:
//! it goes on until it reads `ok`.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::report::seconds;

use super::Course;
use crate::clients::ledger::{Ledger, Promise};
use crate::clients::suite::Words;
use crate::clients::trial::{Reaped, lines_of};

/// How long a program may say nothing, whatever is broken.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often it is seen whether the time is over.
const GLANCE: Duration = Duration::from_millis(500);

/// What a member is started with.
pub struct Start<'a> {
    /// Its program.
    pub words: &'a Words,
    /// Its bootstrap servers.
    pub servers: &'a str,
    /// Its topic.
    pub topic: &'a str,
    /// How many records it sends in a second.
    pub rate: u64,
}

/// What it came to.
#[derive(Default)]
pub struct Told {
    client: String,
    /// Topics that were compared, with how many records.
    compared: Vec<(String, usize)>,
    /// The longest time without an acknowledgement while records were sent.
    longest_wait: Duration,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.client)?;
        for (topic, count) in &self.compared {
            write!(f, ", {count} records of {topic} acknowledged and read again")?;
        }
        write!(f, "; at the longest {} without an acknowledgement", seconds(self.longest_wait))
    }
}

/// Runs a program to its end.
///
/// # Errors
/// Something was not as it must be.
pub fn drive(start: &Start<'_>, output: &Path, course: &Course) -> Result<Told, String> {
    let failed = |error: std::io::Error| format!("the program did not start: {error}");
    let mut output = File::create(output).map_err(failed)?;
    let mut command = Command::new(&start.words.program);
    command.args(&start.words.arguments).env("BOOTSTRAP_SERVERS", start.servers);
    command.envs(start.words.environment.iter().map(|(name, value)| (name, value)));
    command.env("SOAK_TOPIC", start.topic).env("SOAK_RATE", start.rate.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let child = command.stderr(output.try_clone().map_err(failed)?).spawn().map_err(failed)?;
    let mut child = Reaped(child);
    let lines = lines_of(&mut child.0);
    let mut member = Member::default();
    let mut heard = Instant::now();
    loop {
        let is_answer_due = match lines.recv_timeout(GLANCE) {
            Ok(line) => {
                heard = Instant::now();
                if !line.starts_with("@acked") && !line.starts_with("@read") {
                    let _ = writeln!(output, "{line}");
                }
                member.take_in(&line, course)?
            }
            Err(RecvTimeoutError::Timeout) if heard.elapsed() > PATIENCE => {
                return Err(format!("the program said nothing for {}", seconds(PATIENCE)));
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        if is_answer_due || member.is_to_end(course) {
            let input = child.0.stdin.as_mut().ok_or("it has no standard input")?;
            writeln!(input, "ok").map_err(|error| format!("answering: {error}"))?;
        }
    }
    let status = child.0.wait().map_err(|error| error.to_string())?;
    match status.success() && member.is_finished {
        true => Ok(member.told),
        false => Err(format!("the program ended with {status}")),
    }
}

#[derive(Default)]
struct Member {
    told: Told,
    ledger: Ledger,
    /// It sends records until it is told to end.
    is_soaking: bool,
    last_acked: Option<Instant>,
    is_finished: bool,
}

impl Member {
    /// Whether the program awaits an answer.
    fn take_in(&mut self, line: &str, course: &Course) -> Result<bool, String> {
        let Some(line) = line.strip_prefix('@') else { return Ok(false) };
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (topic, last) = rest.split_once(' ').unwrap_or((rest, ""));
        match verb {
            "client" => self.told.client = rest.to_owned(),
            "step" => {}
            "soaking" => self.is_soaking = true,
            "acked" => self.acked(topic, last, course),
            "read" => self.ledger.read(topic, last),
            "finished" => self.is_finished = true,
            "check" => {
                let promise = Promise::of(last).ok_or_else(|| format!("no promise `{last}`"))?;
                let count = self.ledger.check(topic, promise)?;
                self.told.compared.push((topic.to_owned(), count));
                return Ok(true);
            }
            _ => return Err(format!("the program says what nobody understands: @{line}")),
        }
        Ok(false)
    }

    fn acked(&mut self, topic: &str, value: &str, course: &Course) {
        self.ledger.acked(topic, value);
        // What its group is to read is told a second time, under a name below the topic's.
        if topic.contains('/') {
            return;
        }
        let now = Instant::now();
        if let Some(last) = self.last_acked.replace(now) {
            self.told.longest_wait = self.told.longest_wait.max(now - last);
        }
        course.acked.fetch_add(1, Relaxed);
    }

    /// Whether it is told now that the time is over.
    fn is_to_end(&mut self, course: &Course) -> bool {
        self.is_soaking
            && course.is_over.load(Relaxed)
            && std::mem::replace(&mut self.is_soaking, false)
    }
}
