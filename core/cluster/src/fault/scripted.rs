//! Which requests a broker can be told to refuse, and with which errors: those that the brokers of
//! Apache Kafka answer them with.

use kafka_protocol::error::ResponseError;
use kafka_protocol::error::ResponseError::{
    BrokerNotAvailable, ClusterAuthorizationFailed, CoordinatorLoadInProgress,
    CoordinatorNotAvailable, CorruptMessage, DuplicateSequenceNumber, FencedInstanceId,
    FencedLeaderEpoch, FetchSessionIdNotFound, GroupAuthorizationFailed, GroupMaxSizeReached,
    IllegalGeneration, InconsistentGroupProtocol, InconsistentTopicId, InvalidCommitOffsetSize,
    InvalidConfig, InvalidFetchSessionEpoch, InvalidGroupId, InvalidProducerEpoch,
    InvalidReplicationFactor, InvalidRequest, InvalidRequiredAcks, InvalidSessionTimeout,
    InvalidTimestamp, InvalidTopicException, KafkaStorageError, LeaderNotAvailable,
    ListenerNotFound, MessageTooLarge, NotController, NotCoordinator, NotEnoughReplicas,
    NotEnoughReplicasAfterAppend, NotLeaderOrFollower, OffsetMetadataTooLarge, OffsetNotAvailable,
    OffsetOutOfRange, OutOfOrderSequenceNumber, PolicyViolation, RebalanceInProgress,
    RecordListTooLarge, ReplicaNotAvailable, RequestTimedOut, ThrottlingQuotaExceeded,
    TopicAlreadyExists, TopicAuthorizationFailed, TopicDeletionDisabled,
    TransactionalIdAuthorizationFailed, UnknownLeaderEpoch, UnknownMemberId, UnknownProducerId,
    UnknownServerError, UnknownTopicId, UnknownTopicOrPartition, UnsupportedForMessageFormat,
};
use kafka_protocol::messages::ApiKey;

use crate::client::errors::kafka_name;

/// A kind of request that a broker can be told to refuse.
#[derive(Clone, Copy, Debug)]
pub struct ScriptedApi {
    /// Its name, as Kafka's `ApiKeys` has it.
    pub name: &'static str,
    /// Its key.
    pub key: ApiKey,
    /// Where its answer has the error: `each partition`, `the whole answer`.
    pub place: &'static str,
    /// The errors that brokers answer it with.
    pub errors: &'static [ResponseError],
}

const PARTITION: &str = "each partition";
const WHOLE: &str = "the whole answer";

/// The kinds of requests that a broker can be told to refuse.
pub const SCRIPTED_APIS: &[ScriptedApi] = &[
    api("Produce", ApiKey::Produce, PARTITION, OF_PRODUCE),
    api("Fetch", ApiKey::Fetch, PARTITION, OF_FETCH),
    api("ListOffsets", ApiKey::ListOffsets, PARTITION, OF_OFFSETS),
    api("OffsetForLeaderEpoch", ApiKey::OffsetForLeaderEpoch, PARTITION, OF_OFFSETS),
    api("Metadata", ApiKey::Metadata, "each topic", OF_METADATA),
    api("FindCoordinator", ApiKey::FindCoordinator, "each key", OF_FIND_COORDINATOR),
    api("JoinGroup", ApiKey::JoinGroup, WHOLE, OF_JOIN),
    api("SyncGroup", ApiKey::SyncGroup, WHOLE, OF_MEMBERS),
    api("Heartbeat", ApiKey::Heartbeat, WHOLE, OF_MEMBERS),
    api("LeaveGroup", ApiKey::LeaveGroup, WHOLE, OF_LEAVE),
    api("OffsetCommit", ApiKey::OffsetCommit, PARTITION, OF_COMMIT),
    api("OffsetFetch", ApiKey::OffsetFetch, "each group", OF_OFFSET_FETCH),
    api("InitProducerId", ApiKey::InitProducerId, WHOLE, OF_INIT_PRODUCER_ID),
    api("CreateTopics", ApiKey::CreateTopics, "each topic", OF_CREATE),
    api("DeleteTopics", ApiKey::DeleteTopics, "each topic", OF_DELETE),
    api("DescribeConfigs", ApiKey::DescribeConfigs, "each resource", OF_DESCRIBE),
    api("DescribeTopicPartitions", ApiKey::DescribeTopicPartitions, "each topic", OF_DESCRIBE),
];

