//! `kafka-consumer-groups.sh` against a whole cluster, compared with what Kafka's tool printed.

mod common;

use common::{Printed, Terminal};
use serde_json::Value;

const BASIC: &str = include_str!("../../../tests/oracle/cli/basic.json");
const FAILURES: &str = include_str!("../../../tests/oracle/cli/failures.json");

const SERVER: &str = "--bootstrap-server localhost:9092";

fn steps(recorded: &str) -> Vec<Value> {
    let recorded: Value = serde_json::from_str(recorded).unwrap();
    recorded.as_array().unwrap().clone()
}

/// The recorded command as a line, at the server that is meant.
fn line(step: &Value) -> String {
    let arguments = step["args"].as_array().unwrap().iter().map(|argument| {
        let argument = argument.as_str().unwrap().replace("$BS", "localhost:9092");
        format!("'{argument}'")
    });
    let arguments: Vec<String> = arguments.collect();
    let line = format!("{}.sh {}", step["tool"].as_str().unwrap(), arguments.join(" "));
    match line.contains("--bootstrap-server") {
        true => line,
        false => format!("{line} {SERVER}"),
    }
}

/// What differs from run to run: the random tail of a member's id, addresses, who coordinates, and the
/// widths that follow from them. The rows of `--list` come in the order of random names.
fn masked(text: &str) -> String {
    let word = |word: &str| match word {
        word if word.starts_with("/10.") || word == "/127.0.0.1" => "HOST".to_owned(),
        word if word.contains(":9092") || word.contains("127.0.0.1:") => "COORDINATOR".to_owned(),
        "(1)" | "(2)" | "(3)" => "(ID)".to_owned(),
        word => match word.split_once('-') {
            Some((name, tail)) if tail.len() == 36 => format!("{name}-UUID"),
            _ if word.len() == 22 && word.chars().any(char::is_uppercase) => "MEMBER".to_owned(),
            _ => word.to_owned(),
        },
    };
    let has_random = text.contains("COORDINATOR") || text.contains("-ID  ");
    let lines: Vec<String> = text
        .lines()
        .map(|line| match has_random || line.contains("/127.") || line.contains("/10.") {
            true => line.split_whitespace().map(word).collect::<Vec<_>>().join(" "),
            false => line.to_owned(),
        })
        .collect();
    lines.join("\n")
}

/// The first line of an error, without the time at which it was logged.
fn first_error(errors: &str) -> &str {
    let line = errors.lines().find(|line| !line.starts_with("Highwater")).unwrap_or_default();
    line.split_once("] WARN ").map_or(line, |(_, rest)| rest)
}

#[track_caller]
fn check(terminal: &mut Terminal, step: &Value) {
    let printed = terminal.run(&line(step));
    let id = &step["id"];
    let expected = masked(step["stdout"].as_str().unwrap());
    assert_eq!(masked(&printed.output), expected, "{id}\n{}", printed.errors);
    assert_eq!(first_error(&printed.errors), first_error(step["stderr"].as_str().unwrap()), "{id}");
    assert_eq!(printed.code.map(i64::from), step["exit"].as_i64(), "{id}");
}

fn run(terminal: &mut Terminal, line: &str) -> Printed {
    let printed = terminal.run(line);
    assert_eq!(printed.code, Some(0), "{line}: {printed:?}");
    printed
}

fn produce(terminal: &mut Terminal, topic: &str, partition: i32, count: u32) {
    run(
        terminal,
        &format!(
            "producer start p{partition} --topic {topic} --partition {partition} --count {count} --rate 100"
        ),
    );
    terminal.wait_seconds(2);
}

/// Gives a group that nobody is in the offsets of a file.
fn commit(terminal: &mut Terminal, group: &str, offsets: &str) {
    terminal.world.put_file("offsets.csv", bytes::Bytes::from(offsets.to_owned()));
    run(
        terminal,
        &format!(
            "kafka-consumer-groups.sh {SERVER} --reset-offsets --group {group} --from-file offsets.csv --execute"
        ),
    );
}

fn with_topic(partitions: u32) -> Terminal {
    let mut terminal = Terminal::new();
    let create = "kafka-topics.sh --create --topic orders --replication-factor 3";
    run(&mut terminal, &format!("{create} --partitions {partitions} {SERVER}"));
    terminal
}

