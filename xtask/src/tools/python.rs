//! Python with packages of its own, in which the clients that are written in it run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::report::step;
use crate::tools::system::{self, Package};

const NAMES: [&str; 3] = ["python3", "python", "py"];

/// The oldest that the clients' newest versions take.
const OLDEST: (u32, u32) = (3, 10);

const PACKAGE: Package = Package {
    name: "Python",
    apt: &["python3", "python3-venv"],
    dnf: &["python3"],
    pacman: &["python"],
    apk: &["python3", "py3-pip"],
};

const HINT: &str = "install Python 3.10 or newer with its venv (Debian: `sudo apt install python3-venv`; \
                    macOS: `brew install python`; Windows: `winget install Python.Python.3.13`)";

/// The Python of a virtual environment in `folder` that holds what `requirements` names; made anew when
/// that file has changed.
pub fn with_packages(requirements: &Path, folder: &Path) -> Outcome<PathBuf> {
    let program = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = folder.join("installed.txt");
    let wanted = fs::read(requirements).map_err(|e| Failure::file("read", requirements, &e))?;
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) && works(&program) {
        return Ok(program);
    }
    let python = find_or_install()?;
    step("install Python packages", "clients of Kafka that others wrote", || {
        let mut venv = Command::new(&python);
        venv.args(["-m", "venv", "--clear"]).arg(folder);
        process::run(&mut venv, HINT)?;
        let mut pip = Command::new(&program);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(["--only-binary", ":all:", "--requirement"])
            .arg(requirements);
        process::run(&mut pip, "check that pip reaches its index, then run the command again")?;
        fs::write(&stamp, &wanted).map_err(|error| Failure::file("write", &stamp, &error))
    })?;
    Ok(program)
}

fn find_or_install() -> Outcome<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    step("install Python", "some clients are written in it", || system::install(&PACKAGE, HINT))?;
    find().ok_or_else(|| Failure::new("no Python here is new enough and makes environments", HINT))
}

fn find() -> Option<PathBuf> {
    NAMES.iter().filter_map(|name| process::find(name)).find(|program| works(program))
}

/// Whether it is new enough, and has what environments are made with: Debian leaves that out.
fn works(program: &Path) -> bool {
    let (major, minor) = OLDEST;
    let question =
        format!("import ensurepip, sys, venv; sys.exit(sys.version_info < ({major}, {minor}))");
    process::ask(Command::new(program).args(["-c", &question])).is_some()
}
