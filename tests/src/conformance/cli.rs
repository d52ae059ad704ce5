//! Family cli: command lines, run in order as one story in each file. Each command with an id is held to
//! its standard output, the first line of its standard error, and its exit code, once masked.
//!
//! What differs is listed with its reason in `tests/cli-differences.toml`; commands of tools that are
//! not there are counted apart.

use std::path::Path;

use highwater_scenario::cluster::cluster_spec::ClusterSpec;
use highwater_scenario::cluster::event::EventKind;
use highwater_scenario::cluster::ids::{ClientId, EntryId, TerminalName};
use highwater_scenario::cluster::input::Input;
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::cluster::world::World;
use serde::Deserialize;
use serde_json::Value;

use super::report::{Difference, Failure, Report};

mod mask;

use mask::{Masks, masked};

const FILE: &str = include_str!("../../cli-differences.toml");
/// The exit code of a shell that does not find a command.
const NOT_FOUND: i64 = 127;

/// The differences that are known, and for which tools all of them must be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// The tools whose every difference is listed.
    held: Vec<String>,
    #[serde(default)]
    difference: Vec<KnownDifference>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownDifference {
    /// The recording: `basic`.
    file: String,
    /// The command.
    id: String,
    /// Why it prints something else.
    reason: String,
}

/// Replays each recording.
pub fn check(dir: &Path) -> Report {
    let known: Known = toml::from_str(FILE).expect("tests/cli-differences.toml can be read");
    let mut report = Report::new("cli");
    let (mut commands, mut exact) = (0, 0);
    let mut absent: Vec<String> = Vec::new();
    for name in ["basic", "failures", "cheatsheet", "kcat"] {
        let path = dir.join(format!("{name}.json"));
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let steps: Vec<Value> = match serde_json::from_str(&text) {
            Ok(steps) => steps,
            Err(error) => {
                report.failures.push(failure(name, "reading", "JSON", &error.to_string()));
                continue;
            }
        };
        let mut story = Story::new(name);
        for step in &steps {
            let Some(id) = step["id"].as_str() else {
                story.event(step);
                continue;
            };
            commands += 1;
            let tool = step["tool"].as_str().unwrap_or_default();
            let (is_found, outcome) = story.compare(step);
            if !is_found {
                absent.push(tool.to_owned());
                continue;
            }
            let Err(difference) = outcome else {
                exact += 1;
                report.passed += 1;
                continue;
            };
            let is_listed = known.difference.iter().any(|listed| {
                listed.file == name && listed.id == id && !listed.reason.trim().is_empty()
            });
            let failure = failure(
                &format!("{name} {id}"),
                &difference.operation,
                &difference.expected,
                &difference.got,
            );
            if is_listed || !known.held.iter().any(|held| held == tool) {
                report.differing.push(failure);
            } else {
                report.failures.push(failure);
            }
        }
    }
    let mut differing: Vec<&str> = Vec::new();
    differing.extend(report.failures.iter().map(|failure| failure.scenario.as_str()));
    differing.extend(report.differing.iter().map(|failure| failure.scenario.as_str()));
    let differing = differing.join(", ");
    let there = commands - absent.len();
    absent.sort();
    absent.dedup();
    report.notes.push(format!(
        "exact {exact} of {there} commands of the tools that are there, {commands} in all; not there: {}",
        absent.join(", ")
    ));
    report.notes.push(format!("different: {differing}"));
    report
}

fn failure(scenario: &str, operation: &str, expected: &str, got: &str) -> Failure {
    Failure {
        scenario: scenario.to_owned(),
        operation: operation.to_owned(),
        expected: expected.to_owned(),
        got: got.to_owned(),
    }
}

/// What a command printed, and its exit code.
#[derive(Debug, Default)]
struct Printed {
    output: String,
    errors: String,
    code: Option<i64>,
}

/// A cluster on which the commands of a file run.
struct Story {
    file: String,
    world: World,
    entries: u32,
}

impl Story {
    fn new(file: &str) -> Self {
        let mut story = Self { file: file.to_owned(), world: fresh(), entries: 0 };
        if file == "basic" {
            // It was there before the first command that was recorded.
            let create = "kafka-topics --bootstrap-server localhost:9092 --create --topic t1";
            story.run(&format!("{create} --partitions 3 --replication-factor 3"));
        }
        story
    }

    fn wait_ms(&mut self, millis: i64) {
        let until = self.world.now() + Span::from_millis(millis);
        self.world.run_until(until);
    }

    /// What was done between commands.
    fn event(&mut self, step: &Value) {
        let Some(event) = step["event"].as_str() else { return };
        if event.starts_with("freshly formatted") {
            self.world = fresh();
        } else if let Some(broker) = event.strip_prefix("kill -9 broker ") {
            self.run(&format!("broker kill {broker}"));
            self.wait_ms(20_000);
        } else if let Some(broker) = event.strip_prefix("start broker ") {
            self.run(&format!("broker start {broker}"));
            self.wait_ms(20_000);
        } else if event.starts_with("stop broker 2") {
            self.run("broker stop 2");
            self.wait_ms(10_000);
        } else if event == "background start" {
            self.run(&format!("{} &", line(&self.file, step)));
            self.wait_ms(6_000);
        } else if event.starts_with("background stopped") {
            self.run("kill %1");
            self.wait_ms(2_000);
        } else if event.starts_with("kafka-python") {
            let tool = "kafka-console-producer --bootstrap-server localhost:9092 --topic orders";
            self.run(&format!("echo '{{\"order_id\": 123, \"amount\": 50}}' | {tool}"));
        } else if event.starts_with("on a terminal: kcat") {
            self.run(
                "printf 'k1:typed\\nk2:typed too\\n' | kcat -b localhost:9092 -P -t events -K :",
            );
        }
    }

