//! Family cli: command lines, run in order as one story in each file. Each command with an id is held to
//! its standard output, the first line of its standard error, and its exit code, once masked.
//!
//! What differs is listed with its reason in `tests/cli-differences.toml`. What is listed and does not
//! differ fails too, so that the list stays true.

use std::path::Path;

use highwater_scenario::cluster::cluster_spec::ClusterSpec;
use highwater_scenario::cluster::event::EventKind;
use highwater_scenario::cluster::ids::{ClientId, EntryId, TerminalName};
use highwater_scenario::cluster::input::Input;
use highwater_scenario::cluster::log::TimestampMs;
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::cluster::world::World;
use serde::Deserialize;
use serde_json::Value;

use super::report::{Difference, Failure, Report, files};

mod mask;

use mask::{Masks, masked};

const FILE: &str = include_str!("../../cli-differences.toml");
/// How many of a hundred commands must be exact.
const LEAST_PERCENT: usize = 95;

/// The differences that are known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
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
    /// Which part differs: `stdout`, `stderr` or `exit`.
    part: String,
    /// Why it prints something else.
    reason: String,
}

impl Known {
    fn find(&self, file: &str, id: &str) -> Option<&KnownDifference> {
        self.difference.iter().find(|known| known.file == file && known.id == id)
    }
}

/// Replays each recording.
pub fn check(dir: &Path) -> Report {
    let known: Known = toml::from_str(FILE).expect("tests/cli-differences.toml can be read");
    let mut report = Report::new("cli");
    // Of other recordings the list says what may differ, not what must.
    let is_own = dir == super::recordings().join("cli");
    let mut totals = (0, 0);
    for path in files(dir, ".json") {
        let name = &*path.file_stem().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        match serde_json::from_str::<Vec<Value>>(&text) {
            Ok(steps) => {
                let (exact, commands) = check_file(&mut report, &known, name, &steps);
                if is_own {
                    check_list(&mut report, &known, name);
                }
                totals = (totals.0 + exact, totals.1 + commands);
                report.notes.push(share(name, exact, commands));
            }
            Err(error) => {
                report.failures.push(failure(name, "reading", "JSON", &error.to_string()));
            }
        }
    }
    let (exact, commands) = totals;
    report.notes.push(share("all", exact, commands));
    if exact * 100 < commands * LEAST_PERCENT {
        let least = format!("at least {LEAST_PERCENT} % exact");
        report.failures.push(failure("all", "share", &least, &share("all", exact, commands)));
    }
    report
}

/// Replays a file, and tells how many of how many commands were exact.
fn check_file(report: &mut Report, known: &Known, name: &str, steps: &[Value]) -> (usize, usize) {
    let (mut exact, mut commands) = (0, 0);
    let mut story = Story::new(name);
    for step in steps {
        let Some(id) = step["id"].as_str() else {
            story.event(step);
            continue;
        };
        commands += 1;
        let scenario = format!("{name} {id}");
        story.unwritten(id);
        match (story.compare(step), known.find(name, id)) {
            (Ok(()), _) => {
                exact += 1;
                report.passed += 1;
            }
            (Err(difference), listed) => {
                let Difference { operation, expected, got } = difference;
                let is_listed = listed.is_some_and(|listed| {
                    listed.part == operation && !listed.reason.trim().is_empty()
                });
                let to = if is_listed { &mut report.differing } else { &mut report.failures };
                to.push(Failure { scenario, operation, expected, got });
            }
        }
    }
    (exact, commands)
}

/// What is listed differs still.
fn check_list(report: &mut Report, known: &Known, name: &str) {
    for listed in known.difference.iter().filter(|listed| listed.file == name) {
        let scenario = format!("{name} {}", listed.id);
        let is_seen = |failure: &Failure| failure.scenario == scenario;
        if !report.differing.iter().chain(&report.failures).any(is_seen) {
            let wanted = "a difference, as tests/cli-differences.toml says";
            let got = "the recorded output, or no such command: take it out of the list";
            report.failures.push(failure(&scenario, "list", wanted, got));
        }
    }
}

