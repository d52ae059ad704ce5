//! Share partitions, as KIP-932 tells of them.

use highwater_log::LeaderEpoch;

use super::*;
use crate::ids::ClientId;
use crate::share::event::ArchiveReason;
use crate::share::state::UNINITIALIZED_START;

const LIMITS: Limits = Limits { delivery_count: 2, record_locks: 2_000, has_dead_letters: false };

fn owner(name: &str) -> Owner {
    Owner { member: MemberId::from(name), client: NodeId::Client(ClientId(0)) }
}

fn fresh(start: i64) -> SharePartition {
    let state = ShareState {
        snapshot_epoch: 0,
        state_epoch: 1,
        leader_epoch: LeaderEpoch(0),
        start: Offset(start),
        batches: Vec::new(),
    };
    SharePartition::load(LeaderEpoch(0), &state)
}

fn acquire(
    partition: &mut SharePartition,
    who: &str,
    lock: u64,
    batches: &[(i64, i64)],
) -> Vec<(i64, i64, i16)> {
    let owner = owner(who);
    let lock = LockId(lock);
    let wanted = Wanted { owner: &owner, lock, max_records: 500, limits: LIMITS };
    let batches = batches.iter().map(|(base, last)| (Offset(*base), Offset(*last)));
    let acquired = partition.acquire(batches, &wanted);
    acquired.iter().map(|it| (it.first.0, it.last.0, it.delivery_count)).collect()
}

fn say(
    partition: &mut SharePartition,
    who: &str,
    said: (i64, i64, AcknowledgeType),
    write: u64,
) -> Result<(), InvalidRecordState> {
    let said = Acknowledgement { first: Offset(said.0), last: Offset(said.1), kind: said.2 };
    partition.acknowledge(&MemberId::from(who), &[said], LIMITS, WriteId(write)).map(|_| ())
}

fn states(partition: &SharePartition) -> Vec<(i64, i64, RecordState, i16)> {
    partition
        .runs()
        .map(|(first, run)| (first.0, run.last.0, run.now.state, run.now.delivery_count))
        .collect()
}

#[test]
fn each_record_goes_to_one_consumer_and_the_start_follows_what_is_settled() {
    let mut partition = fresh(100);
    assert_eq!(acquire(&mut partition, "a", 1, &[(100, 109)]), [(100, 109, 1)]);
    assert_eq!(acquire(&mut partition, "b", 2, &[(100, 109), (110, 119)]), [(110, 119, 1)]);
    assert_eq!((partition.start(), partition.end()), (Offset(100), Offset(120)));
    say(&mut partition, "b", (110, 119, AcknowledgeType::Accept), 1).unwrap();
    partition.written(WriteId(1));
    assert_eq!(partition.start(), Offset(100), "what lies before is not settled");
    say(&mut partition, "a", (100, 109, AcknowledgeType::Accept), 2).unwrap();
    assert_eq!(partition.start(), Offset(100), "it is not written yet");
    assert_eq!(partition.start_after(WriteId(2)), Offset(120));
    partition.written(WriteId(2));
    assert_eq!((partition.start(), partition.end()), (Offset(120), Offset(120)));
}

#[test]
fn a_released_record_comes_back_until_its_deliveries_are_used_up() {
    let mut partition = fresh(0);
    acquire(&mut partition, "a", 1, &[(0, 2)]);
    say(&mut partition, "a", (1, 1, AcknowledgeType::Release), 1).unwrap();
    assert_eq!(acquire(&mut partition, "b", 2, &[(0, 2)]), [], "it is not written yet");
    partition.written(WriteId(1));
    assert_eq!(acquire(&mut partition, "b", 2, &[(0, 2)]), [(1, 1, 2)]);
    say(&mut partition, "b", (1, 1, AcknowledgeType::Release), 2).unwrap();
    let settled = partition.written(WriteId(2));
    assert_eq!(settled[0].state, RecordState::Archived);
    assert_eq!(acquire(&mut partition, "b", 3, &[(0, 2)]), []);
}

