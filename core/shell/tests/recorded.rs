//! The tools for elections and reassignments against a whole cluster, compared with what Kafka's tools
//! printed.

mod common;

use common::{Printed, Terminal};
use serde_json::Value;

const BASIC: &str = include_str!("../../../tests/oracle/cli/basic.json");
const FAILURES: &str = include_str!("../../../tests/oracle/cli/failures.json");

/// The recorded command as a line, at the server that is meant.
fn line(step: &Value) -> String {
    let arguments = step["args"].as_array().unwrap().iter().map(|argument| {
        let argument = argument.as_str().unwrap().replace("$BS", "localhost:9092");
        format!("'{argument}'")
    });
    let arguments: Vec<String> = arguments.collect();
    let server = match step["args"].to_string().contains("--bootstrap-server") {
        true => "",
        false => "--bootstrap-server localhost:9092,localhost:9093,localhost:9094 ",
    };
    format!("{}.sh {server}{}", step["tool"].as_str().unwrap(), arguments.join(" "))
}

/// What was printed, without the stacks of Java's exceptions.
fn masked(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("\tat "));
    let lines: Vec<String> = lines.map(|line| format!("{}\n", without_topic_id(line))).collect();
    lines.concat()
}

/// A line of `--describe` without what differs from run to run: the topic's id, and a setting of the
/// recorded brokers that changes a default of every topic.
fn without_topic_id(line: &str) -> String {
    let columns = line.split('\t').map(|column| match column.split_once(": ") {
        Some(("TopicId", _)) => "TopicId: *".to_owned(),
        Some(("Configs", configs)) => {
            let own = configs.split(',').filter(|config| *config != "file.delete.delay.ms=1000");
            format!("Configs: {}", own.collect::<Vec<_>>().join(","))
        }
        _ => column.to_owned(),
    });
    columns.collect::<Vec<_>>().join("\t")
}

/// The first line of an error. Warnings tell which bootstrap server was tried first, which is drawn.
fn first_error(errors: &str) -> String {
    let error = errors.lines().find(|line| !line.contains("] WARN "));
    error.unwrap_or_default().to_owned()
}

/// Puts the files of a recorded command in place and runs it.
fn run(terminal: &mut Terminal, step: &Value) -> Printed {
    for (path, text) in step["files"].as_object().into_iter().flatten() {
        let content = text.as_str().unwrap().to_owned();
        terminal.world.put_file(path, content.into());
    }
    terminal.run(&line(step))
}

/// Runs a recorded command and says how what it prints differs from the recording.
fn difference(terminal: &mut Terminal, step: &Value) -> Option<String> {
    let printed = run(terminal, step);
    let found = Printed {
        output: masked(&printed.output),
        errors: first_error(&printed.errors),
        code: printed.code,
    };
    let expected = Printed {
        output: masked(step["stdout"].as_str().unwrap()),
        errors: first_error(step["stderr"].as_str().unwrap()),
        code: step["exit"].as_i64().map(|code| code as i32),
    };
    (found != expected)
        .then(|| format!("{}\n  expected {expected:?}\n  found    {found:?}", step["id"]))
}

fn steps(recorded: &str) -> Vec<Value> {
    let recorded: Value = serde_json::from_str(recorded).unwrap();
    recorded.as_array().unwrap().clone()
}

#[test]
fn the_tools_print_what_kafkas_tools_print() {
    let mut terminal = Terminal::new();
    let create = "kafka-topics.sh --bootstrap-server localhost:9092 --create --topic";
    terminal.run(&format!("{create} orders --replica-assignment 1:2:3,2:3:1,3:1:2"));
    terminal.run(&format!("{create} assigned --replica-assignment 1:2,2:3,3:1"));
    let mut differences = Vec::new();
    let mut replayed = 0;
    for step in steps(BASIC) {
        let id = step["id"].as_str().unwrap().to_owned();
        let is_of_these = id.starts_with("reassign/") || id.starts_with("election/");
        if !is_of_these {
            continue;
        }
        replayed += 1;
        if id == "reassign/generate" {
            // Where the proposal begins is drawn, and so are its brokers; the rest is not.
            let printed = run(&mut terminal, &step).output;
            let expected = step["stdout"].as_str().unwrap();
            let upto = |text: &str| {
                text.split("\"partitions\":[").take(2).map(str::to_owned).collect::<Vec<_>>()
            };
            if upto(&printed) != upto(expected) || printed.lines().count() != 5 {
                differences.push(format!("{id}\n  expected {expected}\n  found    {printed}"));
            }
            continue;
        }
        differences.extend(difference(&mut terminal, &step));
    }
    assert_eq!(replayed, 11);
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

/// The story of brokers that were killed one after the other, as far as `--describe` and the elections
/// tell it. What the console clients did is left out, and with it the internal topic.
#[test]
fn elections_after_failures_go_as_recorded() {
    let mut terminal = Terminal::new();
    let mut differences = Vec::new();
    let mut replayed = 0;
    for step in steps(FAILURES).into_iter().take(63) {
        if let Some(event) = step["event"].as_str() {
            let verb = event.replace("kill -9 broker", "broker kill");
            terminal.run(&verb.replace("start broker", "broker start"));
            // Longer than a session lasts, and long enough to come back.
            terminal.wait_seconds(20);
            continue;
        }
        let id = step["id"].as_str().unwrap();
        let is_told = ["kafka-topics", "kafka-leader-election"]
            .iter()
            .any(|tool| step["tool"].as_str() == Some(tool));
        // They speak of __consumer_offsets, which nobody needed here, or of topics in another order.
        let is_of_all = id.contains("under-") || id == "fail23/create-rf2";
        if !is_told || is_of_all {
            continue;
        }
        replayed += 1;
        let mut step = step.clone();
        let offsets = ", __consumer_offsets-1, __consumer_offsets-2";
        step["stdout"] = step["stdout"].as_str().unwrap().replace(offsets, "").into();
        differences.extend(difference(&mut terminal, &step));
    }
    assert_eq!(replayed, 21);
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
