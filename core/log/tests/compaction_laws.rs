//! What holds of any log that is compacted.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use highwater_log::{
    Batch, BatchBuilder, BatchFate, BatchOptions, Compression, DropReason, EndTransactionMarker,
    LeaderEpoch, Log, LogConfig, LogToClean, Offset, ProducerEpoch, ProducerId, Ratio, Sequence,
    TimestampMs, TransactionVersion, split_batches,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const START: TimestampMs = TimestampMs(1_700_000_000_000);
const RETENTION_MS: i64 = 60_000;

/// What is done to a log.
#[derive(Clone, Debug)]
enum Op {
    Append { records: Vec<(u8, Option<u8>)>, codec: Compression, producer: Option<i64> },
    EndTransaction { producer: i64, commit: bool },
    Advance { ms: i64 },
    Roll,
    Clean { max_keys: usize },
}

/// A log, its clock, and the next sequence of each producer.
struct World {
    log: Log,
    now: TimestampMs,
    sequences: BTreeMap<i64, i32>,
}

fn op(producers: bool) -> impl Strategy<Value = Op> {
    let producer = if producers { option::of(1i64..3).boxed() } else { Just(None).boxed() };
    let codec = prop::sample::select(Compression::ALL.to_vec());
    let append = (vec((0u8..6, option::of(any::<u8>())), 1..4), codec, producer)
        .prop_map(|(records, codec, producer)| Op::Append { records, codec, producer });
    let end = (1i64..3, any::<bool>())
        .prop_map(|(producer, commit)| Op::EndTransaction { producer, commit });
    let advance = prop::sample::select(vec![1, 1_000, RETENTION_MS, 2 * 86_400_000])
        .prop_map(|ms| Op::Advance { ms });
    let clean = (1usize..9).prop_map(|max_keys| Op::Clean { max_keys });
    prop_oneof![8 => append, if producers { 3 } else { 0 } => end, 2 => advance, 2 => Just(Op::Roll), 3 => clean]
}

impl World {
    fn new(segment_bytes: usize) -> Self {
        let config = LogConfig {
            segment_bytes,
            index_interval_bytes: 150,
            compact: true,
            delete: false,
            min_cleanable_dirty_ratio: Ratio::parse("0").expect("a ratio"),
            delete_retention_ms: RETENTION_MS,
            ..LogConfig::default()
        };
        Self { log: Log::new(config), now: START, sequences: BTreeMap::new() }
    }

    /// Does what is not cleaning.
    fn apply(&mut self, op: &Op) {
        match op {
            Op::Append { records, codec, producer } => self.append(records, *codec, *producer),
            Op::EndTransaction { producer, commit } => self.end_transaction(*producer, *commit),
            Op::Advance { ms } => {
                self.now = self.now + *ms;
                self.log.remove_expired_producers(self.now);
            }
            Op::Roll => self.log.roll(self.now),
            Op::Clean { .. } => {}
        }
        self.log.set_high_watermark(self.log.log_end_offset());
    }

    fn append(&mut self, records: &[(u8, Option<u8>)], codec: Compression, producer: Option<i64>) {
        let mut options = BatchOptions { compression: codec, ..BatchOptions::default() };
        if let Some(id) = producer {
            if self.log.producer_state().entry(ProducerId(id)).is_none() {
                self.sequences.remove(&id);
            }
            let sequence = self.sequences.entry(id).or_default();
            options.producer_id = ProducerId(id);
            options.producer_epoch = ProducerEpoch(0);
            options.base_sequence = Sequence(*sequence);
            options.is_transactional = true;
            *sequence += records.len() as i32;
        }
        let mut builder = BatchBuilder::new(options);
        for (key, value) in records {
            let value = value.map(|value| vec![value; usize::from(value % 9)]);
            builder.append(self.now, Some(&[*key]), value.as_deref(), &[]);
        }
        let batch = builder.build(Offset(0), LeaderEpoch::NONE);
        let result = self.log.append_as_leader(batch.bytes(), LeaderEpoch(0), self.now);
        result.expect("the batch is valid");
    }

    fn end_transaction(&mut self, producer: i64, commit: bool) {
        let id = ProducerId(producer);
        let is_open = self.log.producer_state().ongoing_transactions().any(|t| t.producer_id == id);
        if is_open {
            let marker = EndTransactionMarker { commit, coordinator_epoch: 0 };
            let (epoch, version) = (ProducerEpoch(0), TransactionVersion(1));
            let result = self.log.append_end_transaction(
                id,
                epoch,
                marker,
                LeaderEpoch(0),
                version,
                self.now,
            );
            result.expect("the transaction is open");
        }
    }
}