#[test]
fn a_group_without_members_is_treated_as_recorded() {
    let mut terminal = with_topic(4);
    produce(&mut terminal, "orders", 1, 3);
    produce(&mut terminal, "orders", 2, 6);
    for group in ["28428", "5811", "78885", "21961", "74921"] {
        run(
            &mut terminal,
            &format!(
                "consumer start c{group} --group console-consumer-{group} --topic orders --config enable.auto.commit=false"
            ),
        );
        terminal.wait_seconds(5);
        run(&mut terminal, &format!("consumer stop c{group}"));
    }
    commit(&mut terminal, "g1", "orders,0,0\norders,1,2\norders,2,4\norders,3,0\n");
    let mut compared = 0;
    for step in steps(BASIC) {
        let id = step["id"].as_str().unwrap_or_default();
        if step["tool"] != "kafka-consumer-groups" {
            continue;
        }
        if id == "groups/list" || id.starts_with("groups/list-") {
            // In one bucket the order is that in which the brokers answered.
            let printed = run(&mut terminal, &line(&step));
            let sorted = |text: &str| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            assert_eq!(sorted(&printed.output), sorted(step["stdout"].as_str().unwrap()), "{id}");
        } else {
            check(&mut terminal, &step);
        }
        compared += 1;
    }
    assert_eq!(compared, 20);
}

#[test]
fn groups_with_members_are_described_as_recorded() {
    let mut terminal = with_topic(3);
    produce(&mut terminal, "orders", 0, 6);
    produce(&mut terminal, "orders", 1, 7);
    produce(&mut terminal, "orders", 2, 7);
    for line in [
        "consumer start c1 --group classic-g --topic orders --from-beginning",
        "consumer start c2 --group classic-g --topic orders --from-beginning",
        "consumer start n1 --group new-g --topic orders --from-beginning --config group.protocol=consumer",
    ] {
        run(&mut terminal, line);
    }
    terminal.wait_seconds(20);
    let mut compared = 0;
    for step in steps(FAILURES) {
        let id = step["id"].as_str().unwrap_or_default();
        if !id.starts_with("groups/live/") || step["tool"] != "kafka-consumer-groups" {
            continue;
        }
        let is_of_members = id.contains("classic-g/members") || id.contains("classic-g/offsets");
        let printed = run(&mut terminal, &line(&step));
        let rows = |text: &str| {
            let mut rows: Vec<String> = masked(text).lines().map(str::to_owned).collect();
            // Which member has which partitions, and which comes first, depends on random ids.
            if is_of_members || id.contains("live/list") {
                rows.sort();
            }
            rows.join("\n")
        };
        let expected = rows(step["stdout"].as_str().unwrap());
        assert_eq!(rows(&printed.output), expected, "{id}: {}", printed.output);
        assert_eq!(first_error(&printed.errors), "", "{id}");
        compared += 1;
    }
    assert_eq!(compared, 14);
}

/// What is wrong, or does not come to pass, with the line on standard output that tells it and the
/// first one on standard error.
#[track_caller]
fn check_refusal(arguments: &str, output: &str, error: &str, code: i32) {
    let mut terminal = with_topic(2);
    commit(&mut terminal, "g1", "orders,0,0\n");
    terminal.world.put_file("b.csv", bytes::Bytes::from("other,orders,0,1"));
    let printed = terminal.run(&format!("kafka-consumer-groups.sh {arguments}"));
    let told = printed.output.lines().find(|line| !line.is_empty()).unwrap_or_default();
    assert_eq!(told, output, "{arguments}: {printed:?}");
    assert_eq!(first_error(&printed.errors), error, "{arguments}");
    assert_eq!(printed.code, Some(code), "{arguments}");
}