#[test]
fn a_lock_that_runs_out_gives_the_records_to_another() {
    let mut partition = fresh(0);
    acquire(&mut partition, "a", 1, &[(0, 9)]);
    say(&mut partition, "a", (0, 3, AcknowledgeType::Accept), 1).unwrap();
    partition.written(WriteId(1));
    let (batches, settled) = partition.expire(LockId(1), LIMITS);
    assert_eq!((batches.len(), settled[0].first), (1, Offset(4)));
    assert_eq!(acquire(&mut partition, "b", 2, &[(0, 9)]), [(4, 9, 2)]);
    assert_eq!(
        say(&mut partition, "a", (4, 4, AcknowledgeType::Accept), 2),
        Err(InvalidRecordState),
        "it is in the hands of another"
    );
}

#[test]
fn what_could_not_be_written_is_as_it_was() {
    let mut partition = fresh(0);
    acquire(&mut partition, "a", 1, &[(0, 9)]);
    say(&mut partition, "a", (0, 9, AcknowledgeType::Accept), 1).unwrap();
    partition.expire(LockId(1), LIMITS);
    assert_eq!(partition.write_failed(WriteId(1)), [LockId(1)], "its time is over");
    assert_eq!(states(&partition), [(0, 9, RecordState::Acquired, 1)]);
    partition.expire(LockId(1), LIMITS);
    assert_eq!(states(&partition), [(0, 9, RecordState::Available, 1)]);
}

#[test]
fn a_delivery_to_a_session_that_ended_does_not_count() {
    let mut partition = fresh(0);
    acquire(&mut partition, "a", 1, &[(0, 9)]);
    partition.release_all(&MemberId::from("a"), WriteId(1));
    partition.written(WriteId(1));
    assert_eq!(acquire(&mut partition, "b", 2, &[(0, 9)]), [(0, 9, 1)]);
}

#[test]
fn no_more_is_in_flight_than_may_be() {
    let mut partition = fresh(0);
    let owner = owner("a");
    let limits = Limits { record_locks: 10, ..LIMITS };
    let wanted = Wanted { owner: &owner, lock: LockId(1), max_records: 500, limits };
    let batches = [(Offset(0), Offset(7)), (Offset(8), Offset(12)), (Offset(13), Offset(20))];
    let acquired = partition.acquire(batches, &wanted);
    assert_eq!(acquired[0].last, Offset(12), "the batch that was begun is handed out whole");
    assert_eq!(partition.next_fetch_offset(limits), None);
    partition.expire(LockId(1), limits);
    assert_eq!(partition.next_fetch_offset(limits), Some(Offset(0)));
}

#[test]
fn a_new_leader_goes_on_from_what_is_written() {
    let mut state = ShareState {
        snapshot_epoch: 0,
        state_epoch: 1,
        leader_epoch: LeaderEpoch(0),
        start: Offset(0),
        batches: Vec::new(),
    };
    let batch = |first, last, state, delivery_count| StateBatch {
        first: Offset(first),
        last: Offset(last),
        state,
        delivery_count,
    };
    let news = [
        batch(0, 1, RecordState::Acknowledged, 1),
        batch(4, 5, RecordState::Acknowledged, 1),
        batch(6, 6, RecordState::Available, 1),
    ];
    state.update(UNINITIALIZED_START, &news);
    let mut partition = SharePartition::load(LeaderEpoch(1), &state);
    assert_eq!((partition.start(), partition.end()), (Offset(2), Offset(7)));
    let acquired = acquire(&mut partition, "b", 1, &[(0, 9)]);
    assert_eq!(acquired, [(2, 3, 1), (6, 6, 2), (7, 9, 1)]);
}

