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
        check(bug, kinds(bug));
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
