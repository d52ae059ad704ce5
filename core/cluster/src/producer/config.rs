//! A producer's settings and what it is to send.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use highwater_log::Compression;

use crate::client::Backoff;
use crate::client::security::{Security, secured};
use crate::ids::{TopicName, TransactionalId};
use crate::producer::partitioner::Partitioner;
use crate::producer::shape::Shape;
use crate::producer::transaction::TransactionPlan;
use crate::time::Span;

mod settings;

pub use settings::PRODUCER_CONFIGS;

/// What a producer waits for before a record counts as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// Nothing: `acks=0`.
    None,
    /// The leader's log: `acks=1`.
    Leader,
    /// The logs of all in-sync replicas: `acks=all`.
    #[default]
    All,
}

impl Acks {
    /// As a request carries it.
    pub fn code(self) -> i16 {
        match self {
            Acks::None => 0,
            Acks::Leader => 1,
            Acks::All => -1,
        }
    }

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Acks::None => "0",
            Acks::Leader => "1",
            Acks::All => "all",
        }
    }
}

/// A record of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRecord {
    /// Its key; none for null.
    pub key: Option<Bytes>,
    /// Its value.
    pub value: Bytes,
}

/// Where a producer's records come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Made up, numbered from 0.
    Synthetic {
        /// How many different keys there are; with none, records have no key.
        keys: u32,
        /// How long a value is at least.
        value_bytes: u32,
    },
    /// Read from a file, in its order.
    File {
        /// The records of the file.
        records: Arc<[SourceRecord]>,
        /// Whether to begin anew at its end.
        repeat: bool,
    },
}

/// A producer's settings and what it is to send. The defaults are Kafka's.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerConfig {
    /// The name that the person gives it.
    pub name: Arc<str>,
    /// Where it sends to.
    pub topic: TopicName,
    /// How many records it makes in a second.
    pub rate_per_second: u32,
    /// Where its records come from.
    pub source: Source,
    /// How many records it makes at most.
    pub limit: Option<u64>,
    /// What they look like, and when they are made.
    pub shape: Shape,
    /// `partitioner.class`.
    pub partitioner: Partitioner,
    /// `acks`.
    pub acks: Acks,
    /// `batch.size`.
    pub batch_size: i32,
    /// `buffer.memory`.
    pub buffer_memory: i64,
    /// `compression.type`.
    pub compression: Compression,
    /// `compression.gzip.level`; -1 for the codec's own default.
    pub gzip_level: i32,
    /// `client.id`. Each producer here is an application of its own, so it is the first of its process.
    pub client_id: Arc<str>,
    /// `delivery.timeout.ms`.
    pub delivery_timeout_ms: i32,
    /// `enable.idempotence`.
    pub enable_idempotence: bool,
    /// `linger.ms`.
    pub linger_ms: i64,
    /// `max.block.ms`.
    pub max_block_ms: i64,
    /// `max.in.flight.requests.per.connection`.
    pub max_in_flight: i32,
    /// `max.request.size`.
    pub max_request_size: i32,
    /// `metadata.max.age.ms`.
    pub metadata_max_age_ms: i64,
    /// `partitioner.adaptive.partitioning.enable`.
    pub adaptive_partitioning: bool,
    /// `partitioner.availability.timeout.ms`; 0 for none.
    pub partitioner_availability_timeout_ms: i64,
    /// `partitioner.ignore.keys`.
    pub ignore_keys: bool,
    /// `reconnect.backoff.ms`.
    pub reconnect_backoff_ms: i64,
    /// `reconnect.backoff.max.ms`.
    pub reconnect_backoff_max_ms: i64,
    /// `request.timeout.ms`.
    pub request_timeout_ms: i32,
    /// `retries`.
    pub retries: i32,
    /// `retry.backoff.ms`.
    pub retry_backoff_ms: i64,
    /// `retry.backoff.max.ms`.
    pub retry_backoff_max_ms: i64,
    /// `transaction.timeout.ms`.
    pub transaction_timeout_ms: i32,
    /// `transactional.id`; none for a producer without transactions.
    pub transactional_id: Option<TransactionalId>,
    /// How the application groups its records into transactions; none if it is driven by hand.
    pub transaction_plan: Option<TransactionPlan>,
    /// How it connects, and who it says that it is.
    pub security: Security,
    /// The settings that were given: Kafka is strict about them, and lenient about its own defaults.
    pub(super) given: BTreeSet<&'static str>,
}

secured!(ProducerConfig);

