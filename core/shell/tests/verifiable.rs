//! The verifiable clients: a line of JSON for each thing that happens to them.

mod common;

use common::Terminal;
use serde_json::Value;

const SERVER: &str = "--bootstrap-server localhost:9092";

/// A cluster with a topic of two partitions.
fn terminal() -> Terminal {
    let mut terminal = Terminal::new();
    let create = "--create --topic t --partitions 2 --replication-factor 3";
    let printed = terminal.run(&format!("kafka-topics.sh {SERVER} {create}"));
    assert_eq!(printed.code, Some(0));
    terminal
}

/// The events that a command prints, as they stand but for their times.
fn events(terminal: &mut Terminal, line: &str) -> Vec<String> {
    let printed = terminal.run(line);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    let masked = |line: &str| {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("JSON: {line}"));
        let time = event["timestamp"].as_i64().expect("an event has a time");
        line.replace(&format!("\"timestamp\":{time}"), "\"timestamp\":0")
    };
    printed.output.lines().map(masked).collect()
}

#[test]
fn what_was_sent_is_told_record_by_record() {
    let mut terminal = terminal();
    let line = format!(
        "kafka-verifiable-producer.sh {SERVER} --topic t --max-messages 3 --repeating-keys 1 \
         --value-prefix 7"
    );
    let told = events(&mut terminal, &line);
    assert_eq!(told[0], "{\"timestamp\":0,\"name\":\"startup_complete\"}");
    for number in 0..3 {
        // The key is always 0, so all go to one partition.
        let start = format!(
            "{{\"timestamp\":0,\"name\":\"producer_send_success\",\"key\":\"0\",\"value\":\"7.{number}\",\"offset\":{number},\"topic\":\"t\",\"partition\":"
        );
        assert!(told[1 + number].starts_with(&start), "{told:#?}");
    }
    assert_eq!(told[4], "{\"timestamp\":0,\"name\":\"shutdown_complete\"}");
    let start = "{\"timestamp\":0,\"name\":\"tool_data\",\"sent\":3,\"acked\":3,\"target_throughput\":-1,\"avg_throughput\":";
    assert!(told[5].starts_with(start) && told.len() == 6, "{told:#?}");
}

#[test]
fn what_was_refused_is_told_too() {
    let mut terminal = terminal();
    let config =
        format!("kafka-configs.sh {SERVER} --alter --topic t --add-config max.message.bytes=10");
    assert_eq!(terminal.run(&config).code, Some(0));
    let line = format!("kafka-verifiable-producer.sh {SERVER} --topic t --max-messages 1");
    let told = events(&mut terminal, &line);
    let start = "{\"timestamp\":0,\"name\":\"producer_send_error\",\"topic\":\"t\",\"key\":null,\"value\":\"0\",\"exception\":\"class org.apache.kafka.common.errors.RecordTooLargeException\",\"message\":\"";
    assert!(told[1].starts_with(start), "{told:#?}");
    assert!(told[3].contains("\"sent\":1,\"acked\":0,"), "{told:#?}");
}

#[test]
fn what_is_assigned_read_and_committed_is_told() {
    let mut terminal = terminal();
    let produce = format!(
        "kafka-verifiable-producer.sh {SERVER} --topic t --max-messages 5 --repeating-keys 1"
    );
    let sent = events(&mut terminal, &produce);
    let partition =
        sent[1].split("\"partition\":").nth(1).unwrap().trim_end_matches('}').to_owned();
    let line = format!(
        "kafka-verifiable-consumer.sh {SERVER} --topic t --group-id g --max-messages 4 --verbose"
    );
    let told = events(&mut terminal, &line);
    let record = |number: usize| {
        format!(
            "{{\"timestamp\":0,\"name\":\"record_data\",\"key\":\"0\",\"value\":\"{number}\",\"topic\":\"t\",\"partition\":{partition},\"offset\":{number}}}"
        )
    };
    let both = "[{\"topic\":\"t\",\"partition\":0},{\"topic\":\"t\",\"partition\":1}]";
    let mut expected = vec![
        "{\"timestamp\":0,\"name\":\"startup_complete\"}".to_owned(),
        format!("{{\"timestamp\":0,\"name\":\"partitions_assigned\",\"partitions\":{both}}}"),
    ];
    expected.extend((0..4).map(record));
    expected.extend([
        format!("{{\"timestamp\":0,\"name\":\"records_consumed\",\"count\":5,\"partitions\":[{{\"topic\":\"t\",\"partition\":{partition},\"count\":4,\"minOffset\":0,\"maxOffset\":3}}]}}"),
        format!("{{\"timestamp\":0,\"name\":\"offsets_committed\",\"offsets\":[{{\"topic\":\"t\",\"partition\":{partition},\"offset\":4}}],\"success\":true}}"),
        format!("{{\"timestamp\":0,\"name\":\"partitions_revoked\",\"partitions\":{both}}}"),
        "{\"timestamp\":0,\"name\":\"shutdown_complete\"}".to_owned(),
    ]);
    assert_eq!(told, expected);
    // What was read beyond that is read by the next member.
    let told = events(&mut terminal, &line.replace("--max-messages 4", "--max-messages 1"));
    assert!(told.contains(&record(4)), "{told:#?}");
}

