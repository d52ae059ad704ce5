//! What a share group writes into its dead-letter queue (KIP-1191): a topic onto which the leaders of its share
//! partitions put what they give up. As Kafka 4.4 does it (`ShareGroupDLQRecordHelper`, `ShareGroupDLQValidator`).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use highwater_log::{BatchBuilder, BatchOptions, Header, Offset, Record, TimestampMs};
use kafka_protocol::ResponseError;

use crate::client::errors::kafka_name;
use crate::ids::{GroupId, TopicName, TopicPartition};
use crate::share::event::ArchiveReason;
use crate::share::partition::Archiving;

#[cfg(test)]
mod tests;

/// The header with the topic that a dead letter comes from.
pub const TOPIC_HEADER: &str = "__dlq.errors.topic";
/// The header with the partition that a dead letter comes from.
pub const PARTITION_HEADER: &str = "__dlq.errors.partition";
/// The header with the offset that a dead letter had there.
pub const OFFSET_HEADER: &str = "__dlq.errors.offset";
/// The header with the group that gave it up.
pub const GROUP_HEADER: &str = "__dlq.errors.group";
/// The header with the number of times that it was handed out.
pub const DELIVERY_COUNT_HEADER: &str = "__dlq.errors.delivery.count";
/// The header with the reason.
pub const MESSAGE_HEADER: &str = "__dlq.errors.message";

/// Whether a topic may be a dead-letter queue, as far as a leader's metadata say.
#[derive(Clone, Debug)]
pub(crate) struct Queue<'a> {
    /// `errors.deadletterqueue.topic.name` of the group; empty if it has none.
    pub(crate) topic: &'a str,
    /// `errors.deadletterqueue.group.enable` of the topic; none if there is no such topic.
    pub(crate) is_enabled: Option<bool>,
    /// `errors.deadletterqueue.topic.name.prefix`
    pub(crate) prefix: &'a str,
    /// `errors.deadletterqueue.auto.create.topics.enable`
    pub(crate) may_be_created: bool,
}

/// Why a record that was given up did not get into the dead-letter queue. It is archived all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeadLetterFailure {
    /// The group names no topic any more.
    NoQueue,
    /// The name is one of those that Kafka keeps for itself.
    ReservedName,
    /// The topic does not have `errors.deadletterqueue.group.enable=true`.
    NotEnabled,
    /// The name does not begin as `errors.deadletterqueue.topic.name.prefix` wants it.
    WrongPrefix(Arc<str>),
    /// There is no such topic, and `errors.deadletterqueue.auto.create.topics.enable` is false.
    NoTopic,
    /// The topic could not be created.
    NotCreated(ResponseError),
    /// For as long as it was tried, the partition that it was to go to had no leader.
    NoLeader,
    /// The leader of the dead-letter queue refused it.
    Refused(ResponseError),
    /// No leader of the dead-letter queue answered for as long as it was tried.
    GaveUp,
}

/// Some dead letters in one batch.
pub(crate) struct Letters {
    /// The records, which may be written with others.
    pub(crate) records: Vec<Letter>,
    /// The source's last offset that is among them.
    pub(crate) last: Offset,
    /// How many bytes a batch of them takes.
    pub(crate) size: usize,
}

/// A record of a dead-letter queue.
pub(crate) struct Letter {
    key: Option<Bytes>,
    value: Option<Bytes>,
    headers: Vec<Header>,
}

/// Where dead letters come from.
pub(crate) struct Source<'a> {
    pub(crate) group: &'a GroupId,
    pub(crate) partition: &'a TopicPartition,
    pub(crate) records: Archiving,
    /// What the records held, as far as that is copied (`errors.deadletterqueue.copy.record.enable`).
    pub(crate) contents: &'a BTreeMap<Offset, Record>,
}

impl Queue<'_> {
    /// Whether dead letters may be written there, or the topic created for them: the first thing that is wrong, in
    /// Kafka's order.
    pub(crate) fn check(&self) -> Result<(), DeadLetterFailure> {
        let Self { topic, is_enabled, prefix, may_be_created } = self;
        if topic.is_empty() {
            return Err(DeadLetterFailure::NoQueue);
        }
        if topic.starts_with("__") {
            return Err(DeadLetterFailure::ReservedName);
        }
        if *is_enabled == Some(false) {
            return Err(DeadLetterFailure::NotEnabled);
        }
        if !topic.starts_with(prefix) {
            return Err(DeadLetterFailure::WrongPrefix((*prefix).into()));
        }
        match is_enabled.is_some() || *may_be_created {
            true => Ok(()),
            false => Err(DeadLetterFailure::NoTopic),
        }
    }
}

