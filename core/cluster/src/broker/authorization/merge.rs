//! Two answers to parts of one request become one.

use std::sync::Arc;

use crate::message::Response;

/// Puts groups behind others; topics of the same group stand together.
macro_rules! offsets {
    ($allowed:expr, $refused:expr) => {
        for group in &$refused {
            let known = $allowed.iter_mut().find(|known| known.group_id == group.group_id);
            match known {
                Some(known) if known.error_code == 0 => known.topics.extend(group.topics.clone()),
                Some(_) => {}
                None => $allowed.push(group.clone()),
            }
        }
    };
}

/// Puts what was refused behind what was allowed. Both answer the same API.
pub(super) fn merged(allowed: Response, refused: Response) -> Response {
    /// Appends the lists of the second to those of the first.
    macro_rules! append {
        ($($kind:ident: $($list:ident).+;)*) => {
            match (allowed, refused) {
                $((Response::$kind(mut allowed), Response::$kind(refused)) => {
                    let more = refused.$($list).+.clone();
                    Arc::make_mut(&mut allowed).$($list).+.extend(more);
                    Response::$kind(allowed)
                })*
                (Response::OffsetFetch(mut allowed), Response::OffsetFetch(refused)) => {
                    offsets!(Arc::make_mut(&mut allowed).groups, refused.groups);
                    Response::OffsetFetch(allowed)
                }
                (
                    Response::DescribeShareGroupOffsets(mut allowed),
                    Response::DescribeShareGroupOffsets(refused),
                ) => {
                    offsets!(Arc::make_mut(&mut allowed).groups, refused.groups);
                    Response::DescribeShareGroupOffsets(allowed)
                }
                (allowed, refused) => unreachable!(
                    "{:?} and {:?} answer no request that is allowed in part",
                    allowed.api_key(),
                    refused.api_key()
                ),
            }
        };
    }
    append! {
        Produce: responses;
        Fetch: responses;
        ListOffsets: topics;
        OffsetForLeaderEpoch: topics;
        DeleteRecords: topics;
        DescribeProducers: topics;
        Metadata: topics;
        DescribeTopicPartitions: topics;
        FindCoordinator: coordinators;
        DescribeConfigs: results;
        IncrementalAlterConfigs: responses;
        CreateTopics: topics;
        DeleteTopics: responses;
        CreatePartitions: results;
        OffsetCommit: topics;
        TxnOffsetCommit: topics;
        OffsetDelete: topics;
        DescribeGroups: groups;
        ConsumerGroupDescribe: groups;
        ShareGroupDescribe: groups;
        DeleteGroups: results;
        AlterShareGroupOffsets: responses;
        DeleteShareGroupOffsets: responses;
        DescribeTransactions: transaction_states;
        ShareFetch: responses;
        ShareAcknowledge: responses;
    }
}
