//! The reassignment that a file asks for, read and checked.

use std::collections::BTreeMap;

use highwater_cluster::ids::{TopicName, TopicPartition};
use serde_json::Value;

use crate::programs::json_file::{self, Exception};

/// As a log directory: the broker may choose.
pub(super) const ANY_LOG_DIR: &str = "any";

/// A replica: the partition and the broker's id.
pub(super) type Replica = (TopicPartition, i32);

/// What a reassignment file asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// The replicas that each partition is to have, in the order of the file.
    pub(super) targets: Vec<(TopicPartition, Vec<i32>)>,
    /// Replicas that are to lie in a certain log directory.
    pub(super) log_dirs: BTreeMap<Replica, String>,
}

impl Plan {
    pub(super) fn read(text: &str) -> Result<Self, Exception> {
        let json: Value = serde_json::from_str(text).map_err(|error| {
            // Kafka's parser words it differently; where the mistake stands is what helps.
            let message =
                format!("com.fasterxml.jackson.core.JsonParseException: not valid JSON: {error}");
            Exception::operation(message)
        })?;
        check_version(&json)?;
        let mut plan = Plan::default();
        let Some(partitions) = json.get("partitions") else { return Ok(plan) };
        for entry in json_file::list(partitions)? {
            plan.add(entry)?;
        }
        Ok(plan)
    }

    fn add(&mut self, entry: &Value) -> Result<(), Exception> {
        let topic = TopicName::from(json_file::text(json_file::required(entry, "topic")?)?);
        let index = json_file::integer(json_file::required(entry, "partition")?)?;
        let partition = TopicPartition::new(&topic, index);
        let replicas = json_file::list(json_file::required(entry, "replicas")?)?;
        let replicas: Vec<i32> =
            replicas.iter().map(json_file::integer).collect::<Result<_, _>>()?;
        if let Some(dirs) = entry.get("log_dirs") {
            let dirs = json_file::list(dirs)?;
            let dirs: Vec<&str> = dirs.iter().map(json_file::text).collect::<Result<_, _>>()?;
            if dirs.len() != replicas.len() {
                return Err(Exception::failed(format!(
                    "Size of replicas list [{}] is different from size of log dirs list [{}] for partition {partition}",
                    joined(&replicas, ", "),
                    dirs.join(", ")
                )));
            }
            let chosen = replicas.iter().zip(dirs).filter(|(_, dir)| *dir != ANY_LOG_DIR);
            self.log_dirs
                .extend(chosen.map(|(id, dir)| ((partition.clone(), *id), dir.to_owned())));
        }
        self.targets.push((partition, replicas));
        Ok(())
    }

    /// What must be right before anything is executed. `parseExecuteAssignmentArgs`.
    pub(super) fn check(&self) -> Result<(), Exception> {
        if self.targets.is_empty() {
            return Err(Exception::failed("Partition reassignment list cannot be empty"));
        }
        if self.targets.iter().any(|(_, replicas)| replicas.is_empty()) {
            return Err(Exception::failed("Partition replica list cannot be empty"));
        }
        let names: Vec<&TopicPartition> = self.targets.iter().map(|(name, _)| name).collect();
        let twice = duplicates(&names);
        if !twice.is_empty() {
            return Err(Exception::failed(format!(
                "Partition reassignment contains duplicate topic partitions: {}",
                joined(&twice, ",")
            )));
        }
        let doubled = self.targets.iter().filter_map(|(name, replicas)| {
            let twice = duplicates(replicas);
            (!twice.is_empty())
                .then(|| format!("{name} contains multiple entries for {}", joined(&twice, ",")))
        });
        let doubled: Vec<String> = doubled.collect();
        if !doubled.is_empty() {
            return Err(Exception::failed(format!(
                "Partition replica lists may not contain duplicate entries: {}",
                doubled.join(". ")
            )));
        }
        Ok(())
    }

    /// The topics that are named, each once, in the order of their names.
    pub(super) fn topics(&self) -> Vec<TopicName> {
        let mut topics: Vec<TopicName> =
            self.targets.iter().map(|(name, _)| name.topic.clone()).collect();
        topics.sort();
        topics.dedup();
        topics
    }

    /// The targets in the order of their partitions, in which the tool speaks of them.
    pub(super) fn sorted(&self) -> BTreeMap<TopicPartition, Vec<i32>> {
        self.targets.iter().cloned().collect()
    }
}

