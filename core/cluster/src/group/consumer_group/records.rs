//! The records of `__consumer_offsets` that tell of groups of the consumer protocol, in the bytes in
//! which Kafka writes them: keys with plain lengths, values in the flexible encoding.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use highwater_log::TimestampMs;

use crate::event::MemberState;
use crate::group::consumer_group::{Assigned, ClassicSide, ConsumerGroup, ConsumerMember};
use crate::group::identity;
use crate::group::reader;
use crate::group::record_bytes::{
    VALUE_VERSION, key, read, read_partitions, read_untagged, write_partitions,
};
use crate::group::server_assignor::Partitions;
use crate::ids::{Generation, GroupId, MemberId, TopicId, TopicName};
use crate::metadata::DecodeError;
use crate::metadata::wire::{Reader, Tagged, Writer};

const GROUP_KEY: i16 = 3;
const MEMBER_KEY: i16 = 5;
const ASSIGNMENT_KEY: i16 = 6;
const TARGET_KEY: i16 = 7;
const CURRENT_KEY: i16 = 8;

/// A record of a group; without a value, what the key names is gone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ConsumerRecord {
    /// `ConsumerGroupMetadata`: the group epoch and the hash of the topics.
    Epoch(Option<(Generation, i64)>),
    /// `ConsumerGroupMemberMetadata`.
    Member(MemberId, Option<Box<Subscription>>),
    /// `ConsumerGroupTargetAssignmentMetadata`: the epoch of the target assignment, and its time.
    Assignment(Option<(Generation, Option<TimestampMs>)>),
    /// `ConsumerGroupTargetAssignmentMember`.
    Target(MemberId, Option<Partitions>),
    /// `ConsumerGroupCurrentMemberAssignment`.
    Current(MemberId, Option<CurrentAssignment>),
}

/// What a member says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Subscription {
    pub(super) instance: Option<Arc<str>>,
    pub(super) rack: Option<Arc<str>>,
    pub(super) client_id: Arc<str>,
    pub(super) client_host: Arc<str>,
    pub(super) topics: BTreeSet<TopicName>,
    pub(super) regex: Arc<str>,
    pub(super) rebalance_timeout_ms: i32,
    pub(super) assignor: Option<Arc<str>>,
    pub(super) classic: Option<ClassicSide>,
}

/// How far a member has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CurrentAssignment {
    pub(super) epoch: Generation,
    pub(super) previous_epoch: Generation,
    pub(super) state: MemberState,
    pub(super) assigned: Assigned,
    pub(super) revoking: Assigned,
}

impl ConsumerRecord {
    pub(super) fn epoch(group: &ConsumerGroup) -> Self {
        Self::Epoch(Some((group.epoch, group.metadata_hash)))
    }

    pub(super) fn assignment(group: &ConsumerGroup) -> Self {
        Self::Assignment(Some((group.assignment_epoch, group.assigned_at)))
    }

    pub(super) fn member(member: &ConsumerMember) -> Self {
        let subscription = Subscription {
            instance: member.instance.clone(),
            rack: member.rack.clone(),
            client_id: member.client_id.clone(),
            client_host: identity::host_of_node(member.client),
            topics: member.topics.clone(),
            regex: member.regex.clone(),
            rebalance_timeout_ms: member.rebalance_timeout_ms,
            assignor: member.assignor.clone(),
            classic: member.classic.clone(),
        };
        Self::Member(member.id.clone(), Some(Box::new(subscription)))
    }

    pub(super) fn current(member: &ConsumerMember) -> Self {
        Self::Current(member.id.clone(), Some(CurrentAssignment::of(member)))
    }

    pub(in crate::group) fn is_tombstone(&self) -> bool {
        matches!(
            self,
            Self::Epoch(None)
                | Self::Member(_, None)
                | Self::Assignment(None)
                | Self::Target(_, None)
                | Self::Current(_, None)
        )
    }