/// The last record of each key from `from` on, as a reader of committed records gets it: through [`Log::read`], some bytes
/// at a time. A key whose last record is a tombstone is left out.
fn latest(log: &Log, from: Offset) -> BTreeMap<Bytes, (Offset, Bytes)> {
    let up_to = log.last_stable_offset();
    let (mut latest, mut position) = (BTreeMap::new(), from);
    loop {
        let bytes = log.read(position, 300, true, up_to).expect("the position is in the log");
        let (batches, corrupt) = split_batches(bytes);
        assert_eq!(corrupt, None);
        let Some(last) = batches.last().map(|batch| batch.header().next_offset()) else {
            return latest;
        };
        let aborted = log.aborted_transactions(position, last);
        for batch in &batches {
            let header = batch.header();
            let is_aborted = header.is_transactional
                && aborted.iter().any(|txn| {
                    txn.producer_id == header.producer_id
                        && txn.first_offset <= header.base_offset
                        && header.base_offset < txn.last_offset
                });
            if header.is_control || is_aborted {
                continue;
            }
            for record in batch.records().expect("the batch can be read") {
                let key = record.key.expect("a compacted log has keys");
                if record.offset < position {
                    continue;
                }
                match record.value {
                    Some(value) => latest.insert(key, (record.offset, value)),
                    None => latest.remove(&key),
                };
            }
        }
        position = last;
    }
}

fn assert_ascending(log: &Log) {
    let mut next = Offset(0);
    for segment in log.segments() {
        assert!(segment.base_offset() >= next, "segments do not overlap");
        for batch in segment.batches() {
            assert!(batch.base_offset() >= next, "batches ascend");
            next = batch.header().next_offset();
            let mut record_at = batch.base_offset();
            for record in batch.records().expect("the batch can be read") {
                assert!(record.offset >= record_at && record.offset < next, "records ascend");
                record_at = record.offset.next();
            }
        }
    }
    assert!(next <= log.log_end_offset());
}

/// Cleans, and holds what came of it against what was there.
fn clean_and_check(world: &mut World, max_keys: usize) {
    let before = world.log.clone();
    let chosen = before.log_to_clean(world.now);
    if !chosen.is_due(before.config().min_cleanable_dirty_ratio) {
        return;
    }
    let pass = world.log.clean(&chosen, max_keys, world.now).expect("all batches can be read");
    let after = &world.log;
    assert_ascending(after);
    assert!(pass.end_offset > chosen.first_dirty_offset, "the pass gets somewhere");
    assert!(pass.end_offset <= chosen.first_uncleanable_offset);
    assert_eq!(after.cleaner_checkpoint(), Some(pass.end_offset));
    assert_eq!(after.log_end_offset(), before.log_end_offset());
    assert_eq!(after.last_stable_offset(), before.last_stable_offset());
    let untouched = |log: &Log| -> Vec<Batch> {
        log.batches_from(chosen.first_uncleanable_offset).cloned().collect()
    };
    assert_eq!(untouched(after), untouched(&before), "what cannot be cleaned stays");
    for from in 0..=before.last_stable_offset().0 {
        assert_eq!(latest(after, Offset(from)), latest(&before, Offset(from)), "from {from}");
    }
    assert_accounts(&before, after, &pass);
}

