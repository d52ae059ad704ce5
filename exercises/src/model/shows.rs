//! What the stage can draw, in words: an exercise names what it shows, and the rest is not drawn.

/// The words, each with what it is on the stage.
pub const SHOWS: &[(&str, &str)] = &[
    ("topics", "bands with the name of each topic"),
    ("partitions", "a strip for each partition; without it, of a topic with one, a log"),
    ("offsets", "the numbers under the cells of a log"),
    ("producers", "producers, and what they send"),
    ("consumers", "consumers, and what they fetch"),
    ("positions", "where each consumer reads next"),
    ("groups", "groups, with what each member owns"),
    ("committed", "pennants at the offsets that groups have committed"),
    ("lag", "how far groups are behind"),
    ("keys", "the key on a record"),
    ("brokers", "the frame around each broker; without it there is one, and it is not named"),
    ("replicas", "the copies of a partition on other brokers"),
    ("leaders", "the mark of the replica that leads"),
    ("isr", "which replicas are in sync"),
    ("high-watermark", "the waterline of each replica"),
    ("last-stable-offset", "the line below which no transaction is open"),
    ("transactions", "brackets over the records of a transaction"),
    ("segments", "where a log is cut into files"),
    ("compaction", "the holes that a cleaner leaves"),
    ("controllers", "the quorum of controllers, and its metadata"),
    ("coordinators", "which broker coordinates a group or a transaction"),
    ("requests", "every request and response, beside records that fly"),
    ("internal-topics", "Kafka's own topics"),
    ("network", "links that are cut or slow"),
];
