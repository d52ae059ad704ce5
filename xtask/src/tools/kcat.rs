//! kcat, a client on the command line: of the system, since it is no package of a language.

use std::path::PathBuf;

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::report::step;
use crate::tools::system::{self, Package};

const PACKAGE: Package =
    Package { name: "kcat", apt: &["kcat"], dnf: &[], pacman: &[], apk: &["kcat"] };

const HINT: &str = "install it (Debian: `sudo apt install kcat`; macOS: `brew install kcat`)";

/// The program, installed now where that is possible.
pub fn find_or_install() -> Outcome<PathBuf> {
    if let Some(found) = process::find("kcat") {
        return Ok(found);
    }
    step("install kcat", "a client on the command line", || system::install(&PACKAGE, HINT))?;
    process::find("kcat").ok_or_else(|| Failure::new("kcat is not found after all", HINT))
}
