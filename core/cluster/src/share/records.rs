//! The records of `__share_group_state`, in the bytes in which Kafka writes them: a snapshot of a share
//! partition, and updates to it.

use bytes::{BufMut, Bytes, BytesMut};
use highwater_log::{LeaderEpoch, Offset};

use crate::group::reader::Reader as KeyReader;
use crate::ids::{GroupId, TopicId};
use crate::metadata::DecodeError;
use crate::metadata::wire::{Reader, Writer};
use crate::share::state::{ShareState, StateBatch};
use crate::share::{RecordState, ShareKey};

const SNAPSHOT_KEY: i16 = 0;
const UPDATE_KEY: i16 = 1;
/// The version of both values.
const VALUE_VERSION: i16 = 0;

/// A record of `__share_group_state`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ShareRecord {
    /// `ShareSnapshot`: all that there is to say; without a value, the share partition is gone.
    Snapshot(ShareKey, Option<ShareState>),
    /// `ShareUpdate`: what is new since the snapshot. Its state epoch is the snapshot's.
    Update(ShareKey, ShareState),
}

impl ShareRecord {
    pub(crate) fn key(&self) -> &ShareKey {
        match self {
            Self::Snapshot(key, _) | Self::Update(key, _) => key,
        }
    }

    /// The key and the value of the record.
    pub(crate) fn encode(&self) -> (Bytes, Option<Bytes>) {
        match self {
            Self::Snapshot(key, state) => {
                (encode_key(SNAPSHOT_KEY, key), state.as_ref().map(|state| encode(state, true)))
            }
            Self::Update(key, state) => (encode_key(UPDATE_KEY, key), Some(encode(state, false))),
        }
    }

    /// The record with this key and value; none if it is none of these.
    pub(crate) fn decode(key: &Bytes, value: Option<&Bytes>) -> Option<Self> {
        let mut reader = KeyReader::new(key.clone());
        let version = reader.i16()?;
        let group = GroupId(reader.string()?);
        let (high, low) = (reader.i64()?, reader.i64()?);
        let topic = u128::from(high.cast_unsigned()) << 64 | u128::from(low.cast_unsigned());
        let key = ShareKey { group, topic: TopicId(topic), partition: reader.i32()? };
        if !reader.is_empty() {
            return None;
        }
        match (version, value) {
            (SNAPSHOT_KEY, None) => Some(Self::Snapshot(key, None)),
            (SNAPSHOT_KEY, Some(value)) => {
                Some(Self::Snapshot(key, Some(decode(value, true).ok()?)))
            }
            (UPDATE_KEY, Some(value)) => Some(Self::Update(key, decode(value, false).ok()?)),
            _ => None,
        }
    }
}

fn encode_key(version: i16, key: &ShareKey) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(version);
    let group = key.group.as_str();
    bytes.put_i16(i16::try_from(group.len()).expect("ids were checked to fit"));
    bytes.put_slice(group.as_bytes());
    bytes.put_u128(key.topic.0);
    bytes.put_i32(key.partition);
    bytes.freeze()
}

fn encode(state: &ShareState, is_snapshot: bool) -> Bytes {
    let mut writer = Writer::default();
    writer.i16(VALUE_VERSION);
    writer.i32(state.snapshot_epoch);
    if is_snapshot {
        writer.i32(state.state_epoch);
    }
    writer.i32(state.leader_epoch.0);
    writer.i64(state.start.0);
    if is_snapshot {
        // When it was made and written: Kafka looks at both only to write cold snapshots anew.
        writer.i64(0);
        writer.i64(0);
    }
    writer.list(&state.batches, |writer, batch| {
        writer.i64(batch.first.0);
        writer.i64(batch.last.0);
        writer.i8(batch.state.id());
        writer.i16(batch.delivery_count);
        writer.no_tagged();
    });
    writer.no_tagged();
    writer.finish().into()
}

fn decode(value: &Bytes, is_snapshot: bool) -> Result<ShareState, DecodeError> {
    let mut reader = Reader::new(value);
    if reader.i16()? != VALUE_VERSION {
        return Err(DecodeError::InvalidValue("no known version"));
    }
    let snapshot_epoch = reader.i32()?;
    let state_epoch = if is_snapshot { reader.i32()? } else { -1 };
    let leader_epoch = LeaderEpoch(reader.i32()?);
    let start = Offset(reader.i64()?);
    if is_snapshot {
        reader.i64()?;
        reader.i64()?;
    }
    let batches = reader.list(|reader| {
        let (first, last) = (Offset(reader.i64()?), Offset(reader.i64()?));
        let state = RecordState::from_id(reader.i8()?);
        let state = state.ok_or(DecodeError::InvalidValue("no state of a record"))?;
        let delivery_count = reader.i16()?;
        reader.tagged(|_, _| Ok(()))?;
        Ok(StateBatch { first, last, state, delivery_count })
    })?;
    reader.tagged(|_, _| Ok(()))?;
    Ok(ShareState { snapshot_epoch, state_epoch, leader_epoch, start, batches })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let key = ShareKey { group: GroupId::from("g"), topic: TopicId(7), partition: 3 };
        let batches = vec![StateBatch {
            first: Offset(10),
            last: Offset(19),
            state: RecordState::Acknowledged,
            delivery_count: 2,
        }];
        let state = ShareState {
            snapshot_epoch: 1,
            state_epoch: 4,
            leader_epoch: LeaderEpoch(2),
            start: Offset(10),
            batches,
        };
        let update = ShareState { state_epoch: -1, ..state.clone() };
        for record in [
            ShareRecord::Snapshot(key.clone(), Some(state)),
            ShareRecord::Snapshot(key.clone(), None),
            ShareRecord::Update(key, update),
        ] {
            let (key, value) = record.encode();
            assert_eq!(ShareRecord::decode(&key, value.as_ref()), Some(record));
        }
    }
}
