//! What went over a connection, counted.

use std::collections::BTreeSet;

use bytes::Bytes;
use kafka_protocol::messages as kafka;

use crate::ids::TopicId;
use crate::message::{Request, Response};

/// What went over a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Records that the broker has acknowledged.
    pub records_produced: u64,
    /// Records that the broker has sent.
    pub records_fetched: u64,
    /// The partitions that the client asks for: those of its fetch session (KIP-227), or of its last fetch.
    pub fetched: BTreeSet<(TopicId, i32)>,
    /// The records of the request under way, by topic and partition.
    sent: Vec<(kafka::TopicName, i32, u64)>,
}

impl Tally {
    /// A request is sent.
    pub fn request(&mut self, request: &Request) {
        match request {
            Request::Produce(body) => {
                let topics = body.topic_data.iter();
                self.sent = topics
                    .flat_map(|topic| {
                        let partitions = topic.partition_data.iter();
                        partitions.map(|data| {
                            (topic.name.clone(), data.index, records_in(data.records.as_ref()))
                        })
                    })
                    .collect();
                // Nobody acknowledges these.
                if body.acks == 0 {
                    self.sent.clear();
                }
            }
            Request::Fetch(body) => self.fetch(body),
            _ => {}
        }
    }

    /// It is answered.
    pub fn response(&mut self, response: &Response) {
        match response {
            Response::Produce(body) => {
                for (topic, partition, records) in self.sent.drain(..) {
                    let mut answers = body.responses.iter().filter(|answer| answer.name == topic);
                    let is_taken = answers.any(|answer| {
                        let mut partitions = answer.partition_responses.iter();
                        partitions.any(|answer| answer.index == partition && answer.error_code == 0)
                    });
                    self.records_produced += if is_taken { records } else { 0 };
                }
            }
            Response::Fetch(body) => {
                let partitions = body.responses.iter().flat_map(|topic| &topic.partitions);
                self.records_fetched +=
                    partitions.map(|data| records_in(data.records.as_ref())).sum::<u64>();
            }
            // Of the batches that it gets, a member of a share group has those records that it acquired.
            Response::ShareFetch(body) => {
                let partitions = body.responses.iter().flat_map(|topic| &topic.partitions);
                let acquired = partitions.flat_map(|data| &data.acquired_records);
                self.records_fetched +=
                    acquired.map(|run| run.first_offset.abs_diff(run.last_offset) + 1).sum::<u64>();
            }
            _ => {}
        }
    }

    fn fetch(&mut self, body: &kafka::FetchRequest) {
        // A session that goes on names only what is new; all others name everything.
        if body.session_epoch <= 0 {
            self.fetched.clear();
        }
        for topic in &body.topics {
            let id = TopicId(topic.topic_id.as_u128());
            self.fetched.extend(topic.partitions.iter().map(|asked| (id, asked.partition)));
        }
        for topic in &body.forgotten_topics_data {
            let id = TopicId(topic.topic_id.as_u128());
            for partition in &topic.partitions {
                self.fetched.remove(&(id, *partition));
            }
        }
    }
}

/// How many records there are in batches, by their headers; the last batch may be cut off.
fn records_in(batches: Option<&Bytes>) -> u64 {
    /// Where a batch has the length of what follows, and the count of its records: `baseOffset`, then `batchLength`.
    const LENGTH_AT: usize = 8;
    const COUNT_AT: usize = 57;
    let number = |bytes: &[u8], at: usize| {
        let number = bytes.get(at..)?.first_chunk::<4>().map(|bytes| i32::from_be_bytes(*bytes))?;
        usize::try_from(number).ok()
    };
    let mut rest = batches.map_or(&[][..], |bytes| bytes);
    let mut records = 0;
    while let Some((length, count)) = number(rest, LENGTH_AT).zip(number(rest, COUNT_AT)) {
        let Some(after) = rest.get(LENGTH_AT + 4 + length..) else { break };
        records += count as u64;
        rest = after;
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_by_the_headers_of_their_batches() {
        let mut batch = vec![0_u8; 70];
        batch[8..12].copy_from_slice(&58_i32.to_be_bytes());
        batch[57..61].copy_from_slice(&3_i32.to_be_bytes());
        let count = |bytes: Vec<u8>| records_in(Some(&Bytes::from(bytes)));
        assert_eq!(count(batch.clone()), 3);
        assert_eq!(count([batch.clone(), batch.clone()].concat()), 6);
        assert_eq!(count([&batch[..], &batch[..69]].concat()), 3);
        assert_eq!(count(vec![0xff; 200]), 0);
        assert_eq!(count(Vec::new()), 0);
        assert_eq!(records_in(None), 0);
    }
}
