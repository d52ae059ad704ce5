//! Terminals of a scenario: what is typed goes to the command that reads it, and to the shell otherwise.

use highwater_scenario::cluster::time::Time;
use highwater_tests::{THREE_BROKERS, open, play};

const SCRIPT: &str = "
@6s t1> export BS=localhost:9092
@7s t1> kafka-topics.sh --bootstrap-server $BS --create --topic orders --partitions 2 --replication-factor 3
@9s t1> kafka-console-producer.sh --bootstrap-server $BS --topic orders
@10s t2> kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic orders --from-beginning
@11s t1> first
@12s t1< second
@14s t1 eof
@20s t1> for i in 1 2; do echo n$i; done | kafka-console-producer.sh --bootstrap-server $BS --topic orders
@21s t1> echo over
@30s t2 signal INT
@31s t2> cat <<EOF | wc -l
@31s t2> a
@31s t2> b
@32s t2> EOF
";

fn script() -> String {
    format!("{THREE_BROKERS}{SCRIPT}")
}

#[test]
fn what_is_typed_goes_to_the_command_that_reads() {
    let played = play(&script(), 40);
    let mut output = played.output();
    output.retain(|line| !line.starts_with("The consumer rebalance protocol"));
    for wanted in [
        "Created topic orders.",
        ">first",
        ">second",
        "first",
        "second",
        "n1",
        "n2",
        "over",
        "Processed a total of 4 messages",
        "2",
    ] {
        let count = output.iter().filter(|line| line.ends_with(wanted)).count();
        assert!(count > 0, "nothing printed {wanted}: {output:#?}");
    }
}

#[test]
fn a_terminal_is_replayed_exactly() {
    let hash = |pieces: u64| {
        let mut session = open(&script());
        for piece in 1..=pieces {
            session.advance(Time(40_000_000 * piece / pieces), u32::MAX);
        }
        session.hash()
    };
    let once = hash(1);
    assert!(once.is_some());
    assert_eq!(once, hash(37), "in pieces it is the same run");
}
