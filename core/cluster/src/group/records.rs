//! The records of `__consumer_offsets`: committed offsets, and groups with their members. Keys and
//! values begin with two bytes of version; the version of a key also tells what it is.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use highwater_log::{LeaderEpoch, Offset, TimestampMs};

use crate::group::consumer_group::ConsumerRecord;
use crate::group::reader::Reader;
use crate::group::share_group::ShareGroupRecord;
use crate::ids::{Generation, GroupId, MemberId, TopicName, TopicPartition};

const OFFSET_COMMIT_KEY: i16 = 1;
const GROUP_METADATA_KEY: i16 = 2;
/// The version in which brokers write both values: the newest that needs no flexible version.
const VALUE_VERSION: i16 = 3;

/// A record of `__consumer_offsets`; without a value, what the key names is gone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum GroupRecord {
    /// `OffsetCommitKey` and `OffsetCommitValue`.
    Offset { group: GroupId, partition: TopicPartition, value: Option<CommittedOffset> },
    /// `GroupMetadataKey` and `GroupMetadataValue`.
    Group { group: GroupId, value: Option<GroupMetadata> },
    /// One of those that tell of a group of the consumer protocol (KIP-848).
    Consumer { group: GroupId, record: ConsumerRecord },
    /// One of those that tell of a share group (KIP-932).
    Share { group: GroupId, record: ShareGroupRecord },
}

/// An offset that a group has committed: `OffsetCommitValue`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CommittedOffset {
    pub(crate) offset: Offset,
    pub(crate) leader_epoch: LeaderEpoch,
    pub(crate) metadata: Arc<str>,
    pub(crate) committed_at: TimestampMs,
}

/// A generation of a group: `GroupMetadataValue`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GroupMetadata {
    pub(crate) protocol_type: Arc<str>,
    pub(crate) generation: Generation,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) leader: Option<MemberId>,
    pub(crate) state_changed_at: TimestampMs,
    pub(crate) members: Vec<MemberMetadata>,
}

/// A member of a generation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MemberMetadata {
    pub(crate) id: MemberId,
    pub(crate) instance: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) session_timeout_ms: i32,
    pub(crate) subscription: Bytes,
    pub(crate) assignment: Bytes,
}

impl GroupRecord {
    /// The key and the value of the record. Every string must [fit](fits).
    pub(crate) fn encode(&self) -> (Bytes, Option<Bytes>) {
        match self {
            GroupRecord::Offset { group, partition, value } => {
                (offset_key(group, partition), value.as_ref().map(CommittedOffset::encode))
            }
            GroupRecord::Group { group, value } => {
                (group_key(group), value.as_ref().map(GroupMetadata::encode))
            }
            GroupRecord::Consumer { group, record } => record.encode(group),
            GroupRecord::Share { group, record } => record.encode(group),
        }
    }

    /// The record with this key and value; none if it is of another kind, or is none at all.
    pub(crate) fn decode(key: &Bytes, value: Option<&Bytes>) -> Option<Self> {
        let mut reader = Reader::new(key.clone());
        let record = match reader.i16()? {
            0 | OFFSET_COMMIT_KEY => GroupRecord::Offset {
                group: GroupId(reader.string()?),
                partition: TopicPartition::new(&TopicName(reader.string()?), reader.i32()?),
                value: decode_value(value, CommittedOffset::decode)?,
            },
            GROUP_METADATA_KEY => GroupRecord::Group {
                group: GroupId(reader.string()?),
                value: decode_value(value, GroupMetadata::decode)?,
            },
            version @ 10.. => {
                let (group, record) = ShareGroupRecord::decode(version, &mut reader, value)?;
                GroupRecord::Share { group, record }
            }
            version => {
                let (group, record) = ConsumerRecord::decode(version, &mut reader, value)?;
                GroupRecord::Consumer { group, record }
            }
        };
        reader.is_empty().then_some(record)
    }
}

impl CommittedOffset {
    fn encode(&self) -> Bytes {
        let mut bytes = BytesMut::new();
        bytes.put_i16(VALUE_VERSION);
        bytes.put_i64(self.offset.0);
        bytes.put_i32(self.leader_epoch.0);
        put_string(&mut bytes, &self.metadata);
        bytes.put_i64(self.committed_at.0);
        bytes.freeze()
    }

