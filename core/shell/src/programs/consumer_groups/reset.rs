//! `--reset-offsets`, in all its forms: `GroupOffsetsResetter` of Kafka's tools.

use std::collections::BTreeMap;

use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::protocol::error::ResponseError;

use crate::java::{grown_hash_order, partition_hash, string_hash};
use crate::programs::calls::{self, groups};
use crate::programs::consumer_groups::arguments::{Arguments, scenarios, usage_error};
use crate::programs::consumer_groups::plan::{self, Offsets};
use crate::programs::consumer_groups::{datetime, groups as wanted_groups, print_error};
use crate::script::{Failure, Halt, Io, caught};

/// Offsets of a partition that are not there.
const UNKNOWN_OFFSET: i64 = -1;
const LOGGER: &str = "org.apache.kafka.tools.GroupOffsetsResetter";

pub(super) fn reset(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<(), Halt> {
    // Numbers are read before anything is asked.
    for option in ["--to-offset", "--shift-by", "--timeout"] {
        let class = "joptsimple.OptionArgumentConversionException";
        arguments.long(option).map_err(|message| Failure::new(class, message))?;
    }
    let mut wanted = wanted_groups(io, arguments)?;
    grown_hash_order(&mut wanted, |group| string_hash(group));
    let mut results: Vec<(String, Offsets)> = Vec::new();
    for group in wanted {
        let offsets = match caught(groups::describe(io, &group))? {
            Ok(described) if !matches!(described.state.as_str(), "Empty" | "Dead") => {
                let state = described.state;
                print_error(
                    io,
                    &format!(
                        "Assignments can only be reset if the group '{group}' is inactive, but the current state is {state}."
                    ),
                );
                Vec::new()
            }
            Err(failure) if failure.error != Some(ResponseError::GroupIdNotFound) => {
                return Err(failure.in_future().at_run_time().into());
            }
            // A group that is not there yet comes to be by this.
            _ => reset_inactive(io, arguments, &group)?,
        };
        results.push((group, offsets));
    }
    if arguments.has("--export") {
        let lines = plan::export(&results, arguments.groups.len() == 1);
        lines.iter().for_each(|line| io.print(line));
        io.print("");
    } else {
        print_plan(io, &results);
    }
    Ok(())
}

/// `printOffsetsToReset`
pub(crate) fn print_plan(io: &mut Io<'_, '_>, groups: &[(String, Offsets)]) {
    let widest = |texts: Vec<&str>| {
        texts.into_iter().map(|text| text.chars().count()).max().unwrap_or(0).max(15)
    };
    let group_width = widest(groups.iter().map(|(group, _)| group.as_str()).collect());
    let partitions = groups.iter().flat_map(|(_, offsets)| offsets);
    let topic_width = widest(partitions.map(|(id, _)| id.topic.as_str()).collect());
    io.print("");
    let mut line = |[group, topic, partition, offset]: [&str; 4]| {
        io.print(&format!("{group:<group_width$} {topic:<topic_width$} {partition:<10} {offset}"));
    };
    if !groups.is_empty() {
        line(["GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"]);
    }
    for (group, offsets) in groups {
        for (TopicPartition { topic, partition }, offset) in offsets {
            line([group, topic.as_str(), &partition.to_string(), &offset.to_string()]);
        }
    }
}

fn reset_inactive(
    io: &mut Io<'_, '_>,
    arguments: &Arguments,
    group: &str,
) -> Result<Offsets, Halt> {
    let partitions = partitions(io, arguments, group)?;
    check_all(io, &partitions)?;
    let mut offsets = prepare(io, arguments, group, &partitions)?;
    in_map_order(&mut offsets, |(partition, _)| partition);
    if arguments.has("--execute") {
        groups::commit(io, group, &offsets)?;
    }
    Ok(offsets)
}

/// The partitions that are meant.
fn partitions(
    io: &mut Io<'_, '_>,
    arguments: &Arguments,
    group: &str,
) -> Result<Vec<TopicPartition>, Halt> {
    if arguments.has("--all-topics") {
        return Ok(committed(io, group)?.into_keys().collect());
    }
    if !arguments.topics.is_empty() {
        let (mut partitions, whole) = parse_topics(&arguments.topics)?;
        let described = calls::describe_all(io, &whole)?;
        partitions.extend(described.into_iter().map(|partition| partition.id));
        return Ok(partitions);
    }
    if arguments.has("--from-file") {
        return Ok(Vec::new());
    }
    usage_exit(io, "One of the reset scopes should be defined: --all-topics, --topic.")
}

/// What `--topic` names: the partitions of topics that are written with them, and the whole topics.
pub(crate) fn parse_topics(
    topics: &[String],
) -> Result<(Vec<TopicPartition>, Vec<TopicName>), Failure> {
    let (some, whole): (Vec<&String>, Vec<&String>) =
        topics.iter().partition(|topic| topic.contains(':'));
    let mut partitions = Vec::new();
    for topic in some {
        partitions.extend(parse_partitions(topic)?);
    }
    Ok((partitions, whole.into_iter().map(|name| TopicName::from(name.as_str())).collect()))
}

/// `parseTopicsWithPartitions`: `orders:0,1`.
fn parse_partitions(argument: &str) -> Result<Vec<TopicPartition>, Failure> {
    // As Java splits: what is empty at the end does not count.
    let parts: Vec<&str> = argument.trim_end_matches(':').split(':').collect();
    let [topic, partitions] = parts.as_slice() else {
        return Err(Failure::illegal_argument(format!(
            "Invalid topic arg '{argument}', expected topic name and partitions"
        )));
    };
    let topic = TopicName::from(*topic);
    let partition = |text: &str| match text.parse() {
        Ok(index) => Ok(TopicPartition::new(&topic, index)),
        Err(_) => Err(Failure::illegal_argument(format!(
            "Invalid partition '{text}' specified in topic arg '{argument}''"
        ))),
    };
    partitions.trim_end_matches(',').split(',').map(partition).collect()
}

/// `checkAllTopicPartitionsValid`: they must be there, and have leaders.
fn check_all(io: &mut Io<'_, '_>, partitions: &[TopicPartition]) -> Result<(), Halt> {
    let mut topics: Vec<&TopicName> = partitions.iter().map(|partition| &partition.topic).collect();
    topics.sort();
    topics.dedup();
    let described = caught(calls::describe_all(io, topics))?;
    let described = described.map_err(|failure| failure.in_future().at_run_time())?;
    let listed = |wanted: &dyn Fn(&TopicPartition) -> bool| {
        let names = partitions.iter().filter(|id| wanted(id)).map(ToString::to_string);
        names.collect::<Vec<_>>().join(",")
    };
    let missing = listed(&|id| described.iter().all(|known| known.id != *id));
    if !missing.is_empty() {
        let message = format!("The partitions \"{missing}\" do not exist");
        return Err(Failure::of(ResponseError::UnknownTopicOrPartition, Some(&message)).into());
    }
    let headless =
        listed(&|id| described.iter().any(|known| known.id == *id && known.leader.is_none()));
    if !headless.is_empty() {
        let message = format!("The partitions \"{headless}\" have no leader");
        return Err(Failure::of(ResponseError::LeaderNotAvailable, Some(&message)).into());
    }
    Ok(())
}

/// `prepareOffsetsToReset`
fn prepare(
    io: &mut Io<'_, '_>,
    arguments: &Arguments,
    group: &str,
    partitions: &[TopicPartition],
) -> Result<Offsets, Halt> {
    let long = |option: &str| arguments.long(option).ok().flatten();
    let text = |option: &str| arguments.given.text(option);
    if let Some(offset) = long("--to-offset") {
        let wanted = partitions.iter().map(|partition| (partition.clone(), Offset(offset)));
        return in_range(io, wanted.collect());
    }
    if arguments.has("--to-earliest") {
        return ends(io, partitions, calls::EARLIEST);
    }
    if arguments.has("--to-latest") {
        return ends(io, partitions, calls::LATEST);
    }
    if let Some(by) = long("--shift-by") {
        let now = committed(io, group)?;
        let mut wanted = Vec::new();
        for partition in partitions {
            let Some(offset) = now.get(partition) else {
                return Err(Failure::illegal_argument(format!(
                    "Cannot shift offset for partition {partition} since there is no current committed offset"
                ))
                .into());
            };
            wanted.push((partition.clone(), Offset(offset.0.wrapping_add(by))));
        }
        return in_range(io, wanted);
    }
    if let Some(date) = text("--to-datetime") {
        let at = datetime::date_time(date)?;
        return since(io, partitions, at.0);
    }
    if let Some(duration) = text("--by-duration") {
        let length = datetime::duration_ms(duration)?;
        let (_, now) = io.now()?;
        return since(io, partitions, now.0.wrapping_sub(length));
    }
    if let Some(path) = text("--from-file") {
        let plan = plan::read(io, path, &arguments.groups)?;
        let Some((_, wanted)) = plan.into_iter().find(|(name, _)| name == group) else {
            print_error(io, &format!("No reset plan for group {group} found."));
            return Ok(Vec::new());
        };
        return in_range(io, wanted);
    }
    if arguments.has("--to-current") {
        let now = committed(io, group)?;
        let (has, has_not): (Vec<&TopicPartition>, Vec<&TopicPartition>) =
            partitions.iter().partition(|partition| now.contains_key(*partition));
        let mut offsets: Offsets =
            has.into_iter().map(|partition| (partition.clone(), now[partition])).collect();
        let has_not: Vec<TopicPartition> = has_not.into_iter().cloned().collect();
        offsets.extend(ends(io, &has_not, calls::LATEST)?);
        return Ok(offsets);
    }
    let scenarios = scenarios();
    usage_exit(
        io,
        &format!("Option '[reset-offsets]' requires one of the following scenarios: [{scenarios}]"),
    )
}

/// `checkOffsetsRange`: what lies outside of the log becomes its beginning or end.
fn in_range(io: &mut Io<'_, '_>, mut wanted: Offsets) -> Result<Offsets, Halt> {
    in_map_order(&mut wanted, |(partition, _)| partition);
    let partitions: Vec<TopicPartition> = wanted.iter().map(|(id, _)| id.clone()).collect();
    let starts = offsets_of(io, &partitions, calls::EARLIEST)?;
    let ends = offsets_of(io, &partitions, calls::LATEST)?;
    for (partition, offset) in &mut wanted {
        let (start, end) = (starts[partition], ends[partition]);
        let (limit, which) = match () {
            () if offset.0 > end => (end, "higher than latest"),
            () if offset.0 < start => (start, "lower than earliest"),
            () => continue,
        };
        let message = format!(
            "New offset ({offset}) is {which} offset for topic partition {partition}. Value will be set to {limit}."
        );
        io.warn(&message, LOGGER)?;
        *offset = Offset(limit);
    }
    Ok(wanted)
}

fn ends(io: &mut Io<'_, '_>, partitions: &[TopicPartition], spec: i64) -> Result<Offsets, Halt> {
    let found = offsets_of(io, partitions, spec)?;
    Ok(found.into_iter().map(|(partition, offset)| (partition, Offset(offset))).collect())
}

/// The first offsets with that timestamp or a later one: `getLogTimestampOffsets`.
fn since(
    io: &mut Io<'_, '_>,
    partitions: &[TopicPartition],
    timestamp: i64,
) -> Result<Offsets, Halt> {
    let mut found = ends(io, partitions, timestamp)?;
    let mut empty: Vec<TopicPartition> = Vec::new();
    found.retain(|(partition, offset)| {
        let is_found = offset.0 != UNKNOWN_OFFSET;
        if !is_found {
            empty.push(partition.clone());
        }
        is_found
    });
    in_map_order(&mut empty, |partition| partition);
    for TopicPartition { topic, partition } in &empty {
        io.print("");
        io.print(&format!(
            "Warn: Partition {partition} from topic {topic} is empty. Falling back to latest known offset."
        ));
    }
    found.extend(ends(io, &empty, calls::LATEST)?);
    Ok(found)
}

fn offsets_of(
    io: &mut Io<'_, '_>,
    partitions: &[TopicPartition],
    spec: i64,
) -> Result<BTreeMap<TopicPartition, i64>, Halt> {
    let mut offsets = BTreeMap::new();
    for (partition, found) in calls::list_offsets(io, partitions, spec)? {
        let offset = found.map_err(|failure| failure.in_future().at_run_time())?;
        offsets.insert(partition, offset);
    }
    Ok(offsets)
}

fn committed(io: &mut Io<'_, '_>, group: &str) -> Result<BTreeMap<TopicPartition, Offset>, Halt> {
    let committed = caught(groups::committed(io, group))?;
    let committed = committed.map_err(|failure| failure.in_future().at_run_time())?;
    Ok(committed.into_iter().map(|(partition, at)| (partition, at.offset)).collect())
}

/// `CommandLineUtils.printUsageAndExit`
fn usage_exit<T>(io: &mut Io<'_, '_>, message: &str) -> Result<T, Halt> {
    usage_error(message).iter().for_each(|line| io.print_error(line));
    Err(Halt::Exit(1))
}

/// Puts what goes by partitions into the order of a map of Java's.
fn in_map_order<T>(entries: &mut [T], partition: impl Fn(&T) -> &TopicPartition) {
    entries.sort_by(|a, b| partition(a).cmp(partition(b)));
    grown_hash_order(entries, |entry| partition_hash(partition(entry)));
}
