//! `--list`, and what is checked without any broker.

use highwater_cluster::consumer::TopicPattern;
use highwater_cluster::protocol::messages::list_groups_response::ListedGroup;

use crate::programs::calls::groups;
use crate::programs::consumer_groups::arguments::Arguments;
use crate::script::{Failure, Halt, Io, caught};

/// The states that a group of consumers can be in, in the order of the tool's set.
const STATES: [&str; 7] = [
    "PreparingRebalance",
    "CompletingRebalance",
    "Stable",
    "Dead",
    "Empty",
    "Assigning",
    "Reconciling",
];

pub(super) fn list(io: &mut Io<'_, '_>, arguments: &Arguments) -> Result<(), Halt> {
    let (has_type, has_state) = (arguments.has("--type"), arguments.has("--state"));
    if !has_type && !has_state {
        for name in names(io)? {
            io.print(&name);
        }
        return Ok(());
    }
    let types = types(arguments.given.text("--type").unwrap_or_default())?;
    let states = states(arguments.given.text("--state").unwrap_or_default())?;
    let listed = groups::list_consumers(io, &states, &types);
    let listed = caught(listed)?.map_err(Failure::in_future)?;
    let width =
        listed.iter().map(|group| group.group_id.chars().count()).max().unwrap_or(0).max(15) + 10;
    let mut line = |group: &str, kind: &str, state: &str| {
        let mut line = format!("{group:<width$}");
        if has_type {
            line.push_str(&format!(" {kind:<20}"));
        }
        if has_state {
            line.push_str(&format!(" {state:<20}"));
        }
        io.print(&line);
    };
    line("GROUP", "TYPE", "STATE");
    for ListedGroup { group_id, group_type, group_state, .. } in &listed {
        line(group_id, type_name(group_type), group_state);
    }
    Ok(())
}

/// `listConsumerGroups`
pub(super) fn names(io: &mut Io<'_, '_>) -> Result<Vec<String>, Halt> {
    let listed = caught(groups::list_consumers(io, &[], &[]))?;
    let listed = listed.map_err(|failure| failure.in_future().at_run_time())?;
    Ok(listed.iter().map(|group| group.group_id.to_string()).collect())
}

/// `--validate-regex`
pub(super) fn validate_regex(regex: &str) -> String {
    match TopicPattern::new(regex) {
        Ok(_) => format!("The regular expression `{regex}` is valid."),
        Err(why) => format!("The regular expression `{regex}` is invalid: {why}."),
    }
}

/// `GroupType.toString`
pub(super) fn type_name(kind: &str) -> &str {
    match kind {
        "consumer" => "Consumer",
        "classic" => "Classic",
        "share" => "Share",
        "streams" => "Streams",
        _ => "Unknown",
    }
}

fn types(list: &str) -> Result<Vec<String>, Failure> {
    let mut types = Vec::new();
    for name in list.to_lowercase().split(',').map(str::trim).filter(|_| !list.is_empty()) {
        match name {
            "classic" => types.push("Classic".to_owned()),
            "consumer" => types.push("Consumer".to_owned()),
            _ => {
                return Err(Failure::illegal_argument(format!(
                    "Invalid types list '{list}'. Valid types are: Consumer, Classic"
                )));
            }
        }
    }
    Ok(types)
}

fn states(list: &str) -> Result<Vec<String>, Failure> {
    let mut states = Vec::new();
    for name in list.split(',').map(str::trim).filter(|_| !list.is_empty()) {
        match STATES.iter().find(|state| state.eq_ignore_ascii_case(name)) {
            Some(state) => states.push((*state).to_owned()),
            None => {
                return Err(Failure::illegal_argument(format!(
                    "Invalid state list '{list}'. Valid states are: {}",
                    STATES.join(", ")
                )));
            }
        }
    }
    Ok(states)
}
