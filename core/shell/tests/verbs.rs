//! The playground's verbs, and what a shell says to lines that are wrong.

mod common;

use common::{Printed, Terminal};
use highwater_cluster::ids::BrokerId;
use highwater_cluster::time::Span;
use highwater_cluster::view::BrokerState;

const FLIGHTS: &str = "{\"origin\":\"SFO\",\"delay\":5}\n{\"origin\":\"JFK\",\"delay\":0}\n";
const BROKEN: &str = "{\"origin\":\"SFO\"}\n{\"origin\":\n{\"origin\":\"JFK\"}\n";

fn terminal() -> Terminal {
    let mut terminal = Terminal::new();
    let orders = "kafka-topics.sh --bootstrap-server broker1:9092 --create --topic orders \
                  --partitions 3 --replication-factor 3";
    assert_eq!(terminal.run(orders).code, Some(0));
    terminal.world.put_file("flights.jsonl", FLIGHTS.into());
    terminal.world.put_file("broken.jsonl", BROKEN.into());
    terminal
}

/// Runs lines of which all but the last are to succeed; the last says `output` and ends well.
fn check_says(lines: &[&str], output: &str) {
    let (last, before) = lines.split_last().unwrap();
    let mut terminal = terminal();
    for line in before {
        assert_eq!(terminal.run(line).code, Some(0), "{line}");
    }
    let said = Printed { output: format!("{output}\n"), errors: String::new(), code: Some(0) };
    assert_eq!(terminal.run(last), said, "{last}");
}

/// A line that says `part` on its standard error and ends with `code`.
fn check_refused(line: &str, code: i32, part: &str) {
    let printed = terminal().run(line);
    assert_eq!((printed.code, printed.output.as_str()), (Some(code), ""), "{line}: {printed:?}");
    assert!(printed.errors.contains(part), "{line}: {}", printed.errors);
}

#[test]
fn verbs_say_in_a_sentence_what_they_did() {
    check_says(&["broker stop 2"], "Broker 2 is shutting down.");
    check_says(&["broker kill 2"], "Broker 2 was killed.");
    check_says(&["broker kill broker2", "broker start 2"], "Broker 2 is starting.");
    check_says(&["network cut 1 3"], "Nothing passes between broker 1 and broker 3.");
    check_says(
        &["network cut 1 controller", "network heal c101 1"],
        "Messages pass between controller 101 and broker 1 again.",
    );
    check_says(&["producer start p1 --topic orders"], "Producer p1 sends to orders.");
    check_says(
        &["producer start p1 --topic orders", "producer stop p1"],
        "Producer p1 is closing.",
    );
    check_says(
        &["# nothing but a comment", "broker stop 2 # and why"],
        "Broker 2 is shutting down.",
    );
}

#[test]
fn what_is_wrong_comes_with_a_way_out() {
    check_refused("broker", 1, "broker what? Write one of: broker stop, broker kill, broker start");
    check_refused("broker sotp 2", 1, "did you mean: broker stop");
    check_refused("broker stop", 1, "write the broker's number");
    check_refused("broker stop two", 1, "\"two\" is no broker");
    check_refused("broker stop 7", 1, "there is no broker 7; the brokers are 1 to 3");
    check_refused("network cut 1", 1, "write two nodes");
    check_refused("network cut 1 moon", 1, "\"moon\" is no node");
    check_refused("producer stop p9", 1, "no client named p9 is running");
    check_refused("producer start --topic orders", 1, "give the producer a name first");
    check_refused("producer start p1", 1, "--topic");
    check_refused("producer start p1 --topci orders", 1, "did you mean \"--topic\"?");
    check_refused("producer start p1 --topic orders --rate -1", 1, "--rate");
    check_refused("consumer start c1 --topic orders", 1, "--group");
}