#[test]
fn what_is_wrong_is_said_as_the_tool_says_it() {
    let thrown = "Exception in thread \"main\" joptsimple.";
    let failed = "Error: Executing consumer group command failed due to ";
    let at_server = |arguments: &str| format!("{SERVER} {arguments}");
    check_refusal(
        "--zookeeper localhost:2181 --list",
        "",
        &format!("{thrown}UnrecognizedOptionException: zookeeper is not a recognized option"),
        1,
    );
    check_refusal("--list", "", "Missing required argument \"[bootstrap-server]\"", 1);
    check_refusal(
        &at_server("--list --members"),
        "",
        &format!(
            "{thrown}UnavailableOptionException: Option(s) [members] are unavailable given other options on the command line"
        ),
        1,
    );
    check_refusal(
        &at_server("--describe"),
        "",
        "Option [describe] takes one of these options: [all-groups], [group]",
        1,
    );
    check_refusal(
        &at_server("--describe --group g1 --members --offsets"),
        "",
        "Option [describe] takes at most one of these options: [members], [offsets], [state]",
        1,
    );
    check_refusal(
        &at_server("--reset-offsets --group g1 --topic orders --to-earliest --to-latest --dry-run"),
        "",
        "Option \"[to-earliest]\" can't be used with option \"[to-latest]\"",
        1,
    );
    check_refusal(
        &at_server("--reset-offsets --group g1 --topic orders --dry-run --execute"),
        "",
        "Option [reset-offsets] only accepts one of [execute] and [dry-run]",
        1,
    );
    check_refusal(
        &at_server("--reset-offsets --group g1 --topic orders:9 --to-latest --dry-run"),
        &format!("{failed}The partitions \"orders-9\" do not exist"),
        "org.apache.kafka.common.errors.UnknownTopicOrPartitionException: The partitions \"orders-9\" do not exist",
        0,
    );
    check_refusal(
        &at_server("--reset-offsets --group g1 --topic nope --to-latest --dry-run"),
        &format!("{failed}This server does not host this topic-partition."),
        "org.apache.kafka.common.errors.UnknownTopicOrPartitionException: This server does not host this topic-partition.",
        0,
    );
    check_refusal(
        &at_server("--reset-offsets --group g1 --topic orders:1 --shift-by 1 --dry-run"),
        "",
        "Cannot shift offset for partition orders-1 since there is no current committed offset",
        1,
    );
    check_refusal(
        &at_server("--reset-offsets --group g1 --topic orders:x --to-latest --dry-run"),
        "",
        "Invalid partition 'x' specified in topic arg 'orders:x''",
        1,
    );
    check_refusal(
        &at_server("--reset-offsets --group g1 --topic orders --to-offset x --dry-run"),
        &format!("{failed}Cannot parse argument 'x' of option to-offset"),
        "joptsimple.OptionArgumentConversionException: Cannot parse argument 'x' of option to-offset",
        0,
    );
    check_refusal(
        &at_server("--reset-offsets --group g1 --topic orders --to-datetime today --dry-run"),
        &format!(
            "{failed}java.text.ParseException: Error parsing timestamp. It does not contain a 'T' according to ISO8601 format"
        ),
        "java.lang.RuntimeException: java.text.ParseException: Error parsing timestamp. It does not contain a 'T' according to ISO8601 format",
        0,
    );
    check_refusal(
        &at_server("--reset-offsets --group g1 --from-file b.csv --dry-run"),
        "Error: No reset plan for group g1 found.",
        "",
        0,
    );
    check_refusal(
        &at_server("--reset-offsets --group g1 --from-file nowhere.csv --dry-run"),
        &format!("{failed}java.nio.file.NoSuchFileException: nowhere.csv"),
        "java.lang.RuntimeException: java.nio.file.NoSuchFileException: nowhere.csv",
        0,
    );
    check_refusal(
        &at_server("--list --type share"),
        "",
        "Invalid types list 'share'. Valid types are: Consumer, Classic",
        1,
    );
    check_refusal(
        &at_server("--delete-offsets --group nope --topic orders"),
        "Error: The group id does not exist.",
        "",
        0,
    );
    check_refusal(
        &at_server("--delete-offsets --group g1 --topic nope"),
        "Request succeeded for deleting offsets from group g1.",
        "",
        0,
    );
    check_refusal(
        "--validate-regex 'orders.*'",
        "The regular expression `orders.*` is valid.",
        "",
        0,
    );
}