    /// Runs a recorded command and compares. Tells whether there is such a tool.
    fn compare(&mut self, step: &Value) -> (bool, Result<(), Difference>) {
        for (path, text) in step["files"].as_object().into_iter().flatten() {
            let content = text.as_str().unwrap_or_default().to_owned();
            self.world.put_file(path, content.into());
        }
        let is_typed = step["pty"].as_bool().unwrap_or_default();
        let stdin = step["stdin"].as_str().unwrap_or_default();
        let line = match is_typed {
            true => line(&self.file, step),
            false => {
                self.world.put_file("stdin", stdin.as_bytes().to_vec().into());
                format!("{} < stdin", line(&self.file, step))
            }
        };
        let client = self.start(&line);
        let interrupt = step["ctrl_c_after_s"].as_u64();
        if is_typed {
            for typed in stdin.lines() {
                self.wait_ms(3_000);
                let input = match typed {
                    "\u{3}" => Input::Interrupt,
                    typed => Input::Line(typed.to_owned()),
                };
                self.world.input(EntryId(self.entries), client, input);
            }
            self.wait_ms(1_000);
            self.world.input(EntryId(self.entries), client, Input::EndOfInput);
        }
        let printed = self.finish(client, interrupt, is_typed);
        let is_found = printed.code != Some(NOT_FOUND);
        (is_found, self.difference(step, &printed))
    }

    fn difference(&self, step: &Value, printed: &Printed) -> Result<(), Difference> {
        let masks = Masks::of(&self.file, step);
        let text = |name: &str| step[name].as_str().unwrap_or_default();
        let parts = [
            ("stdout", masked(text("stdout"), masks), masked(&printed.output, masks)),
            ("stderr", first_error(text("stderr")), first_error(&printed.errors)),
            (
                "exit",
                step["exit"].as_i64().map_or("none".to_owned(), |code| code.to_string()),
                printed.code.map_or("none".to_owned(), |code| code.to_string()),
            ),
        ];
        for (operation, expected, got) in parts {
            if expected != got {
                return Err(Difference { operation: operation.to_owned(), expected, got });
            }
        }
        Ok(())
    }

    fn run(&mut self, line: &str) -> Printed {
        let client = self.start(line);
        self.finish(client, None, false)
    }

    fn start(&mut self, line: &str) -> ClientId {
        self.entries += 1;
        let program = highwater_shell::start(line);
        let terminal = TerminalName::from("t1");
        self.world.take_events();
        self.world
            .start_program(EntryId(self.entries), &terminal, program)
            .expect("there is room for a command")
    }

    /// Lets a command run to its end, or until it is interrupted and then to its end.
    fn finish(&mut self, client: ClientId, interrupt_s: Option<u64>, is_typed: bool) -> Printed {
        let begun = self.world.now();
        let after = |seconds: u64| begun + Span::from_millis(seconds as i64 * 1_000);
        let mut interrupt = interrupt_s.map(after);
        let mut printed = Printed::default();
        let give_up = after(200);
        loop {
            for event in self.world.take_events() {
                match event.kind {
                    EventKind::Output { text, is_error, .. } => {
                        let to = if is_error && !is_typed {
                            &mut printed.errors
                        } else {
                            &mut printed.output
                        };
                        to.push_str(&text);
                        to.push('\n');
                    }
                    EventKind::CommandExited { code, client: ended, .. } if ended == client => {
                        printed.code = Some(code.into());
                    }
                    _ => {}
                }
            }
            if printed.code.is_some() || self.world.now() >= give_up {
                break;
            }
            let due = self.world.next_due();
            if interrupt.is_some_and(|at| due.is_none_or(|due| due > at)) {
                let at = interrupt.take().unwrap_or(begun);
                self.world.run_until(at);
                self.world.input(EntryId(self.entries), client, Input::Interrupt);
            } else if !self.world.step() {
                break;
            }
        }
        // What a command changed reaches every broker before the next one asks.
        self.wait_ms(1_500);
        printed
    }
}

/// A cluster whose brokers have come up.
fn fresh() -> World {
    let mut world = World::new(ClusterSpec::default());
    world.run_until(Time(5_000_000));
    world
}

/// The recorded command as a line, at the server that is meant.
fn line(file: &str, step: &Value) -> String {
    let tool = step["tool"].as_str().unwrap_or_default();
    let arguments: Vec<String> = step["args"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|argument| {
            format!("'{}'", argument.replace("$BS", "localhost:9092").replace('\'', "'\\''"))
        })
        .collect();
    // In `failures` the servers were not written down with each command.
    let is_written = file != "failures" || matches!(tool, "kafka-dump-log");
    let server = match is_written {
        true => "",
        false => "--bootstrap-server localhost:9092,localhost:9093,localhost:9094 ",
    };
    format!("{tool} {server}{}", arguments.join(" "))
}

/// The first line of an error. Warnings tell which server was tried first, which is drawn; what Highwater
/// adds stands apart.
fn first_error(errors: &str) -> String {
    let is_told = |line: &&str| !line.contains("] WARN ") && !line.starts_with("Highwater:");
    let first = errors.lines().find(is_told).unwrap_or_default();
    masked(first, Masks::default())
}
