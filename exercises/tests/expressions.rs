//! The language of expressions: what is wrong with one is said, and every function can be asked.

use highwater_cluster::time::Time;
use highwater_exercises::eval::{Look, Value};
use highwater_exercises::expr::functions::{ALL, ANOMALIES, HAPPENINGS, Kind};
use highwater_exercises::expr::{Scope, Type, parse};
use highwater_scenario::chronicle::Happening;
use highwater_scenario::session::Session;

const SCENARIO: &str = "highwater 1
seed 1
cluster --brokers 3
@1s t1> kafka-topics.sh --create --topic orders --partitions 2 --replication-factor 3 --bootstrap-server broker1:9092
@2s t1> producer start p --topic orders --rate 10 --keys 3 --acks all
@3s t1> consumer start c --group g --topic orders --from-beginning
@4s t1> share-consumer start w --group s --topic orders
@10s t1> broker kill 2
@30s t1> producer stop p
@40s run
";

fn session() -> Session {
    let mut session = Session::parse(SCENARIO).expect("the scenario is right");
    session.advance(Time(40_000_000), u32::MAX);
    session
}

fn value(session: &Session, text: &str) -> Value {
    let scope = Scope { has_since: true, ..Scope::default() };
    let wanted = [Type::Number, Type::Text, Type::Truth];
    let expr = wanted.iter().find_map(|wanted| parse(text, *wanted, &scope).ok());
    let expr = expr.unwrap_or_else(|| panic!("{text}: {:?}", parse(text, Type::Truth, &scope)));
    Look::new(session).value(&expr).unwrap_or_else(|unmet| panic!("{text}: {unmet:?}"))
}

#[test]
fn a_run_answers() {
    let session = session();
    let check =
        |text: &str, wanted: &str| assert_eq!(value(&session, text).to_string(), wanted, "{text}");
    check("partitions(\"orders\")", "2");
    check("replication(\"orders\")", "3");
    check("records(\"orders\") == acknowledged(\"orders\")", "yes");
    check(
        "records(\"orders\") == records(\"orders\", 0) + records(\"orders\", partition: 1)",
        "yes",
    );
    check("log_end(\"orders\") == records(\"orders\")", "yes");
    check("high_watermark(\"orders\") == log_end(\"orders\")", "yes");
    check("keyless(\"orders\")", "0");
    check("keys(\"orders\")", "3");
    check("keys_stay(\"orders\")", "yes");
    check("broker_state(2)", "killed");
    check("brokers()", "2");
    check("isr(\"orders\")", "2");
    check("in_sync(\"orders\")", "no");
    check("leaderships(2)", "0");
    check("leader(\"orders\", 0) != 2", "yes");
    check("group_state(\"g\")", "Stable");
    check("group_protocol(\"g\")", "classic");
    check(
        "members(\"s\") == 1 and read_by(\"w\") > 50 and accepted(\"s\") == read_by(\"w\")",
        "yes",
    );
    check("share_start(\"s\", \"orders\") == log_end(\"orders\")", "yes");
    check("share_end(\"s\", \"orders\") == log_end(\"orders\")", "yes");
    check("share_records(\"s\", \"Acquired\")", "0");
    check("quota(\"c\", \"consumer_byte_rate\")", "-1");
    check("local_log_start(\"orders\") == log_start(\"orders\")", "yes");
    check("remote_segments(\"orders\") + remote_bytes(\"orders\") + copy_lag(\"orders\")", "0");
    check("acls() + acls(\"User:alice\")", "0");
    check("may(\"User:alice\", \"READ\", \"TOPIC\", \"orders\")", "yes");
    check("all_owned(\"g\", \"orders\")", "yes");
    check("read(\"g\") == records(\"orders\")", "yes");
    check("read_by(\"c\") == read(topic: \"orders\")", "yes");
    check("started_at(\"c\")", "0");
    check("subscription(\"c\")", "orders");
    check("missed(\"g\", \"orders\")", "0");
    check("lag(\"g\")", "0");
    check("acks(\"orders\")", "all");
    check("producer_config(\"p\", \"acks\") == \"all\"", "yes");
    check("config(\"orders\", \"cleanup.policy\")", "delete");
    check("config_number(\"orders\", \"retention.ms\") == 604800000", "yes");
    check("happened(\"broker_killed\")", "1");
    check("happened(\"isr_shrank\", topic: \"orders\", after: \"broker_killed\")", "2");
    check("happened(\"isr_shrank\", topic: \"orders\", before: \"broker_killed\")", "0");
    check("first(\"broker_killed\")", "10000");
    check("ran(\"broker kill *\")", "1");
    check("printed(\"Created topic orders\", by: \"kafka-topics.sh --create\")", "1");
    check("failures()", "0");
    check("time() >= 40s and time() < 40.5s", "yes");
    check("lost(\"orders\") == 0 and not anomalies() > 0", "yes");
    check("1 + 2 * 3 - 1", "6");
    check("not 1 > 2 or 1 > 2", "yes");
}

