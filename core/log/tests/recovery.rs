//! A log that is read back from its bytes is the log that was written.

use bytes::{Bytes, BytesMut};
use highwater_log::{
    BatchBuilder, BatchOptions, CorruptReason, EndTransactionMarker, LeaderEpoch, Log, LogConfig,
    Offset, ProducerEpoch, ProducerId, Sequence, TimestampMs, TransactionVersion,
};
use proptest::collection::vec;
use proptest::prelude::*;

const NOW: TimestampMs = TimestampMs(1_700_000_000_000);

/// What one producer does next.
#[derive(Clone, Copy, Debug)]
enum Op {
    Write { producer: i64, value: usize },
    End { producer: i64, commit: bool },
    NewLeader,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0i64..4, 0usize..150).prop_map(|(producer, value)| Op::Write { producer, value }),
        1 => (0i64..4, any::<bool>()).prop_map(|(producer, commit)| Op::End { producer, commit }),
        1 => Just(Op::NewLeader),
    ]
}

fn config() -> LogConfig {
    LogConfig { segment_bytes: 600, index_interval_bytes: 150, ..LogConfig::default() }
}

/// Producers 0 to 2 are transactional, 3 is idempotent.
fn write(ops: &[Op]) -> Log {
    let (mut log, mut epoch, mut next) = (Log::new(config()), 0, [0; 4]);
    for op in ops {
        match *op {
            Op::Write { producer, value } => {
                let sequence = &mut next[producer as usize];
                let mut builder = BatchBuilder::new(BatchOptions {
                    producer_id: ProducerId(producer),
                    producer_epoch: ProducerEpoch(0),
                    base_sequence: Sequence(*sequence),
                    is_transactional: producer < 3,
                    ..BatchOptions::default()
                });
                builder.append(NOW, Some(b"k"), Some(&vec![b'v'; value]), &[]);
                let batch = builder.build(Offset(0), LeaderEpoch::NONE);
                log.append_as_leader(batch.bytes(), LeaderEpoch(epoch), NOW)
                    .expect("the batch is valid");
                *sequence += 1;
            }
            Op::End { producer, commit } => {
                let marker = EndTransactionMarker { commit, coordinator_epoch: 1 };
                let (id, epoch) = (ProducerId(producer), LeaderEpoch(epoch));
                let version = TransactionVersion(1);
                let result =
                    log.append_end_transaction(id, ProducerEpoch(0), marker, epoch, version, NOW);
                result.expect("the marker is valid");
            }
            Op::NewLeader => epoch += 1,
        }
    }
    log
}

/// The `.log` files of a log.
fn files(log: &Log) -> Vec<(Offset, Bytes)> {
    let file = |segment: &highwater_log::Segment| {
        let mut bytes = BytesMut::new();
        segment.batches().for_each(|batch| bytes.extend_from_slice(batch.bytes()));
        (segment.base_offset(), bytes.freeze())
    };
    log.segments().map(file).collect()
}

fn assert_same(log: &Log, recovered: &Log) {
    assert!(log.batches().eq(recovered.batches()));
    assert!(log.epoch_entries().eq(recovered.epoch_entries()));
    assert_eq!(log.log_end_offset(), recovered.log_end_offset());
    assert_eq!(log.aborted_transactions(Offset(0), log.log_end_offset()).len(), {
        recovered.aborted_transactions(Offset(0), log.log_end_offset()).len()
    });
    assert!(log.producer_state().producers().eq(recovered.producer_state().producers()));
    assert!(
        log.producer_state()
            .ongoing_transactions()
            .eq(recovered.producer_state().ongoing_transactions())
    );
    for (was, is) in log.segments().zip(recovered.segments()) {
        assert_eq!(was.base_offset(), is.base_offset());
        assert!(was.offset_index().eq(is.offset_index()));
        assert!(was.time_index().eq(is.time_index()));
        assert!(was.aborted_transactions().eq(is.aborted_transactions()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_log_is_recovered_from_its_bytes(ops in vec(op(), 0..60)) {
        let log = write(&ops);
        let (recovered, corrupt) = Log::recover(config(), files(&log), NOW);
        prop_assert_eq!(corrupt, None);
        assert_same(&log, &recovered);
    }

    /// Truncation rebuilds the producers from the snapshot of the last segment; recovery, from all batches.
    #[test]
    fn truncation_leaves_what_recovery_would(ops in vec(op(), 1..60), to in 0i64..60) {
        let mut log = write(&ops);
        log.truncate_to(Offset(to));
        let (recovered, _) = Log::recover(config(), files(&log), NOW);
        prop_assert!(log.producer_state().producers().eq(recovered.producer_state().producers()));
        let ongoing = recovered.producer_state().ongoing_transactions();
        prop_assert!(log.producer_state().ongoing_transactions().eq(ongoing));
    }

    #[test]
    fn a_torn_batch_is_dropped(ops in vec(op(), 1..60), cut in 1usize..60) {
        let log = write(&ops);
        let mut files = files(&log);
        let Some((_, last)) = files.last_mut().filter(|(_, last)| !last.is_empty()) else { return Ok(()) };
        last.truncate(last.len() - cut);
        let (recovered, corrupt) = Log::recover(config(), files, NOW);
        let torn = matches!(corrupt.map(|corrupt| corrupt.reason), Some(CorruptReason::Truncated { .. }));
        prop_assert!(torn);
        let kept: Vec<_> = log.batches().collect();
        prop_assert!(recovered.batches().eq(kept[..kept.len() - 1].iter().copied()));
    }

    #[test]
    fn any_bytes_are_recovered_from(
        ops in vec(op(), 0..30), damage in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 0..4),
        bases in vec(-5i64..40, 0..4),
    ) {
        let mut files = files(&write(&ops));
        for (file, at, byte) in damage {
            let place = file.index(files.len());
            let mut bytes = files[place].1.to_vec();
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            files[place].1 = bytes.into();
        }
        for (file, base) in files.iter_mut().zip(bases) {
            file.0 = Offset(base);
        }
        let (log, _) = Log::recover(config(), files, NOW);
        prop_assert!(log.log_start_offset() <= log.log_end_offset());
        prop_assert!(log.batches().zip(log.batches().skip(1)).all(|(a, b)| a.last_offset() < b.base_offset()));
    }
}
