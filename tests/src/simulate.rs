//! Random clusters, workloads and faults, each drawn from a seed. First with faults, then healed: every
//! invariant holds at each step, and in the end everything converges.
//!
//! What is drawn is a script, so that a failure repeats by itself; it is shrunk before it is shown.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use highwater_scenario::invariants::DeadLetterCount;

pub use highwater_scenario::cluster::bugs::Bug;

mod draw;
mod faults;
mod plan;
mod promises;
mod random;
mod run;
mod settled;
mod shrink;

pub use draw::draw;
pub use highwater_scenario::deliveries::Delivered;
pub use plan::{Line, Plan};
pub use promises::{ByGuarantee, Deliveries, Tally};
pub use run::{Outcome, Problem, run, trace};
pub use shrink::shrink;

/// What came of many seeds.
#[derive(Debug, Default)]
pub struct Report {
    /// The seeds that were played.
    pub played: u64,
    /// The seeds that failed, in order.
    pub failures: Vec<Failure>,
    /// Runs that had more events than a run may have, and were not followed to their end.
    pub cut_short: u64,
    /// The events of all runs.
    pub events: u64,
    /// The records that producers were told to be written.
    pub acknowledged: u64,
    /// How often each anomaly was named that Kafka allows.
    pub anomalies: std::collections::BTreeMap<&'static str, u64>,
    /// What came into dead-letter queues.
    pub dead_letters: DeadLetterCount,
    /// What was delivered in the runs in which nothing may be lost.
    pub careful: Careful,
}

/// The runs in which nothing may be lost: see [`Plan::is_careful`].
#[derive(Debug, Default)]
pub struct Careful {
    /// How many there were.
    pub played: u64,
    /// What groups of consumers did.
    pub groups: ByGuarantee<Tally>,
    /// What applications made that go from topic to topic.
    pub apps: ByGuarantee<Tally>,
    /// The seeds that lost records which were acknowledged.
    pub write_losers: Vec<u64>,
}

/// A seed that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// What was found.
    pub problem: Problem,
}

/// Plays seeds on some threads, and stops early if one fails and that is wanted. `tell` hears of every
/// hundredth seed.
pub fn simulate(
    seeds: Range<u64>,
    bug: Option<Bug>,
    threads: usize,
    stops_at_failure: bool,
    tell: &(dyn Fn(u64, &Report) + Sync),
) -> Report {
    let next = AtomicU64::new(seeds.start);
    let is_over = AtomicBool::new(false);
    let report = Mutex::new(Report::default());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let plan = draw(seed);
                    let outcome = run(&plan.script(), bug);
                    let failed = outcome.problem.is_some();
                    is_over.fetch_or(failed && stops_at_failure, Ordering::Relaxed);
                    let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
                    // What a run did not come to the end of is not lost.
                    if plan.is_careful && !outcome.is_cut_short {
                        report.careful.add(seed, &outcome);
                    }
                    report.add(seed, outcome);
                    if report.played.is_multiple_of(100) {
                        tell(report.played, &report);
                    }
                }
            });
        }
    });
    let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
    report.failures.sort_by_key(|failure| failure.seed);
    report
}

impl Report {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.played += 1;
        self.events += outcome.events;
        self.acknowledged += outcome.acknowledged;
        self.cut_short += u64::from(outcome.is_cut_short);
        self.dead_letters.written += outcome.dead_letters.written;
        self.dead_letters.failed += outcome.dead_letters.failed;
        self.dead_letters.resumed += outcome.dead_letters.resumed;
        for (id, count) in outcome.anomalies {
            *self.anomalies.entry(id).or_default() += count;
        }
        self.failures.extend(outcome.problem.map(|problem| Failure { seed, problem }));
    }
}

impl Careful {
    fn add(&mut self, seed: u64, outcome: &Outcome) {
        self.played += 1;
        for (name, delivered) in &outcome.deliveries.groups {
            self.groups.entry(name).or_default().add(seed, *delivered);
        }
        for (name, delivered) in &outcome.deliveries.apps {
            self.apps.entry(name).or_default().add(seed, *delivered);
        }
        if outcome.lost_writes > 0 {
            self.write_losers.push(seed);
        }
    }
}

impl Failure {
    /// The failure with the shortest script that still shows it: what a person is to see.
    pub fn explained(&self, bug: Option<Bug>) -> String {
        let shortest = shrink(&draw(self.seed), &self.problem, bug);
        let problem = run(&shortest.script(), bug).problem;
        let says = problem.unwrap_or_else(|| self.problem.clone());
        format!("seed {}: {says}\n\n{}", self.seed, shortest.script())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}: {}", self.seed, self.problem)
    }
}
