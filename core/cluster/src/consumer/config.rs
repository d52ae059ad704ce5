//! A consumer's settings.

use std::sync::Arc;

use highwater_log::TimestampMs;

use crate::client::Backoff;
use crate::client::security::{Security, secured};
use crate::consumer::assignor::Assignor;
use crate::consumer::group_config::{Given, GroupMembershipOperation, GroupProtocol, TopicPattern};
use crate::consumer::{ApplicationConfig, duration};
use crate::ids::{GroupId, TopicName, TopicPartition};
use crate::time::Span;

/// Where a consumer starts in a partition for which its group has committed no offset, or one that
/// the partition no longer has: `auto.offset.reset`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AutoOffsetReset {
    /// At the first record that is there.
    Earliest,
    /// At the end: it gets what comes from now on.
    #[default]
    Latest,
    /// At the first record that is not older than this: `by_duration:PT1H` (KIP-1106). In milliseconds.
    ByDuration(i64),
    /// Nowhere: the application gets an error.
    None,
}

impl AutoOffsetReset {
    /// As people write it.
    pub fn name(self) -> String {
        match self {
            AutoOffsetReset::Earliest => "earliest".to_owned(),
            AutoOffsetReset::Latest => "latest".to_owned(),
            AutoOffsetReset::ByDuration(ms) => format!("by_duration:{}", duration::print(ms)),
            AutoOffsetReset::None => "none".to_owned(),
        }
    }

    /// The timestamp by which ListOffsets asks for it, at a time of the consumer's clock.
    pub(super) fn timestamp(self, now: TimestampMs) -> Option<i64> {
        match self {
            AutoOffsetReset::Earliest => Some(-2),
            AutoOffsetReset::Latest => Some(-1),
            AutoOffsetReset::ByDuration(ms) => Some(now.0.saturating_sub(ms).max(0)),
            AutoOffsetReset::None => None,
        }
    }
}

/// What a consumer reads of transactions: `isolation.level`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IsolationLevel {
    /// All there is, also what is aborted later.
    #[default]
    ReadUncommitted,
    /// Only what is committed, up to the first transaction that is open still.
    ReadCommitted,
}

impl IsolationLevel {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            IsolationLevel::ReadUncommitted => "read_uncommitted",
            IsolationLevel::ReadCommitted => "read_committed",
        }
    }

    /// As requests carry it.
    pub(super) fn code(self) -> i8 {
        match self {
            IsolationLevel::ReadUncommitted => 0,
            IsolationLevel::ReadCommitted => 1,
        }
    }
}

/// A consumer's settings. The defaults are Kafka's.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerConfig {
    /// The name that the person gives it.
    pub name: Arc<str>,
    /// `group.id`; empty for none
    pub group: GroupId,
    /// What it subscribes to.
    pub topics: Vec<TopicName>,
    /// The partitions that it takes for itself, in place of those that its group would give it.
    pub assign: Vec<TopicPartition>,
    /// How long the application works on what a poll brought, before it polls again; at least, if it
    /// takes its time for each record.
    pub poll_interval: Span,
    /// What the application does.
    pub application: ApplicationConfig,
    /// `isolation.level`
    pub isolation_level: IsolationLevel,
    /// `default.api.timeout.ms`
    pub default_api_timeout_ms: i32,
    /// `client.id`
    pub client_id: Arc<str>,
    /// `client.rack`
    pub client_rack: Arc<str>,
    /// `group.instance.id`
    pub group_instance_id: Option<Arc<str>>,
    /// A pattern in place of topics.
    pub pattern: Option<TopicPattern>,
    /// `group.protocol`
    pub group_protocol: GroupProtocol,
    /// `group.remote.assignor`; none leaves the choice to the coordinator.
    pub group_remote_assignor: Option<Arc<str>>,
    /// `partition.assignment.strategy`, the preferred one first.
    pub assignors: Vec<Assignor>,
    /// Whether it stays a member of its group when it closes.
    pub group_membership_operation: GroupMembershipOperation,
    /// How long the application works in `onPartitionsRevoked`, and in `onPartitionsLost`.
    pub revoke_time: Span,
    /// The settings that were given, by Kafka's names.
    pub(super) given: Given,
    /// `auto.offset.reset`
    pub auto_offset_reset: AutoOffsetReset,
    /// `enable.auto.commit`
    pub enable_auto_commit: bool,
    /// `auto.commit.interval.ms`
    pub auto_commit_interval_ms: i32,
    /// `session.timeout.ms`
    pub session_timeout_ms: i32,
    /// `heartbeat.interval.ms`
    pub heartbeat_interval_ms: i32,
    /// `max.poll.interval.ms`
    pub max_poll_interval_ms: i32,
    /// `max.poll.records`
    pub max_poll_records: i32,
    /// `fetch.min.bytes`
    pub fetch_min_bytes: i32,
    /// `fetch.max.bytes`
    pub fetch_max_bytes: i32,
    /// `fetch.max.wait.ms`
    pub fetch_max_wait_ms: i32,
    /// `max.partition.fetch.bytes`
    pub max_partition_fetch_bytes: i32,
    /// `request.timeout.ms`
    pub request_timeout_ms: i32,
    /// `metadata.max.age.ms`
    pub metadata_max_age_ms: i64,
    /// `retry.backoff.ms`
    pub retry_backoff_ms: i64,
    /// `retry.backoff.max.ms`
    pub retry_backoff_max_ms: i64,
    /// `reconnect.backoff.ms`
    pub reconnect_backoff_ms: i64,
    /// `reconnect.backoff.max.ms`
    pub reconnect_backoff_max_ms: i64,
    /// How it connects, and who it says that it is.
    pub security: Security,
}