#[test]
fn transactions_are_driven_by_hand() {
    let start = "producer start p1 --topic orders --rate 0 --transactional-id tx";
    check_says(&[start, "producer init p1"], "Producer p1 asks for its producer id.");
    check_says(&[start, "producer kill p1"], "Producer p1 was killed.");
    let plain = "producer start p2 --topic orders --rate 0";
    check_says(&[plain, "producer send p2 a b"], "Producer p2 sends 2 records to orders.");
    check_refused("producer send", 1, "producer send NAME");
    check_refused("producer begin p9", 1, "no producer named p9 is running");
    check_refused("producer send-offsets p1 --group g orders=5", 1, "orders-0=5");
    let (at_rate, by_hand) = ("producer start p1 --topic t", " --transactional-id tx --rate 0");
    check_refused(&format!("{at_rate} --abort-every 3"), 1, "add --transactional-id ID");
    check_refused(&format!("{at_rate}{by_hand} --transaction-ms 5"), 1, "leave it or --rate 0 out");
    let idempotence = " --transactional-id tx --config enable.idempotence=false";
    let refused = "Cannot set a transactional.id without also enabling idempotence.";
    check_refused(&format!("{at_rate}{idempotence}"), 1, refused);
    let acks = "Must set acks to all in order to use the idempotent producer.";
    check_refused(&format!("{at_rate} --transactional-id tx --acks 1"), 1, acks);
    let two_phase = "--config transaction.two.phase.commit.enable=true";
    check_refused(&format!("{at_rate} {two_phase}"), 1, "not simulated");
}

#[test]
fn faults_say_in_a_sentence_what_they_did() {
    let elsewhere = "partition elect orders-0 --leader 2";
    check_says(&["broker power-loss 2"], "Broker 2 lost power.");
    check_says(&["broker pause 2 --for 20s"], "Broker 2 stands still for 20 s.");
    check_says(&["broker pause 2", "broker resume 2"], "Broker 2 goes on.");
    check_says(
        &["broker slow-disk 2 --append 50ms"],
        "The disk of broker 2 takes 50 ms for each append.",
    );
    check_says(
        &["broker slow-disk broker2 --append 0ms"],
        "The disk of broker 2 is as fast as before.",
    );
    check_says(&["broker full-disk 2"], "The disk of broker 2 is full: the next write fails.");
    check_says(
        &["broker full-disk 2", "broker free-disk 2"],
        "The disk of broker 2 has room again.",
    );
    check_says(&["broker clock 2 --skew -90s"], "The clock of broker 2 is 90 s slow.");
    check_says(&["broker hide 2", "broker show 2"], "Metadata answers list broker 2 again.");
    check_says(
        &["network latency 1 controller --add 200ms"],
        "Messages between broker 1 and controller 101 take 200 ms longer.",
    );
    check_says(
        &["network loss 1 2 --percent 10"],
        "10 % of what is sent between broker 1 and broker 2 is lost, and TCP sends it again.",
    );
    check_says(&["network cut 1 3 --one-way"], "Nothing passes from broker 1 to broker 3.");
    check_says(&["network partition 1,2 3,controller", "network heal"], "Every link is as it was.");
    check_says(
        &["broker fail 2 --api Produce --error NOT_LEADER_OR_FOLLOWER --times 3"],
        "Broker 2 answers the next 3 Produce requests with NOT_LEADER_OR_FOLLOWER, in each partition.",
    );
    check_says(
        &["broker drop 2 --api Fetch"],
        "Broker 2 closes the connection on the next Fetch request, without an answer.",
    );
    // Whichever broker leads, another one can.
    let mut terminal = terminal();
    terminal.run("partition elect orders-0 --leader 3");
    let printed = terminal.run(elsewhere);
    assert_eq!(printed.output, "The controller makes broker 2 the leader of orders-0.\n");
}

