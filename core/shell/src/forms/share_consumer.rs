//! The form for a share consumer (KIP-932).

use super::{ANY, Field, Form, Hint, Preset, Takes};

/// A share consumer.
pub const SHARE_CONSUMER: Form = Form {
    name: "Share consumer",
    says: "Joins a share group: its members take single records of any partition, as from a queue.",
    command: "share-consumer start",
    letter: "s",
    presets: &[
        Preset {
            name: "Kafka's defaults",
            says: "Implicit: polling again accepts all that the last poll gave.",
            choices: &[],
        },
        Preset {
            name: "A worker",
            says: "Takes five records at a time and works on each: the others get what is next, whichever partition it is in.",
            choices: &[("max.poll.records", "5"), ("process ms", "200")],
        },
        Preset {
            name: "Tries again",
            says: "Releases every tenth record the first time it gets it: it is delivered once more, to this member or another.",
            choices: &[("fail on", "every=10,times=1"), ("on failure", "release")],
        },
        Preset {
            name: "Refuses",
            says: "Rejects every tenth record: it is archived at once, and nobody gets it again.",
            choices: &[("fail on", "every=10"), ("on failure", "reject")],
        },
        Preset {
            name: "Long work",
            says: "Works 40 s on a record, longer than a lock lasts, and asks for more time every 10 s.",
            choices: &[("max.poll.records", "1"), ("process ms", "40000"), ("renew ms", "10000")],
        },
    ],
    fields: &[
        Field::option("topic", "--topic", Takes::Topic)
            .required()
            .says_that("What it subscribes to: a topic, or several with commas between."),
        Field::option("group.id", "--group", Takes::ShareGroup).required().says_that(
            "The share group it joins. A group begins with what is produced after its first member joined, unless its share.auto.offset.reset says earliest.",
        ),
        Field::option("process ms", "--process-ms", Takes::Number)
            .or("0")
            .says_that("How long the application works on each record."),
        Field::consumer("max.poll.records", Takes::Number),
        Field::option("mode", "--mode", Takes::One(&["implicit", "explicit"]))
            .or("implicit")
            .says_that("share.acknowledgement.mode: the next poll accepts all, or the application speaks of each record."),
        Field::option("fail on", "--fail-on", Takes::Text("every=10"))
            .says_that("Which records fail: key=K, value~TEXT, offset=N or every=N; with ,times=N only so often."),
        Field::option("on failure", "--on-fail", Takes::One(&["release", "reject", "crash"]))
            .or("release")
            .says_that("What becomes of a record that fails: given back, refused for good, or the member crashes with it in hand."),
        Field::option("commit every", "--commit-every", Takes::Number)
            .rare()
            .says_that("Calls commitSync after so many records, not only with the next poll."),
        Field::option("renew ms", "--renew-ms", Takes::Number)
            .rare()
            .says_that("Asks for more time after so long of work on a record (KIP-1222)."),
        Field::option("poll interval ms", "--poll-interval-ms", Takes::Number)
            .rare()
            .says_that("The least time between two polls."),
        Field::consumer("fetch.max.wait.ms", Takes::Number).rare(),
        Field::consumer("fetch.min.bytes", Takes::Number).rare(),
    ],
    hints: &[
        Hint {
            when: &[("fail on", ANY), ("on failure", "release")],
            says: "What always fails is given back until it has been delivered group.share.delivery.count.limit times, 5 by default; then it is archived.",
        },
        Hint {
            when: &[("fail on", ANY), ("on failure", "crash")],
            says: "What it holds comes back when its locks expire, after group.share.record.lock.duration.ms, 30 s by default.",
        },
    ],
};
