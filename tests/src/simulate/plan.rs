//! What a seed draws: the parts of a script, so that it can be shrunk part by part.

use std::fmt::Write;

/// The comment at the head of the script of a careful plan: what promises hold in it.
pub(super) const CAREFUL: &str = "# careful: nothing may be lost\n";

/// A line of a script that is typed at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at_ms: u64,
    /// The terminal.
    pub terminal: &'static str,
    /// What is typed.
    pub text: String,
}

/// A script in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The header's lines but for the format.
    pub header: Vec<String>,
    /// Topics, clients and faults: what a shorter script may do without.
    pub lines: Vec<Line>,
    /// All comes back, and the producers close: without it nothing could be expected in the end.
    pub heal: Vec<Line>,
    /// Whether nothing may be lost: idempotent producers with acks=all, three replicas of which two are in
    /// sync, groups that begin at the beginning, and no fault that is too much for these.
    pub is_careful: bool,
}

impl Line {
    /// A line that is typed at `at_ms` on a terminal.
    pub fn new(at_ms: u64, terminal: &'static str, text: impl Into<String>) -> Self {
        Self { at_ms, terminal, text: text.into() }
    }
}

impl Plan {
    /// The script.
    pub fn script(&self) -> String {
        let mut script = String::from("highwater 1\n");
        script.push_str(if self.is_careful { CAREFUL } else { "" });
        for line in &self.header {
            script.push_str(line);
            script.push('\n');
        }
        let mut lines: Vec<&Line> = self.lines.iter().chain(&self.heal).collect();
        // Stable: of one instant, the first that was drawn comes first.
        lines.sort_by_key(|line| line.at_ms);
        for Line { at_ms, terminal, text } in lines {
            writeln!(script, "@{at_ms}ms {terminal}> {text}")
                .expect("a string takes whatever is written");
        }
        script
    }
}
