//! `--describe`: where share groups are, who is in them, and their states.

use std::collections::BTreeMap;

use highwater_cluster::ids::{TopicName, TopicPartition};

use crate::programs::calls::groups::Group;
use crate::programs::calls::{self, share_groups};
use crate::programs::share_groups::arguments::Arguments;
use crate::programs::share_groups::{print_error, wanted};
use crate::script::{Halt, Io};

pub(super) fn describe(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<(), Halt> {
    let is_verbose = arguments.has("--verbose");
    for name in wanted(io, arguments)? {
        let group = share_groups::describe(io, &name)?;
        if arguments.has("--members") {
            members(io, &group, is_verbose);
        } else if arguments.has("--state") {
            state(io, &group, is_verbose);
        } else {
            offsets(io, &name, is_verbose)?;
        }
    }
    Ok(())
}

fn offsets(io: &mut Io<'_, '_>, group: &str, is_verbose: bool) -> Result<(), Halt> {
    let starts = share_groups::starts(io, group)?;
    if starts.is_empty() {
        io.print("");
        io.print(&format!("Share group '{group}' has no offset information."));
        return Ok(());
    }
    let partitions: Vec<TopicPartition> = starts.keys().cloned().collect();
    let ends = calls::list_offsets(io, &partitions, calls::LATEST)?;
    let or_dash = |number: Option<i64>| number.map_or("-".to_owned(), |it| it.to_string());
    let group_width = group.chars().count().max(15);
    let topic_width = width(partitions.iter().map(|id| id.topic.as_str()));
    io.print("");
    let mut line = |cells: [&str; 6]| {
        let [group, topic, partition, epoch, start, lag] = cells;
        let mut line = format!("{group:<group_width$} {topic:<topic_width$} {partition:<10} ");
        if is_verbose {
            line.push_str(&format!("{epoch:<13} "));
        }
        io.print(&format!("{line}{start:<13} {lag}"));
    };
    line(["GROUP", "TOPIC", "PARTITION", "LEADER-EPOCH", "START-OFFSET", "LAG"]);
    for (id, start) in &starts {
        let end = ends.get(id).and_then(|end| end.as_ref().ok()).copied();
        let lag = start.offset.zip(end).map(|(start, end)| (end - start.0).max(0));
        line([
            group,
            id.topic.as_str(),
            &id.partition.to_string(),
            &or_dash(start.leader_epoch.map(i64::from)),
            &or_dash(start.offset.map(|offset| offset.0)),
            &or_dash(lag),
        ]);
    }
    Ok(())
}

fn state(io: &mut Io<'_, '_>, group: &Group, is_verbose: bool) {
    tell_if_empty(io, group);
    let coordinator = &group.coordinator;
    let place = format!("{}:{}  ({})", coordinator.host, coordinator.port, coordinator.id);
    let (group_width, place_width) = (group.id.chars().count().max(15), place.len().max(25));
    let epoch = |epoch: Option<i32>| epoch.map_or("-".to_owned(), |epoch| epoch.to_string());
    let count = group.members.len().to_string();
    io.print("");
    let mut line = |cells: [&str; 6]| {
        let [name, place, state, epoch, assignment, members] = cells;
        let mut line = format!("{name:<group_width$} {place:<place_width$} {state:<15} ");
        if is_verbose {
            line.push_str(&format!("{epoch:<12} {assignment:<17} "));
        }
        io.print(&format!("{line}{members}"));
    };
    line(["GROUP", "COORDINATOR (ID)", "STATE", "GROUP-EPOCH", "ASSIGNMENT-EPOCH", "#MEMBERS"]);
    let (group_epoch, assignment) = (epoch(group.epoch), epoch(group.assignment_epoch));
    line([&group.id, &place, &group.state, &group_epoch, &assignment, &count]);
}

fn members(io: &mut Io<'_, '_>, group: &Group, is_verbose: bool) {
    tell_if_empty(io, group);
    if group.members.is_empty() {
        return;
    }
    let all = &group.members;
    let group_width = group.id.chars().count().max(15);
    let id_width = width(all.iter().map(|member| member.id.as_str()));
    let host_width = width(all.iter().map(|member| member.host.as_str()));
    let client_width = width(all.iter().map(|member| member.client_id.as_str()));
    io.print("");
    let mut line = |cells: [&str; 7]| {
        let [name, id, host, client, count, epoch, assignment] = cells;
        let mut line = format!(
            "{name:<group_width$} {id:<id_width$} {host:<host_width$} {client:<client_width$} {count:<12} "
        );
        if is_verbose {
            line.push_str(&format!("{epoch:<13} "));
        }
        io.print(&format!("{line}{assignment}"));
    };
    line([
        "GROUP",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID",
        "#PARTITIONS",
        "MEMBER-EPOCH",
        "ASSIGNMENT",
    ]);
    let mut members: Vec<_> = all.iter().collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    for member in members {
        let epoch = member.epoch.unwrap_or_default().to_string();
        let count = member.assignment.len().to_string();
        let assignment = assignment_text(&member.assignment);
        let id = &member.id;
        line([&group.id, id, &member.host, &member.client_id, &count, &epoch, &assignment]);
    }
}

fn tell_if_empty(io: &mut Io<'_, '_>, group: &Group) {
    match group.state.as_str() {
        "Dead" => print_error(io, &format!("Share group '{}' does not exist.", group.id)),
        "Empty" => {
            io.print_error("");
            io.print_error(&format!("Share group '{}' has no active members.", group.id));
        }
        _ => {}
    }
}

/// `jobs:0,1;orders:2`
fn assignment_text(partitions: &[TopicPartition]) -> String {
    let mut topics: BTreeMap<&TopicName, Vec<i32>> = BTreeMap::new();
    for id in partitions {
        topics.entry(&id.topic).or_default().push(id.partition.0);
    }
    let topics = topics.into_iter().map(|(topic, mut indexes)| {
        indexes.sort_unstable();
        let indexes: Vec<String> = indexes.iter().map(ToString::to_string).collect();
        format!("{topic}:{}", indexes.join(","))
    });
    topics.collect::<Vec<_>>().join(";")
}

fn width<'a>(cells: impl Iterator<Item = &'a str>) -> usize {
    cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(15)
}
