//! The native program: plays scenarios, grades attempts, opens a shell, shows logs, and serves real clients.
//!
//! A command is a file: its options, which are also its help and its man page, and what it does.

use std::process::ExitCode;

use clap::Parser;

mod check;
mod dump;
mod opening;
mod options;
mod output;
mod pages;
mod playing;
mod problem;
mod run;
mod serve;
mod shell;

use options::{Command, Program};
use problem::{DONE, Problem};
use run::printed;

fn main() -> ExitCode {
    let program = match Program::try_parse() {
        Ok(program) => program,
        Err(message) => {
            // Help that nobody reads to its end is no mistake.
            let _ = message.print();
            return ExitCode::from(u8::try_from(message.exit_code()).unwrap_or(2));
        }
    };
    match run(program.command) {
        Ok(status) => ExitCode::from(status),
        Err(problem) => {
            let text = problem.to_string();
            if !text.is_empty() {
                eprintln!("{}", text.trim_end());
            }
            ExitCode::from(problem.exit_status())
        }
    }
}

/// Does what was asked for, and says with which exit status to end.
fn run(command: Command) -> Result<u8, Problem> {
    match command {
        Command::Run(options) => run::run(&options).map(|()| DONE),
        Command::Check(options) => check::check(&options),
        Command::Shell(options) => shell::shell(&options),
        Command::Dump(options) => dump::dump(&options).map(|()| DONE),
        Command::Serve(options) => Ok(serve::serve(options).map(|()| DONE)?),
        Command::Completions(options) => pages::completions(&options).map(|()| DONE),
        Command::Man(options) => pages::man(&options).map(|()| DONE),
    }
}
