//! `cargo xtask content`: the proof of exercises, questions, glossary and the rest. What is proven, the
//! crate of the exercises knows; here its program is built, without the content in it, so that it is built
//! once and reads whatever the content has become since.

use crate::failure::Outcome;
use crate::process;
use crate::project::Project;

/// Builds the program if need be, and hands it the words after `content`.
pub fn run(project: &Project, words: &[String]) -> Outcome {
    let mut cargo = process::cargo();
    cargo.current_dir(&project.root).args([
        "run",
        "--quiet",
        "--package",
        "highwater-exercises",
        "--no-default-features",
        "--features",
        "reader",
        "--bin",
        "content",
        "--",
    ]);
    cargo.args(words);
    process::run(
        &mut cargo,
        "mend what is named above; docs/authoring.md says how content is written",
    )
}
