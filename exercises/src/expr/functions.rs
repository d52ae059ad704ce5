//! What can be asked of a run: the functions of the expression language. `docs/authoring.md` lists them
//! from here.

use super::Type;
use crate::model::Reason;

/// A function.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it gives.
    pub gives: Type,
    /// What it is asked with.
    pub parameters: &'static [Parameter],
    /// What it is, in the words of a reason: `records`, `the lag`. Of one that gives true or false,
    /// what is so if it is true.
    pub noun: &'static str,
    /// What it says, for authors.
    pub about: &'static str,
    /// Reasons of its own for being unmet.
    pub reasons: &'static [Reason],
    /// It never becomes less: what it was too much of, it stays too much of.
    pub grows: bool,
}

/// What a function is asked with.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What may stand there.
    pub kind: Kind,
    /// Whether it may be left out.
    pub is_optional: bool,
    /// What it adds to the noun, with `{it}` for its value.
    pub phrase: &'static str,
}

/// What may stand for a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A text.
    Text,
    /// One of [`HAPPENINGS`].
    Happening,
    /// One of [`ANOMALIES`].
    Anomaly,
    /// One of [`RECORD_STATES`].
    RecordState,
}

impl Kind {
    /// The words among which one must choose, if there are such.
    pub fn words(self) -> Option<&'static [&'static str]> {
        match self {
            Kind::Happening => Some(HAPPENINGS),
            Kind::Anomaly => Some(ANOMALIES),
            Kind::RecordState => Some(RECORD_STATES),
            Kind::Number | Kind::Text => None,
        }
    }
}

/// What can happen, as `highwater_scenario::chronicle` names it.
pub const HAPPENINGS: &[&str] = &[
    "line_ran",
    "printed",
    "error_printed",
    "command_failed",
    "broker_stopped",
    "broker_killed",
    "broker_started",
    "broker_fenced",
    "controller_elected",
    "topic_created",
    "topic_deleted",
    "partitions_added",
    "config_changed",
    "leader_moved",
    "leader_lost",
    "unclean_election",
    "isr_shrank",
    "isr_grew",
    "log_truncated",
    "log_compacted",
    "segments_deleted",
    "segment_copied",
    "copy_failed",
    "deleted_locally",
    "remote_deleted",
    "remote_read",
    "remote_read_failed",
    "follower_began",
    "produce_refused",
    "produce_retried",
    "produce_throttled",
    "fetch_throttled",
    "request_throttled",
    "mutation_throttled",
    "denied",
    "authentication_failed",
    "acl_changed",
    "records_failed",
    "producer_started",
    "consumer_started",
    "consumer_killed",
    "position_reset",
    "rebalance_began",
    "member_joined",
    "member_left",
    "member_timed_out",
    "partitions_lost",
    "offsets_removed",
    "first_commit",
    "share_released",
    "share_lock_expired",
    "share_archived",
    "share_dead_lettered",
    "share_dead_letter_failed",
    "transaction_committed",
    "transaction_aborted",
];