    fn decode(reader: &mut Reader) -> Option<Self> {
        Some(Self {
            offset: Offset(reader.i64()?),
            leader_epoch: LeaderEpoch(reader.i32()?),
            metadata: reader.string()?,
            committed_at: TimestampMs(reader.i64()?),
        })
    }
}

impl GroupMetadata {
    fn encode(&self) -> Bytes {
        let mut bytes = BytesMut::new();
        bytes.put_i16(VALUE_VERSION);
        put_string(&mut bytes, &self.protocol_type);
        bytes.put_i32(self.generation.0);
        put_nullable_string(&mut bytes, self.protocol.as_deref());
        put_nullable_string(&mut bytes, self.leader.as_ref().map(MemberId::as_str));
        bytes.put_i64(self.state_changed_at.0);
        bytes.put_i32(length(self.members.len()));
        for member in &self.members {
            member.encode(&mut bytes);
        }
        bytes.freeze()
    }

    fn decode(reader: &mut Reader) -> Option<Self> {
        Some(Self {
            protocol_type: reader.string()?,
            generation: Generation(reader.i32()?),
            protocol: reader.nullable_string()?,
            leader: reader.nullable_string()?.map(MemberId),
            state_changed_at: TimestampMs(reader.i64()?),
            members: reader.array(MemberMetadata::decode)?,
        })
    }
}

impl MemberMetadata {
    fn encode(&self, bytes: &mut BytesMut) {
        put_string(bytes, self.id.as_str());
        put_nullable_string(bytes, self.instance.as_deref());
        put_string(bytes, &self.client_id);
        put_string(bytes, &self.client_host);
        bytes.put_i32(self.rebalance_timeout_ms);
        bytes.put_i32(self.session_timeout_ms);
        put_bytes(bytes, &self.subscription);
        put_bytes(bytes, &self.assignment);
    }

    fn decode(reader: &mut Reader) -> Option<Self> {
        Some(Self {
            id: MemberId(reader.string()?),
            instance: reader.nullable_string()?,
            client_id: reader.string()?,
            client_host: reader.string()?,
            rebalance_timeout_ms: reader.i32()?,
            session_timeout_ms: reader.i32()?,
            subscription: reader.bytes()?,
            assignment: reader.bytes()?,
        })
    }
}

/// Whether a string can stand in a record: its length is written in 16 bits.
pub(crate) fn fits(text: &str) -> bool {
    i16::try_from(text.len()).is_ok()
}

fn offset_key(group: &GroupId, partition: &TopicPartition) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(OFFSET_COMMIT_KEY);
    put_string(&mut bytes, group.as_str());
    put_string(&mut bytes, partition.topic.as_str());
    bytes.put_i32(partition.partition.0);
    bytes.freeze()
}

fn group_key(group: &GroupId) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(GROUP_METADATA_KEY);
    put_string(&mut bytes, group.as_str());
    bytes.freeze()
}

/// The value, which may be absent; none if it is there and cannot be read.
fn decode_value<T>(
    value: Option<&Bytes>,
    decode: fn(&mut Reader) -> Option<T>,
) -> Option<Option<T>> {
    let Some(value) = value else { return Some(None) };
    let mut reader = Reader::new(value.clone());
    if reader.i16()? != VALUE_VERSION {
        return None;
    }
    let decoded = decode(&mut reader)?;
    reader.is_empty().then_some(Some(decoded))
}

fn put_string(bytes: &mut BytesMut, text: &str) {
    bytes.put_i16(i16::try_from(text.len()).expect("strings were checked to fit"));
    bytes.put_slice(text.as_bytes());
}

fn put_nullable_string(bytes: &mut BytesMut, text: Option<&str>) {
    match text {
        Some(text) => put_string(bytes, text),
        None => bytes.put_i16(-1),
    }
}

fn put_bytes(bytes: &mut BytesMut, content: &Bytes) {
    bytes.put_i32(length(content.len()));
    bytes.put_slice(content);
}

fn length(length: usize) -> i32 {
    i32::try_from(length).expect("a request that came over the network is smaller than 2 GiB")
}

#[cfg(test)]
mod tests;
