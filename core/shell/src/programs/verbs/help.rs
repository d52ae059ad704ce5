//! What each fault does, and how far it is as in a real cluster.

use super::options;
use crate::options::{Opt, Takes};

/// What a verb is about: what stands between it and its options, and what it does.
struct VerbHelp {
    command: &'static str,
    verb: &'static str,
    operands: &'static str,
    does: &'static str,
}

/// The verbs that need more than a word.
const VERBS: &[VerbHelp] = &[
    verb(
        "broker",
        "power-loss",
        "ID",
        "Its machine loses power. What a log had not flushed is gone, acknowledged or not: Kafka's acks do not \
         wait for the disk. Flushed are closed segments, what flush.messages and flush.ms ask for (the latter only \
         if log.flush.scheduler.interval.ms is set), and everything at a controlled shutdown. A real system would \
         have written most of what is older than half a minute; here the worst is taken.",
    ),
    verb(
        "broker",
        "pause",
        "ID",
        "Its process stands still, as in a long garbage collection: timers do not fire, and what arrives waits. \
         When it goes on, all of it is handled in order.",
    ),
    verb("broker", "resume", "ID", "A paused process goes on."),
    verb(
        "broker",
        "slow-disk",
        "ID",
        "Each append takes that long, one after another: produce requests, records fetched from a leader, and \
         commits of groups wait for it.",
    ),
    verb(
        "broker",
        "full-disk",
        "ID",
        "The next write fails: of records, or of the high watermark checkpoint, which is due every 5 s. Kafka \
         answers KAFKA_STORAGE_ERROR, takes the log directory offline, and, since the broker has no other, the \
         process halts at once (KIP-112). Make room with free-disk, then start it.",
    ),
    verb("broker", "free-disk", "ID", "There is room on its disk again."),
    verb(
        "broker",
        "clock",
        "ID",
        "Its wall clock is off: timestamps of LogAppendTime, and what it takes for too far in the future. Timeouts \
         do not go by it.",
    ),
    verb(
        "broker",
        "fail",
        "ID",
        "It answers the next requests of a kind with an error, without doing what was asked. Where nothing is \
         answered (acks=0) it closes the connection, as Kafka does.",
    ),
    verb(
        "broker",
        "drop",
        "ID",
        "It closes the connection on the next requests of a kind, without an answer and without doing what was asked.",
    ),
    verb(
        "broker",
        "hide",
        "ID",
        "No Metadata answer lists it, so clients have no leader in the partitions that it leads. It runs all the same.",
    ),
    verb("broker", "show", "ID", "Metadata answers list it again."),
    verb(
        "remote-store",
        "fail",
        "",
        "The object store of tiered storage answers nobody: nothing is copied, and what is only there cannot be read.",
    ),
    verb("remote-store", "mend", "", "It answers again, and has all that it had."),
    verb(
        "network",
        "cut",
        "NODE NODE",
        "Nothing passes between two nodes, or with --one-way nothing from the first to the second.",
    ),
    verb(
        "network",
        "heal",
        "[NODE NODE]",
        "The link between two nodes is as it was made; every link, if none is named.",
    ),
    verb("network", "latency", "NODE NODE", "Each message takes longer, either way."),
    verb(
        "network",
        "loss",
        "NODE NODE",
        "The network loses that part of all messages, each time one is sent. Kafka runs over TCP, so nothing is lost \
         for good: it is sent again after 200 ms and the round trip, then after twice that, up to 2 minutes, and \
         what follows on the same connection waits for it. After 15 attempts in vain the connection breaks; most \
         often request.timeout.ms is over long before.",
    ),
    verb(
        "network",
        "duplicate",
        "NODE NODE",
        "TCP delivers nothing twice. A request is handled twice if its answer is lost and it is asked again: so that \
         part of the answers is lost, with the connection. A producer with enable.idempotence=true writes its \
         records once all the same.",
    ),
    verb(
        "network",
        "partition",
        "NODE,NODE NODE ...",
        "Nothing passes between nodes of different groups. Nodes that are not named reach all.",
    ),
    verb(
        "partition",
        "elect",
        "TOPIC-N",
        "The active controller writes the records of an election with the leader that you name, one of the ISR. \
         With --unclean also another replica that is alive: it becomes the whole ISR, and what it does not have is lost.",
    ),
    verb(
        "consumer",
        "start",
        "NAME",
        "With --group and --topic it joins a group; with --assign it takes partitions for itself, and --group only \
         says for whom it commits. The rest is about the program around it, which is no part of Kafka. --fail-on \
         names records that its handler fails on, always or so many times, or that cannot be deserialised: on those \
         poll itself throws. --on-error says what it does then, and may be given more than once: what comes later \
         is for when the earlier is used up. With --workers, the thread that polls only hands records out, and \
         --commit-when naive commits what was polled rather than what is done.",
    ),
    verb(
        "consumer",
        "pause",
        "NAME",
        "It keeps its partitions and its place in the group, but fetches nothing.",
    ),
    verb("consumer", "resume", "NAME", "It fetches again what was paused."),
    verb(
        "consumer",
        "seek",
        "NAME",
        "Its position in a partition that it has is set; what is committed stays as it is until the next commit.",
    ),
    verb(
        "consumer",
        "commit",
        "NAME [sync|async]",
        "Its application commits: with commitSync, which waits and tries again what can be tried again, or with \
         commitAsync, which does neither.",
    ),
    verb(
        "consumer",
        "poll-interval",
        "NAME MS",
        "The least time between two polls of its application.",
    ),
    verb(
        "share-consumer",
        "start",
        "NAME",
        "It joins a share group (KIP-932): each record of the topic goes to one member of the group at a time, whatever \
         partition it is in. A new group begins at the end of the topic; to begin with the first record: \
         kafka-configs.sh --alter --entity-type groups --entity-name GROUP --add-config \
         share.auto.offset.reset=earliest. With --mode implicit, polling again accepts all that the last poll \
         brought; with explicit, each record is accepted, released or rejected by itself, as --fail-on and --on-fail say.",
    ),
    verb(
        "share-consumer",
        "kill",
        "NAME",
        "Its process ends at once, and its machine closes the connections: the leaders give what it had to others \
         at once, and this delivery does not count.",
    ),
    verb(
        "share-consumer",
        "power-loss",
        "NAME",
        "Its machine is gone without a word. What it had stays locked until group.share.record.lock.duration.ms is \
         over; then others get it, with a higher delivery count.",
    ),
    verb("consumer", "process-ms", "NAME MS", "How long its application works on each record."),
    verb(
        "producer",
        "start",
        "NAME",
        "It makes records and sends them as Kafka's Java producer does. At a steady --rate 5, in bursts (--burst \
         100/10s) or at a rate that climbs (--ramp 10..1000/60s), with rests (--pause 5s/30s), for a time (--until \
         60s). With keys: --keys 30 --key-distribution zipf, or hot:80 --hot-key vip. Made of a text with gaps: --value \
         '{\"order\":{n},\"by\":\"{key}\",\"amount\":{random 1..100},\"at\":{time},\"id\":\"{id}\"}', --key-template \
         user-{key}, --header trace={id}. To one partition (--partition 0) or by a rule: --partition-rule \
         'key=vip:0;key~^eu-:1;else:hash', where a target is a partition, some of them for the key's hash (1..5), hash, \
         roundrobin or random. Deleting a key now and then (--tombstone-every 10), with late timestamps (--out-of-order \
         5s). Any setting by Kafka's name: --config linger.ms=20.",
    ),
    verb(
        "coordinator",
        "move",
        "GROUP",
        "The coordinator of a group is the leader of the partition of __consumer_offsets that holds it: that leader \
         is elected.",
    ),
    verb(
        "producer",
        "kill",
        "NAME",
        "Its process ends at once. What it had not sent is gone, and a transaction that it had open stays open until \
         transaction.timeout.ms has passed, or until a producer with the same transactional.id starts.",
    ),
    verb(
        "producer",
        "send",
        "NAME VALUE..",
        "Its application sends these records, one after another. A transactional producer has to be within a \
         transaction.",
    ),
    verb(
        "producer",
        "init",
        "NAME",
        "initTransactions: gets the producer id and an epoch, ends what an earlier producer with the same \
         transactional.id left open, and fences that one off.",
    ),
    verb(
        "producer",
        "begin",
        "NAME",
        "beginTransaction. Nothing is sent: no broker knows of it before the first record.",
    ),
    verb(
        "producer",
        "send-offsets",
        "NAME TOPIC-N=OFFSET..",
        "sendOffsetsToTransaction: the group's offsets are committed if the transaction is. Each is the offset of the \
         next record to read.",
    ),
    verb(
        "producer",
        "commit",
        "NAME",
        "commitTransaction: sends what is left, waits for it, and tells the coordinator.",
    ),
    verb(
        "producer",
        "abort",
        "NAME",
        "abortTransaction: drops what was not sent, waits for what was, and tells the coordinator.",
    ),
];

const fn verb(
    command: &'static str,
    verb: &'static str,
    operands: &'static str,
    does: &'static str,
) -> VerbHelp {
    VerbHelp { command, verb, operands, does }
}

/// What a verb does, in a few sentences; nothing where its name says it all.
pub(crate) fn verb_help(command: &str, verb: &str) -> &'static str {
    let mut known = VERBS.iter();
    known.find(|help| (help.command, help.verb) == (command, verb)).map_or("", |help| help.does)
}

/// The lines about each verb of a command.
pub(crate) fn help(command: &str) -> impl Iterator<Item = String> {
    let verbs = VERBS.iter().filter(move |help| help.command == command);
    verbs.map(|help| {
        let usage: Vec<String> = options(help.command, help.verb).iter().map(usage).collect();
        let usage = [&[help.operands.to_owned()], usage.as_slice()].concat().join(" ");
        format!("  {} {} {usage}: {}", help.command, help.verb, help.does)
    })
}

fn usage(option: &Opt) -> String {
    let text = match option.takes {
        Takes::Nothing => option.name.to_owned(),
        _ => format!("{} {}", option.name, option.placeholder),
    };
    if option.required { text } else { format!("[{text}]") }
}
