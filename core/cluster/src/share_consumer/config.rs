//! A share consumer's settings.

use std::sync::Arc;

use crate::client::Backoff;
use crate::client::security::{Security, secured};
use crate::consumer::FailRule;
use crate::ids::{GroupId, TopicName};
use crate::share::AcknowledgeType;
use crate::time::Span;

/// How an application says that it is done with records: `share.acknowledgement.mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AcknowledgementMode {
    /// By calling poll again: everything that the last poll brought is accepted.
    #[default]
    Implicit,
    /// Record by record.
    Explicit,
}

impl AcknowledgementMode {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::Explicit => "explicit",
        }
    }

    /// The mode of that name, in whatever letters.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Implicit, Self::Explicit].into_iter().find(|it| it.name().eq_ignore_ascii_case(name))
    }
}

/// What an application does with a record that it fails on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Gives it back: someone may try again.
    #[default]
    Release,
    /// Says that nobody is to try again.
    Reject,
    /// It ends, without a word.
    Crash,
}

impl OnFailure {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Reject => "reject",
            Self::Crash => "crash",
        }
    }

    /// What is done under that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Release, Self::Reject, Self::Crash].into_iter().find(|it| it.name() == name)
    }
}

/// A share consumer's settings. The defaults are Kafka's.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareConsumerConfig {
    /// The name that the person gives it.
    pub name: Arc<str>,
    /// `group.id`
    pub group: GroupId,
    /// What it subscribes to.
    pub topics: Vec<TopicName>,
    /// `share.acknowledgement.mode`
    pub acknowledgement_mode: AcknowledgementMode,
    /// How long the application works on each record.
    pub process_time: Span,
    /// The least time between two polls.
    pub poll_interval: Span,
    /// What the application says of a record that it is done with.
    pub verdict: AcknowledgeType,
    /// The records that the application fails on.
    pub fail_on: Vec<FailRule>,
    /// What it does then.
    pub on_failure: OnFailure,
    /// After how many records it calls commitSync; none if what it says goes with the next poll.
    pub commit_every: Option<u32>,
    /// After what time of work on a record it asks for more time (`AcknowledgeType.RENEW`).
    pub renew_after: Option<Span>,
    /// `client.id`
    pub client_id: Arc<str>,
    /// `client.rack`
    pub client_rack: Arc<str>,
    /// `fetch.max.bytes`
    pub fetch_max_bytes: i32,
    /// `fetch.max.wait.ms`
    pub fetch_max_wait_ms: i32,
    /// `fetch.min.bytes`
    pub fetch_min_bytes: i32,
    /// `max.poll.records`
    pub max_poll_records: i32,
    /// `metadata.max.age.ms`
    pub metadata_max_age_ms: i64,
    /// `request.timeout.ms`
    pub request_timeout_ms: i32,
    /// `retry.backoff.ms`
    pub retry_backoff_ms: i64,
    /// `retry.backoff.max.ms`
    pub retry_backoff_max_ms: i64,
    /// How it connects, and who it says that it is.
    pub security: Security,
}

secured!(ShareConsumerConfig);

impl ShareConsumerConfig {
    /// Kafka's defaults, for a share consumer of this name.
    pub fn new(name: &str, group: &GroupId, topics: Vec<TopicName>) -> Self {
        Self {
            name: name.into(),
            group: group.clone(),
            topics,
            acknowledgement_mode: AcknowledgementMode::default(),
            process_time: Span::ZERO,
            poll_interval: Span::ZERO,
            verdict: AcknowledgeType::Accept,
            fail_on: Vec::new(),
            on_failure: OnFailure::default(),
            commit_every: None,
            renew_after: None,
            client_id: name.into(),
            client_rack: "".into(),
            fetch_max_bytes: 52_428_800,
            fetch_max_wait_ms: 500,
            fetch_min_bytes: 1,
            max_poll_records: 500,
            metadata_max_age_ms: 300_000,
            request_timeout_ms: 30_000,
            retry_backoff_ms: 100,
            retry_backoff_max_ms: 1_000,
            security: Security::default(),
        }
    }

    /// Whether the settings go together.
    ///
    /// # Errors
    /// What does not, and how to mend it.
    pub fn check(&self) -> Result<(), String> {
        self.security.check()?;
        let speaks = !self.fail_on.is_empty() && self.on_failure != OnFailure::Crash
            || self.verdict != AcknowledgeType::Accept
            || self.commit_every.is_some()
            || self.renew_after.is_some();
        if speaks && self.acknowledgement_mode == AcknowledgementMode::Implicit {
            return Err("whose poll accepts everything says nothing of single records; add \
                        --mode explicit"
                .to_owned());
        }
        Ok(())
    }

    pub(super) fn retry_backoff(&self) -> Backoff {
        let micros = |ms: i64| Span::from_millis(ms);
        Backoff { initial: micros(self.retry_backoff_ms), max: micros(self.retry_backoff_max_ms) }
    }

    pub(super) fn request_timeout(&self) -> Span {
        Span::from_millis(self.request_timeout_ms.into())
    }
}
