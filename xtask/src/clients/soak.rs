//! `cargo xtask soak`: clients that others wrote against one served cluster, for as long as is asked for,
//! while brokers come and go.
//!
//! Each client has a program, which sends keyed records at a steady rate and reads them in a group. In the
//! end, whatever was acknowledged must be read again, once and in order. Meanwhile the memory of
//! `highwater serve` is looked at: what grows with time, and not with records, is a leak.

mod faults;
mod member;
mod memory;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::SoakOptions;
use crate::failure::{Failure, Outcome};
use crate::fuzz;
use crate::project::Project;
use crate::report::{note, say, seconds, step};

use super::cluster::Cluster;
use super::suite::{self, Words};
use faults::Plan;
use member::Told;

/// The clients, each with its program in `tests/clients` and its topic.
const MEMBERS: [(&str, &str, &str); 3] = [
    ("confluent-kafka", "soak_confluent.py", "soak-confluent-kafka"),
    ("kafka-python", "soak_kafka_python.py", "soak-kafka-python"),
    ("aiokafka", "soak_aiokafka.py", "soak-aiokafka"),
];

/// How long the cluster is left alone before the end: whatever was broken is whole again by then.
const SETTLING: Duration = Duration::from_secs(30);

/// What those who take part know of each other.
#[derive(Default)]
struct Course {
    /// The clients are to come to their end.
    is_over: AtomicBool,
    /// All have ended, or one has failed.
    is_done: AtomicBool,
    /// How many records were acknowledged, of all clients.
    acked: AtomicU64,
}

/// Runs it for the time that is asked for, and a little longer.
pub fn run(project: &Project, options: &SoakOptions) -> Outcome {
    let members = MEMBERS.map(|(_, program, _)| suite::python(project, program));
    let members = members.into_iter().collect::<Outcome<Vec<_>>>()?;
    let server = step("highwater serve", "optimised, with all checks of a debug build", || {
        fuzz::build(project, "highwater-cli", "highwater")
    })?;
    let folder = project.target()?.join("soak");
    fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, &error))?;
    let SoakOptions { minutes, rate, seed } = options;
    say("soak", &format!("{minutes} min, {rate} records/s of each client, faults of seed {seed}"));
    let todo = format!(
        "see what is in {}; it is run again by `cargo xtask soak --minutes {minutes} --rate {rate} --seed {seed}`",
        folder.display()
    );
    let failed = |why: String| Failure::new(format!("the soak failed: {why}"), todo.as_str());
    let log = folder.join("cluster.log");
    let cluster = Cluster::start(&server, None, &log, &folder.join("run.hw")).map_err(failed)?;
    let told = soak(&cluster, &members, options, &folder);
    let memory = memory::of(cluster.process());
    // Its scenario is saved whatever has happened: it tells why.
    let ended = cluster.end();
    let told = told.and_then(|told| ended.map(|()| told)).map_err(failed)?;
    for (member, (name, ..)) in told.iter().zip(MEMBERS) {
        note(&format!("{name}: {member}"));
    }
    if let Some(memory) = memory {
        note(&format!("highwater serve in the end: {memory}"));
    }
    Ok(())
}

fn soak(
    cluster: &Cluster,
    members: &[Words],
    options: &SoakOptions,
    folder: &std::path::Path,
) -> Result<Vec<Told>, String> {
    let servers = cluster.servers()?;
    for (_, _, topic) in MEMBERS {
        cluster.type_line(&format!(
            "kafka-topics.sh --create --topic {topic} --partitions 3 --replication-factor 3 \
             --config min.insync.replicas=2 --bootstrap-server broker1:9092"
        ))?;
    }
    let course = Course::default();
    let time = Duration::from_secs(options.minutes * 60);
    thread::scope(|scope| {
        let memory = scope.spawn(|| memory::watch(cluster, &course, &folder.join("memory.tsv")));
        let faults = scope.spawn(|| break_and_mend(cluster, &course, options.seed, time));
        let running = members.iter().zip(MEMBERS).map(|(words, (name, _, topic))| {
            let (servers, course) = (&servers, &course);
            let output: PathBuf = folder.join(format!("{name}.out"));
            scope.spawn(move || {
                let member = member::Start { words, servers, topic, rate: options.rate };
                let told = member::drive(&member, &output, course);
                // One that fails ends it for all, so that it is known soon.
                if told.is_err() {
                    course.is_done.store(true, Relaxed);
                }
                told.map_err(|why| format!("{name}: {why}"))
            })
        });
        let running: Vec<_> = running.collect();
        let told =
            running.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("a panic".into())));
        let told = told.collect::<Result<Vec<_>, _>>();
        course.is_done.store(true, Relaxed);
        let faults = faults.join().unwrap_or_else(|_| Err("a panic".into()));
        let memory = memory.join().unwrap_or_else(|_| Err("a panic".into()));
        let told = told?;
        note(&format!("{} faults", faults?));
        memory.map(|()| told)
    })
}

/// Breaks things and mends them again until the time is over; how often.
fn break_and_mend(
    cluster: &Cluster,
    course: &Course,
    seed: u64,
    time: Duration,
) -> Result<usize, String> {
    let plan = Plan::drawn(seed, time.saturating_sub(SETTLING));
    let begin = Instant::now();
    let sleep_until = |at: Duration| {
        while begin.elapsed() < at && !course.is_done.load(Relaxed) {
            thread::sleep(Duration::from_millis(100).min(at.saturating_sub(begin.elapsed())));
        }
    };
    for (at, line) in &plan.lines {
        sleep_until(*at);
        if course.is_done.load(Relaxed) {
            break;
        }
        cluster.type_only(line)?;
    }
    for line in faults::mending() {
        cluster.type_only(&line)?;
    }
    // The brokers are left alone also where a client has ended the run.
    let whole_at = Instant::now() + SETTLING;
    let is_early = || begin.elapsed() < time && !course.is_done.load(Relaxed);
    while is_early() || Instant::now() < whole_at {
        thread::sleep(Duration::from_millis(100));
    }
    course.is_over.store(true, Relaxed);
    note(&format!("the time is over after {}", seconds(begin.elapsed())));
    Ok(plan.faults)
}
