//! The records of `__transaction_state` in words, for those who look into them.

use bytes::Bytes;
use highwater_log::ProducerId;

use crate::anatomy::Decoded;
use crate::transaction::metadata::TransactionMetadata;
use crate::transaction::records::{decode_key, decode_value};

/// What a record says, by the names of Kafka's record types; none if it is no such record.
pub(crate) fn told(key: &Bytes, value: Option<&Bytes>) -> Option<Decoded> {
    let id = decode_key(key)?;
    let value = match value {
        Some(value) => Some(fields(&decode_value(value)?)),
        None => None,
    };
    let key = vec![("transactionalId", id.to_string())];
    Some(Decoded::new("TransactionLog", id.as_str(), key, value))
}

fn fields(metadata: &TransactionMetadata) -> Vec<(&'static str, String)> {
    let partitions: Vec<_> = metadata.partitions.iter().map(ToString::to_string).collect();
    let mut told = vec![
        ("producerId", metadata.producer_id.to_string()),
        ("producerEpoch", metadata.producer_epoch.to_string()),
        ("transactionTimeoutMs", metadata.timeout_ms.to_string()),
        ("transactionStatus", metadata.state.name().to_owned()),
        (
            "transactionPartitions",
            if partitions.is_empty() { "none".to_owned() } else { partitions.join(", ") },
        ),
        ("transactionLastUpdateTimestampMs", metadata.updated_at.to_string()),
        ("transactionStartTimestampMs", metadata.started_at.to_string()),
    ];
    for (name, id) in [
        ("previousProducerId", metadata.previous_producer_id),
        ("nextProducerId", metadata.next_producer_id),
    ] {
        if id != ProducerId::NONE {
            told.push((name, id.to_string()));
        }
    }
    told.push(("clientTransactionVersion", metadata.client_version.0.to_string()));
    told
}
