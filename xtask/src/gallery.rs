//! `cargo xtask gallery`: a picture of every view of the page, for the documentation: docs/gallery.

use std::process::Command;

use crate::build;
use crate::failure::Outcome;
use crate::process;
use crate::project::Project;
use crate::report::step;
use crate::tools::{chromium, node};

/// Builds the page as it is, and photographs it at desktop and phone width, dark and light.
pub fn run(project: &Project) -> Outcome {
    let node = node::node()?;
    let browser = chromium::find_or_install()?;
    node::packages(project)?;
    build::quick(project)?;
    let mut command = Command::new(node);
    command
        .current_dir(&project.root)
        .arg(project.e2e().join("gallery.mjs"))
        .arg(project.at("docs/gallery"))
        .env("CHROME", browser);
    step("gallery", "every view, as somebody sees it", || {
        process::run(&mut command, "see which view it stopped at, and open that view by hand")
    })
}
