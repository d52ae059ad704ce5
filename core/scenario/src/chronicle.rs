//! What of a run is remembered from its first moment to its last: the happenings that a question about
//! its history may be about, each with its event and its time. Unlike the log and the causes it forgets
//! nothing until it is full, and it is kept in a run that nobody reads, too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use highwater_cluster::acl::event::AclEvent;
use highwater_cluster::client::errors::kafka_name;
use highwater_cluster::event::{Event, EventKind, GroupState, StopKind, TransactionState};
use highwater_cluster::ids::{EntryId, EventId, GroupId, TopicName};
use highwater_cluster::metadata::is_internal;
use highwater_cluster::quota::QuotaKind;
use highwater_cluster::quota::event::QuotaEvent;
use highwater_cluster::remote::event::RemoteEvent;
use highwater_cluster::share::ShareEvent;
use highwater_cluster::share::event::ShareRecords;
use highwater_cluster::time::Time;
use highwater_cluster::world::World;
use rpds::VectorSync;

/// As many moments as are remembered; what comes later is not.
const MOST: usize = 50_000;

/// The moments of a run.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    moments: VectorSync<Moment>,
    /// The lines of the script that took effect.
    lines: Arc<BTreeMap<EntryId, Arc<str>>>,
    /// The groups that have committed.
    committed: Arc<BTreeSet<GroupId>>,
}

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The event.
    pub event: EventId,
    /// When it happened.
    pub at: Time,
    /// What happened.
    pub what: Happening,
    /// The topic that it is about.
    pub topic: Option<TopicName>,
    /// The group that it is about.
    pub group: Option<GroupId>,
    /// A line, an id, or a number, by what happened.
    pub text: Arc<str>,
    /// The line of the script that led there, where a command did it; the name of the consumer that found
    /// its position.
    pub by: Option<Arc<str>>,
}

