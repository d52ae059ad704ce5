//! What leaders and group coordinators ask of a share coordinator, read from their requests.

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::messages::write_share_group_state_request::StateBatch as WrittenBatch;
use uuid::Uuid;

use crate::ids::{GroupId, TopicId};
use crate::message::Request;
use crate::share::state::StateBatch;
use crate::share::{RecordState, ShareKey};

/// What is asked about a share partition.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// To begin, or to begin anew.
    Initialize { state_epoch: i32, start: Offset },
    /// All that is known, by a leader that takes it up.
    Read { leader_epoch: LeaderEpoch },
    /// Where it starts.
    Summary,
    /// To write down what became of records.
    Write { state_epoch: i32, leader_epoch: LeaderEpoch, start: Offset, batches: Vec<StateBatch> },
    /// To forget it.
    Delete,
}

/// The share partition that a request is about, and what is asked.
pub(super) fn read(request: &Request) -> (ShareKey, Asked) {
    let key = |group: &str, topic: Uuid, partition| ShareKey {
        group: GroupId::from(group),
        topic: TopicId(topic.as_u128()),
        partition,
    };
    /// The first share partition that a request names; whoever names none asks about none that is.
    macro_rules! first {
        ($body:expr) => {{
            let topic = $body.topics.first();
            let part = topic.and_then(|topic| topic.partitions.first().cloned());
            let part = part.unwrap_or_default();
            let id = topic.map_or(Uuid::nil(), |topic| topic.topic_id);
            (key(&$body.group_id, id, part.partition), part)
        }};
    }
    match request {
        Request::InitializeShareGroupState(body) => {
            let (key, part) = first!(body);
            let start = Offset(part.start_offset);
            (key, Asked::Initialize { state_epoch: part.state_epoch, start })
        }
        Request::ReadShareGroupState(body) => {
            let (key, part) = first!(body);
            (key, Asked::Read { leader_epoch: LeaderEpoch(part.leader_epoch) })
        }
        Request::ReadShareGroupStateSummary(body) => (first!(body).0, Asked::Summary),
        Request::WriteShareGroupState(body) => {
            let (key, part) = first!(body);
            let asked = Asked::Write {
                state_epoch: part.state_epoch,
                leader_epoch: LeaderEpoch(part.leader_epoch),
                start: Offset(part.start_offset),
                batches: part.state_batches.iter().filter_map(batch).collect(),
            };
            (key, asked)
        }
        Request::DeleteShareGroupState(body) => (first!(body).0, Asked::Delete),
        other => unreachable!("a share coordinator gets no {:?}", other.api_key()),
    }
}

/// Kafka's leaders write of no other states than these.
fn batch(written: &WrittenBatch) -> Option<StateBatch> {
    Some(StateBatch {
        first: Offset(written.first_offset),
        last: Offset(written.last_offset),
        state: RecordState::from_id(written.delivery_state)?,
        delivery_count: written.delivery_count,
    })
}
