//! The project's commands: `cargo xtask serve`, `test`, `content`, `conformance`, `simulate`, `fuzz`, `clients`,
//! `soak`, `build`, `size`, `bench`, `gallery`.
//!
//! One program instead of shell scripts, so that Windows, macOS and Linux run the same steps. It
//! installs what is missing into the project's own `.tools/` folder, says in one line what it does
//! and why, and on failure what to do.

mod bench;
mod budget;
mod build;
mod cli;
mod clients;
mod compress;
mod conformance;
mod content;
mod copy;
mod docs;
mod failure;
mod fuzz;
mod gallery;
mod lighten;
mod lockfile;
mod offline;
mod page;
mod process;
mod profile;
mod project;
mod report;
mod serve;
mod sha256;
mod simulate;
mod size;
mod split;
mod test;
mod tools;

use std::process::ExitCode;

use cli::Task;
use failure::Outcome;
use project::Project;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome {
    let task = cli::parse(std::env::args_os().skip(1))?;
    let project = Project::find();
    match task {
        Task::Help => {
            print!("{}", cli::HELP);
            Ok(())
        }
        Task::Serve(options) => serve::run(&project, &options),
        Task::Test { quick } => test::run(&project, quick),
        Task::Content(words) => content::run(&project, &words),
        Task::Conformance { dir } => conformance::run(&project, dir.as_deref()),
        Task::Build { quick: false } => build::run(&project),
        Task::Build { quick: true } => build::quick(&project),
        Task::Size => size::run(&project),
        Task::Simulate(words) => simulate::run(&project, &words),
        Task::Bench(beside) => bench::run(&project, beside),
        Task::Fuzz(options) => fuzz::run(&project, &options),
        Task::Clients(options) => clients::run(&project, &options),
        Task::Soak(options) => clients::soak::run(&project, &options),
        Task::Docs => docs::run(&project),
        Task::Gallery => gallery::run(&project),
        Task::Profile => profile::run(&project),
        Task::Shrink => build::shrink_served(&project),
    }
}