fn share(what: &str, exact: usize, commands: usize) -> String {
    let hundredths = (exact * 10_000).checked_div(commands).unwrap_or_default();
    format!("{what}: {exact} of {commands} exact, {}.{:02} %", hundredths / 100, hundredths % 100)
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

/// What was done before a command and not written down between the commands: what they print tells.
const UNWRITTEN: &[(&str, &str, Unwritten)] = &[
    // Records older than `retention.ms` were deleted before the setting was taken back.
    ("basic", "configs/alter-delete", Unwritten::Wait(70_000)),
    (
        "failures",
        "groups/live/list",
        Unwritten::Start(&[
            "--group classic-g --from-beginning --command-property client.id=c1",
            "--group classic-g --from-beginning --command-property client.id=c2",
            "--group new-g --from-beginning --command-property client.id=n1 \
             --command-property group.protocol=consumer",
        ]),
    ),
    ("failures", "groups/after-stop/classic", Unwritten::Stop(3)),
];

#[derive(Clone, Copy)]
enum Unwritten {
    /// So many milliseconds passed.
    Wait(i64),
    /// Console consumers of `orders` were started, with these options.
    Start(&'static [&'static str]),
    /// So many of them were stopped.
    Stop(usize),
}

impl Story {
    fn new(file: &str) -> Self {
        let world = fresh(file);
        let mut story = Self { file: file.to_owned(), world, entries: 0 };
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
            self.world = fresh(&self.file);
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
            // It joins, reads, and commits what it has read.
            self.wait_ms(12_000);
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

    /// What was done before a command.
    fn unwritten(&mut self, id: &str) {
        let known = UNWRITTEN.iter().find(|(file, before, _)| *file == self.file && *before == id);
        match known.map(|(_, _, what)| *what) {
            None => {}
            Some(Unwritten::Wait(millis)) => self.wait_ms(millis),
            Some(Unwritten::Start(all)) => {
                let tool =
                    "kafka-console-consumer --bootstrap-server localhost:9092 --topic orders";
                for options in all {
                    self.run(&format!("{tool} {options} > read.txt 2>&1 &"));
                }
                self.wait_ms(10_000);
            }
            Some(Unwritten::Stop(count)) => {
                (1..=count).for_each(|job| {
                    self.run(&format!("kill %{job}"));
                });
            }
        }
    }

    /// Runs a recorded command and compares.
    fn compare(&mut self, step: &Value) -> Result<(), Difference> {
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
        self.difference(step, &printed)
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

/// What decides what is drawn: to which partition records without a key go, and who is asked first. With
/// these it falls as it fell in the recording.
fn seed(file: &str) -> u64 {
    match file {
        "basic" => 2,
        "failures" => 90,
        _ => 1,
    }
}

/// What the recorded brokers of `basic` and `failures` were started with.
const RECORDED: &[(&str, &str)] = &[
    ("group.initial.rebalance.delay.ms", "0"),
    ("log.cleaner.backoff.ms", "1000"),
    ("log.retention.check.interval.ms", "2000"),
    ("log.segment.delete.delay.ms", "1000"),
    ("offsets.topic.num.partitions", "4"),
    ("replica.lag.time.max.ms", "5000"),
    ("transaction.state.log.min.isr", "1"),
    ("transaction.state.log.num.partitions", "4"),
];

/// When the recording of `kcat` began: some of its commands ask for an instant.
const KCAT_BEGAN: TimestampMs = TimestampMs(1_795_229_425_000);

/// The cluster of a recording, whose brokers have come up.
fn fresh(file: &str) -> World {
    let mut spec = ClusterSpec { seed: seed(file), ..ClusterSpec::default() };
    let settings = match file {
        "basic" | "failures" => RECORDED,
        "kcat" => {
            &[("group.initial.rebalance.delay.ms", "0"), ("offsets.topic.num.partitions", "4")]
        }
        _ => &RECORDED[1..2],
    };
    spec.configs = settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    match file {
        "basic" => spec.racks = ["rack1", "rack2", "rack3"].map(Into::into).to_vec(),
        "kcat" => spec.start = KCAT_BEGAN,
        _ => {}
    }
    let mut world = World::new(spec);
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
