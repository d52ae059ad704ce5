//! Runs the worker as a process of its own. A stack that overflows, or an allocation that is refused,
//! ends a process without a word about the input; then a second worker goes over the last inputs again,
//! and writes each to a file before it runs.

use std::env::current_exe;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};

use crate::cli::Run;
use crate::worker::{REPORT_EVERY, folder};

/// Runs inputs; prints the figures at the end.
pub fn run(run: &Run) -> Result<(), String> {
    let ended = work(run)?;
    if ended.status.success() {
        println!("{}: {}", run.target.name, ended.figures);
        return Ok(());
    }
    if ended.status.code() == Some(1) {
        // The worker has told of the failure itself.
        return Err(format!("{}: an input failed", run.target.name));
    }
    let inputs = Some(2 * REPORT_EVERY);
    let again = Run { from: ended.reached, inputs, seconds: None, careful: true, ..run.clone() };
    let name = run.target.name;
    match work(&again)? {
        again if again.status.success() || again.status.code() == Some(1) => Err(format!(
            "{name}: the process ended with {} after input {} of seed {}, but not the second time",
            ended.status, ended.reached, run.seed
        )),
        again => Err(format!(
            "{name}: an input ended the process with {}\nrun it again: cargo xtask fuzz {name} --replay {}",
            again.status,
            folder().join(format!("{name}-last.bin")).display()
        )),
    }
}

/// How a worker ended.
struct Ended {
    status: ExitStatus,
    /// The last input that it spoke of.
    reached: u64,
    figures: String,
}

fn work(run: &Run) -> Result<Ended, String> {
    let program = current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let mut command = Command::new(program);
    command.args([run.target.name, "--worker", "--seed", &run.seed.to_string()]);
    command.args(["--from", &run.from.to_string()]);
    if let Some(inputs) = run.inputs {
        command.args(["--inputs", &inputs.to_string()]);
    }
    if let Some(seconds) = run.seconds {
        command.args(["--seconds", &seconds.as_secs().to_string()]);
    }
    if run.careful {
        command.arg("--careful");
    }
    let failed = |error| format!("cannot run the worker: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    let (mut reached, mut figures) = (run.from, String::new());
    let output = child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).lines());
    for line in output.map_while(Result::ok) {
        match line.split_once(' ') {
            Some(("at", number)) => reached = number.parse().unwrap_or(reached),
            Some(("done", rest)) => figures = rest.to_owned(),
            _ => println!("{line}"),
        }
    }
    let status = child.wait().map_err(failed)?;
    Ok(Ended { status, reached, figures })
}
