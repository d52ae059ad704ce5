//! `highwater dump`: what the tool inside the engine prints, and what is said of a partition that is not there.

mod program;

use expect_test::{Expect, expect};
use program::{Ran, SONGS, project, run, run_in};

/// Checks that a partition is dumped as `kafka-dump-log.sh` inside the scenario does it.
fn check(scenario: &str, log: &str, options: &str, words: &[&str]) {
    let files = format!("/var/lib/kafka/{log}/00000000000000000000.log");
    let line = format!("kafka-dump-log.sh --print-data-log {options} --files {files}");
    let scenario = format!("{scenario}@30s tool> {line}\n@30s run\n");
    let words: Vec<&str> = ["dump", "-"].iter().chain(words).copied().collect();
    let dumped = run_in(&project(), &words, &scenario);
    let tool = run_in(&project(), &["run", "-", "--until", "31s"], &scenario);
    let (_, tool) = tool.out.split_once("\nDumping ").expect("the tool has run");
    assert_eq!(dumped.out, format!("Dumping {tool}"), "{words:?}: {}", dumped.err);
    assert!(dumped.out.lines().count() > 3 && dumped.status == 0, "{}", dumped.out);
}

/// Checks what is said, and the exit status 2.
fn check_refused(words: &[&str], expected: Expect) {
    let words: Vec<&str> = ["dump", "-"].iter().chain(words).copied().collect();
    let Ran { out, err, status } = run_in(&project(), &words, SONGS);
    expected.assert_eq(&err);
    assert_eq!((out.as_str(), status), ("", 2), "{words:?}");
}

#[test]
fn it_prints_what_the_tool_prints() {
    check(SONGS, "data1/songs-0", "", &["--topic", "songs"]);
    check(SONGS, "data1/songs-0", "", &["--topic", "songs", "--partition", "0", "--broker", "1"]);
    let group = "@21s t1> consumer start c1 --group readers --topic songs --from-beginning\n";
    let one = SONGS.replace("cluster", "config * offsets.topic.num.partitions=1\ncluster");
    let decoded = ["--topic", "__consumer_offsets", "--offsets-decoder"];
    check(&format!("{one}{group}"), "data1/__consumer_offsets-0", "--offsets-decoder", &decoded);
}

#[test]
fn a_partition_looks_as_it_did_then() {
    let story = "tests/scenarios/story.hw";
    let lines =
        |until| run(&["dump", story, "--topic", "orders", "--until", until]).out.lines().count();
    assert!(lines("5s") < lines("10s"));
}

#[test]
fn what_is_not_there_is_said() {
    check_refused(
        &["--topic", "song"],
        expect![[r#"
        standard input: there is no topic "song" at 20s; did you mean "songs"?
    "#]],
    );
    check_refused(
        &["--topic", "songs", "--partition", "1"],
        expect![[r#"
        standard input: songs has no partition 1: they count from 0
    "#]],
    );
    check_refused(
        &["--topic", "songs", "--broker", "2"],
        expect![[r#"
        standard input: that broker has no replica of songs-0; these have: 1
    "#]],
    );
}
