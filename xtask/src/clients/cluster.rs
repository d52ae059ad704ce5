//! `highwater serve` as a process: its ports, its log, and lines that are typed into it.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a line of the log is awaited: a stopped broker hands over its partitions in less than one.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where broker 1 has its logs.
const DATA: &str = "/var/lib/kafka/data1";

/// A cluster that is served.
pub struct Cluster {
    child: Child,
    input: Mutex<ChildStdin>,
    log: Arc<Log>,
}

/// What it has printed, and whether it prints no more.
#[derive(Default)]
struct Log {
    told: Mutex<(Vec<String>, bool)>,
    changed: Condvar,
}

impl Cluster {
    /// Starts one on free ports, after a scenario if there is one. Its log goes to `log`, at the end its scenario to `save`.
    ///
    /// # Errors
    /// It did not come up; the sentence says why.
    pub fn start(
        program: &Path,
        scenario: Option<&Path>,
        log: &Path,
        save: &Path,
    ) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("highwater serve did not start: {error}");
        let file = File::create(log).map_err(failed)?;
        let mut command = Command::new(program);
        command.args(["serve", "--port", "0", "--save"]).arg(save);
        if let Some(scenario) = scenario {
            command.arg("--scenario").arg(scenario);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child =
            command.stderr(file.try_clone().map_err(failed)?).spawn().map_err(failed)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("highwater serve has no standard input or output".into());
        };
        let log = Arc::<Log>::default();
        let writer = Arc::clone(&log);
        thread::spawn(move || writer.keep(output, file));
        Ok(Self { child, input: Mutex::new(input), log })
    }

    /// What a client is given as its bootstrap servers, once all of them take part: some clients do not
    /// ask again when no broker does.
    ///
    /// # Errors
    /// The cluster ended.
    pub fn servers(&self) -> Result<String, String> {
        let line = self.log.line_after(0, "bootstrap.servers=")?;
        let servers = line.trim_start_matches("bootstrap.servers=");
        for broker in 1..=servers.split(',').count() {
            self.log.line_after(0, &unfenced(broker))?;
        }
        Ok(servers.to_owned())
    }

    /// Types a line, and waits until it is done: `broker stop 2` when the broker has shut down.
    ///
    /// # Errors
    /// It is not done.
    pub fn type_line(&self, line: &str) -> Result<(), String> {
        let sign = sign_of(line).ok_or_else(|| format!("nobody knows when `{line}` is done"))?;
        let told = self.log.length();
        self.type_only(line)?;
        self.log.line_after(told, &sign).map(|_| ())
    }

    /// Types a line, and does not wait for what comes of it.
    ///
    /// # Errors
    /// The cluster has ended.
    pub fn type_only(&self, line: &str) -> Result<(), String> {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(input, "{line}").map_err(|error| format!("`{line}`: {error}"))
    }

    /// The id of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Looks for a batch that is compressed so in the log of a topic of three partitions.
    ///
    /// # Errors
    /// There is none.
    pub fn find_codec(&self, topic: &str, codec: &str) -> Result<(), String> {
        let told = self.log.length();
        for partition in 0..3 {
            let file = format!("{DATA}/{topic}-{partition}/00000000000000000000.log");
            self.type_only(&format!("kafka-dump-log.sh --files {file}"))?;
        }
        self.log.line_after(told, &format!("compresscodec: {codec}")).map(|_| ())
    }

    /// The last lines of the log.
    pub fn last_lines(&self, count: usize) -> Vec<String> {
        let told = self.log.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.0[told.0.len().saturating_sub(count)..].to_vec()
    }

    /// Ends it, so that it saves its scenario.
    ///
    /// # Errors
    /// It had ended before, by a panic: no client may bring that about.
    pub fn end(mut self) -> Result<(), String> {
        let _ = self.type_only("exit");
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("highwater serve ended with {status}")),
                Ok(None) => thread::sleep(Duration::from_millis(10)),
                Err(error) => return Err(format!("highwater serve: {error}")),
            }
        }
        let _ = self.child.kill();
        Err("highwater serve did not end when it was told to".into())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Log {
    fn keep(&self, output: ChildStdout, mut file: File) {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = writeln!(file, "{line}");
            self.told.lock().unwrap_or_else(PoisonError::into_inner).0.push(line);
            self.changed.notify_all();
        }
        self.told.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.changed.notify_all();
    }

    fn length(&self) -> usize {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).0.len()
    }

    /// The first line after those that holds the words.
    fn line_after(&self, lines: usize, words: &str) -> Result<String, String> {
        let end = Instant::now() + PATIENCE;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(line) = told.0.iter().skip(lines).find(|line| line.contains(words)) {
                return Ok(line.clone());
            }
            let left = end.saturating_duration_since(Instant::now());
            if told.1 || left.is_zero() {
                let why = if told.1 { "the cluster has ended" } else { "it does not come" };
                return Err(format!("waited for `{words}` in the cluster's log: {why}"));
            }
            told = match self.changed.wait_timeout(told, left) {
                Ok((told, _)) => told,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}

/// What the log says when a line is done.
fn sign_of(line: &str) -> Option<String> {
    if let Some(rest) = line.strip_prefix("kafka-topics.sh --create --topic ") {
        return Some(format!("Topic {} was created", rest.split(' ').next()?));
    }
    if line.starts_with("kafka-configs.sh ") {
        let (_, rest) = line.split_once(" --client ")?;
        return Some(format!("Completed updating config for client {}.", rest.split(' ').next()?));
    }
    let (verb, broker) = line.rsplit_once(' ')?;
    match verb {
        "broker stop" => Some(format!("Broker {broker} shut down")),
        "broker kill" => Some(format!("Broker {broker} was killed")),
        "broker start" => Some(unfenced(broker)),
        _ => None,
    }
}

fn unfenced(broker: impl std::fmt::Display) -> String {
    format!("The controller unfenced broker {broker}:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_done_when_the_log_says_so() {
        assert_eq!(sign_of("broker stop 2").as_deref(), Some("Broker 2 shut down"));
        let create = "kafka-topics.sh --create --topic a-b --partitions 3";
        assert_eq!(sign_of(create).as_deref(), Some("Topic a-b was created"));
        let alter = "kafka-configs.sh --alter --client a --add-config b=1";
        let completed = "Completed updating config for client a.";
        assert_eq!(sign_of(alter).as_deref(), Some(completed));
        assert_eq!(sign_of("network cut 1 2"), None);
    }
}
