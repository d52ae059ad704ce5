//! A log: appended to as a leader and as a follower, and read by offset.

use bytes::Bytes;
use highwater_log::{BatchBuilder, BatchOptions, LeaderEpoch, Log, LogConfig, Offset, TimestampMs};

use crate::compare::{Way, medians};

const NOW: TimestampMs = TimestampMs(1_700_000_000_000);
const SIZES: [usize; 3] = [1, 100, 10_000];

/// Prints nanoseconds for each record, and for each read.
pub fn print() {
    println!("\nA log: nanoseconds");
    for size in SIZES {
        let bytes = batch(size);
        let leader = append_as_leader(&bytes);
        let seconds = medians(vec![
            Way::new(|| append_as_leader(&bytes)),
            Way::new(|| append_as_follower(&leader)),
        ]);
        let [leader, follower] = seconds[..] else { panic!("two ways are measured") };
        let each = 1e9 / (size as f64 * APPENDS as f64);
        println!(
            "append of batches of {size:>6}, a record: leader {:>8.1}, follower {:>8.1}",
            leader * each,
            follower * each
        );
    }
    for batches in [100, 10_000, 1_000_000] {
        let log = filled(batches);
        let (end, mut at) = (log.log_end_offset(), 0_i64);
        let read = Way::new(|| {
            at = (at + 7_919) % end.0;
            log.read(Offset(at), 1, true, end).expect("the offset is in range").len()
        });
        println!(
            "read by offset of one batch out of {batches:>7}: {:>8.1}",
            medians(vec![read])[0] * 1e9
        );
    }
}

/// How many batches go into one log.
const APPENDS: usize = 16;

/// A batch of small records, as a producer sends it.
pub fn batch(records: usize) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for number in 0..records {
        let value = (number as u64).to_be_bytes();
        builder.append(NOW, Some(b"key"), Some(&value), &[]);
    }
    builder.build(Offset(0), LeaderEpoch::NONE).bytes().clone()
}

fn append_as_leader(bytes: &Bytes) -> Log {
    let mut log = Log::new(LogConfig::default());
    for _ in 0..APPENDS {
        log.append_as_leader(bytes, LeaderEpoch(0), NOW).expect("the batch is valid");
    }
    log
}

/// What the leader's log holds, batch by batch.
fn append_as_follower(leader: &Log) -> Log {
    let mut log = Log::new(LogConfig::default());
    for batch in leader.batches() {
        log.append_as_follower(batch.bytes(), NOW).expect("the leader has checked it");
    }
    log
}

fn filled(batches: usize) -> Log {
    let (bytes, mut log) = (batch(1), Log::new(LogConfig::default()));
    for _ in 0..batches {
        log.append_as_leader(&bytes, LeaderEpoch(0), NOW).expect("the batch is valid");
    }
    log
}
