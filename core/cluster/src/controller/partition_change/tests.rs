//! Changes as recorded from Kafka's own builder.

use std::collections::BTreeSet;

use highwater_log::LeaderEpoch;
use serde_json::Value;

use super::{Election, PartitionChangeBuilder};
use crate::ids::{BrokerId, PartitionEpoch, PartitionIndex, TopicId};
use crate::metadata::PartitionRegistration;
use crate::metadata::record::PartitionChangeRecord;

#[test]
fn as_recorded() {
    let recorded =
        include_str!("../../../../../tests/oracle/partition-change/partition-change.jsonl");
    let mut failures = Vec::new();
    for line in recorded.lines() {
        let scenario: Value = serde_json::from_str(line).unwrap();
        let mut partition = registration(&scenario["initial"]);
        for (number, op) in scenario["ops"].as_array().unwrap().iter().enumerate() {
            let change = change(&scenario, &partition, op);
            let after = registration(&op["after"]);
            let ours = change.as_ref().map_or(partition.clone(), |change| partition.merge(change));
            if ours != after || change.is_some() != op["changed"].as_bool().unwrap() {
                failures.push(format!(
                    "seed {} op {number} {op}\n  before {partition:?}\n  ours   {ours:?}\n  kafka  {after:?}",
                    scenario["seed"]
                ));
            }
            partition = after;
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures, first:\n{}",
        failures.len(),
        failures[..failures.len().min(5)].join("\n")
    );
}

fn change(
    scenario: &Value,
    partition: &PartitionRegistration,
    op: &Value,
) -> Option<PartitionChangeRecord> {
    let alive: BTreeSet<BrokerId> = ids(&op["alive"]).into_iter().collect();
    let is_alive = |id: BrokerId| alive.contains(&id);
    let min_isr = scenario["minIsr"].as_u64().unwrap() as usize;
    let elr_enabled = scenario["elrEnabled"].as_bool().unwrap();
    let builder = PartitionChangeBuilder::new(
        (TopicId(7), PartitionIndex(0)),
        partition,
        min_isr,
        elr_enabled,
        &is_alive,
    );
    let broker = op["broker"].as_i64().map(|id| BrokerId(id as i32));
    let without = |broker: Option<BrokerId>| {
        partition.isr.iter().filter(|id| Some(**id) != broker).copied().collect::<Vec<_>>()
    };
    match op["op"].as_str().unwrap() {
        "alterPartition" => {
            let recovers = op["recovered"].as_bool() == Some(true);
            builder.isr(ids(&op["newIsr"])).recovering(partition.recovering && !recovers).build()
        }
        "brokerFenced" => builder.isr(without(broker)).build(),
        "brokerUnfenced" => builder.build(),
        "brokerUncleanShutdown" => builder.isr(without(broker)).unclean_shutdown(broker).build(),
        "electPreferred" => builder.election(Election::Preferred).build(),
        "electUnclean" => builder.election(Election::Unclean).build(),
        other => panic!("{other} is no operation"),
    }
}

fn registration(value: &Value) -> PartitionRegistration {
    let leader = value["leader"].as_i64().unwrap() as i32;
    PartitionRegistration {
        replicas: ids(&value["replicas"]),
        isr: ids(&value["isr"]),
        elr: ids(&value["elr"]),
        last_known_elr: ids(&value["lastKnownElr"]),
        removing: ids(&value["removing"]),
        adding: ids(&value["adding"]),
        leader: (leader >= 0).then_some(BrokerId(leader)),
        leader_epoch: LeaderEpoch(value["leaderEpoch"].as_i64().unwrap() as i32),
        partition_epoch: PartitionEpoch(value["partitionEpoch"].as_i64().unwrap() as i32),
        recovering: value["recovering"].as_bool().unwrap(),
    }
}

fn ids(value: &Value) -> Vec<BrokerId> {
    value.as_array().unwrap().iter().map(|id| BrokerId(id.as_i64().unwrap() as i32)).collect()
}
