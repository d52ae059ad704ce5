//! `kafka-configs.sh` against a whole cluster, compared with what Kafka's tool printed.

mod common;

use std::sync::Arc;

use common::{Printed, Terminal};
use highwater_cluster::cluster_spec::ClusterSpec;
use serde_json::Value;

const BASIC: &str = include_str!("../../../tests/oracle/cli/basic.json");
const CHEATSHEET: &str = include_str!("../../../tests/oracle/cli/cheatsheet.json");

/// What stood in the files of the recorded brokers, as far as it is the same here.
const RECORDED_FILE: &[(&str, &str)] = &[
    ("group.initial.rebalance.delay.ms", "0"),
    ("log.cleaner.backoff.ms", "1000"),
    ("log.retention.check.interval.ms", "2000"),
    ("log.segment.delete.delay.ms", "1000"),
    ("offsets.topic.num.partitions", "4"),
    ("replica.lag.time.max.ms", "5000"),
    ("share.coordinator.state.topic.num.partitions", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("transaction.state.log.num.partitions", "4"),
];

/// What tells where a broker runs, which is elsewhere here.
const OF_THE_PLACE: &[&str] = &[
    "advertised.listeners",
    "controller.listener.names",
    "controller.quorum.bootstrap.servers",
    "listener.security.protocol.map",
    "listeners",
    "log.dirs",
    "process.roles",
];

fn recorded_cluster() -> Terminal {
    let configs = RECORDED_FILE.iter().map(|(name, value)| (Arc::from(*name), Arc::from(*value)));
    let racks = ["rack1", "rack2", "rack3"].map(Arc::from).to_vec();
    let spec = ClusterSpec { configs: configs.collect(), racks, ..ClusterSpec::default() };
    let mut terminal = Terminal::of(spec);
    let create = "kafka-topics.sh --bootstrap-server localhost:9092 --create --partitions 3 \
                  --replication-factor 3 --topic";
    terminal.run(&format!("{create} orders"));
    terminal.run(&format!(
        "{create} users --config cleanup.policy=compact --config segment.bytes=1048576 \
         --config min.insync.replicas=2"
    ));
    terminal
}

/// The recorded command as a line, at the server that is meant.
fn line(step: &Value) -> String {
    let arguments = step["args"].as_array().unwrap().iter().map(|argument| {
        let argument = argument.as_str().unwrap().replace("$BS", "localhost:9092");
        format!("'{argument}'")
    });
    let arguments: Vec<String> = arguments.collect();
    format!("{}.sh {}", step["tool"].as_str().unwrap(), arguments.join(" "))
}

/// Lines of a broker's description without what belongs to the place where it runs.
fn masked(output: &str) -> String {
    let is_elsewhere = |line: &&str| {
        let name = line.trim().split('=').next().unwrap_or_default();
        OF_THE_PLACE.contains(&name)
    };
    output
        .lines()
        .filter(|line| !is_elsewhere(line))
        .fold(String::new(), |text, line| text + line + "\n")
}

/// The error and its cause, without the time of day, Java's stack and the address that was recorded.
fn errors(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.starts_with("\tat "));
    let lines = lines.map(|line| {
        let timeless = line.split_once("] ").filter(|(time, _)| time.starts_with('['));
        let line = timeless.map_or(line, |(_, rest)| rest);
        line.replace("127.0.0.1:19092", "localhost:9092")
    });
    let is_execution = text.starts_with("Error while executing");
    lines.take(if is_execution { 2 } else { 1 }).collect()
}

