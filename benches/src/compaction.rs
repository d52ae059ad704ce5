//! One pass of the log cleaner: by how many keys there are, and so how much stays.

use highwater_log::{
    BatchBuilder, BatchOptions, DEFAULT_MAX_KEYS, LeaderEpoch, Log, LogConfig, Offset, TimestampMs,
};

use crate::compare::{Way, medians};

const NOW: TimestampMs = TimestampMs(1_700_000_000_000);
const RECORDS: usize = 100_000;
/// Records in a batch.
const BATCH: usize = 100;

/// Prints nanoseconds for each record that a pass goes over.
pub fn print() {
    println!("\nCompaction of {RECORDS} records: nanoseconds a record");
    for keys in [100, 10_000, 100_000] {
        let log = filled(keys);
        let pass = || {
            let mut log = log.clone();
            let chosen = log.log_to_clean(NOW);
            log.clean(&chosen, DEFAULT_MAX_KEYS, NOW).expect("every batch can be read").kept()
        };
        let kept = pass();
        assert_eq!(kept, keys, "one record of each key stays");
        let seconds = medians(vec![Way::new(pass)])[0];
        println!("{keys:>7} keys, so many stay: {:>8.1}", seconds * 1e9 / RECORDS as f64);
    }
}

/// A log in which every key is written as often as every other, all of it in closed segments.
fn filled(keys: usize) -> Log {
    let config = LogConfig { compact: true, delete: false, ..LogConfig::default() };
    let mut log = Log::new(config);
    for first in (0..RECORDS).step_by(BATCH) {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        for number in first..first + BATCH {
            let key = ((number % keys) as u64).to_be_bytes();
            builder.append(NOW, Some(&key), Some(b"a value of twenty by"), &[]);
        }
        let bytes = builder.build(Offset(0), LeaderEpoch::NONE).bytes().clone();
        log.append_as_leader(&bytes, LeaderEpoch(0), NOW).expect("the batch is valid");
    }
    log.roll(NOW);
    log.set_high_watermark(log.log_end_offset());
    log
}
