//! Family partition-change: what the controller makes of one partition, as Kafka's own builder did.

use std::collections::BTreeSet;
use std::path::Path;

use highwater_scenario::cluster::ids::{BrokerId, PartitionEpoch, PartitionIndex, TopicId};
use highwater_scenario::cluster::log::LeaderEpoch;
use highwater_scenario::cluster::metadata::PartitionRegistration;
use highwater_scenario::cluster::metadata::record::PartitionChangeRecord;
use highwater_scenario::cluster::rules::{Election, PartitionChangeBuilder};
use serde_json::Value;

use super::report::{Replayed, Report, same};
use super::world::{int, seed};

/// Replays each scenario. Every operation begins from what Kafka recorded of the one before.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("partition-change");
    report.add_folder(dir, seed, replay);
    report
}

fn replay(scenario: &Value) -> Replayed {
    let mut partition = registration(&scenario["initial"]);
    for (index, op) in scenario["ops"].as_array().expect("operations").iter().enumerate() {
        let at = format!("{index} {}", op["op"]);
        let change = change(scenario, &partition, op);
        let after = registration(&op["after"]);
        let ours = change.as_ref().map_or(partition.clone(), |change| partition.merge(change));
        same(format!("{at} after"), &after, &ours)?;
        same(format!("{at} changed"), op["changed"].as_bool(), Some(change.is_some()))?;
        partition = after;
    }
    Ok(())
}

fn change(
    scenario: &Value,
    partition: &PartitionRegistration,
    op: &Value,
) -> Option<PartitionChangeRecord> {
    let alive: BTreeSet<BrokerId> = ids(&op["alive"]).into_iter().collect();
    let is_alive = |id: BrokerId| alive.contains(&id);
    let elr_enabled = scenario["elrEnabled"].as_bool().expect("elrEnabled is true or false");
    let builder = PartitionChangeBuilder::new(
        (TopicId(7), PartitionIndex(0)),
        partition,
        int(scenario, "minIsr") as usize,
        elr_enabled,
        &is_alive,
    );
    let broker = op["broker"].as_i64().map(|id| BrokerId(id as i32));
    let without = |broker: Option<BrokerId>| {
        partition.isr.iter().filter(|id| Some(**id) != broker).copied().collect::<Vec<_>>()
    };
    match op["op"].as_str().unwrap_or_default() {
        "alterPartition" => {
            let recovers = op["recovered"].as_bool() == Some(true);
            builder.isr(ids(&op["newIsr"])).recovering(partition.recovering && !recovers).build()
        }
        "brokerFenced" => builder.isr(without(broker)).build(),
        "brokerUnfenced" => builder.build(),
        "brokerUncleanShutdown" => builder.isr(without(broker)).unclean_shutdown(broker).build(),
        "electPreferred" => builder.election(Election::Preferred).build(),
        "electUnclean" => builder.election(Election::Unclean).build(),
        other => panic!("the replay does not know the operation {other}"),
    }
}

fn registration(value: &Value) -> PartitionRegistration {
    let leader = int(value, "leader") as i32;
    PartitionRegistration {
        replicas: ids(&value["replicas"]),
        isr: ids(&value["isr"]),
        elr: ids(&value["elr"]),
        last_known_elr: ids(&value["lastKnownElr"]),
        removing: ids(&value["removing"]),
        adding: ids(&value["adding"]),
        leader: (leader >= 0).then_some(BrokerId(leader)),
        leader_epoch: LeaderEpoch(int(value, "leaderEpoch") as i32),
        partition_epoch: PartitionEpoch(int(value, "partitionEpoch") as i32),
        recovering: value["recovering"].as_bool().expect("recovering is true or false"),
    }
}

fn ids(value: &Value) -> Vec<BrokerId> {
    let ids = value.as_array().expect("ids are a list").iter();
    ids.map(|id| BrokerId(id.as_i64().expect("an id is a number") as i32)).collect()
}
