//! The `.log` files of a log, as they are found after a crash. An input is file after file: base offset
//! (8 bytes), length (4 bytes), content.

use bytes::{Buf, Bytes, BytesMut};
use highwater_log::{
    BatchBuilder, BatchOptions, LeaderEpoch, Log, LogConfig, Offset, ProducerEpoch, ProducerId,
    Segment, Sequence, TimestampMs, TransactionVersion, crc32c, dump,
};

use super::Target;
use crate::batches::{NOW, damage, fresh};
use crate::mutate;
use crate::rng::Rng;

/// What a real broker wrote.
const RECORDED: [&[u8]; 3] = [
    include_bytes!("../../../oracle/segment/orders-0.00000000000000000000.log"),
    include_bytes!("../../../oracle/segment/seg-none-0.00000000000000000000.log"),
    include_bytes!("../../../oracle/segment/seg-gzip-0.00000000000000000000.log"),
];

type Files = Vec<(Offset, Vec<u8>)>;

pub struct SegmentRecovery {
    corpus: Vec<Files>,
}

impl SegmentRecovery {
    pub fn new() -> Self {
        let mut rng = Rng::of(0, 0);
        let written = (0..100).map(|_| files(&write(&mut rng)));
        let recorded = RECORDED
            .iter()
            .map(|bytes| vec![(Offset(0), bytes[..2_000.min(bytes.len())].to_vec())]);
        Self { corpus: written.chain(recorded).collect() }
    }
}

impl Target for SegmentRecovery {
    fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        let mut files = rng.pick(&self.corpus).clone();
        for _ in 0..rng.below(4) {
            let place = rng.below(files.len());
            let file = &mut files[place];
            match rng.below(8) {
                0 => mutate::bytes(rng, &mut file.1),
                1 => file.0 = Offset(rng.telling_number()),
                _ => damage_one(rng, &mut file.1),
            }
        }
        encode(&files)
    }

    fn run(&self, input: &[u8]) {
        let files = decode(input);
        let choice = crc32c(input);
        let config = LogConfig {
            segment_bytes: [300, 1_000, 1 << 30][(choice % 3) as usize],
            index_interval_bytes: [0, 150, 4096][(choice / 3 % 3) as usize],
            ..LogConfig::default()
        };
        for (base, bytes) in &files {
            check_segment(&Segment::recover(*base, bytes.clone(), config.index_interval_bytes).0);
        }
        let (log, _) = Log::recover(config, files, NOW);
        check_log(&log);
        if choice.is_multiple_of(8) {
            // What the dump tool prints of it; rarely, since it costs as much as all the rest.
            log.segments().for_each(|segment| drop(dump::log_lines(segment, true)));
        }
        check_recovered_again(&log);
        go_on(log, choice);
    }
}

/// A log that several producers wrote to, some in transactions, under several leaders.
fn write(rng: &mut Rng) -> Log {
    let config =
        LogConfig { segment_bytes: 600, index_interval_bytes: 150, ..LogConfig::default() };
    let (mut log, mut epoch, mut next) = (Log::new(config), 0, [0; 3]);
    for _ in 0..2 + rng.below(6) {
        if rng.once_in(4) {
            epoch += 1;
        }
        let producer = rng.below(4);
        let options = match next.get_mut(producer) {
            None => BatchOptions::default(),
            Some(sequence) => {
                let base_sequence = Sequence(*sequence);
                *sequence += 1;
                BatchOptions {
                    producer_id: ProducerId(producer as i64),
                    producer_epoch: ProducerEpoch(0),
                    base_sequence,
                    is_transactional: producer < 2,
                    ..BatchOptions::default()
                }
            }
        };
        let mut builder = BatchBuilder::new(options);
        builder.append(NOW, Some(b"key"), Some(&vec![b'v'; rng.below(100)]), &[]);
        let built = builder.build(Offset(0), LeaderEpoch::NONE);
        log.append_as_leader(built.bytes(), LeaderEpoch(epoch), NOW).expect("the batch is valid");
        if rng.once_in(4) {
            // Refused where it does not fit the producer's state, which is as good.
            let batch = fresh(rng).build(Offset(0), LeaderEpoch::NONE);
            let origin = highwater_log::AppendOrigin::Coordinator;
            let (bytes, version) = (batch.bytes(), TransactionVersion(1));
            let _ = log.append_as_leader_from(origin, bytes, LeaderEpoch(epoch), version, NOW);
        }
    }
    log
}

/// Damages one of the batches of a file, found by their lengths.
fn damage_one(rng: &mut Rng, file: &mut Vec<u8>) {
    let mut starts = vec![0];
    while let Some(length) =
        file.get(starts[starts.len() - 1] + 8..).and_then(|rest| rest.first_chunk())
    {
        let end = starts[starts.len() - 1] + 12 + (u32::from_be_bytes(*length) as usize);
        if end >= file.len() {
            break;
        }
        starts.push(end);
    }
    let place = rng.below(starts.len());
    let end = starts.get(place + 1).copied().unwrap_or(file.len());
    let mut batch = file[starts[place]..end].to_vec();
    damage(rng, &mut batch);
    file.splice(starts[place]..end, batch);
}