/// No function is only in the table: each gives a value of its type, or says what is not there.
#[test]
fn every_function_answers() {
    let session = session();
    for function in ALL {
        let argument = |name: &str, kind| match (name, kind) {
            (_, Kind::Number) => "0".to_owned(),
            ("topic", _) => "\"orders\"".to_owned(),
            ("group", _) if function.name.starts_with("share") => "\"s\"".to_owned(),
            ("group", _) => "\"g\"".to_owned(),
            ("name", _) if function.name.starts_with("producer") => "\"p\"".to_owned(),
            ("name", _) => "\"c\"".to_owned(),
            (_, Kind::Happening) => "\"broker_killed\"".to_owned(),
            (_, Kind::Anomaly) => "\"duplicate\"".to_owned(),
            (_, Kind::RecordState) => "\"Acknowledged\"".to_owned(),
            _ => "\"x\"".to_owned(),
        };
        let needed = function.parameters.iter().filter(|parameter| !parameter.is_optional);
        let needed: Vec<String> = needed.map(|one| argument(one.name, one.kind)).collect();
        let text = format!("{}({})", function.name, needed.join(", "));
        let found = value(&session, &text);
        let fits = matches!(
            (&found, function.gives),
            (Value::Number(_), Type::Number)
                | (Value::Text(_), Type::Text)
                | (Value::Truth(_), Type::Truth)
        );
        assert!(fits, "{text} gives {found:?}");
        // All that may be added may be added.
        let all = function.parameters.iter();
        let all: Vec<String> =
            all.map(|one| format!("{}: {}", one.name, argument(one.name, one.kind))).collect();
        let text = format!("{}({})", function.name, all.join(", "));
        let expr = parse(&text, function.gives, &Scope::default());
        let expr = expr.unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
        // What is asked for need not be there: then it is said.
        if let Err(unmet) = Look::new(&session).value(&expr) {
            assert!(!unmet.arguments.is_empty(), "{text}: {unmet:?}");
        }
    }
}

#[test]
fn the_words_of_the_language_are_those_of_the_engine() {
    let known: Vec<&str> = Happening::ALL.iter().map(|what| what.name()).collect();
    assert_eq!(known, HAPPENINGS);
    let source = include_str!("../../core/scenario/src/invariants/anomaly.rs");
    for kind in ANOMALIES {
        let known = [format!("\"found.{kind}\""), format!("\"found.{kind}-")];
        assert!(known.iter().any(|id| source.contains(id)), "nothing is called {kind}");
    }
}

#[test]
fn what_is_wrong_is_said_where_it_is() {
    let check = |text: &str, at: usize, says: &str| {
        let wrong = parse(text, Type::Truth, &Scope::default()).expect_err(text);
        let said = format!("{} {}", wrong.what, wrong.mend);
        assert!(said.contains(says), "{text}: {said}");
        assert_eq!(wrong.at, at, "{text}: {said}");
    };
    check("record(\"orders\") > 1", 0, "records(\"TOPIC\"");
    check("records() > 1", 0, "wants to know its topic");
    check("records(\"orders\", part: 0) > 1", 18, "no such argument");
    check("records(\"orders\")", 0, "a number, and true or false is wanted");
    check("records(\"orders\") == \"3\"", 21, "a text, and a number is wanted");
    check("records(\"orders\") = 3", 18, "= alone means nothing");
    check("records(\"orders\" > 3", 8, "");
    check("records(\"orders) > 3", 8, "does not end");
    check("happened(\"broker_died\") > 0", 9, "choose among line_ran");
    check("change(log_end(\"t\")) > 0", 0, "no earlier moment");
    check("1 < 2 < 3", 6, "join two comparisons with and");
    check("1 > 2 3", 6, "the expression ends before this");
    check("rf > 1", 0, "nothing is called rf");
    check(&"(".repeat(300), 40, "too deep");
    check(&"(".repeat(5_000), 400, "too long");
    check("", 0, "something is missing");
}