/// What becomes of records that are given up in a group with a dead-letter queue, and where the start is then.
#[track_caller]
fn check_archiving(
    give_up: impl FnOnce(&mut SharePartition, Limits) -> Vec<Settled>,
    reason: ArchiveReason,
) {
    let limits = Limits { delivery_count: 1, has_dead_letters: true, ..LIMITS };
    let mut partition = fresh(0);
    acquire(&mut partition, "a", 1, &[(0, 9)]);
    let settled = give_up(&mut partition, limits);
    let archiving: Vec<Archiving> = settled.iter().filter_map(Settled::archiving).collect();
    let (first, last) = (Offset(0), Offset(9));
    assert_eq!(archiving, [Archiving { first, last, delivery_count: 1, reason }]);
    assert_eq!(states(&partition), [(0, 9, RecordState::Archiving, 1)]);
    assert!(partition.is_busy() && acquire(&mut partition, "b", 2, &[(0, 9)]).is_empty());
    // Half of it is in the queue, and then all.
    assert_eq!(partition.end_archiving(Offset(5), Offset(9)).len(), 1);
    assert_eq!(partition.start(), Offset(0));
    assert_eq!(partition.end_archiving(Offset(0), Offset(4)).len(), 1);
    assert_eq!((partition.start(), partition.is_busy()), (Offset(10), false));
    assert_eq!(partition.end_archiving(Offset(0), Offset(9)), [], "it is over");
}

#[test]
fn what_is_given_up_waits_for_the_dead_letter_queue_and_holds_the_start() {
    let say = |kind| {
        move |partition: &mut SharePartition, limits| {
            let said = Acknowledgement { first: Offset(0), last: Offset(9), kind };
            partition.acknowledge(&MemberId::from("a"), &[said], limits, WriteId(1)).unwrap();
            partition.written(WriteId(1))
        }
    };
    check_archiving(say(AcknowledgeType::Reject), ArchiveReason::Rejected);
    check_archiving(say(AcknowledgeType::Release), ArchiveReason::DeliveryLimit);
    let expire = |partition: &mut SharePartition, limits| partition.expire(LockId(1), limits).1;
    check_archiving(expire, ArchiveReason::DeliveryLimit);
}

#[test]
fn a_gap_and_what_is_done_do_not_go_into_the_dead_letter_queue() {
    let limits = Limits { has_dead_letters: true, ..LIMITS };
    let mut partition = fresh(0);
    acquire(&mut partition, "a", 1, &[(0, 9)]);
    let said = [(0, AcknowledgeType::Gap), (1, AcknowledgeType::Accept)]
        .map(|(at, kind)| Acknowledgement { first: Offset(at), last: Offset(at), kind });
    partition.acknowledge(&MemberId::from("a"), &said, limits, WriteId(1)).unwrap();
    let settled = partition.written(WriteId(1));
    assert!(settled.iter().all(|one| one.archiving().is_none()), "{settled:?}");
}

#[test]
fn a_new_leader_finds_what_was_on_its_way_into_the_dead_letter_queue() {
    let batch = |first, last, delivery_count| StateBatch {
        first: Offset(first),
        last: Offset(last),
        state: RecordState::Archiving,
        delivery_count,
    };
    let state = ShareState {
        snapshot_epoch: 0,
        state_epoch: 1,
        leader_epoch: LeaderEpoch(0),
        start: Offset(0),
        batches: vec![batch(0, 1, 1), batch(2, 2, 2)],
    };
    let partition = SharePartition::load(LeaderEpoch(1), &state);
    assert_eq!((partition.start(), partition.end()), (Offset(0), Offset(3)));
    let reasons: Vec<_> = partition
        .unfinished_archiving(LIMITS)
        .iter()
        .map(|it| (it.first.0, it.last.0, it.reason))
        .collect();
    let (rejected, limit) = (ArchiveReason::Rejected, ArchiveReason::DeliveryLimit);
    assert_eq!(reasons, [(0, 1, rejected), (2, 2, limit)], "why follows from the count");
}
