//! A million records through a producer, three replicas and a group of four: natively, and the same engine in
//! WebAssembly under Node.

use std::process::Command;

use cpu_time::ThreadTime;
use highwater_benches_wasm::{RECORDS, play};

/// Prints the seconds of the processor that it takes, and records in a second.
pub fn print() {
    println!("\n{RECORDS} records through produce, three replicas and a group of four");
    let begin = ThreadTime::now();
    play();
    row("natively", begin.elapsed().as_secs_f64());
    match in_wasm() {
        Ok(seconds) => row("WASM in Node", seconds),
        Err(problem) => println!("{:<14} {problem}", "WASM in Node"),
    }
}

fn row(what: &str, seconds: f64) {
    println!("{what:<14} {seconds:>7.2} s {:>12.0} records/s", RECORDS as f64 / seconds);
}

/// Builds the module and plays it: seconds; or why not.
fn in_wasm() -> Result<f64, String> {
    let here = env!("CARGO_MANIFEST_DIR");
    let target = "wasm32-unknown-unknown";
    let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    cargo.current_dir(here).args(["build", "--release", "--quiet", "--target", target]);
    said(cargo.args(["--package", "highwater-benches-wasm"]))?;
    let module = format!("{here}/target/{target}/release/highwater-benches-wasm.wasm");
    let seconds = said(Command::new("node").current_dir(here).args(["wasm/run.mjs", &module]))?;
    seconds.trim().parse().map_err(|_| format!("it printed {seconds:?}"))
}

fn said(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}
