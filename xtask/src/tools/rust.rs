//! What comes through rustup and cargo: the target of the page, wasm-bindgen, Trunk.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::{Project, WASM};
use crate::report::step;
use crate::{lockfile, process::ask};

/// The newest Trunk that the pinned compiler can build.
const TRUNK: &str = "0.21.14";

/// The standard library for the page's target.
pub fn wasm_target(project: &Project) -> Outcome {
    if has_wasm_target(project) {
        return Ok(());
    }
    step(&format!("install {WASM}"), "the page is compiled for it", || {
        let todo = "install rustup, which brings other targets, then run the command again";
        process::run(
            Command::new("rustup").current_dir(&project.root).args(["target", "add", WASM]),
            todo,
        )
    })
}

fn has_wasm_target(project: &Project) -> bool {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(&project.root).args(["--print", "target-libdir", "--target", WASM]);
    ask(&mut rustc).is_some_and(|folder| Path::new(&folder).is_dir())
}

/// The program that turns a compiled module into one that JavaScript can load.
pub fn wasm_bindgen(project: &Project) -> Outcome<PathBuf> {
    let version = lockfile::wasm_bindgen(project)?;
    let why = "it must match Cargo.lock exactly; once, a few minutes";
    // Its lock file names a package that is gone, so it is resolved anew.
    CargoTool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: &version,
        why,
        flags: &[],
    }
    .install(project)
}

/// The development server.
pub fn trunk(project: &Project) -> Outcome<PathBuf> {
    let why = "it serves the page and builds it again on every change; once, several minutes";
    // Its default features only let it download other tools, and check for updates: nothing that is
    // used here.
    let flags = &["--locked", "--no-default-features"];
    CargoTool { package: "trunk", program: "trunk", version: TRUNK, why, flags }.install(project)
}

/// A program that cargo builds from a registry.
struct CargoTool<'a> {
    package: &'a str,
    program: &'a str,
    version: &'a str,
    why: &'a str,
    flags: &'a [&'a str],
}

impl CargoTool<'_> {
    /// The program's path: from PATH or `.tools/` if the version is right, else built now.
    fn install(&self, project: &Project) -> Outcome<PathBuf> {
        let own = project.tools().join("bin").join(format!(
            "{}{}",
            self.program,
            std::env::consts::EXE_SUFFIX
        ));
        if let Some(ready) = [Some(own.clone()), process::find(self.program)]
            .into_iter()
            .flatten()
            .find(|at| self.is_right(at))
        {
            return Ok(ready);
        }
        step(&format!("install {} {}", self.package, self.version), self.why, || {
            self.build(project)
        })?;
        if self.is_right(&own) {
            return Ok(own);
        }
        let what =
            format!("{} is not version {} after its installation", own.display(), self.version);
        Err(Failure::new(what, "remove the folder .tools and try again"))
    }

    /// Without debug information and nearly without optimisation: what the tool would gain in speed
    /// is less than what the compiler would take.
    fn build(&self, project: &Project) -> Outcome {
        let tools = project.tools();
        let scratch = tools.join("build");
        let mut cargo = process::cargo();
        cargo.current_dir(&project.root).args([
            "install",
            self.package,
            "--version",
            self.version,
            "--debug",
            "--force",
        ]);
        cargo.args(self.flags).arg("--root").arg(&tools).arg("--target-dir").arg(&scratch);
        cargo
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .env("CARGO_INCREMENTAL", "0");
        let todo = "mend what stands above, often a missing network or C linker; it goes on where it ended";
        process::run(&mut cargo, todo)?;
        // Only an unfinished build is worth its disk space; if it cannot be removed, nothing is
        // lost.
        let _ = std::fs::remove_dir_all(scratch);
        Ok(())
    }

    fn is_right(&self, program: &Path) -> bool {
        ask(Command::new(program).arg("--version"))
            .is_some_and(|said| said.split(' ').nth(1) == Some(self.version))
    }
}
