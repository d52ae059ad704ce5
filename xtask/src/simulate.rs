//! `cargo xtask simulate`: random clusters, workloads and faults by the thousand, natively. What is drawn,
//! checked and shrunk, the tests' crate knows; here it is built fast and run.

use crate::failure::Outcome;
use crate::process;
use crate::project::Project;

/// Builds the simulator and hands it the words after `simulate`.
pub fn run(project: &Project, words: &[String]) -> Outcome {
    let mut cargo = process::cargo();
    cargo.current_dir(&project.root).args([
        "run",
        "--profile",
        "sim",
        "--quiet",
        "--package",
        "highwater-tests",
        "--bin",
        "simulate",
        "--",
    ]);
    cargo.args(words);
    process::run(
        &mut cargo,
        "save the script that a seed printed, and play it again with `cargo xtask simulate --script FILE --trace`",
    )
}