#[test]
fn offsets_are_reset_in_every_form() {
    let reset = |form: &str, expected: [i64; 2]| {
        let mut terminal = with_topic(2);
        produce(&mut terminal, "orders", 0, 8);
        produce(&mut terminal, "orders", 1, 4);
        commit(&mut terminal, "g1", "orders,0,5\norders,1,2\n");
        terminal.world.put_file("a.csv", bytes::Bytes::from("g1,orders,0,1\ng1,orders,1,3"));
        let line = format!(
            "kafka-consumer-groups.sh {SERVER} --reset-offsets --group g1 {form} --execute"
        );
        run(&mut terminal, &line);
        let described =
            run(&mut terminal, &format!("kafka-consumer-groups.sh {SERVER} --describe --group g1"));
        let column = |row: &str| row.split_whitespace().nth(3).and_then(|cell| cell.parse().ok());
        let offsets: Vec<i64> = described.output.lines().filter_map(column).collect();
        assert_eq!(offsets, expected, "{form}: {}", described.output);
    };
    reset("--topic orders --to-earliest", [0, 0]);
    reset("--topic orders --to-latest", [8, 4]);
    reset("--topic orders:0 --to-latest", [8, 2]);
    reset("--topic orders:0,1 --to-offset 3", [3, 3]);
    reset("--all-topics --shift-by -1", [4, 1]);
    reset("--all-topics --shift-by +2", [7, 4]);
    reset("--all-topics --to-current", [5, 2]);
    reset("--from-file a.csv", [1, 3]);
    reset("--topic orders --by-duration PT1H", [0, 0]);
    reset("--topic orders --by-duration PT0S", [8, 4]);
    reset("--topic orders --to-datetime 2001-01-01T00:00:00.000", [0, 0]);
    reset("--topic orders --to-datetime 2101-01-01T00:00:00.000+01:00", [8, 4]);
}

/// A commit carries the leader epoch of the last record that was read (KIP-320).
#[test]
fn a_commit_tells_the_leader_epoch_of_what_was_read() {
    let mut terminal = Terminal::new();
    let committed = |terminal: &mut Terminal| {
        let read =
            format!("kafka-console-consumer.sh {SERVER} --topic t --group g --from-beginning");
        assert_eq!(terminal.run(&format!("{read} --max-messages 1")).code, Some(0));
        let formatter = "org.apache.kafka.tools.consumer.OffsetsMessageFormatter";
        let all = format!(
            "kafka-console-consumer.sh {SERVER} --topic __consumer_offsets --from-beginning \
             --timeout-ms 8000 --formatter {formatter}"
        );
        let printed = terminal.run(&all);
        let last = printed.output.lines().rfind(|line| line.contains("\"topic\":\"t\""));
        last.unwrap_or_else(|| panic!("{printed:?}")).to_owned()
    };
    let create = "--create --topic t --replica-assignment 1:2:3";
    run(&mut terminal, &format!("kafka-topics.sh {SERVER} {create}"));
    let send = format!("echo x | kafka-console-producer.sh {SERVER} --topic t");
    run(&mut terminal, &send);
    let first = committed(&mut terminal);
    assert!(first.contains("\"offset\":1,\"leaderEpoch\":0,"), "{first}");
    // Another leader, and so another epoch.
    run(&mut terminal, "broker stop 1");
    terminal.wait_seconds(10);
    run(&mut terminal, "broker start 1");
    terminal.wait_seconds(10);
    run(&mut terminal, &send);
    let second = committed(&mut terminal);
    assert!(second.contains("\"offset\":2,\"leaderEpoch\":1,"), "{second}");
}

/// Offsets of a topic that was deleted go with it (`onPartitionsDeleted`).
#[test]
fn offsets_of_a_deleted_topic_are_gone() {
    let mut terminal = Terminal::new();
    let create = "--create --partitions 1 --replication-factor 3 --topic";
    run(&mut terminal, &format!("kafka-topics.sh {SERVER} {create} t"));
    run(&mut terminal, &format!("echo x | kafka-console-producer.sh {SERVER} --topic t"));
    let read = "--topic t --group g --from-beginning --max-messages 1";
    run(&mut terminal, &format!("kafka-console-consumer.sh {SERVER} {read}"));
    run(&mut terminal, &format!("kafka-topics.sh {SERVER} --delete --topic t"));
    terminal.wait_seconds(2);
    run(&mut terminal, &format!("kafka-topics.sh {SERVER} {create} t"));
    let describe = format!("kafka-consumer-groups.sh {SERVER} --describe --group g");
    let printed = run(&mut terminal, &describe);
    assert!(!printed.output.contains(" t "), "{printed:?}");
}
