//! `cargo xtask profile`: finds out what a first visit runs, and writes `web/rest.txt` by it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::build;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;
use crate::report::{note, say, step};
use crate::split::{list, mark};
use crate::tools::{chromium, node};

/// Has Chromium make a first visit with a module that notes what runs, and writes the list.
pub fn run(project: &Project) -> Outcome {
    let node = node::node()?;
    let browser = chromium::find_or_install()?;
    node::packages(project)?;
    build::whole(project)?;
    let path = build::module_in(&project.dist());
    let whole = fs::read(&path).map_err(|error| Failure::file("read", &path, &error))?;
    let marked = mark::mark(&whole)?;
    fs::write(&path, &marked.module).map_err(|error| Failure::file("write", &path, &error))?;
    let ran = step("a first visit", "to see which functions it runs", || {
        let mut command = Command::new(node);
        command
            .current_dir(&project.root)
            .arg(project.e2e().join("profile.mjs"))
            .args([marked.begin.to_string(), marked.count.to_string()])
            .env("CHROME", browser);
        indexes(&process::read(&mut command, "see whether the page itself works")?)
    })?;
    note(&format!("{} of {} functions ran", ran.len(), marked.count));
    let rest = project.at("web/rest.txt");
    fs::write(&rest, list::of_idle(&whole, &ran)?)
        .map_err(|error| Failure::file("write", &rest, &error))?;
    say("wrote web/rest.txt", "`cargo xtask build` cuts the module by it");
    Ok(())
}

/// The numbers that the visit printed, one a line.
fn indexes(text: &str) -> Outcome<BTreeSet<usize>> {
    let numbers = text.split_whitespace().map(|word| {
        word.parse().map_err(|_| {
            let what = format!("the visit printed `{word}`, which is no number");
            Failure::new(what, "see tests/e2e/profile.mjs")
        })
    });
    numbers.collect()
}
