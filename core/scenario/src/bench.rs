//! The figures of `cargo xtask bench`: the same code measures natively and in the page. The clock is
//! the caller's, who stands outside the engine.

use std::fmt::Write;

use highwater_cluster::time::Time;

use crate::session::Session;

/// Records through produce, replicate and consume: three brokers, one producer, one consumer.
pub const BENCH_SCRIPT: &str = include_str!("../../../tests/scenarios/bench.hw");

/// Plays a script to its end and tells what it cost. `now_ms` is a clock in milliseconds. Each line
/// is name, value and unit, apart by tabs; a script that cannot be read gives its errors.
pub fn figures(script: &str, now_ms: &mut dyn FnMut() -> f64) -> String {
    let mut session = match Session::parse(script) {
        Ok(session) => session,
        Err(errors) => return errors.iter().map(|error| format!("{error}\n")).collect(),
    };
    let end = session.script_end();
    let before = now_ms();
    let advance = session.advance(end, u32::MAX);
    let spent_ms = now_ms() - before;
    let topics = &session.progress().topics;
    let consumed: u64 = topics.values().map(|topic| topic.consumed).sum();
    let acknowledged: u64 = topics.values().map(|topic| topic.acknowledged).sum();
    let mut text = String::new();
    let mut line = |name: &str, value: f64, unit: &str| {
        writeln!(text, "{name}\t{value:.1}\t{unit}").expect("a string takes whatever is written");
    };
    line("records acknowledged by three replicas", acknowledged as f64, "records");
    line("records consumed", consumed as f64, "records");
    line("produce, replicate and consume", consumed as f64 / spent_ms * 1_000.0, "records/s");
    line("cluster time per real time", seconds(end) * 1_000.0 / spent_ms, "s/s");
    if let Some(halt) = advance.halted {
        writeln!(text, "halted\t0\t{}", halt.sentence).expect("a string takes whatever is written");
    }
    text
}

fn seconds(time: Time) -> f64 {
    time.0 as f64 / 1_000_000.0
}