#[test]
fn a_file_of_settings_is_read() {
    let mut terminal = terminal();
    terminal.world.put_file("p.conf", "compression.type=gzip\n".as_bytes().to_vec().into());
    let line = format!(
        "kafka-verifiable-producer.sh {SERVER} --topic t --max-messages 1 --command-config p.conf"
    );
    assert_eq!(events(&mut terminal, &line).len(), 4);
    let printed = terminal.run(&line.replace("p.conf", "q.conf"));
    assert_eq!(printed.code, Some(1));
    assert!(printed.errors.contains("NoSuchFileException: q.conf"), "{printed:?}");
    for tool in ["kafka-topics.sh --list --command-config", "kafka-cluster.sh cluster-id --config"]
    {
        let printed = terminal.run(&format!("{tool} q.conf {SERVER}"));
        assert!(printed.errors.contains("NoSuchFileException: q.conf"), "{printed:?}");
        let printed = terminal.run(&format!("{tool} p.conf {SERVER}"));
        assert_eq!(printed.code, Some(0), "{printed:?}");
        assert!(
            printed.errors.contains("Highwater: compression.type changes nothing"),
            "{printed:?}"
        );
    }
}

#[test]
fn each_tool_says_in_its_way_that_a_file_of_settings_is_not_there() {
    let mut terminal = terminal();
    let exception = "java.nio.file.NoSuchFileException: q.conf";
    let both = format!("q.conf\n{exception}\n");
    let hint = "Highwater: there is no file q.conf: put it in place first\n";
    let mut check = |line: &str, output: &str, errors: &str| {
        let printed = terminal.run(line);
        assert_eq!(printed.output, output, "{line}: {printed:?}");
        assert_eq!(printed.errors, format!("{errors}{hint}"), "{line}");
        assert_eq!(printed.code, Some(1), "{line}");
    };
    let config = "--command-config q.conf";
    for tool in [
        "kafka-topics.sh --list",
        "kafka-log-dirs.sh --describe",
        "kafka-delete-records.sh --offset-json-file f",
        "kafka-broker-api-versions.sh",
        "kafka-groups.sh --list",
    ] {
        check(&format!("{tool} {SERVER} {config}"), "", &both);
    }
    check(&format!("kafka-features.sh {SERVER} {config} describe"), "", "q.conf\n");
    let occurred = format!("Error occurred: {both}");
    check(&format!("kafka-get-offsets.sh {SERVER} {config}"), "", &occurred);
    check(
        &format!("kafka-reassign-partitions.sh {SERVER} {config} --list"),
        &format!("Error: {both}"),
        "",
    );
    check(
        &format!("kafka-configs.sh {SERVER} {config} --describe --topic t"),
        "",
        &format!(
            "Error while executing config command with args '{SERVER} {config} --describe --topic t'\n{exception}\n"
        ),
    );
    check(
        &format!("kafka-consumer-groups.sh {SERVER} {config} --list"),
        "",
        &format!(
            "Exception in thread \"main\" java.lang.RuntimeException: {exception}\nCaused by: {exception}\n"
        ),
    );
    check(
        &format!("kafka-transactions.sh {SERVER} {config} list"),
        "",
        "Failed to load admin client properties: q.conf. Enable debug logging for additional detail.\n",
    );
    check(
        &format!("kafka-metadata-quorum.sh {SERVER} {config} describe --status"),
        "",
        "Properties file q.conf does not exists!\n",
    );
}
