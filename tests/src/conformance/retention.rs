//! Family retention: segments age and grow, DeleteRecords moves the log start, offsets are looked up by timestamp.

use std::path::Path;

use highwater_scenario::cluster::log::{Offset, TimestampMs};
use serde_json::{Value, json};

use super::report::{Replayed, Report, same};
use super::world::{World, int, seed};

/// Replays each scenario.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("retention");
    report.add_folder(dir, seed, replay);
    report
}

fn replay(scenario: &Value) -> Replayed {
    let world = World::replay(scenario, |world, _, at, op| step(world, at, op))?;
    world.compare_log("finalLog", &scenario["finalLog"])
}

fn step(world: &mut World, at: &str, op: &Value) -> Replayed {
    let (log, now) = (&mut world.log, world.now);
    match op["op"].as_str().unwrap_or_default() {
        "append" => world.append_listed(at, op)?,
        "advance" => world.now = now + int(op, "ms"),
        "roll" => log.roll(now),
        "deleteRecordsBefore" => {
            log.increment_log_start_offset(Offset(int(op, "offset")))
                .expect("the recording has no error here");
        }
        "deleteOldSegments" => same(at, &op["deleted"], &json!(log.delete_old_segments(now)))?,
        "offsetForTimestamp" => {
            let found = log.offset_for_timestamp(TimestampMs(int(op, "timestamp")));
            let got = found.map(|(timestamp, offset, _)| format!("{timestamp}@{offset}"));
            same(at, &op["result"], &json!(got))?;
        }
        other => panic!("the replay does not know the operation {other}"),
    }
    Ok(())
}
