//! What holds for any input.

use bytes::Bytes;
use highwater_log::{
    AppendError, Batch, BatchBuilder, BatchOptions, Compression, Header, LeaderEpoch, Log,
    LogConfig, Offset, ProducerEpoch, ProducerId, Record, Sequence, TimestampMs, compress,
    decompress, split_batches,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const NOW: TimestampMs = TimestampMs(1_700_000_000_000);

fn bytes() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..40).prop_map(Bytes::from)
}

fn header() -> impl Strategy<Value = Header> {
    (bytes(), option::of(bytes())).prop_map(|(key, value)| Header { key, value })
}

/// A record; its offset is set by the batch.
fn record() -> impl Strategy<Value = Record> {
    let timestamp = (0i64..2_000_000_000_000).prop_map(TimestampMs);
    let fields = (timestamp, option::of(bytes()), option::of(bytes()), vec(header(), 0..3));
    fields.prop_map(|(timestamp, key, value, headers)| Record {
        offset: Offset(0),
        timestamp,
        key,
        value,
        headers,
    })
}

fn codec() -> impl Strategy<Value = Compression> {
    prop::sample::select(Compression::ALL.to_vec())
}

fn build(records: &[Record], options: BatchOptions, base: Offset) -> Batch {
    let mut builder = BatchBuilder::new(options);
    for record in records {
        builder.append(
            record.timestamp,
            record.key.as_deref(),
            record.value.as_deref(),
            &record.headers,
        );
    }
    builder.build(base, LeaderEpoch(3))
}

