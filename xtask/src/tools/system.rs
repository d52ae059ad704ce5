//! What comes from the system's own package manager.

use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;

/// A program as the package managers know it that install without a question.
pub struct Package {
    /// What a person calls it.
    pub name: &'static str,
    /// Debian's and Ubuntu's packages.
    pub apt: &'static [&'static str],
    /// Fedora's; none if it has none.
    pub dnf: &'static [&'static str],
    /// Arch's.
    pub pacman: &'static [&'static str],
    /// Alpine's.
    pub apk: &'static [&'static str],
}

/// A manager, its words before the packages, and which packages.
type Manager = (&'static str, &'static [&'static str], fn(&Package) -> &'static [&'static str]);

const MANAGERS: [Manager; 4] = [
    ("apt-get", &["install", "--yes", "--no-install-recommends"], |package| package.apt),
    ("dnf", &["install", "--assumeyes"], |package| package.dnf),
    ("pacman", &["--sync", "--noconfirm", "--needed"], |package| package.pacman),
    ("apk", &["add"], |package| package.apk),
];

/// Installs it; `hint` is how a person does it by hand.
pub fn install(package: &Package, hint: &str) -> Outcome {
    let name = package.name;
    let manager = MANAGERS.iter().find(|(manager, ..)| process::find(manager).is_some());
    let Some((manager, words, packages)) =
        manager.filter(|(.., packages)| !packages(package).is_empty())
    else {
        let what = format!("no package manager here installs {name} unasked");
        return Err(Failure::new(what, hint));
    };
    let Some(prefix) = right_to_install() else {
        return Err(Failure::new(format!("installing {name} needs the rights of root"), hint));
    };
    if *manager == "apt-get" {
        // An old list names packages that are gone. If this fails, the installation says what is
        // wrong.
        let _ = process::run(&mut command(prefix, manager, &["update", "--quiet"]), hint);
    }
    let words: Vec<&str> = words.iter().chain(packages(package)).copied().collect();
    process::run(&mut command(prefix, manager, &words), hint)
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
