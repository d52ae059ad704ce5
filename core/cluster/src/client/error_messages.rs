//! What Kafka's `Errors` says about the errors that clients meet.

use kafka_protocol::ResponseError;

use crate::ids::{GroupId, TopicName};

/// What Kafka's client says about an error if the broker adds nothing. The name of one that none
/// of ours meets.
pub fn kafka_message(error: ResponseError) -> String {
    use ResponseError as E;
    let message = match error {
        E::OffsetOutOfRange => {
            "The requested offset is not within the range of offsets maintained by the server."
        }
        E::CorruptMessage => {
            "This message has failed its CRC checksum, exceeds the valid size, has a null key for a compacted topic, or is otherwise corrupt."
        }
        E::UnknownTopicOrPartition => "This server does not host this topic-partition.",
        E::NotLeaderOrFollower => {
            "For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition."
        }
        E::RequestTimedOut => "The request timed out.",
        E::MessageTooLarge => {
            "The request included a message larger than the max message size the server will accept."
        }
        E::NetworkException => "The server disconnected before a response was received.",
        E::CoordinatorLoadInProgress => {
            "The coordinator is loading and hence can't process requests."
        }
        E::CoordinatorNotAvailable => "The coordinator is not available.",
        E::NotCoordinator => "This is not the correct coordinator.",
        E::InvalidTopicException => {
            "The request attempted to perform an operation on an invalid topic."
        }
        E::RecordListTooLarge => {
            "The request included message batch larger than the configured segment size on the server."
        }
        E::NotEnoughReplicas => {
            "Messages are rejected since there are fewer in-sync replicas than required."
        }
        E::NotEnoughReplicasAfterAppend => {
            "Messages are written to the log, but to fewer in-sync replicas than required."
        }
        E::ThrottlingQuotaExceeded => "The throttling quota has been exceeded.",
        E::TopicAuthorizationFailed => "Topic authorization failed.",
        E::GroupAuthorizationFailed => "Group authorization failed.",
        E::ClusterAuthorizationFailed => "Cluster authorization failed.",
        E::TransactionalIdAuthorizationFailed => "Transactional Id authorization failed.",
        E::SecurityDisabled => "Security features are disabled.",
        E::SaslAuthenticationFailed => "SASL Authentication failed.",
        E::IllegalGeneration => "Specified group generation id is not valid.",
        E::UnknownMemberId => "The coordinator is not aware of this member.",
        E::OutOfOrderSequenceNumber => "The broker received an out of order sequence number.",
        E::DuplicateSequenceNumber => "The broker received a duplicate sequence number.",
        E::InvalidProducerEpoch => "Producer attempted to produce with an old epoch.",
        E::InvalidTxnState => {
            "The producer attempted a transactional operation in an invalid state."
        }
        E::InvalidProducerIdMapping => {
            "The producer attempted to use a producer id which is not currently assigned to its transactional id."
        }
        E::InvalidTransactionTimeout => {
            "The transaction timeout is larger than the maximum value allowed by the broker (as configured by transaction.max.timeout.ms)."
        }
        E::ConcurrentTransactions => {
            "The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing."
        }
        E::TransactionCoordinatorFenced => {
            "Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the current coordinator for a given producer."
        }
        E::KafkaStorageError => "Disk error when trying to access log file on the disk.",
        E::UnknownProducerId => {
            "This exception is raised by the broker if it could not locate the producer metadata associated with the producerId in question. This could happen if, for instance, the producer's records were deleted because their retention time had elapsed. Once the last records of the producerId are removed, the producer's metadata is removed from the broker, and future appends by the producer will return this exception."
        }
        E::FencedLeaderEpoch => {
            "The leader epoch in the request is older than the epoch on the broker."
        }
        E::UnknownLeaderEpoch => {
            "The leader epoch in the request is newer than the epoch on the broker."
        }
        E::FencedInstanceId => {
            "The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id."
        }
        E::InvalidRecord => {
            "This record has failed the validation on broker and hence will be rejected."
        }
        E::ProducerFenced => {
            "There is a newer producer with the same transactionalId which fences the current one."
        }
        E::TransactionAbortable => {
            "The server encountered an error with the transaction. The client can abort the transaction to continue using this transactional ID."
        }
        E::InvalidTimestamp => "The timestamp of the message is out of acceptable range.",
        E::UnknownServerError => {
            "The server experienced an unexpected error when processing the request."
        }
        E::LeaderNotAvailable => {
            "There is no leader for this topic-partition as we are in the middle of a leadership election."
        }
        E::OffsetNotAvailable => {
            "The leader high watermark has not caught up from a recent leader election so the offsets cannot be guaranteed to be monotonically increasing."
        }
        E::ReplicaNotAvailable => {
            "The replica is not available for the requested topic-partition. Produce/Fetch requests and other requests intended only for the leader or follower return NOT_LEADER_OR_FOLLOWER if the broker is not a replica of the topic-partition."
        }
        E::InvalidGroupId => "The configured groupId is invalid.",
        E::GroupIdNotFound => "The group id does not exist.",
        E::NonEmptyGroup => "The group is not empty.",
        E::GroupSubscribedToTopic => {
            "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it."
        }
        E::RebalanceInProgress => "The group is rebalancing, so a rejoin is needed.",
        E::TransactionalIdNotFound => "The transactionalId could not be found.",
        E::BrokerIdNotRegistered => "The given broker ID was not registered.",
        E::UnsupportedVersion => "The version of API is not supported.",
        E::PolicyViolation => "Request parameters do not satisfy the configured policy.",
        error => return error.to_string(),
    };
    message.to_owned()
}

/// What `TopicAuthorizationException` says.
pub fn not_authorized_words(topics: &[&TopicName]) -> String {
    let names: Vec<&str> = topics.iter().map(|topic| topic.as_str()).collect();
    format!("Not authorized to access topics: [{}]", names.join(", "))
}

/// The exception of a client that may not know of topics, or may not do with them what it wanted.
pub fn not_authorized_to_topics(topics: &[&TopicName]) -> String {
    format!("TopicAuthorizationException: {}", not_authorized_words(topics))
}

/// The exception of a client that may not be in a group.
pub fn not_authorized_to_group(group: &GroupId) -> String {
    format!("GroupAuthorizationException: Not authorized to access group: {group}")
}
