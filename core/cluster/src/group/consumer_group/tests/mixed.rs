//! Members of both protocols in one group: how a group goes over to the consumer protocol and back, and
//! what members of the classic protocol are told meanwhile.

use super::Lab;
use super::records::written;
use crate::action::Action;

/// What one member of the classic protocol does to have all partitions, and is told.
const ALONE: [(&str, i64); 2] = [("classic join c1", 100), ("classic sync c1 1 c1=012345", 100)];
const ALONE_TOLD: [&str; 2] = ["c1 join ok 1 range", "c1 sync ok 012345"];

/// Has `first` done, then what each line says, and compares what the members are told and what the group
/// is in the end.
fn check_after(
    first: &[(&str, i64)],
    first_told: &[&str],
    configs: &[(&str, &str)],
    steps: &[(&str, i64)],
    told: &[&str],
    last: &str,
) -> Lab {
    let mut lab = Lab::new(6, &[&[("group.initial.rebalance.delay.ms", "0")], configs].concat());
    for (line, millis) in first.iter().chain(steps) {
        lab.tell(line);
        lab.run(*millis);
    }
    assert_eq!(lab.printed(), [first_told, told].concat(), "{}", lab.trace());
    assert_eq!(lab.seen.last().map_or("", String::as_str), last, "{}", lab.seen.join("\n"));
    lab
}

/// The same of a group that has one member of the classic protocol, which has everything.
fn check(configs: &[(&str, &str)], steps: &[(&str, i64)], told: &[&str], last: &str) -> Lab {
    check_after(&ALONE, &ALONE_TOLD, configs, steps, told, last)
}

/// The same of an empty group.
fn check_new(configs: &[(&str, &str)], steps: &[(&str, i64)], told: &[&str], last: &str) -> Lab {
    check_after(&[], &[], configs, steps, told, last)
}

/// Who comes to a group of the classic protocol, when that does not go over.
fn check_refused(configs: &[(&str, &str)], steps: &[(&str, i64)], told: &[&str], why: &str) {
    let refused = format!(
        "m1 GROUP_ID_NOT_FOUND Cannot upgrade classic group g to consumer group because {why}."
    );
    let told = [told, &[refused.as_str()]].concat();
    let mut lab = Lab::new(6, &[&[("group.initial.rebalance.delay.ms", "0")], configs].concat());
    for (line, millis) in steps.iter().chain(&[("start m1", 100)]) {
        lab.tell(line);
        lab.run(*millis);
    }
    assert_eq!(lab.printed(), told, "{}", lab.trace());
}

#[test]
fn a_group_goes_over_when_someone_of_the_consumer_protocol_comes() {
    let lab = check(
        &[],
        &[
            ("start m1", 100),
            ("classic sync c1 1", 100),
            ("classic beat c1 1", 100),
            ("classic join c1", 100),
            ("classic sync c1 2", 100),
            ("classic beat c1 2", 1_500),
        ],
        &[
            "c1 sync REBALANCE_IN_PROGRESS",
            "c1 beat REBALANCE_IN_PROGRESS",
            "c1 join ok 2 range",
            "c1 sync ok 012",
            "c1 beat ok",
        ],
        "Stable 2/2 ?@2:012>012 m1@2:345>345",
    );
    assert_eq!(
        written(&lab),
        [
            "group in 0, 0 members",
            "group in 1, 1 members",
            // The upgrade.
            "group gone",
            "member ? classic",
            "epoch 1",
            "target ? 012345",
            "assignment 1",
            "current ? 1 Stable 012345",
            // The member that made it so.
            "member m1",
            "epoch 2",
            "target m1 345",
            "target ? 012",
            "assignment 2",
            "current m1 2 UnreleasedPartitions ",
            // The classic one joins again, then the other gets what that gave up.
            "current ? 2 Stable 012",
            "current m1 2 Stable 345",
        ]
    );
}

#[test]
fn who_keeps_what_it_has_as_it_joins_joins_twice() {
    check_after(
        &[
            ("classic join c1 assignors=cooperative-sticky", 100),
            ("classic sync c1 1 c1=012345", 100),
        ],
        &["c1 join ok 1 cooperative-sticky", "c1 sync ok 012345"],
        &[],
        &[
            ("start m1", 100),
            ("classic join c1 assignors=cooperative-sticky owned=012345", 100),
            ("classic sync c1 1", 100),
            // It has given up the rest, and is to say so.
            ("classic beat c1 1", 100),
            ("classic join c1 assignors=cooperative-sticky owned=012", 100),
            ("classic sync c1 2", 100),
            ("classic beat c1 2", 1_500),
        ],
        &[
            "c1 join ok 1 cooperative-sticky",
            "c1 sync ok 012",
            "c1 beat REBALANCE_IN_PROGRESS",
            "c1 join ok 2 cooperative-sticky",
            "c1 sync ok 012",
            "c1 beat ok",
        ],
        "Stable 2/2 ?@2:012>012 m1@2:345>345",
    );
}

