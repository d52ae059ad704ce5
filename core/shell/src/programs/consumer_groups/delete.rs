//! `--delete` and `--delete-offsets`.

use std::collections::BTreeMap;

use highwater_cluster::ids::TopicPartition;
use highwater_cluster::protocol::error::ResponseError;

use crate::java::{grown_hash_order, string_hash};
use crate::programs::calls::{self, groups};
use crate::programs::consumer_groups::arguments::Arguments;
use crate::programs::consumer_groups::reset::parse_topics;
use crate::programs::consumer_groups::{groups as wanted_groups, print_error};
use crate::script::{Failure, Halt, Io, caught};

pub(super) fn delete_groups(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<(), Halt> {
    let mut wanted = wanted_groups(io, arguments)?;
    grown_hash_order(&mut wanted, |group| string_hash(group));
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for group in wanted {
        match caught(groups::delete(io, &group))? {
            Ok(()) => deleted.push(format!("'{group}'")),
            Err(failure) => failed.push((group, failure)),
        }
    }
    let deleted = deleted.join(", ");
    if failed.is_empty() {
        io.print(&format!("Deletion of requested consumer groups ({deleted}) was successful."));
        return Ok(());
    }
    print_error(io, "Deletion of some consumer groups failed:");
    for (group, failure) in failed {
        io.print(&format!("* Group '{group}' could not be deleted due to: {failure}"));
    }
    if !deleted.is_empty() {
        io.print("");
        io.print(&format!("These consumer groups were deleted successfully: {deleted}"));
    }
    Ok(())
}

/// What became of a partition; -1 stands for a topic that is not there.
type Results = BTreeMap<TopicPartition, Option<Failure>>;

pub(super) fn delete_offsets(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<(), Halt> {
    let group = arguments.groups.first().map(String::as_str).unwrap_or_default();
    let mut results = Results::new();
    let partitions = named_partitions(io, &arguments.topics, &mut results)?;
    let error = match caught(groups::delete_offsets(io, group, &partitions))? {
        Ok(answers) => {
            let mut first = None;
            for partition in partitions {
                let error = answers.get(&partition).copied().flatten();
                first = first.or(error);
                results.insert(partition, error.map(|error| Failure::of(error, None)));
            }
            first
        }
        Err(failure) => {
            for partition in partitions {
                results.insert(partition, Some(failure.clone()));
            }
            failure.error.or(Some(ResponseError::RequestTimedOut))
        }
    };
    tell(io, group, error);
    print_results(io, &results);
    Ok(())
}

/// The partitions that are named, and all of the topics that are named without.
fn named_partitions(
    io: &mut Io<'_, '_>,
    topics: &[String],
    results: &mut Results,
) -> Result<Vec<TopicPartition>, Halt> {
    let (mut partitions, whole) = parse_topics(topics)?;
    for (topic, described) in calls::describe_topics(io, &whole)? {
        match described {
            Ok(described) => partitions.extend(described.into_iter().map(|it| it.id)),
            Err(failure) => {
                results.insert(TopicPartition::new(&topic, -1), Some(failure));
            }
        }
    }
    partitions.sort();
    partitions.dedup();
    Ok(partitions)
}

/// Says how it went as a whole.
fn tell(io: &mut Io<'_, '_>, group: &str, error: Option<ResponseError>) {
    use ResponseError as E;
    let Some(error) = error else {
        return io.print(&format!("Request succeeded for deleting offsets from group {group}."));
    };
    match error {
        E::InvalidGroupId | E::GroupIdNotFound | E::GroupAuthorizationFailed | E::NonEmptyGroup => {
            print_error(io, &Failure::of(error, None).message);
        }
        E::GroupSubscribedToTopic | E::TopicAuthorizationFailed | E::UnknownTopicOrPartition => {
            let message = "Encountered some partition-level error, see the follow-up details.";
            print_error(io, message);
        }
        error => {
            let name = highwater_cluster::client::errors::kafka_name(error);
            print_error(io, &format!("Encountered some unknown error: {name}"));
        }
    }
}

fn print_results(io: &mut Io<'_, '_>, results: &Results) {
    let topics = results.keys().map(|partition| partition.topic.as_str().chars().count());
    let width = topics.max().unwrap_or(0).max(15);
    io.print("");
    io.print(&format!("{:<width$} {:<10} {:<15}", "TOPIC", "PARTITION", "STATUS"));
    let mut rows: Vec<_> = results.iter().collect();
    rows.sort_by_key(|(id, _)| format!("{}{}", id.topic, id.partition));
    for (TopicPartition { topic, partition }, failure) in rows {
        let partition = match partition.0 {
            -1 => "-".to_owned(),
            index => index.to_string(),
        };
        let status = match failure {
            // What the future of one partition throws.
            Some(failure) => format!("Error: {failure}"),
            None => "Successful".to_owned(),
        };
        io.print(&format!("{:<width$} {partition:<10} {status:<15}", topic.as_str()));
    }
}
