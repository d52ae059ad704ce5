//! The coordinator, the leaders and the group coordinator, asked by clients that speak the protocol by
//! hand.

mod client;

use crate::event::{EventKind, TransactionState};
use client::Clients;

/// Plays steps, each with what is to come of it, on a cluster of this transaction version.
fn check(version: i16, steps: &[(&str, &str)]) -> Clients {
    let mut clients = Clients::new(version, |_| {});
    go_on(&mut clients, steps);
    clients
}

fn go_on(clients: &mut Clients, steps: &[(&str, &str)]) {
    let said: Vec<String> =
        steps.iter().map(|(step, _)| format!("{step}: {}", clients.step(step))).collect();
    let expected: Vec<String> =
        steps.iter().map(|(step, said)| format!("{step}: {said}")).collect();
    assert_eq!(said, expected);
}

/// The states that the transactional id went through.
fn states(clients: &Clients) -> Vec<TransactionState> {
    let kinds = clients.events.iter().map(|event| &event.kind);
    kinds
        .filter_map(|kind| match kind {
            EventKind::TransactionStateChanged { to, .. } => Some(*to),
            _ => None,
        })
        .collect()
}

#[test]
fn a_transaction_of_version_2_needs_no_adding_and_bumps_the_epoch() {
    use TransactionState as S;
    let clients = check(
        2,
        &[
            ("p init", "ok epoch 0"),
            ("p send orders-0 3", "at 0"),
            ("describe", "ok Ongoing epoch 0 [\"orders-0\"]"),
            ("p send orders-1", "at 0"),
            ("read orders-0", "0..2 LSO 0 aborted []"),
            ("read-committed orders-0", " LSO 0 aborted []"),
            ("p commit", "ok"),
            ("wait 100", "ok"),
            ("describe", "ok CompleteCommit epoch 1 []"),
            ("read-committed orders-0", "0..2 commit@3 LSO 4 aborted []"),
            ("p send orders-0 2", "at 4"),
            ("producers orders-0", "epoch 1 seq 1 open 4"),
            ("p abort", "ok"),
            ("wait 100", "ok"),
            ("read-committed orders-0", "0..2 commit@3 4..5 abort@6 LSO 7 aborted [4]"),
            ("producers orders-0", "epoch 2 seq -1 open -1"),
            ("list Ongoing CompleteAbort Odd", "[\"t:CompleteAbort\"] unknown [\"Odd\"]"),
        ],
    );
    assert_eq!(
        states(&clients),
        [
            S::Empty,
            S::Ongoing,
            S::Ongoing,
            S::PrepareCommit,
            S::CompleteCommit,
            S::Ongoing,
            S::PrepareAbort,
            S::CompleteAbort
        ]
    );
}

#[test]
fn a_leader_of_version_1_asks_whether_the_partition_was_added() {
    check(
        1,
        &[
            ("p init", "ok epoch 0"),
            ("p send orders-0", "TRANSACTION_ABORTABLE"),
            ("p add orders-0", "ok"),
            ("p add orders-7", "UNKNOWN_TOPIC_OR_PARTITION"),
            ("p send orders-0", "at 0"),
            ("p commit", "ok"),
            ("wait 100", "ok"),
            ("describe", "ok CompleteCommit epoch 0 []"),
            ("p commit", "ok"),
            ("p abort", "INVALID_TXN_STATE"),
            ("p add orders-0", "ok"),
            ("p send orders-0", "at 2"),
            ("p abort", "ok"),
        ],
    );
}

#[test]
fn what_has_not_begun_can_be_aborted_in_version_2_alone() {
    check(
        1,
        &[
            ("p init", "ok epoch 0"),
            ("p abort", "INVALID_TXN_STATE"),
            ("p commit", "INVALID_TXN_STATE"),
        ],
    );
    check(
        2,
        &[
            ("p init", "ok epoch 0"),
            ("p commit", "INVALID_TXN_STATE"),
            ("p abort", "ok"),
            ("wait 100", "ok"),
            ("describe", "ok CompleteAbort epoch 1 []"),
        ],
    );
}

#[test]
fn a_second_producer_fences_the_first_and_aborts_its_transaction() {
    for version in [1, 2] {
        check(
            version,
            &[
                ("old init", "ok epoch 0"),
                ("old add orders-0", "ok"),
                ("old send orders-0", "at 0"),
                ("new init", "CONCURRENT_TRANSACTIONS epoch -1"),
                ("wait 100", "ok"),
                ("new init", "ok epoch 2"),
                ("old send orders-0", "INVALID_PRODUCER_EPOCH"),
                ("old add orders-1", "PRODUCER_FENCED"),
                ("old commit", "PRODUCER_FENCED"),
                ("read-committed orders-0", "0..0 abort@1 LSO 2 aborted [0]"),
                ("new add orders-0", "ok"),
                ("new send orders-0", "at 2"),
                ("new commit", "ok"),
            ],
        );
    }
}

