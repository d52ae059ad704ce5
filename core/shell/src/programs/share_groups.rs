//! `kafka-share-groups.sh`: `ShareGroupCommand` of Kafka's tools, with what it prints.

use highwater_cluster::program::Program;

use crate::admin::Admin;
use crate::command::Says;
use crate::programs::calls::{groups, share_groups};
use crate::script::{Halt, Io, Script, caught, process};
use crate::words::Word;

mod arguments;
mod describe;
mod offsets;

use arguments::Arguments;
pub(crate) use arguments::OPTIONS;

/// The process for `kafka-share-groups.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => {
            let admin = Admin::with_timeout(arguments.servers.clone(), arguments.timeout);
            process(ShareGroups { arguments }, admin)
        }
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct ShareGroups {
    arguments: Arguments,
}

impl Script for ShareGroups {
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        let arguments = &self.arguments;
        let done = match () {
            () if arguments.has("--list") => list(io, arguments),
            () if arguments.has("--describe") => describe::describe(io, arguments),
            () if arguments.has("--delete") => delete(io, arguments),
            () if arguments.has("--reset-offsets") => offsets::reset(io, arguments),
            () => offsets::delete(io, arguments),
        };
        if let Err(failure) = caught(done)? {
            if failure.class == "java.lang.IllegalArgumentException" {
                io.print_error(&failure.message);
                return Ok(1);
            }
            let message = &failure.message;
            print_error(io, &format!("Executing share group command failed due to {message}"));
            io.print_error(&failure.to_string());
            return Ok(1);
        }
        Ok(0)
    }
}

/// `printError`
fn print_error(io: &mut Io<'_, '_>, message: &str) {
    io.print("");
    io.print(&format!("Error: {message}"));
}

fn list(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<(), Halt> {
    let states = arguments.states()?;
    let listed = share_groups::list(io, &states)?;
    if !arguments.has("--state") {
        listed.iter().for_each(|group| io.print(&group.group_id));
        return Ok(());
    }
    let widest = listed.iter().map(|group| group.group_id.chars().count()).max();
    let width = widest.unwrap_or(0).max(15);
    io.print(&format!("{:<width$} STATE", "GROUP"));
    for group in &listed {
        io.print(&format!("{:<width$} {}", &*group.group_id.0, &*group.group_state));
    }
    Ok(())
}

/// The groups that are asked for.
fn wanted(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<Vec<String>, Halt> {
    if arguments.has("--all-groups") {
        let listed = share_groups::list(io, &[])?;
        return Ok(listed.iter().map(|group| group.group_id.to_string()).collect());
    }
    let mut groups = arguments.groups.clone();
    groups.sort();
    groups.dedup();
    Ok(groups)
}

fn delete(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<(), Halt> {
    let listed = share_groups::list(io, &[])?;
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for group in wanted(io, arguments)? {
        let state = listed.iter().find(|it| *it.group_id.0 == *group).map(|it| &it.group_state);
        let refused = match state.map(|state| &**state) {
            None => Some(format!(
                "org.apache.kafka.common.errors.GroupIdNotFoundException: Group '{group}' is not a share group."
            )),
            Some("Empty") => None,
            Some(_) => Some(format!(
                "org.apache.kafka.common.errors.GroupNotEmptyException: Share group '{group}' is not EMPTY."
            )),
        };
        match refused {
            Some(why) => failed.push((group, why)),
            None => match caught(groups::delete(io, &group))? {
                Ok(()) => deleted.push(format!("'{group}'")),
                Err(failure) => failed.push((group, failure.to_string())),
            },
        }
    }
    let deleted = deleted.join(", ");
    if failed.is_empty() {
        io.print(&format!("Deletion of requested share groups ({deleted}) was successful."));
        return Ok(());
    }
    print_error(io, "Deletion of some share groups failed:");
    for (group, why) in failed {
        io.print(&format!("* Group '{group}' could not be deleted due to: {why}"));
    }
    if !deleted.is_empty() {
        io.print("");
        io.print(&format!("These share groups were deleted successfully: {deleted}"));
    }
    Ok(())
}
