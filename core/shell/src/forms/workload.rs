//! The form for a workload: a producer, seen from what its records are like and when they come.

use super::{ANY, Field, Form, Hint, Preset, Takes};

/// A workload.
pub const WORKLOAD: Form = Form {
    name: "Workload",
    says: "A producer whose records come and look as you say: bursts, ramps, hot keys, tombstones.",
    command: "producer start",
    letter: "p",
    presets: &[
        Preset {
            name: "Steady",
            says: "Twenty records a second with a hundred keys, evenly.",
            choices: &[("rate", "20"), ("keys", "100")],
        },
        Preset {
            name: "Bursts",
            says: "Two hundred at once every ten seconds: batches fill, and lag comes and goes.",
            choices: &[("burst", "200/10s"), ("keys", "100")],
        },
        Preset {
            name: "Ramp",
            says: "From one to five hundred a second within a minute: see what gives way first.",
            choices: &[("ramp", "1..500/60s"), ("keys", "100")],
        },
        Preset {
            name: "Hot key",
            says: "One key gets four of five records: one partition, and so one consumer, gets the work.",
            choices: &[
                ("rate", "50"),
                ("keys", "50"),
                ("key distribution", "hot:80"),
                ("hot key", "vip"),
            ],
        },
        Preset {
            name: "For compaction",
            says: "Few keys written over and over, each tenth record a tombstone.",
            choices: &[("rate", "20"), ("keys", "10"), ("tombstone every", "10")],
        },
        Preset {
            name: "Late events",
            says: "Timestamps lie up to half a minute before now, as from phones that were offline.",
            choices: &[("rate", "20"), ("out of order", "30s")],
        },
    ],
    fields: &[
        Field::option("topic", "--topic", Takes::Topic)
            .required()
            .says_that("Where the records go."),
        Field::option("rate", "--rate", Takes::Number)
            .or("1")
            .says_that("Records a second, evenly."),
        Field::option("burst", "--burst", Takes::Text("200/10s"))
            .says_that("In place of a rate: so many at once, again and again."),
        Field::option("ramp", "--ramp", Takes::Text("1..500/60s"))
            .says_that("In place of a rate: from so many to so many a second within that time."),
        Field::option("pause", "--pause", Takes::Text("5s/30s"))
            .says_that("It rests so long at the end of each stretch."),
        Field::option("until", "--until", Takes::Text("60s"))
            .says_that("How long it makes records."),
        Field::option("keys", "--keys", Takes::Number)
            .or("0")
            .says_that("How many different keys there are; 0 for records without a key."),
        Field::option("key distribution", "--key-distribution", Takes::Text("hot:80"))
            .or("uniform")
            .says_that(
                "How often each key comes: uniform, zipf, or hot:80 for one that gets 80 %.",
            ),
        Field::option("hot key", "--hot-key", Takes::Text("vip"))
            .says_that("What the key is called that comes most."),
        Field::option("key template", "--key-template", Takes::Text("user-{key}"))
            .rare()
            .says_that(
                "What keys are made of: {key} is which of the keys, {n} the number of the record.",
            ),
        Field::option("value", "--value", Takes::Text("{\"order\":{n}}")).rare().says_that(
            "What values are made of: {n}, {key}, {time} and {id} are put in; random 1..100 in braces draws a number.",
        ),
        Field::option("value bytes", "--value-bytes", Takes::Text("100..2000"))
            .rare()
            .says_that("How long made-up values are, in bytes: one number, or from and to."),
        Field::option("header", "--header", Takes::Text("trace={id}"))
            .rare()
            .says_that("A header that each record carries."),
        Field::option("tombstone every", "--tombstone-every", Takes::Number).says_that(
            "Each Nth record has a null value: in a compacted topic that deletes its key.",
        ),
        Field::option("out of order", "--out-of-order", Takes::Text("30s"))
            .says_that("Timestamps lie up to so long before now."),
        Field::option("partition", "--partition", Takes::Number)
            .rare()
            .says_that("The partition that every record names, whatever its key."),
    ],
    hints: &[
        Hint {
            when: &[("keys", "0"), ("partition", "")],
            says: "Without keys, records of one thing do not keep together: nothing but the partition keeps an order.",
        },
        Hint {
            when: &[("partition", ANY)],
            says: "All records go to one partition: the others, and their consumers, stay idle.",
        },
    ],
};
