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
    check_refused("broker stop 2 | cat", 2, "one command a line");
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
