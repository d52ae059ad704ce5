//! wasm-opt, which makes the page's module about a fifth smaller.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::node;
use crate::failure::Outcome;
use crate::process;
use crate::project::Project;
use crate::report::note;

/// Older ones do not read what today's compiler writes.
const OLDEST: u32 = 120;

/// How to start wasm-opt.
pub enum WasmOpt {
    /// A program of the system.
    Program(PathBuf),
    /// The script of the npm package `binaryen`, in Node.
    Script { node: PathBuf, script: PathBuf },
}

impl WasmOpt {
    /// A command without arguments yet.
    pub fn command(&self) -> Command {
        match self {
            Self::Program(program) => Command::new(program),
            Self::Script { node, script } => {
                let mut command = Command::new(node);
                command.arg(script);
                command
            }
        }
    }
}

/// wasm-opt from npm, where its version is pinned; else the system's if it is new enough; else
/// none, which is said.
pub fn find(project: &Project) -> Outcome<Option<WasmOpt>> {
    if node::is_here() {
        node::packages(project)?;
        let script =
            project.e2e().join("node_modules").join("binaryen").join("bin").join("wasm-opt");
        return Ok(Some(WasmOpt::Script { node: node::node()?, script }));
    }
    if let Some(program) = process::find("wasm-opt").filter(|program| is_new(program)) {
        return Ok(Some(WasmOpt::Program(program)));
    }
    note("no Node with npm here, so no wasm-opt: the page works, its download stays larger");
    Ok(None)
}

fn is_new(program: &Path) -> bool {
    let said = process::ask(Command::new(program).arg("--version")).unwrap_or_default();
    version(&said).is_some_and(|version| version >= OLDEST)
}

/// From a line such as `wasm-opt version 132 (version_132)`.
fn version(said: &str) -> Option<u32> {
    said.split_whitespace().nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_third_word() {
        assert_eq!(version("wasm-opt version 132 (version_132)"), Some(132));
        assert_eq!(version("something else"), None);
    }
}