#[test]
fn faults_that_cannot_be_are_refused_with_a_way_out() {
    check_refused("broker resume 2", 1, "broker 2 is not paused");
    check_refused("broker pause 2 --for 0s", 1, "a pause takes some time: --for 20s");
    check_refused("broker pause 2 --for 2h", 1, "--for takes an hour at most");
    check_refused("broker pause 2 --for 20", 1, "did you mean \"20s\"?");
    check_refused("broker slow-disk 2", 1, "--append TIME");
    check_refused("broker free-disk 2", 1, "is not full");
    check_refused("broker clock 2 --skew -90", 1, "did you mean -90s?");
    check_refused("broker clock 2 --skew 366d", 1, "a year at most");
    check_refused("broker show 2", 1, "broker 2 is not hidden");
    check_refused("broker power-loss 9", 1, "the brokers are 1 to 3");
    check_refused("network heal", 1, "nothing is wrong with any link");
    check_refused("network heal 1 2", 1, "nothing is wrong with the link");
    check_refused("network latency 1 1 --add 1s", 1, "has no link to itself");
    check_refused("network loss 1 2 --percent 101", 1, "a whole number from 0 to 100");
    check_refused("network partition 1,2", 1, "at least two groups");
    check_refused("network partition 1,2 2,3", 1, "broker 2 is named twice");
    check_refused("network cut 1 c7", 1, "\"c7\" is no node");
    let fail = |rest: &str| format!("broker fail 2 {rest}");
    check_refused(&fail("--api Produce"), 1, "--error ERROR");
    check_refused(&fail("--api Prodcue --error X"), 1, "did you mean Produce?");
    check_refused(
        &fail("--api BrokerHeartbeat --error X"),
        1,
        "is not a kind of request that a broker can be told to refuse",
    );
    check_refused(
        &fail("--api Produce --error NOT_LEADER_OR_FOLOWER"),
        1,
        "did you mean NOT_LEADER_OR_FOLLOWER?",
    );
    check_refused(
        &fail("--api Produce --error UNKNOWN_MEMBER_ID"),
        1,
        "no broker answers Produce with UNKNOWN_MEMBER_ID; choose one of CORRUPT_MESSAGE",
    );
    check_refused("partition elect orders --leader 2", 1, "\"orders\" is no partition");
    check_refused("partition elect orders-7 --leader 2", 1, "the partitions of orders are 0 to 2");
    check_refused("partition elect order-0 --leader 2", 1, "there is no topic order");
    check_refused("partition elect orders-0 --leader 7", 1, "broker 7 has no replica of orders-0");
    check_refused("coordinator move billing --to 2", 1, "start a consumer first");
}

#[test]
fn help_tells_what_each_fault_does() {
    let help = terminal().run("help broker").output;
    assert!(help.contains("broker fail ID --api API --error ERROR [--times N] [--delay TIME]: "));
    assert!(help.contains("KIP-112"), "{help}");
}

#[test]
fn producer_settings_are_checked_as_kafka_checks_them() {
    let start = |rest: &str| format!("producer start p1 --topic orders {rest}");
    let invalid = "Invalid value 1s for configuration linger.ms: Not a number of type LONG";
    check_refused(&start("--config linger.ms=1s"), 1, invalid);
    check_refused(&start("--config lingr.ms=1"), 1, "did you mean linger.ms?");
    check_refused(&start("--config linger.ms"), 1, "--config takes NAME=VALUE");
    let invalid = "Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1";
    check_refused(&start("--acks 2"), 1, invalid);
    let invalid = "Must set acks to all in order to use the idempotent producer.";
    check_refused(&start("--acks 1 --config enable.idempotence=true"), 1, invalid);
    check_refused(&start("--key origin"), 1, "add --file FILE");
    check_refused(&start("--file flights.jsonl --keys 3"), 1, "leave it or --file out");
}

#[test]
fn a_workload_says_where_it_is_wrong_and_what_would_be_right() {
    let refused = |rest: &str, part: &str| {
        check_refused(&format!("producer start p1 --topic orders {rest}"), 1, part);
    };
    refused("--burst 100", "column 42: expected N/TIME");
    refused("--burst 0/1s", "such as 100/10s");
    refused("--ramp 10-20/1s", "such as 10..1000/60s");
    refused("--pause 30s/5s", "the first one shorter");
    refused("--rate 5 --burst 9/1s", "--rate and --burst contradict each other");
    refused("--value x --value-bytes 9", "--value and --value-bytes contradict each other");
    refused("--value-bytes 9..1", "such as 100 or 100..2000");
    refused("--value {nn}", "character 1: {nn} is no gap that is known; in a gap may stand {n}");
    refused("--key-template {key", "--key-template: the gap at character 1 is not closed");
    refused("--key-distribution zipf", "add --keys 30");
    refused("--keys 9 --key-distribution zipf:0.9", "zipf:N with a whole N from 1");
    refused("--keys 9 --key-distribution hot:101", "hot:SHARE with per cents from 0 to 100");
    refused("--keys 9 --key-distribution uniform --hot-key vip", "write --key-distribution hot:80");
    refused("--keys 200000 --key-distribution zipf", "zipf takes at most --keys 100000");
    refused("--tombstone-every 5", "add --keys 30");
    refused("--header trace", "expected NAME=VALUE for --header, found \"trace\"");
    refused("--intercept key:a=b", "expected header:NAME=VALUE for --intercept");
    refused("--partition -1", "a whole number from 0 to 2147483647");
    refused("--partition 1 --partition-rule else:0", "contradict each other");
    refused("--partition-rule key=a", "clause 1 of the partition rule, `key=a`, names no target");
    refused("--file flights.jsonl --value x", "leave it or --file out");
}