secured!(ConsumerConfig);

impl ConsumerConfig {
    /// A consumer of `topics` in `group`. Its name is its `client.id` too.
    pub fn new(name: &str, group: &GroupId, topics: Vec<TopicName>) -> Self {
        Self {
            name: name.into(),
            group: group.clone(),
            topics,
            assign: Vec::new(),
            poll_interval: Span::from_millis(100),
            application: ApplicationConfig::default(),
            isolation_level: IsolationLevel::default(),
            default_api_timeout_ms: 60_000,
            client_id: name.into(),
            client_rack: "".into(),
            group_instance_id: None,
            pattern: None,
            group_protocol: GroupProtocol::default(),
            group_remote_assignor: None,
            assignors: vec![Assignor::Range, Assignor::CooperativeSticky],
            group_membership_operation: GroupMembershipOperation::default(),
            revoke_time: Span::ZERO,
            given: Given::new(),
            auto_offset_reset: AutoOffsetReset::default(),
            enable_auto_commit: true,
            auto_commit_interval_ms: 5_000,
            session_timeout_ms: 45_000,
            heartbeat_interval_ms: 3_000,
            max_poll_interval_ms: 300_000,
            max_poll_records: 500,
            fetch_min_bytes: 1,
            fetch_max_bytes: 52_428_800,
            fetch_max_wait_ms: 500,
            max_partition_fetch_bytes: 1_048_576,
            request_timeout_ms: 30_000,
            metadata_max_age_ms: 300_000,
            retry_backoff_ms: 100,
            retry_backoff_max_ms: 1_000,
            reconnect_backoff_ms: 50,
            reconnect_backoff_max_ms: 1_000,
            security: Security::default(),
        }
    }

    /// Checks what settings ask of each other. The error is what Kafka's consumer says.
    pub fn check(&self) -> Result<(), String> {
        self.security.check()?;
        self.check_group()?;
        self.application.check(self.enable_auto_commit)
    }

    /// Whether it has a `group.id`.
    pub fn has_group(&self) -> bool {
        !self.group.as_str().is_empty()
    }

    pub(super) fn default_api_timeout(&self) -> Span {
        Span::from_millis(self.default_api_timeout_ms.into())
    }

    pub(super) fn request_timeout(&self) -> Span {
        Span::from_millis(self.request_timeout_ms.into())
    }

    pub(super) fn session_timeout(&self) -> Span {
        Span::from_millis(self.session_timeout_ms.into())
    }

    pub(super) fn heartbeat_interval(&self) -> Span {
        Span::from_millis(self.heartbeat_interval_ms.into())
    }

    pub(super) fn max_poll_interval(&self) -> Span {
        Span::from_millis(self.max_poll_interval_ms.into())
    }

    pub(super) fn auto_commit_interval(&self) -> Span {
        Span::from_millis(self.auto_commit_interval_ms.into())
    }

    /// `retry.backoff.ms`: how long the consumer waits until it repeats what failed.
    pub(super) fn retry_pause(&self) -> Span {
        Span::from_millis(self.retry_backoff_ms)
    }

    pub(super) fn retry_backoff(&self) -> Backoff {
        Backoff {
            initial: Span::from_millis(self.retry_backoff_ms),
            max: Span::from_millis(self.retry_backoff_max_ms),
        }
    }

    pub(super) fn reconnect_backoff(&self) -> Backoff {
        Backoff {
            initial: Span::from_millis(self.reconnect_backoff_ms),
            max: Span::from_millis(self.reconnect_backoff_max_ms),
        }
    }
}
