//! A look at a message's counts before it is decoded.
//!
//! The decoder of the message crate reserves memory for as many elements as an array says that it has,
//! before it reads any: a few bytes from a stranger could ask for all the memory there is. So each
//! message is first decoded from this buffer, which tells no number that the rest of the message could
//! not hold. Every element takes a byte at least: if that goes well, all counts are honest.
//!
//! An honest count can still be too much: an element of a byte or two becomes a hundred and more in
//! memory, and a frame may have 100 MiB. So a message has at most [`MOST_NUMBERS`] numbers, counts and
//! lengths among them. Only records are long, and they are taken as they are.

use std::ops::Range;

use bytes::{Buf, Bytes, TryGetError};
use kafka_protocol::protocol::buf::{ByteBuf, NotEnoughBytesError};

/// How many numbers a message may have: far more than an offset of each partition that a world can hold.
const MOST_NUMBERS: usize = 1 << 18;

/// The largest unsigned varint that is told, in its bytes: one more than [`MOST_NUMBERS`], as a count of
/// so many elements is written.
const LARGEST_TOLD: [u8; 3] = [0x81, 0x80, (MOST_NUMBERS >> 14) as u8];

/// A message that is looked through.
pub(super) struct Guarded {
    rest: Bytes,
    /// How many numbers may yet be read.
    left: usize,
    /// The number that was read last, if a smaller one was told.
    clipped: Option<usize>,
    /// What is still to be told of a varint, instead of what stood there.
    telling: &'static [u8],
}

impl Guarded {
    pub(super) fn new(message: Bytes) -> Self {
        Self { rest: message, left: MOST_NUMBERS, clipped: None, telling: &[] }
    }

    /// A number is read: none if there were too many.
    fn number(&mut self) -> Result<(), TryGetError> {
        self.clipped = None;
        self.left = self.left.checked_sub(1).ok_or(Self::too_short())?;
        Ok(())
    }

    /// The unsigned varint that stands here, and its length; none if the bytes end within it.
    fn varint(&self) -> Option<(usize, usize)> {
        let mut value = 0;
        for (place, byte) in self.rest.iter().take(5).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Some((usize::try_from(value).ok()?, place + 1));
            }
        }
        None
    }

    /// How long the bytes are that are asked for: as long as their length said, whatever was told of it.
    /// A length is told as it is, as one more than it is, or in the size of a field with a tag.
    fn size(&mut self, asked: usize) -> usize {
        match self.clipped.take() {
            Some(real) if asked == MOST_NUMBERS => real,
            Some(real) if asked == MOST_NUMBERS + 1 => real + 1,
            _ => asked,
        }
    }

    fn too_short() -> TryGetError {
        TryGetError { requested: usize::MAX, available: 0 }
    }
}

impl Buf for Guarded {
    fn remaining(&self) -> usize {
        self.rest.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.rest.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.rest.advance(count);
    }

    fn try_get_i16(&mut self) -> Result<i16, TryGetError> {
        self.number()?;
        self.rest.try_get_i16()
    }

    /// A number that may be a count. If it is one and more than the rest could hold, one more than that
    /// is told: reading so many elements fails.
    fn try_get_i32(&mut self) -> Result<i32, TryGetError> {
        self.number()?;
        let number = self.rest.try_get_i32()?;
        let Ok(count) = usize::try_from(number) else { return Ok(number) };
        if count > MOST_NUMBERS && count <= self.rest.len() {
            self.clipped = Some(count);
        }
        let told = count.min(self.rest.len() + 1).min(MOST_NUMBERS);
        Ok(i32::try_from(told).unwrap_or(i32::MAX))
    }

    /// A byte that may begin a count of several bytes. No other number of a request is that large.
    fn try_get_u8(&mut self) -> Result<u8, TryGetError> {
        if let Some((first, rest)) = self.telling.split_first() {
            self.telling = rest;
            return Ok(*first);
        }
        self.number()?;
        if self.rest.first().is_some_and(|byte| byte & 0x80 != 0) {
            let honest = self.varint().filter(|(value, _)| *value <= self.rest.len() + 1);
            let (value, length) = honest.ok_or(Self::too_short())?;
            if value > MOST_NUMBERS + 1 {
                self.rest.advance(length);
                self.clipped = Some(value - 1);
                self.telling = &LARGEST_TOLD[1..];
                return Ok(LARGEST_TOLD[0]);
            }
        }
        self.rest.try_get_u8()
    }
}

impl ByteBuf for Guarded {
    fn peek_bytes(&mut self, range: Range<usize>) -> Bytes {
        self.rest.slice(range)
    }

    fn get_bytes(&mut self, size: usize) -> Bytes {
        let size = self.size(size);
        self.rest.split_to(size)
    }

    fn try_get_bytes(&mut self, size: usize) -> Result<Bytes, NotEnoughBytesError> {
        let size = self.size(size);
        if self.rest.len() < size { Err(NotEnoughBytesError) } else { Ok(self.rest.split_to(size)) }
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use kafka_protocol::messages as kafka;
    use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
    use kafka_protocol::protocol::Encodable;

    use super::*;
    use crate::wire::decode::decode_guarded;

    /// Records are as long as they are, also where more than so many numbers would be too many.
    #[test]
    fn long_records_are_taken() {
        for size in [0, 100, MOST_NUMBERS - 1, MOST_NUMBERS, MOST_NUMBERS + 1, 5 << 20] {
            for version in 3..=12 {
                let part = PartitionProduceData::default().with_records(Some(vec![7; size].into()));
                let parts = vec![part.clone(), part.with_index(1)];
                let topic = TopicProduceData::default().with_partition_data(parts);
                let request = kafka::ProduceRequest::default().with_topic_data(vec![topic]);
                let mut bytes = BytesMut::new();
                request.encode(&mut bytes, version).expect("it is written");
                let mut bytes = bytes.freeze();
                let read: Option<kafka::ProduceRequest> = decode_guarded(&mut bytes, version);
                assert!(read == Some(request), "{size} bytes, version {version}");
            }
        }
    }

    #[test]
    fn many_elements_are_taken_and_too_many_are_not() {
        let check = |count: usize, is_taken| {
            for version in [1, 9] {
                let topic = kafka::metadata_request::MetadataRequestTopic::default();
                let topics = vec![topic.with_name(Some(kafka::TopicName::default())); count];
                let request = kafka::MetadataRequest::default().with_topics(Some(topics));
                let mut bytes = BytesMut::new();
                request.encode(&mut bytes, version).expect("it is written");
                let read: Option<kafka::MetadataRequest> =
                    decode_guarded(&mut bytes.freeze(), version);
                assert_eq!(read.is_some(), is_taken, "{count} topics, version {version}");
            }
        };
        check(20_000, true);
        check(100_000, true);
        check(MOST_NUMBERS, false);
        check(4 * MOST_NUMBERS, false);
    }
}
