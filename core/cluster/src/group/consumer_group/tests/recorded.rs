//! What groups of a real Kafka went through, as an observer saw them every 100 ms.

use super::Lab;
use crate::action::Action;

/// Does what was done when it was done, and looks for the states that were seen, in their order. An
/// observer who looks all the time sees more.
fn check(done: &[(i64, &str)], until: i64, recorded: &[&str]) -> Lab {
    let mut lab = Lab::new(6, &[]);
    for (at, line) in done {
        lab.run_to(*at);
        lab.tell(line);
    }
    lab.run_to(until);
    let mut seen = lab.seen.iter();
    for expected in recorded {
        assert!(
            seen.any(|seen| seen == expected),
            "{expected} is not seen in its place in\n{}\n{}",
            lab.seen.join("\n"),
            lab.trace()
        );
    }
    lab
}

#[test]
fn one_member_joins_and_leaves_and_the_group_is_deleted() {
    check(
        &[(406, "start m1"), (2_271, "close m1"), (3_070, "delete")],
        4_000,
        &["-", "Stable 2/2 m1@2:012345>012345", "Empty 3/3", "-"],
    );
}

#[test]
fn a_group_grows_and_shrinks() {
    let done = [
        (2, "start m1"),
        (1_523, "start m2"),
        (3_944, "start m3"),
        (6_347, "close m2"),
        (9_039, "close m1"),
        (11_549, "close m3"),
    ];
    check(
        &done,
        12_000,
        &[
            "Stable 2/2 m1@2:012345>012345",
            "Reconciling 3/3 m1@2:012345>012 m2@3:>345",
            "Reconciling 3/3 m1@3:012>012 m2@3:>345",
            "Stable 3/3 m1@3:012>012 m2@3:345>345",
            "Reconciling 4/4 m1@3:012>01 m2@3:345>34 m3@4:>25",
            "Reconciling 4/4 m1@4:01>01 m2@3:345>34 m3@4:>25",
            "Reconciling 4/4 m1@4:01>01 m2@4:34>34 m3@4:>25",
            "Stable 4/4 m1@4:01>01 m2@4:34>34 m3@4:25>25",
            "Assigning 5/4 m1@4:01>01 m3@4:25>25",
            "Stable 5/5 m1@5:014>014 m3@5:235>235",
            "Stable 6/6 m3@6:012345>012345",
            "Empty 7/7",
        ],
    );
}

#[test]
fn range_moves_whole_runs() {
    let done = [
        (0, "start m1 assignor=range"),
        (2_299, "start m2 assignor=range"),
        (4_411, "start m3 assignor=range"),
        (7_113, "close m1"),
        (7_350, "close m2"),
        (7_742, "close m3"),
    ];
    check(
        &done,
        9_000,
        &[
            "Stable 2/2 m1@2:012345>012345",
            "Reconciling 3/3 m1@2:012345>012 m2@3:>345",
            "Reconciling 3/3 m1@3:012>012 m2@3:>345",
            "Stable 3/3 m1@3:012>012 m2@3:345>345",
            "Reconciling 4/4 m1@3:012>23 m2@3:345>45 m3@4:>01",
            "Reconciling 4/4 m1@4:2>23 m2@3:345>45 m3@4:>01",
            "Reconciling 4/4 m1@4:2>23 m2@4:45>45 m3@4:>01",
            "Reconciling 4/4 m1@4:2>23 m2@4:45>45 m3@4:01>01",
            "Stable 4/4 m1@4:23>23 m2@4:45>45 m3@4:01>01",
            "Assigning 5/4 m2@4:45>45 m3@4:01>01",
            "Reconciling 5/5 m2@5:345>345 m3@4:01>012",
            "Assigning 6/5 m3@4:01>012",
            "Assigning 6/5 m3@5:012>012",
            "Empty 7/7",
        ],
    );
}

#[test]
fn who_takes_long_to_give_up_holds_only_that_up() {
    let done = [
        (0, "start m1 revoke=3000"),
        (1_414, "start m2"),
        (6_718, "close m2"),
        (9_296, "close m1"),
    ];
    let lab = check(
        &done,
        10_000,
        &[
            "Stable 2/2 m1@2:012345>012345",
            "Reconciling 3/3 m1@2:012345>012 m2@3:>345",
            "Reconciling 3/3 m1@3:012>012 m2@3:>345",
            "Stable 3/3 m1@3:012>012 m2@3:345>345",
            "Assigning 4/3 m1@3:012>012",
            "Stable 4/4 m1@4:012345>012345",
            "Empty 5/5",
        ],
    );
    assert!(lab.printed().is_empty(), "nobody was fenced: {:?}", lab.printed());
}

#[test]
fn an_assignor_that_is_not_there_is_refused() {
    let lab = check(&[(0, "start m1 assignor=nope")], 500, &["-"]);
    let refused = "m1 UNSUPPORTED_ASSIGNOR ServerAssignor nope is not supported. \
                   Supported assignors: uniform, range.";
    assert_eq!(lab.printed(), [refused]);
    assert_eq!(lab.seen, ["-"]);
}

/// Two members start at the same moment: the second waits for `group.consumer.assignment.interval.ms`.
/// Their new coordinator knows all that the one before did.
#[test]
fn the_coordinator_dies() {
    let mut lab = check(
        &[(0, "start m2"), (0, "start m1")],
        3_411,
        &[
            "Assigning 3/2 m1@2:> m2@2:012345>012345",
            "Reconciling 3/3 m1@3:>345 m2@2:012345>012",
            "Reconciling 3/3 m1@3:>345 m2@3:012>012",
            "Stable 3/3 m1@3:345>345 m2@3:012>012",
        ],
    );
    let before = lab.group().unwrap();
    lab.act(Action::KillBroker(before.coordinator));
    // Until the session of the broker is over, and a new one is elected.
    lab.run(15_000);
    let after = lab.group().unwrap();
    assert_ne!(after.coordinator, before.coordinator);
    assert_eq!((after.state, &after.members), (before.state, &before.members));
    lab.tell("close m1");
    lab.run(3_000);
    lab.tell("close m2");
    lab.run(500);
    let expected = ["Assigning 4/3 m2@3:012>012", "Stable 4/4 m2@4:012345>012345", "Empty 5/5"];
    let mut seen = lab.seen.iter();
    for expected in expected {
        assert!(seen.any(|seen| seen == expected), "{expected} in\n{}", lab.seen.join("\n"));
    }
}
