//! The checkers bite: each deliberate bug is found by the checker that it was written for. And none of
//! the bugs can be switched on in what people use.

use std::process::Command;

use highwater_tests::simulate::{Bug, draw, run};

/// Seeds within which a bug must be found.
const SEEDS: u64 = 1_000;

/// Plays seeds until a checker finds the bug, and prints at which one.
#[track_caller]
fn check(bug: Bug, kinds: &[&str]) {
    for seed in 0..SEEDS {
        let problem = run(&draw(seed).script(), Some(bug)).problem;
        if let Some(problem) = problem.filter(|problem| kinds.contains(&&*problem.kind)) {
            println!("{} is found at seed {seed}: {problem}", bug.name());
            return;
        }
    }
    panic!("{} is not found within {SEEDS} seeds as any of {kinds:?}", bug.name());
}

#[test]
fn each_deliberate_bug_is_found_by_its_checker() {
    for bug in Bug::ALL {
        match script(bug) {
            Some(lines) => check_script(bug, lines, kinds(bug)),
            None => check(bug, kinds(bug)),
        }
    }
}

/// Plays a script, in which a checker finds the bug, and nothing without it.
#[track_caller]
fn check_script(bug: Bug, lines: &str, kinds: &[&str]) {
    let script = format!("{TRANSACTIONS}{lines}");
    let right = run(&script, None).problem;
    assert!(right.is_none(), "without {}: {}", bug.name(), right.unwrap());
    let problem = run(&script, Some(bug)).problem;
    let problem = problem.unwrap_or_else(|| panic!("{} is not found\n{script}", bug.name()));
    assert!(kinds.contains(&&*problem.kind), "{}: {problem}\n{script}", bug.name());
}

/// A cluster with a transactional producer that has sent a record.
const TRANSACTIONS: &str = "\
highwater 1
seed 1
cluster --brokers 3
@1s t1> kafka-topics.sh --create --topic orders --replica-assignment 1:2:3 --bootstrap-server broker1:9092
@5s t1> producer start p1 --topic orders --rate 0 --transactional-id t
@6s t1> producer init p1
@10s t1> producer begin p1
@11s t1> producer send p1 one
";

/// What shows a bug that a random scenario comes across too seldom.
fn script(bug: Bug) -> Option<&'static str> {
    match bug {
        Bug::NoFencing => Some(
            "\
@15s t1> producer start p2 --topic orders --rate 0 --transactional-id t
@16s t1> producer init p2
@20s t1> producer begin p2
@21s t1> producer send p2 two
@25s t1> producer commit p1
@30s t1> producer stop p1
@30s t1> producer stop p2
",
        ),
        Bug::IgnoresLastStableOffset => Some(
            "\
@15s t1> consumer start c1 --topic orders --group g --config isolation.level=read_committed --config auto.offset.reset=earliest
@30s t1> producer commit p1
@35s t1> producer stop p1
",
        ),
        Bug::MarkerTwice => Some("@15s t1> producer commit p1\n@20s t1> producer stop p1\n"),
        Bug::LocksForEver => Some(
            "\
@12s t1> producer commit p1
@13s t1> share-consumer start s1 --group g --topic orders --process-ms 3600000
@20s t1> producer begin p1
@21s t1> producer send p1 one two three
@22s t1> producer commit p1
@30s t1> share-consumer power-loss s1
@31s t1> share-consumer start s2 --group g --topic orders
@400s t1> producer begin p1
@401s t1> producer send p1 four
@402s t1> producer commit p1
@410s t1> producer stop p1
",
        ),
        // "one" fails again and again, and behind it two records are settled, while each broker is down once.
        Bug::ForgetsAcknowledged => Some(
            "\
@12s t1> producer commit p1
@12s t1> kafka-configs.sh --bootstrap-server broker1:9092 --alter --entity-type groups --entity-name g --add-config share.delivery.count.limit=10
@13s t1> share-consumer start s1 --group g --topic orders --process-ms 5000 --fail-on value~one --commit-every 1
@20s t1> producer begin p1
@21s t1> producer send p1 one two three
@22s t1> producer commit p1
@40s t1> broker kill 1
@48s t1> broker start 1
@56s t1> broker kill 2
@64s t1> broker start 2
@72s t1> broker kill 3
@80s t1> broker start 3
@110s t1> producer stop p1
",
        ),
        _ => None,
    }
}

/// What the checkers may find of a bug.
fn kinds(bug: Bug) -> &'static [&'static str] {
    match bug {
        Bug::EarlyHighWatermark | Bug::EarlyIsr => &["found.incomplete-isr"],
        Bug::HighWatermarkBack => &["found.high-watermark-back"],
        Bug::EarlyAck => &["found.acknowledged-early"],
        Bug::ReadsUncommitted => &["found.read-above-high-watermark"],
        Bug::NoTruncation | Bug::FollowerGap => &["found.replicas-differ"],
        Bug::NoSequenceCheck => &["found.sequence-out-of-order"],
        Bug::KeepsLeading => &["found.two-leaders"],
        Bug::ElectsOutsider => &["found.forbidden-election"],
        Bug::StaleIsr => &["found.stale-isr-change"],
        Bug::TwoOwners | Bug::AssignsTwice => &["found.two-owners"],
        Bug::CommitsFirst => &["work lost"],
        Bug::ZombieCommits => &["found.commit-back"],
        Bug::LostCommit => &["found.commit-forgotten", "found.commit-lost"],
        Bug::NoFencing => &["found.fenced-producer-heard"],
        Bug::IgnoresLastStableOffset => &["found.read-above-last-stable-offset"],
        Bug::MarkerTwice => &["found.marker-twice"],
        Bug::HandsOutTwice => &["found.held-twice"],
        Bug::LocksForEver => &["found.lock-overdue"],
        Bug::NoDeliveryLimit => &["found.delivered-too-often"],
        Bug::ForgetsAcknowledged => &["found.handed-out-again"],
        Bug::SkipsDeadLetters => &["found.dead-letter-skipped"],
        Bug::DeadLettersAcknowledged => &["found.dead-letter-acknowledged"],
        Bug::DeletesBeforeCopied => &["found.unreadable"],
    }
}

#[test]
fn bugs_are_named_apart() {
    for bug in Bug::ALL {
        assert_eq!(Bug::from_name(bug.name()), Some(bug));
    }
}

#[test]
fn the_page_and_the_program_have_no_bugs_to_switch_on() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    for package in ["highwater-web", "highwater-cli", "highwater-exercises"] {
        let output = Command::new(&cargo)
            .args(["tree", "--locked", "--edges", "normal,build,features", "--prefix", "none"])
            .args(["--target", "all", "--package", package])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .output()
            .expect("cargo runs");
        let tree = String::from_utf8_lossy(&output.stdout);
        assert!(tree.contains("highwater-cluster"), "cargo tree printed nothing of {package}");
        assert!(!tree.contains("deliberate-bugs"), "{package} has the deliberate bugs");
    }
}
