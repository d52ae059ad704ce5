//! `--reset-offsets` and `--delete-offsets` of share groups.

use highwater_cluster::client::errors::kafka_name;
use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::protocol::error::ResponseError;

use crate::programs::calls::{self, share_groups};
use crate::programs::consumer_groups::{date_time, parse_topics, print_plan};
use crate::programs::share_groups::arguments::Arguments;
use crate::programs::share_groups::print_error;
use crate::script::{Failure, Halt, Io, caught};

pub(super) fn reset(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<(), Halt> {
    let name = arguments.groups.first().map(String::as_str).unwrap_or_default();
    let group = share_groups::describe(io, name)?;
    if !group.members.is_empty() {
        print_error(io, &format!("Share group '{name}' is not empty."));
        return Ok(());
    }
    let partitions = wanted(io, arguments, name)?;
    let mut offsets = Vec::new();
    for partition in &partitions {
        offsets.push((partition.clone(), Offset(-1)));
    }
    let spec = match arguments.text("--to-datetime") {
        Some(date) => date_time(date)?.0,
        None if arguments.has("--to-earliest") => calls::EARLIEST,
        None => calls::LATEST,
    };
    let mut found = calls::list_offsets(io, &partitions, spec)?;
    let ends = calls::list_offsets(io, &partitions, calls::LATEST)?;
    for (partition, offset) in &mut offsets {
        let at = found.remove(partition).unwrap_or(Ok(-1)).map_err(Failure::in_future)?;
        // Nothing is as young as that: it begins with what comes.
        let end = ends.get(partition).and_then(|end| end.as_ref().ok()).copied();
        *offset = Offset(if at < 0 { end.unwrap_or(0) } else { at });
    }
    if arguments.has("--execute") {
        share_groups::alter(io, name, &offsets)?;
    }
    print_plan(io, &[(name.to_owned(), offsets)]);
    Ok(())
}

/// The partitions of the topics that are named, or all that the group reads.
fn wanted(
    io: &mut Io<'_, '_>,
    arguments: &Arguments,
    group: &str,
) -> Result<Vec<TopicPartition>, Halt> {
    if arguments.topics.is_empty() {
        return Ok(share_groups::starts(io, group)?.into_keys().collect());
    }
    let (mut partitions, whole) = parse_topics(&arguments.topics)?;
    for partition in calls::describe_all(io, &whole)? {
        partitions.push(partition.id);
    }
    partitions.sort();
    partitions.dedup();
    Ok(partitions)
}

pub(super) fn delete(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<(), Halt> {
    let group = arguments.groups.first().map(String::as_str).unwrap_or_default();
    let topics: Vec<TopicName> =
        arguments.topics.iter().map(|topic| TopicName::from(topic.as_str())).collect();
    let answers = match caught(share_groups::delete_offsets(io, group, &topics))? {
        Ok(answers) => answers,
        Err(failure) => {
            let message = failure.message.clone();
            print_error(io, &message);
            return Ok(());
        }
    };
    let widest = answers.keys().map(|topic| topic.as_str().chars().count()).max();
    let width = widest.unwrap_or(0).max(15);
    io.print("");
    io.print(&format!("{:<width$} STATUS", "TOPIC"));
    for (topic, error) in answers {
        let status = error.map_or("Successful".to_owned(), told);
        io.print(&format!("{:<width$} {status}", topic.as_str()));
    }
    Ok(())
}

fn told(error: ResponseError) -> String {
    format!("Error: {}", kafka_name(error))
}