macro_rules! happenings {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// What can have happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Happening { $($(#[doc = $doc])+ $name,)+ }

        impl Happening {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its word.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

happenings! {
    /// A line of the script took effect; the text is the line.
    LineRan = "line_ran",
    /// A command printed a line; the text is the line.
    Printed = "printed",
    /// A command printed a line to its standard error.
    ErrorPrinted = "error_printed",
    /// A command ended with another exit code than 0; the text is the code.
    CommandFailed = "command_failed",
    /// A broker was stopped in good order; the text is its id.
    BrokerStopped = "broker_stopped",
    /// A broker was killed, lost power, or its disk failed; the text is its id.
    BrokerKilled = "broker_killed",
    /// A broker was started again.
    BrokerStarted = "broker_started",
    /// The controller fenced a broker.
    BrokerFenced = "broker_fenced",
    /// A controller became the active one.
    ControllerElected = "controller_elected",
    /// A topic was created.
    TopicCreated = "topic_created",
    /// A topic was deleted.
    TopicDeleted = "topic_deleted",
    /// A topic got more partitions.
    PartitionsAdded = "partitions_added",
    /// A setting was given or taken away; the text is its name.
    ConfigChanged = "config_changed",
    /// A partition got another leader, or none.
    LeaderMoved = "leader_moved",
    /// A partition was left without a leader.
    LeaderLost = "leader_lost",
    /// A replica that was not in sync became leader.
    UncleanElection = "unclean_election",
    /// The ISR of a partition became smaller.
    IsrShrank = "isr_shrank",
    /// The ISR of a partition became larger.
    IsrGrew = "isr_grew",
    /// A replica cut off the end of its log.
    LogTruncated = "log_truncated",
    /// A replica's log was compacted.
    LogCompacted = "log_compacted",
    /// Segments at the start of a log were deleted.
    SegmentsDeleted = "segments_deleted",
    /// A leader copied a closed segment to the remote store; the text is the partition.
    SegmentCopied = "segment_copied",
    /// The remote store did not take a segment; the text is the partition.
    CopyFailed = "copy_failed",
    /// A leader deleted segments from its disk that are in the remote store; the text is the partition.
    DeletedLocally = "deleted_locally",
    /// A segment was deleted from the remote store; the text is the partition.
    RemoteDeleted = "remote_deleted",
    /// A broker read from the remote store for a consumer; the text is the partition.
    RemoteRead = "remote_read",
    /// A broker could not read from the remote store, or not in time; the text is the partition.
    RemoteReadFailed = "remote_read_failed",
    /// A follower began behind what is in the remote store; the text is the partition.
    FollowerBegan = "follower_began",
    /// A leader refused to append; the text is the error.
    ProduceRefused = "produce_refused",
    /// A producer sent a batch again; the text is the error.
    ProduceRetried = "produce_retried",
    /// A producer had sent more than its quota; the text is how many milliseconds it was to wait.
    ProduceThrottled = "produce_throttled",
    /// A consumer had fetched more than its quota; the text is how many milliseconds it was to wait.
    FetchThrottled = "fetch_throttled",
    /// A client had kept a broker's threads busy for more than its quota; the text is how many milliseconds it was to wait.
    RequestThrottled = "request_throttled",
    /// A client had more partitions created or deleted than its quota; the text is how many milliseconds it was to wait.
    MutationThrottled = "mutation_throttled",
    /// A broker denied a client what it wanted; the text is who wanted what with which resource: `User:alice READ topic
    /// orders`.
    Denied = "denied",
    /// A broker did not believe a client who it is; the text is the user that it said.
    AuthenticationFailed = "authentication_failed",
    /// An entry of the access control lists came or went; the text is what it says: `allows User:alice READ on topic orders`.
    AclChanged = "acl_changed",
    /// A producer gave records up; the text is the error.
    RecordsFailed = "records_failed",
    /// A producer was started; the text is its name.
    ProducerStarted = "producer_started",
    /// A consumer was started; the text is its name.
    ConsumerStarted = "consumer_started",
    /// A consumer was killed.
    ConsumerKilled = "consumer_killed",
    /// A consumer found where to begin in a partition; the text is the offset.
    PositionReset = "position_reset",
    /// A group began to rebalance; under the consumer protocol, its epoch went up.
    RebalanceBegan = "rebalance_began",
    /// A member came to a group.
    MemberJoined = "member_joined",
    /// A member left a group.
    MemberLeft = "member_left",
    /// A coordinator dropped a member that was silent.
    MemberTimedOut = "member_timed_out",
    /// A consumer learnt that it lost its partitions.
    PartitionsLost = "partitions_lost",
    /// Offsets of a group were deleted.
    OffsetsRemoved = "offsets_removed",
    /// A group committed for the first time.
    FirstCommit = "first_commit",
    /// Records of a share group were given back; the text is how often they had been handed out.
    ShareReleased = "share_released",
    /// A lock on records of a share group ran out; the text is how often they had been handed out.
    ShareLockExpired = "share_lock_expired",
    /// Records of a share group are handed out no more though nobody accepted them; the text says why.
    ShareArchived = "share_archived",
    /// The dead-letter queue of a share group got records; the text is its topic.
    ShareDeadLettered = "share_dead_lettered",
    /// The dead-letter queue of a share group does not get records; the text says why.
    ShareDeadLetterFailed = "share_dead_letter_failed",
    /// A transaction was committed; the text is its id.
    TransactionCommitted = "transaction_committed",
    /// A transaction was aborted; the text is its id.
    TransactionAborted = "transaction_aborted",
}

impl Chronicle {
    /// The moments, in order.
    pub fn moments(&self) -> impl DoubleEndedIterator<Item = &Moment> {
        self.moments.iter()
    }

    /// Takes an event in.
    pub(crate) fn observe(&mut self, event: &Event, world: &World) {
        if let EventKind::EntryApplied { entry, text } = &event.kind {
            Arc::make_mut(&mut self.lines).insert(*entry, text.clone());
        }
        if let EventKind::OffsetCommitted { group, .. } = &event.kind {
            // Commits are many, and only the first tells something new.
            if self.committed.contains(group) {
                return;
            }
            Arc::make_mut(&mut self.committed).insert(group.clone());
        }
        let Some(Told { what, topic, group, text, by }) = self.told(&event.kind, world) else {
            return;
        };
        let is_own = topic.as_ref().is_some_and(is_internal);
        if !is_own && self.moments.len() < MOST {
            let (event, at) = (event.id, event.at);
            self.moments.push_back_mut(Moment { event, at, what, topic, group, text, by });
        }
    }

    fn told(&self, kind: &EventKind, world: &World) -> Option<Told> {
        Some(match kind {
            EventKind::EntryApplied { text, .. } => Told::new(Happening::LineRan, text),
            EventKind::Output { client, text, is_error, .. } => {
                let what = match is_error {
                    true => Happening::ErrorPrinted,
                    false => Happening::Printed,
                };
                Told { by: self.line_of(*client, world), ..Told::new(what, text) }
            }
            EventKind::CommandExited { client, code, .. } if *code != 0 => Told {
                by: self.line_of(*client, world),
                ..Told::new(Happening::CommandFailed, code)
            },
            EventKind::BrokerStopped { broker, how: StopKind::Controlled } => {
                Told::new(Happening::BrokerStopped, broker)
            }
            EventKind::BrokerStopped { broker, .. } => Told::new(Happening::BrokerKilled, broker),
            // That brokers start at the beginning is no news.
            EventKind::BrokerStarted { broker } if self.has_gone(&broker.to_string()) => {
                Told::new(Happening::BrokerStarted, broker)
            }
            EventKind::BrokerFenced { broker, .. } => Told::new(Happening::BrokerFenced, broker),
            EventKind::ControllerElected { controller, .. } => {
                Told::new(Happening::ControllerElected, controller)
            }
            EventKind::ProducerStarted { name, topic, .. } => {
                Told::new(Happening::ProducerStarted, name).of(topic)
            }
            EventKind::ConsumerStarted { name, group, .. } => {
                Told::new(Happening::ConsumerStarted, name).in_group(group)
            }
            EventKind::ConsumerKilled { client } => {
                let name = world.client(*client).map(|info| info.name.clone());
                Told::new(Happening::ConsumerKilled, name.as_deref().unwrap_or_default())
            }
            EventKind::PositionReset { client, partition, offset, .. } => {
                let by = world.client(*client).map(|info| info.name.clone());
                Told { by, ..Told::new(Happening::PositionReset, offset) }.of(&partition.topic)
            }
            _ => return told_of_topic(kind).or_else(|| told_of_group(kind)),
        })
    }

    /// Whether a broker went before.
    fn has_gone(&self, broker: &str) -> bool {
        let mut gone = self.moments.iter().filter(|moment| {
            matches!(moment.what, Happening::BrokerStopped | Happening::BrokerKilled)
        });
        gone.any(|moment| *moment.text == *broker)
    }

    /// The line that started a command.
    fn line_of(&self, client: highwater_cluster::ids::ClientId, world: &World) -> Option<Arc<str>> {
        self.lines.get(&world.client(client)?.entry?).cloned()
    }
}

fn told_of_topic(kind: &EventKind) -> Option<Told> {
    Some(match kind {
        EventKind::TopicCreated { topic, .. } => Told::new(Happening::TopicCreated, "").of(topic),
        EventKind::TopicDeleted { topic } => Told::new(Happening::TopicDeleted, "").of(topic),
        EventKind::PartitionsAdded { topic, to, .. } => {
            Told::new(Happening::PartitionsAdded, to).of(topic)
        }
        EventKind::ConfigChanged { name, .. } => Told::new(Happening::ConfigChanged, name),
        EventKind::LeaderElected { partition, leader, previous, clean, .. } => {
            let what = match (leader, clean) {
                (None, _) => Happening::LeaderLost,
                (Some(_), false) => Happening::UncleanElection,
                // The first leader of a partition was moved from nowhere.
                (Some(_), true) if previous.is_none() => return None,
                _ => Happening::LeaderMoved,
            };
            Told::new(what, partition.partition).of(&partition.topic)
        }
        EventKind::IsrChanged { partition, isr, previous, .. } => {
            let what = match isr.len() < previous.len() {
                true => Happening::IsrShrank,
                false => Happening::IsrGrew,
            };
            Told::new(what, partition.partition).of(&partition.topic)
        }
        EventKind::LogTruncated { partition, .. } => {
            Told::new(Happening::LogTruncated, partition.partition).of(&partition.topic)
        }
        EventKind::LogCompacted { partition, .. } => {
            Told::new(Happening::LogCompacted, partition.partition).of(&partition.topic)
        }
        EventKind::SegmentsDeleted { partition, .. } => {
            Told::new(Happening::SegmentsDeleted, partition.partition).of(&partition.topic)
        }
        EventKind::Remote(event) => return told_of_tiers(event),
        EventKind::ProduceRefused { partition, error, .. } => {
            Told::new(Happening::ProduceRefused, kafka_name(*error)).of(&partition.topic)
        }
        EventKind::ProduceRetried { partition, error, .. } => {
            Told::new(Happening::ProduceRetried, kafka_name(*error)).of(&partition.topic)
        }
        EventKind::RecordsFailed { partition, error, .. } => {
            Told::new(Happening::RecordsFailed, kafka_name(*error)).of(&partition.topic)
        }
        _ => return None,
    })
}

fn told_of_tiers(event: &RemoteEvent) -> Option<Told> {
    let what = match event {
        RemoteEvent::Copied { .. } => Happening::SegmentCopied,
        RemoteEvent::CopyFailed { .. } => Happening::CopyFailed,
        RemoteEvent::DeletedLocally { is_leader: true, .. } => Happening::DeletedLocally,
        RemoteEvent::Deleted { .. } => Happening::RemoteDeleted,
        RemoteEvent::Read { .. } => Happening::RemoteRead,
        RemoteEvent::ReadFailed { .. } | RemoteEvent::ReadExpired { .. } => {
            Happening::RemoteReadFailed
        }
        RemoteEvent::FollowerStarted { .. } => Happening::FollowerBegan,
        _ => return None,
    };
    let partition = event.partition();
    Some(Told::new(what, partition.partition).of(&partition.topic))
}

fn told_of_group(kind: &EventKind) -> Option<Told> {
    Some(match kind {
        EventKind::GroupStateChanged { group, to: GroupState::PreparingRebalance, .. } => {
            Told::new(Happening::RebalanceBegan, "").in_group(group)
        }
        EventKind::GroupEpochBumped { group, .. } => {
            Told::new(Happening::RebalanceBegan, "").in_group(group)
        }
        EventKind::MemberJoined { group, member, .. } => {
            Told::new(Happening::MemberJoined, member).in_group(group)
        }
        EventKind::MemberLeft { group, member, timed_out } => {
            let what = if *timed_out { Happening::MemberTimedOut } else { Happening::MemberLeft };
            Told::new(what, member).in_group(group)
        }
        EventKind::PartitionsLost { group, .. } => {
            Told::new(Happening::PartitionsLost, "").in_group(group)
        }
        EventKind::OffsetCommitted { group, .. } => {
            Told::new(Happening::FirstCommit, "").in_group(group)
        }
        EventKind::OffsetsRemoved { group, .. } => {
            Told::new(Happening::OffsetsRemoved, "").in_group(group)
        }
        EventKind::TransactionStateChanged { id, from, to, .. } if from != to => match to {
            TransactionState::CompleteCommit => Told::new(Happening::TransactionCommitted, id),
            TransactionState::CompleteAbort => Told::new(Happening::TransactionAborted, id),
            _ => return None,
        },
        EventKind::Share(event) => return told_of_shares(event),
        EventKind::Acl(event) => match &**event {
            AclEvent::Created { acl } | AclEvent::Deleted { acl } => {
                Told::new(Happening::AclChanged, acl)
            }
            AclEvent::AuthenticationFailed { user, .. } => {
                Told::new(Happening::AuthenticationFailed, user)
            }
            AclEvent::Denied { principal, operation, resource, name, .. } => {
                let text = format!("{principal} {operation} {} {name}", resource.word());
                Told::new(Happening::Denied, text)
            }
        },
        EventKind::Quota(event) => match &**event {
            QuotaEvent::Throttled { kind: QuotaKind::Produce, wait, .. } => {
                Told::new(Happening::ProduceThrottled, wait.millis())
            }
            QuotaEvent::Throttled { kind: QuotaKind::Fetch, wait, .. } => {
                Told::new(Happening::FetchThrottled, wait.millis())
            }
            QuotaEvent::Throttled { kind: QuotaKind::Request, wait, .. } => {
                Told::new(Happening::RequestThrottled, wait.millis())
            }
            QuotaEvent::Throttled { kind: QuotaKind::ControllerMutation, wait, .. } => {
                Told::new(Happening::MutationThrottled, wait.millis())
            }
            QuotaEvent::Changed { name, .. } => Told::new(Happening::ConfigChanged, name),
        },
        _ => return None,
    })
}

fn told_of_shares(event: &ShareEvent) -> Option<Told> {
    let of = |what, records: &ShareRecords, text: String| {
        Some(Told::new(what, text).of(&records.partition.topic).in_group(&records.group))
    };
    let times = |records: &ShareRecords| records.delivery_count.to_string();
    match event {
        ShareEvent::Released { records, .. } | ShareEvent::SessionEnded { records, .. } => {
            of(Happening::ShareReleased, records, times(records))
        }
        ShareEvent::LockExpired { records, .. } => {
            of(Happening::ShareLockExpired, records, times(records))
        }
        ShareEvent::Archived { records, reason, .. } => {
            of(Happening::ShareArchived, records, reason.name().to_owned())
        }
        ShareEvent::DeadLettered { records, queue, .. } => {
            of(Happening::ShareDeadLettered, records, queue.topic.to_string())
        }
        ShareEvent::DeadLetterFailed { records, failure, .. } => {
            of(Happening::ShareDeadLetterFailed, records, failure.name().to_owned())
        }
        _ => None,
    }
}

/// A moment in the making.
struct Told {
    what: Happening,
    topic: Option<TopicName>,
    group: Option<GroupId>,
    text: Arc<str>,
    by: Option<Arc<str>>,
}

impl Told {
    fn new(what: Happening, text: impl ToString) -> Self {
        Self { what, topic: None, group: None, text: text.to_string().into(), by: None }
    }

    fn of(self, topic: &TopicName) -> Self {
        Self { topic: Some(topic.clone()), ..self }
    }

    fn in_group(self, group: &GroupId) -> Self {
        Self { group: Some(group.clone()), ..self }
    }
}
