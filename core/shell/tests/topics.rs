//! `kafka-topics.sh` against a whole cluster, compared with what Kafka's tool printed.

mod common;

use common::{Printed, Terminal};
use serde_json::Value;

const RECORDED: &str = include_str!("../../../tests/oracle/cli/basic.json");

/// The recorded command as a line, at the server that is meant.
fn line(step: &Value) -> String {
    let arguments = step["args"].as_array().unwrap().iter().map(|argument| {
        let argument = argument.as_str().unwrap().replace("$BS", "localhost:9092");
        format!("'{argument}'")
    });
    let arguments: Vec<String> = arguments.collect();
    format!("{}.sh {}", step["tool"].as_str().unwrap(), arguments.join(" "))
}

/// The text with what differs from run to run taken out: topic ids, the time of day, and a setting of
/// the recorded brokers that changes a default of every topic. Where placement begins is drawn, so
/// brokers are numbered from the first one of each topic.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    let mut first = None;
    for line in text.lines() {
        // A fourth partition was only ever added later, and where it begins was drawn anew.
        if line.starts_with("Topic: ") || line.contains("\tPartition: 3\t") {
            first = None;
        }
        let columns = line.split('\t').map(|column| match column.split_once(": ") {
            Some(("TopicId", _)) => "TopicId: *".to_owned(),
            Some(("Configs", configs)) => format!("Configs: {}", own_configs(configs)),
            Some((name @ ("Leader" | "Replicas" | "Isr"), brokers)) => {
                format!("{name}: {}", rotated(brokers, &mut first))
            }
            _ => column.to_owned(),
        });
        masked.push_str(&columns.collect::<Vec<_>>().join("\t"));
        masked.push('\n');
    }
    masked
}

/// A setting that the recorded cluster had as a whole, and so each of its topics.
const OF_THE_CLUSTER: &str = "file.delete.delay.ms=1000";

fn own_configs(configs: &str) -> String {
    let own = configs.split(',').filter(|config| *config != OF_THE_CLUSTER);
    own.collect::<Vec<_>>().join(",")
}

/// The ids of three brokers, counted round from `first`.
fn rotated(brokers: &str, first: &mut Option<i32>) -> String {
    let rotate = |id: &str| {
        let Ok(id) = id.parse::<i32>() else { return id.to_owned() };
        let first = *first.get_or_insert(id);
        ((id - first).rem_euclid(3) + 1).to_string()
    };
    brokers.split(',').map(rotate).collect::<Vec<_>>().join(",")
}

/// The first line of an error, without the time of day.
fn first_line(errors: &str) -> &str {
    let first = errors.lines().next().unwrap_or_default();
    match first.split_once("] ") {
        Some((time, rest)) if time.starts_with('[') => rest,
        _ => first,
    }
}

/// The version that the recorded tools printed, and the one that is simulated.
const VERSIONS: (&str, &str) = ("8.5.0-0-ccs", "4.5.0-SNAPSHOT");

#[test]
fn the_tool_prints_what_kafka_s_tool_prints() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let mut terminal = Terminal::new();
    // The recorded cluster had this topic from the beginning.
    let before = "--create --topic t1 --partitions 3 --replication-factor 3";
    terminal.run(&format!("kafka-topics.sh --bootstrap-server localhost:9092 {before}"));
    let mut differences = Vec::new();
    let mut replayed = 0;
    for step in recorded.as_array().unwrap() {
        let id = step["id"].as_str().unwrap();
        if !id.starts_with("topics/") {
            continue;
        }
        replayed += 1;
        let printed = terminal.run(&line(step));
        let expected = Printed {
            output: masked(&step["stdout"].as_str().unwrap().replace(VERSIONS.0, VERSIONS.1)),
            errors: first_line(step["stderr"].as_str().unwrap()).to_owned(),
            code: step["exit"].as_i64().map(|code| code as i32),
        };
        let found = Printed {
            output: masked(&printed.output),
            errors: first_line(&printed.errors).to_owned(),
            code: printed.code,
        };
        if found != expected {
            differences.push(format!("{id}\n  expected {expected:?}\n  found    {found:?}"));
        }
    }
    assert!(replayed > 40, "only {replayed} steps were replayed");
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

/// A line of the tool whose first error is `error`, and which does nothing.
fn check_refused(arguments: &str, error: &str) {
    let mut terminal = Terminal::new();
    let printed = terminal.run(&format!("kafka-topics.sh {arguments}"));
    assert_eq!((first_line(&printed.errors), printed.code), (error, Some(1)), "{arguments}");
    assert_eq!(printed.output, "", "{arguments}");
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    let at = |rest: &str| format!("--bootstrap-server broker1:9092 {rest}");
    let error = "Option \"[partitions]\" can't be used with option \"[list]\"";
    check_refused(&at("--list --partitions 3"), error);
    let error = "Option \"[replica-assignment]\" can't be used with option \"[partitions]\"";
    check_refused(&at("--create --topic t --replica-assignment 1:2 --partitions 1"), error);
    let error = "Option \"[if-not-exists]\" can't be used with option \"[describe]\"";
    check_refused(&at("--describe --if-not-exists"), error);
    check_refused(&at("--describe --topic"), "Option topic requires an argument");
    check_refused("--list --zookeeper z:2181", "zookeeper is not a recognized option");
    check_refused("", "Create, delete, describe, or change a topic.");
    check_refused("--bootstrap-server broker1 --list", "Failed to create new KafkaAdminClient");
}

#[test]
fn options_may_be_written_with_one_dash_or_an_equals_sign() {
    let mut terminal = Terminal::new();
    let printed = terminal.run("kafka-topics.sh -bootstrap-server=broker1:9092 -list");
    assert_eq!((printed.output.as_str(), printed.code), ("\n", Some(0)), "{}", printed.errors);
}
