//! The smaller administrative tools against a whole cluster, compared with what Kafka's tools printed,
//! or, where nothing was recorded, with what their sources say.

mod common;

use common::{Printed, Terminal};
use serde_json::Value;

const BASIC: &str = include_str!("../../../tests/oracle/cli/basic.json");
const CHEATSHEET: &str = include_str!("../../../tests/oracle/cli/cheatsheet.json");

const SERVER: &str = "--bootstrap-server localhost:9092";

fn step(recorded: &str, id: &str) -> Value {
    let recorded: Value = serde_json::from_str(recorded).unwrap();
    let steps = recorded.as_array().unwrap();
    steps
        .iter()
        .find(|step| step["id"] == id)
        .unwrap_or_else(|| panic!("{id} was recorded"))
        .clone()
}

fn line(step: &Value) -> String {
    let arguments = step["args"].as_array().unwrap().iter().map(|argument| {
        format!("'{}'", argument.as_str().unwrap().replace("$BS", "localhost:9092"))
    });
    let arguments: Vec<String> = arguments.collect();
    format!("{}.sh {}", step["tool"].as_str().unwrap(), arguments.join(" "))
}

fn run(terminal: &mut Terminal, line: &str) -> Printed {
    let printed = terminal.run(line);
    assert_eq!(printed.code, Some(0), "{line}: {printed:?}");
    printed
}

/// A cluster with a topic `orders` of four partitions, of which two have records.
fn cluster() -> Terminal {
    let mut terminal = Terminal::new();
    let create = "kafka-topics.sh --create --topic orders --replication-factor 3 --partitions 4";
    run(&mut terminal, &format!("{create} {SERVER}"));
    for (partition, count) in [(1, 3), (2, 6)] {
        let send = format!("--partition {partition} --count {count} --rate 100");
        run(&mut terminal, &format!("producer start p{partition} --topic orders {send}"));
        terminal.wait_seconds(2);
    }
    terminal
}

/// A recorded command prints what was recorded, once `mask` has taken out of both what differs.
#[track_caller]
fn check(terminal: &mut Terminal, step: &Value, mask: fn(&str) -> String) {
    let printed = terminal.run(&line(step));
    let id = &step["id"];
    assert_eq!(mask(&printed.output), mask(step["stdout"].as_str().unwrap()), "{id}");
    let first = |errors: &str| errors.lines().next().unwrap_or_default().to_owned();
    assert_eq!(first(&printed.errors), first(step["stderr"].as_str().unwrap()), "{id}");
    assert_eq!(printed.code.map(i64::from), step["exit"].as_i64(), "{id}");
}

#[test]
fn offsets_are_told_as_recorded() {
    let mut terminal = cluster();
    for id in ["latest", "partitions", "unknown", "bad-time"] {
        let step = step(BASIC, &format!("offsets/{id}"));
        check(&mut terminal, &step, str::to_owned);
    }
    check(&mut terminal, &step(CHEATSHEET, "old/get-offsets-broker-list"), str::to_owned);
    let mut offsets = |arguments: &str, expected: &[&str]| {
        let printed = run(&mut terminal, &format!("kafka-get-offsets {SERVER} {arguments}"));
        assert_eq!(printed.output.lines().collect::<Vec<_>>(), expected, "{arguments}");
    };
    let ends = ["orders:0:0", "orders:1:3", "orders:2:6", "orders:3:0"];
    offsets("", &ends);
    offsets("--time -1 --topic 'or.*'", &ends);
    offsets("--time earliest --partitions 1,2", &["orders:1:0", "orders:2:0"]);
    offsets("--time max-timestamp", &["orders:1:2", "orders:2:5"]);
    offsets("--time -4 --topic-partitions orders:2-", &["orders:2:0", "orders:3:0"]);
    offsets("--time -5", &[]);
    offsets("--time -6", &[]);
    offsets("--time 0 --topic-partitions :1,orders:2", &["orders:1:0", "orders:2:0"]);
    offsets("--time 4102444800000", &[]);
    offsets("--exclude-internal-topics --topic-partitions orders:-1", &["orders:0:0"]);
}

#[test]
fn log_directories_are_told_as_recorded() {
    fn without_sizes(text: &str) -> String {
        let parts = text
            .split("\"size\":")
            .map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned());
        parts.collect::<Vec<_>>().join("\"size\":")
    }
    let mut terminal = cluster();
    check(&mut terminal, &step(BASIC, "logdirs/describe"), without_sizes);
    let wrong = terminal.run(&format!("kafka-log-dirs.sh {SERVER} --describe --broker-list 1,9"));
    assert_eq!(
        wrong.errors,
        "ERROR: The given brokers do not exist from --broker-list: 9. Current existent brokers: 1,2,3\n"
    );
    assert_eq!(wrong.code, Some(1));
}

