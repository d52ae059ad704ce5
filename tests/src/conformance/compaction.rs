//! Family compaction: a compacted log, which is cleaned whenever that is due.

use std::path::Path;

use highwater_scenario::cluster::log::{
    DEFAULT_MAX_KEYS, LogToClean, TimestampMs, TransactionVersion,
};
use serde_json::{Value, json};

use super::report::{Replayed, Report, same};
use super::world::{START, World, int, seed};

/// Replays each scenario.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("compaction");
    report.add_folder(dir, seed, replay);
    report
}

fn replay(scenario: &Value) -> Replayed {
    let version = TransactionVersion(int(scenario, "transactionVersion") as i16);
    let world = World::replay(scenario, |world, _, at, op| step(world, at, op, version))?;
    world.compare_log("finalLog", &scenario["finalLog"])
}

fn step(world: &mut World, at: &str, op: &Value, version: TransactionVersion) -> Replayed {
    match op["op"].as_str().unwrap_or_default() {
        "append" => world.append_listed(at, op)?,
        "endTxn" => world.end_transaction(at, op, version)?,
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
        world.compare_log(&format!("{at} log"), &op["log"])
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
