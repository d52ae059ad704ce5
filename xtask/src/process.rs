//! Starting other programs.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome};

/// Runs a command whose output the reader should see; `todo` is the advice if it fails.
pub fn run(command: &mut Command, todo: &str) -> Outcome {
    let shown = shown(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("`{shown}` ended with {status}"), todo)),
        Err(error) => Err(Failure::new(format!("`{shown}` did not start: {error}"), todo)),
    }
}

/// Runs a command for its standard output; what it writes to standard error is still seen.
pub fn read(command: &mut Command, todo: &str) -> Outcome<String> {
    let shown = shown(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::new(format!("`{shown}` did not start: {error}"), todo))?;
    if !output.status.success() {
        return Err(Failure::new(format!("`{shown}` ended with {}", output.status), todo));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asks a program something that it may not know, such as its version; `None` when it fails or is
/// not there.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The cargo that runs this program, without what cargo tells us about ourselves: build scripts
/// that look at those variables would be run again at each change of command.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (key, _) in env::vars_os() {
        let name = key.to_string_lossy();
        if name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || name == "CARGO_BIN_NAME"
        {
            command.env_remove(&key);
        }
    }
    command
}

/// Where a program is on PATH, under the name that this system gives to programs.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    env::split_paths(&path)
        .flat_map(|folder| {
            endings.iter().map(move |ending| folder.join(format!("{program}{ending}")))
        })
        .find(|file| is_program(file))
}

/// PATH with folders of our own in front.
pub fn path_with(front: &[PathBuf]) -> std::ffi::OsString {
    let old = env::var_os("PATH").unwrap_or_default();
    let folders = front.iter().cloned().chain(env::split_paths(&old));
    // Folders that hold a separator cannot be put on PATH at all: then the old one must do.
    env::join_paths(folders).unwrap_or(old)
}

fn is_program(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    file.is_file()
}

/// The command as one would type it, for messages.
fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_stem().unwrap_or(OsStr::new("?"));
    let words = std::iter::once(name).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        assert_eq!(
            shown(Command::new("/usr/bin/npm").args(["ci", "--no-fund"])),
            "npm ci --no-fund"
        );
    }

    #[test]
    fn a_missing_program_is_not_found_and_not_asked() {
        assert_eq!(find("no-such-program-here"), None);
        assert_eq!(ask(&mut Command::new("no-such-program-here")), None);
    }
}