/// Replays the steps whose ids are wanted, and compares what is printed.
fn check_recording(terminal: &mut Terminal, recording: &str, is_wanted: fn(&str) -> bool) -> usize {
    let recorded: Value = serde_json::from_str(recording).unwrap();
    let steps = recorded.as_array().unwrap().iter();
    let steps: Vec<&Value> =
        steps.filter(|step| step["id"].as_str().is_some_and(is_wanted)).collect();
    let mut differences = Vec::new();
    for step in &steps {
        let printed = terminal.run(&line(step));
        let expected = (
            masked(step["stdout"].as_str().unwrap()),
            errors(step["stderr"].as_str().unwrap()),
            step["exit"].as_i64().map(|code| code as i32),
        );
        let found = (masked(&printed.output), errors(&printed.errors), printed.code);
        if found != expected {
            let different = |(a, b): &(&str, &str)| a != b;
            let line = expected.0.lines().zip(found.0.lines()).find(different);
            differences.push(format!(
                "{}: {line:?}\n  expected {expected:?}\n  found    {found:?}",
                step["id"]
            ));
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
    steps.len()
}

#[test]
fn the_tool_prints_what_kafka_s_tool_prints() {
    let mut terminal = recorded_cluster();
    let replayed = check_recording(&mut terminal, BASIC, |id| id.starts_with("configs/"));
    assert_eq!(replayed, 17);
}

#[test]
fn the_commands_of_cheat_sheets_do_what_kafka_s_do() {
    let mut terminal = Terminal::new();
    let replayed = check_recording(&mut terminal, CHEATSHEET, |id| {
        let left_out = ["my-topic/alter-partitions-deleted", "my-topic/describe-end"];
        let alters = ["alter", "set-", "create-2", "describe-configs"];
        let is_of_topic = id
            .strip_prefix("my-topic/")
            .is_some_and(|step| alters.iter().any(|prefix| step.starts_with(prefix)));
        let is_old = ["old/configs-zookeeper", "old/topics-delete-config", "old/topics-alter-rf"];
        (is_of_topic && !left_out.contains(&id)) || is_old.contains(&id)
    });
    assert!(replayed >= 11, "only {replayed} steps were replayed");
}

/// A line of the tool, the first line that it prints, or the first error, and its exit code.
fn check(terminal: &mut Terminal, arguments: &str, said: &str, code: i32) -> Printed {
    let printed = terminal.run(&format!("kafka-configs.sh {arguments}"));
    let first = printed.output.lines().chain(printed.errors.lines()).next().unwrap_or_default();
    assert_eq!((first, printed.code), (said, Some(code)), "{arguments}\n{printed:?}");
    printed
}

#[test]
fn wrong_arguments_are_refused_as_kafka_does() {
    let mut terminal = Terminal::new();
    let at = "--bootstrap-server broker1:9092";
    let one_action = "Command must include exactly one action: --describe, --alter";
    for (arguments, error) in [
        ("--alter --describe", one_action),
        (
            "--describe --topic t",
            "Either --bootstrap-server or --bootstrap-controller must be specified.",
        ),
        (
            "--describe --bootstrap-server broker1:9092",
            "At least one entity type must be specified",
        ),
        (
            "--describe --add-config a=b",
            "Option \"[describe]\" can't be used with option \"[add-config]\"",
        ),
    ] {
        check(&mut terminal, arguments, error, 1);
    }
    for (arguments, error) in [
        (
            "--alter --topic t",
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter",
        ),
        (
            "--alter --entity-type topics --add-config a=b",
            "An entity name must be specified with --alter of topics",
        ),
        (
            "--alter --entity-type brokers --add-config a=b",
            "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips",
        ),
        (
            "--alter --broker x --add-config a=b",
            "The entity name for brokers must be a valid integer broker id, but it is: x",
        ),
        (
            "--describe --entity-type topics --entity-default",
            "--entity-default must not be specified with --describe of topics",
        ),
        (
            "--describe --topic t --broker 1",
            "Only 'users' and 'clients' entity types may be specified together",
        ),
        (
            "--describe --entity-name t --topic t",
            "--entity-{type,name,default} should not be used in conjunction with specific entity flags",
        ),
        (
            "--describe --broker-logger 1",
            "Highwater: settings of broker-loggers are not simulated yet",
        ),
        (
            "--alter --topic t --add-config a",
            "requirement failed: Invalid entity config: all configs to be added must be in the format \"key=val\".",
        ),
        ("--alter --topic t --add-config a/b=1", "Invalid character found for config key: a/b"),
    ] {
        check(&mut terminal, &format!("{at} {arguments}"), error, 1);
    }
}

/// The cause that the tool gives when the cluster refuses.
fn check_refused(terminal: &mut Terminal, arguments: &str, cause: &str) {
    let printed =
        terminal.run(&format!("kafka-configs.sh --bootstrap-server broker1:9092 {arguments}"));
    let expected =
        format!("java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.{cause}");
    assert_eq!(printed.errors.lines().nth(1), Some(expected.as_str()), "{arguments}\n{printed:?}");
    assert_eq!(printed.code, Some(1), "{arguments}");
}

#[test]
fn what_brokers_and_the_controller_refuse_is_told() {
    let mut terminal = Terminal::new();
    for (arguments, cause) in [
        (
            "--alter --broker 1 --add-config min.insync.replicas=2",
            "InvalidConfigurationException: Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
        ),
        (
            "--alter --broker-defaults --delete-config min.insync.replicas",
            "InvalidConfigurationException: Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
        ),
        (
            "--alter --broker-defaults --add-config log.segment.bytes=5",
            "InvalidRequestException: Invalid value 5 for configuration log.segment.bytes: Value must be at least 1048576",
        ),
        (
            "--alter --broker-defaults --add-config listeners=x",
            "InvalidRequestException: Cannot update these configs at default cluster level, broker id must be specified: [listeners]",
        ),
        (
            "--alter --broker 2 --add-config ssl.key.password=x",
            "InvalidRequestException: These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.key.password]",
        ),
        (
            "--alter --broker 2 --add-config replica.lag.time.max.ms=1,node.id=2",
            "InvalidRequestException: Cannot update these configs dynamically: [node.id, replica.lag.time.max.ms]",
        ),
        (
            "--describe --all --topic nope",
            "UnknownTopicOrPartitionException: This server does not host this topic-partition.",
        ),
    ] {
        check_refused(&mut terminal, arguments, cause);
    }
}

#[test]
fn settings_of_one_broker_and_of_all_are_told_apart() {
    let mut terminal = Terminal::new();
    let at = "--bootstrap-server broker3:9092";
    let done = "Completed updating config for broker 2.";
    check(
        &mut terminal,
        &format!("{at} --alter --broker 2 --add-config message.max.bytes=2000"),
        done,
        0,
    );
    let done = "Completed updating default config for brokers in the cluster.";
    let add = "--alter --entity-type brokers --entity-default --add-config message.max.bytes=3000";
    check(&mut terminal, &format!("{at} {add}"), done, 0);
    let first = "Dynamic configs for broker 1 are:";
    let printed = check(&mut terminal, &format!("{at} --describe --entity-type brokers"), first, 0);
    let expected = "Dynamic configs for broker 1 are:\n\
        Dynamic configs for broker 2 are:\n  message.max.bytes=2000 sensitive=false synonyms={\
        DYNAMIC_BROKER_CONFIG:message.max.bytes=2000, DYNAMIC_DEFAULT_BROKER_CONFIG:message.max.bytes=3000, \
        DEFAULT_CONFIG:message.max.bytes=1048588}\n\
        Dynamic configs for broker 3 are:\n\
        Default configs for brokers in the cluster are:\n  message.max.bytes=3000 sensitive=false synonyms={\
        DYNAMIC_DEFAULT_BROKER_CONFIG:message.max.bytes=3000}\n  min.insync.replicas=1 sensitive=false \
        synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:min.insync.replicas=1}\n";
    assert_eq!(printed.output, expected);
    let nobody = "The broker '9' doesn't exist and doesn't have dynamic config.";
    check(&mut terminal, &format!("{at} --describe --broker 9"), nobody, 0);
}

#[test]
fn what_is_not_simulated_is_kept_and_said_to_be_so() {
    let mut terminal = Terminal::new();
    let create =
        "kafka-topics.sh --bootstrap-server broker1:9092 --create --topic t --partitions 1";
    terminal.run(create);
    let add = "--bootstrap-server broker1:9092 --alter --topic t --add-config segment.jitter.ms=5,retention.ms=9";
    let printed = check(&mut terminal, add, "Completed updating config for topic t.", 0);
    let note = "Highwater: segment.jitter.ms is kept and shown, but nothing here acts on it\n";
    assert_eq!(printed.errors, note);
    let describe = "--bootstrap-server broker1:9092 --describe --topic t";
    let printed = check(&mut terminal, describe, "Dynamic configs for topic t are:", 0);
    assert!(printed.output.contains("  segment.jitter.ms=5 sensitive=false"), "{}", printed.output);
}

#[test]
fn quotas_are_given_shown_and_taken_away() {
    let mut terminal = Terminal::of(ClusterSpec::default());
    let said = |terminal: &mut Terminal, arguments: &str| {
        let line = format!("kafka-configs.sh --bootstrap-server localhost:9092 {arguments}");
        let Printed { output, errors, code } = terminal.run(&line);
        let both: Vec<&str> = output.lines().chain(errors.lines()).collect();
        (both.join("\n"), code.unwrap_or(-1))
    };
    for (arguments, expected, code) in [
        ("--describe --entity-type clients", "", 0),
        (
            "--alter --client a --add-config producer_byte_rate=1024,consumer_byte_rate=2048.5",
            "Error while executing config command with args '--bootstrap-server localhost:9092 --alter --client a \
             --add-config producer_byte_rate=1024,consumer_byte_rate=2048.5'\n\
             java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.InvalidRequestException: \
             consumer_byte_rate cannot be a fractional value.",
            1,
        ),
        (
            "--alter --client a --add-config producer_byte_rate=1024,consumer_byte_rate=2048",
            "Completed updating config for client a.",
            0,
        ),
        (
            "--alter --client-defaults --add-config request_percentage=12.5",
            "Completed updating default config for clients in the cluster.",
            0,
        ),
        (
            "--alter --user u --client a --add-config producer_byte_rate=1",
            "Completed updating config for client a.",
            0,
        ),
        (
            "--describe --client a",
            "Quota configs for client-id 'a' are consumer_byte_rate=2048.0, producer_byte_rate=1024.0",
            0,
        ),
        (
            "--describe --entity-type clients",
            "Quota configs for the default client-id are request_percentage=12.5\n\
             Quota configs for client-id 'a' are consumer_byte_rate=2048.0, producer_byte_rate=1024.0",
            0,
        ),
        (
            "--describe --entity-type users --entity-type clients",
            "Quota configs for user-principal 'u', client-id 'a' are producer_byte_rate=1.0",
            0,
        ),
        (
            "--alter --client a --delete-config request_percentage",
            "Invalid config(s): request_percentage",
            1,
        ),
        (
            "--alter --client a --add-config retention.ms=1",
            "Only quota configs can be added for 'clients' using --bootstrap-server. Unexpected config names: Set(retention.ms)",
            1,
        ),
        (
            "--alter --ip 10.0.0.1 --add-config producer_byte_rate=1",
            "Only connection quota configs can be added for 'ips' using --bootstrap-server. Unexpected config names: Set(producer_byte_rate)",
            1,
        ),
        (
            "--alter --client a --add-config producer_byte_rate=much",
            "Cannot parse quota configuration value for producer_byte_rate: much",
            1,
        ),
        (
            "--alter --client a --delete-config producer_byte_rate,consumer_byte_rate",
            "Completed updating config for client a.",
            0,
        ),
        ("--describe --client a", "", 0),
    ] {
        assert_eq!(said(&mut terminal, arguments), (expected.to_owned(), code), "{arguments}");
    }
}