#[test]
fn who_gets_what_is_not_free_yet_joins_again_when_it_is() {
    check_new(
        &[],
        &[
            ("start m1 revoke=1500", 1_500),
            ("classic join c1", 100),
            ("classic sync c1 3", 100),
            ("classic beat c1 3", 3_000),
            ("classic beat c1 3", 100),
            ("classic join c1", 100),
            ("classic sync c1 3", 100),
            ("classic beat c1 3", 100),
        ],
        &[
            "c1 join ok 3 range",
            "c1 sync ok ",
            "c1 beat ok",
            "c1 beat REBALANCE_IN_PROGRESS",
            "c1 join ok 3 range",
            "c1 sync ok 345",
            "c1 beat ok",
        ],
        "Stable 3/3 ?@3:345>345 m1@3:012>012",
    );
}

#[test]
fn who_waits_in_a_rebalance_is_to_join_again() {
    check_new(
        &[("group.initial.rebalance.delay.ms", "3000")],
        &[
            ("classic join c1", 500),
            ("start m1", 100),
            ("classic join c1", 100),
            ("classic sync c1 1", 1_500),
        ],
        &["c1 join REBALANCE_IN_PROGRESS", "c1 join ok 1 range", "c1 sync ok 345"],
        "Stable 1/1 ?@1:345>345 m1@1:012>012",
    );
    // The leader has yet to say who gets what.
    check_new(
        &[],
        &[
            ("classic join c1", 100),
            ("start m1", 100),
            ("classic sync c1 1 c1=012345", 100),
            ("classic join c1", 100),
            ("classic sync c1 2", 1_500),
        ],
        &[
            "c1 join ok 1 range",
            "c1 sync REBALANCE_IN_PROGRESS",
            "c1 join ok 2 range",
            "c1 sync ok 345",
        ],
        "Stable 2/2 ?@2:345>345 m1@2:012>012",
    );
}

#[test]
fn a_group_that_may_or_can_not_go_over_stays_as_it_is() {
    for policy in ["disabled", "DOWNGRADE"] {
        let configs = [("group.consumer.migration.policy", policy)];
        check_refused(&configs, &ALONE, &ALONE_TOLD, "online upgrade is disabled");
    }
    check_refused(
        &[("group.consumer.max.size", "0")],
        &ALONE,
        &ALONE_TOLD,
        "the group size exceeds the consumer group maximum size",
    );
    check_refused(
        &[],
        &[("classic join c1 type=connect", 100)],
        &["c1 join ok 1 range"],
        "the group does not use the consumer embedded protocol",
    );
    check_refused(
        &[],
        &[("classic join c1 metadata=x", 100)],
        &["c1 join ok 1 range"],
        "the embedded consumer protocol is malformed",
    );
    check_refused(
        &[],
        &[("classic join c1", 100), ("classic sync c1 1 c1=+012345", 100)],
        &ALONE_TOLD,
        "an unsupported custom assignor is in use. Please refer to the documentation or switch to a \
         default assignor before re-attempting the upgrade",
    );
}

#[test]
fn what_an_assignor_says_of_itself_as_it_joins_is_no_hindrance() {
    check_after(
        &[("classic join c1 userdata=generation", 100), ("classic sync c1 1 c1=012345", 100)],
        &ALONE_TOLD,
        &[("group.consumer.migration.policy", "Upgrade")],
        &[("start m1", 100)],
        &[],
        "Reconciling 2/2 ?@1:012345>012 m1@2:>345",
    );
}

