//! Record batches to begin with, and damage that knows how a batch is built: without it, the CRC would
//! turn nearly every damaged input away at the door.

use highwater_log::{
    BATCH_OVERHEAD, BatchBuilder, BatchOptions, Compression, EndTransactionMarker, Header,
    LOG_OVERHEAD, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, TimestampMs,
    TimestampType, compress, crc32c, decompress,
};

use crate::mutate;
use crate::rng::Rng;

/// The broker's time, and about that of the records.
pub const NOW: TimestampMs = TimestampMs(1_700_000_000_000);

/// Where the CRC stands, and what it covers begins.
const CRC_AT: usize = 17;
const ATTRIBUTES_AT: usize = 21;

/// The fields of a header by place and width, without magic and CRC.
const FIELDS: [(usize, usize); 11] = [
    (0, 8),
    (8, 4),
    (12, 4),
    (21, 2),
    (23, 4),
    (27, 8),
    (35, 8),
    (43, 8),
    (51, 2),
    (53, 4),
    (57, 4),
];

/// What a real broker wrote: a `.jsonl` file whose lines hold the bytes in hex.
const RECORDED: &str = include_str!("../../oracle/record-batch/batches.jsonl");

/// Valid batches of every codec: recorded ones, then built ones.
pub fn corpus() -> Vec<Vec<u8>> {
    let mut rng = Rng::of(0, 0);
    let built = (0..200).map(|_| fresh(&mut rng).build(Offset(0), LeaderEpoch::NONE));
    recorded().into_iter().chain(built.map(|batch| batch.bytes().to_vec())).collect()
}

/// A batch in the making, of whatever kind.
pub fn fresh(rng: &mut Rng) -> BatchBuilder {
    if rng.once_in(12) {
        let marker = EndTransactionMarker { commit: rng.once_in(2), coordinator_epoch: 1 };
        let id = ProducerId(rng.below(4) as i64);
        return BatchBuilder::end_transaction(id, ProducerEpoch(0), marker, NOW);
    }
    let is_idempotent = rng.once_in(3);
    let mut builder = BatchBuilder::new(BatchOptions {
        compression: *rng.pick(&Compression::ALL),
        timestamp_type: TimestampType::CreateTime,
        producer_id: if is_idempotent { ProducerId(3) } else { ProducerId::NONE },
        producer_epoch: if is_idempotent { ProducerEpoch(0) } else { ProducerEpoch::NONE },
        base_sequence: if is_idempotent { Sequence(0) } else { Sequence::NONE },
        is_transactional: is_idempotent && rng.once_in(2),
        is_control: false,
    });
    if rng.once_in(16) {
        builder.set_delete_horizon(NOW);
    }
    for _ in 0..=rng.below(6) {
        let timestamp = TimestampMs(NOW.0 + rng.below(1_000) as i64 - 500);
        let (key, value) = (nullable(rng), nullable(rng));
        let headers: Vec<Header> =
            (0..rng.below(6).saturating_sub(3)).map(|_| header(rng)).collect();
        builder.append(timestamp, key.as_deref(), value.as_deref(), &headers);
    }
    builder
}

/// Damages one batch, and mostly makes its length and CRC fit what it became.
pub fn damage(rng: &mut Rng, batch: &mut Vec<u8>) {
    if batch.len() > BATCH_OVERHEAD {
        for _ in 0..rng.below(3) {
            let (at, width) = *rng.pick(&FIELDS);
            let number = rng.telling_number().to_be_bytes();
            batch[at..at + width].copy_from_slice(&number[8 - width..]);
        }
        if rng.once_in(16) {
            repack(rng, batch);
        } else if rng.once_in(2) {
            let mut records = batch.split_off(BATCH_OVERHEAD);
            mutate::bytes(rng, &mut records);
            batch.append(&mut records);
        }
    }
    if rng.once_in(4) {
        mutate::bytes(rng, batch);
    }
    if !rng.once_in(16) {
        seal(batch);
    }
}

/// A batch of the greatest size that its codec can hide in few bytes, or less.
pub fn bomb(rng: &mut Rng) -> Vec<u8> {
    // Record after record without key or value; or zeros, which are no record.
    let record: [u8; 7] = if rng.once_in(4) { [0; 7] } else { [12, 0, 0, 0, 1, 1, 0] };
    let size = (1_usize << 27) >> rng.below(16);
    let codec = *rng.pick(&Compression::ALL[1..]);
    let mut batch =
        fresh(rng).build(Offset(0), LeaderEpoch::NONE).bytes()[..BATCH_OVERHEAD].to_vec();
    batch[ATTRIBUTES_AT + 1] = codec.id();
    let count = (size / record.len()) as u32;
    batch[57..61].copy_from_slice(&count.to_be_bytes());
    batch[23..27].copy_from_slice(&count.saturating_sub(1).to_be_bytes());
    batch.append(&mut compress(codec, &record.repeat(size / record.len())));
    seal(&mut batch);
    batch
}

/// Sets length and CRC to what they must be.
pub fn seal(batch: &mut [u8]) {
    if batch.len() >= BATCH_OVERHEAD {
        let length = (batch.len() - LOG_OVERHEAD) as u32;
        batch[8..12].copy_from_slice(&length.to_be_bytes());
        let crc = crc32c(&batch[ATTRIBUTES_AT..]);
        batch[CRC_AT..ATTRIBUTES_AT].copy_from_slice(&crc.to_be_bytes());
    }
}

/// Damages what the records decompress to, and compresses it again, with another codec at times.
fn repack(rng: &mut Rng, batch: &mut Vec<u8>) {
    let Some(codec) = Compression::from_id(batch[ATTRIBUTES_AT + 1] & 7) else { return };
    let Ok(mut records) = decompress(codec, &batch[BATCH_OVERHEAD..], 1 << 16) else { return };
    mutate::bytes(rng, &mut records);
    let codec = if rng.once_in(2) { codec } else { *rng.pick(&Compression::ALL) };
    batch.truncate(BATCH_OVERHEAD);
    batch[ATTRIBUTES_AT + 1] = batch[ATTRIBUTES_AT + 1] & !7 | codec.id();
    batch.append(&mut compress(codec, &records));
}

fn recorded() -> Vec<Vec<u8>> {
    let hex = RECORDED.lines().filter_map(|line| line.split_once("\"hex\":\"")?.1.split_once('"'));
    let batches: Vec<Vec<u8>> = hex.map(|(hex, _)| unhex(hex)).collect();
    assert!(batches.len() > 20, "the recordings hold batches");
    batches
}

fn unhex(hex: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("recordings are hex");
    (0..hex.len()).step_by(2).map(pair).collect()
}

fn nullable(rng: &mut Rng) -> Option<Vec<u8>> {
    let length = rng.below(24).checked_sub(2)?;
    let byte = b'a' + rng.below(26) as u8;
    Some(if rng.once_in(2) {
        vec![byte; length]
    } else {
        (0..length).map(|_| rng.next() as u8).collect()
    })
}

fn header(rng: &mut Rng) -> Header {
    let key = nullable(rng).unwrap_or_default().into();
    Header { key, value: nullable(rng).map(Into::into) }
}
