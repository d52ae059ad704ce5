//! `highwater check`: the start, the solution and the near-misses of exercises, each graded by the program.

mod program;

use std::fs;

use expect_test::{Expect, expect};
use program::{Ran, project, run, run_in};

const CONTENT: &str = "exercises/content/exercises";

/// Checks with which exit status an attempt ends, and how many lines of the checklist are not met.
fn check(exercise: &str, attempt: Option<&str>, unmet: usize) {
    let file = attempt.map(|file| format!("{CONTENT}/{exercise}/{file}"));
    let words: Vec<&str> = ["check", exercise].into_iter().chain(file.as_deref()).collect();
    let Ran { out, err, status } = run(&words);
    let found = out.lines().filter(|line| line.starts_with("[ ] ")).count();
    assert_eq!((found, status), (unmet, i32::from(unmet > 0)), "{words:?}: {out}{err}");
}

/// Checks all that is printed.
fn check_text(words: &[&str], input: &str, status: i32, expected: Expect) {
    let Ran { out, err, status: found } = run_in(&project(), words, input);
    expected.assert_eq(&format!("{out}{err}"));
    assert_eq!(found, status, "{words:?}");
}

#[test]
fn a_solution_passes_and_what_nearly_is_one_does_not() {
    check("make-a-topic", None, 4);
    check("make-a-topic", Some("start.hw"), 4);
    check("make-a-topic", Some("solution.hw"), 0);
    check("make-a-topic", Some("alternative-defaults.hw"), 0);
    check("make-a-topic", Some("near-miss-not-looked.hw"), 1);
    check("a-member-dies", Some("solution.hw"), 0);
    check("challenge-1", Some("solution.hw"), 0);
}

#[test]
fn near_misses_of_several_exercises_do_not_pass() {
    for exercise in ["a-member-dies", "writers-are-refused", "share-the-work"] {
        let folder = project().join(CONTENT).join(exercise);
        let files = fs::read_dir(folder).expect("the exercise has a folder").flatten();
        let names = files.map(|file| file.file_name().into_string().expect("its name is text"));
        let misses: Vec<String> = names.filter(|name| name.starts_with("near-miss-")).collect();
        assert!(!misses.is_empty(), "{exercise}");
        for name in misses {
            let file = format!("{CONTENT}/{exercise}/{name}");
            assert_eq!(run(&["check", exercise, &file]).status, 1, "{file}");
        }
    }
}

#[test]
fn the_checklist_says_why() {
    let miss = format!("{CONTENT}/make-a-topic/near-miss-other-name.hw");
    check_text(
        &["check", "make-a-topic", &miss],
        "",
        1,
        expect![[r#"
        Make a topic (make-a-topic)
        Stage 1 of 10, topics, producers, consumers; judged at 20s

        [ ] There is a topic named songs
            There is no topic songs yet.
        [ ] It has one partition with one replica
            There is no topic songs yet.
        [ ] You have seen it in the list of topics
            The list has not been asked for since songs is there.
        [x] You have seen what it looks like

        Not passed: 1 of 4 are met.
    "#]],
    );
}

#[test]
fn what_the_start_prints_can_be_gone_on_from() {
    let start = run(&["check", "make-a-topic", "--start"]);
    assert_eq!(start.status, 0);
    let server = "--bootstrap-server broker1:9092";
    let attempt = format!(
        "{}@2s t1> kafka-topics.sh --create --topic songs {server}\n@6s t1> kafka-topics.sh --list {server}\n",
        start.out
    );
    let words = ["check", "make-a-topic", "-", "--at", "8s"];
    let Ran { out, .. } = run_in(&project(), &words, &attempt);
    assert!(out.contains("Not passed: 3 of 4 are met."), "{out}");
}

#[test]
fn what_is_wrong_is_said() {
    check_text(
        &["check", "make-a-topc"],
        "",
        2,
        expect![[r#"
        there is no exercise "make-a-topc"; did you mean "make-a-topic"? (highwater check --list tells all)
    "#]],
    );
    check_text(
        &["check", "make-a-topic", "-"],
        "highwater 1\ncluster --brokers 3\n",
        2,
        expect![[r#"
            standard input: its cluster is not the one of the exercise: begin with what `highwater check EXERCISE --start` prints, and put your lines behind it
        "#]],
    );
    check_text(
        &["check", "a-member-dies", "-"],
        "highwater 1\n@1s t1> ls\n",
        2,
        expect![[r#"
        standard input: its cluster is not the one of the exercise: begin with what `highwater check EXERCISE --start` prints, and put your lines behind it
    "#]],
    );
    let start = run(&["check", "make-a-topic", "--start"]).out;
    let late = format!("{start}@900d run\n");
    check_text(
        &["check", "make-a-topic", "-"],
        &late,
        2,
        expect![[r#"
        standard input: it would be judged at 77760000s, and at 21600s at the latest: take out what comes later, or give --at
    "#]],
    );
    let many = format!(
        "{start}@2s t1> kafka-topics.sh --create --topic t --partitions 3000 --bootstrap-server broker1:9092\n"
    );
    check_text(
        &["check", "make-a-topic", "-"],
        &many,
        3,
        expect![[r#"
            standard input: The run stands still at line 9: there would be more than 2000 partitions
        "#]],
    );
}

#[test]
fn all_exercises_are_listed() {
    let Ran { out, status, .. } = run(&["check", "--list"]);
    let folders = fs::read_dir(project().join(CONTENT)).expect("there is content").count();
    assert_eq!((out.lines().count(), status), (folders, 0));
    assert!(out.contains(" 1  make-a-topic                    Make a topic\n"), "{out}");
}
