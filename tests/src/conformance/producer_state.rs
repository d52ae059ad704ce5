//! Family producer-state: idempotent and transactional producers, with wrong sequences and epochs among them.

use std::path::Path;

use highwater_scenario::cluster::log::{
    EndTransactionMarker, Offset, ProducerEpoch, ProducerId, TransactionVersion,
};
use serde_json::{Value, json};

use super::report::{Replayed, Report, same};
use super::world::{
    World, Write, compare_append, final_log, int, leader_epoch, producer_options, seed,
};

/// Replays each scenario.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("producer-state");
    report.add_folder(dir, seed, replay);
    report
}

fn replay(scenario: &Value) -> Replayed {
    let mut world = World::new(&scenario["config"]);
    let version = TransactionVersion(int(scenario, "transactionVersion") as i16);
    let ops = scenario["ops"].as_array().expect("operations");
    for (index, op) in ops.iter().enumerate() {
        let at = format!("{index} {}", op["op"]);
        step(&mut world, index, &at, op, version)?;
        world.compare_state(&at, op)?;
    }
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
    let expected = scenario["finalLog"].as_array().expect("the final log is a list");
    let got = final_log(&world.log);
    for (index, (expected, got)) in expected.iter().zip(&got).enumerate() {
        same(format!("finalLog {index}"), expected, got)?;
    }
    same("finalLog length", expected.len(), got.len())
}

fn step(
    world: &mut World,
    index: usize,
    at: &str,
    op: &Value,
    version: TransactionVersion,
) -> Replayed {
    match op["op"].as_str().unwrap_or_default() {
        "append" => {
            let value = format!("v{index}");
            let records =
                vec![(world.now, &b"k"[..], Some(value.as_bytes())); int(op, "count") as usize];
            world.append(
                at,
                op,
                Write { records, options: producer_options(op), epoch: leader_epoch(op) },
            )
        }
        "endTxn" => {
            let marker =
                EndTransactionMarker { commit: op["commit"] == json!(true), coordinator_epoch: 0 };
            let result = world.log.append_end_transaction(
                ProducerId(int(op, "pid")),
                ProducerEpoch(int(op, "producerEpoch") as i16),
                marker,
                leader_epoch(op),
                version,
                world.now,
            );
            if let Ok(info) = &result {
                same(format!("{at} sizeInBytes"), &op["sizeInBytes"], &json!(info.size_in_bytes))?;
            }
            compare_append(at, op, result)
        }
        "updateHW" => {
            world.log.set_high_watermark(Offset(int(op, "to")));
            Ok(())
        }
        other => panic!("the replay does not know the operation {other}"),
    }
}
