//! The records of `__consumer_offsets` that tell of share groups, in the bytes in which Kafka writes them.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;

use crate::group::identity;
use crate::group::reader;
use crate::group::record_bytes::{
    VALUE_VERSION, key, read_partitions, read_untagged, write_partitions,
};
use crate::group::server_assignor::Partitions;
use crate::group::share_group::{ShareGroup, ShareMember};
use crate::ids::{Generation, GroupId, MemberId, TopicId, TopicName};
use crate::metadata::wire::{Reader, Writer};
use crate::metadata::{DecodeError, MetadataImage};

const MEMBER_KEY: i16 = 10;
const GROUP_KEY: i16 = 11;
const ASSIGNMENT_KEY: i16 = 12;
const TARGET_KEY: i16 = 13;
const CURRENT_KEY: i16 = 14;
const PARTITIONS_KEY: i16 = 15;
/// `MemberState.STABLE`: members of share groups have no other.
const STABLE: i8 = 0;

/// A record of a share group; without a value, what the key names is gone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ShareGroupRecord {
    /// `ShareGroupMetadata`: the group epoch and the hash of the topics.
    Epoch(Option<(Generation, i64)>),
    /// `ShareGroupMemberMetadata`.
    Member(MemberId, Option<Subscription>),
    /// `ShareGroupTargetAssignmentMetadata`: the epoch of the target assignment.
    Assignment(Option<Generation>),
    /// `ShareGroupTargetAssignmentMember`.
    Target(MemberId, Option<Partitions>),
    /// `ShareGroupCurrentMemberAssignment`: epoch, the epoch before, and what it fetches from.
    Current(MemberId, Option<(Generation, Generation, Partitions)>),
    /// `ShareGroupStatePartitionMetadata`: the partitions whose state is being written down for the first time, and
    /// those of which it is.
    Partitions(Option<StatePartitions>),
}

/// What a member says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Subscription {
    pub(super) rack: Option<Arc<str>>,
    pub(super) client_id: Arc<str>,
    pub(super) client_host: Arc<str>,
    pub(super) topics: BTreeSet<TopicName>,
}

/// Partitions by how far their state is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StatePartitions {
    pub(super) initializing: Vec<(TopicId, TopicName, BTreeSet<i32>)>,
    pub(super) initialized: Vec<(TopicId, TopicName, BTreeSet<i32>)>,
}

impl ShareGroupRecord {
    pub(super) fn member(member: &ShareMember) -> Self {
        let subscription = Subscription {
            rack: member.rack.clone(),
            client_id: member.client_id.clone(),
            client_host: identity::host_of_node(member.client),
            topics: member.topics.clone(),
        };
        Self::Member(member.id.clone(), Some(subscription))
    }

    pub(super) fn current(member: &ShareMember) -> Self {
        let current = (member.epoch, member.previous_epoch, member.assigned.clone());
        Self::Current(member.id.clone(), Some(current))
    }

    pub(super) fn partitions(group: &ShareGroup, image: &MetadataImage) -> Self {
        let with_names = |all: &Partitions| {
            let all = all.iter();
            all.map(|(topic, own)| {
                let name = image.topic_names.get(topic).cloned();
                (*topic, name.unwrap_or_else(|| TopicName::from("")), own.clone())
            })
            .collect()
        };
        Self::Partitions(Some(StatePartitions {
            initializing: with_names(&group.initializing),
            initialized: with_names(&group.initialized),
        }))
    }

    /// The key and the value of the record.
    pub(in crate::group) fn encode(&self, group: &GroupId) -> (Bytes, Option<Bytes>) {
        let (version, member) = match self {
            Self::Member(id, _) => (MEMBER_KEY, Some(id)),
            Self::Epoch(_) => (GROUP_KEY, None),
            Self::Assignment(_) => (ASSIGNMENT_KEY, None),
            Self::Target(id, _) => (TARGET_KEY, Some(id)),
            Self::Current(id, _) => (CURRENT_KEY, Some(id)),
            Self::Partitions(_) => (PARTITIONS_KEY, None),
        };
        (key(version, group, member), self.encode_value())
    }