/// What the pass says of itself is what happened.
fn assert_accounts(before: &Log, after: &Log, pass: &highwater_log::CleanerPass) {
    let offsets = |log: &Log| -> BTreeSet<Offset> {
        let records = log.batches().flat_map(|batch| batch.records().expect("it can be read"));
        records.map(|record| record.offset).collect()
    };
    let gone: Vec<Offset> = offsets(before).difference(&offsets(after)).copied().collect();
    let dropped: Vec<Offset> =
        pass.batches().flat_map(|batch| &batch.dropped).map(|record| record.offset).collect();
    assert_eq!(dropped, gone);
    assert_eq!(pass.dropped(), gone.len());
    let kept: BTreeMap<Offset, &Batch> =
        after.batches().map(|batch| (batch.base_offset(), batch)).collect();
    let originals: BTreeMap<Offset, &Batch> =
        before.batches().map(|batch| (batch.base_offset(), batch)).collect();
    for told in pass.batches() {
        let left = kept.get(&told.base_offset);
        assert_eq!(left.is_none(), told.fate == BatchFate::Removed);
        assert_eq!(left.map_or(0, |batch| batch.header().record_count as usize), told.kept.len());
        if told.fate == BatchFate::Untouched {
            assert_eq!(left, originals.get(&told.base_offset));
        }
        for record in &told.dropped {
            if let DropReason::Superseded { by } = record.reason {
                assert!(by > record.offset && by <= pass.end_offset);
            }
        }
    }
    // A log may grow a little: the timestamps of tombstones count from a delete horizon that lies far off.
    let (size_before, size_after) = (before.size_in_bytes(), after.size_in_bytes());
    assert_eq!(size_before + pass.size_after(), size_after + pass.size_before());
    let written: Vec<Offset> = pass.segments.iter().map(|segment| segment.sources[0]).collect();
    let first: Vec<Offset> =
        after.segments().take(written.len()).map(|segment| segment.base_offset()).collect();
    assert_eq!(written, first);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_last_value_is_lost_wherever_a_reader_begins(
        ops in vec(op(true), 1..60), segment_bytes in 200usize..1_000,
    ) {
        let mut world = World::new(segment_bytes);
        for op in &ops {
            world.apply(op);
            if let Op::Clean { max_keys } = op {
                clean_and_check(&mut world, *max_keys);
            }
        }
    }

    #[test]
    fn cleaning_what_is_clean_changes_nothing(
        ops in vec(op(false), 1..60), segment_bytes in 200usize..1_000,
    ) {
        let mut world = World::new(segment_bytes);
        ops.iter().for_each(|op| world.apply(op));
        let chosen = world.log.log_to_clean(world.now);
        let _ = world.log.clean(&chosen, 100, world.now).expect("all batches can be read");
        let once: Vec<Batch> = world.log.batches().cloned().collect();
        let again = LogToClean { first_dirty_offset: Offset(0), ..chosen };
        let pass = world.log.clean(&again, 100, world.now).expect("all batches can be read");
        prop_assert_eq!(pass.dropped(), 0);
        let twice: Vec<Batch> = world.log.batches().cloned().collect();
        prop_assert_eq!(once, twice);
        let left = world.log.log_to_clean(world.now);
        prop_assert!(!left.is_due(world.log.config().min_cleanable_dirty_ratio), "{:?}", left);
    }

    #[test]
    fn in_the_end_each_key_has_one_value_and_no_tombstone(
        ops in vec(op(false), 1..60), segment_bytes in 200usize..1_000,
    ) {
        let mut world = World::new(segment_bytes);
        ops.iter().for_each(|op| world.apply(op));
        // The keys are all that is in the log but for its last batch, which begins a segment that is not cleaned.
        for ms in [0, RETENTION_MS] {
            world.apply(&Op::Advance { ms });
            world.apply(&Op::Roll);
            world.append(&[(99, Some(0))], Compression::None, None);
            world.apply(&Op::Roll);
            let chosen = world.log.log_to_clean(world.now);
            let _ = world.log.clean(&chosen, 100, world.now).expect("all batches can be read");
        }
        let records = world.log.batches().flat_map(|batch| batch.records().expect("it can be read"));
        let records: Vec<_> = records.collect();
        let keys: BTreeSet<_> = records.iter().map(|record| record.key.clone()).collect();
        prop_assert_eq!(keys.len(), records.len());
        prop_assert!(records.iter().all(|record| record.value.is_some()));
    }

    #[test]
    fn a_follower_of_a_compacted_leader_has_the_same_log(
        ops in vec(op(true), 1..60), segment_bytes in 400usize..1_000,
    ) {
        let mut world = World::new(segment_bytes);
        for op in &ops {
            world.apply(op);
            if let Op::Clean { max_keys } = op {
                clean_and_check(&mut world, *max_keys);
            }
        }
        let leader = &world.log;
        let mut follower = Log::new(leader.config().clone());
        while follower.log_end_offset() < leader.log_end_offset() {
            let from = follower.log_end_offset();
            let bytes = leader.read(from, 300, true, leader.log_end_offset()).expect("it is in range");
            prop_assert!(!bytes.is_empty(), "nothing follows {}", from);
            follower.append_as_follower(&bytes, world.now).expect("the leader's batches follow");
        }
        prop_assert!(leader.batches().eq(follower.batches()));
    }
}
