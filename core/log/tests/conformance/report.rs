//! What a family's replay came to.

use std::fmt;
use std::path::Path;

use serde_json::Value;

/// How many scenarios behaved as recorded, and where the others first did not.
pub struct Report {
    pub family: &'static str,
    pub passed: usize,
    pub failures: Vec<Failure>,
}

/// The first difference in a scenario.
pub struct Failure {
    pub scenario: String,
    pub operation: String,
    pub expected: String,
    pub got: String,
}

/// A difference that was found, before it is known in which scenario.
pub struct Difference {
    pub operation: String,
    pub expected: String,
    pub got: String,
}

/// How many failures are printed.
const SHOWN: usize = 5;

impl Report {
    pub fn new(family: &'static str) -> Self {
        Self { family, passed: 0, failures: Vec::new() }
    }

    /// Counts a scenario.
    pub fn add(&mut self, scenario: impl Into<String>, outcome: Result<(), Difference>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(Difference { operation, expected, got }) => {
                self.failures.push(Failure { scenario: scenario.into(), operation, expected, got });
            }
        }
    }

    /// Replays each line of a file.
    pub fn add_lines(
        &mut self,
        file: &Path,
        name: impl Fn(&Value) -> String,
        replay: impl Fn(&Value) -> Result<(), Difference>,
    ) {
        let text = std::fs::read_to_string(file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for line in text.lines() {
            let scenario: Value = serde_json::from_str(line).expect("a recording is JSON");
            self.add(name(&scenario), replay(&scenario));
        }
    }
}

/// Compares two values; the operation names where.
pub fn same<T: PartialEq + fmt::Debug>(
    operation: impl fmt::Display,
    expected: T,
    got: T,
) -> Result<(), Difference> {
    if expected == got {
        return Ok(());
    }
    Err(Difference {
        operation: operation.to_string(),
        expected: format!("{expected:?}"),
        got: format!("{got:?}"),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} passed, {} failed", self.family, self.passed, self.failures.len())?;
        for failure in self.failures.iter().take(SHOWN) {
            writeln!(f, "  scenario {}, operation {}", failure.scenario, failure.operation)?;
            writeln!(f, "    expected {}", failure.expected)?;
            writeln!(f, "    got      {}", failure.got)?;
        }
        Ok(())
    }
}
