//! Fencing, static members, commits, and what administrators ask.

use super::Lab;

/// Does what each line says, then lets time pass, and compares what the members print.
fn check(configs: &[(&str, &str)], steps: &[(&str, i64)], expected: &[&str]) -> Lab {
    let mut lab = Lab::new(6, configs);
    for (line, millis) in steps {
        lab.tell(line);
        lab.run(*millis);
    }
    assert_eq!(lab.printed(), expected, "{}", lab.trace());
    lab
}

fn last_seen(lab: &Lab) -> &str {
    lab.seen.last().map_or("", String::as_str)
}

#[test]
fn a_silent_member_is_dropped() {
    let lab = check(&[], &[("start m1", 1_500), ("start m2", 3_000), ("crash m2", 8_000)], &[]);
    assert_eq!(last_seen(&lab), "Stable 4/4 m1@4:012345>012345");
}

#[test]
fn who_does_not_give_up_in_time_is_fenced() {
    let steps = [("start m1 revoke=60000", 1_500), ("start m2", 12_000)];
    let lab = check(&[], &steps, &["m1 fenced"]);
    assert_eq!(last_seen(&lab), "Stable 5/5 m1@5:012>012 m2@5:345>345");
}

#[test]
fn heartbeats_of_another_epoch_are_refused() {
    check(
        &[],
        &[
            ("beat m1 3", 100),
            ("start m1", 500),
            ("beat m1 3", 100),
            ("beat m2 1", 100),
            ("beat m1 2", 100),
            ("beat m1 -3", 100),
        ],
        &[
            "heartbeat GROUP_ID_NOT_FOUND 0",
            "heartbeat FENCED_MEMBER_EPOCH 0",
            "heartbeat UNKNOWN_MEMBER_ID 0",
            "heartbeat ok 2",
            "heartbeat INVALID_REQUEST 0",
        ],
    );
}

#[test]
fn a_static_member_comes_back_to_what_it_had() {
    let lab = check(
        &[],
        &[
            ("start m1 instance=one", 1_500),
            ("start m2 instance=two", 3_000),
            ("start m3 instance=two", 500),
            ("away m2", 500),
            ("start m3 instance=two", 500),
        ],
        &[
            "m3 UNRELEASED_INSTANCE_ID Static member a-m3 with instance id two cannot join the group \
           because the instance id is owned by member c-m2.",
        ],
    );
    assert!(lab.seen.contains(&"Reconciling 3/3 m1@3:012>012 m2@-2:345>345".to_owned()));
    assert_eq!(last_seen(&lab), "Stable 3/3 m1@3:012>012 m3@3:345>345");
}

#[test]
fn a_group_that_is_full_takes_nobody() {
    check(
        &[("group.consumer.max.size", "1")],
        &[("start m1", 1_500), ("start m2", 1_500)],
        &[
            "m2 GROUP_MAX_SIZE_REACHED The consumer group has reached its maximum capacity of 1 members.",
        ],
    );
}

#[test]
fn a_topic_that_grows_is_assigned_anew() {
    let lab = check(&[], &[("start m1", 1_500), ("partitions 8", 3_000)], &[]);
    assert_eq!(last_seen(&lab), "Stable 3/3 m1@3:01234567>01234567");
}

#[test]
fn members_subscribe_by_expressions() {
    let steps = [("start m1 regex=ord.*", 1_500), ("start m2 regex=(", 500)];
    let refused = "m2 INVALID_REGULAR_EXPRESSION SubscribedTopicRegex `(` is not a valid regular \
                   expression: missing closing ).";
    let lab = check(&[], &steps, &[refused]);
    assert_eq!(last_seen(&lab), "Stable 2/2 m1@2:012345>012345");
}

#[test]
fn members_commit_in_their_epoch() {
    let lab = check(
        &[],
        &[
            ("start m1", 1_500),
            ("commit m1 3", 100),
            ("commit m2 2", 100),
            ("commit - -1", 100),
            ("commit m1 2", 100),
            ("commit m1 1", 100),
            ("start m2", 3_000),
            // It has had the partition since epoch 2 (KIP-1251).
            ("commit m1 2", 100),
            ("fetch m1 2", 100),
            ("fetch m1 3", 100),
            ("fetch - -1", 100),
        ],
        &[
            "commit STALE_MEMBER_EPOCH",
            "commit UNKNOWN_MEMBER_ID",
            "commit UNKNOWN_MEMBER_ID",
            "commit ok",
            "commit STALE_MEMBER_EPOCH",
            "commit ok",
            "fetch STALE_MEMBER_EPOCH 0",
            "fetch ok 1",
            "fetch ok 1",
        ],
    );
    assert_eq!(last_seen(&lab), "Stable 3/3 m1@3:012>012 m2@3:345>345");
}

#[test]
fn administrators_list_describe_and_delete() {
    check(
        &[],
        &[
            ("delete", 100),
            ("describe", 100),
            ("describe-consumer", 100),
            ("start m1", 500),
            ("commit m1 2", 100),
            ("list", 100),
            ("list state=empty", 100),
            ("list state=stable type=Classic", 100),
            ("describe", 100),
            ("describe-consumer", 100),
            ("delete", 100),
            ("delete-offset orders 1", 100),
            ("delete-offset nothing 1", 100),
            ("close m1", 100),
            ("delete-offset orders 1", 100),
            ("fetch - -1", 100),
            ("delete", 100),
            ("delete-offset orders 1", 100),
            ("list", 100),
        ],
        &[
            "delete GROUP_ID_NOT_FOUND",
            "describe GROUP_ID_NOT_FOUND Dead Group g not found.",
            "describe GROUP_ID_NOT_FOUND  0/0  Group g not found.",
            "commit ok",
            r#"list ["g consumer Stable consumer"]"#,
            "list []",
            "list []",
            "describe GROUP_ID_NOT_FOUND Dead Group g is not a classic group.",
            "describe ok Stable 2/2 uniform ",
            "delete NON_EMPTY_GROUP",
            "delete ok GROUP_SUBSCRIBED_TO_TOPIC",
            "delete ok UNKNOWN_TOPIC_OR_PARTITION",
            "delete ok ok",
            "fetch ok 0",
            "delete ok",
            "delete GROUP_ID_NOT_FOUND ok",
            "list []",
        ],
    );
}

#[test]
fn offsets_of_an_empty_group_expire_and_with_them_the_group() {
    let configs =
        [("offsets.retention.minutes", "1"), ("offsets.retention.check.interval.ms", "10000")];
    let lab = check(
        &configs,
        &[
            ("start m1", 500),
            ("commit m1 2", 90_000),
            ("fetch - -1", 100),
            ("close m1", 100),
            ("fetch - -1", 12_000),
            ("list", 100),
        ],
        // While it is read the offset stays. It was committed long ago when the group becomes empty.
        &["commit ok", "fetch ok 1", "fetch ok 1", "list []"],
    );
    assert_eq!(last_seen(&lab), "-");
}