#[test]
fn the_last_of_the_consumer_protocol_leaves_the_group_to_the_classic_one() {
    let lab = check_new(
        &[],
        &[
            ("start m1", 1_500),
            ("classic join c1", 100),
            ("classic sync c1 3", 1_500),
            ("classic beat c1 3", 100),
            ("classic join c1", 100),
            ("classic sync c1 3", 100),
            ("close m1", 100),
            ("classic beat c1 3", 100),
            ("classic sync c1 3", 100),
            ("classic join c1", 100),
            ("classic sync c1 4 c1=012345", 100),
            ("classic beat c1 4", 100),
            ("classic leave c1", 100),
        ],
        &[
            "c1 join ok 3 range",
            "c1 sync ok ",
            "c1 beat REBALANCE_IN_PROGRESS",
            "c1 join ok 3 range",
            "c1 sync ok 345",
            "c1 beat REBALANCE_IN_PROGRESS",
            "c1 sync REBALANCE_IN_PROGRESS",
            "c1 join ok 4 range",
            "c1 sync ok 012345",
            "c1 beat ok",
            "c1 leave ok",
        ],
        "Empty 5/-1",
    );
    assert!(lab.seen.contains(&"PreparingRebalance 3/-1 ?:345".to_owned()), "{:?}", lab.seen);
    let written = written(&lab);
    let downgrade = written.iter().position(|record| record.starts_with("group in 3"));
    let downgrade = downgrade.expect("the group went back");
    assert_eq!(
        written[downgrade - 8..],
        [
            "current m1 gone",
            "current ? gone",
            "target m1 gone",
            "target ? gone",
            "assignment gone",
            "member m1 gone",
            "member ? gone",
            "epoch gone",
            "group in 3, 1 members",
            "group in 4, 1 members",
            "group in 5, 0 members",
        ]
    );
}

#[test]
fn a_group_goes_back_when_the_last_of_the_consumer_protocol_falls_silent() {
    check(
        &[],
        &[
            ("start m1", 100),
            ("classic join c1", 100),
            ("classic sync c1 2", 2_000),
            ("crash m1", 4_000),
            ("classic beat c1 2", 2_500),
            ("classic beat c1 2", 100),
        ],
        &["c1 join ok 2 range", "c1 sync ok 012", "c1 beat ok", "c1 beat REBALANCE_IN_PROGRESS"],
        "PreparingRebalance 2/-1 ?:012",
    );
}

#[test]
fn without_the_policy_for_it_a_group_does_not_go_back() {
    check(
        &[("group.consumer.migration.policy", "upgrade")],
        &[
            ("start m1", 100),
            ("classic join c1", 100),
            ("classic sync c1 2", 1_500),
            ("close m1", 100),
            ("classic beat c1 2", 100),
            ("classic join c1", 100),
            ("classic sync c1 3", 100),
        ],
        &[
            "c1 join ok 2 range",
            "c1 sync ok 012",
            "c1 beat REBALANCE_IN_PROGRESS",
            "c1 join ok 3 range",
            "c1 sync ok 012345",
        ],
        "Stable 3/3 ?@3:012345>012345",
    );
}

#[test]
fn a_static_member_changes_the_protocol_and_keeps_its_place() {
    let lab = check_new(
        &[],
        &[
            ("classic join c1 instance=one", 100),
            ("classic sync c1 1 c1=012345", 100),
            // No need to wait until the one before says that it goes away: it has no way to say so.
            ("start m1 instance=one", 1_500),
            ("classic beat c1 1", 100),
            ("classic join c2 instance=one", 100),
            ("beat m1 2", 100),
            ("classic beat c2 1", 100),
        ],
        &[
            "c1 join ok 1 range",
            "c1 sync ok 012345",
            "c1 beat FENCED_INSTANCE_ID",
            "c2 join ok 1 range",
            "heartbeat GROUP_ID_NOT_FOUND 0",
            "c2 beat ok",
        ],
        "Stable 1/-1 ?:012345",
    );
    assert!(lab.seen.contains(&"Stable 1/1 m1@1:012345>012345".to_owned()), "{:?}", lab.seen);
}

#[test]
fn a_static_member_that_wants_other_topics_makes_the_group_rebalance_as_it_goes_back() {
    check_new(
        &[],
        &[("start m1 instance=one", 1_500), ("classic join c1 instance=one topic=other", 100)],
        &["c1 join ok 3 range"],
        "PreparingRebalance 2/-1 ?:012345",
    );
}

#[test]
fn members_of_the_classic_protocol_are_refused_what_they_may_not() {
    check(
        &[],
        &[
            ("start m1 instance=one", 100),
            ("classic join c2 assignors=sticky", 100),
            ("classic join c2 type=connect", 100),
            ("classic join c2 metadata=x id=c2", 100),
            ("classic join c2 session=1", 100),
            ("classic join c2 instance=one id=c2", 100),
            ("classic join c3 instance=two id=c3", 100),
            ("classic beat c4 2", 100),
            ("classic beat c1 2", 100),
            ("classic sync c1 2", 100),
            ("classic leave c4", 100),
            // Of the consumer protocol.
            ("classic join b-m1 id=b-m1 instance=one assignors=sticky", 100),
        ],
        &[
            "c2 join INCONSISTENT_GROUP_PROTOCOL",
            "c2 join INCONSISTENT_GROUP_PROTOCOL",
            "c2 join UNKNOWN_SERVER_ERROR",
            "c2 join INVALID_SESSION_TIMEOUT",
            "c2 join FENCED_INSTANCE_ID",
            "c3 join UNKNOWN_MEMBER_ID",
            "c4 beat UNKNOWN_MEMBER_ID",
            "c1 beat ILLEGAL_GENERATION",
            "c1 sync ILLEGAL_GENERATION",
            "c4 leave UNKNOWN_MEMBER_ID",
            "b-m1 join INCONSISTENT_GROUP_PROTOCOL",
        ],
        "Reconciling 2/2 ?@1:012345>012 m1@2:>345",
    );
}