    /// The key and the value of the record.
    pub(in crate::group) fn encode(&self, group: &GroupId) -> (Bytes, Option<Bytes>) {
        let (version, member) = match self {
            Self::Epoch(_) => (GROUP_KEY, None),
            Self::Member(id, _) => (MEMBER_KEY, Some(id)),
            Self::Assignment(_) => (ASSIGNMENT_KEY, None),
            Self::Target(id, _) => (TARGET_KEY, Some(id)),
            Self::Current(id, _) => (CURRENT_KEY, Some(id)),
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
                let mut tagged = Tagged::default();
                if *hash != 0 {
                    tagged.add(0, |writer| writer.i64(*hash));
                }
                writer.tagged(tagged);
            }
            Self::Member(_, value) => value.as_ref()?.encode(&mut writer),
            Self::Assignment(value) => {
                let (epoch, at) = value.as_ref()?;
                writer.i32(epoch.0);
                let mut tagged = Tagged::default();
                if let Some(at) = at {
                    tagged.add(0, |writer| writer.i64(at.0));
                }
                writer.tagged(tagged);
            }
            Self::Target(_, value) => {
                write_partitions(&mut writer, value.as_ref()?);
                writer.no_tagged();
            }
            Self::Current(_, value) => value.as_ref()?.encode(&mut writer),
        }
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
            GROUP_KEY => Self::Epoch(read(value, |reader| {
                let epoch = Generation(reader.i32()?);
                Ok((epoch, tagged_number(reader)?.unwrap_or_default()))
            })?),
            MEMBER_KEY => {
                let id = MemberId(key.string()?);
                Self::Member(id, read(value, Subscription::decode)?.map(Box::new))
            }
            ASSIGNMENT_KEY => Self::Assignment(read(value, |reader| {
                let epoch = Generation(reader.i32()?);
                Ok((epoch, tagged_number(reader)?.map(TimestampMs)))
            })?),
            TARGET_KEY => {
                let id = MemberId(key.string()?);
                Self::Target(id, read_untagged(value, read_partitions)?)
            }
            CURRENT_KEY => {
                let id = MemberId(key.string()?);
                Self::Current(id, read(value, CurrentAssignment::decode)?)
            }
            _ => return None,
        };
        Some((group, record))
    }
}

impl Subscription {
    fn encode(&self, writer: &mut Writer) {
        let topics: Vec<&TopicName> = self.topics.iter().collect();
        writer.nullable_string(self.instance.as_deref());
        writer.nullable_string(self.rack.as_deref());
        writer.string(&self.client_id);
        writer.string(&self.client_host);
        writer.list(&topics, |writer, topic| writer.string(topic.as_str()));
        writer.nullable_string(Some(&self.regex));
        writer.i32(self.rebalance_timeout_ms);
        writer.nullable_string(self.assignor.as_deref());
        let mut tagged = Tagged::default();
        if let Some(classic) = &self.classic {
            // A struct that may be null has a byte before it that says that it is there.
            tagged.add(0, |writer| {
                writer.i8(1);
                writer.i32(classic.session_timeout_ms);
                writer.list(&classic.protocols, |writer, (name, metadata)| {
                    writer.string(name);
                    let bytes: Vec<u8> = metadata.to_vec();
                    writer.list(&bytes, |writer, byte| writer.i8(byte.cast_signed()));
                    writer.no_tagged();
                });
                writer.no_tagged();
            });
        }
        writer.tagged(tagged);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut subscription = Self {
            instance: reader.nullable_string()?,
            rack: reader.nullable_string()?,
            client_id: reader.string()?,
            client_host: reader.string()?,
            topics: reader.list(|reader| reader.string().map(TopicName))?.into_iter().collect(),
            regex: reader.nullable_string()?.unwrap_or_else(|| "".into()),
            rebalance_timeout_ms: reader.i32()?,
            assignor: reader.nullable_string()?,
            classic: None,
        };
        reader.tagged(|tag, field| {
            if tag == 0 && field.i8()? == 1 {
                let session_timeout_ms = field.i32()?;
                let protocols = field.list(|field| {
                    let name = field.string()?;
                    let bytes = field.list(|field| field.i8().map(i8::cast_unsigned))?;
                    field.tagged(|_, _| Ok(()))?;
                    Ok((name, Bytes::from(bytes)))
                })?;
                subscription.classic = Some(ClassicSide { session_timeout_ms, protocols });
            }
            Ok(())
        })?;
        Ok(subscription)
    }
}

impl CurrentAssignment {
    pub(super) fn of(member: &ConsumerMember) -> Self {
        Self {
            epoch: member.epoch,
            previous_epoch: member.previous_epoch,
            state: member.state,
            assigned: member.assigned.clone(),
            revoking: member.revoking.clone(),
        }
    }

    fn encode(&self, writer: &mut Writer) {
        writer.i32(self.epoch.0);
        writer.i32(self.previous_epoch.0);
        writer.i8(match self.state {
            MemberState::Stable => 0,
            MemberState::UnrevokedPartitions => 1,
            MemberState::UnreleasedPartitions => 2,
        });
        for assigned in [&self.assigned, &self.revoking] {
            let topics: Vec<_> = assigned.iter().collect();
            writer.list(&topics, |writer, (topic, own)| {
                let (indexes, epochs): (Vec<i32>, Vec<Generation>) =
                    own.iter().map(|(index, epoch)| (*index, *epoch)).unzip();
                writer.uuid(topic.0);
                writer.list(&indexes, |writer, index| writer.i32(*index));
                let mut tagged = Tagged::default();
                tagged.add(0, |writer| writer.list(&epochs, |writer, epoch| writer.i32(epoch.0)));
                writer.tagged(tagged);
            });
        }
        writer.no_tagged();
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let epoch = Generation(reader.i32()?);
        let previous_epoch = Generation(reader.i32()?);
        let state = match reader.i8()? {
            0 => MemberState::Stable,
            1 => MemberState::UnrevokedPartitions,
            2 => MemberState::UnreleasedPartitions,
            _ => return Err(DecodeError::InvalidValue("no state of a member")),
        };
        let assigned = read_assigned(reader, epoch)?;
        let revoking = read_assigned(reader, epoch)?;
        reader.tagged(|_, _| Ok(()))?;
        Ok(Self { epoch, previous_epoch, state, assigned, revoking })
    }
}

