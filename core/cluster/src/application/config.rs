//! What an application is to do, and how sure it is to be of it.

use std::sync::Arc;

use crate::consumer::ConsumerConfig;
use crate::ids::TopicName;
use crate::producer::ProducerConfig;
use crate::time::Span;

/// How often the effect of a record is seen if something fails on the way: Kafka Streams'
/// `processing.guarantee`, and what it leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guarantee {
    /// Offsets are committed first, then the records are worked on: what fails in between is lost.
    AtMostOnce,
    /// What was made of the records is written first, then their offsets are committed: what fails in
    /// between is done again.
    #[default]
    AtLeastOnce,
    /// Both are written in one transaction (KIP-98, KIP-447).
    ExactlyOnce,
}

impl Guarantee {
    /// All of them, from the weakest.
    pub const ALL: [Guarantee; 3] =
        [Guarantee::AtMostOnce, Guarantee::AtLeastOnce, Guarantee::ExactlyOnce];

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Guarantee::AtMostOnce => "at-most-once",
            Guarantee::AtLeastOnce => "at-least-once",
            Guarantee::ExactlyOnce => "exactly-once",
        }
    }

    /// `commit.interval.ms` as Kafka Streams has it for the guarantee.
    pub fn default_commit_interval_ms(self) -> i64 {
        match self {
            Guarantee::ExactlyOnce => 100,
            Guarantee::AtMostOnce | Guarantee::AtLeastOnce => 30_000,
        }
    }
}

/// An application that reads topics, makes something of each record, and writes it to another topic.
#[derive(Clone, Debug, PartialEq)]
pub struct AppConfig {
    /// The name that the person gives it.
    pub name: Arc<str>,
    /// What is to hold if something fails.
    pub guarantee: Guarantee,
    /// Its consumer's settings. It commits by itself: `enable.auto.commit` is off.
    pub consumer: ConsumerConfig,
    /// Its producer's settings, with the topic that it writes to.
    pub producer: ProducerConfig,
    /// How long it works on each record.
    pub process: Span,
    /// `commit.interval.ms`: how much time passes between two commits at least. With
    /// [`Guarantee::AtMostOnce`] it has no meaning: each poll is committed at once.
    pub commit_interval_ms: i64,
    /// It makes nothing of each record whose offset is that number less one, twice that number less
    /// one, and so on. None if something comes of all.
    pub drop_every: Option<u32>,
    /// How many records come of each.
    pub fan_out: u32,
    /// After so many records it crashes, where it hurts most: between writing and committing.
    pub fail_after: Option<u64>,
}

impl AppConfig {
    /// An application with Kafka's defaults for what it consists of, which are those of Kafka Streams
    /// where that sets others.
    pub fn new(consumer: ConsumerConfig, producer: ProducerConfig, guarantee: Guarantee) -> Self {
        Self {
            name: consumer.name.clone(),
            guarantee,
            consumer,
            producer,
            process: Span::ZERO,
            commit_interval_ms: guarantee.default_commit_interval_ms(),
            drop_every: None,
            fan_out: 1,
            fail_after: None,
        }
    }

    /// Gives its clients the settings that the guarantee asks for, as Kafka Streams does: with
    /// exactly-once a `transactional.id`, a `transaction.timeout.ms` of 10 s, and
    /// `isolation.level=read_committed`. What a person sets takes precedence.
    ///
    /// # Errors
    /// What Kafka's clients say of a setting.
    pub fn prepare(
        guarantee: Guarantee,
        consumer: &mut ConsumerConfig,
        producer: &mut ProducerConfig,
    ) -> Result<(), String> {
        if guarantee == Guarantee::ExactlyOnce {
            consumer.set("isolation.level", "read_committed")?;
            producer.set("transactional.id", &format!("{}-{}", consumer.group, consumer.name))?;
            producer.set("transaction.timeout.ms", "10000")?;
        }
        Ok(())
    }

    /// What comes of each record.
    pub fn shape(&self) -> Shape {
        Shape { drop_every: self.drop_every, fan_out: self.fan_out }
    }

    /// Where it writes to.
    pub fn to(&self) -> &TopicName {
        &self.producer.topic
    }

    pub(super) fn commit_interval(&self) -> Span {
        Span::from_millis(self.commit_interval_ms)
    }
}

/// How many records come of each: what an application's output is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Nothing comes of each record whose offset is a multiple of this, less one.
    pub drop_every: Option<u32>,
    /// How many come of each of the others.
    pub fan_out: u32,
}

impl Shape {
    /// How many records are to come of the one at `offset`. It goes by the offset, so that a record
    /// that is read twice is treated alike.
    pub fn expected(&self, offset: highwater_log::Offset) -> u32 {
        let is_dropped = |every: u32| every > 0 && (offset.0 + 1) % i64::from(every) == 0;
        if self.drop_every.is_some_and(is_dropped) { 0 } else { self.fan_out }
    }
}