/// What happened, in the words of a reason; none if nothing of that name can happen.
pub fn in_words(happening: &str) -> Option<&'static str> {
    Some(match happening {
        "line_ran" => "a line ran",
        "printed" => "something was printed",
        "error_printed" => "an error was printed",
        "command_failed" => "a command failed",
        "broker_stopped" => "a broker was stopped",
        "broker_killed" => "a broker was killed",
        "broker_started" => "a broker was started again",
        "broker_fenced" => "a broker was fenced",
        "controller_elected" => "a controller was elected",
        "topic_created" => "a topic was made",
        "topic_deleted" => "a topic was deleted",
        "partitions_added" => "partitions were added",
        "config_changed" => "a setting was changed",
        "leader_moved" => "a partition got another leader",
        "leader_lost" => "a partition lost its leader",
        "unclean_election" => "a replica out of sync was made the leader",
        "isr_shrank" => "an ISR became smaller",
        "isr_grew" => "an ISR grew",
        "log_truncated" => "a log was truncated",
        "log_compacted" => "a log was compacted",
        "segments_deleted" => "segments were deleted",
        "segment_copied" => "a segment was copied to the remote store",
        "copy_failed" => "a segment could not be copied",
        "deleted_locally" => "segments left a leader's disk",
        "remote_deleted" => "a segment was deleted from the remote store",
        "remote_read" => "something was read from the remote store",
        "remote_read_failed" => "the remote store could not be read",
        "follower_began" => "a follower began behind the remote store",
        "produce_refused" => "a batch was refused",
        "produce_throttled" => "a producer was held back",
        "fetch_throttled" => "a consumer was held back",
        "request_throttled" => "a client was held back for the time that its requests take",
        "mutation_throttled" => "a client was held back for having topics created or deleted",
        "denied" => "a client was denied something",
        "authentication_failed" => "a client was not believed",
        "acl_changed" => "an entry of the access control lists came or went",
        "produce_retried" => "a batch was sent again",
        "records_failed" => "records were given up",
        "producer_started" => "a producer was started",
        "consumer_started" => "a consumer was started",
        "consumer_killed" => "a consumer was killed",
        "position_reset" => "a consumer found where to begin",
        "rebalance_began" => "a group began to rebalance",
        "member_joined" => "a member joined",
        "member_left" => "a member left",
        "member_timed_out" => "a member timed out",
        "partitions_lost" => "a consumer lost its partitions",
        "offsets_removed" => "offsets of a group were deleted",
        "first_commit" => "a group committed for the first time",
        "share_released" => "records of a share group were given back",
        "share_lock_expired" => "a lock of a share group ran out",
        "share_archived" => "records of a share group were archived",
        "share_dead_lettered" => "records of a share group came into its dead-letter queue",
        "share_dead_letter_failed" => {
            "records of a share group did not get into its dead-letter queue"
        }
        "transaction_committed" => "a transaction was committed",
        "transaction_aborted" => "a transaction was aborted",
        _ => return None,
    })
}

/// What can go wrong, as `highwater_scenario::invariants::Anomaly` names it.
pub const ANOMALIES: &[&str] = &[
    "lost-write",
    "never-written",
    "duplicate",
    "reordered",
    "processed-twice",
    "skipped",
    "went-back",
    "never-made",
    "made-twice",
    "truncated-after-read",
];

/// What can become of a record in a share group, as KIP-932 names it.
pub const RECORD_STATES: &[&str] =
    &["Available", "Acquired", "Acknowledged", "Archiving", "Archived"];

/// The function of that name.
pub fn find(name: &str) -> Option<&'static Function> {
    ALL.iter().find(|function| function.name == name)
}

impl Function {
    /// How it is written: `records("topic", partition: 0)`.
    pub fn usage(&self) -> String {
        let one = |parameter: &Parameter| {
            let value = match parameter.kind {
                Kind::Number => "0".to_owned(),
                _ => format!("\"{}\"", parameter.name.to_uppercase()),
            };
            match parameter.is_optional {
                true => format!("[{}: {value}]", parameter.name),
                false => value,
            }
        };
        let parts: Vec<String> = self.parameters.iter().map(one).collect();
        format!("{}({})", self.name, parts.join(", "))
    }

    const fn because(self, reasons: &'static [Reason]) -> Self {
        Self { reasons, ..self }
    }

    const fn growing(self) -> Self {
        Self { grows: true, ..self }
    }
}

const fn number(
    name: &'static str,
    parameters: &'static [Parameter],
    noun: &'static str,
    about: &'static str,
) -> Function {
    Function { name, gives: Type::Number, parameters, noun, about, reasons: &[], grows: false }
}

const fn text(
    name: &'static str,
    parameters: &'static [Parameter],
    noun: &'static str,
    about: &'static str,
) -> Function {
    Function { gives: Type::Text, ..number(name, parameters, noun, about) }
}

const fn truth(
    name: &'static str,
    parameters: &'static [Parameter],
    noun: &'static str,
    about: &'static str,
) -> Function {
    Function { gives: Type::Truth, ..number(name, parameters, noun, about) }
}

