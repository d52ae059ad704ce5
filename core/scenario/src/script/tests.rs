use expect_test::{Expect, expect};

use super::{Action, Document, EntryId, Item, Micros, Name, Scenario};

const EXAMPLE: &str = r#"highwater 1
engine 0.1.0
seed 42
start 2026-01-05T09:00:00Z
cluster --brokers 3 --racks a,b,c
config 2 replica.lag.time.max.ms=10000
config * offsets.topic.num.partitions=5

# comments and blank lines are kept
@0s file flights.json sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 231234
@0s file orders.jsonl <<END
{"id":1}
{"id":2}
END
@0.5s t1> kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --bootstrap-server broker1:9092
@1.5s t1> kafka-console-producer.sh --topic orders --bootstrap-server broker1:9092
@2s t1< hello world
@2.25s t1 eof
@3s ui> broker stop 2
@4s t2 signal INT
@5s client c1 connect 1
@5s client c1 bytes 00000012abcd
@6s client c1 close
@9s run
"#;

/// The errors of the lines after a right first line, then the text as it is printed when that differs.
fn check(lines: &str, expected: Expect) {
    let text = format!("highwater 1\n{lines}\n");
    let document = Document::parse(&text);
    let mut shown: Vec<String> = document.errors().iter().map(ToString::to_string).collect();
    let printed = document.print();
    assert_eq!(Document::parse(&printed), document);
    if printed != text {
        shown.push(printed);
    }
    expected.assert_eq(&shown.join("\n"));
}

/// How a text is printed.
fn check_print(text: &str, expected: Expect) {
    let document = Document::parse(text);
    assert_eq!(document.errors(), []);
    assert_eq!(Document::parse(&document.print()), document);
    expected.assert_eq(&document.print());
}

#[test]
fn the_example_is_canonical() {
    let document = Document::parse(EXAMPLE);
    assert_eq!(document.errors(), []);
    assert_eq!(document.print(), EXAMPLE);
    let scenario = document.scenario().expect("right");
    assert_eq!(scenario.entries.len(), 12);
    let again = Scenario::parse(&scenario.to_document().print());
    assert_eq!(again.as_ref(), Ok(&scenario));
    assert_eq!(document.line_of(EntryId(2)), Some(15));
}

