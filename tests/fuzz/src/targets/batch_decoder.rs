//! Record batches: what a broker is sent by a client, and a follower by its leader.

use bytes::Bytes;
use highwater_log::{
    Batch, BatchBuilder, BatchOptions, Compression, LeaderEpoch, Log, LogConfig, Offset, Record,
    TimestampType, crc32c, split_batches,
};

use super::Target;
use crate::batches::{NOW, bomb, corpus, damage};
use crate::mutate;
use crate::rng::Rng;

/// More records than this are counted, not kept.
const MOST_RECORDS_KEPT: usize = 10_000;

pub struct BatchDecoder {
    corpus: Vec<Vec<u8>>,
}

impl BatchDecoder {
    pub fn new() -> Self {
        Self { corpus: corpus() }
    }
}

impl Target for BatchDecoder {
    fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        if rng.once_in(100_000) {
            return bomb(rng);
        }
        let mut input = Vec::new();
        let count = if rng.once_in(8) { 2 } else { 1 };
        for _ in 0..count {
            let mut batch = rng.pick(&self.corpus).clone();
            damage(rng, &mut batch);
            input.append(&mut batch);
        }
        if rng.once_in(16) {
            mutate::bytes(rng, &mut input);
        }
        input
    }

    fn run(&self, input: &[u8]) {
        let input = Bytes::copy_from_slice(input);
        let (batches, corrupt) = split_batches(input.clone());
        let size: usize = batches.iter().map(Batch::size_in_bytes).sum();
        let end = corrupt.map_or(input.len(), |corrupt| corrupt.position);
        assert_eq!(size, end, "what was split off ends where the bytes are wrong");
        for batch in &batches {
            check_batch(batch);
        }
        append(&input, batches.len());
    }
}

fn check_batch(batch: &Batch) {
    assert_eq!(Batch::parse(batch.bytes().clone()).as_ref(), Ok(batch));
    let moved = batch.with_base(Offset(7), LeaderEpoch(3));
    if let Ok(again) = Batch::parse(moved.bytes().clone()) {
        assert_eq!(again, moved, "what was moved reads as what it says");
    }
    // Errors are protocol outcomes; what is asked is that they come in order.
    let _ = (batch.control_type(), batch.end_transaction_marker());
    let Ok(records) = batch.iter_records() else { return };
    let (mut kept, mut count) = (Vec::new(), 0);
    for record in records {
        let Ok(record) = record else {
            assert!(batch.records().is_err(), "what cannot be read one by one cannot be at once");
            return;
        };
        count += 1;
        if kept.len() < MOST_RECORDS_KEPT {
            kept.push(record);
        }
    }
    assert_eq!(count, batch.header().record_count, "a batch holds as many records as it says");
    if kept.len() == count as usize {
        assert_eq!(batch.records().as_ref(), Ok(&kept));
        check_written_again(batch, &kept);
    }
}

/// Records that a batch can hold read back from one that is built of them.
fn check_written_again(batch: &Batch, records: &[Record]) {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    let base = batch.base_offset();
    for record in records {
        let delta = record.offset.0.wrapping_sub(base.0);
        let fits = i32::try_from(delta).is_ok_and(|delta| {
            let last = builder.record_count() - 1;
            delta > last && delta < 1_000_000 && delta == last + 1
        });
        let ordinary = record.timestamp.0.checked_sub(records[0].timestamp.0).is_some();
        if !fits || !ordinary {
            return;
        }
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        builder.append(record.timestamp, key, value, &record.headers);
    }
    let built = builder.build(base, LeaderEpoch::NONE);
    assert_eq!(built.records().as_deref(), Ok(records), "records survive being written again");
}

/// What a leader and a follower make of the same bytes, under settings that follow from them.
fn append(input: &Bytes, batches: usize) {
    let choice = crc32c(input);
    let config = LogConfig {
        compression_type: Compression::ALL.get((choice % 24) as usize).copied(),
        message_timestamp_type: if choice & 0x100 == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        },
        compact: choice & 0x600 == 0,
        ..LogConfig::default()
    };
    let mut leader = Log::new(config.clone());
    match leader.append_as_leader(input, LeaderEpoch(0), NOW) {
        Ok(info) => {
            assert_eq!((info.first_offset, info.batch_count), (Offset(0), 1));
            assert_eq!(leader.log_end_offset(), info.last_offset.next());
            let read = leader.read(Offset(0), 1, true, leader.log_end_offset()).expect("in range");
            let stored = Batch::parse(read).expect("a leader stores what can be read");
            let records = stored.iter_records().expect("it was read before it was stored");
            let (mut count, end) = (0, leader.log_end_offset());
            for record in records {
                record.expect("so was each record");
                count += 1;
            }
            assert_eq!(count, end - Offset(0), "offsets without gaps");
        }
        Err(_) => assert_eq!(leader.log_end_offset(), Offset(0), "what is refused leaves nothing"),
    }
    let mut follower = Log::new(config);
    if follower.append_as_follower(input, NOW).is_ok() {
        assert_eq!(follower.batches().count(), batches, "a follower stores all that is whole");
    }
}
