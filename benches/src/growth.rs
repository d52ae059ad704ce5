//! What a record costs when there are many: ten million beside ten thousand.

use cpu_time::ThreadTime;
use highwater_log::{LeaderEpoch, Log, LogConfig, TimestampMs};
use highwater_scenario::session::Session;

use crate::compare::median;
use crate::log::batch;

const FEW: u64 = 10_000;
const MANY: u64 = 10_000_000;
/// What ten million may cost a record, in multiples of what ten thousand cost.
const MOST: f64 = 1.2;
/// How often the few are measured before, and after, the many.
const ROUNDS: usize = 15;

/// Prints nanoseconds for each record at both sizes, and their ratio.
pub fn print() {
    println!(
        "\nNanoseconds a record, one replica: {FEW} records beside {MANY} (at most {MOST} times)"
    );
    row("append to a log, 100 records a batch", append);
    row("the whole engine: produce with acks=all", produce);
}

/// The few are measured before and after the many, whose run is long: a machine that others use changes.
fn row(what: &str, seconds_for: impl Fn(u64) -> f64) {
    let mut few: Vec<f64> = (0..ROUNDS).map(|_| seconds_for(FEW)).collect();
    let many = seconds_for(MANY) * 1e9 / MANY as f64;
    few.extend((0..ROUNDS).map(|_| seconds_for(FEW)));
    let few = median(few) * 1e9 / FEW as f64;
    let ratio = many / few;
    let verdict = if ratio <= MOST { "" } else { "  above the bound" };
    println!("{what:<42} {few:>9.1} {many:>9.1} {ratio:>6.2} times{verdict}");
}

fn append(records: u64) -> f64 {
    const RECORDS: u64 = 100;
    let bytes = batch(RECORDS as usize);
    let mut log = Log::new(LogConfig::default());
    let begin = ThreadTime::now();
    for now in 0..records / RECORDS {
        let now = TimestampMs(1_700_000_000_000 + now as i64);
        log.append_as_leader(&bytes, LeaderEpoch(0), now).expect("the batch is valid");
    }
    begin.elapsed().as_secs_f64()
}

/// A cluster of one broker, from the moment at which the producer begins to when all is acknowledged.
fn produce(records: u64) -> f64 {
    const RATE: u64 = 50_000;
    let end = 6 + records / RATE;
    let script = format!(
        "highwater 1\nseed 7\ncluster --brokers 1\n\
         @1s t1> kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 1 --bootstrap-server broker1:9092\n\
         @4s t1> producer start p1 --topic orders --rate {RATE} --count {records} --value-bytes 8 --acks all\n\
         @{end}s run\n"
    );
    let mut session = Session::parse(&script).expect("the script can be read");
    session.advance(highwater_scenario::cluster::time::Time(3_999_999), u32::MAX);
    let begin = ThreadTime::now();
    let advance = session.advance(session.script_end(), u32::MAX);
    let seconds = begin.elapsed().as_secs_f64();
    assert_eq!(advance.halted, None, "the run came to its end");
    let acknowledged: u64 =
        session.progress().topics.values().map(|topic| topic.acknowledged).sum();
    assert_eq!(acknowledged, records, "every record was acknowledged");
    seconds
}
