//! The command lines of learners' notes: those that are right run as written, those that are out of date
//! are explained. They stand in `tests/scenarios/notes-commands.txt`.

use highwater_scenario::cluster::cluster_spec::ClusterSpec;
use highwater_scenario::cluster::event::EventKind;
use highwater_scenario::cluster::ids::{EntryId, TerminalName};
use highwater_scenario::cluster::input::Input;
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::cluster::world::World;
use highwater_tests::{THREE_BROKERS, play};

const NOTES: &str = include_str!("../scenarios/notes-commands.txt");
/// The exit code after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// What is to be done, and what is to come of it.
#[derive(Debug)]
enum Step {
    Given(String),
    Runs(String),
    Explains(String, String),
}

/// The steps of the file.
fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut command: Option<String> = None;
    for line in text.lines() {
        let ends = |word: &str| line.strip_prefix(word).map(|rest| rest.trim().to_owned());
        if let Some(begun) = command.take() {
            if line == "runs" {
                steps.push(Step::Runs(begun));
            } else if let Some(words) = ends("explains ") {
                steps.push(Step::Explains(begun, words));
            } else {
                command = Some(format!("{begun}\n{line}"));
            }
        } else if let Some(begun) = line.strip_prefix("$ ") {
            command = Some(begun.to_owned());
        } else if let Some(line) = ends("given ") {
            steps.push(Step::Given(line));
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "what is this: {line}");
        }
    }
    assert!(command.is_none(), "nothing tells what is to come of {command:?}");
    steps
}

/// What a command printed, and its exit code.
#[derive(Debug, Default)]
struct Printed {
    output: Vec<String>,
    errors: Vec<String>,
    code: Option<i32>,
}

struct Terminal {
    world: World,
    entries: u32,
}

impl Terminal {
    fn new() -> Self {
        let mut world = World::new(ClusterSpec::default());
        world.run_until(Time(5_000_000));
        Self { world, entries: 0 }
    }

    /// Runs a command. One that reads gets a line and the end of its input, one that goes on and on is
    /// interrupted.
    fn run(&mut self, line: &str) -> Printed {
        self.entries += 1;
        let entry = EntryId(self.entries);
        self.world.take_events();
        let program = highwater_shell::start(line);
        let terminal = TerminalName::from("t1");
        let client = self.world.start_program(entry, &terminal, program).expect("there is room");
        let mut printed = Printed::default();
        let typed = [Input::Line("key1:{\"name\":\"Alice\"}".to_owned()), Input::EndOfInput];
        let mut typed = typed.into_iter();
        let (mut pause, give_up) = (self.after(10), self.after(100));
        while printed.code.is_none() {
            assert!(self.world.now() < give_up, "{line} goes on and on: {printed:?}");
            for event in self.world.take_events() {
                match event.kind {
                    EventKind::Output { text, is_error: true, .. } => {
                        printed.errors.push(text.to_string())
                    }
                    EventKind::Output { text, .. } => printed.output.push(text.to_string()),
                    EventKind::CommandExited { client: ended, code, .. } if ended == client => {
                        printed.code = Some(code);
                    }
                    _ => {}
                }
            }
            if printed.code.is_none() && (self.world.now() >= pause || !self.world.step()) {
                let reads = self.world.reads_input(client);
                let input = reads.then(|| typed.next()).flatten().unwrap_or(Input::Interrupt);
                self.world.input(entry, client, input);
                pause = self.after(10);
            }
        }
        let settled = self.after(2);
        self.world.run_until(settled);
        printed
    }

    fn after(&self, seconds: i64) -> Time {
        self.world.now() + Span::from_millis(seconds * 1_000)
    }
}

impl Printed {
    /// What Highwater itself says.
    fn explanation(&self) -> Option<&str> {
        let mut lines = self.errors.iter().chain(&self.output);
        lines.find_map(|line| line.strip_prefix("Highwater: "))
    }
}

#[test]
fn what_is_right_runs_and_what_is_out_of_date_is_explained() {
    let mut terminal = Terminal::new();
    let (mut run, mut explained) = (0, 0);
    for step in steps(NOTES) {
        match step {
            Step::Given(line) => {
                let printed = terminal.run(&line);
                assert_eq!(printed.code, Some(0), "{line}: {printed:#?}");
            }
            Step::Runs(line) => {
                let printed = terminal.run(&line);
                let is_done = matches!(printed.code, Some(0 | INTERRUPTED));
                assert!(is_done && printed.explanation().is_none(), "{line}: {printed:#?}");
                let errors = printed.output.iter().chain(&printed.errors);
                let error = errors.filter(|line| line.contains("Error") || line.contains("ERROR"));
                assert_eq!(error.count(), 0, "{line}: {printed:#?}");
                run += 1;
            }
            Step::Explains(line, words) => {
                let printed = terminal.run(&line);
                assert!(!matches!(printed.code, None | Some(0)), "{line}: {printed:#?}");
                let said = printed.explanation().unwrap_or_default();
                assert!(said.contains(&words), "{line}: {printed:#?}");
                // The tool's own error comes first, and stands apart.
                let first = printed.errors.first().map_or("", String::as_str);
                assert!(!first.is_empty() && !first.starts_with("Highwater: "), "{printed:#?}");
                explained += 1;
            }
        }
    }
    assert_eq!((run, explained), (21, 7));
}

/// As it is pasted: one line after the other, into a terminal of a cluster in which nothing is.
#[test]
fn the_cheat_sheet_works_from_top_to_bottom() {
    let sheet = NOTES.split("# Consumer lag").next().unwrap_or_default();
    let lines: Vec<&str> = sheet.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert_eq!(lines.len(), 3);
    let mut script = THREE_BROKERS.to_owned();
    for line in lines {
        script += &format!("@6s t1> {line}\n");
    }
    script += "@12s t2> echo '{\"order_id\": 123}' | kafka-console-producer.sh --bootstrap-server \
               localhost:9092 --topic orders\n@20s t1 signal INT\n";
    let output = play(&script, 30).output();
    for wanted in [
        "Created topic orders.",
        "broker-list is not a recognized option",
        "write --bootstrap-server localhost:9092",
        "{\"order_id\": 123}",
        "Processed a total of 1 messages",
    ] {
        assert!(output.iter().any(|line| line.contains(wanted)), "no {wanted}: {output:#?}");
    }
}
