//! Random clusters, workloads and faults by the thousand: every invariant holds at each step, and once all
//! is healed everything converges: each replica in sync and equal byte for byte, each group stable, all
//! read. `cargo xtask simulate` plays more of them.

use highwater_tests::simulate::{Bug, Delivered, Report, Tally, draw, run, shrink, simulate};

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
    check_guarantees(&report);
}

/// What applications promise, as the sums over many runs show it. That none breaks its promise is checked in
/// each run; here, that the faults have tried it.
#[track_caller]
fn check_guarantees(report: &Report) {
    let careful = &report.careful;
    assert_eq!(careful.write_losers, Vec::<u64>::new());
    for (who, tallies) in [("groups", &careful.groups), ("applications", &careful.apps)] {
        for (name, tally) in tallies {
            println!("{name} {who}: {tally:?}");
            let Tally { delivered, losers, repeaters, .. } = tally;
            let Delivered { right, repeated, lost, skipped } = *delivered;
            assert!(right > tally.played * 50, "{name} {who} did little: {tally:?}");
            let is_kept = match *name {
                // Something is repeated in some runs, nothing is lost in any.
                "at-least-once" => lost + skipped == 0 && repeated > 0 && *repeaters > 1,
                // Something is lost in some runs, nothing is repeated in any.
                "at-most-once" => repeated == 0 && lost > 0 && losers.len() > 1,
                _ => lost + skipped + repeated == 0,
            };
            assert!(is_kept, "{name} {who}: {tally:?}");
        }
    }
    assert_eq!((careful.groups.len(), careful.apps.len()), (2, 3), "{careful:?}");
}

#[test]
fn who_commits_first_loses_work() {
    let report = simulate(0..SEEDS / 2, Some(Bug::CommitsFirst), 2, false, &|_, _| {});
    let losers = report.failures.iter().filter(|failure| failure.problem.kind == "work lost");
    let losers: Vec<u64> = losers.map(|failure| failure.seed).collect();
    assert!(losers.len() > 1, "only these seeds lost work: {losers:?}");
}

/// Runs in which nothing happens prove nothing.
#[track_caller]
fn check_that_much_happened(report: &Report) {
    assert_eq!(report.played, SEEDS);
    assert!(report.acknowledged > SEEDS * 50, "only {} records were written", report.acknowledged);
    let careful = &report.careful;
    assert!(careful.played > SEEDS / 10, "only {} careful runs", careful.played);
    assert!(report.cut_short < SEEDS / 50, "{} runs were cut short", report.cut_short);
    let dead_letters = report.dead_letters;
    println!("{dead_letters:?}");
    assert!(dead_letters.written > SEEDS, "{dead_letters:?}");
    assert!(dead_letters.failed > SEEDS / 10 && dead_letters.resumed > 0, "{dead_letters:?}");
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
