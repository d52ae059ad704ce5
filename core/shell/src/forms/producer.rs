//! The form for a producer.

use super::{ANY, Field, Form, Hint, Preset, Takes};

/// A producer.
pub const PRODUCER: Form = Form {
    name: "Producer",
    says: "Sends records to a topic, as the Java client would.",
    command: "producer start",
    letter: "p",
    presets: &[
        Preset {
            name: "Kafka's defaults",
            says: "Idempotent, acks=all, a batch for each 5 ms: what a producer is if nobody sets anything.",
            choices: &[],
        },
        Preset {
            name: "Safest",
            says: "Every record on all replicas in sync, tried for ten minutes, in order and once. Give the topic min.insync.replicas=2, or one replica may be all of them.",
            choices: &[("acks", "all"), ("enable.idempotence", "true"), ("delivery.timeout.ms", "600000")],
        },
        Preset {
            name: "Fastest",
            says: "Sends and forgets. The least latency, and what is lost on the way nobody knows of.",
            choices: &[("acks", "0"), ("enable.idempotence", "false"), ("linger.ms", "0"), ("rate", "50")],
        },
        Preset {
            name: "Most throughput",
            says: "Large compressed batches that wait to be full: fewer requests, fewer bytes, later records.",
            choices: &[("linger.ms", "100"), ("batch.size", "131072"), ("compression.type", "lz4"), ("rate", "500")],
        },
        Preset {
            name: "Exactly once",
            says: "Transactions: all records of one become visible together, or none, and a second producer of the name fences this one.",
            choices: &[("transactional.id", "orders-tx"), ("transaction records", "10"), ("rate", "10")],
        },
    ],
    fields: &[
        Field::option("topic", "--topic", Takes::Topic)
            .required()
            .says_that("Where it sends to. If it is not there, the brokers create it, unless auto.create.topics.enable is false."),
        Field::option("rate", "--rate", Takes::Number)
            .or("1")
            .says_that("Records a second that its application makes; 0 for none but those you send by hand."),
        Field::option("acks", "--acks", Takes::One(&["all", "1", "0"])).or("all"),
        Field::producer("enable.idempotence", Takes::One(&["true", "false"])),
        Field::producer("linger.ms", Takes::Number),
        Field::producer("batch.size", Takes::Number),
        Field::producer("compression.type", Takes::One(&["none", "gzip", "snappy", "lz4", "zstd"])),
        Field::option("keys", "--keys", Takes::Number)
            .or("0")
            .says_that("How many different keys its records have. Equal keys go to one partition; without keys records stick to a partition for a batch."),
        Field::option("transactional.id", "--transactional-id", Takes::Text("orders-tx")),
        Field::option("transaction records", "--transaction-records", Takes::Number)
            .or("10")
            .says_that("How many records each of its transactions holds."),
        Field::option("abort every", "--abort-every", Takes::Number)
            .rare()
            .says_that("Which of its transactions it aborts: each Nth. Consumers with read_committed never see those."),
        Field::producer("delivery.timeout.ms", Takes::Number).rare(),
        Field::producer("request.timeout.ms", Takes::Number).rare(),
        Field::producer("retries", Takes::Number).rare(),
        Field::producer("max.in.flight.requests.per.connection", Takes::Number).rare(),
        Field::producer("buffer.memory", Takes::Number).rare(),
        Field::producer("max.block.ms", Takes::Number).rare(),
        Field::producer("transaction.timeout.ms", Takes::Number).rare(),
    ],
    hints: &[
        Hint {
            when: &[("acks", "0")],
            says: "acks=0: records can be lost without the producer ever knowing. Idempotence, which needs acks=all, is off with it.",
        },
        Hint {
            when: &[("acks", "1")],
            says: "acks=1: what the leader alone has is lost if it fails before the followers fetch. Idempotence, which needs acks=all, is off with it.",
        },
        Hint {
            when: &[("acks", "all"), ("enable.idempotence", "false")],
            says: "Without idempotence a retry can write a batch twice, or after a later one.",
        },
        Hint {
            when: &[("retries", "0")],
            says: "retries=0: the first lost request or moved leader loses the batch.",
        },
        Hint {
            when: &[("transactional.id", ANY), ("rate", "0")],
            says: "With rate 0 it makes no transaction by itself: begin, send and commit stand in its menu.",
        },
    ],
};