/// Before KIP-1251 no epochs stood beside the partitions: those of the member do.
fn read_assigned(reader: &mut Reader<'_>, epoch: Generation) -> Result<Assigned, DecodeError> {
    let topics = reader.list(|reader| {
        let topic = TopicId(reader.uuid()?);
        let indexes = reader.list(Reader::i32)?;
        let mut epochs = Vec::new();
        reader.tagged(|tag, field| {
            if tag == 0 {
                epochs = field.list(Reader::i32)?;
            }
            Ok(())
        })?;
        let epochs = epochs.into_iter().map(Generation).chain(std::iter::repeat(epoch));
        Ok((topic, indexes.into_iter().zip(epochs).collect()))
    })?;
    Ok(topics.into_iter().collect())
}

/// The number in the tagged field 0, if it is there.
fn tagged_number(reader: &mut Reader<'_>) -> Result<Option<i64>, DecodeError> {
    let mut number = None;
    reader.tagged(|tag, field| {
        if tag == 0 {
            number = Some(field.i64()?);
        }
        Ok(())
    })?;
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::records::GroupRecord;

    /// The bytes are those of Kafka's schemas, put together by hand, and are read as what they are.
    fn check(record: ConsumerRecord, key: &[u8], value: &[u8]) {
        let record = GroupRecord::Consumer { group: GroupId::from("g"), record };
        let (written_key, written) = record.encode();
        assert_eq!((&written_key[..], written.as_deref()), (key, Some(value)), "{record:?}");
        assert_eq!(GroupRecord::decode(&written_key, written.as_ref()), Some(record));
        for length in 0..value.len() {
            let cut = Bytes::copy_from_slice(&value[..length]);
            assert_eq!(GroupRecord::decode(&written_key, Some(&cut)), None, "cut at {length}");
        }
    }

    #[test]
    fn records_are_kafkas() {
        let id = MemberId::from("m");
        let topic = TopicId(1);
        let topic_bytes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        check(
            ConsumerRecord::Epoch(Some((Generation(2), 0))),
            &[0, 3, 0, 1, b'g'],
            &[0, 0, 0, 0, 0, 2, 0],
        );
        check(
            ConsumerRecord::Epoch(Some((Generation(2), 7))),
            &[0, 3, 0, 1, b'g'],
            &[0, 0, 0, 0, 0, 2, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7],
        );
        check(
            ConsumerRecord::Assignment(Some((Generation(2), None))),
            &[0, 6, 0, 1, b'g'],
            &[0, 0, 0, 0, 0, 2, 0],
        );
        let target = Partitions::from([(topic, BTreeSet::from([3]))]);
        let value = [&[0, 0, 2][..], &topic_bytes, &[2, 0, 0, 0, 3, 0, 0]].concat();
        check(
            ConsumerRecord::Target(id.clone(), Some(target)),
            &[0, 7, 0, 1, b'g', 0, 1, b'm'],
            &value,
        );
        let current = CurrentAssignment {
            epoch: Generation(3),
            previous_epoch: Generation(2),
            state: MemberState::UnreleasedPartitions,
            assigned: Assigned::from([(topic, [(3, Generation(2))].into())]),
            revoking: Assigned::new(),
        };
        let epochs = [1, 0, 5, 2, 0, 0, 0, 2];
        let head = [0, 0, 0, 0, 0, 3, 0, 0, 0, 2, 2, 2];
        let value = [&head[..], &topic_bytes, &[2, 0, 0, 0, 3], &epochs, &[1, 0]].concat();
        check(
            ConsumerRecord::Current(id.clone(), Some(current)),
            &[0, 8, 0, 1, b'g', 0, 1, b'm'],
            &value,
        );
        let subscription = Subscription {
            instance: None,
            rack: None,
            client_id: "c".into(),
            client_host: "/".into(),
            topics: BTreeSet::from([TopicName::from("t")]),
            regex: "".into(),
            rebalance_timeout_ms: 5,
            assignor: None,
            classic: Some(ClassicSide {
                session_timeout_ms: 6,
                protocols: vec![("r".into(), Bytes::from_static(b"x"))],
            }),
        };
        let plain = [0, 0, 0, 0, 2, b'c', 2, b'/', 2, 2, b't', 1, 0, 0, 0, 5, 0];
        let classic = [1, 0, 12, 1, 0, 0, 0, 6, 2, 2, b'r', 2, b'x', 0, 0];
        check(
            ConsumerRecord::Member(id, Some(Box::new(subscription))),
            &[0, 5, 0, 1, b'g', 0, 1, b'm'],
            &[&plain[..], &classic].concat(),
        );
    }
}
