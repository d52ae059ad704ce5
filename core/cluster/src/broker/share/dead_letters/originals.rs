//! What records held that are given up, for groups that have it copied
//! (`errors.deadletterqueue.copy.record.enable`). Kafka's `ShareGroupDLQRecordFetcher`.

use std::collections::BTreeMap;

use highwater_log::{Batch, Compression, Log, Offset, Record};

use crate::broker::Broker;
use crate::ctx::Ctx;

/// How much of the log is read at once (`DLQ_MAX_FETCH_BYTES`): mostly it is about one record.
const READ_BYTES: usize = 1024 * 1024;

impl Broker {
    /// Reads what the records hold that go into the queue next, as far as it can be read and is not too much at once.
    pub(super) fn read_originals(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(pending) = self.process.shares.dead_letters.pending.get(&id) else { return };
        let (group, partition) = &pending.name;
        let wanted = (pending.next, pending.records.last);
        let is_leader = self.replicas.get(partition).is_some_and(|own| own.leader().is_some());
        let found = match is_leader && self.share_settings(group).copies_dead_letters {
            true => {
                let most = self.most_dead_letter_bytes(group);
                originals(&self.log_for_shares(ctx, partition), wanted, most)
            }
            false => Originals { contents: BTreeMap::new(), known_to: wanted.1 },
        };
        if let Some(pending) = self.process.shares.dead_letters.pending.get_mut(&id) {
            pending.contents = found.contents;
            pending.known_to = found.known_to;
        }
    }
}

/// What was read.
struct Originals {
    contents: BTreeMap<Offset, Record>,
    /// Up to where nothing more would be found by reading again.
    known_to: Offset,
}

/// Reads committed records. What decompresses to more than `most` bytes in all is left for the next time.
fn originals(log: &Log, (first, last): (Offset, Offset), most: usize) -> Originals {
    let (mut contents, mut next, mut spent) = (BTreeMap::new(), first, 0);
    while next <= last {
        let read = log.read_batches(next, READ_BYTES, true, log.high_watermark());
        let batches = read.unwrap_or_default();
        let Some(end) = batches.last().map(Batch::last_offset).filter(|end| *end >= next) else {
            break;
        };
        for batch in &batches {
            let is_compressed = batch.header().compression != Compression::None;
            for record in batch.iter_records().into_iter().flatten().map_while(Result::ok) {
                if record.offset < next || record.offset > last {
                    continue;
                }
                if is_compressed {
                    spent += size_of(&record);
                }
                if spent > most {
                    return Originals { contents, known_to: next - 1 };
                }
                next = record.offset.next();
                contents.insert(record.offset, record);
            }
        }
        next = end.next();
    }
    Originals { contents, known_to: last }
}

fn size_of(record: &Record) -> usize {
    let length = |bytes: &Option<bytes::Bytes>| bytes.as_ref().map_or(0, bytes::Bytes::len);
    let headers = record.headers.iter().map(|header| header.key.len() + length(&header.value));
    length(&record.key) + length(&record.value) + headers.sum::<usize>()
}