#[test]
fn groups_are_listed_as_recorded() {
    let mut terminal = cluster();
    for group in ["28428", "5811", "78885", "21961", "74921"] {
        let start =
            format!("consumer start c{group} --group console-consumer-{group} --topic orders");
        run(&mut terminal, &start);
        terminal.wait_seconds(5);
        run(&mut terminal, &format!("consumer stop c{group}"));
    }
    check(&mut terminal, &step(BASIC, "groups-tool/list"), str::to_owned);
    let new = "consumer start n --group new-g --topic orders --config group.protocol=consumer";
    run(&mut terminal, new);
    terminal.wait_seconds(5);
    let listed = |terminal: &mut Terminal, arguments: &str| {
        run(terminal, &format!("kafka-groups.sh {SERVER} --list {arguments}"))
            .output
            .lines()
            .count()
    };
    assert_eq!(listed(&mut terminal, ""), 7);
    assert_eq!(listed(&mut terminal, "--group-type consumer"), 2);
    assert_eq!(listed(&mut terminal, "--group-type classic --protocol consumer"), 6);
    assert_eq!(listed(&mut terminal, "--consumer"), 7);
    assert_eq!(listed(&mut terminal, "--share"), 1);
    let wrong = terminal.run(&format!("kafka-groups.sh {SERVER} --list --consumer --share"));
    let first = "Option \"[consumer]\" can't be used with option \"[share]\"";
    assert_eq!((wrong.errors.lines().next(), wrong.code), (Some(first), Some(1)));
}

#[test]
fn the_cluster_is_told_as_recorded() {
    fn without_id(text: &str) -> String {
        text.split_once("Cluster ID: ").map_or(text.to_owned(), |_| "Cluster ID: *\n".to_owned())
    }
    let mut terminal = Terminal::new();
    check(&mut terminal, &step(BASIC, "cluster-id"), without_id);
    run(&mut terminal, "broker stop 3");
    terminal.wait_seconds(20);
    let expected = "\
ID         HOST    PORT       RACK       STATE      ENDPOINT_TYPE  
1          broker1 9092       null       unfenced   broker         
2          broker2 9092       null       unfenced   broker         
";
    let listed = run(&mut terminal, &format!("kafka-cluster.sh list-endpoints {SERVER}"));
    assert_eq!(listed.output, expected);
    let all = "kafka-cluster list-endpoints -b localhost:9092 --include-fenced-brokers";
    let fenced = "3          broker3 9092       null       fenced     broker         \n";
    assert_eq!(run(&mut terminal, all).output, format!("{expected}{fenced}"));
}

#[test]
fn features_are_told_in_the_recorded_form() {
    /// Levels and the epoch differ: this cluster writes the records of another `metadata.version`.
    fn shape(text: &str) -> String {
        let masked = text.lines().map(|line| {
            let (head, _) = line.split_once("FinalizedVersionLevel: ").unwrap();
            head.to_owned()
        });
        masked.collect::<Vec<_>>().join("\n")
    }
    let mut terminal = Terminal::new();
    check(&mut terminal, &step(BASIC, "features/describe"), shape);
    let mut features = |arguments: &str, output: &str, errors: &str, code: i32| {
        let printed = terminal.run(&format!("kafka-features.sh {SERVER} {arguments}"));
        let expected =
            Printed { output: output.to_owned(), errors: errors.to_owned(), code: Some(code) };
        assert_eq!(printed, expected, "{arguments}");
    };
    features(
        "version-mapping --release-version 4.0",
        "metadata.version=25 (4.0)\nkraft.version=1\ntransaction.version=2\ngroup.version=1\n\
         eligible.leader.replicas.version=0\nshare.version=0\nstreams.version=0\n",
        "",
        0,
    );
    features(
        "feature-dependencies --feature kraft.version=1 --feature group.version=1",
        "kraft.version=1 requires:\n    metadata.version=21 (3.9-IV0)\ngroup.version=1 has no dependencies.\n",
        "",
        0,
    );
    features("feature-dependencies --feature nothing=1", "", "Unknown feature: nothing\n", 1);
    features("upgrade --feature group.version=1", "group.version was upgraded to 1.\n", "", 0);
    features("upgrade", "", "You must specify at least one feature to upgrade\n", 1);
    let refused = "Invalid update version 7 for feature group.version. Local controller 101 only supports versions 0-1";
    features(
        "upgrade --feature group.version=7",
        &format!(
            "Could not upgrade group.version to 7. The update failed for all features since the following feature had an error: {refused}\n"
        ),
        "1 out of 1 operation(s) failed.\n",
        1,
    );
    features(
        "downgrade --feature group.version=0 --dry-run",
        "group.version can be downgraded to 0.\n",
        "",
        0,
    );
    features("disable --feature x --feature x", "", "Feature x was specified more than once.\n", 1);
}

