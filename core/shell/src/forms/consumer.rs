//! The form for a consumer.

use super::{ANY, Field, Form, Hint, Preset, Takes};

const REMOTE: &str = "In the consumer protocol the coordinator assigns, and knows uniform and range only: it will refuse this member.";

/// A consumer.
pub const CONSUMER: Form = Form {
    name: "Consumer",
    says: "Joins a group and reads topics with its other members.",
    command: "consumer start",
    letter: "c",
    presets: &[
        Preset {
            name: "Kafka's defaults",
            says: "Commits by itself every 5 s what it has polled: at least once, as long as the work is done before the next poll.",
            choices: &[],
        },
        Preset {
            name: "At least once",
            says: "Commits when the work is done. A crash between the two repeats records; none is lost.",
            choices: &[("commit", "sync"), ("commit when", "after"), ("process ms", "20"), ("from beginning", "true")],
        },
        Preset {
            name: "At most once",
            says: "Commits before the work. A crash between the two loses records; none is repeated.",
            choices: &[("commit", "sync"), ("commit when", "before"), ("process ms", "20"), ("from beginning", "true")],
        },
        Preset {
            name: "Committed only",
            says: "The reading half of exactly-once: records of aborted transactions are skipped, open ones are waited for.",
            choices: &[("isolation.level", "read_committed"), ("from beginning", "true")],
        },
        Preset {
            name: "New protocol",
            says: "KIP-848: the coordinator assigns, and nobody stops reading what they keep.",
            choices: &[("group.protocol", "consumer"), ("from beginning", "true")],
        },
        Preset {
            name: "Slow worker",
            says: "Works long on each record, so that its lag grows; too long, and it is taken for stuck.",
            choices: &[("process ms", "500"), ("from beginning", "true")],
        },
    ],
    fields: &[
        Field::option("topic", "--topic", Takes::Topic)
            .required()
            .says_that("What it subscribes to: a topic, or several with commas between."),
        Field::option("group.id", "--group", Takes::Group).required(),
        Field::flag("from beginning", "--from-beginning").says_that(
            "auto.offset.reset=earliest: where nothing is committed it begins with the oldest record, not with what comes next.",
        ),
        Field::option("group.protocol", "--protocol", Takes::One(&["classic", "consumer"]))
            .or("classic"),
        Field::option(
            "assignor",
            "--assignor",
            Takes::One(&["", "range", "roundrobin", "sticky", "cooperative-sticky", "uniform"]),
        )
        .says_that("How the partitions are shared. Classic groups: range, roundrobin, sticky, cooperative-sticky; groups of the consumer protocol: uniform, range."),
        Field::option("commit", "--commit", Takes::One(&["auto", "sync", "async", "none"]))
            .or("auto")
            .says_that("Who commits: the client by itself (enable.auto.commit), or the application with commitSync or commitAsync, or nobody."),
        Field::option("commit when", "--commit-when", Takes::One(&["after", "before", "naive"]))
            .or("after")
            .says_that("Before or after the work on a record; naive commits whatever was polled last."),
        Field::option("process ms", "--process-ms", Takes::Number)
            .or("0")
            .says_that("How long the application works on each record."),
        Field::consumer("isolation.level", Takes::One(&["read_uncommitted", "read_committed"])),
        Field::option("group.instance.id", "--instance", Takes::Text("till-1")),
        Field::option("on error", "--on-error", Takes::Text("retry:3,100"))
            .rare()
            .says_that("What the application does with a record that fails: stop, skip, retry:N,MS, dlq:TOPIC or retry-topic:TOPIC,MS."),
        Field::option("fail on", "--fail-on", Takes::Text("every=10"))
            .rare()
            .says_that("Which records fail: key=K, value~TEXT, offset=N or every=N."),
        Field::consumer("max.poll.records", Takes::Number).rare(),
        Field::consumer("max.poll.interval.ms", Takes::Number).rare(),
        Field::consumer("session.timeout.ms", Takes::Number).rare(),
        Field::consumer("heartbeat.interval.ms", Takes::Number).rare(),
        Field::consumer("fetch.min.bytes", Takes::Number).rare(),
        Field::consumer("fetch.max.wait.ms", Takes::Number).rare(),
        Field::consumer("auto.commit.interval.ms", Takes::Number).rare(),
    ],
    hints: &[
        Hint {
            when: &[("commit", "none")],
            says: "Nothing is committed: after a restart or a rebalance it begins anew.",
        },
        Hint {
            when: &[("commit when", "before")],
            says: "Committed before the work: what a crash interrupts is not read again.",
        },
        Hint {
            when: &[("commit when", "naive")],
            says: "What was polled is committed, done or not: a crash loses what was in hand.",
        },
        Hint {
            when: &[("fail on", ANY), ("on error", "skip")],
            says: "What fails is skipped: it is gone for this group.",
        },
        Hint { when: &[("group.protocol", "consumer"), ("assignor", "roundrobin")], says: REMOTE },
        Hint { when: &[("group.protocol", "consumer"), ("assignor", "sticky")], says: REMOTE },
        Hint {
            when: &[("group.protocol", "consumer"), ("assignor", "cooperative-sticky")],
            says: REMOTE,
        },
        Hint {
            when: &[("group.protocol", "consumer"), ("session.timeout.ms", ANY)],
            says: "In the consumer protocol the broker's group.consumer.session.timeout.ms holds in place of session.timeout.ms.",
        },
    ],
};