    fn encode_value(&self) -> Option<Bytes> {
        let mut writer = Writer::default();
        writer.i16(VALUE_VERSION);
        match self {
            Self::Epoch(value) => {
                let (epoch, hash) = value.as_ref()?;
                writer.i32(epoch.0);
                writer.i64(*hash);
            }
            Self::Member(_, value) => {
                let said = value.as_ref()?;
                let topics: Vec<&TopicName> = said.topics.iter().collect();
                writer.nullable_string(said.rack.as_deref());
                writer.string(&said.client_id);
                writer.string(&said.client_host);
                writer.list(&topics, |writer, topic| writer.string(topic.as_str()));
            }
            Self::Assignment(value) => writer.i32(value.as_ref()?.0),
            Self::Target(_, value) => write_partitions(&mut writer, value.as_ref()?),
            Self::Current(_, value) => {
                let (epoch, previous, assigned) = value.as_ref()?;
                writer.i32(epoch.0);
                writer.i32(previous.0);
                writer.i8(STABLE);
                write_partitions(&mut writer, assigned);
            }
            Self::Partitions(value) => {
                let value = value.as_ref()?;
                for topics in [&value.initializing, &value.initialized] {
                    writer.list(topics, |writer, (topic, name, own)| {
                        let own: Vec<i32> = own.iter().copied().collect();
                        writer.uuid(topic.0);
                        writer.string(name.as_str());
                        writer.list(&own, |writer, index| writer.i32(*index));
                        writer.no_tagged();
                    });
                }
                // The topics whose state is being deleted: here it is gone before that is written.
                writer.list(&[] as &[TopicId], |_, _| {});
            }
        }
        writer.no_tagged();
        Some(writer.finish().into())
    }

    /// The record with a key of that version, of which `key` is the rest, and with this value; none if
    /// it is of another kind, or is none at all.
    pub(in crate::group) fn decode(
        version: i16,
        key: &mut reader::Reader,
        value: Option<&Bytes>,
    ) -> Option<(GroupId, Self)> {
        let group = GroupId(key.string()?);
        let record = match version {
            MEMBER_KEY => {
                let id = MemberId(key.string()?);
                Self::Member(id, read_untagged(value, read_subscription)?)
            }
            GROUP_KEY => Self::Epoch(read_untagged(value, |reader| {
                Ok((Generation(reader.i32()?), reader.i64()?))
            })?),
            ASSIGNMENT_KEY => {
                Self::Assignment(read_untagged(value, |reader| reader.i32().map(Generation))?)
            }
            TARGET_KEY => {
                let id = MemberId(key.string()?);
                Self::Target(id, read_untagged(value, read_partitions)?)
            }
            CURRENT_KEY => {
                let id = MemberId(key.string()?);
                let current = read_untagged(value, |reader| {
                    let (epoch, previous) = (reader.i32()?, reader.i32()?);
                    reader.i8()?;
                    Ok((Generation(epoch), Generation(previous), read_partitions(reader)?))
                })?;
                Self::Current(id, current)
            }
            PARTITIONS_KEY => Self::Partitions(read_untagged(value, |reader| {
                let initializing = read_topics(reader)?;
                let initialized = read_topics(reader)?;
                reader.list(|reader| {
                    reader.uuid()?;
                    reader.string()?;
                    reader.tagged(|_, _| Ok(()))
                })?;
                Ok(StatePartitions { initializing, initialized })
            })?),
            _ => return None,
        };
        Some((group, record))
    }
}

impl StatePartitions {
    pub(super) fn by_id(topics: &[(TopicId, TopicName, BTreeSet<i32>)]) -> Partitions {
        topics.iter().map(|(topic, _, own)| (*topic, own.clone())).collect()
    }
}

fn read_topics(
    reader: &mut Reader<'_>,
) -> Result<Vec<(TopicId, TopicName, BTreeSet<i32>)>, DecodeError> {
    reader.list(|reader| {
        let (topic, name) = (TopicId(reader.uuid()?), TopicName(reader.string()?));
        let own = reader.list(Reader::i32)?;
        reader.tagged(|_, _| Ok(()))?;
        Ok((topic, name, own.into_iter().collect()))
    })
}

fn read_subscription(reader: &mut Reader<'_>) -> Result<Subscription, DecodeError> {
    Ok(Subscription {
        rack: reader.nullable_string()?,
        client_id: reader.string()?,
        client_host: reader.string()?,
        topics: reader.list(|reader| reader.string().map(TopicName))?.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::records::GroupRecord;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let id = MemberId::from("m");
        let own = Partitions::from([(TopicId(7), BTreeSet::from([0, 2]))]);
        let subscription = Subscription {
            rack: Some("a".into()),
            client_id: "c".into(),
            client_host: "/10.0.0.1".into(),
            topics: [TopicName::from("orders")].into(),
        };
        let topics = vec![(TopicId(7), TopicName::from("orders"), BTreeSet::from([0]))];
        let partitions = StatePartitions { initializing: Vec::new(), initialized: topics };
        for record in [
            ShareGroupRecord::Epoch(Some((Generation(3), -5))),
            ShareGroupRecord::Epoch(None),
            ShareGroupRecord::Member(id.clone(), Some(subscription)),
            ShareGroupRecord::Assignment(Some(Generation(3))),
            ShareGroupRecord::Target(id.clone(), Some(own.clone())),
            ShareGroupRecord::Current(id, Some((Generation(3), Generation(2), own))),
            ShareGroupRecord::Partitions(Some(partitions)),
        ] {
            let record = GroupRecord::Share { group: GroupId::from("g"), record };
            let (key, value) = record.encode();
            assert_eq!(GroupRecord::decode(&key, value.as_ref()), Some(record));
        }
    }
}
