//! Family partitioner: which partition a record goes to, by its key or without one.

use std::path::Path;

use highwater_scenario::cluster::client::partitioner::{
    Partitions, StickyPartitioner, murmur2, partition_for_key, to_positive,
};
use highwater_scenario::cluster::ids::PartitionIndex;
use serde_json::{Value, json};

use super::report::{Difference, Replayed, Report, same};
use super::world::{int, unhex};

/// Replays keys and the choices of the sticky partitioner.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("partitioner");
    report.add_folder(dir, name, replay);
    report
}

fn name(scenario: &Value) -> String {
    match scenario.get("key_hex") {
        Some(key) => format!("key {key}"),
        None => format!("sticky, seed {}", scenario["seed"]),
    }
}

fn replay(scenario: &Value) -> Replayed {
    if scenario.get("key_hex").is_some() { replay_key(scenario) } else { replay_sticky(scenario) }
}

fn replay_key(scenario: &Value) -> Replayed {
    let key = unhex(&scenario["key_hex"]).expect("a key is hex");
    same("murmur2", int(scenario, "murmur2"), murmur2(&key).into())?;
    same("toPositive", int(scenario, "toPositive"), to_positive(murmur2(&key)).into())?;
    for (count, partition) in scenario["partition"].as_object().expect("partitions by count") {
        let found = partition_for_key(&key, count.parse().expect("a count"));
        same(format!("partition of {count}"), partition, &json!(found.0))?;
    }
    Ok(())
}

fn replay_sticky(scenario: &Value) -> Result<(), Difference> {
    let count = int(scenario, "partitions") as i32;
    let leaderless = numbers(&scenario["leaderless"]);
    let available: Vec<PartitionIndex> =
        (0..count).filter(|index| !leaderless.contains(index)).map(PartitionIndex).collect();
    let topic = Partitions { count, available: &available };
    let mut partitioner = StickyPartitioner::new(int(scenario, "stickyBatchSize") as u32);
    for (step, op) in scenario["ops"].as_array().expect("operations").iter().enumerate() {
        match op["op"].as_str().unwrap_or_default() {
            "loadStatsNull" => partitioner.update_load(None),
            "loadStats" => {
                let ids = numbers(&op["partitionIds"]).into_iter().map(PartitionIndex);
                let sizes = numbers(&op["queueSizes"]).into_iter().map(|size| size as u32);
                let queues: Vec<_> = ids.zip(sizes).collect();
                partitioner.update_load(Some(&queues));
            }
            _ => {
                let number = int(op, "random") as u32;
                let mut random = || number;
                let before = partitioner.current(topic, &mut random);
                same(format!("{step} partition"), int(op, "partition"), before.0.into())?;
                let may_switch = op["enableSwitch"].as_bool().expect("true or false");
                partitioner.appended(int(op, "bytes") as u32, may_switch, topic, &mut random);
                let after = partitioner.current(topic, &mut random);
                same(format!("{step} partitionAfter"), int(op, "partitionAfter"), after.0.into())?;
            }
        }
    }
    Ok(())
}

fn numbers(list: &Value) -> Vec<i32> {
    let numbers = list.as_array().expect("a list").iter();
    numbers.map(|number| number.as_i64().expect("a number") as i32).collect()
}
