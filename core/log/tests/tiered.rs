//! A log with a remote tier (KIP-405): what may be copied, what may leave the disk, and what is left to be read.

use highwater_log::{
    BatchBuilder, BatchOptions, LeaderEpoch, Log, LogConfig, Offset, ReadError, RemoteState,
    TimestampMs,
};

/// A tiered log of segments of ten records each, all committed, of which the disk may keep nothing.
fn log(records: i64) -> Log {
    let mut log = Log::new(LogConfig {
        remote_storage: true,
        local_retention_ms: 0,
        segment_ms: 9,
        ..LogConfig::default()
    });
    for time in 0..records {
        let mut batch = BatchBuilder::new(BatchOptions::default());
        batch.append(TimestampMs(time), None, Some(b"value"), &[]);
        let bytes = batch.build(Offset(0), LeaderEpoch::NONE).bytes().clone();
        log.append_as_leader(&bytes, LeaderEpoch(0), TimestampMs(time))
            .expect("it can be appended");
    }
    log.set_high_watermark(log.log_end_offset());
    log
}

/// The offsets of the segments that are copied one after another.
fn copied(log: &Log) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    let mut from = Offset(0);
    while let Some(next) = log.next_to_copy(from) {
        found.push((next.segment.base_offset().0, next.end_offset.0));
        from = next.end_offset.next();
    }
    found
}

#[test]
fn closed_segments_below_the_last_stable_offset_are_copied() {
    assert_eq!(copied(&log(35)), [(0, 9), (10, 19), (20, 29)]);
    assert_eq!(copied(&log(5)), []);
    let mut half = log(35);
    half.set_high_watermark(Offset(25));
    assert_eq!(copied(&half), [(0, 9), (10, 19)]);
    let mut later = log(35);
    later.increment_log_start_offset(Offset(15)).expect("it is committed");
    assert_eq!(copied(&later), [(10, 19), (20, 29)]);
}

/// Where the disk begins once retention has looked at a log of which all up to an offset is remote.
#[track_caller]
fn check(records: i64, highest_in_remote: Option<i64>, local_start: i64) {
    let mut log = log(records);
    if let Some(highest) = highest_in_remote {
        log.note_highest_offset_in_remote(Offset(highest));
    }
    log.delete_old_segments(TimestampMs(1_000));
    let starts = (log.log_start_offset().0, log.local_log_start_offset().0);
    assert_eq!(starts, (0, local_start), "{highest_in_remote:?}");
    assert!(matches!(
        log.read(Offset(local_start - 1), 1, true, log.log_end_offset()),
        Err(ReadError::OffsetOutOfRange { .. })
    ));
    let read = log.read_batches(Offset(local_start), 1 << 20, true, log.log_end_offset());
    assert_eq!(read.expect("it is on the disk")[0].base_offset(), Offset(local_start));
}

#[test]
fn only_what_is_remote_leaves_the_disk() {
    check(35, None, 0);
    check(35, Some(8), 0);
    check(35, Some(9), 10);
    check(35, Some(29), 30);
}

#[test]
fn what_retention_lets_go_is_closed_so_that_it_can_be_copied() {
    let mut log = log(35);
    log.note_highest_offset_in_remote(Offset(29));
    log.delete_old_segments(TimestampMs(1_000));
    assert_eq!(log.next_to_copy(Offset(30)).map(|next| next.end_offset), Some(Offset(34)));
    log.note_highest_offset_in_remote(Offset(34));
    log.delete_old_segments(TimestampMs(1_000));
    assert_eq!(log.local_log_start_offset(), Offset(35));
    assert_eq!(log.log_start_offset(), Offset(0));
}

#[test]
fn how_far_copying_lags_counts_closed_segments_that_are_not_remote() {
    let mut log = log(35);
    let size = |log: &Log, base: i64| {
        let found = log.segments().find(|segment| segment.base_offset() == Offset(base));
        found.expect("it is a segment").size_in_bytes()
    };
    assert_eq!(log.remote_copy_lag(), (3, size(&log, 0) + size(&log, 10) + size(&log, 20)));
    log.note_highest_offset_in_remote(Offset(19));
    assert_eq!(log.remote_copy_lag(), (1, size(&log, 20)));
    // A leader before this one had closed what is the active segment here, and copied it.
    log.note_highest_offset_in_remote(Offset(34));
    assert_eq!(log.remote_copy_lag(), (0, 0));
}

#[test]
fn a_log_with_what_is_remote_reads_as_if_nothing_had_left_the_disk() {
    let whole = log(35);
    let mut segments = Vec::new();
    let mut from = Offset(0);
    while let Some(next) = whole.next_to_copy(from) {
        from = next.end_offset.next();
        segments.push(next.segment);
    }
    let mut tiered = whole.clone();
    tiered.note_highest_offset_in_remote(Offset(29));
    tiered.delete_old_segments(TimestampMs(1_000));
    let joined = tiered.with_remote(segments);
    let bytes = |log: &Log| log.batches().map(|it| it.bytes().clone()).collect::<Vec<_>>();
    assert_eq!(bytes(&joined), bytes(&whole));
    assert_eq!(joined.local_log_start_offset(), Offset(0));
}

#[test]
fn a_follower_begins_behind_the_remote_tier_with_its_epochs() {
    let leader = log(35);
    let last = leader.next_to_copy(Offset(20)).expect("it is closed");
    let mut follower = Log::new(leader.config().clone());
    follower.restart_from_remote(RemoteState {
        log_start_offset: Offset(5),
        next_offset: last.end_offset.next(),
        lineage: last.lineage,
        producers: last.producers,
    });
    assert_eq!(follower.log_start_offset(), Offset(5));
    assert_eq!(follower.local_log_start_offset(), Offset(30));
    assert_eq!(follower.log_end_offset(), Offset(30));
    assert_eq!(follower.epoch_cache().epoch_for_offset(Offset(29)), Some(LeaderEpoch(0)));
    assert_eq!(follower.highest_offset_in_remote(), Some(Offset(29)));
    let (recovered, corrupt) =
        follower.recover_tiered([(Offset(30), Default::default())], TimestampMs(0));
    assert!(corrupt.is_none());
    assert_eq!(recovered.epoch_cache(), follower.epoch_cache());
    assert_eq!(recovered.log_start_offset(), Offset(5));
}

#[test]
fn truncation_takes_back_what_was_taken_to_be_remote() {
    let mut log = log(35);
    log.note_highest_offset_in_remote(Offset(29));
    log.truncate_to(Offset(15));
    assert_eq!(log.highest_offset_in_remote(), Some(Offset(14)));
}