fn encode(files: &Files) -> Vec<u8> {
    let mut input = Vec::new();
    for (base, bytes) in files {
        input.extend_from_slice(&base.0.to_be_bytes());
        input.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
        input.extend_from_slice(bytes);
    }
    input
}

fn decode(input: &[u8]) -> Vec<(Offset, Bytes)> {
    let (mut rest, mut files) = (Bytes::copy_from_slice(input), Vec::new());
    while rest.len() >= 12 {
        let (base, length) = (rest.get_i64(), rest.get_u32() as usize);
        files.push((Offset(base), rest.split_to(length.min(rest.len()))));
    }
    files
}

/// The `.log` files of a log.
fn files(log: &Log) -> Files {
    let file = |segment: &Segment| {
        let mut bytes = BytesMut::new();
        segment.batches().for_each(|batch| bytes.extend_from_slice(batch.bytes()));
        (segment.base_offset(), bytes.to_vec())
    };
    log.segments().map(file).collect()
}

/// The indexes say where the batches are.
fn check_segment(segment: &Segment) {
    let positions: Vec<_> = segment.positions().collect();
    for pair in positions.windows(2) {
        let ((at, batch), (next_at, next)) = (pair[0], pair[1]);
        assert_eq!(at + batch.size_in_bytes(), next_at);
        assert!(batch.last_offset() < next.base_offset(), "offsets ascend");
    }
    for entry in segment.offset_index() {
        let place = positions.binary_search_by_key(&entry.position, |(at, _)| *at);
        let (_, batch) = positions[place.expect("an entry points at a batch")];
        assert_eq!(batch.last_offset(), entry.offset);
    }
    let times: Vec<_> = segment.time_index().collect();
    assert!(times.windows(2).all(|pair| pair[0].timestamp < pair[1].timestamp));
    let latest = positions.iter().map(|(_, batch)| batch.header().max_timestamp).max();
    assert!(segment.max_timestamp().timestamp >= latest.unwrap_or(TimestampMs(i64::MIN)));
}

/// Reading by offset finds what looking at every batch finds.
fn check_log(log: &Log) {
    let (start, end) = (log.log_start_offset(), log.log_end_offset());
    assert!(start <= log.high_watermark() && log.high_watermark() <= end);
    log.segments().for_each(check_segment);
    let batches: Vec<_> = log.batches().collect();
    assert!(batches.windows(2).all(|pair| pair[0].last_offset() < pair[1].base_offset()));
    let edges = batches.iter().flat_map(|batch| [batch.base_offset(), batch.last_offset()]);
    for from in edges.chain([start, end]).filter(|from| (start..=end).contains(from)) {
        let expected = batches.iter().find(|batch| batch.last_offset() >= from);
        let read = log.read_batches(from, 1, true, end).expect("the offset is in range");
        assert_eq!(read.first(), expected.copied(), "reading at {from}");
        assert_eq!(log.batches_from(from).next(), expected.copied());
    }
    assert!(log.read(end.next(), 1, true, end).is_err() || end.0 == i64::MAX);
    log.aborted_transactions(start, end);
    for target in [TimestampMs(0), NOW, TimestampMs(i64::MAX)] {
        if let Some((timestamp, offset, _)) = log.offset_for_timestamp(target) {
            assert!(timestamp >= target && offset >= start, "{offset} at {timestamp}");
        }
    }
}

/// What recovery keeps, it keeps again.
fn check_recovered_again(log: &Log) {
    let kept = files(log).into_iter().map(|(base, bytes)| (base, Bytes::from(bytes)));
    let (again, corrupt) = Log::recover(log.config().clone(), kept, NOW);
    assert_eq!(corrupt, None, "what was kept is whole");
    assert!(again.batches().eq(log.batches()));
    assert!(again.epoch_entries().eq(log.epoch_entries()));
    assert_eq!(again.log_end_offset(), log.log_end_offset());
}

/// The log is of use after recovery: it goes on, lets go, and goes back.
fn go_on(mut log: Log, choice: u32) {
    let end = log.log_end_offset();
    if end.0 < i64::MAX - 10 {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        builder.append(NOW, None, Some(b"after"), &[]);
        let batch = builder.build(Offset(0), LeaderEpoch::NONE);
        let epoch = log.latest_epoch().unwrap_or(LeaderEpoch(0));
        let info = log.append_as_leader(batch.bytes(), epoch, NOW).expect("a log goes on");
        assert_eq!((info.first_offset, log.log_end_offset()), (end, end.next()));
    }
    log.set_high_watermark(log.log_end_offset());
    let mut shorter = log.clone();
    let all: Vec<_> = log.batches().map(|batch| batch.base_offset()).collect();
    if let Some(to) = all.get(choice as usize % all.len().max(1)) {
        shorter.truncate_to(*to);
        check_log(&shorter);
        assert_eq!(shorter.log_end_offset(), *to);
    }
    log.delete_old_segments(TimestampMs(NOW.0 + (1 << 40)));
    log.reload(NOW);
    check_log(&log);
}