const OF_PRODUCE: &[ResponseError] = &[
    CorruptMessage,
    UnknownTopicOrPartition,
    NotLeaderOrFollower,
    RequestTimedOut,
    MessageTooLarge,
    InvalidTopicException,
    RecordListTooLarge,
    NotEnoughReplicas,
    NotEnoughReplicasAfterAppend,
    InvalidRequiredAcks,
    TopicAuthorizationFailed,
    ClusterAuthorizationFailed,
    InvalidTimestamp,
    OutOfOrderSequenceNumber,
    DuplicateSequenceNumber,
    InvalidProducerEpoch,
    UnknownProducerId,
    KafkaStorageError,
    UnknownServerError,
];
const OF_FETCH: &[ResponseError] = &[
    OffsetOutOfRange,
    UnknownTopicOrPartition,
    NotLeaderOrFollower,
    ReplicaNotAvailable,
    TopicAuthorizationFailed,
    FencedLeaderEpoch,
    UnknownLeaderEpoch,
    KafkaStorageError,
    CorruptMessage,
    UnknownTopicId,
    InconsistentTopicId,
    FetchSessionIdNotFound,
    InvalidFetchSessionEpoch,
    UnknownServerError,
];
const OF_OFFSETS: &[ResponseError] = &[
    UnknownTopicOrPartition,
    NotLeaderOrFollower,
    ReplicaNotAvailable,
    LeaderNotAvailable,
    OffsetNotAvailable,
    TopicAuthorizationFailed,
    FencedLeaderEpoch,
    UnknownLeaderEpoch,
    KafkaStorageError,
    UnsupportedForMessageFormat,
    UnknownServerError,
];
const OF_METADATA: &[ResponseError] = &[
    UnknownTopicOrPartition,
    LeaderNotAvailable,
    ListenerNotFound,
    InvalidTopicException,
    TopicAuthorizationFailed,
    UnknownTopicId,
    UnknownServerError,
];
const OF_FIND_COORDINATOR: &[ResponseError] = &[
    CoordinatorNotAvailable,
    GroupAuthorizationFailed,
    TransactionalIdAuthorizationFailed,
    InvalidRequest,
    UnknownServerError,
];
const OF_JOIN: &[ResponseError] = &[
    CoordinatorLoadInProgress,
    CoordinatorNotAvailable,
    NotCoordinator,
    UnknownMemberId,
    InconsistentGroupProtocol,
    InvalidGroupId,
    InvalidSessionTimeout,
    GroupAuthorizationFailed,
    GroupMaxSizeReached,
    FencedInstanceId,
    RebalanceInProgress,
    UnknownServerError,
];
const OF_MEMBERS: &[ResponseError] = &[
    CoordinatorLoadInProgress,
    CoordinatorNotAvailable,
    NotCoordinator,
    IllegalGeneration,
    UnknownMemberId,
    RebalanceInProgress,
    GroupAuthorizationFailed,
    FencedInstanceId,
    UnknownServerError,
];
const OF_LEAVE: &[ResponseError] = &[
    CoordinatorLoadInProgress,
    CoordinatorNotAvailable,
    NotCoordinator,
    UnknownMemberId,
    GroupAuthorizationFailed,
    FencedInstanceId,
];
const OF_COMMIT: &[ResponseError] = &[
    OffsetMetadataTooLarge,
    CoordinatorLoadInProgress,
    CoordinatorNotAvailable,
    NotCoordinator,
    IllegalGeneration,
    UnknownMemberId,
    RebalanceInProgress,
    InvalidCommitOffsetSize,
    RequestTimedOut,
    UnknownTopicOrPartition,
    TopicAuthorizationFailed,
    GroupAuthorizationFailed,
    FencedInstanceId,
];
const OF_OFFSET_FETCH: &[ResponseError] =
    &[CoordinatorLoadInProgress, NotCoordinator, GroupAuthorizationFailed, UnknownServerError];
const OF_INIT_PRODUCER_ID: &[ResponseError] = &[
    CoordinatorLoadInProgress,
    CoordinatorNotAvailable,
    ClusterAuthorizationFailed,
    TransactionalIdAuthorizationFailed,
    UnknownServerError,
];
const OF_CREATE: &[ResponseError] = &[
    TopicAlreadyExists,
    InvalidTopicException,
    InvalidReplicationFactor,
    InvalidConfig,
    PolicyViolation,
    NotController,
    RequestTimedOut,
    TopicAuthorizationFailed,
    ThrottlingQuotaExceeded,
    UnknownServerError,
];
const OF_DELETE: &[ResponseError] = &[
    UnknownTopicOrPartition,
    TopicDeletionDisabled,
    NotController,
    RequestTimedOut,
    TopicAuthorizationFailed,
    ThrottlingQuotaExceeded,
    UnknownServerError,
];
const OF_DESCRIBE: &[ResponseError] = &[
    UnknownTopicOrPartition,
    InvalidTopicException,
    TopicAuthorizationFailed,
    BrokerNotAvailable,
    UnknownServerError,
];

const fn api(
    name: &'static str,
    key: ApiKey,
    place: &'static str,
    errors: &'static [ResponseError],
) -> ScriptedApi {
    ScriptedApi { name, key, place, errors }
}

/// The error of a name of Kafka's `Errors`, if there is one: `NOT_LEADER_OR_FOLLOWER`.
pub fn find_error(name: &str) -> Option<ResponseError> {
    /// Beyond every code that Kafka has.
    const BEYOND: i16 = 256;
    (-1..BEYOND)
        .filter_map(ResponseError::try_from_code)
        .filter(|error| !matches!(error, ResponseError::Unknown(_)))
        .find(|error| kafka_name(*error) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_found_by_its_name() {
        for error in SCRIPTED_APIS.iter().flat_map(|api| api.errors) {
            assert_eq!(find_error(&kafka_name(*error)), Some(*error));
        }
        assert_eq!(find_error("NONE"), None);
        assert_eq!(find_error(""), None);
    }

    #[test]
    fn every_kind_is_named_as_its_key_is() {
        for api in SCRIPTED_APIS {
            assert_eq!(api.name, format!("{:?}", api.key));
            assert!(!api.errors.is_empty(), "{}", api.name);
        }
    }
}
