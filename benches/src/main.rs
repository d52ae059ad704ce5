//! Measures the engine natively: record batches beside other libraries, and what grows with size.
//!
//! `highwater-benches [GROUP]..`, where a group is one of [`GROUPS`]; all of them without one.

mod assignors;
mod batches;
mod compaction;
mod compare;
mod growth;
mod log;
mod million;
mod simulation;
mod travel;

use std::process::ExitCode;

use lexopt::{Arg, Parser, ValueExt};

/// A group of measurements, and what prints it.
const GROUPS: [(&str, fn()); 8] = [
    ("batches", batches::print),
    ("log", log::print),
    ("compaction", compaction::print),
    ("simulation", simulation::print),
    ("growth", growth::print),
    ("travel", travel::print),
    ("assignors", assignors::print),
    ("million", million::print),
];

fn main() -> ExitCode {
    match wanted(Parser::from_env()) {
        Ok(groups) => {
            groups.iter().for_each(|print| print());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let names: Vec<_> = GROUPS.iter().map(|(name, _)| *name).collect();
            eprintln!("{error}\nusage: highwater-benches [GROUP].., of {}", names.join(", "));
            ExitCode::FAILURE
        }
    }
}

fn wanted(mut parser: Parser) -> Result<Vec<fn()>, lexopt::Error> {
    let mut groups = Vec::new();
    while let Some(argument) = parser.next()? {
        let Arg::Value(name) = argument else { return Err(argument.unexpected()) };
        let name = name.string()?;
        let found = GROUPS.iter().find(|(known, _)| *known == name);
        groups.push(found.ok_or_else(|| format!("there is no group `{name}`"))?.1);
    }
    if groups.is_empty() {
        groups = GROUPS.iter().map(|(_, print)| *print).collect();
    }
    Ok(groups)
}
