//! What the application wants to have produced: it has no producer here, only a queue that whoever
//! holds consumer and producer empties.

use bytes::Bytes;
use highwater_log::{Header, Record};

use crate::ids::{TopicName, TopicPartition};

/// What ties a record that is to be produced to the answer about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OutgoingId(pub(crate) u64);

/// A record that the application wants to have produced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) id: OutgoingId,
    pub(crate) topic: TopicName,
    pub(crate) key: Option<Bytes>,
    pub(crate) value: Option<Bytes>,
    pub(crate) headers: Vec<Header>,
}

/// The records that wait to be taken, and the number of the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    waiting: Vec<Outgoing>,
    next: u64,
}

/// Why a record is sent on.
pub(super) struct Failed<'a> {
    pub(super) partition: &'a TopicPartition,
    pub(super) record: &'a Record,
    pub(super) class: &'a str,
    pub(super) message: &'a str,
    /// How often it was tried in place.
    pub(super) attempts: u32,
    /// When it is due, in milliseconds, if it goes to a retry topic.
    pub(super) due_ms: Option<i64>,
}

impl Outbox {
    /// Puts a record that failed into the queue, with all that is known of the failure in its headers.
    pub(super) fn push(&mut self, topic: &TopicName, failed: &Failed<'_>) -> OutgoingId {
        let id = OutgoingId(self.next);
        self.next += 1;
        let record = failed.record;
        self.waiting.push(Outgoing {
            id,
            topic: topic.clone(),
            key: record.key.clone(),
            value: record.value.clone(),
            headers: super::headers::of(failed),
        });
        id
    }

    pub(super) fn take(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.waiting)
    }
}
