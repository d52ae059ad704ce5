use expect_test::{Expect, expect};
use proptest::prelude::{any, proptest};

use super::{Given, Operands, Opt, parse};
use crate::words::{Token, Word, split};

const SPEC: [Opt; 6] = [
    Opt::flag("--create", "Create a topic."),
    Opt::text("--topic", "NAME", "The topic.").required(),
    Opt::text("--config", "NAME=VALUE", "A setting.").repeated(),
    Opt::integer("--partitions", "COUNT", (1, 100), "How many."),
    Opt::duration("--timeout", "TIME", "How long."),
    Opt::text("--bootstrap-server", "HOST:PORT", "Where.").aliases(&["--broker-list"]),
];

fn words(line: &str) -> Vec<Word> {
    let tokens = split(line).unwrap_or_default();
    tokens
        .into_iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(word),
            Token::Operator { .. } => None,
        })
        .collect()
}

fn check(line: &str, expected: Expect) {
    let shown = match parse(&SPEC, Operands::Refused, &words(line)) {
        Err(error) => format!("{:?} {}\n{error}", error.kind, error.option),
        Ok(given) => show(&given),
    };
    expected.assert_eq(&shown);
}

fn show(given: &Given) -> String {
    let mut lines = Vec::new();
    for opt in &SPEC {
        for (value, span) in given.all(opt.name) {
            lines.push(format!("{} {value:?} at {}-{}", opt.name, span.start, span.end));
        }
    }
    lines.join("\n")
}

#[test]
fn reads_both_ways_of_writing() {
    check(
        "--create --topic orders --partitions=3 --timeout 1.5s",
        expect![[r#"
            --create Nothing at 1-9
            --topic Text("orders") at 18-24
            --partitions Integer(3) at 38-39
            --timeout Duration(1500000) at 50-54"#]],
    );
    check(
        "--topic 'my topic' --config a=b --config=c=d --broker-list b:9092",
        expect![[r#"
            --topic Text("my topic") at 9-19
            --config Text("a=b") at 29-32
            --config Text("c=d") at 42-45
            --bootstrap-server Text("b:9092") at 60-66"#]],
    );
    check(
        "--topic -1 --config ''",
        expect![[r#"
        --topic Text("-1") at 9-11
        --config Text("") at 21-23"#]],
    );
    check("--topic '--create'", expect![[r#"--topic Text("--create") at 9-19"#]]);
}

#[test]
fn an_unknown_option_gets_the_nearest() {
    check(
        "--topic a --partition 3",
        expect![[r#"
        Unknown --partition
        column 11: expected --create, --topic, --config, --partitions, --timeout or --bootstrap-server, found "--partition"; did you mean "--partitions"?"#]],
    );
    check(
        "--topic a --zookeeper z:2181",
        expect![[r#"
        Unknown --zookeeper
        column 11: expected --create, --topic, --config, --partitions, --timeout or --bootstrap-server, found "--zookeeper""#]],
    );
    check(
        "--topic a --top=b",
        expect![[r#"
        Unknown --top
        column 11: expected --create, --topic, --config, --partitions, --timeout or --bootstrap-server, found "--top""#]],
    );
    check(
        "create --topic a",
        expect![[r#"
        Stray create
        column 1: expected --create, --topic, --config, --partitions, --timeout or --bootstrap-server, found "create"; did you mean "--create"?"#]],
    );
    check(
        "--topic a ''",
        expect![[r#"
        Stray 
        column 11: expected --create, --topic, --config, --partitions, --timeout or --bootstrap-server, found an empty word"#]],
    );
}

#[test]
fn values_are_checked() {
    check(
        "--topic",
        expect![[r#"
        NoValue --topic
        column 8: expected a value (NAME) for --topic, found the end of the line"#]],
    );
    check(
        "--topic --create",
        expect![[r#"
        NoValue --topic
        column 9: expected a value (NAME) for --topic, found "--create""#]],
    );
    check(
        "--create=yes --topic a",
        expect![[r#"
        UnwantedValue --create
        column 10: expected --create without a value, found "--create=yes"; did you mean "--create"?"#]],
    );
    check(
        "--topic a --partitions three",
        expect![[r#"
        BadValue --partitions
        column 24: expected a whole number from 1 to 100 for --partitions, found "three""#]],
    );
    check(
        "--topic a --partitions 101",
        expect![[r#"
        BadValue --partitions
        column 24: expected a whole number from 1 to 100 for --partitions, found "101""#]],
    );
    check(
        "--topic a --timeout=5min",
        expect![[r#"
        BadValue --timeout
        column 21: expected a time such as 1.5s for --timeout, found "5min"; did you mean "5m"?"#]],
    );
}

#[test]
fn required_and_repeated_are_checked() {
    check(
        "--create",
        expect![[r#"
        Missing --topic
        column 9: expected --topic NAME, found the end of the line"#]],
    );
    check(
        "",
        expect![[r#"
        Missing --topic
        column 1: expected --topic NAME, found the end of the line"#]],
    );
    check(
        "--topic a --topic b",
        expect![[r#"
        Repeated --topic
        column 11: expected --topic only once, found it again"#]],
    );
}

#[test]
fn operands_are_kept_where_they_are_welcome() {
    let line = words("stop 2 --topic a -- --create");
    let given = parse(&SPEC, Operands::Accepted, &line).expect("right");
    let operands: Vec<&str> = given.operands.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(operands, ["stop", "2", "--create"]);
    assert_eq!(given.text("--topic"), Some("a"));
    assert_eq!(given.span("--nothing"), None);
}

proptest! {
    #[test]
    fn no_words_make_it_panic(line in any::<String>()) {
        let _ = parse(&SPEC, Operands::Refused, &words(&line));
        let _ = parse(&SPEC, Operands::Accepted, &words(&line));
    }
}
