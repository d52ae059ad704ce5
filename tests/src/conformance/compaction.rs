//! Family compaction: a compacted log, which is cleaned whenever that is due.

use std::path::Path;

use highwater_scenario::cluster::log::{
    DEFAULT_MAX_KEYS, EndTransactionMarker, LogToClean, ProducerEpoch, ProducerId, TimestampMs,
    TransactionVersion,
};
use serde_json::{Value, json};

use super::report::{Replayed, Report, same};
use super::world::{
    START, World, Write, compare_append, final_log, int, leader_epoch, producer_options, seed,
};

/// Replays each scenario.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("compaction");
    report.add_folder(dir, seed, replay);
    report
}

fn replay(scenario: &Value) -> Replayed {
    let mut world = World::new(&scenario["config"]);
    let version = TransactionVersion(int(scenario, "transactionVersion") as i16);
    let ops = scenario["ops"].as_array().expect("operations");
    for (index, op) in ops.iter().enumerate() {
        let at = format!("{index} {}", op["op"]);
        step(&mut world, &at, op, version)?;
        world.compare_state(&at, op)?;
    }
    compare_log("finalLog", &scenario["finalLog"], &world)
}

fn step(world: &mut World, at: &str, op: &Value, version: TransactionVersion) -> Replayed {
    match op["op"].as_str().unwrap_or_default() {
        "append" => append(world, at, op)?,
        "endTxn" => end_transaction(world, at, op, version)?,
        "advance" => advance(world, int(op, "ms")),
        "roll" => world.log.roll(world.now),
        "hwToEndAndClean" => clean(world, at, op)?,
        other => panic!("the replay does not know the operation {other}"),
    }
    Ok(())
}

/// The clock goes on; producers are looked at whenever another `producer.id.expiration.check.interval.ms` is over.
fn advance(world: &mut World, ms: i64) {
    const CHECK_INTERVAL_MS: i64 = 600_000;
    let checks = |now: TimestampMs| (now - START) / CHECK_INTERVAL_MS;
    let before = checks(world.now);
    world.now = world.now + ms;
    if checks(world.now) > before {
        world.log.remove_expired_producers(world.now);
    }
}

fn append(world: &mut World, at: &str, op: &Value) -> Replayed {
    let rows = op["records"].as_array().expect("records are a list");
    let record = |row: &'_ Value| {
        let timestamp = TimestampMs(row[0].as_i64().expect("a timestamp"));
        (timestamp, text(&row[1]).expect("a key"), text(&row[2]))
    };
    let rows: Vec<_> = rows.iter().map(record).collect();
    let records = rows.iter().map(|(timestamp, key, value)| {
        (*timestamp, key.as_bytes(), value.as_ref().map(|value| value.as_bytes()))
    });
    let write = Write {
        records: records.collect(),
        options: producer_options(op),
        epoch: leader_epoch(op),
    };
    world.append(at, op, write)
}

fn end_transaction(
    world: &mut World,
    at: &str,
    op: &Value,
    version: TransactionVersion,
) -> Replayed {
    let marker = EndTransactionMarker { commit: op["commit"] == json!(true), coordinator_epoch: 0 };
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

/// All becomes committed, and the cleaner looks at the log once.
fn clean(world: &mut World, at: &str, op: &Value) -> Replayed {
    let log = &mut world.log;
    log.set_high_watermark(log.log_end_offset());
    let chosen = log.log_to_clean(world.now);
    let is_due = chosen.is_due(log.config().min_cleanable_dirty_ratio);
    let end_offset = if is_due {
        let pass = log.clean(&chosen, DEFAULT_MAX_KEYS, world.now);
        Some(pass.expect("what was appended can be read").end_offset.0)
    } else {
        None
    };
    let recorded = |name: &str| op.get(name).cloned().unwrap_or(Value::Null);
    for (name, got) in [
        ("firstDirtyOffset", json!(chosen.first_dirty_offset.0)),
        ("firstUncleanableOffset", json!(chosen.first_uncleanable_offset.0)),
        ("cleanBytes", json!(chosen.clean_bytes)),
        ("cleanableBytes", json!(chosen.cleanable_bytes)),
        ("needCompactionNow", json!(chosen.needs_compaction_now)),
        ("cleaned", json!(is_due)),
        ("endOffset", json!(end_offset)),
    ] {
        same(format!("{at} {name}"), recorded(name), got)?;
    }
    compare_ratio(at, &recorded("cleanableRatio"), &chosen)?;
    if op.get("log").is_some() {
        compare_log(&format!("{at} log"), &op["log"], world)
    } else {
        Ok(())
    }
}

/// Kafka's ratio is a double; that of a log without bytes is recorded as 0. The reader of the recording may be off by the
/// last bit.
fn compare_ratio(at: &str, recorded: &Value, chosen: &LogToClean) -> Replayed {
    let ratio = chosen.cleanable_bytes as f64 / chosen.total_bytes().max(1) as f64;
    let is_same = recorded.as_f64().is_some_and(|number| (number - ratio).abs() <= f64::EPSILON);
    let expected = if is_same { Some(ratio) } else { recorded.as_f64() };
    same(format!("{at} cleanableRatio"), expected, Some(ratio))
}

fn compare_log(at: &str, expected: &Value, world: &World) -> Replayed {
    let expected = expected.as_array().expect("a log is a list of batches");
    let got = final_log(&world.log);
    for (index, (expected, got)) in expected.iter().zip(&got).enumerate() {
        same(format!("{at} {index}"), expected, got)?;
    }
    same(format!("{at} length"), expected.len(), got.len())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
