//! The form for an application that reads, works and writes.

use super::{ANY, Field, Form, Hint, Preset, Takes};

/// An application.
pub const APP: Form = Form {
    name: "Application",
    says: "Reads topics, works on each record, and writes what comes of it to another topic.",
    command: "app start",
    letter: "a",
    presets: &[
        Preset {
            name: "At least once",
            says: "Writes, then commits what it has read. After a crash some results come twice.",
            choices: &[("guarantee", "at-least-once")],
        },
        Preset {
            name: "Exactly once",
            says: "Results and offsets in one transaction: after a crash neither is there, or both are.",
            choices: &[("guarantee", "exactly-once")],
        },
        Preset {
            name: "At most once",
            says: "Commits, then writes. After a crash some results never come.",
            choices: &[("guarantee", "at-most-once")],
        },
        Preset {
            name: "Crash to see",
            says: "At least once, with a crash between writing and committing: start it again and count the duplicates.",
            choices: &[("guarantee", "at-least-once"), ("fail after", "50")],
        },
    ],
    fields: &[
        Field::option("from", "--from", Takes::Topic).required().says_that("What it reads."),
        Field::option("to", "--to", Takes::Text("invoices"))
            .required()
            .says_that("Where it writes to: another topic."),
        Field::option("group.id", "--group", Takes::Group).required(),
        Field::option(
            "guarantee",
            "--guarantee",
            Takes::One(&["at-least-once", "exactly-once", "at-most-once"]),
        )
        .or("at-least-once")
        .says_that("What holds if something fails: processing.guarantee, as Kafka Streams calls it."),
        Field::option("process ms", "--process-ms", Takes::Number)
            .or("0")
            .says_that("How long it works on each record."),
        Field::option("commit.interval.ms", "--commit-interval-ms", Takes::Number).says_that(
            "How often it commits; 30000 if nothing is said, 100 with exactly-once, as in Kafka Streams.",
        ),
        Field::option("fail after", "--fail-after", Takes::Number)
            .says_that("It crashes after so many records, between writing and committing."),
        Field::option("fan out", "--fan-out", Takes::Number)
            .or("1")
            .rare()
            .says_that("How many records come of each."),
        Field::option("drop every", "--drop-every", Takes::Number)
            .rare()
            .says_that("Nothing comes of every Nth offset, as from a filter."),
    ],
    hints: &[
        Hint {
            when: &[("guarantee", "exactly-once")],
            says: "Who reads the results needs isolation.level=read_committed, or sees those of aborted transactions too.",
        },
        Hint {
            when: &[("fail after", ANY), ("guarantee", "at-most-once")],
            says: "What was committed and not written yet is lost in the crash.",
        },
    ],
};
