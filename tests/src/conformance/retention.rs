//! Family retention: segments age and grow, DeleteRecords moves the log start, offsets are looked up by timestamp.

use std::path::Path;

use highwater_scenario::cluster::log::{Offset, TimestampMs};
use serde_json::{Value, json};

use super::report::{Replayed, Report, same};
use super::world::{World, Write, final_log, int, leader_epoch, producer_options, seed};

/// Replays each scenario.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("retention");
    report.add_folder(dir, seed, replay);
    report
}

fn replay(scenario: &Value) -> Replayed {
    let mut world = World::new(&scenario["config"]);
    let ops = scenario["ops"].as_array().expect("operations");
    for (index, op) in ops.iter().enumerate() {
        let at = format!("{index} {}", op["op"]);
        step(&mut world, &at, op)?;
        world.compare_state(&at, op)?;
        if op.get("hwAfter").is_some() {
            world.log.set_high_watermark(Offset(int(op, "hwAfter")));
        }
    }
    let expected = &scenario["finalLog"];
    same("finalLog", expected.to_string(), json!(final_log(&world.log)).to_string())
}

fn step(world: &mut World, at: &str, op: &Value) -> Replayed {
    let (log, now) = (&mut world.log, world.now);
    match op["op"].as_str().unwrap_or_default() {
        "append" => {
            let rows = op["records"].as_array().expect("records are a list");
            let record = |row: &'_ Value| {
                (
                    TimestampMs(row[0].as_i64().expect("a timestamp")),
                    text(&row[1]).expect("a key"),
                    text(&row[2]),
                )
            };
            let rows: Vec<_> = rows.iter().map(record).collect();
            let records = rows.iter().map(|(time, key, value)| {
                (*time, key.as_bytes(), value.as_ref().map(|v| v.as_bytes()))
            });
            let write = Write {
                records: records.collect(),
                options: producer_options(op),
                epoch: leader_epoch(op),
            };
            world.append(at, op, write)?;
        }
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

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