#[test]
fn members_of_the_classic_protocol_commit_in_their_generation() {
    check(
        &[],
        &[
            ("start m1", 100),
            // It has yet to join again, and may still commit what it has read.
            ("classic commit c1 1", 100),
            ("classic join c1", 100),
            ("classic commit c1 1", 100),
            ("classic commit c1 2", 100),
        ],
        &["c1 commit ok", "c1 join ok 2 range", "c1 commit ILLEGAL_GENERATION", "c1 commit ok"],
        "Reconciling 2/2 ?@2:012>012 m1@2:>345",
    );
}

#[test]
fn who_does_not_join_again_in_time_is_dropped() {
    check(
        &[],
        &[
            ("start m1", 100),
            ("classic beat c1 1", 3_000),
            ("classic beat c1 1", 1_000),
            // Its session goes on, but its rebalance timeout is over.
            ("classic beat c1 1", 2_000),
            ("classic beat c1 1", 100),
        ],
        &[
            "c1 beat REBALANCE_IN_PROGRESS",
            "c1 beat REBALANCE_IN_PROGRESS",
            "c1 beat REBALANCE_IN_PROGRESS",
            "c1 beat UNKNOWN_MEMBER_ID",
        ],
        "Stable 3/3 m1@3:012345>012345",
    );
}

#[test]
fn who_does_not_sync_in_time_is_dropped() {
    check(
        &[],
        &[
            ("start m1", 100),
            ("classic join c1", 3_000),
            ("classic beat c1 2", 3_500),
            ("classic beat c1 2", 100),
        ],
        &["c1 join ok 2 range", "c1 beat ok", "c1 beat UNKNOWN_MEMBER_ID"],
        "Stable 3/3 m1@3:012345>012345",
    );
}

#[test]
fn a_silent_member_of_the_classic_protocol_is_dropped() {
    check(&[], &[("start m1", 9_000)], &[], "Stable 3/3 m1@3:012345>012345");
}

#[test]
fn a_coordinator_that_comes_after_knows_who_speaks_what() {
    let mut lab = check(
        &[],
        &[("start m1", 100), ("classic join c1", 100), ("classic sync c1 2", 1_500)],
        &["c1 join ok 2 range", "c1 sync ok 012"],
        "Stable 2/2 ?@2:012>012 m1@2:345>345",
    );
    let before = lab.group().expect("the group is there");
    lab.act(Action::KillBroker(before.coordinator));
    // Until the session of the broker is over, and a new one is elected.
    lab.run(13_000);
    let after = lab.group().expect("the group is there");
    assert_ne!(after.coordinator, before.coordinator);
    assert_eq!((after.state, &after.members), (before.state, &before.members));
    lab.tell("classic beat c1 2");
    lab.run(100);
    lab.tell("close m1");
    lab.run(100);
    lab.tell("classic join c1");
    lab.run(100);
    let printed = lab.printed();
    assert_eq!(
        printed[printed.len() - 2..],
        ["c1 beat ok", "c1 join ok 3 range"],
        "{}",
        lab.trace()
    );
}

#[test]
fn a_coordinator_that_comes_after_knows_of_a_group_that_went_back() {
    let mut lab = check(
        &[],
        &[
            ("start m1", 100),
            ("classic join c1", 100),
            ("classic sync c1 2", 1_500),
            ("close m1", 100),
            ("classic join c1", 100),
            ("classic sync c1 3 c1=012345", 100),
        ],
        &["c1 join ok 2 range", "c1 sync ok 012", "c1 join ok 3 range", "c1 sync ok 012345"],
        "Stable 3/-1 ?:012345",
    );
    let before = lab.group().expect("the group is there");
    lab.act(Action::KillBroker(before.coordinator));
    lab.run(13_000);
    let after = lab.group().expect("the group is there");
    assert_ne!(after.coordinator, before.coordinator);
    assert_eq!((after.state, &after.members), (before.state, &before.members));
}
