//! Replays what a real Kafka did, as recorded under `tests/oracle`, and compares.

mod compaction;
mod leader_epoch;
mod producer_state;
mod record_batch;
mod report;
mod retention;
mod segment;
mod world;

use std::path::Path;

use report::Report;

/// The directory of one family's recordings.
fn oracle(family: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle").join(family)
}

fn assert_passes(report: &Report) {
    assert!(report.failures.is_empty(), "{report}");
    assert!(report.passed > 0, "{}: nothing was replayed", report.family);
}

#[test]
fn record_batch() {
    assert_passes(&record_batch::check(&oracle("record-batch")));
}

#[test]
fn segment() {
    assert_passes(&segment::check(&oracle("segment")));
}

#[test]
fn leader_epoch() {
    assert_passes(&leader_epoch::check(&oracle("leader-epoch")));
}

#[test]
fn producer_state() {
    assert_passes(&producer_state::check(&oracle("producer-state")));
}

#[test]
fn compaction() {
    assert_passes(&compaction::check(&oracle("compaction")));
}

#[test]
fn retention() {
    assert_passes(&retention::check(&oracle("retention")));
}
