//! How the tool writes assignments down, and how it speaks of reassignments.

use std::collections::BTreeMap;

use highwater_cluster::ids::TopicPartition;
use serde_json::Value;

use super::plan::{ANY_LOG_DIR, Replica, joined};

/// An assignment as the tool reads it again: `formatAsReassignmentJson`.
pub(super) fn as_json(
    replicas: &BTreeMap<TopicPartition, Vec<i32>>,
    log_dirs: &BTreeMap<Replica, String>,
) -> String {
    let partition = |(name, ids): (&TopicPartition, &Vec<i32>)| {
        let dirs = ids.iter().map(|id| {
            let dir = log_dirs.get(&(name.clone(), *id)).map_or(ANY_LOG_DIR, String::as_str);
            Value::from(dir)
        });
        format!(
            "{{\"topic\":{},\"partition\":{},\"replicas\":[{}],\"log_dirs\":[{}]}}",
            Value::from(name.topic.as_str()),
            name.partition,
            joined(ids, ","),
            joined(&dirs.collect::<Vec<_>>(), ",")
        )
    };
    let partitions: Vec<String> = replicas.iter().map(partition).collect();
    format!("{{\"version\":1,\"partitions\":[{}]}}", partitions.join(","))
}

/// Partitions in a row.
pub(super) fn names<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> String {
    let names: Vec<String> = partitions.into_iter().map(ToString::to_string).collect();
    names.join(",")
}

/// Errors, a line each.
pub(super) fn errors(errors: &BTreeMap<TopicPartition, String>) -> String {
    let lines: Vec<String> =
        errors.iter().map(|(name, error)| format!("{name}: {error}")).collect();
    lines.join("\n")
}

/// `s` where there are several.
pub(super) fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