#[test]
fn settings_that_change_nothing_say_so() {
    let start = |client: &str, setting: &str| match client {
        "consumer" => format!("consumer start c1 --group g --topic orders --config {setting}"),
        _ => format!("producer start p1 --topic orders --config {setting}"),
    };
    let says = |client: &str, setting: &str, note: &str| {
        let did = match client {
            "consumer" => "Consumer c1 joins group g.",
            _ => "Producer p1 sends to orders.",
        };
        check_says(&[&start(client, setting)], &format!("{did}\n{note}"));
    };
    let note = "send.buffer.bytes is a setting of Kafka's producers that is not simulated: it changes nothing here";
    says("producer", "send.buffer.bytes=-1", note);
    let note = "check.crcs is a setting of Kafka's consumers that is not simulated: it changes nothing here";
    says("consumer", "check.crcs=false", note);
    let unused = "These configurations '[schema.registry.url]' were supplied but are not used yet.";
    says("producer", "schema.registry.url=http://registry", unused);
    says("consumer", "schema.registry.url=http://registry", unused);
    check_refused(&start("consumer", "fetch.min.byte=1"), 1, "did you mean fetch.min.bytes?");
    let invalid = "Invalid value x for configuration send.buffer.bytes: Not a number of type INT";
    check_refused(&start("producer", "send.buffer.bytes=x"), 1, invalid);
    check_refused(&start("producer", "=1"), 1, "there is no name");
}

#[test]
fn a_file_is_read_whole_or_refused() {
    let start = |rest: &str| format!("producer start p1 --topic orders {rest}");
    check_refused(&start("--file flight.jsonl"), 1, "there is no file \"flight.jsonl\"");
    check_refused(&start("--file flights.jsonl --key orign"), 1, "did you mean origin?");
    check_refused(&start("--file broken.jsonl"), 1, "\"broken.jsonl\" is malformed: line 2");
    check_refused(&start("--file broken.jsonl"), 1, "--skip-malformed");
    check_says(&[&start("--file broken.jsonl --skip-malformed")], "Producer p1 sends to orders.");
}

#[test]
fn the_records_of_a_file_arrive() {
    let mut terminal = terminal();
    let start = "producer start p1 --topic orders --file flights.jsonl --key origin --rate 10";
    assert_eq!(terminal.run(start).code, Some(0));
    let soon = terminal.world.now() + Span::from_millis(2_000);
    terminal.world.run_until(soon);
    let producer = terminal.world.view().producers.remove(0);
    assert_eq!((producer.records_acknowledged, producer.is_done), (2, true));
}

#[test]
fn a_broker_that_is_stopped_stops() {
    let mut terminal = terminal();
    terminal.run("broker stop 2");
    let soon = terminal.world.now() + Span::from_millis(5_000);
    terminal.world.run_until(soon);
    let view = terminal.world.view();
    let broker = view.brokers.iter().find(|broker| broker.id == BrokerId(2)).unwrap();
    assert_eq!(broker.state, BrokerState::Stopped);
}

#[test]
fn a_tool_turns_to_another_broker_if_the_first_is_down() {
    let mut terminal = terminal();
    terminal.run("broker kill 1");
    let list = "kafka-topics --bootstrap-server broker1:9092,broker2:9092 --list";
    let printed = terminal.run(list);
    assert_eq!((printed.output.as_str(), printed.code), ("orders\n", Some(0)));
    assert!(printed.errors.contains("Connection to node -1 (broker1:9092)"), "{}", printed.errors);
}

