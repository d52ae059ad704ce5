//! Dead letters, and where they may go.

use highwater_log::LeaderEpoch;

use super::*;

/// Checks a queue of that name, with what its topic says of it.
#[track_caller]
fn check(topic: &str, is_enabled: Option<bool>, may_be_created: bool, expected: Result<(), &str>) {
    let queue = Queue { topic, is_enabled, prefix: "dlq.", may_be_created };
    let found = queue.check();
    let (group, topic) = (GroupId::from("g"), TopicName::from(topic));
    let found = found.map_err(|failure| failure.message(&group, &topic));
    assert_eq!(found.as_ref().map_err(|message| &**message), expected.as_ref().map_err(|it| *it));
}

#[test]
fn a_queue_is_held_to_kafkas_rules_in_kafkas_order() {
    check("dlq.g", Some(true), false, Ok(()));
    check("dlq.g", None, true, Ok(()));
    check("", None, true, Err("Configured DLQ topic name in share group: g is empty."));
    let reserved = "Configured DLQ topic name in share group: g cannot start with __, topic: __x.";
    check("__x", Some(false), false, Err(reserved));
    let not_enabled =
        "DLQ is not enabled on configured DLQ topic for share group: g, topic: failed";
    check("failed", Some(false), true, Err(not_enabled));
    let prefix = "Configured DLQ topic name does not comply with the DLQ topic prefix in share group: g, \
                  topic: failed, prefix: dlq.";
    check("failed", Some(true), true, Err(prefix));
    check("failed", None, false, Err(prefix));
    let missing = "DLQ topic does not exist and auto create is disabled on cluster for share group: g, \
                   topic: dlq.g.";
    check("dlq.g", None, false, Err(missing));
    let queue = Queue { topic: "x", is_enabled: Some(true), prefix: "", may_be_created: false };
    assert_eq!(queue.check(), Ok(()), "an empty prefix allows every name");
}

/// The dead letters of offsets 5 to 7, of which 6 held something, that go into batches of so many bytes.
fn letters(from: i64, max_bytes: usize) -> Letters {
    let header = Header { key: "trace".into(), value: Some("t1".into()) };
    let held = Record {
        offset: Offset(6),
        timestamp: TimestampMs(3),
        key: Some("k".into()),
        value: Some("v".into()),
        headers: vec![header],
    };
    let source = Source {
        group: &GroupId::from("g"),
        partition: &TopicPartition::new(&TopicName::from("jobs"), 1),
        records: Archiving {
            first: Offset(5),
            last: Offset(7),
            delivery_count: 3,
            reason: ArchiveReason::DeliveryLimit,
        },
        contents: &BTreeMap::from([(Offset(6), held)]),
    };
    source.letters((Offset(from), Offset(7)), max_bytes)
}

#[test]
fn a_dead_letter_says_where_it_comes_from_behind_what_it_said_itself() {
    let letters = letters(5, 1 << 20);
    let mut batch = BatchBuilder::new(BatchOptions::default());
    letters.records.iter().for_each(|letter| letter.append_to(&mut batch, TimestampMs(9)));
    let built = batch.build(Offset(0), LeaderEpoch::NONE);
    assert_eq!((letters.last, letters.size), (Offset(7), built.size_in_bytes()));
    let records = built.records().unwrap();
    assert_eq!((&records[0].key, &records[0].value), (&None, &None), "it was not copied");
    assert_eq!(records[1].value.as_deref(), Some(&b"v"[..]));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers: Vec<String> = records[1]
        .headers
        .iter()
        .map(|header| format!("{}={}", text(&header.key), text(header.value.as_ref().unwrap())))
        .collect();
    assert_eq!(
        headers,
        [
            "trace=t1",
            "__dlq.errors.topic=jobs",
            "__dlq.errors.partition=1",
            "__dlq.errors.offset=6",
            "__dlq.errors.group=g",
            "__dlq.errors.delivery.count=3",
            "__dlq.errors.message=Offset delivery count exceeded the threshold.",
        ]
    );
}

#[test]
fn what_is_too_much_for_a_batch_follows_in_the_next_but_one_goes_in_any_case() {
    let one = letters(5, 0);
    assert_eq!((one.records.len(), one.last), (1, Offset(5)));
    let two = letters(5, one.size * 2);
    assert_eq!((two.records.len(), two.last), (2, Offset(6)));
    let rest = letters(7, one.size * 2);
    assert_eq!((rest.records.len(), rest.last), (1, Offset(7)));
}

#[test]
fn partitions_beyond_those_of_the_queue_begin_again_with_its_first() {
    assert_eq!([0, 1, 2, 3].map(|source| destination(source, 3)), [0, 1, 2, 0]);
}
