use highwater_log::{Compression, ProducerEpoch, ProducerId, Sequence, TimestampMs};
use kafka_protocol::ResponseError;

use super::{Idempotence, ProducerIdAndEpoch};
use crate::ids::{TopicName, TopicPartition};
use crate::producer::batch::{BatchId, NewRecord, ProducerBatch};
use crate::time::Time;

/// A batch of `count` records.
fn batch(id: u64, count: u32) -> ProducerBatch {
    let partition = TopicPartition::new(&TopicName::from("orders"), 0);
    let mut batch =
        ProducerBatch::new(BatchId(id), partition, Compression::None, 1_000, Time::ZERO);
    for _ in 0..count {
        let record = NewRecord {
            topic: TopicName::from("orders"),
            partition: None,
            timestamp: TimestampMs(0),
            key: None,
            value: Some("v".into()),
            headers: Default::default(),
        };
        batch.try_append(&record).expect("there is room");
    }
    batch
}

/// A state with a producer id, and batches that were sent.
fn sent(batches: &[&ProducerBatch]) -> Idempotence {
    let mut state = Idempotence::default();
    state.set_producer(ProducerIdAndEpoch { id: ProducerId(7), epoch: ProducerEpoch(0) });
    batches.iter().for_each(|batch| state.assign(batch));
    state
}

/// The epoch and base sequence that a batch is sent with.
fn check_assigned(state: &Idempotence, batch: &ProducerBatch, epoch: i16, sequence: i32) {
    let assigned = state.assigned(batch).expect("it was sent");
    assert_eq!(assigned.producer.epoch, ProducerEpoch(epoch));
    assert_eq!(assigned.base_sequence, Sequence(sequence));
}

#[test]
fn nothing_is_sent_without_a_producer_id() {
    let state = Idempotence::default();
    assert!(!state.may_send(&batch(0, 1)));
}

#[test]
fn sequences_count_the_records_of_a_partition() {
    let (first, second) = (batch(0, 3), batch(1, 2));
    let mut state = sent(&[&first, &second]);
    check_assigned(&state, &first, 0, 0);
    check_assigned(&state, &second, 0, 3);
    state.assign(&first);
    check_assigned(&state, &first, 0, 0);
}

#[test]
fn a_batch_is_sent_again_only_in_its_turn() {
    let (first, second) = (batch(0, 3), batch(1, 2));
    let mut state = sent(&[&first, &second]);
    assert!(state.may_send(&first));
    assert!(!state.may_send(&second));
    state.completed(&first);
    assert!(state.may_send(&second));
}

#[test]
fn a_batch_behind_a_failed_one_is_out_of_order_and_waits() {
    let (first, second) = (batch(0, 3), batch(1, 2));
    let mut state = sent(&[&first, &second]);
    let out_of_order = ResponseError::OutOfOrderSequenceNumber;
    assert_eq!(state.can_retry(&second, out_of_order), Some(true));
    state.resolve();
    check_assigned(&state, &second, 0, 3);
}

#[test]
fn a_gap_in_the_broker_s_log_begins_a_new_epoch() {
    let (first, second) = (batch(0, 3), batch(1, 2));
    let mut state = sent(&[&first, &second]);
    assert_eq!(state.can_retry(&first, ResponseError::OutOfOrderSequenceNumber), Some(true));
    state.resolve();
    check_assigned(&state, &first, 1, 0);
    check_assigned(&state, &second, 1, 3);
}

#[test]
fn a_batch_that_the_broker_refused_leaves_no_gap() {
    let (first, second) = (batch(0, 3), batch(1, 2));
    let mut state = sent(&[&first, &second]);
    state.failed(&first, ResponseError::MessageTooLarge, true);
    state.resolve();
    check_assigned(&state, &second, 1, 0);
}

#[test]
fn after_a_batch_of_unknown_fate_the_partition_waits_until_it_is_known() {
    let (first, second, third) = (batch(0, 3), batch(1, 2), batch(2, 1));
    let mut state = sent(&[&first, &second]);
    state.mark_unresolved(&first);
    state.failed(&first, ResponseError::RequestTimedOut, false);
    state.resolve();
    assert!(!state.may_send(&third), "the second one is under way");

    // The second was written, so the first was too: nothing is missing.
    let mut written = state.clone();
    written.completed(&second);
    written.resolve();
    assert!(written.may_send(&third));
    written.assign(&third);
    check_assigned(&written, &third, 0, 5);

    // The second timed out as well: the partition begins anew.
    state.mark_unresolved(&second);
    state.failed(&second, ResponseError::RequestTimedOut, false);
    state.resolve();
    assert!(state.may_send(&third));
    state.assign(&third);
    check_assigned(&state, &third, 1, 0);
}

#[test]
fn an_error_that_says_nothing_of_sequences_is_left_to_others() {
    let first = batch(0, 3);
    let mut state = sent(&[&first]);
    assert_eq!(state.can_retry(&first, ResponseError::NotLeaderOrFollower), None);
}
