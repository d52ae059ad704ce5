//! Tries everything that reads bytes with millions of hostile inputs, on the stable toolchain.
//!
//! Inputs are made by a seeded generator from valid ones, by damage that knows their structure. Each
//! follows from target, seed and number alone. An input fails if reading it panics, gives something that
//! is wrong, takes longer than [`worker::LONGEST`], or holds more memory than its target's bound. It is
//! then kept as a file, from which `--replay` runs it again.
//!
//! The streams of one target also go to a running server, over TCP: see [`served`].
//!
//! The inputs run in a process of their own, since not every failure leaves its process alive: see
//! [`supervisor`].

mod batches;
mod cli;
mod mutate;
mod requests;
mod rng;
mod scripts;
mod served;
mod supervisor;
mod targets;
#[cfg(test)]
mod tests;
mod typed;
mod worker;

use std::alloc::System;
use std::process::ExitCode;

use cap::Cap;

use cli::Task;

/// Counts what is allocated. One input runs at a time, so that the count is its own.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

fn main() -> ExitCode {
    let outcome = match cli::parse() {
        Ok(Task::List) => {
            targets::ALL.iter().for_each(|target| println!("{}\t{}", target.name, target.reads));
            Ok(())
        }
        Ok(Task::Run(run)) => supervisor::run(&run),
        Ok(Task::Work(run)) => worker::run(&run),
        Ok(Task::Served(task)) => served::run(&task),
        Ok(Task::Replay { target, file }) => worker::replay(target, &file),
        Err(message) => Err(message),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
