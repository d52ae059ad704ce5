//! Family leader-epoch: leaders come and go, the log is truncated, epochs are asked for.

use std::path::Path;

use highwater_scenario::cluster::log::{LeaderEpoch, Offset};
use serde_json::{Value, json};

use super::report::{Replayed, Report, same};
use super::world::{World, int, seed};

/// Replays each scenario.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("leader-epoch");
    report.add_folder(dir, seed, replay);
    report
}

fn replay(scenario: &Value) -> Replayed {
    let world = World::replay(scenario, |world, _, at, op| step(world, at, op))?;
    let entries =
        world.log.epoch_entries().map(|entry| format!("{}@{}", entry.epoch, entry.start_offset));
    same("epochEntries", &scenario["epochEntries"], &entries.collect())
}

fn step(world: &mut World, at: &str, op: &Value) -> Replayed {
    let log = &mut world.log;
    match op["op"].as_str().unwrap_or_default() {
        "append" => world.append_counted(at, op, "v")?,
        "becomeLeader" => {
            log.assign_epoch_start(LeaderEpoch(int(op, "epoch") as i32), log.log_end_offset())
        }
        "truncateTo" => {
            let truncated = log.truncate_to(Offset(int(op, "offset")));
            same(at, &op["truncated"], &json!(truncated))?;
        }
        "updateHW" => log.set_high_watermark(Offset(int(op, "to"))),
        "endOffsetForEpoch" => {
            let end = log.end_offset_for_epoch(LeaderEpoch(int(op, "epoch") as i32));
            let got = end.map(|(epoch, offset)| format!("{epoch}@{offset}"));
            same(at, &op["result"], &json!(got))?;
        }
        other => panic!("the replay does not know the operation {other}"),
    }
    Ok(())
}
