//! `kafka-delete-records.sh` against a whole cluster, compared with what Kafka's tool printed.

mod common;

use bytes::Bytes;
use common::{Printed, Terminal};
use serde_json::Value;

const RECORDED: &str = include_str!("../../../tests/oracle/cli/basic.json");

/// A cluster with a topic `orders` of three partitions, and another that is compacted.
fn terminal() -> Terminal {
    let mut terminal = Terminal::new();
    for more in [
        "--topic orders --partitions 3",
        "--topic kv --config cleanup.policy=compact",
        "--topic __consumer_offsets",
    ] {
        let created = terminal
            .run(&format!("kafka-topics.sh --create {more} --bootstrap-server localhost:9092"));
        assert_eq!(created.code, Some(0), "{created:?}");
    }
    terminal
}

fn delete(terminal: &mut Terminal, content: &str) -> Printed {
    terminal.world.put_file("del.json", Bytes::from(content.to_owned()));
    terminal.run(
        "kafka-delete-records.sh --bootstrap-server localhost:9092 --offset-json-file del.json",
    )
}

fn without_time(errors: &str) -> &str {
    errors.split_once("] ").map_or(errors, |(_, rest)| rest)
}

/// What is deleted is one entry of a file.
#[track_caller]
fn check(topic: &str, partition: i32, offset: i64, printed: &str) {
    let content = format!(
        r#"{{"partitions":[{{"topic":"{topic}","partition":{partition},"offset":{offset}}}]}}"#
    );
    let got = delete(&mut terminal(), &content);
    let expected = format!(
        "Executing records delete operation\nRecords delete operation completed:\npartition: {topic}-{partition}\t{printed}\n"
    );
    assert_eq!((got.output, got.code), (expected, Some(0)), "{}", got.errors);
}

#[test]
fn an_offset_out_of_range_is_refused_as_recorded() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let steps = recorded.as_array().unwrap();
    let step = steps.iter().find(|step| step["id"] == "delete-records/out-of-range").unwrap();
    let files = step["files"].as_object().unwrap();
    let content = files.values().next().and_then(Value::as_str).unwrap();
    let printed = delete(&mut terminal(), content);
    assert_eq!(printed.output, step["stdout"].as_str().unwrap());
    assert_eq!(without_time(&printed.errors), without_time(step["stderr"].as_str().unwrap()));
    assert_eq!(printed.code.map(i64::from), step["exit"].as_i64());
}

#[test]
fn each_partition_is_answered() {
    check("orders", 1, 0, "low_watermark: 0");
    check("orders", 1, -1, "low_watermark: 0");
    check(
        "orders",
        1,
        -2,
        "error: org.apache.kafka.common.errors.OffsetOutOfRangeException: The requested offset is not within the range of offsets maintained by the server.",
    );
    check(
        "__consumer_offsets",
        0,
        0,
        "error: org.apache.kafka.common.errors.InvalidTopicException: The request attempted to perform an operation on an invalid topic.",
    );
    check(
        "kv",
        0,
        0,
        "error: org.apache.kafka.common.errors.PolicyViolationException: Request parameters do not satisfy the configured policy.",
    );
}

#[test]
fn a_topic_that_does_not_exist_is_waited_for() {
    let wait = "error: org.apache.kafka.common.errors.TimeoutException: Timed out waiting to send the call. Call: deleteRecords";
    check("nothing", 0, 0, wait);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let printed = terminal().run(
        "kafka-delete-records.sh --bootstrap-server localhost:9092 --offset-json-file nowhere.json",
    );
    assert_eq!(printed.code, Some(1));
    assert_eq!(printed.errors.lines().next(), Some("Error: nowhere.json"));
}
