//! `kafka-consumer-groups.sh`: `ConsumerGroupCommand` of Kafka's tools, with what it prints.

use highwater_cluster::program::Program;

use crate::admin::Admin;
use crate::command::Says;
use crate::script::{Failure, Halt, Io, Script, caught, process};
use crate::words::Word;

mod arguments;
mod datetime;
mod delete;
mod describe;
mod list;
mod plan;
mod reset;
mod tables;

use arguments::{Arguments, usage_error};
pub(crate) use arguments::{OPTIONS, with_optional_values};
pub(crate) use datetime::date_time;
pub(crate) use reset::{parse_topics, print_plan};

/// The process for `kafka-consumer-groups.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    let arguments = match arguments::read(words) {
        Ok(arguments) => arguments,
        Err(refused) => return Says::refused(refused),
    };
    if let Some(regex) = arguments.given.text("--validate-regex") {
        return Says::lines([list::validate_regex(regex)]);
    }
    let admin = Admin::with_timeout(arguments.servers.clone(), arguments.timeout);
    process(ConsumerGroups { arguments }, admin)
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct ConsumerGroups {
    arguments: Arguments,
}

impl Script for ConsumerGroups {
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        let arguments = &self.arguments;
        if let Some(warning) = arguments.warning {
            io.print_error(warning);
        }
        let done = match () {
            () if arguments.has("--list") => list::list(io, arguments),
            () if arguments.has("--describe") => describe::describe(io, arguments),
            () if arguments.has("--delete") => delete::delete_groups(io, arguments),
            () if arguments.has("--reset-offsets") => reset::reset(io, arguments),
            () => delete::delete_offsets(io, arguments),
        };
        if let Err(failure) = caught(done)? {
            return Ok(failed(io, &failure));
        }
        Ok(0)
    }
}

/// The tool's last resort. What groups do not allow ends it well: its exit code is 0.
fn failed(io: &mut Io<'_, '_>, failure: &Failure) -> i32 {
    if failure.class == "java.lang.IllegalArgumentException" {
        usage_error(&failure.message).iter().for_each(|line| io.print_error(line));
        return 1;
    }
    let message = &failure.message;
    print_error(io, &format!("Executing consumer group command failed due to {message}"));
    io.print_error(&failure.to_string());
    0
}

/// `printError`
fn print_error(io: &mut Io<'_, '_>, message: &str) {
    io.print("");
    io.print(&format!("Error: {message}"));
}

/// The groups that are asked for: `listConsumerGroups` if that is all.
fn groups(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<Vec<String>, Halt> {
    if arguments.has("--all-groups") {
        return list::names(io);
    }
    // A map of futures, one for each group.
    let mut groups: Vec<String> = Vec::new();
    for group in &arguments.groups {
        if !groups.contains(group) {
            groups.push(group.clone());
        }
    }
    Ok(groups)
}
