//! Family producer-state: idempotent and transactional producers, with wrong sequences and epochs among them.

use std::path::Path;

use highwater_scenario::cluster::log::{Offset, TransactionVersion};
use serde_json::{Value, json};

use super::report::{Replayed, Report, same};
use super::world::{World, int, seed};

/// Replays each scenario.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("producer-state");
    report.add_folder(dir, seed, replay);
    report
}

fn replay(scenario: &Value) -> Replayed {
    let version = TransactionVersion(int(scenario, "transactionVersion") as i16);
    let world =
        World::replay(scenario, |world, index, at, op| step(world, index, at, op, version))?;
    let aborted: Vec<Value> = world
        .log
        .segments()
        .flat_map(|segment| segment.aborted_transactions())
        .map(|aborted| {
            json!({
                "pid": aborted.producer_id.0,
                "firstOffset": aborted.first_offset.0,
                "lastOffset": aborted.last_offset.0,
                "lastStableOffset": aborted.last_stable_offset.0,
            })
        })
        .collect();
    same("abortedTxns", &scenario["abortedTxns"], &json!(aborted))?;
    world.compare_log("finalLog", &scenario["finalLog"])
}

fn step(
    world: &mut World,
    index: usize,
    at: &str,
    op: &Value,
    version: TransactionVersion,
) -> Replayed {
    match op["op"].as_str().unwrap_or_default() {
        "append" => world.append_counted(at, op, &format!("v{index}")),
        "endTxn" => world.end_transaction(at, op, version),
        "updateHW" => {
            world.log.set_high_watermark(Offset(int(op, "to")));
            Ok(())
        }
        other => panic!("the replay does not know the operation {other}"),
    }
}
