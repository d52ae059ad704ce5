//! `cargo xtask docs`: what of the documentation follows from the code.

use crate::failure::Outcome;
use crate::process;
use crate::project::Project;

/// Writes `docs/configs.md`, `texts/en/engine.txt`, and what else `tests/src/bin/docs.rs` names.
pub fn run(project: &Project) -> Outcome {
    let mut cargo = process::cargo();
    cargo.current_dir(&project.root);
    cargo.args(["run", "--quiet", "--package", "highwater-tests", "--bin", "docs"]);
    process::run(&mut cargo, "see what could not be written above")
}
