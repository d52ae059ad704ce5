//! Old and wrong forms: the real tool's own error as it is, and apart from it what Highwater explains.

mod common;

use common::Terminal;

/// A line is refused with the tool's own `error`, and then with words of the explanation.
fn check(line: &str, error: &str, explanation: &str) {
    let printed = Terminal::new().run(line);
    assert!(printed.code.is_some_and(|code| code != 0), "{line}: {printed:?}");
    let lines: Vec<&str> = printed.output.lines().chain(printed.errors.lines()).collect();
    let (own, other): (Vec<&str>, Vec<&str>) =
        lines.into_iter().partition(|line| line.starts_with("Highwater: "));
    assert!(other.iter().any(|line| line.contains(error)), "{line}: {printed:?}");
    assert!(own.iter().any(|line| line.contains(explanation)), "{line}: {printed:?}");
}

#[test]
fn options_that_are_gone_are_explained() {
    let server = "--bootstrap-server localhost:9092";
    let write = "write --bootstrap-server localhost:9092";
    check(
        "kafka-topics.sh --zookeeper localhost:2181 --list",
        "zookeeper is not a recognized option",
        write,
    );
    check(
        "kafka-consumer-groups.sh --zookeeper localhost:2181 --list",
        "zookeeper is not a recognized option",
        write,
    );
    for tool in ["kafka-console-producer.sh --topic t", "kafka-get-offsets.sh --topic t"] {
        let line = format!("{tool} --broker-list localhost:9092");
        check(&line, "broker-list is not a recognized option", write);
    }
    check(
        "kafka-verifiable-producer.sh --topic t --broker-list localhost:9092",
        "unrecognized arguments: '--broker-list'",
        write,
    );
    check(
        &format!("kafka-console-consumer.sh {server} --topic t --from-latest"),
        "from-latest is not a recognized option",
        "there is no --from-latest",
    );
    check(
        &format!("kafka-console-consumer.sh {server} --new-consumer --topic t"),
        "new-consumer is not a recognized option",
        "every consumer is the new one",
    );
    check(
        &format!("kafka-topics.sh {server} --create --topic t --replicas 3"),
        "replicas is not a recognized option",
        "--replication-factor",
    );
    check(
        &format!("kafka-console-consumer.sh {server} --whitelist 'a.*'"),
        "whitelist is not a recognized option",
        "is called --include",
    );
}

#[test]
fn settings_are_not_altered_with_the_tool_for_topics() {
    check(
        "kafka-topics.sh --bootstrap-server localhost:9092 --alter --topic t --config a=b",
        "can't be used with option \"[alter]\"",
        "kafka-configs.sh",
    );
}

#[test]
fn a_missing_server_is_asked_for() {
    let asked = "--bootstrap-server localhost:9092";
    for (line, error) in [
        ("kafka-topics.sh --list", "bootstrap-server"),
        ("kafka-console-producer.sh --topic t", "bootstrap-server"),
        ("kafka-console-consumer.sh --topic t", "bootstrap-server"),
        ("kafka-consumer-groups.sh --list", "bootstrap-server"),
        ("kafka-configs.sh --describe --topic t", "bootstrap-server"),
        ("kafka-get-offsets.sh --topic t", "bootstrap-server"),
        ("kafka-groups.sh --list", "bootstrap-server"),
        ("kafka-log-dirs.sh --describe", "bootstrap-server"),
        ("kafka-transactions.sh list", "--bootstrap-server is required"),
        ("kafka-features.sh describe", "--bootstrap-server"),
        ("kafka-cluster.sh cluster-id", "--bootstrap-server"),
        ("kafka-metadata-quorum.sh describe --status", "--bootstrap-server"),
        ("kafka-leader-election.sh --election-type preferred --all-topic-partitions", "server"),
        ("kafka-reassign-partitions.sh --list", "bootstrap-server"),
        ("kafka-delete-records.sh --offset-json-file f", "bootstrap-server"),
        (
            "kafka-producer-perf-test.sh --topic t --num-records 1 --record-size 1 --throughput 1",
            "server",
        ),
        ("kafka-consumer-perf-test.sh --topic t --num-records 1", "bootstrap-server"),
        ("kafka-verifiable-producer.sh --topic t", "--bootstrap-server is required"),
        ("kafka-verifiable-consumer.sh --topic t --group-id g", "--bootstrap-server is required"),
    ] {
        check(line, error, asked);
    }
}

#[test]
fn a_misspelt_option_finds_its_neighbour() {
    for (line, meant) in [
        ("kafka-topics.sh --bootstrap-servers localhost:9092 --list", "--bootstrap-server?"),
        (
            "kafka-topics.sh --bootstrap-server localhost:9092 --create --topic t --partition 3",
            "--partitions?",
        ),
        (
            "kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic t --from-begining",
            "--from-beginning?",
        ),
        (
            "kafka-consumer-groups.sh --bootstrap-server localhost:9092 --descibe --group g",
            "--describe?",
        ),
        ("kafka-get-offsets.sh --bootstrap-server localhost:9092 --topics t", "--topic?"),
    ] {
        check(line, "is not a recognized option", meant);
    }
    check(
        "kafka-transactions.sh --bootstrap-server localhost:9092 describe --transactional-ids t",
        "unrecognized arguments: '--transactional-ids'",
        "--transactional-id?",
    );
}
