//! What a family's replay came to.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// How many scenarios behaved as recorded, and where the others first did not.
pub struct Report {
    /// The family of recordings.
    pub family: &'static str,
    /// How many scenarios behaved as recorded.
    pub passed: usize,
    /// The others.
    pub failures: Vec<Failure>,
    /// Those among the others that differ on purpose.
    pub differing: Vec<Failure>,
    /// What else is to be said.
    pub notes: Vec<String>,
}

/// The first difference in a scenario.
pub struct Failure {
    /// Which scenario: its seed or its name.
    pub scenario: String,
    /// Which operation of it, and which field of its result.
    pub operation: String,
    /// What Kafka did.
    pub expected: String,
    /// What the engine did.
    pub got: String,
}

/// A difference that was found, before it is known in which scenario.
pub struct Difference {
    /// Which operation, and which field of its result.
    pub operation: String,
    /// What Kafka did.
    pub expected: String,
    /// What the engine did.
    pub got: String,
}

/// What a replay of one scenario comes to.
pub type Replayed = Result<(), Difference>;

/// How many failures are printed.
const SHOWN: usize = 5;

impl Report {
    /// A report on nothing yet.
    pub fn new(family: &'static str) -> Self {
        Self { family, passed: 0, failures: Vec::new(), differing: Vec::new(), notes: Vec::new() }
    }

    /// Replays a scenario and counts it. A replay that panics has failed: the rest is still replayed.
    pub fn add(&mut self, scenario: impl Into<String>, replay: impl FnOnce() -> Replayed) {
        let outcome = catch_unwind(AssertUnwindSafe(replay)).unwrap_or_else(|panic| {
            Err(Difference::new("the replay", "an answer", format!("a panic: {}", words(&*panic))))
        });
        match outcome {
            Ok(()) => self.passed += 1,
            Err(Difference { operation, expected, got }) => {
                self.failures.push(Failure { scenario: scenario.into(), operation, expected, got });
            }
        }
    }

    /// Replays each line of each `.jsonl` file in a folder.
    pub fn add_folder(
        &mut self,
        dir: &Path,
        name: impl Fn(&Value) -> String,
        replay: impl Fn(&Value) -> Replayed,
    ) {
        for file in files(dir, ".jsonl") {
            self.add_lines(&file, &name, &replay);
        }
    }

    /// Replays each line of a file.
    pub fn add_lines(
        &mut self,
        file: &Path,
        name: impl Fn(&Value) -> String,
        replay: impl Fn(&Value) -> Replayed,
    ) {
        let place = file.file_name().unwrap_or_default().to_string_lossy();
        let unreadable = |error: &dyn fmt::Display| {
            Err(Difference::new("the recording", "JSON, one scenario a line", error.to_string()))
        };
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => return self.add(place, || unreadable(&error)),
        };
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            match serde_json::from_str::<Value>(line) {
                Ok(scenario) => self.add(name(&scenario), || replay(&scenario)),
                Err(error) => {
                    self.add(format!("{place} line {}", index + 1), || unreadable(&error));
                }
            }
        }
    }

    /// How many scenarios were replayed.
    pub fn replayed(&self) -> usize {
        self.passed + self.failures.len() + self.differing.len()
    }
}

impl Difference {
    /// A difference between two texts.
    pub fn new(
        operation: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self { operation: operation.into(), expected: expected.into(), got: got.into() }
    }
}

/// The files of a folder whose names end so, in the order of their names.
pub fn files(dir: &Path, suffix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<_> = paths.filter(|path| path.to_string_lossy().ends_with(suffix)).collect();
    files.sort();
    files
}

/// Compares two values; the operation names where.
pub fn same<T: PartialEq + fmt::Debug>(
    operation: impl fmt::Display,
    expected: T,
    got: T,
) -> Replayed {
    if expected == got {
        return Ok(());
    }
    Err(Difference::new(operation.to_string(), format!("{expected:?}"), format!("{got:?}")))
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} passed, {} failed", self.family, self.passed, self.failures.len())?;
        if !self.differing.is_empty() {
            write!(f, ", {} differ on purpose", self.differing.len())?;
        }
        for note in &self.notes {
            write!(f, "\n  {note}")?;
        }
        for failure in self.failures.iter().take(SHOWN) {
            write!(f, "\n  scenario {}, operation {}", failure.scenario, failure.operation)?;
            write!(f, "\n    expected {}", failure.expected)?;
            write!(f, "\n    got      {}", failure.got)?;
        }
        Ok(())
    }
}