impl DeadLetterFailure {
    /// What Kafka writes into its log.
    pub fn message(&self, group: &GroupId, topic: &TopicName) -> String {
        match self {
            Self::NoQueue => format!("Configured DLQ topic name in share group: {group} is empty."),
            Self::ReservedName => format!(
                "Configured DLQ topic name in share group: {group} cannot start with __, topic: {topic}."
            ),
            Self::NotEnabled => format!(
                "DLQ is not enabled on configured DLQ topic for share group: {group}, topic: {topic}"
            ),
            Self::WrongPrefix(prefix) => format!(
                "Configured DLQ topic name does not comply with the DLQ topic prefix in share group: {group}, \
                 topic: {topic}, prefix: {prefix}"
            ),
            Self::NoTopic => format!(
                "DLQ topic does not exist and auto create is disabled on cluster for share group: {group}, \
                 topic: {topic}."
            ),
            Self::NoLeader => {
                "Exhausted max retries to create DLQ topic without success.".to_owned()
            }
            Self::GaveUp => {
                "Exhausted max retries to produce to DLQ topic without success.".to_owned()
            }
            Self::NotCreated(error) | Self::Refused(error) => kafka_name(*error),
        }
    }

    /// The failure in a word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoQueue => "no-queue",
            Self::ReservedName => "reserved-name",
            Self::NotEnabled => "not-enabled",
            Self::WrongPrefix(_) => "wrong-prefix",
            Self::NoTopic => "no-topic",
            Self::NotCreated(_) => "not-created",
            Self::NoLeader => "no-leader",
            Self::Refused(_) => "refused",
            Self::GaveUp => "gave-up",
        }
    }
}

impl fmt::Display for DeadLetterFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Source<'_> {
    /// The dead letters from `first` up to `last`, as many as `max_bytes` allows, but one at least: the leader there
    /// is to say that it is too large.
    pub(crate) fn letters(&self, (first, last): (Offset, Offset), max_bytes: usize) -> Letters {
        // Their time is that of the batch, so that it takes the same bytes whenever it is sent.
        let mut batch = BatchBuilder::new(BatchOptions::default());
        let mut letters = Letters { records: Vec::new(), last: first, size: batch.size_estimate() };
        for offset in (first.0..=last.0.max(first.0)).map(Offset) {
            let letter = self.letter(offset);
            let size = letter.size_in(&batch);
            if size > max_bytes && !letters.records.is_empty() {
                break;
            }
            letter.append_to(&mut batch, TimestampMs(0));
            letters.records.push(letter);
            letters.last = offset;
            letters.size = size;
            if size > max_bytes {
                break;
            }
        }
        letters
    }

    /// One record, with the headers that it had before those of its own: whoever looks for the last of a name
    /// finds these.
    fn letter(&self, offset: Offset) -> Letter {
        let content = self.contents.get(&offset);
        let mut headers = content.map_or_else(Vec::new, |record| record.headers.clone());
        let Archiving { delivery_count, reason, .. } = self.records;
        let own = [
            (TOPIC_HEADER, self.partition.topic.to_string()),
            (PARTITION_HEADER, self.partition.partition.to_string()),
            (OFFSET_HEADER, offset.to_string()),
            (GROUP_HEADER, self.group.to_string()),
            (DELIVERY_COUNT_HEADER, delivery_count.to_string()),
            (MESSAGE_HEADER, message_of(reason).to_owned()),
        ];
        headers.extend(own.into_iter().map(|(key, value)| Header {
            key: Bytes::from_static(key.as_bytes()),
            value: Some(value.into()),
        }));
        Letter {
            key: content.and_then(|record| record.key.clone()),
            value: content.and_then(|record| record.value.clone()),
            headers,
        }
    }
}

impl Letter {
    /// Adds the record to a batch.
    pub(crate) fn append_to(&self, batch: &mut BatchBuilder, at: TimestampMs) {
        batch.append(at, self.key.as_deref(), self.value.as_deref(), &self.headers);
    }

    fn size_in(&self, batch: &BatchBuilder) -> usize {
        batch.size_with(TimestampMs(0), self.key.as_deref(), self.value.as_deref(), &self.headers)
    }
}

/// The partition of the dead-letter queue that the records of a partition go to.
pub fn destination(source: i32, partition_count: i32) -> i32 {
    source % partition_count.max(1)
}

/// What the header says of the reason (`ShareGroupDLQManager`).
fn message_of(reason: ArchiveReason) -> &'static str {
    match reason {
        ArchiveReason::DeliveryLimit => "Offset delivery count exceeded the threshold.",
        _ => "Offset rejected by client.",
    }
}
