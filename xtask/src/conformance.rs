//! `cargo xtask conformance`: the engine against recordings of a real Kafka.

use std::path::{Path, PathBuf};

use crate::failure::Outcome;
use crate::process;
use crate::project::Project;

/// Replays the recordings under a folder, without one those that the project holds, and prints a line
/// for each family. Fails if anything differs that is not meant to.
pub fn run(project: &Project, dir: Option<&Path>) -> Outcome {
    let mut cargo = process::cargo();
    cargo.current_dir(&project.root);
    cargo.args(["run", "--quiet", "--package", "highwater-tests", "--bin", "conformance"]);
    if let Some(dir) = dir {
        // The command runs in the project's folder; the person may stand elsewhere.
        cargo.arg("--").arg(absolute(dir));
    }
    process::run(&mut cargo, "see the first difference of each family above")
}

fn absolute(dir: &Path) -> PathBuf {
    std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned())
}
