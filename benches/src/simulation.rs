//! How many seconds of a cluster's time pass in a second of the processor.

use cpu_time::ThreadTime;
use highwater_scenario::session::Session;

use crate::compare::median;

const PARTITIONS: [u32; 3] = [3, 10, 100];
/// How often each is played.
const ROUNDS: usize = 5;
/// How long the cluster runs, of its own time.
const SECONDS: u64 = 30;

/// Prints the median for each number of partitions.
pub fn print() {
    println!(
        "\nThree brokers, three replicas, a producer of 100 records a second and a consumer: cluster seconds a second"
    );
    let mut samples = PARTITIONS.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (partitions, samples) in PARTITIONS.iter().zip(&mut samples) {
            samples.push(SECONDS as f64 / seconds_of(&script(*partitions)));
        }
    }
    for (partitions, samples) in PARTITIONS.iter().zip(samples) {
        println!("{partitions:>4} partitions {:>9.1}", median(samples));
    }
}

fn script(partitions: u32) -> String {
    format!(
        "highwater 1\nseed 7\ncluster --brokers 3\nconfig * offsets.topic.num.partitions=1\n\
         @1s t1> kafka-topics.sh --create --topic orders --partitions {partitions} --replication-factor 3 --bootstrap-server broker1:9092\n\
         @2s t1> consumer start c1 --group billing --topic orders --from-beginning\n\
         @3s t1> producer start p1 --topic orders --rate 100 --acks all\n\
         @{SECONDS}s run\n"
    )
}

/// Plays a script to its end; the seconds that it takes to compute.
pub fn seconds_of(script: &str) -> f64 {
    let mut session = Session::parse(script).expect("the script can be read");
    let end = session.script_end();
    let begin = ThreadTime::now();
    let advance = session.advance(end, u32::MAX);
    assert_eq!(advance.halted, None, "the run came to its end");
    begin.elapsed().as_secs_f64()
}