/// A log of batches of one record each, whose values have these sizes.
fn log_of(sizes: &[usize], segment_bytes: usize) -> Log {
    let mut log =
        Log::new(LogConfig { segment_bytes, index_interval_bytes: 200, ..LogConfig::default() });
    for &size in sizes {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        for _ in 0..=(size % 3) {
            builder.append(NOW, Some(b"k"), Some(&vec![b'v'; size]), &[]);
        }
        let batch = builder.build(Offset(0), LeaderEpoch::NONE);
        log.append_as_leader(batch.bytes(), LeaderEpoch(0), NOW).expect("the batch is valid");
    }
    log
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn batches_read_back_as_they_were_built(
        records in vec(record(), 1..12), codec in codec(), base in 0i64..1 << 40, sequence in any::<u16>(),
    ) {
        let options = BatchOptions {
            compression: codec,
            producer_id: ProducerId(7),
            producer_epoch: ProducerEpoch(1),
            base_sequence: Sequence(i32::from(sequence)),
            ..BatchOptions::default()
        };
        let batch = build(&records, options, Offset(base));
        let parsed = Batch::parse(batch.bytes().clone()).expect("what is built is valid");
        prop_assert_eq!(&parsed, &batch);
        let placed = |(index, record): (usize, &Record)| Record { offset: Offset(base + index as i64), ..record.clone() };
        let expected: Vec<Record> = records.iter().enumerate().map(placed).collect();
        prop_assert_eq!(parsed.records(), Ok(expected));
        let moved = parsed.with_base(Offset(5), LeaderEpoch(9));
        prop_assert_eq!(&Batch::parse(moved.bytes().clone()), &Ok(moved.clone()));
        prop_assert_eq!(moved.header().crc, batch.header().crc);
    }

    #[test]
    fn the_size_is_known_before_the_batch_is_built(records in vec(record(), 1..6)) {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        for record in &records {
            let (key, value) = (record.key.as_deref(), record.value.as_deref());
            let size = builder.size_with(record.timestamp, key, value, &record.headers);
            builder.append(record.timestamp, key, value, &record.headers);
            prop_assert_eq!(builder.size_estimate(), size);
            prop_assert!(BatchBuilder::size_upper_bound(key, value, &record.headers) <= 61 + 21 + 400);
        }
        prop_assert_eq!(builder.build(Offset(0), LeaderEpoch(0)).size_in_bytes(), builder.size_estimate());
    }

    #[test]
    fn codecs_give_back_what_they_were_given(data in vec(0u8..8, 0..100_000), codec in codec()) {
        let packed = compress(codec, &data);
        prop_assert_eq!(decompress(codec, &packed, data.len()), Ok(data.clone()));
        if !data.is_empty() && codec != Compression::None {
            prop_assert!(decompress(codec, &packed, data.len() - 1).is_err());
        }
    }

    #[test]
    fn any_bytes_are_decompressed_or_refused(data in vec(any::<u8>(), 0..300), codec in codec()) {
        let _ = decompress(codec, &data, 1 << 20);
    }

    #[test]
    fn any_bytes_are_split_or_refused(data in vec(any::<u8>(), 0..300)) {
        let (batches, _) = split_batches(data.into());
        for batch in batches {
            let _ = batch.records();
        }
    }

    /// A valid batch with bytes changed anywhere behind the CRC, which is then set right again.
    #[test]
    fn damaged_records_are_read_or_refused(
        records in vec(record(), 1..5), codec in codec(), damage in vec((21usize..400, any::<u8>()), 1..6),
    ) {
        let batch = build(&records, BatchOptions { compression: codec, ..BatchOptions::default() }, Offset(0));
        let mut bytes = batch.bytes().to_vec();
        for (at, byte) in damage {
            let at = 21 + (at - 21) % (bytes.len() - 21);
            bytes[at] = byte;
        }
        let crc = highwater_log::crc32c(&bytes[21..]);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
        let bytes = Bytes::from(bytes);
        if let Ok(batch) = Batch::parse(bytes.clone()) {
            let _ = batch.records();
            let _ = batch.control_type();
        }
        let mut log = Log::new(LogConfig::default());
        let _ = log.append_as_leader(&bytes, LeaderEpoch(0), NOW);
        let _ = log.append_as_follower(&bytes, NOW);
        let _ = log.offset_for_timestamp(NOW);
    }

    #[test]
    fn reads_stay_below_their_limits(
        sizes in vec(0usize..200, 1..30), from in 0i64..40, max_bytes in 0usize..2_000, up_to in 0i64..60, whole: bool,
    ) {
        let log = log_of(&sizes, 1_000);
        let Ok(bytes) = log.read(Offset(from), max_bytes, whole, Offset(up_to)) else {
            prop_assert!(Offset(from) > log.log_end_offset());
            return Ok(());
        };
        let (batches, corrupt) = split_batches(bytes.clone());
        prop_assert_eq!(corrupt, None);
        prop_assert!(bytes.len() <= max_bytes || (whole && batches.len() == 1));
        if let Some(first) = batches.first() {
            prop_assert!(first.base_offset() <= Offset(from) && Offset(from) <= first.last_offset());
        }
        prop_assert!(batches.iter().all(|batch| batch.last_offset() < Offset(up_to)));
        let skipped = log.batches().skip_while(|batch| batch.last_offset() < Offset(from));
        prop_assert!(log.batches_from(Offset(from)).eq(skipped));
    }

    #[test]
    fn a_follower_that_reads_all_has_the_same_log(sizes in vec(0usize..200, 1..30), cut in 0i64..40) {
        let leader = log_of(&sizes, 1_000);
        let mut follower = leader.clone();
        follower.truncate_to(Offset(cut));
        // What is left may end before the offset that it was cut at; the leader is asked from there on.
        let end = follower.batches().last().map_or(Offset(0), |batch| batch.header().next_offset());
        follower.truncate_to(end);
        while follower.log_end_offset() < leader.log_end_offset() {
            let from = follower.log_end_offset();
            let bytes = leader.read(from, 500, true, leader.log_end_offset()).expect("the offset is in range");
            let info = follower.append_as_follower(&bytes, NOW).expect("the leader's batches follow");
            prop_assert_eq!(info.first_offset, from);
        }
        prop_assert!(leader.batches().eq(follower.batches()));
        prop_assert!(leader.epoch_entries().eq(follower.epoch_entries()));
        let duplicate = leader.read(Offset(0), 1, true, leader.log_end_offset()).expect("the log begins at 0");
        let refused = follower.append_as_follower(&duplicate, NOW);
        let is_refused = matches!(refused, Err(AppendError::UnexpectedAppendOffset { .. }));
        prop_assert!(is_refused);
    }

    #[test]
    fn a_power_loss_leaves_what_was_flushed(sizes in vec(0usize..200, 1..20), more in vec(0usize..200, 0..20)) {
        let mut log = log_of(&sizes, 1 << 20);
        log.flush();
        let kept = log.clone();
        for &size in &more {
            let mut builder = BatchBuilder::new(BatchOptions::default());
            builder.append(NOW, None, Some(&vec![b'w'; size]), &[]);
            let batch = builder.build(Offset(0), LeaderEpoch::NONE);
            log.append_as_leader(batch.bytes(), LeaderEpoch(1), NOW).expect("the batch is valid");
        }
        log.lose_unflushed();
        prop_assert!(log.batches().eq(kept.batches()));
        prop_assert_eq!(log.log_end_offset(), kept.log_end_offset());
        prop_assert!(log.epoch_entries().eq(kept.epoch_entries()));
    }
}