impl ProducerConfig {
    /// A producer that makes one record a second, with Kafka's defaults.
    pub fn new(name: &str, topic: TopicName) -> Self {
        Self {
            name: name.into(),
            topic,
            rate_per_second: 1,
            source: Source::Synthetic { keys: 0, value_bytes: 0 },
            limit: None,
            shape: Shape::default(),
            partitioner: Partitioner::BuiltIn,
            partitioner_availability_timeout_ms: 0,
            client_id: name.into(),
            gzip_level: -1,
            acks: Acks::All,
            batch_size: 16_384,
            buffer_memory: 33_554_432,
            compression: Compression::None,
            delivery_timeout_ms: 120_000,
            enable_idempotence: true,
            linger_ms: 5,
            max_block_ms: 60_000,
            max_in_flight: 5,
            max_request_size: 1_048_576,
            metadata_max_age_ms: 300_000,
            adaptive_partitioning: true,
            ignore_keys: false,
            reconnect_backoff_ms: 50,
            reconnect_backoff_max_ms: 1_000,
            request_timeout_ms: 30_000,
            retries: i32::MAX,
            retry_backoff_ms: 100,
            retry_backoff_max_ms: 1_000,
            transaction_timeout_ms: 60_000,
            transactional_id: None,
            transaction_plan: None,
            security: Security::default(),
            given: BTreeSet::new(),
        }
    }

    /// Whether the producer is idempotent in fact. Kafka lets go of it without a word where it is only
    /// the default and another setting stands against it.
    pub fn is_idempotent(&self) -> bool {
        self.enable_idempotence && self.acks == Acks::All && self.retries > 0
    }

    /// Checks the settings against each other, as Kafka does when a producer is made. The error is
    /// what Kafka's `ConfigException` says.
    pub fn check(&self) -> Result<(), String> {
        self.security.check()?;
        self.check_idempotence()?;
        let is_given = self.given.contains("delivery.timeout.ms");
        if is_given && i64::from(self.delivery_timeout_ms) < self.least_delivery_timeout_ms() {
            let message = "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms";
            return Err(message.to_owned());
        }
        Ok(())
    }

    /// How long a record may take from its making until it is acknowledged. Kafka lengthens its own
    /// default where one attempt would take longer.
    pub(super) fn delivery_timeout(&self) -> Span {
        let least = self.least_delivery_timeout_ms();
        Span::from_millis(i64::from(self.delivery_timeout_ms).max(least))
    }

    /// One attempt's worth of time. Kafka keeps it, and `linger.ms` too, within 32 bits.
    fn least_delivery_timeout_ms(&self) -> i64 {
        let most = i64::from(i32::MAX);
        self.linger_ms.min(most).saturating_add(i64::from(self.request_timeout_ms)).min(most)
    }

    pub(super) fn linger(&self) -> Span {
        Span::from_millis(self.linger_ms.min(i64::from(i32::MAX)))
    }

    pub(super) fn request_timeout(&self) -> Span {
        Span::from_millis(i64::from(self.request_timeout_ms))
    }

    pub(super) fn retry_backoff(&self) -> Backoff {
        let initial = Span::from_millis(self.retry_backoff_ms);
        Backoff { initial, max: Span::from_millis(self.retry_backoff_max_ms) }
    }

    pub(super) fn reconnect_backoff(&self) -> Backoff {
        let initial = Span::from_millis(self.reconnect_backoff_ms);
        Backoff { initial, max: Span::from_millis(self.reconnect_backoff_max_ms) }
    }

    fn check_idempotence(&self) -> Result<(), String> {
        // A transactional.id asks for idempotence as much as enable.idempotence does.
        let is_transactional = self.transactional_id.is_some();
        let given = self.given.contains("enable.idempotence") || is_transactional;
        if !self.enable_idempotence {
            let message = "Cannot set a transactional.id without also enabling idempotence.";
            return if is_transactional { Err(message.to_owned()) } else { Ok(()) };
        }
        if given && self.retries == 0 {
            return Err(
                "Must set retries to non-zero when using the idempotent producer.".to_owned()
            );
        }
        if given && self.acks != Acks::All {
            let message = "Must set acks to all in order to use the idempotent producer. \
                           Otherwise we cannot guarantee idempotence.";
            return Err(message.to_owned());
        }
        if self.max_in_flight > 5 {
            return Err(format!(
                "To use the idempotent producer, max.in.flight.requests.per.connection must be set \
                 to at most 5. Current value is {}.",
                self.max_in_flight
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
