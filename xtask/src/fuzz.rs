//! `cargo xtask fuzz`: hostile input for everything that reads bytes, on the stable toolchain.
//!
//! The inputs and the readers are in the crate `highwater-fuzz`; here its program is built, and run for
//! one target after the other, the last time against a server.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use crate::cli::FuzzOptions;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;
use crate::report::step;

/// The profile of the program, which is also the folder that cargo builds it into.
const PROFILE: &str = "fuzz";
const PROGRAM: &str = "highwater-fuzz";

/// How many targets run at a time: a machine with two cores shall not wait for one of them.
const AT_A_TIME: usize = 2;

/// How long each target runs when nothing else is asked for.
const SECONDS: u64 = 60;

/// The target that is no reader: the inputs of `wire` over TCP, to a server that must be built for it. It runs when it is asked for.
const SERVED: &str = "served";

const TODO: &str = "mend what reads the input above; keep the input as a test";

/// Runs one target, or all.
pub fn run(project: &Project, options: &FuzzOptions) -> Outcome {
    let program = step("fuzz targets", "optimised, with all checks of a debug build", || {
        build(project, PROGRAM, PROGRAM)
    })?;
    let targets = match &options.target {
        Some(target) => vec![target.clone()],
        None => targets(&program)?,
    };
    let server = match targets.iter().any(|target| target == SERVED) {
        true => Some(step("highwater serve", "what is to stay up", || {
            build(project, "highwater-cli", "highwater")
        })?),
        false => None,
    };
    let what = format!("hostile input for {}", targets.join(", "));
    step("fuzz", &what, || all(&program, server.as_deref(), &targets, options))
}

/// Builds a program of a package in the profile for long trials: fast, and with all checks of a debug build.
pub fn build(project: &Project, package: &str, program: &str) -> Outcome<PathBuf> {
    let mut cargo = process::cargo();
    cargo.current_dir(&project.root).args(["build", "--profile", PROFILE, "--package", package]);
    process::run(&mut cargo, "mend what the compiler names above")?;
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    Ok(project.target()?.join(PROFILE).join(name))
}

fn targets(program: &Path) -> Outcome<Vec<String>> {
    let list = process::read(Command::new(program).arg("list"), "see what the program says")?;
    let names = list.lines().filter_map(|line| line.split('\t').next());
    Ok(names.map(str::to_owned).collect())
}

/// Runs targets side by side. All run to their end, so that one failure does not hide another.
fn all(
    program: &Path,
    server: Option<&Path>,
    targets: &[String],
    options: &FuzzOptions,
) -> Outcome {
    let left = Mutex::new(targets.iter());
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(target) = left.lock().ok().and_then(|mut left| left.next()) {
                    if let (Err(failure), Ok(mut failures)) = (
                        process::run(&mut command(program, server, target, options), TODO),
                        failures.lock(),
                    ) {
                        failures.push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_default();
    let count = failures.len();
    match failures.into_iter().next() {
        None => Ok(()),
        Some(first) if count == 1 => Err(first),
        Some(_) => Err(Failure::new(format!("{count} targets failed"), TODO)),
    }
}

fn command(program: &Path, server: Option<&Path>, target: &str, options: &FuzzOptions) -> Command {
    let mut command = Command::new(program);
    command.arg(target);
    if let Some(server) = server.filter(|_| target == SERVED) {
        command.arg("--program").arg(server);
    }
    if let Some(file) = &options.replay {
        command.arg("--replay").arg(file);
        return command;
    }
    let seconds = options.seconds.or(options.inputs.is_none().then_some(SECONDS));
    for (option, value) in
        [("--inputs", options.inputs), ("--seconds", seconds), ("--seed", options.seed)]
    {
        if let Some(value) = value {
            command.arg(option).arg(value.to_string());
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(options: &FuzzOptions) -> Vec<String> {
        let command = command(Path::new("fuzz"), None, "batch-decoder", options);
        command.get_args().map(|word| word.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_target_runs_for_a_minute_unless_told_otherwise() {
        assert_eq!(words(&FuzzOptions::default()), ["batch-decoder", "--seconds", "60"]);
        let options = FuzzOptions { inputs: Some(5), seed: Some(1), ..FuzzOptions::default() };
        assert_eq!(words(&options), ["batch-decoder", "--inputs", "5", "--seed", "1"]);
        let options = FuzzOptions { replay: Some("a.bin".into()), ..FuzzOptions::default() };
        assert_eq!(words(&options), ["batch-decoder", "--replay", "a.bin"]);
    }
}