#[test]
fn the_apis_of_brokers_are_told_as_recorded() {
    /// The lines of one broker, without its address and rack.
    fn first_broker(text: &str) -> String {
        let lines = text.lines().take_while(|line| *line != ")").skip(1);
        lines.collect::<Vec<_>>().join("\n")
    }
    let mut terminal = Terminal::new();
    check(&mut terminal, &step(BASIC, "broker-api-versions"), first_broker);
    let printed = run(&mut terminal, &format!("kafka-broker-api-versions {SERVER}"));
    assert!(printed.output.starts_with("broker1:9092 (id: 1 rack: null isFenced: false) -> (\n"));
}

#[test]
fn transactions_are_told_found_and_ended() {
    let mut terminal = cluster();
    check(&mut terminal, &step(BASIC, "transactions/list"), str::to_owned);
    let start = "producer start t1 --topic orders --partition 0 --transactional-id pay --transaction-ms 86400000";
    run(&mut terminal, start);
    terminal.wait_seconds(5);
    let tool = |arguments: &str| format!("kafka-transactions.sh {SERVER} {arguments}");
    let cells = |text: &str| {
        let cells =
            text.lines().map(|line| line.split('\t').map(str::trim).collect::<Vec<_>>().join(" "));
        cells.collect::<Vec<_>>()
    };
    let listed = run(&mut terminal, &tool("list")).output;
    assert!(
        cells(&listed)[1].starts_with("pay ") && cells(&listed)[1].contains(" Ongoing"),
        "{listed}"
    );
    let described = run(&mut terminal, &tool("describe --transactional-id pay")).output;
    assert!(cells(&described)[1].ends_with(" orders-0 "), "{described}");
    let producers = run(&mut terminal, &tool("describe-producers --topic orders --partition 0"));
    assert!(cells(&producers.output)[1].ends_with(" 0 "), "{producers:?}");
    // It is open, but its coordinator knows it.
    let hanging = tool("find-hanging --topic orders --max-transaction-timeout 0");
    assert_eq!(run(&mut terminal, &hanging).output.lines().count(), 1);
    run(&mut terminal, &tool("forceTerminateTransaction --transactionalId pay"));
    let listed = run(&mut terminal, &tool("list")).output;
    assert!(!listed.contains("Ongoing"), "{listed}");
}

#[test]
fn arguments_of_tools_with_commands_are_refused_as_argparse4j_does() {
    let mut terminal = Terminal::new();
    let mut refused = |line: &str, usage: &str, error: &str| {
        let printed = terminal.run(line);
        let lines: Vec<&str> = printed.errors.lines().collect();
        assert_eq!(lines.first(), Some(&usage), "{line}");
        let own = lines.iter().rfind(|line| !line.starts_with("Highwater: "));
        assert_eq!(own, Some(&error), "{line}");
        assert_eq!(printed.code, Some(1), "{line}");
    };
    refused(
        "kafka-transactions.sh list",
        "usage: kafka-transactions.sh [-h] [-v] [--command-config FILE]",
        "kafka-transactions.sh: error: argument --bootstrap-server is required",
    );
    refused(
        "kafka-transactions.sh --bootstrap-server broker1:9092 describe",
        "usage: kafka-transactions.sh --bootstrap-server host:port describe [-h]",
        "kafka-transactions.sh: error: argument --transactional-id is required",
    );
    refused(
        "kafka-transactions.sh --bootstrap-server broker1:9092 decribe",
        "usage: kafka-transactions.sh [-h] [-v] [--command-config FILE]",
        "kafka-transactions.sh: error: invalid choice: 'decribe' (choose from 'list', 'describe', 'describe-producers', \
         'abort', 'find-hanging', 'forceTerminateTransaction')",
    );
    refused(
        "kafka-cluster.sh cluster-id",
        "usage: kafka-cluster cluster-id [-h]",
        "kafka-cluster: error: one of the arguments --bootstrap-server --bootstrap-controller is required",
    );
}

#[test]
fn tools_that_are_not_there_say_so() {
    let mut terminal = Terminal::new();
    for tool in ["kafka-jmx.sh --list", "zookeeper-shell.sh localhost:2181"] {
        let printed = terminal.run(tool);
        assert!(printed.errors.starts_with("Highwater: "), "{tool}: {printed:?}");
        assert_eq!((printed.errors.lines().count(), printed.code), (1, Some(1)), "{tool}");
    }
}

const FAILURES: &str = include_str!("../../../tests/oracle/cli/failures.json");

