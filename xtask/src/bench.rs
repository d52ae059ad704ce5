//! `cargo xtask bench`: the engine's speed, native and in WASM, side by side, and the page's against its budgets; with
//! `--peers`, beside other libraries; with `--servers`, what real clients see of it beside other servers.
//!
//! Native and page: both halves print lines `name<TAB>value<TAB>unit`: the program `bench` of the tests crate, and
//! the function `highwater_bench` that the page's module exports. Of the page itself, `frames.mjs`, `lines.mjs` and `drag.mjs` do.

mod servers;

use std::path::Path;
use std::process::Command;

use crate::budget::Budget;
use crate::build;
use crate::cli::Beside;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;
use crate::report::step;
use crate::tools::{chromium, node};

/// Measures the engine beside what is asked for.
pub fn run(project: &Project, beside: Beside) -> Outcome {
    match beside {
        Beside::Page => native_and_wasm(project),
        Beside::Libraries => beside_peers(project),
        Beside::Servers => servers::run(project),
    }
}

/// Runs the benchmarks of `benches/`, which print tables of their own. They are a workspace of their own, so that only who
/// measures compiles the other libraries.
fn beside_peers(project: &Project) -> Outcome {
    let mut cargo = process::cargo();
    cargo.current_dir(project.at("benches")).args(["run", "--release", "--quiet"]);
    step(
        "benchmarks",
        "beside other libraries, and at growing sizes; best on an idle machine",
        || process::run(&mut cargo, "mend what the compiler or the benchmark names above"),
    )
}

/// Prints a line for each name.
fn native_and_wasm(project: &Project) -> Outcome {
    let node = node::node()?;
    let browser = chromium::find_or_install()?;
    node::packages(project)?;
    let native = step("native", "the engine at its fastest", || native(project))?;
    build::run(project)?;
    let wasm = step("in WASM", "the engine as the page runs it", || {
        in_browser(project, "bench.mjs", &node, &browser)
    })?;
    print(&native, &wasm);
    let budget = Budget::read(project)?;
    for (part, script, why) in PAGE {
        let lines = step(part, why, || in_browser(project, script, &node, &browser))?;
        print_beside_budget(&lines, &budget);
    }
    Ok(())
}

/// What is measured of the page itself: the name, the program, and what it does.
const PAGE: [(&str, &str, &str); 3] = [
    ("frames", "frames.mjs", "5,000 messages in flight, beside a bare canvas"),
    ("lines", "lines.mjs", "100,000 lines of output in the terminal"),
    ("dragging", "drag.mjs", "any moment of ten virtual minutes at 1,000 records a second"),
];

/// One measurement.
#[derive(Debug, PartialEq)]
struct Line {
    name: String,
    value: f64,
    unit: String,
}

fn native(project: &Project) -> Outcome<Vec<Line>> {
    let mut cargo = process::cargo();
    cargo.current_dir(&project.root).args([
        "run",
        "--release",
        "--quiet",
        "--package",
        "highwater-tests",
        "--bin",
        "bench",
    ]);
    parse(&process::read(&mut cargo, "mend what the compiler or the benchmark names above")?)
}

/// Runs one of the measuring programs among the browser's tests.
fn in_browser(project: &Project, script: &str, node: &Path, browser: &Path) -> Outcome<Vec<Line>> {
    let mut command = Command::new(node);
    command.current_dir(&project.root).arg(project.e2e().join(script)).env("CHROME", browser);
    parse(&process::read(&mut command, "see whether the page itself works: `cargo xtask test`")?)
}

fn parse(text: &str) -> Outcome<Vec<Line>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let mut parts = line.split('\t');
            let (name, value, unit) = (parts.next(), parts.next(), parts.next());
            let value = value.and_then(|value| value.trim().parse().ok());
            match (name, value, unit, parts.next()) {
                (Some(name), Some(value), Some(unit), None) => {
                    Ok(Line { name: name.into(), value, unit: unit.trim().into() })
                }
                _ => Err(Failure::new(
                    format!("the benchmark printed `{line}`"),
                    "print lines name<TAB>value<TAB>unit, nothing else",
                )),
            }
        })
        .collect()
}

fn print(native: &[Line], wasm: &[Line]) {
    println!("\n{:<40} {:>16} {:>16} {:>9}  unit", "", "native", "WASM", "WASM/nat.");
    for line in native {
        let other = wasm.iter().find(|other| other.name == line.name);
        let shown = other.map_or("-".to_owned(), |other| number(other.value));
        let ratio =
            other.map_or("-".to_owned(), |other| format!("{:.2}", other.value / line.value));
        println!(
            "{:<40} {:>16} {:>16} {:>9}  {}",
            line.name,
            number(line.value),
            shown,
            ratio,
            line.unit
        );
    }
    for line in wasm.iter().filter(|line| native.iter().all(|other| other.name != line.name)) {
        println!(
            "{:<40} {:>16} {:>16} {:>9}  {}",
            line.name,
            "-",
            number(line.value),
            "-",
            line.unit
        );
    }
}

fn print_beside_budget(lines: &[Line], budget: &Budget) {
    println!("\n{:<40} {:>16} {:>16}  unit", "", "in the page", "budget");
    for Line { name, value, unit } in lines {
        let most = budget.most(name, unit);
        let word = match most {
            Some(most) if *value > most => "  over",
            Some(_) => "  within",
            None => "",
        };
        let most = most.map_or(String::new(), number);
        println!("{name:<40} {:>16} {most:>16}  {unit}{word}", number(*value));
    }
}

/// Large numbers whole, small ones with what makes them differ.
fn number(value: f64) -> String {
    if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_name_value_unit() {
        let line = Line { name: "produce".into(), value: 1.5e6, unit: "records/s".into() };
        assert_eq!(parse("produce\t1500000\trecords/s\n\n"), Ok(vec![line]));
        assert!(parse("produce 5").unwrap_err().to_string().contains("`produce 5`"));
    }

    #[test]
    fn numbers_show_what_matters() {
        assert_eq!(number(1_234_567.8), "1234568");
        assert_eq!(number(0.25), "0.250");
    }
}
