//! `kafka-metadata-quorum.sh` against a whole cluster, compared with what Kafka's tool printed.

mod common;

use common::Terminal;
use serde_json::Value;

const RECORDED: &str = include_str!("../../../tests/oracle/cli/basic.json");

/// The text without what differs from cluster to cluster: how many nodes there are, their ids,
/// directories and addresses, offsets and times. What is left is how a line and a row are built.
fn shape(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(shape_of_line).collect();
    lines.dedup();
    lines
}

fn shape_of_line(line: &str) -> String {
    if let Some((name, nodes)) = line.split_once('[') {
        let nodes = nodes.trim_end_matches(']').split("}, ").map(|node| {
            let node = node.trim_end_matches('}');
            let fields = node.trim_start_matches('{').split(", ");
            let names = fields.map(|field| field.split(": ").next().unwrap_or_default());
            names.collect::<Vec<_>>().join(",")
        });
        let mut nodes: Vec<String> = nodes.collect();
        nodes.dedup();
        return format!("{name}[{}]", nodes.join(" "));
    }
    let masked = |cell: &str| match cell.trim_end().parse::<i64>() {
        Ok(_) => "#".to_owned(),
        // A directory's id.
        Err(_) if cell.len() == 22 && !cell.contains(' ') => "id".to_owned(),
        Err(_) => cell.trim_end().to_owned(),
    };
    if line.contains('\t') {
        // The width of a column depends on the numbers in it.
        return line.split('\t').map(masked).collect::<Vec<_>>().join("\t");
    }
    match line.split_once(':') {
        Some((name, value)) if name == "ClusterId" => {
            format!("{name}:{}", " ".repeat(value.len() - value.trim_start().len()))
        }
        Some((name, value)) => {
            let spaces = value.len() - value.trim_start().len();
            format!("{name}:{}{}", " ".repeat(spaces), masked(value.trim_start()))
        }
        None => line.to_owned(),
    }
}

#[test]
fn the_tool_prints_what_kafka_s_tool_prints() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let mut compared = 0;
    for step in recorded.as_array().unwrap() {
        let id = step["id"].as_str().unwrap_or_default();
        if !id.starts_with("quorum/") {
            continue;
        }
        let what = id.trim_start_matches("quorum/");
        let mut terminal = Terminal::new();
        let line =
            format!("kafka-metadata-quorum.sh --bootstrap-server localhost:9092 describe --{what}");
        let printed = terminal.run(&line);
        let expected = shape(step["stdout"].as_str().unwrap());
        assert_eq!(shape(&printed.output), expected, "{id}: {}", printed.output);
        assert_eq!(printed.code.map(i64::from), step["exit"].as_i64(), "{id}");
        compared += 1;
    }
    assert_eq!(compared, 2);
}

#[test]
fn what_is_wrong_is_said() {
    let mut terminal = Terminal::new();
    for (arguments, said) in [
        (
            "describe --status",
            "one of the arguments --bootstrap-server --bootstrap-controller is required",
        ),
        ("--bootstrap-server broker1:9092", "too few arguments"),
        ("--bootstrap-server broker1:9092 describe", "One of --status or --replication must"),
        (
            "--bootstrap-server broker1:9092 describe --status --replication",
            "Only one of --status or --replication should be specified",
        ),
        (
            "--bootstrap-server broker1:9092 describe --status --human-readable",
            "--human-readable is only supported along with --replication",
        ),
        (
            "--bootstrap-server broker1:9092 add-controller",
            "You must supply the configuration file",
        ),
        (
            "--bootstrap-server broker1:9092 remove-controller -i 101 -d abc",
            "the voters of a cluster are fixed here",
        ),
        ("--bootstrap-controller c:1 describe --status", "controllers answer no tools here"),
        ("--bootstrap-server broker1:9092 decribe", "invalid choice"),
    ] {
        let printed = terminal.run(&format!("kafka-metadata-quorum.sh {arguments}"));
        assert_eq!(printed.code, Some(1), "{arguments}");
        assert!(printed.errors.contains(said), "{arguments}: {}", printed.errors);
    }
}
