//! Going through time: what it costs to show any moment of a run at 1,000 records a second, with
//! checkpoints and, for comparison, from the beginning; and what memory the run takes with them.

use std::fs;

use cpu_time::ThreadTime;
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::session::Session;
use highwater_scenario::timeline::Timeline;

use crate::compare::median;

/// How many events the run has that the bounds are meant for.
const EVENTS: u64 = 1_000_000;
/// It is looked for them after so long a time.
const STEP: Span = Span(100_000);
/// How long the longer run is, which is told beside it.
const MINUTES: u64 = 10;
/// How many moments are sought, spread over the whole run.
const MOMENTS: u64 = 200;
/// What a moment may cost at most, in milliseconds, for 99 of 100.
const MOST_MS: f64 = 50.0;
/// What the run may take with its checkpoints, in MB.
const MOST_MB: f64 = 300.0;
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
    while timeline.session().world().event_count() < EVENTS {
        timeline.advance(timeline.session().now() + STEP, u32::MAX);
    }
    println!("\nTravelling through a run at 1,000 records a second, in milliseconds");
    row("from the beginning to a million events", begin.elapsed().as_secs_f64() * 1e3);
    travel(&mut timeline, resident_mb() - resident_before);
    timeline.advance(Time(end), u32::MAX);
    travel(&mut timeline, resident_mb() - resident_before);
}

/// Seeks moments all over what was played, and goes back to where it was.
fn travel(timeline: &mut Timeline, resident: f64) {
    let (events, end) = (timeline.session().world().event_count(), timeline.reached());
    let mut go = |to: Time| {
        let begin = ThreadTime::now();
        timeline.seek(to);
        timeline.advance(to, u32::MAX);
        std::hint::black_box(timeline.session().view());
        begin.elapsed().as_secs_f64() * 1e3
    };
    let moments = (0..MOMENTS).map(|number| Time(number * STRIDE % MOMENTS * end.0 / MOMENTS));
    let mut costs: Vec<f64> = moments.map(&mut go).collect();
    go(end);
    costs.sort_by(f64::total_cmp);
    let worst = costs[costs.len() * 99 / 100];
    let seconds = end.0 / 1_000_000;
    println!("\nAny moment of {seconds} virtual seconds with {events} events, in milliseconds");
    row("from a checkpoint, median", median(costs));
    bounded("from a checkpoint, 99 of 100", worst, MOST_MS);
    bounded("MB of the run with its checkpoints", resident, MOST_MB);
}

fn row(what: &str, value: f64) {
    println!("{what:<42} {value:>9.1}");
}

fn bounded(what: &str, value: f64, most: f64) {
    let verdict = if value <= most { "" } else { "  above the bound" };
    println!("{what:<42} {value:>9.1}  (at most {most}){verdict}");
}

/// The memory of this process, in MB; 0 where the system does not tell.
fn resident_mb() -> f64 {
    const PAGE: f64 = 4_096.0;
    let pages = fs::read_to_string("/proc/self/statm").ok().and_then(|text| {
        text.split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok())
    });
    pages.unwrap_or(0.0) * PAGE / 1e6
}
