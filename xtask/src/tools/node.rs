//! Node and npm packages: those of `tests/e2e` (the browser's driver, axe, wasm-opt), and a client of Kafka.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;
use crate::report::step;

/// The oldest Node whose test runner the browser tests were written for.
const OLDEST: u32 = 20;

/// Node itself, which is not ours to install.
pub fn node() -> Outcome<PathBuf> {
    let todo = "install Node 20 or newer with npm, from your package manager or nodejs.org";
    let node = process::find("node").ok_or_else(|| Failure::new("Node is not on PATH", todo))?;
    let version = process::ask(Command::new(&node).arg("--version")).unwrap_or_default();
    if major(&version).is_some_and(|major| major >= OLDEST) {
        return Ok(node);
    }
    Err(Failure::new(format!("this Node is `{version}`"), todo))
}

/// Whether npm packages can be had on this machine.
pub fn is_here() -> bool {
    node().is_ok() && process::find("npm").is_some()
}

/// The packages of the browser tests, in the very versions of their lock file.
pub fn packages(project: &Project) -> Outcome {
    install(&project.e2e(), "tests/e2e drives the browser with them, and wasm-opt is among them")
}

/// Installs what a folder's lock file names; again only when that file has changed.
pub fn install(folder: &Path, why: &str) -> Outcome {
    let lock = folder.join("package-lock.json");
    let stamp = folder.join("node_modules").join(".installed-lock.json");
    let wanted = fs::read(&lock).map_err(|error| Failure::file("read", &lock, &error))?;
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    step("install npm packages", why, || {
        let todo = "check that npm reaches its registry (`npm ping`), then run the command again";
        let npm = process::find("npm").ok_or_else(|| {
            Failure::new("npm is not on PATH", "install npm, which usually comes with Node")
        })?;
        process::run(
            Command::new(npm).current_dir(folder).args(["ci", "--no-audit", "--no-fund"]),
            todo,
        )?;
        fs::write(&stamp, &wanted).map_err(|error| Failure::file("write", &stamp, &error))
    })
}

fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_counts() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("nonsense"), None);
    }
}
