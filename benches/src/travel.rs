//! Going through time: what it costs to show any moment of ten minutes at 1,000 records a second, with
//! checkpoints and, for comparison, from the beginning.

use std::fs;

use cpu_time::ThreadTime;
use highwater_scenario::cluster::time::Time;
use highwater_scenario::session::Session;
use highwater_scenario::timeline::Timeline;

use crate::compare::median;

const MINUTES: u64 = 10;
/// How many moments are sought, spread over the whole run.
const MOMENTS: u64 = 200;
/// What a moment may cost at most, in milliseconds, for 99 of 100.
const MOST_MS: f64 = 50.0;
/// Spreads the moments, as it has no divisor in common with their number.
const STRIDE: u64 = 73;

/// Prints what a moment costs, and how much memory the checkpoints take.
pub fn print() {
    let end = MINUTES * 60_000_000;
    let script = format!(
        "highwater 1\nseed 7\ncluster --brokers 3\nconfig * offsets.topic.num.partitions=3\n\
         @1s t1> kafka-topics.sh --create --topic orders --partitions 6 --replication-factor 3 --bootstrap-server broker1:9092\n\
         @4s t1> producer start p1 --topic orders --rate 1000 --keys 100 --acks all\n\
         @5s t1> consumer start c1 --group billing --topic orders --from-beginning\n\
         @{end}us run\n"
    );
    let session = Session::parse(&script).expect("the script can be read");
    let resident_before = resident_mb();
    let mut timeline = Timeline::new(session);
    let begin = ThreadTime::now();
    timeline.advance(Time(end), u32::MAX);
    let played = begin.elapsed().as_secs_f64();
    let resident = resident_mb() - resident_before;

    let mut costs: Vec<f64> = (0..MOMENTS)
        .map(|number| {
            let to = Time(number * STRIDE % MOMENTS * end / MOMENTS);
            let begin = ThreadTime::now();
            timeline.seek(to);
            timeline.advance(to, u32::MAX);
            std::hint::black_box(timeline.session().view());
            begin.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    costs.sort_by(f64::total_cmp);
    let worst = costs[costs.len() * 99 / 100];
    let verdict = if worst <= MOST_MS { "" } else { "  above the bound" };
    println!("\nAny moment of {MINUTES} virtual minutes at 1,000 records a second, in milliseconds");
    println!("{:<42} {:>9.1}", "from the beginning to the end", played * 1e3);
    println!("{:<42} {:>9.1}", "from a checkpoint, median", median(costs.clone()));
    println!("{:<42} {worst:>9.1}  (at most {MOST_MS}){verdict}", "from a checkpoint, 99 of 100");
    println!("{:<42} {resident:>9.1}  MB", "the run with its checkpoints");
}

/// The memory of this process, in MB; 0 where the system does not tell.
fn resident_mb() -> f64 {
    const PAGE: f64 = 4_096.0;
    let pages = fs::read_to_string("/proc/self/statm").ok().and_then(|text| {
        text.split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok())
    });
    pages.unwrap_or(0.0) * PAGE / 1e6
}
