//! Family transactions: clients of a real cluster, step by step, with what each step returned or threw.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use highwater_scenario::cluster::cluster_spec::ClusterSpec;
use highwater_scenario::cluster::producer::ProducerCall;

use super::report::{Difference, Replayed, Report, files};
use crate::by_hand::{Cluster, Outcome};

mod reading;

/// A step of a recording.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    step: String,
    result: Option<String>,
    error: Option<String>,
    message: Option<String>,
}

/// What a step does.
#[derive(Clone, Copy, Debug)]
enum Op {
    CreateTopics,
    Init(&'static str),
    Begin(&'static str),
    Send(&'static str, &'static str),
    Commit(&'static str),
    Abort(&'static str),
    /// Reads all of the topic with `isolation.level=read_committed`, or `read_uncommitted`.
    Read {
        committed: bool,
    },
    /// A transaction with an offset for a group, which is committed or aborted; then the group's offsets.
    Offsets {
        name: &'static str,
        offset: i64,
        commits: bool,
    },
    DescribeProducers,
    /// Waits until the coordinator has aborted what took too long.
    CommitTooLate(&'static str),
    ListTransactions,
}

/// What the words of a recording mean.
const STEPS: &[(&str, Op)] = &[
    ("create topic tx2 p1 rf3, out2 p1", Op::CreateTopics),
    ("p1 beginTransaction before init", Op::Begin("p1")),
    ("p1 initTransactions", Op::Init("p1")),
    ("p1 begin", Op::Begin("p1")),
    ("p1 send a1", Op::Send("p1", "a1")),
    ("p1 send a2", Op::Send("p1", "a2")),
    ("p1 send a3", Op::Send("p1", "a3")),
    ("read_uncommitted while open", Op::Read { committed: false }),
    ("read_committed while open", Op::Read { committed: true }),
    ("p1 commit", Op::Commit("p1")),
    ("read_committed after commit", Op::Read { committed: true }),
    ("p1 begin 2", Op::Begin("p1")),
    ("p1 send b1", Op::Send("p1", "b1")),
    ("p1 send b2", Op::Send("p1", "b2")),
    ("p1 abort", Op::Abort("p1")),
    ("read_committed after abort", Op::Read { committed: true }),
    ("read_uncommitted after abort", Op::Read { committed: false }),
    ("p2 init", Op::Init("p2")),
    ("p2 begin", Op::Begin("p2")),
    ("p2 send c1 (open)", Op::Send("p2", "c1")),
    ("plain producer send d1", Op::Send("plain", "d1")),
    ("p1 begin 3", Op::Begin("p1")),
    ("p1 send e1", Op::Send("p1", "e1")),
    ("p1 commit 3", Op::Commit("p1")),
    ("read_committed: blocked behind LSO (p2 open)", Op::Read { committed: true }),
    ("p2 abort", Op::Abort("p2")),
    ("read_committed after p2 abort", Op::Read { committed: true }),
    ("p1 begin 4", Op::Begin("p1")),
    ("p1 send f1", Op::Send("p1", "f1")),
    ("p1b (same transactional.id) init: aborts open txn, fences p1", Op::Init("p1b")),
    ("p1 send f2 (zombie)", Op::Send("p1", "f2")),
    ("p1 commit (zombie)", Op::Commit("p1")),
    ("read_committed after fencing", Op::Read { committed: true }),
    (
        "p1b sendOffsetsToTransaction + commit",
        Op::Offsets { name: "p1b", offset: 5, commits: true },
    ),
    // Which offset was aborted the recording does not say: any but the committed one shows it.
    ("p1b sendOffsets + abort", Op::Offsets { name: "p1b", offset: 9, commits: false }),
    ("p3 init (timeout 3s)", Op::Init("p3")),
    ("p3 begin", Op::Begin("p3")),
    ("p3 send h1", Op::Send("p3", "h1")),
    ("describeProducers while open", Op::DescribeProducers),
    ("p3 commit after coordinator timeout", Op::CommitTooLate("p3")),
    ("read_committed final", Op::Read { committed: true }),
    ("listTransactions", Op::ListTransactions),
];

/// What an earlier recording left in the real cluster: its transactional ids, and a topic that the
/// group had read.
const LEFT_OVER: &[&str] = &["tx-1:", "tx-2:", "tx-3:", "{tx-0="];

/// Replays each step after the other in one cluster.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("transactions");
    for file in files(dir, ".json") {
        let place = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).map_err(|error| error.to_string());
        let steps = text.and_then(|text| {
            serde_json::from_str::<Vec<Step>>(&text).map_err(|error| error.to_string())
        });
        match steps {
            Ok(steps) => {
                let mut cluster = Cluster::new(ClusterSpec::default());
                for step in steps {
                    report.add(format!("{place}: {}", step.step), || replay(&mut cluster, &step));
                }
            }
            Err(error) => report.add(place.clone(), || {
                Err(Difference::new("the recording", "a list of steps", error))
            }),
        }
    }
    report
}

fn replay(cluster: &mut Cluster, step: &Step) -> Replayed {
    let Some((_, op)) = STEPS.iter().find(|(text, _)| *text == step.step) else {
        return Err(Difference::new(
            &step.step,
            "a step that is known",
            "no meaning for its words",
        ));
    };
    let expected = match (&step.result, &step.error) {
        (Some(result), None) => Ok(without_left_over(result)),
        (None, Some(error)) => {
            let class = error.rsplit('.').next().unwrap_or(error);
            let message = step.message.as_deref().unwrap_or_default();
            Err(format!("{class}: {}", without_producer_id(message)))
        }
        _ => return Err(Difference::new(&step.step, "a result or an error", format!("{step:?}"))),
    };
    let got = run(cluster, *op).map_err(|error| without_producer_id(&error));
    if got == expected {
        return Ok(());
    }
    Err(Difference::new(&step.step, format!("{expected:?}"), format!("{got:?}")))
}

fn run(cluster: &mut Cluster, op: Op) -> Outcome {
    match op {
        Op::CreateTopics => cluster.create_topics(&["tx2", "out2"]),
        Op::Init(name) => cluster.call(name, ProducerCall::InitTransactions),
        Op::Begin(name) => cluster.call(name, ProducerCall::BeginTransaction),
        Op::Send(name, value) => cluster.send(name, value),
        Op::Commit(name) => cluster.call(name, ProducerCall::CommitTransaction),
        Op::Abort(name) => cluster.call(name, ProducerCall::AbortTransaction),
        Op::Read { committed } => Ok(cluster.read(committed)),
        Op::Offsets { name, offset, commits } => {
            cluster.call(name, ProducerCall::BeginTransaction)?;
            cluster.send_offsets(name, offset)?;
            let end = match commits {
                true => ProducerCall::CommitTransaction,
                false => ProducerCall::AbortTransaction,
            };
            cluster.call(name, end)?;
            Ok(cluster.committed_offsets())
        }
        Op::DescribeProducers => Ok(cluster.describe_producers()),
        Op::CommitTooLate(name) => {
            // transaction.timeout.ms, and the interval at which the coordinator looks.
            cluster.run_seconds(3 + 10);
            cluster.call(name, ProducerCall::CommitTransaction)
        }
        Op::ListTransactions => Ok(cluster.list_transactions()),
    }
}

/// A result without what this recording did not make.
fn without_left_over(result: &str) -> String {
    if let Some((first, rest)) = result.split_once("}, ")
        && LEFT_OVER.iter().any(|left| first.starts_with(left))
    {
        return format!("{{{rest}");
    }
    let parts = result.split_inclusive("; ");
    parts.filter(|part| !LEFT_OVER.iter().any(|left| part.starts_with(left))).collect()
}

/// A message with `producerId=N` for whichever id the cluster gave: it depends on who asked before.
fn without_producer_id(message: &str) -> String {
    let Some((before, rest)) = message.split_once("producerId=") else {
        return message.to_owned();
    };
    let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    format!("{before}producerId=N{rest}")
}