const fn needs(name: &'static str, kind: Kind, phrase: &'static str) -> Parameter {
    Parameter { name, kind, is_optional: false, phrase }
}

const fn may(name: &'static str, kind: Kind, phrase: &'static str) -> Parameter {
    Parameter { name, kind, is_optional: true, phrase }
}

const TOPIC: Parameter = needs("topic", Kind::Text, " of {it}");
const OF_TOPIC: Parameter = may("topic", Kind::Text, " of {it}");
const IN_TOPIC: Parameter = needs("topic", Kind::Text, " in {it}");
const PARTITION: Parameter = needs("partition", Kind::Number, ", partition {it}");
const MAY_PARTITION: Parameter = may("partition", Kind::Number, ", partition {it}");
const GROUP: Parameter = needs("group", Kind::Text, " of group {it}");
const MAY_GROUP: Parameter = may("group", Kind::Text, " of group {it}");
const KEY: Parameter = may("key", Kind::Text, " with the key {it}");
const VALUE: Parameter = may("value", Kind::Text, " whose value contains {it}");
const SETTING: Parameter = needs("setting", Kind::Text, ", {it}");
const BROKER: Parameter = needs("broker", Kind::Number, " {it}");
const NAME: Parameter = needs("name", Kind::Text, " of {it}");
const WORDS: Parameter = needs("words", Kind::Text, " with: {it}");

/// Which happenings are meant.
const HAPPENING: &[Parameter] = &[
    needs("what", Kind::Happening, " {it}"),
    may("topic", Kind::Text, ", topic {it}"),
    may("group", Kind::Text, ", group {it}"),
    may("text", Kind::Text, ", with: {it}"),
    may("after", Kind::Happening, " after {it}"),
    may("before", Kind::Happening, " and before {it}"),
];

const NO_TOPIC: &[Reason] = &[Reason::NoTopic];
const NO_GROUP: &[Reason] = &[Reason::NoGroup];
const NO_CLIENT: &[Reason] = &[Reason::NoClient];

/// What was asked at an earlier moment, in the words of a reason.
pub const BEFORE: &str = "{it} before";
/// What must not be so, in the words of a reason.
pub const NOT: &str = "not: {it}";

