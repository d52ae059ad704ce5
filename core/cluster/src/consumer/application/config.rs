//! What the program around a consumer does: how long it works on a record, when it commits, what its
//! handler cannot stand, and what it does then. None of this is Kafka's; all of it decides what Kafka's
//! guarantees are worth.

use std::sync::Arc;

use crate::consumer::application::dedupe::Dedupe;
use crate::consumer::application::rule::FailRule;
use crate::ids::TopicName;
use crate::time::Span;

/// How the application commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CommitMode {
    /// Not at all by itself: `enable.auto.commit` decides.
    #[default]
    Auto,
    /// With `commitSync`: it waits, and tries again what can be tried again.
    Sync,
    /// With `commitAsync`: it goes on at once, and nothing is tried again.
    Async,
    /// Never.
    Never,
}

/// What a commit of the application covers, and when it comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CommitWhen {
    /// What poll brought, before it is worked on: at most once.
    Before,
    /// What is done, up to the first record that is not: at least once.
    #[default]
    After,
    /// The consumer's positions at each poll, whatever the workers have got to.
    Naive,
}

/// Which records a pool of workers keeps in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorkOrder {
    /// Those of a partition, one after another.
    #[default]
    Partition,
    /// Those of a key, one after another.
    Key,
    /// None.
    None,
}

/// What the application does about a record that its handler failed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnError {
    /// The exception ends the application: it closes its consumer.
    Stop,
    /// It logs the exception and goes on.
    Skip,
    /// It tries again in place; all behind it waits. With no number of times, for ever.
    Retry {
        /// How often it tries again.
        times: Option<u32>,
        /// How long it waits before each.
        backoff: Span,
    },
    /// It sends the record to a topic for people to look at, and goes on.
    DeadLetter(TopicName),
    /// It sends the record to a topic from which it is tried again later, and goes on.
    RetryTopic {
        /// The topic.
        topic: TopicName,
        /// How long after it failed a record is due again.
        delay: Span,
        /// How often a record goes there.
        times: u32,
    },
}

/// What the program around a consumer does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApplicationConfig {
    /// How long the work on one record takes.
    pub process_time: Span,
    /// How it commits.
    pub commit: CommitMode,
    /// What a commit covers, and when it comes.
    pub commit_when: CommitWhen,
    /// After how many records it commits; after each poll, if not given.
    pub commit_every: Option<u32>,
    /// The records that its handler fails on.
    pub fail_on: Vec<FailRule>,
    /// What it does then: the first of these that is not used up.
    pub on_error: Vec<OnError>,
    /// By what it recognises an event that it has handled already.
    pub dedupe: Option<Dedupe>,
    /// How many workers do the work behind the thread that polls; none, and that thread does it.
    pub workers: u32,
    /// Which records the workers keep in order.
    pub order: WorkOrder,
    /// Whether it leaves a record alone until the time that its `retry-due-ms` header says.
    pub waits_until_due: bool,
}

impl ApplicationConfig {
    /// Whether the application is done with what a poll brought as soon as it has it, and nothing can
    /// come between.
    pub(in crate::consumer) fn is_plain(&self) -> bool {
        self.process_time == Span::ZERO
            && self.commit_when == CommitWhen::After
            && self.commit_every.is_none()
            && self.workers == 0
            && !self.reads_records()
    }

    /// Whether it looks into records.
    pub(in crate::consumer) fn reads_records(&self) -> bool {
        !self.fail_on.is_empty()
            || self.dedupe.is_some()
            || self.waits_until_due
            || (self.workers > 0 && self.order == WorkOrder::Key)
    }

    /// Whether it looks at records before it takes them from poll.
    pub(in crate::consumer) fn can_stop_poll(&self) -> bool {
        self.waits_until_due || self.fail_on.iter().any(|rule| rule.is_unreadable)
    }

