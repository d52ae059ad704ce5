//! What the records of the coordinator's groups have in common in bytes: keys with plain lengths, values in the
//! flexible encoding behind their version.

use bytes::{BufMut, Bytes, BytesMut};

use crate::group::server_assignor::Partitions;
use crate::ids::{GroupId, MemberId, TopicId};
use crate::metadata::DecodeError;
use crate::metadata::wire::{Reader, Writer};

/// The version of all values.
pub(super) const VALUE_VERSION: i16 = 0;

/// The key of a record of a group, or of one of its members.
pub(super) fn key(version: i16, group: &GroupId, member: Option<&MemberId>) -> Bytes {
    let mut key = BytesMut::new();
    key.put_i16(version);
    for text in [group.as_str()].into_iter().chain(member.map(MemberId::as_str)) {
        key.put_i16(i16::try_from(text.len()).expect("ids were checked to fit"));
        key.put_slice(text.as_bytes());
    }
    key.freeze()
}

/// The value, which may be absent; none if it is there and cannot be read.
pub(super) fn read<T>(
    value: Option<&Bytes>,
    decode: impl FnOnce(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Option<Option<T>> {
    let Some(value) = value else { return Some(None) };
    let mut reader = Reader::new(value);
    if reader.i16().ok()? != VALUE_VERSION {
        return None;
    }
    let decoded = decode(&mut reader).ok()?;
    (reader.remaining() == 0).then_some(Some(decoded))
}

/// The same of a value that ends with tagged fields of which none is known.
pub(super) fn read_untagged<T>(
    value: Option<&Bytes>,
    decode: impl FnOnce(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Option<Option<T>> {
    read(value, |reader| {
        let decoded = decode(reader)?;
        reader.tagged(|_, _| Ok(()))?;
        Ok(decoded)
    })
}

/// Partitions by topic.
pub(super) fn write_partitions(writer: &mut Writer, partitions: &Partitions) {
    let topics: Vec<_> = partitions.iter().collect();
    writer.list(&topics, |writer, (topic, own)| {
        let own: Vec<i32> = own.iter().copied().collect();
        writer.uuid(topic.0);
        writer.list(&own, |writer, index| writer.i32(*index));
        writer.no_tagged();
    });
}

/// What [`write_partitions`] writes.
pub(super) fn read_partitions(reader: &mut Reader<'_>) -> Result<Partitions, DecodeError> {
    let topics = reader.list(|reader| {
        let topic = TopicId(reader.uuid()?);
        let own = reader.list(Reader::i32)?;
        reader.tagged(|_, _| Ok(()))?;
        Ok((topic, own.into_iter().collect()))
    })?;
    Ok(topics.into_iter().collect())
}
