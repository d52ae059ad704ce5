//! `highwater shell` over a pipe.

mod program;

use std::fs;

use expect_test::{Expect, expect};
use program::{Ran, folder, project, run_in};

/// Checks what the lines of a pipe print, the errors behind the rest, and the exit status.
fn check(words: &[&str], lines: &[&str], status: i32, expected: Expect) {
    let words: Vec<&str> = ["shell"].iter().chain(words).copied().collect();
    let Ran { out, err, status: found } = run_in(&project(), &words, &lines.join("\n"));
    expected.assert_eq(&format!("{out}{err}"));
    assert_eq!(found, status, "{words:?} {lines:?}");
}

const CREATE: &str = "kafka-topics.sh --create --topic songs --bootstrap-server broker1:9092";
const PRODUCE: &str = "kafka-console-producer.sh --topic songs --bootstrap-server broker1:9092";
const CONSUME: &str =
    "kafka-console-consumer.sh --topic songs --from-beginning --bootstrap-server broker1:9092";

#[test]
fn lines_are_done_one_after_the_other() {
    check(
        &[],
        &["echo a", "", "sleep 100", "echo b"],
        0,
        expect![[r#"
        a
        b
    "#]],
    );
    check(
        &["--brokers", "1"],
        &["seq 5 | head -2", "exit", "echo never"],
        0,
        expect![[r#"
        1
        2
    "#]],
    );
}

#[test]
fn a_command_that_reads_gets_the_lines_behind_it() {
    check(
        &[],
        &[CREATE, PRODUCE, "Oslo", "Lima"],
        0,
        expect![[r#"
        Created topic songs.
    "#]],
    );
    check(
        &[],
        &["head -1", "one", "echo two"],
        0,
        expect![[r#"
        one
        two
    "#]],
    );
    check(
        &[],
        &["for i in 1 2", "do echo $i", "done", "cat <<END", "x", "END"],
        0,
        expect![[r#"
        1
        2
        x
    "#]],
    );
}

#[test]
fn the_status_is_that_of_the_last_command() {
    check(&[], &["true", "false"], 1, expect![""]);
    check(
        &[],
        &["kafka-topics.sh --frob"],
        1,
        expect![[r#"
        frob is not a recognized option
    "#]],
    );
}

#[test]
fn a_command_without_end_is_interrupted() {
    check(
        &["--patience", "20s"],
        &[CREATE, CONSUME, "echo on"],
        0,
        expect![[r#"
        Created topic songs.
        on
        The consumer rebalance protocol (KIP-848) is production-ready! Set group.protocol=consumer to try it out. See https://kafka.apache.org/documentation/#consumer_rebalance_protocol
        Processed a total of 0 messages
    "#]],
    );
}

#[test]
fn what_was_done_is_saved_and_goes_on_in_another_shell() {
    let folder = folder("saved");
    let saved = folder.join("saved.hw");
    let file = saved.to_str().expect("its name is text");
    let input = [CREATE, PRODUCE, "Oslo", "Lima"].join("\n");
    let first = run_in(&folder, &["shell", "--seed", "5", "--save", file], &input);
    assert_eq!(first.status, 0, "{}", first.err);
    assert!(fs::read_to_string(&saved).expect("it was written").contains("seed 5\n"));
    let consume = format!("{CONSUME} --max-messages 2");
    check(
        &["--scenario", file],
        &[&consume],
        0,
        expect![[r#"
        Oslo
        Lima
        The consumer rebalance protocol (KIP-848) is production-ready! Set group.protocol=consumer to try it out. See https://kafka.apache.org/documentation/#consumer_rebalance_protocol
        Processed a total of 2 messages
    "#]],
    );
    let played = run_in(&folder, &["run", file], "");
    assert!(played.out.contains("\n>Oslo\n>Lima\n"), "{}", played.out);
}

#[test]
fn what_cannot_be_written_is_said_before_anything_is_done() {
    check(
        &["--save", "no/such/folder/a.hw"],
        &["echo a"],
        2,
        expect![[r#"
        no/such/folder/a.hw cannot be written: No such file or directory (os error 2)
    "#]],
    );
    check(
        &["--scenario", "nowhere.hw"],
        &["echo a"],
        2,
        expect![[r#"
        nowhere.hw: it cannot be read: No such file or directory (os error 2)
    "#]],
    );
    check(
        &["--brokers", "13"],
        &[],
        2,
        expect![[r#"
        error: invalid value '13' for '--brokers <N>': 13 is not in 1..=12

        For more information, try '--help'.
    "#]],
    );
}