#[test]
fn other_ways_of_writing_are_understood() {
    check_print(
        "\u{feff}highwater  1\r\n cluster --latency=0.5ms --controllers 3\r\n\t\r\n@1m30s \tt1>a  b \r\n@90s t1<\r\n@100000ms t1<< \"a\"\r\n@100s t1>> \"a\\nb\"\r\n@101s t1 signal sigterm\r\n@101s file \"a b\" <<E\r\nx\r\nE\r\n@101s file b <<E base64\r\nAA==\r\nE\r\n@101s file c <<E base64\r\naGk=\r\nE\r\n@102s client c bytes\r\n@102s file c <<END1\r\nEND\r\nEND1",
        expect![[r#"
            highwater 1
            cluster --brokers 3 --controllers 3 --latency 0.5ms

            @90s t1> a  b 
            @90s t1<
            @100s t1< a
            @100s t1>> "a\nb"
            @101s t1 signal TERM
            @101s file "a b" <<END
            x
            END
            @101s file b <<END base64
            AA==
            END
            @101s file c <<END base64
            aGk=
            END
            @102s client c bytes
            @102s file c <<END1
            END
            END1
        "#]],
    );
}

#[test]
fn times_that_are_wrong() {
    check(
        "@1.5x t1> a",
        expect![[
            r#"line 2, column 2: expected a time such as 1.5s, found "1.5x"; did you mean "1.5s"?"#
        ]],
    );
    check("@ t1> a", expect!["line 2, column 2: expected a time such as 1.5s, found a blank"]);
    check(
        "@",
        expect!["line 2, column 2: expected a time such as 1.5s, found the end of the line"],
    );
    check(
        "1.5s t1> a",
        expect![[
            r#"line 2, column 1: expected an entry such as @1.5s t1> kafka-topics.sh --list, found "1.5s"; did you mean "@1.5s"?"#
        ]],
    );
    check(
        "@2s run\n@1s t1> a\n@3s run",
        expect![[
            r#"line 3, column 1: expected @2s or later, the time of line 2: entries stand in order, found "@1s""#
        ]],
    );
    check(
        "@40000d run",
        expect![[r#"line 2, column 2: expected a time up to 3153600000s, found "40000d""#]],
    );
}

#[test]
fn entries_that_are_wrong() {
    check(
        "@1s t1 eif",
        expect![[
            r#"line 2, column 8: expected eof, signal, or > right after t1, found "eif"; did you mean "eof"?"#
        ]],
    );
    check(
        "@1s t1 signal INTR",
        expect![[
            r#"line 2, column 15: expected a signal: INT, TERM or KILL, found "INTR"; did you mean "INT"?"#
        ]],
    );
    check(
        "@1s t1 > a",
        expect![[
            r#"line 2, column 8: expected eof, signal, or > right after t1, found a blank before >; did you mean "t1>"?"#
        ]],
    );
    check(
        "@1s T1> a",
        expect![[
            r#"line 2, column 5: expected a terminal's name: a small letter, then up to 31 small letters, digits and -, other than file, client and run, found "T1"; did you mean "t1"?"#
        ]],
    );
    check(
        "@1s file> a",
        expect![[
            r#"line 2, column 5: expected a terminal's name: a small letter, then up to 31 small letters, digits and -, other than file, client and run, found "file""#
        ]],
    );
    check(
        "@1s > a",
        expect![[
            r#"line 2, column 5: expected a terminal's name: a small letter, then up to 31 small letters, digits and -, other than file, client and run, found ">""#
        ]],
    );
    check(
        "@1s t1",
        expect![
            "line 2, column 7: expected eof, signal, or > right after t1, found the end of the line"
        ],
    );
    check(
        "@1s runn",
        expect![[
            r#"line 2, column 5: expected t1> and a command, t1< and input, t1 eof, t1 signal INT, file, client or run, found "runn"; did you mean "run"?"#
        ]],
    );
    check(
        "@1s run now",
        expect![[r#"line 2, column 9: expected the end of the line, found "now""#]],
    );
    check(
        "@1s t1>> a",
        expect![[
            r#"line 2, column 10: expected text in double quotes, escaped as in JSON such as "a\nb", found "a""#
        ]],
    );
    check(
        "@1s t1>> \"a\" b",
        expect![[r#"line 2, column 14: expected the end of the line, found "b""#]],
    );
    check(
        "@1s client c1 conect 1",
        expect![[
            r#"line 2, column 15: expected connect, bytes or close, found "conect"; did you mean "connect"?"#
        ]],
    );
    check(
        "@1s client c1 bytes 0g",
        expect![[r#"line 2, column 22: expected two hexadecimal digits for each byte, found "g""#]],
    );
    check(
        "@1s client c1 bytes 000",
        expect![
            "line 2, column 24: expected two hexadecimal digits for each byte, found the end of the line"
        ],
    );
    check(
        "@1s client c1 connect -1",
        expect![[r#"line 2, column 23: expected a broker's id such as 1, found "-1""#]],
    );
}

#[test]
fn files_that_are_wrong() {
    check(
        "@1s file",
        expect![
            "line 2, column 9: expected a file's name of up to 255 bytes, such as orders.jsonl, found the end of the line"
        ],
    );
    check(
        "@1s file a",
        expect![
            "line 2, column 11: expected <<END and the content below it, or sha256: and a hash, found the end of the line"
        ],
    );
    check(
        "@1s file a sha256:00 1",
        expect![[r#"line 2, column 19: expected a SHA-256 of 64 hexadecimal digits, found "00""#]],
    );
    check(
        "@1s file a <<END\nb\n@2s run",
        expect![
            "line 2, column 12: expected a line END after the file's content, found the end of the script"
        ],
    );
    check(
        "@1s file a <<END base46\nAAAA\nEND\n@3s run",
        expect![[
            r#"line 2, column 18: expected base64, no-newline or the end of the line, found "base46"; did you mean "base64"?"#
        ]],
    );
    check(
        "@1s fil a <<END\nx\nEND\n@3s run",
        expect![[
            r#"line 2, column 5: expected t1> and a command, t1< and input, t1 eof, t1 signal INT, file, client or run, found "fil"; did you mean "file"?"#
        ]],
    );
    check(
        "@1s fil a <<END\n@2s run\nEND\n@3s run",
        expect![[r#"
        line 2, column 5: expected t1> and a command, t1< and input, t1 eof, t1 signal INT, file, client or run, found "fil"; did you mean "file"?
        line 4, column 1: expected an entry such as @1.5s t1> kafka-topics.sh --list, found "END""#]],
    );
    check(
        "@1s file a <<END base64\nAAAA\nA%==\nEND\n@3s run",
        expect![
            "line 3, column 5: expected base64 in lines of 76 characters, found the end of the line"
        ],
    );
    check(
        "@1s file a <<END no-newline\n\nEND",
        expect![
            "line 3, column 1: expected text on the last line of a content without line end, found none"
        ],
    );
}

#[test]
fn headers_that_are_wrong() {
    check(
        "sede 42",
        expect![[
            r#"line 2, column 1: expected engine, seed, start, cluster, config, or an entry such as @1.5s t1> kafka-topics.sh --list, found "sede"; did you mean "seed"?"#
        ]],
    );
    check(
        "seed -1\nseed 2\nseed 3",
        expect![[r#"
        line 2, column 6: expected a whole number from 0 to 18446744073709551615, found "-1"
        line 4, column 1: expected one line "seed" (line 3 is one), found "seed""#]],
    );
    check(
        "engine 1",
        expect![[r#"line 2, column 8: expected a version such as 0.1.0, found "1""#]],
    );
    check(
        "start 2026-02-30T00:00:00Z",
        expect![[
            r#"line 2, column 7: expected a date and time in UTC such as 2026-01-05T09:00:00Z, found "2026-02-30T00:00:00Z""#
        ]],
    );
    check(
        "cluster --broker 3",
        expect![[
            r#"line 2, column 9: expected --brokers, --controllers, --combined, --racks, --latency, --store-latency, --store-bandwidth or --transaction-version, found "--broker"; did you mean "--brokers"?"#
        ]],
    );
    check(
        "cluster --brokers 13",
        expect![[
            r#"line 2, column 19: expected a whole number from 1 to 12 for --brokers, found "13""#
        ]],
    );
    check(
        "cluster --brokers 2 --racks a,b,c",
        expect![
            "line 2, column 29: expected up to 2 racks, one for each broker, such as a,b,c (letters, digits, '.', '_' and '-'), found 3 racks"
        ],
    );
    check(
        "cluster --racks a,,c",
        expect![
            "line 2, column 17: expected up to 3 racks, one for each broker, such as a,b,c (letters, digits, '.', '_' and '-'), found a rack without a name"
        ],
    );
    check(
        "cluster --brokers 3 # three",
        expect![
            "line 2, column 21: expected the end of the line; a comment stands on a line of its own, found a comment"
        ],
    );
    check(
        "cluster --brokers 3; seed 4",
        expect!["line 2, column 20: expected an option of the cluster, found an operator"],
    );
    check(
        "config x a=b",
        expect![[
            r#"line 2, column 8: expected a broker's id such as 2, or * for every broker, found "x""#
        ]],
    );
    check(
        "config * a",
        expect![[
            r#"line 2, column 10: expected a setting such as replica.lag.time.max.ms=10000, found "a""#
        ]],
    );
    check(
        "config * a=b\nconfig 1 a=b\nconfig * a=c",
        expect![[r#"line 4, column 10: expected "a" only once for the same brokers, found "a=c""#]],
    );
    check(
        "@1s run\nseed 4",
        expect![[
            r#"line 3, column 1: expected an entry such as @1.5s t1> kafka-topics.sh --list; the header stands before the first entry, found "seed""#
        ]],
    );
    check(
        "highwater 1",
        expect![[
            r#"line 2, column 1: expected "highwater" only on the first line, found "highwater""#
        ]],
    );
}

#[test]
fn the_first_line_names_the_format() {
    let check = |text: &str, expected: Expect| {
        let errors = Document::parse(text).errors();
        let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
        expected.assert_eq(&shown.join("\n"));
    };
    check(
        "",
        expect![[
            r#"line 1, column 1: expected "highwater 1" on the first line, found an empty script"#
        ]],
    );
    check(
        "seed 42",
        expect![[r#"line 1, column 1: expected "highwater 1" on the first line, found "seed""#]],
    );
    check(
        "# hello\nhighwater 1",
        expect![[r#"
        line 1, column 1: expected "highwater 1" on the first line, found a comment
        line 2, column 1: expected "highwater" only on the first line, found "highwater""#]],
    );
    check(
        "highwatr 1",
        expect![[
            r#"line 1, column 1: expected "highwater 1" on the first line, found "highwatr"; did you mean "highwater"?"#
        ]],
    );
    check(
        "highwater 2",
        expect![[
            r#"line 1, column 11: expected format 1 (this one needs a newer Highwater to open), found "2""#
        ]],
    );
    check(
        "highwater one",
        expect![[
            r#"line 1, column 11: expected the version of the format, found "one"; did you mean "1"?"#
        ]],
    );
}

#[test]
fn what_is_beyond_a_limit_is_kept_and_named() {
    let check = |text: &str, expected: Expect| {
        let document = Document::parse(text);
        assert_eq!(document.print(), text);
        let errors = document.errors();
        let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
        expected.assert_eq(&shown.join("\n"));
    };
    let header = "highwater 1\n";
    check(
        &format!("{header}{}", "@1s run\n".repeat(100_002)),
        expect!["line 100002, column 1: expected at most 100000 entries, found more"],
    );
    check(
        &format!("{header}{}", "\n".repeat(200_010)),
        expect!["line 200001, column 1: expected at most 200000 lines, found more"],
    );
    let long = format!("{header}# {}\n", "x".repeat(Document::MOST_BYTES));
    check(
        &long,
        expect![
            "line 1, column 1: expected a script of at most 16777216 bytes, found 16777230 bytes"
        ],
    );
    let blocks = format!("{header}{}", "x <<E\n".repeat(100_000));
    assert_eq!(Document::parse(&blocks).errors().len(), 100_000);
    let blocks = format!("{header}{}", "@x <<E\n".repeat(100_000));
    assert_eq!(Document::parse(&blocks).errors().len(), 100_000);
}

#[test]
fn an_entry_is_put_in_its_place() {
    let mut document = Document::parse("highwater 1\n@1s run\n# note\n@1s t1 eof\n@x\n@2s run\n");
    let name = Name::new("t1").expect("a name");
    let action = Action::Command { terminal: name, line: "a\tb".to_owned() };
    let id = document.insert(Micros(1_000_000), action.clone());
    assert_eq!(id, Ok(EntryId(2)));
    expect![[r#"
        highwater 1
        @1s run
        # note
        @1s t1 eof
        @1s t1> a	b
        @x
        @2s run
    "#]]
    .assert_eq(&document.print());
    assert!(matches!(&document.items()[5], Item::Malformed { error, .. } if error.line == 6));
    let before = document.clone();
    let late = document.insert(Micros(u64::MAX), action);
    assert!(late.is_err());
    assert_eq!(document, before);
}

#[test]
fn another_seed_takes_the_place_of_the_one_that_is_there() {
    let check = |text: &str, expected: &str| {
        let document = Document::parse(text).with_seed(7);
        assert_eq!(document.print(), expected);
        assert_eq!(document, Document::parse(expected));
    };
    check("highwater 1\n# a\nseed 3\n@1s run\n", "highwater 1\n# a\nseed 7\n@1s run\n");
    check("highwater 1\n\n@1s run\n", "highwater 1\nseed 7\n\n@1s run\n");
    check("@1s run\n", "@1s run\n");
}
