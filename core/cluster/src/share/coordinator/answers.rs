//! What a share coordinator answers.

use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::{
    delete_share_group_state_response as deleted,
    initialize_share_group_state_response as initialized, read_share_group_state_response as read,
    read_share_group_state_summary_response as summary,
    write_share_group_state_response as written,
};
use uuid::Uuid;

use crate::message::{Request, Response};
use crate::share::ShareKey;
use crate::share::state::{ShareState, UNINITIALIZED_START};

/// What is answered.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// It is done.
    Done,
    /// What is known.
    State(Box<ShareState>),
    /// Where it starts, if it is known.
    Summary(Option<Box<ShareState>>),
    /// Nothing was done.
    Refused(ResponseError),
}

/// The response to a request about a share partition.
pub(super) fn response(request: &Request, key: &ShareKey, answer: &Answer) -> Response {
    let topic = Uuid::from_u128(key.topic.0);
    let code = match answer {
        Answer::Refused(error) => error.code(),
        Answer::Done | Answer::State(_) | Answer::Summary(_) => 0,
    };
    match request {
        Request::InitializeShareGroupState(_) => {
            let part = initialized::PartitionResult::default()
                .with_partition(key.partition)
                .with_error_code(code);
            let result = initialized::InitializeStateResult::default()
                .with_topic_id(topic)
                .with_partitions(vec![part]);
            kafka::InitializeShareGroupStateResponse::default().with_results(vec![result]).into()
        }
        Request::ReadShareGroupState(_) => {
            let result = read::ReadStateResult::default()
                .with_topic_id(topic)
                .with_partitions(vec![read_part(key, answer).with_error_code(code)]);
            kafka::ReadShareGroupStateResponse::default().with_results(vec![result]).into()
        }
        Request::ReadShareGroupStateSummary(_) => {
            let result = summary::ReadStateSummaryResult::default()
                .with_topic_id(topic)
                .with_partitions(vec![summary_part(key, answer).with_error_code(code)]);
            kafka::ReadShareGroupStateSummaryResponse::default().with_results(vec![result]).into()
        }
        Request::WriteShareGroupState(_) => {
            let part = written::PartitionResult::default()
                .with_partition(key.partition)
                .with_error_code(code);
            let result = written::WriteStateResult::default()
                .with_topic_id(topic)
                .with_partitions(vec![part]);
            kafka::WriteShareGroupStateResponse::default().with_results(vec![result]).into()
        }
        Request::DeleteShareGroupState(_) => {
            let part = deleted::PartitionResult::default()
                .with_partition(key.partition)
                .with_error_code(code);
            let result = deleted::DeleteStateResult::default()
                .with_topic_id(topic)
                .with_partitions(vec![part]);
            kafka::DeleteShareGroupStateResponse::default().with_results(vec![result]).into()
        }
        other => unreachable!("a share coordinator gets no {:?}", other.api_key()),
    }
}

fn read_part(key: &ShareKey, answer: &Answer) -> read::PartitionResult {
    let part = read::PartitionResult::default().with_partition(key.partition);
    let Answer::State(state) = answer else { return part };
    let batches = state.batches.iter().map(|batch| {
        read::StateBatch::default()
            .with_first_offset(batch.first.0)
            .with_last_offset(batch.last.0)
            .with_delivery_state(batch.state.id())
            .with_delivery_count(batch.delivery_count)
    });
    part.with_state_epoch(state.state_epoch)
        .with_start_offset(state.start.0)
        .with_state_batches(batches.collect())
}

fn summary_part(key: &ShareKey, answer: &Answer) -> summary::PartitionResult {
    let part = summary::PartitionResult::default()
        .with_partition(key.partition)
        .with_start_offset(UNINITIALIZED_START.0);
    match answer {
        Answer::Summary(Some(state)) => part
            .with_state_epoch(state.state_epoch)
            .with_leader_epoch(state.leader_epoch.0)
            .with_start_offset(state.start.0),
        _ => part,
    }
}