/// All of them.
pub const ALL: &[Function] = &[
    // Topics.
    truth("topic_exists", &[needs("topic", Kind::Text, " {it}")], "there is a topic", "There is such a topic.").because(NO_TOPIC),
    number("topics", &[], "topics", "How many topics there are, Kafka's own not counted."),
    number("partitions", &[TOPIC], "partitions", "How many partitions the topic has.").because(NO_TOPIC),
    number("replication", &[TOPIC], "the replication factor", "The replication factor: of its partitions, the lowest.")
        .because(&[Reason::NoTopic, Reason::OneCopy, Reason::TooFewReplicas]),
    number("min_isr", &[TOPIC], "min.insync.replicas", "min.insync.replicas as it is in force for the topic.")
        .because(&[Reason::NoTopic, Reason::MinInsyncTooLow, Reason::MinInsyncTooHigh]),
    text("config", &[TOPIC, SETTING], "the setting", "A setting of the topic as it is in force, given or not.").because(NO_TOPIC),
    number("config_number", &[TOPIC, SETTING], "the setting", "The same as a number.").because(NO_TOPIC),
    // Records.
    number("records", &[IN_TOPIC, MAY_PARTITION, KEY, VALUE], "records", "How many records of applications can be read in the leaders' logs, committed or not.").because(NO_TOPIC),
    number("keyless", &[IN_TOPIC], "records without a key", "How many records have no key.").because(NO_TOPIC),
    number("tombstones", &[IN_TOPIC, KEY], "records without a value", "How many records have no value.").because(NO_TOPIC),
    number("keys", &[IN_TOPIC], "different keys", "How many different keys there are.").because(NO_TOPIC),
    number("spread", &[IN_TOPIC, KEY], "partitions with records", "In how many partitions there are records, or records of that key.").because(NO_TOPIC),
    truth("keys_stay", &[IN_TOPIC], "each key is in one partition", "The records of each key are in one partition only.").because(NO_TOPIC),
    text("value_at", &[IN_TOPIC, PARTITION, needs("offset", Kind::Number, ", offset {it}")], "the value", "The value of the record at that offset; empty if there is none.").because(NO_TOPIC),
    // Offsets.
    number("log_end", &[TOPIC, MAY_PARTITION], "the log end offset", "The leader's log end offset; of all partitions, the sum.").because(NO_TOPIC),
    number("log_start", &[TOPIC, MAY_PARTITION], "the log start offset", "The leader's log start offset; of all partitions, the sum.").because(NO_TOPIC),
    number("high_watermark", &[TOPIC, MAY_PARTITION], "the high watermark", "The leader's high watermark; of all partitions, the sum.").because(NO_TOPIC),
    number("last_stable", &[TOPIC, MAY_PARTITION], "the last stable offset", "The leader's last stable offset; of all partitions, the sum.").because(NO_TOPIC),
    number("segments", &[TOPIC, MAY_PARTITION], "segments", "How many segments the leaders' logs have.").because(NO_TOPIC),
    number("bytes", &[TOPIC, MAY_PARTITION], "bytes", "How many bytes the leaders' logs have.").because(NO_TOPIC),
    // Tiers.
    number("local_log_start", &[TOPIC, MAY_PARTITION], "the local log start offset", "Where what is on the leader's disk begins; of all partitions, the sum.").because(NO_TOPIC),
    number("remote_segments", &[TOPIC, MAY_PARTITION], "segments in the remote store", "How many segments are in the remote store and read from there, as the leaders know.").because(NO_TOPIC),
    number("remote_bytes", &[TOPIC, MAY_PARTITION], "bytes in the remote store", "How many bytes they have.").because(NO_TOPIC),
    number("copy_lag", &[TOPIC, MAY_PARTITION], "closed segments to be copied", "How many closed segments are not in the remote store yet; 0 if the topic has no remote tier.").because(NO_TOPIC),
    // Replicas.
    number("leader", &[TOPIC, PARTITION], "the leader", "The id of the broker that leads the partition; -1 if none does.").because(NO_TOPIC),
    number("leaderships", &[needs("broker", Kind::Number, " of broker {it}"), may("topic", Kind::Text, " in {it}")], "partitions that are led", "How many partitions a broker leads, Kafka's own not counted."),
    number("isr", &[TOPIC, MAY_PARTITION], "the size of the ISR", "How many replicas are in sync; of all partitions, the fewest.").because(NO_TOPIC),
    truth("in_sync", &[TOPIC], "every replica is in sync", "Every replica of the topic is in the ISR.")
        .because(&[Reason::NoTopic, Reason::BrokerStillDown, Reason::CatchingUp]),
    // Brokers.
    number("brokers", &[], "brokers that run", "How many brokers run."),
    text("broker_state", &[BROKER], "the state of broker", "running, starting, shutting down, stopped or killed."),
    truth("was_down", &[may("topic", Kind::Text, " {it}")], "a broker was down", "A broker was stopped or killed; with a topic, one that has a replica of it.")
        .because(&[Reason::NoTopic, Reason::NoBrokerDownYet]),
    // Producers.
    number("producers", &[OF_TOPIC], "producers that run", "How many producers run, or write to the topic."),
    text("acks", &[TOPIC], "the acks of the producers", "The acks of the producers that write to the topic now; of none, those of the last that did.")
        .because(&[Reason::NoProducer, Reason::OtherAcks]),
    text("producer_config", &[NAME, SETTING], "the setting", "A setting of a producer, by Kafka's name, in force.").because(NO_CLIENT),
    number("acknowledged", &[TOPIC], "records acknowledged", "How many records producers were told to be written."),
    number("acknowledged_while_down", &[TOPIC], "records acknowledged while a broker was down", "How many of them with acks=all while a broker with a replica of their partition was down.")
        .because(&[Reason::NoTopic, Reason::NoBrokerDownYet, Reason::NotFencedYet, Reason::NoLeader, Reason::BelowMinInsync, Reason::WasRefused, Reason::NobodyWrites, Reason::NoBrokerDownNow, Reason::TooFewWhileDown])
        .growing(),
    number("failed", &[TOPIC], "records given up", "How many records producers gave up.").growing(),
    number("refused", &[TOPIC, may("error", Kind::Text, " with {it}")], "batches refused", "How many batches leaders refused, or refused with an error such as NOT_ENOUGH_REPLICAS.").growing(),
    number("retried", &[TOPIC], "batches sent again", "How many batches producers sent again.").growing(),
    number("waiting", &[TOPIC], "records that wait in producers", "How many records producers hold, sent or not, without an answer."),
    number("lost", &[TOPIC], "acknowledged records that are gone", "How many acknowledged records are in no leader's log any more.")
        .because(&[Reason::RecordsLost, Reason::RecordsMissing]),
    // Groups.
    truth("group_exists", &[needs("group", Kind::Text, " {it}")], "there is a group", "A coordinator knows the group.").because(NO_GROUP),
    text("group_state", &[GROUP], "the state", "Empty, PreparingRebalance, CompletingRebalance, Stable, Assigning, Reconciling or Dead.").because(NO_GROUP),
    text("group_protocol", &[GROUP], "the protocol", "classic or consumer.").because(NO_GROUP),
    text("assignor", &[GROUP], "the assignor", "The assignor that the members agreed on.").because(NO_GROUP),
    number("members", &[GROUP], "members", "How many members it has; of a share group too.").because(NO_GROUP),
    number("idle", &[GROUP], "members without a partition", "How many members have no partition.").because(NO_GROUP),
    number("owned", &[GROUP, OF_TOPIC], "partitions owned by members", "How many partitions its members own.").because(NO_GROUP),
    truth("all_owned", &[GROUP, TOPIC], "each partition has an owner", "Each partition of the topic has exactly one owner among the members.")
        .because(&[Reason::NoGroup, Reason::NoTopic, Reason::NotOwned]),
    number("committed", &[GROUP, TOPIC, MAY_PARTITION], "the committed offset", "The committed offset; of all partitions, the sum. -1 if nothing is committed.").because(NO_GROUP),
    number("lag", &[GROUP, OF_TOPIC], "the lag", "How many records lie between what is committed and the high watermark, in all partitions.")
        .because(&[Reason::NoGroup, Reason::NothingCommitted]),
    number("rebalances", &[GROUP], "rebalances", "How often the group began to rebalance.").growing(),
    // Consumers.
    number("consumers", &[MAY_GROUP], "consumers that run", "How many consumers run, or run in the group."),
    number("read", &[MAY_GROUP, OF_TOPIC], "records read", "How many records applications got and are done with: those of a group, of a topic, or all.").growing(),
    number("read_by", &[needs("name", Kind::Text, " by {it}")], "records read", "How many records one consumer, or share consumer, got and is done with.").because(NO_CLIENT),
    number("started_at", &[needs("name", Kind::Text, " at which {it} began")], "the offset", "The offset at which a consumer began to read; of several partitions, of the first.").because(NO_CLIENT),
    number("position", &[NAME, TOPIC, PARTITION], "the position", "The offset that a consumer reads next; -1 if it does not own the partition.").because(NO_CLIENT),
    text("subscription", &[may("name", Kind::Text, " of {it}")], "the subscription", "The topics that a consumer subscribes to, existing or not; without a name, the consumer that was started last.").because(NO_CLIENT),
    text("consumer_config", &[NAME, SETTING], "the setting", "A setting of a consumer, by Kafka's name, in force.").because(NO_CLIENT),
    number("dead_lettered", &[GROUP], "records sent to a dead letter topic", "How many records applications of the group sent to a dead letter topic."),
    number("skipped", &[GROUP], "records that nobody processed", "How many records the group went past without being done with them."),
    number("missed", &[GROUP, IN_TOPIC], "records before the place where it began", "How many records stand before the place where the group, which reads no other topic, began: it never gets them.")
        .because(&[Reason::NoTopic, Reason::NoGroup, Reason::NotOwned]),
    number("repeated", &[GROUP], "records processed more than once", "How many records the group processed more than once."),
    number("once", &[GROUP], "records processed exactly once", "How many records the group processed exactly once."),
    // Share groups.
    number("share_records", &[GROUP, needs("state", Kind::RecordState, " that are {it}")], "records in flight", "How many records between start and end offset of a share group are Available, Acquired, Acknowledged, Archiving or Archived.").because(NO_GROUP),
    number("share_start", &[GROUP, IN_TOPIC], "the start offset", "The offset from which on a share group is not done with all records; of all partitions, the sum.").because(&[Reason::NoGroup, Reason::NotOwned]),
    number("share_end", &[GROUP, IN_TOPIC], "the end offset", "The offset up to which a share group has handed out records; of all partitions, the sum.").because(&[Reason::NoGroup, Reason::NotOwned]),
    number("delivered", &[GROUP], "records handed out", "How many records share consumers got; one that came twice counts twice.").growing(),
    number("accepted", &[GROUP], "records accepted", "How many records share consumers accepted.").growing(),
    number("rejected", &[GROUP], "records rejected", "How many records share consumers rejected.").growing(),
    number("too_late", &[GROUP], "records of which consumers spoke too late", "Of how many records share consumers spoke after their lock had run out.").growing(),
    // Quotas.
    number("quota", &[needs("client_id", Kind::Text, " of {it}"), SETTING], "the quota", "What a client id may send to or fetch from each broker in a second, in whole bytes, by the quota that it comes under; -1 if it comes under none."),
    // Access control lists.
    number("acls", &[may("principal", Kind::Text, " about {it}")], "entries of access control lists", "How many entries the access control lists have, or have about a principal such as User:alice."),
    truth("may", &[needs("principal", Kind::Text, " {it}"), needs("operation", Kind::Text, " {it}"), needs("resource", Kind::Text, " a {it}"), needs("name", Kind::Text, " {it}")], "the authorizer allows", "Whether a principal such as User:alice may do READ, WRITE and so on with a TOPIC, GROUP, CLUSTER or TRANSACTIONAL_ID of that name, from any host; always, if no broker asks an authorizer."),
    // From topic to topic.
    number("made_right", &[GROUP], "records of which came what was to come", "Of applications that read and write: of how many records came exactly what was to come."),
    number("made_twice", &[GROUP], "records of which more came", "Of how many more came."),
    number("never_made", &[GROUP], "records of which less came", "Of how many less came, for good."),
    // Transactions.
    number("transactions_committed", &[may("id", Kind::Text, " of {it}")], "transactions committed", "How many transactions were committed.").growing(),
    number("transactions_aborted", &[may("id", Kind::Text, " of {it}")], "transactions aborted", "How many were aborted.").growing(),
    number("transactions_open", &[may("id", Kind::Text, " of {it}")], "transactions that are open", "How many are open now."),
    // History.
    number("ran", &[WORDS], "lines", "How many lines took effect that have all these words, in this order. * stands for any word.").growing(),
    number("printed", &[needs("text", Kind::Text, " that contain: {it}"), may("by", Kind::Text, ", printed by {it}")], "printed lines", "How many printed lines contain the text; with `by`, of commands that have all these words.").growing(),
    number("failures", &[], "commands that failed", "How many commands ended with an error.").growing(),
    number(
        "happened",
        HAPPENING,
        "how often",
        "How often something happened; with `after`, after the first time of something else; with `before`, until the next time of a third.",
    )
    .growing(),
    number(
        "first",
        HAPPENING,
        "the first time, in ms, that",
        "When something happened for the first time, in ms of virtual time: to put things in order.",
    )
    .because(&[Reason::NotSo]),
    number("anomalies", &[may("kind", Kind::Anomaly, " of the kind {it}"), OF_TOPIC], "things that went wrong", "How many anomalies were found.").growing(),
    number("time", &[], "virtual time, in ms", "How much virtual time has passed: time() <= 60s.").growing(),
];
