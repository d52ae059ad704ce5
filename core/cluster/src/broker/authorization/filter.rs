//! Answers about all that there is, without what the client may not know of.

use std::sync::Arc;

use super::Judge;
use crate::acl::Operation::Describe;
use crate::acl::ResourceType::{Group, Topic, TransactionalId};
use crate::message::Response;

/// The answer with what the client may know.
pub(super) fn filtered(judge: &Judge<'_>, response: Response) -> Response {
    match response {
        Response::ListGroups(mut body) => {
            let groups = &mut Arc::make_mut(&mut body).groups;
            groups.retain(|group| judge.may_quietly(Describe, Group, &group.group_id));
            Response::ListGroups(body)
        }
        Response::ListTransactions(mut body) => {
            let may = |id: &str| judge.may_quietly(Describe, TransactionalId, id);
            let states = &mut Arc::make_mut(&mut body).transaction_states;
            states.retain(|state| may(&state.transactional_id));
            Response::ListTransactions(body)
        }
        Response::OffsetFetch(mut body) => {
            for group in &mut Arc::make_mut(&mut body).groups {
                group.topics.retain(|topic| judge.may_quietly(Describe, Topic, &topic.name));
            }
            Response::OffsetFetch(body)
        }
        Response::DescribeShareGroupOffsets(mut body) => {
            for group in &mut Arc::make_mut(&mut body).groups {
                group.topics.retain(|topic| judge.may_quietly(Describe, Topic, &topic.topic_name));
            }
            Response::DescribeShareGroupOffsets(body)
        }
        other => other,
    }
}
