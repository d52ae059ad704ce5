//! Replays what a real Kafka did, as recorded under `tests/oracle`, and compares.
//!
//! A family is a folder of recordings and the code that replays them. `cargo xtask conformance` and
//! `cargo xtask test` run the same families; the first can be pointed at other recordings.

use std::path::{Path, PathBuf};

mod assignor;
mod cli;
mod compaction;
mod differences;
mod group;
mod leader_epoch;
mod partition_change;
mod partitioner;
mod producer_state;
mod record_batch;
mod replica_placement;
mod report;
mod retention;
mod segment;
mod transactions;
mod world;

pub use differences::{Differences, Known};
pub use report::{Failure, Report};

/// A folder's name, and what replays its recordings.
#[derive(Clone, Copy)]
pub struct Family {
    /// The folder's name.
    pub name: &'static str,
    check: fn(&Path) -> Report,
}

/// All families that can be replayed.
pub const FAMILIES: &[Family] = &[
    Family { name: "record-batch", check: record_batch::check },
    Family { name: "segment", check: segment::check },
    Family { name: "partitioner", check: partitioner::check },
    Family { name: "retention", check: retention::check },
    Family { name: "compaction", check: compaction::check },
    Family { name: "leader-epoch", check: leader_epoch::check },
    Family { name: "producer-state", check: producer_state::check },
    Family { name: "partition-change", check: partition_change::check },
    Family { name: "replica-placement", check: replica_placement::check },
    Family { name: "assignor", check: assignor::check },
    Family { name: "group", check: group::check },
    Family { name: "transactions", check: transactions::check },
    Family { name: "cli", check: cli::check },
];

/// The recordings that the project holds.
pub fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle")
}

impl Family {
    /// Replays the recordings under `dir/NAME`. What differs on purpose is counted apart.
    pub fn replay(&self, dir: &Path, differences: &Differences) -> Report {
        let mut report = (self.check)(&dir.join(self.name));
        differences.set_apart(&mut report);
        report
    }
}
