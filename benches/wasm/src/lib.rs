//! A run that is measured natively and in WebAssembly. The clock is the caller's.

use highwater_scenario::session::Session;

/// Three replicas, a group of four.
const SCRIPT: &str = include_str!("../../../tests/scenarios/million.hw");

/// How many records there are.
pub const RECORDS: u64 = 1_000_000;

/// Plays the run to its end.
pub fn play() {
    let mut session = Session::parse(SCRIPT).expect("the script can be read").quiet();
    let advance = session.advance(session.script_end(), u32::MAX);
    assert_eq!(advance.halted, None, "the run came to its end");
    let topics = || session.progress().topics.values();
    let acknowledged: u64 = topics().map(|topic| topic.acknowledged).sum();
    let consumed: u64 = topics().map(|topic| topic.consumed).sum();
    assert_eq!((acknowledged, consumed), (RECORDS, RECORDS), "every record was written and read");
}