/// What differs from batch to batch and from record to record; what is left is how the lines are built.
fn shape(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| {
            let words = line.split(' ').map(|word| match word.parse::<i64>() {
                Ok(_) => "#".to_owned(),
                Err(_) if word.starts_with("key-") => "KEY".to_owned(),
                Err(_) if word.starts_with("value-") || word.starts_with("more-") => {
                    "VALUE".to_owned()
                }
                Err(_) if word.len() == 50 => "VALUE".to_owned(),
                Err(_) => word.to_owned(),
            });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn files_are_dumped_as_recorded() {
    let mut terminal = Terminal::new();
    let create = "kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3";
    run(&mut terminal, &format!("{create} {SERVER}"));
    let produce =
        "--rate 500 --count 1500 --keys 5 --value-bytes 40 --config enable.idempotence=true";
    run(&mut terminal, &format!("producer start p --topic orders {produce}"));
    terminal.wait_seconds(10);
    for id in ["print-data-log", "plain", "deep", "index", "timeindex", "index-sanity", "missing"] {
        let step = step(FAILURES, &format!("dump/{id}"));
        let printed = terminal.run(&line(&step));
        let expected = step["stdout"].as_str().unwrap();
        let only_built_alike =
            |line: &String| !line.contains(" key: ") && !line.contains(" payload: ");
        let [found, expected] = [shape(&printed.output), shape(expected)]
            .map(|lines| lines.into_iter().filter(only_built_alike).collect::<Vec<_>>());
        assert_eq!(found, expected, "{id}");
        assert_eq!(
            printed.errors.lines().next(),
            step["stderr"].as_str().unwrap().lines().next(),
            "{id}"
        );
        assert_eq!(printed.code.map(i64::from), step["exit"].as_i64(), "{id}");
        if id == "print-data-log" {
            let has = |part: &str| printed.output.lines().any(|line| line.contains(part));
            assert!(has(" headerKeys: [] key: ") && has(" payload: "), "{}", printed.output);
        }
    }
    let bare = "kafka-dump-log --files /var/lib/kafka/data1/orders-0/00000000000000000000.log --print-data-log --skip-record-metadata";
    let printed = run(&mut terminal, bare);
    assert!(printed.output.lines().nth(3).unwrap().starts_with("| key: "), "{}", printed.output);
}

#[test]
fn internal_topics_are_decoded() {
    let mut terminal = cluster();
    run(&mut terminal, "consumer start c --group g1 --topic orders --from-beginning");
    terminal.wait_seconds(12);
    let mut found = String::new();
    for partition in 0..50 {
        let file =
            format!("/var/lib/kafka/data1/__consumer_offsets-{partition}/00000000000000000000.log");
        let dumped = terminal.run(&format!("kafka-dump-log.sh --files {file} --offsets-decoder"));
        if dumped.code == Some(0) {
            found.push_str(&dumped.output);
        }
    }
    let commit = r#"key: {"type":"1","data":{"group":"g1","topic":"orders","partition":2}} payload: {"version":"3","data":{"offset":6,"leaderEpoch":"#;
    assert!(found.contains(commit), "{found}");
}

#[test]
fn tools_run_by_the_names_of_their_classes() {
    let mut terminal = cluster();
    let recorded: Value = serde_json::from_str(CHEATSHEET).unwrap();
    let old = recorded.as_array().unwrap().iter().find(|step| step["tool"] == "kafka-run-class");
    check(&mut terminal, old.unwrap(), str::to_owned);
    let new = format!(
        "kafka-run-class org.apache.kafka.tools.GetOffsetShell {SERVER} --topic orders --partitions 1"
    );
    assert_eq!(run(&mut terminal, &new).output, "orders:1:3\n");
}

#[test]
fn the_metadata_log_is_dumped_in_the_recorded_form() {
    let mut terminal = cluster();
    let step = step(FAILURES, "dump/metadata");
    let printed = terminal.run(&line(&step));
    assert_eq!(printed.code, Some(0), "{}", printed.errors);
    let names = |text: &str, kind: &str| -> Option<Vec<String>> {
        let start = format!("| payload: {{\"type\":\"{kind}\",");
        let line = text.lines().find(|line| line.starts_with(&start))?;
        let record: Value = serde_json::from_str(line.trim_start_matches("| payload: ")).unwrap();
        Some(record["data"].as_object().unwrap().keys().cloned().collect())
    };
    let recorded = step["stdout"].as_str().unwrap();
    for kind in ["FEATURE_LEVEL_RECORD", "CONFIG_RECORD", "TOPIC_RECORD", "PARTITION_RECORD"] {
        let found = names(&printed.output, kind);
        assert!(found.is_some(), "{kind}: {}", printed.output);
        assert_eq!(found, names(recorded, kind), "{kind}");
    }
    let feature = r#"| payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"group.version","featureLevel":1}}"#;
    assert!(printed.output.lines().any(|line| line == feature), "{}", printed.output);
}
