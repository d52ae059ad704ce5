//! `kafka-consumer-perf-test.sh` in a whole cluster.

mod common;

use common::{Printed, Terminal};

const TOOL: &str = "kafka-consumer-perf-test.sh --bootstrap-server localhost:9092";
const HEADER: &str = "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, \
    rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec";

/// A cluster with a topic of a hundred records of 1,024 bytes each.
fn terminal() -> Terminal {
    let mut terminal = Terminal::new();
    let server = "--bootstrap-server localhost:9092";
    let create = "--create --topic t --partitions 2 --replication-factor 3";
    let sent = "--topic t --num-records 100 --record-size 1024 --throughput -1";
    for line in [
        format!("kafka-topics.sh {server} {create}"),
        format!("kafka-producer-perf-test.sh {server} {sent}"),
    ] {
        assert_eq!(terminal.run(&line).code, Some(0), "{line}");
    }
    terminal
}

fn run(arguments: &str) -> Printed {
    terminal().run(&format!("{TOOL} {arguments}"))
}

/// The fields of a line of results.
fn fields(line: &str) -> Vec<&str> {
    let fields: Vec<&str> = line.split(", ").collect();
    assert_eq!(fields.len(), 10, "{line}");
    fields
}

#[test]
fn what_was_read_is_told_with_the_time_that_it_took() {
    let printed = run("--topic t --num-records 100");
    assert_eq!(printed.code, Some(0), "{printed:?}");
    let [header, line] = printed.output.lines().collect::<Vec<_>>()[..] else {
        panic!("two lines: {printed:?}")
    };
    assert_eq!(header, HEADER);
    let told = fields(line);
    // 100 KiB are 0.09765625 MiB.
    assert_eq!((told[2], told[4]), ("0.0977", "100"), "{line}");
    let number = |place: usize| told[place].parse::<f64>().unwrap();
    let (joining, fetching) = (number(6), number(7));
    // A new group waits group.initial.rebalance.delay.ms for more members.
    assert!(joining >= 3_000.0 && fetching > 0.0 && fetching < 1_000.0, "{line}");
    assert!((number(5) - 100_000.0 / (joining + fetching)).abs() < 0.01, "{line}");
    assert!((number(9) - 100_000.0 / fetching).abs() < 0.01, "{line}");
    let printed = run("--topic t --num-records 10 --hide-header");
    assert_eq!(printed.output.lines().count(), 1, "{printed:?}");
    let read: u64 = fields(printed.output.trim_end())[4].parse().unwrap();
    assert!((10..=100).contains(&read), "a poll is counted whole: {printed:?}");
}

#[test]
fn it_gives_up_when_nothing_comes() {
    let printed = run("--topic t --num-records 101 --timeout 5000");
    let warning = "WARNING: Exiting before consuming the expected number of records: timeout (5000 ms) exceeded. \
        You can use the --timeout option to increase the timeout.";
    let lines: Vec<&str> = printed.output.lines().collect();
    assert_eq!((lines[0], lines[1], printed.code), (HEADER, warning, Some(0)));
    assert_eq!(fields(lines[2])[4], "100");
    let printed = run("--topic t --num-records 1 --timeout 8000 --from-latest");
    assert!(printed.output.contains("\nWARNING: "), "nothing is new: {printed:?}");
    let printed = run("--include 't|u' --num-records 100");
    assert_eq!(fields(printed.output.lines().last().unwrap())[4], "100");
}

#[test]
fn it_tells_how_far_it_is_while_it_reads() {
    let line = "producer start p --topic t --rate 50; \
                kafka-consumer-perf-test.sh --bootstrap-server localhost:9092 --topic t --num-records 600 \
                --show-detailed-stats --reporting-interval 2000";
    let printed = terminal().run(line);
    let lines: Vec<&str> =
        printed.output.lines().skip_while(|line| !line.starts_with("time, ")).collect();
    assert!(lines[0].starts_with("time, threadId, data.consumed.in.MB, "), "{printed:?}");
    assert!(lines.len() > 3, "{printed:?}");
    for line in &lines[1..] {
        assert_eq!(fields(line)[1], "0", "{line}");
    }
    let rate: f64 = fields(lines[3])[5].parse().unwrap();
    assert!((40.0..60.0).contains(&rate), "50 records come a second: {printed:?}");
}

#[test]
fn a_producer_tells_how_far_it_is_as_often_as_it_is_asked_to() {
    let line = "kafka-producer-perf-test.sh --bootstrap-server localhost:9092 --topic t --num-records 100 \
                --record-size 10 --throughput 20 --print-metrics --reporting-interval";
    let printed = terminal().run(&format!("{line} 1000"));
    assert!((4..=6).contains(&printed.output.lines().count()), "{printed:?}");
    assert!(printed.errors.contains("Highwater: --print-metrics changes nothing"), "{printed:?}");
    assert_eq!(terminal().run(&format!("{line} 0")).code, Some(1));
}

#[test]
fn it_ends_when_its_consumer_fails() {
    let mut terminal = terminal();
    let member = "--topic t --group g --num-records 1000 --command-property group.instance.id=i";
    let first = format!("{TOOL} {member} --timeout 60000 2> errors & sleep 6");
    assert_eq!(terminal.run(&first).code, Some(0));
    // A second member of the same instance id fences the first one off.
    let printed =
        terminal.run(&format!("{TOOL} {member} --timeout 8000 > other; jobs; cat errors"));
    let told: Vec<&str> = printed.output.lines().collect();
    assert!(told.iter().all(|line| !line.contains("Running")), "it has ended: {printed:?}");
    let exception = told.iter().position(|line| line.contains("FencedInstanceIdException"));
    let place = exception.unwrap_or_else(|| panic!("{printed:?}"));
    assert!(told[place].starts_with("org.apache.kafka.common.errors."), "{printed:?}");
    assert!(place > 0, "its message stands before it: {printed:?}");
}

#[test]
fn what_is_wrong_is_said_as_the_real_tool_says_it() {
    for (arguments, first) in [
        (
            "--topic t",
            "Exactly one of the following arguments is required: [messages], [num-records]",
        ),
        (
            "--num-records 1",
            "Exactly one of the following arguments is required: [topic], [include]",
        ),
        (
            "--topic t --messages 1 --num-records 1",
            "Exactly one of the following arguments is required: [messages], [num-records]",
        ),
        (
            "--topic t --num-records 1 --consumer.config a --command-config b",
            "Option \"[consumer.config]\" can't be used with option \"[command-config]\"",
        ),
        ("--topic t --num-records x", "Cannot parse argument 'x' of option num-records"),
        (
            "--topic t --num-records 1 --reporting-interval 0",
            "Reporting interval must be greater than 0.",
        ),
    ] {
        let printed = run(arguments);
        assert_eq!(printed.errors.lines().next(), Some(first), "{arguments}: {printed:?}");
        assert_eq!(printed.code, Some(1), "{arguments}");
    }
    let printed = run("--topic t --messages 1 --print-metrics");
    assert!(
        printed
            .output
            .starts_with("Warning: --messages is deprecated. Use --num-records instead.\n")
    );
    assert!(
        printed.errors.contains("Highwater: --print-metrics changes nothing here"),
        "{printed:?}"
    );
    let printed = run("--topic t --num-records 1 --command-config none.conf");
    assert!(printed.errors.contains("NoSuchFileException: none.conf"), "{printed:?}");
    assert_eq!(printed.code, Some(1));
}