    /// Checks what the options ask of each other. The error says what to change.
    pub fn check(&self, enable_auto_commit: bool) -> Result<(), String> {
        let commits = matches!(self.commit, CommitMode::Sync | CommitMode::Async);
        if self.commit != CommitMode::Auto && enable_auto_commit {
            return Err(
                "an application that commits itself needs enable.auto.commit=false".to_owned()
            );
        }
        if !commits && (self.commit_every.is_some() || self.commit_when != CommitWhen::After) {
            return Err(
                "--commit-every and --commit-when are for an application that commits itself; \
                        add --commit sync or --commit async"
                    .to_owned(),
            );
        }
        if self.commit_when == CommitWhen::Naive && self.workers == 0 {
            return Err("--commit-when naive is for a pool of workers; add --workers 4".to_owned());
        }
        if self.commit_when == CommitWhen::Before && self.workers > 0 {
            return Err("--commit-when before is for an application without workers; \
                        a pool commits after, or naive"
                .to_owned());
        }
        if self.commit_when == CommitWhen::Before && self.commit_every.is_some() {
            return Err("--commit-every counts records that are done; \
                        leave it or --commit-when before out"
                .to_owned());
        }
        if self.workers == 0 && self.order != WorkOrder::Partition {
            return Err("--order is for a pool of workers; add --workers 4".to_owned());
        }
        if self.fail_on.is_empty() && !self.on_error.is_empty() {
            return Err("--on-error needs a record that the handler fails on; \
                        add --fail-on, such as --fail-on offset=5"
                .to_owned());
        }
        let ends =
            |what: &OnError| matches!(what, OnError::Stop | OnError::Skip | OnError::DeadLetter(_));
        let before_last = self.on_error.iter().rev().skip(1);
        if before_last
            .clone()
            .any(|what| ends(what) || matches!(what, OnError::Retry { times: None, .. }))
        {
            return Err(
                "an --on-error that never gives up, or settles a record, has to be the last"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

impl CommitMode {
    /// Reads `auto`, `sync`, `async` or `none`.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "auto" => CommitMode::Auto,
            "sync" => CommitMode::Sync,
            "async" => CommitMode::Async,
            "none" => CommitMode::Never,
            _ => return Err(one_of("--commit", text, "auto, sync, async or none")),
        })
    }
}

impl CommitWhen {
    /// Reads `before`, `after` or `naive`.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "before" => CommitWhen::Before,
            "after" => CommitWhen::After,
            "naive" => CommitWhen::Naive,
            _ => return Err(one_of("--commit-when", text, "before, after or naive")),
        })
    }
}

impl WorkOrder {
    /// Reads `partition`, `key` or `none`.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "partition" => WorkOrder::Partition,
            "key" => WorkOrder::Key,
            "none" => WorkOrder::None,
            _ => return Err(one_of("--order", text, "partition, key or none")),
        })
    }
}

/// How often a record goes to a retry topic, if nothing else is said.
const RETRY_TOPIC_TIMES: u32 = 3;
/// How long a retry waits, if nothing else is said.
const BACKOFF: Span = Span(1_000_000);

impl OnError {
    /// Reads `stop`, `skip`, `retry[:TIMES[,BACKOFF-MS]]`, `dlq:TOPIC` or
    /// `retry-topic:TOPIC[,DELAY-MS[,TIMES]]`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            one_of(
                "--on-error",
                text,
                "stop, skip, retry, retry:TIMES,BACKOFF-MS, dlq:TOPIC or retry-topic:TOPIC,DELAY-MS",
            )
        };
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let mut parts = rest.split(',').filter(|part| !part.is_empty());
        let millis = |part: Option<&str>| match part {
            Some(part) => {
                part.parse::<u32>().map(|ms| Span::from_millis(ms.into())).map_err(|_| wrong())
            }
            None => Ok(BACKOFF),
        };
        let times =
            |part: Option<&str>| part.map(str::parse::<u32>).transpose().map_err(|_| wrong());
        let read = match kind {
            "stop" => OnError::Stop,
            "skip" => OnError::Skip,
            "retry" => {
                OnError::Retry { times: times(parts.next())?, backoff: millis(parts.next())? }
            }
            "dlq" => OnError::DeadLetter(TopicName::from(parts.next().ok_or_else(wrong)?)),
            "retry-topic" => OnError::RetryTopic {
                topic: TopicName::from(parts.next().ok_or_else(wrong)?),
                delay: millis(parts.next())?,
                times: times(parts.next())?.unwrap_or(RETRY_TOPIC_TIMES),
            },
            _ => return Err(wrong()),
        };
        if parts.next().is_some() { Err(wrong()) } else { Ok(read) }
    }
}

pub(super) fn one_of(option: &str, text: &str, known: &str) -> String {
    format!("{option} takes {known}, not \"{text}\"")
}

/// The name of an exception, in the log and in headers.
pub(super) type Exception = Arc<str>;
