//! `cargo xtask test`: everything that must hold, in the order in which a mistake is found soonest.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::build;
use crate::cli::{ClientsOptions, FuzzOptions};
use crate::clients;
use crate::failure::{Failure, Outcome};
use crate::fuzz;
use crate::process;
use crate::project::{PAGE_CRATE, Project, WASM};
use crate::report::{say, seconds, step};
use crate::size;
use crate::tools;
use crate::tools::{chromium, node};

/// How long each target of the fuzzer runs; two run at a time.
const FUZZ_SECONDS: u64 = 60;
const FUZZ_SECONDS_QUICK: u64 = 5;

/// Stops at the first failure: what comes later often fails for the same reason.
pub fn run(project: &Project, quick: bool) -> Outcome {
    let begin = Instant::now();
    tools::wasm_target(project)?;
    // What cannot be had is better known now than after the long part.
    let browser = if quick { None } else { Some(Browser::prepare(project)?) };
    if !quick {
        clients::prepare(project)?;
    }
    native(project)?;
    let seconds_each = if quick { FUZZ_SECONDS_QUICK } else { FUZZ_SECONDS };
    fuzz::run(project, &FuzzOptions { seconds: Some(seconds_each), ..FuzzOptions::default() })?;
    if let Some(browser) = browser {
        clients::run(project, &ClientsOptions::default())?;
        build::run(project)?;
        step("size", "the first visit must stay cheap", || size::run(project))?;
        let beside = clients::beside_the_page(project)?;
        let all = test_files(&project.e2e())?;
        step("tests in Chromium", "the page must work where it is used", || {
            browser.test(project, &all, None, &beside)
        })?;
        let some: Vec<PathBuf> = all.into_iter().filter(|path| is_of_each_language(path)).collect();
        for language in languages(project)? {
            let why = "what is looked for is found by what it is called there";
            step(&format!("tests in Chromium, in {language}"), why, || {
                browser.test(project, &some, Some(&language), &beside)
            })?;
        }
    }
    let rest = if quick { "; real clients and the page in Chromium were left out" } else { "" };
    say("all passed", &format!("in {}{rest}", seconds(begin.elapsed())));
    Ok(())
}

/// What needs no browser.
fn native(project: &Project) -> Outcome {
    let fmt = ["fmt", "--all", "--check"];
    step("format", "one style, so that changes show only what changed", || {
        cargo(project, &fmt, "run `cargo fmt --all`")
    })?;

    let lint = "mend what clippy names above; `cargo clippy --fix` does part of it";
    let engine =
        ["clippy", "--workspace", "--exclude", PAGE_CRATE, "--all-targets", "--", "-D", "warnings"];
    step("clippy", "no warning may pile up", || cargo(project, &engine, lint))?;
    let page = [
        "clippy",
        "--package",
        PAGE_CRATE,
        "--target",
        WASM,
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    step("clippy for the page", "it is compiled for another target", || {
        cargo(project, &page, lint)
    })?;

    let tests = ["test", "--workspace"];
    step("tests", "units, properties, conformance", || {
        cargo(project, &tests, "mend what the first failing test names above")
    })
}

fn cargo(project: &Project, words: &[&str], todo: &str) -> Outcome {
    process::run(process::cargo().current_dir(&project.root).args(words), todo)
}

/// What the browser tests need.
struct Browser {
    node: PathBuf,
    chromium: PathBuf,
}

impl Browser {
    fn prepare(project: &Project) -> Outcome<Self> {
        let node = node::node()?;
        let chromium = chromium::find_or_install()?;
        node::packages(project)?;
        Ok(Self { node, chromium })
    }

    /// Runs tests of the page, in English or in another language.
    fn test(
        &self,
        project: &Project,
        tests: &[PathBuf],
        language: Option<&str>,
        beside: &[(&'static str, OsString)],
    ) -> Outcome {
        let mut command = Command::new(&self.node);
        command
            .current_dir(&project.root)
            .args(["--test", "--test-reporter=spec"])
            .args(tests)
            .envs(language.map(|code| ("HIGHWATER_LANGUAGE", code)))
            .env("CHROME", &self.chromium)
            .envs(beside.iter().map(|(name, value)| (name, value)));
        process::run(
            &mut command,
            "mend what the failing test names; with HEADED=1 set, the browser is seen",
        )
    }
}

/// Which browser tests run in each language too: those that go through every part of the page. All of them can, see
/// docs/languages.md; it would take as long again for each.
const IN_EACH_LANGUAGE: [&str; 5] = ["front", "learner", "road", "smoke", "stage"];

fn is_of_each_language(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(".test.mjs").is_some_and(|name| IN_EACH_LANGUAGE.contains(&name))
}

/// The languages other than English, by the names of their folders.
fn languages(project: &Project) -> Outcome<Vec<String>> {
    let folder = project.root.join("texts");
    let entries = fs::read_dir(&folder).map_err(|error| Failure::file("list", &folder, &error))?;
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    let names = folders.map(|folder| folder.file_name().to_string_lossy().into_owned());
    let mut codes: Vec<String> = names.filter(|name| name != "en").collect();
    codes.sort();
    Ok(codes)
}

/// The browser tests, one by one: Node's versions differ in what a folder means.
fn test_files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::file("list", folder, &error))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut tests: Vec<_> =
        paths.filter(|path| path.to_string_lossy().ends_with(".test.mjs")).collect();
    tests.sort();
    if tests.is_empty() {
        return Err(Failure::new("tests/e2e holds no *.test.mjs", "restore the browser tests"));
    }
    Ok(tests)
}
