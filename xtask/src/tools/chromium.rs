//! Chromium, in which the page is tested.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::report::step;
use crate::tools::system::{self, Package};

/// Names on PATH, the free one first.
const NAMES: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"];

/// Where installers put it on macOS and Windows, below the folders that `places` lists.
const PLACES: [&str; 6] = [
    "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Chromium/Application/chrome.exe",
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
];

const PACKAGE: Package = Package {
    name: "Chromium",
    apt: &["chromium"],
    dnf: &["chromium"],
    pacman: &["chromium"],
    apk: &["chromium"],
};

/// The browser: the one that `CHROME` names, one of the system, or one installed now.
pub fn find_or_install() -> Outcome<PathBuf> {
    if let Some(named) = env::var_os("CHROME").map(PathBuf::from) {
        let todo = "set CHROME to the program of Chromium, Chrome or Edge, or unset it";
        return if named.is_file() {
            Ok(named)
        } else {
            Err(Failure::new(format!("CHROME names {}, which is no file", named.display()), todo))
        };
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    step("install Chromium", "the page is tested in a real browser", || {
        system::install(&PACKAGE, hint())
    })?;
    find().ok_or_else(|| Failure::new("Chromium is not found after its installation", hint()))
}

fn find() -> Option<PathBuf> {
    let usual = places().into_iter().flat_map(|folder| PLACES.map(|place| folder.join(place)));
    NAMES
        .iter()
        .find_map(|name| process::find(name))
        .or_else(|| usual.into_iter().find(|path| path.is_file()))
}

fn places() -> Vec<PathBuf> {
    let named = ["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"]
        .iter()
        .filter_map(env::var_os)
        .map(PathBuf::from);
    let home = env::var_os("HOME").map(|home| Path::new(&home).join("Applications"));
    named.chain(home).chain([PathBuf::from("/Applications")]).collect()
}

/// How a person installs it here.
fn hint() -> &'static str {
    if cfg!(target_os = "macos") {
        "`brew install --cask google-chrome`, or set CHROME to the browser's program"
    } else if cfg!(windows) {
        "`winget install Google.Chrome`, or set CHROME to the browser's program"
    } else {
        "install it (Debian: `sudo apt install chromium`; Fedora: `sudo dnf install chromium`; Arch: \
         `sudo pacman -S chromium`; Ubuntu: Chrome's .deb), or set CHROME to the browser's program"
    }
}
