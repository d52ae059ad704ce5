//! Random clusters, workloads and faults by the thousand: every invariant holds at each step, and once all
//! is healed everything converges: each replica in sync and equal byte for byte, each group stable, all
//! read. `cargo xtask simulate` plays more of them.

use highwater_tests::simulate::{Bug, Careful, Delivered, Report, draw, run, shrink, simulate};

/// Seeds in each run of the tests.
const SEEDS: u64 = 1_000;

#[test]
fn faults_break_no_invariant_and_all_converges() {
    let report = simulate(0..SEEDS, None, 2, false, &|_, _| {});
    if let Some(failure) = report.failures.first() {
        let seeds: Vec<u64> = report.failures.iter().map(|failure| failure.seed).collect();
        panic!("{} seeds failed: {seeds:?}\n\n{}", seeds.len(), failure.explained(None));
    }
    check_that_much_happened(&report);
    check_guarantee(&report.careful, Guarantee::AtLeastOnce);
}

/// What applications promise, as the sums over many runs show it.
#[derive(Clone, Copy, Debug)]
enum Guarantee {
    /// They work and then commit: nothing is lost in any run, and something is repeated in some.
    AtLeastOnce,
    /// They commit and then work: something is lost in some runs.
    AtMostOnce,
}

#[track_caller]
fn check_guarantee(careful: &Careful, guarantee: Guarantee) {
    let Delivered { repeated, lost, skipped, .. } = careful.delivered;
    let is_kept = match guarantee {
        Guarantee::AtLeastOnce => lost + skipped == 0 && repeated > 0 && careful.repeaters > 1,
        Guarantee::AtMostOnce => lost > 0 && careful.losers.len() > 1,
    };
    assert!(is_kept, "{guarantee:?}: {careful:?}");
}

#[test]
fn who_commits_first_loses_work() {
    let report = simulate(0..SEEDS / 5, Some(Bug::CommitsFirst), 2, false, &|_, _| {});
    check_guarantee(&report.careful, Guarantee::AtMostOnce);
}

/// Runs in which nothing happens prove nothing.
#[track_caller]
fn check_that_much_happened(report: &Report) {
    assert_eq!(report.played, SEEDS);
    assert!(report.acknowledged > SEEDS * 50, "only {} records were written", report.acknowledged);
    let careful = &report.careful;
    assert!(careful.played > SEEDS / 10, "only {} careful runs", careful.played);
    assert!(careful.delivered.right > careful.played * 50, "{careful:?}");
    assert!(report.cut_short < SEEDS / 50, "{} runs were cut short", report.cut_short);
    let kinds = [
        "found.duplicate",
        "found.lost-write-leader-alone",
        "found.lost-write-min-isr",
        "found.lost-write-unclean",
        "found.never-written",
        "found.processed-twice",
        "found.reordered",
        "found.skipped-reset",
        "found.truncated-after-read",
        "found.went-back",
    ];
    for kind in kinds {
        assert!(report.anomalies.contains_key(kind), "no seed shows {kind}");
    }
}

/// Scripts that seeds have shown to fail once, each with a mistake in the engine that is mended.
#[test]
fn what_was_found_stays_mended() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/found");
    let mut played = 0;
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the entry can be read").path();
        let script = std::fs::read_to_string(&path).expect("the script can be read");
        let problem = run(&script, None).problem;
        assert_eq!(problem, None, "{}\n{script}", path.display());
        played += 1;
    }
    assert!(played > 0, "{folder} holds no script");
}

#[test]
fn a_seed_is_always_the_same_script_and_the_same_run() {
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
    let script = draw(7).script();
    let (first, second) = (run(&script, None), run(&script, None));
    assert_eq!(
        (first.events, first.acknowledged, first.anomalies),
        (second.events, second.acknowledged, second.anomalies)
    );
}

#[test]
fn a_failure_shrinks_to_a_few_lines_that_show_it_by_themselves() {
    let bug = Some(Bug::EarlyAck);
    let report = simulate(0..20, bug, 1, true, &|_, _| {});
    let failure = report.failures.first().expect("the bug is found");
    let shortest = shrink(&draw(failure.seed), &failure.problem, bug);
    let script = shortest.script();
    let lines = script.lines().filter(|line| line.starts_with('@')).count();
    assert!(lines <= 4, "{script}");
    let again = run(&script, bug).problem.expect("the script shows it by itself");
    assert_eq!(again.kind, failure.problem.kind);
    let without_bug = run(&script, None).problem.map(|problem| problem.kind);
    assert_ne!(without_bug, Some(again.kind), "{script}");
}
