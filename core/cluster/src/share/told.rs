//! The records of `__share_group_state` in words, for those who look into them.

use bytes::Bytes;

use crate::anatomy::Decoded;
use crate::share::records::ShareRecord;
use crate::share::state::StateBatch;

/// What a record says, by the names of Kafka's record types; none if it is none of these.
pub(crate) fn told(key: &Bytes, value: Option<&Bytes>) -> Option<Decoded> {
    let record = ShareRecord::decode(key, value)?;
    let of = record.key();
    let key = vec![
        ("groupId", of.group.to_string()),
        ("topicId", of.topic.to_string()),
        ("partition", of.partition.to_string()),
    ];
    let (schema, state) = match &record {
        ShareRecord::Snapshot(_, state) => ("ShareSnapshot", state.as_ref()),
        ShareRecord::Update(_, state) => ("ShareUpdate", Some(state)),
    };
    let value = state.map(|state| {
        let batches: Vec<String> = state.batches.iter().map(batch).collect();
        vec![
            ("snapshotEpoch", state.snapshot_epoch.to_string()),
            ("stateEpoch", state.state_epoch.to_string()),
            ("leaderEpoch", state.leader_epoch.to_string()),
            ("startOffset", state.start.to_string()),
            ("stateBatches", batches.join("; ")),
        ]
    });
    Some(Decoded::new(schema, &of.text(), key, value))
}

fn batch(batch: &StateBatch) -> String {
    let StateBatch { first, last, state, delivery_count } = batch;
    format!("{first}-{last} {state}, delivered {delivery_count}")
}
