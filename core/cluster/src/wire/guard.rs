//! A look at a message's counts before it is decoded.
//!
//! The decoder of the message crate reserves memory for as many elements as an array says that it has,
//! before it reads any: a few bytes from a stranger could ask for all the memory there is. So each
//! message is first decoded from this buffer, which tells no number that the rest of the message could
//! not hold. Every element takes a byte at least: if that goes well, all counts are honest.

use bytes::{Buf, Bytes, TryGetError};
use kafka_protocol::protocol::buf::{ByteBuf, NotEnoughBytesError};

/// A message that is looked through.
pub(super) struct Guarded {
    rest: Bytes,
}

impl Guarded {
    pub(super) fn new(message: Bytes) -> Self {
        Self { rest: message }
    }

    /// The unsigned varint that stands here; none if the bytes end within it.
    fn varint(&self) -> Option<u64> {
        let mut value = 0;
        for (place, byte) in self.rest.iter().take(5).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
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

    /// A number that may be a count. If it is one and more than the rest could hold, one more than that
    /// is told: reading so many elements fails.
    fn try_get_i32(&mut self) -> Result<i32, TryGetError> {
        let number = self.rest.try_get_i32()?;
        Ok(number.min(i32::try_from(self.rest.len() + 1).unwrap_or(i32::MAX)))
    }

    /// A byte that may begin a count of several bytes. No other number of a request is that large.
    fn try_get_u8(&mut self) -> Result<u8, TryGetError> {
        let is_honest = |value| value <= self.rest.len() as u64 + 1;
        if self.rest.first().is_some_and(|byte| byte & 0x80 != 0)
            && !self.varint().is_some_and(is_honest)
        {
            return Err(Self::too_short());
        }
        self.rest.try_get_u8()
    }
}

impl ByteBuf for Guarded {
    fn peek_bytes(&mut self, range: std::ops::Range<usize>) -> Bytes {
        self.rest.slice(range)
    }

    fn get_bytes(&mut self, size: usize) -> Bytes {
        self.rest.split_to(size)
    }

    fn try_get_bytes(&mut self, size: usize) -> Result<Bytes, NotEnoughBytesError> {
        if self.rest.len() < size { Err(NotEnoughBytesError) } else { Ok(self.rest.split_to(size)) }
    }
}