#[test]
fn a_producer_that_names_its_epoch_gets_on_from_there() {
    check(
        2,
        &[
            ("p init", "ok epoch 0"),
            ("q init", "ok epoch 1"),
            ("p init again", "PRODUCER_FENCED epoch -1"),
            ("q init again", "ok epoch 2"),
        ],
    );
}

#[test]
fn readers_of_committed_records_wait_for_the_first_open_transaction() {
    check(
        2,
        &[
            ("p init", "ok epoch 0"),
            ("p send orders-0", "at 0"),
            ("plain send orders-0", "at 1"),
            ("read-committed orders-0", " LSO 0 aborted []"),
            ("p abort", "ok"),
            ("wait 100", "ok"),
            ("read-committed orders-0", "0..0 1..1 abort@2 LSO 3 aborted [0]"),
        ],
    );
}

#[test]
fn a_transaction_that_takes_too_long_is_aborted() {
    for (version, epoch, commit) in [(1, 1, "PRODUCER_FENCED"), (2, 1, "INVALID_TXN_STATE")] {
        check(
            version,
            &[
                ("p init 1000000000", "INVALID_TRANSACTION_TIMEOUT epoch -1"),
                ("p init 3000", "ok epoch 0"),
                ("p add orders-0", "ok"),
                ("p send orders-0", "at 0"),
                ("wait 5000", "ok"),
                ("describe", &format!("ok CompleteAbort epoch {epoch} []")),
                ("p commit", commit),
                ("read-committed orders-0", "0..0 abort@1 LSO 2 aborted [0]"),
            ],
        );
    }
}

#[test]
fn offsets_of_a_transaction_count_once_it_is_committed() {
    for version in [1, 2] {
        check(
            version,
            &[
                ("p init", "ok epoch 0"),
                ("p offsets g", "ok"),
                ("p commit-offset g 5", "ok"),
                ("offset g", "[\"UNSTABLE_OFFSET_COMMIT\"]"),
                ("p commit", "ok"),
                ("wait 100", "ok"),
                ("offset g", "[\"5\"]"),
                ("p offsets g", "ok"),
                ("p commit-offset g 9", "ok"),
                ("p abort", "ok"),
                ("wait 100", "ok"),
                ("offset g", "[\"5\"]"),
            ],
        );
    }
}

#[test]
fn the_next_coordinator_goes_on_where_the_last_one_was() {
    for version in [1, 2] {
        let mut clients = check(
            version,
            &[
                ("p init", "ok epoch 0"),
                ("p add orders-0", "ok"),
                ("p send orders-0", "at 0"),
                ("p offsets g", "ok"),
                ("p commit-offset g 5", "ok"),
                ("kill-coordinator", "ok"),
                ("wait 15000", "ok"),
                ("describe", "ok Ongoing epoch 0 [\"__consumer_offsets-1\", \"orders-0\"]"),
                ("offset g", "[\"UNSTABLE_OFFSET_COMMIT\"]"),
                ("p commit", "ok"),
                ("wait 500", "ok"),
                ("offset g", "[\"5\"]"),
                ("read-committed orders-0", "0..0 commit@1 LSO 2 aborted []"),
            ],
        );
        let view = clients.transaction().expect("it is coordinated");
        assert_eq!(view.state, TransactionState::CompleteCommit);
        clients.run(1);
    }
}

#[test]
fn the_next_coordinator_finishes_what_was_decided() {
    let mut clients = check(
        2,
        &[("p init", "ok epoch 0"), ("p send orders-0", "at 0"), ("p send orders-1", "at 0")],
    );
    // The decision is written, and the coordinator is gone before a marker is.
    assert_eq!(clients.step("p commit"), "ok");
    clients.step("kill-coordinator");
    clients.run(15_000);
    go_on(
        &mut clients,
        &[
            ("describe", "ok CompleteCommit epoch 1 []"),
            ("p commit", "INVALID_TXN_STATE"),
            ("read-committed orders-0", "0..0 commit@1 LSO 2 aborted []"),
            ("read-committed orders-1", "0..0 commit@1 LSO 2 aborted []"),
        ],
    );
}

#[test]
fn a_transactional_id_that_nobody_uses_is_forgotten() {
    let mut clients = Clients::new(2, |spec| {
        for (name, value) in [
            ("transactional.id.expiration.ms", "5000"),
            ("transaction.remove.expired.transaction.cleanup.interval.ms", "2000"),
        ] {
            spec.configs.insert(name.into(), value.into());
        }
    });
    go_on(
        &mut clients,
        &[
            ("p init", "ok epoch 0"),
            ("p send orders-0", "at 0"),
            ("wait 8000", "ok"),
            ("p commit", "ok"),
            ("wait 8000", "ok"),
            ("describe", "TRANSACTIONAL_ID_NOT_FOUND  epoch 0 []"),
            ("p commit", "INVALID_PRODUCER_ID_MAPPING"),
        ],
    );
}
