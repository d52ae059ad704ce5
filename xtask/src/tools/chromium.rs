//! Chromium, in which the page is tested.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::report::step;

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

/// Package managers that install it without a question, and their words for it.
const MANAGERS: [(&str, &[&str]); 4] = [
    ("apt-get", &["install", "--yes", "--no-install-recommends", "chromium"]),
    ("dnf", &["install", "--assumeyes", "chromium"]),
    ("pacman", &["--sync", "--noconfirm", "--needed", "chromium"]),
    ("apk", &["add", "chromium"]),
];

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
    step("install Chromium", "the page is tested in a real browser", install)?;
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

fn install() -> Outcome {
    let Some((manager, words)) =
        MANAGERS.iter().find(|(manager, _)| process::find(manager).is_some())
    else {
        return Err(Failure::new("no package manager here installs Chromium unasked", hint()));
    };
    let Some(prefix) = right_to_install() else {
        return Err(Failure::new("installing Chromium needs the rights of root", hint()));
    };
    if *manager == "apt-get" {
        // An old list names packages that are gone. If this fails, the installation says what is
        // wrong.
        let _ = process::run(&mut command(prefix, manager, &["update", "--quiet"]), hint());
    }
    process::run(&mut command(prefix, manager, words), hint())
}

/// What must stand in front of a package manager: nothing for root, sudo where it asks no password.
fn right_to_install() -> Option<&'static [&'static str]> {
    if process::ask(Command::new("id").arg("-u")).as_deref() == Some("0") {
        return Some(&[]);
    }
    process::ask(Command::new("sudo").args(["-n", "true"])).map(|_| ["sudo", "-n"].as_slice())
}

fn command(prefix: &[&str], manager: &str, words: &[&str]) -> Command {
    let mut all = prefix.iter().chain([&manager]).chain(words);
    let mut command = Command::new(all.next().copied().unwrap_or(manager));
    command.args(all).env("DEBIAN_FRONTEND", "noninteractive");
    command
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