#[test]
fn a_shell_knows_what_is_no_command() {
    check_refused("kafka-topic.sh --list", 127, "bash: kafka-topic.sh: command not found");
    check_refused("kafka-topic.sh --list", 127, "did you mean kafka-topics.sh?");
    check_refused("xyzzy", 127, "`help` lists all commands");
    check_refused("broker stop 'two", 2, "never closed");
    check_refused("broker stop 2 | | cat", 2, "syntax error near unexpected token `|'");
    check_refused("docker-compose up -d", 127, "the cluster runs in this page already");
}

#[test]
fn help_tells_of_each_command() {
    let mut terminal = Terminal::new();
    let printed = terminal.run("help");
    for command in highwater_shell::COMMANDS {
        assert!(printed.output.contains(command.name), "{}", printed.output);
        let printed = terminal.run(&format!("help {}", command.name));
        assert!(printed.output.contains(command.example), "{}", printed.output);
    }
    assert_eq!(terminal.run("").code, Some(0));
}

#[test]
fn verbs_for_a_running_consumer_say_what_they_did() {
    let start = "consumer start c1 --assign orders-0,orders-1 --group billing";
    let check = |line, said| check_says(&[start, line], said);
    check_says(&[start], "Consumer c1 reads 2 partitions, and joins no group.");
    check("consumer pause c1", "Consumer c1 fetches nothing of all that it has.");
    check("consumer resume c1 --partition orders-0", "Consumer c1 fetches orders-0 again.");
    check(
        "consumer seek c1 --partition orders-1 --to beginning",
        "Consumer c1 reads orders-1 from there on.",
    );
    check("consumer commit c1 async --offset orders-0=5", "Consumer c1 calls commitAsync.");
    check("consumer process-ms c1 200", "The application of c1 works 200 ms on each record.");
    check("consumer poll-interval c1 1000", "The application of c1 polls every 1000 ms at most.");
}

#[test]
fn an_application_that_cannot_be_is_refused_with_a_way_out() {
    let check = |options: &str, part| {
        let line = format!("consumer start c1 --group billing --topic orders {options}");
        check_refused(&line, 1, part);
    };
    check("--commit often", "--commit takes auto, sync, async or none, not \"often\"");
    check("--commit-every 5", "add --commit sync");
    check("--commit sync --config enable.auto.commit=true", "needs enable.auto.commit=false");
    check("--commit sync --commit-when naive", "add --workers 4");
    check("--commit sync --commit-when before --workers 2", "without workers");
    check("--order key", "add --workers 4");
    check("--fail-on offset=x", "--fail-on takes key=K");
    check("--on-error skip", "add --fail-on");
    check("--fail-on offset=1 --on-error dlq", "--on-error takes stop, skip");
    check("--fail-on offset=1 --on-error skip --on-error stop", "has to be the last");
    check("--dedupe id", "--dedupe takes key, header:NAME or json:FIELD");
    check("--dedupe-window 5", "--dedupe-window is for --dedupe");
    check("--assign orders-0", "leave one out");
    check("--config group.id=", "needs a group");
    check("--config heartbeat.interval.ms=60000", "Heartbeat must be set lower");
    check_refused("consumer start c1 --assign orders", 1, "\"orders\" is no partition");
    check_refused("consumer start c1 --assign ,", 1, "--assign takes partitions");
    check_refused("consumer start c1 --assign orders-0 --commit sync", 1, "add --group");
    check_refused("consumer pause", 1, "write the consumer's name");
    check_refused("consumer pause c9", 1, "no client named c9 is running");
    check_refused("consumer seek c1 --partition orders-0", 1, "say where");
    check_refused("consumer seek c1 --partition orders-0 --to -4", 1, "--to takes an offset");
    check_refused("consumer commit c1 often", 1, "sync or async");
    check_refused("consumer commit c1 --offset orders-0", 1, "such as orders-0=5");
    check_refused("consumer process-ms c1 soon", 1, "write milliseconds");
}
