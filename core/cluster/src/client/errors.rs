//! Errors by the names that Kafka prints, and what clients do about them.

use kafka_protocol::ResponseError;

/// The error's name in Kafka's `Errors`: `NOT_ENOUGH_REPLICAS`.
pub fn kafka_name(error: ResponseError) -> String {
    let mut name = String::new();
    for (place, letter) in format!("{error:?}").chars().enumerate() {
        if letter.is_ascii_uppercase() && place > 0 {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

/// Whether the error says that the client's metadata is out of date: Kafka's
/// `InvalidMetadataException`.
pub fn is_invalid_metadata(error: ResponseError) -> bool {
    matches!(
        error,
        ResponseError::UnknownTopicOrPartition
            | ResponseError::UnknownTopicId
            | ResponseError::InconsistentTopicId
            | ResponseError::LeaderNotAvailable
            | ResponseError::NotLeaderOrFollower
            | ResponseError::ReplicaNotAvailable
            | ResponseError::NetworkException
            | ResponseError::KafkaStorageError
            | ResponseError::ListenerNotFound
            | ResponseError::FencedLeaderEpoch
            | ResponseError::UnknownLeaderEpoch
    )
}

/// Whether what was refused may be sent again as it is: Kafka's `RetriableException`.
pub fn is_retriable(error: ResponseError) -> bool {
    // The library has it as it was before KIP-890.
    error.is_retriable() || error == ResponseError::ConcurrentTransactions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: ResponseError, name: &str) {
        assert_eq!(kafka_name(error), name);
    }

    #[test]
    fn errors_have_the_names_that_kafka_prints() {
        check(ResponseError::NotEnoughReplicasAfterAppend, "NOT_ENOUGH_REPLICAS_AFTER_APPEND");
        check(ResponseError::UnknownTopicOrPartition, "UNKNOWN_TOPIC_OR_PARTITION");
        check(ResponseError::NetworkException, "NETWORK_EXCEPTION");
    }
}