/// The topics that a file for `--generate` names.
pub(super) fn topics_to_move(text: &str) -> Result<Vec<TopicName>, Exception> {
    let parsed: Option<Value> = serde_json::from_str(text).ok();
    let json =
        parsed.ok_or_else(|| Exception::operation("The input string is not a valid JSON"))?;
    check_version(&json)?;
    let Some(topics) = json.get("topics") else { return Ok(Vec::new()) };
    let name = |entry| json_file::required(entry, "topic").and_then(json_file::text);
    let names = json_file::list(topics)?.iter().map(|entry| name(entry).map(TopicName::from));
    let names: Vec<TopicName> = names.collect::<Result<_, _>>()?;
    let twice = duplicates(&names);
    if twice.is_empty() {
        return Ok(names);
    }
    let message = format!(
        "List of topics to reassign contains duplicate entries: [{}]",
        joined(&twice, ", ")
    );
    Err(Exception::failed(message))
}

/// The brokers of `--broker-list`.
pub(super) fn broker_list(text: &str) -> Result<Vec<i32>, Exception> {
    let number = |text: &str| {
        text.parse::<i32>().map_err(|_| {
            let message = format!("For input string: \"{text}\"");
            Exception::new("java.lang.NumberFormatException", message)
        })
    };
    let ids: Vec<i32> = text.split(',').map(number).collect::<Result<_, _>>()?;
    let twice = duplicates(&ids);
    if twice.is_empty() {
        return Ok(ids);
    }
    let message = format!("Broker list contains duplicate entries: [{}]", joined(&twice, ", "));
    Err(Exception::failed(message))
}

/// Things in a row.
pub(super) fn joined<T: ToString>(things: &[T], separator: &str) -> String {
    things.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}

fn check_version(json: &Value) -> Result<(), Exception> {
    match json.get("version").map_or(Ok(1), json_file::integer)? {
        1 => Ok(()),
        other => Err(Exception::operation(format!("Not supported version field value {other}"))),
    }
}

/// What stands in a list more than once, in order.
fn duplicates<T: Ord + Clone>(things: &[T]) -> Vec<T> {
    let mut sorted = things.to_vec();
    sorted.sort();
    let mut twice: Vec<T> =
        sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect();
    twice.dedup();
    twice
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let error = Plan::read(text).and_then(|plan| plan.check()).unwrap_err();
        assert!(error.message.starts_with(expected), "{text} gave {error:?}");
    }

    #[test]
    fn a_plan_that_makes_no_sense_is_refused_in_kafkas_words() {
        check(r#"{"version":1,"partitions":[]}"#, "Partition reassignment list cannot be empty");
        check(r#"{"version":2,"partitions":[]}"#, "Not supported version field value 2");
        check(
            r#"{"partitions":[{"topic":"a","partition":0,"replicas":[]}]}"#,
            "Partition replica list cannot be empty",
        );
        check(
            r#"{"partitions":[{"topic":"a","partition":0,"replicas":[1,1]}]}"#,
            "Partition replica lists may not contain duplicate entries: a-0 contains multiple entries for 1",
        );
        check(
            r#"{"partitions":[{"topic":"a","partition":0,"replicas":[1]},{"topic":"a","partition":0,"replicas":[2]}]}"#,
            "Partition reassignment contains duplicate topic partitions: a-0",
        );
        check(
            r#"{"partitions":[{"topic":"a","partition":0,"replicas":[1,2],"log_dirs":["any"]}]}"#,
            "Size of replicas list [1, 2] is different from size of log dirs list [any] for partition a-0",
        );
        check(
            r#"{"partitions":[{"topic":"a","replicas":[1]}]}"#,
            "No such field exists: `partition`",
        );
        check(r#"{"partitions":[{"topic":5}]}"#, "Expected `String` value, received 5");
        check("{", "com.fasterxml.jackson.core.JsonParseException: ");
    }

    #[test]
    fn topics_and_brokers_are_named_once() {
        let topics = r#"{"topics":[{"topic":"a"},{"topic":"a"}],"version":1}"#;
        let error = topics_to_move(topics).unwrap_err();
        assert_eq!(error.message, "List of topics to reassign contains duplicate entries: [a]");
        let error = broker_list("1,2,1").unwrap_err();
        assert_eq!(error.message, "Broker list contains duplicate entries: [1]");
        assert_eq!(broker_list("1,x").unwrap_err().message, "For input string: \"x\"");
        assert_eq!(broker_list("3,1"), Ok(vec![3, 1]));
    }
}
