//! For how long an answer tells its client to be silent: `AbstractResponse.throttleTimeMs`.

use std::sync::Arc;

use crate::message::Response;

/// Declares the responses that can say it. The others go between brokers and controllers only.
macro_rules! throttled {
    ($($name:ident,)*) => {
        impl Response {
            /// For how many milliseconds it tells the client to be silent; 0 if it does not, or cannot.
            pub fn throttle_time_ms(&self) -> i32 {
                match self {
                    $(Response::$name(body) => body.throttle_time_ms,)*
                    _ => 0,
                }
            }

            /// Has it tell the client for how many milliseconds it is to be silent, if it can:
            /// `maybeSetThrottleTimeMs`.
            pub(crate) fn set_throttle_time_ms(&mut self, wait_ms: i32) {
                match self {
                    $(Response::$name(body) => Arc::make_mut(body).throttle_time_ms = wait_ms,)*
                    _ => {}
                }
            }
        }
    };
}

throttled! {
    Produce,
    Fetch,
    ListOffsets,
    Metadata,
    OffsetCommit,
    OffsetFetch,
    FindCoordinator,
    JoinGroup,
    Heartbeat,
    LeaveGroup,
    SyncGroup,
    CreateTopics,
    DeleteTopics,
    DeleteRecords,
    InitProducerId,
    OffsetForLeaderEpoch,
    CreatePartitions,
    DescribeConfigs,
    DescribeTopicPartitions,
    ElectLeaders,
    AlterPartitionReassignments,
    ListPartitionReassignments,
    DescribeLogDirs,
    IncrementalAlterConfigs,
    DescribeClientQuotas,
    AlterClientQuotas,
    DescribeAcls,
    CreateAcls,
    DeleteAcls,
    AlterReplicaLogDirs,
    ConsumerGroupHeartbeat,
    ConsumerGroupDescribe,
    DescribeGroups,
    ListGroups,
    DeleteGroups,
    OffsetDelete,
    AddPartitionsToTxn,
    AddOffsetsToTxn,
    EndTxn,
    TxnOffsetCommit,
    DescribeProducers,
    DescribeTransactions,
    ListTransactions,
    DescribeCluster,
    ShareGroupHeartbeat,
    ShareGroupDescribe,
    ShareFetch,
    ShareAcknowledge,
    DescribeShareGroupOffsets,
    AlterShareGroupOffsets,
    DeleteShareGroupOffsets,
}
