//! Reads Kafka's primitive types from bytes that nobody vouches for. Nothing is allocated for a
//! count before what it counts has been read.

use std::sync::Arc;

use bytes::{Buf, Bytes};

/// The rest of what is to be read. Every method gives nothing if too little is left, or what is
/// there cannot be what is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    rest: Bytes,
}

impl Reader {
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn i16(&mut self) -> Option<i16> {
        (self.rest.len() >= 2).then(|| self.rest.get_i16())
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        (self.rest.len() >= 4).then(|| self.rest.get_i32())
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        (self.rest.len() >= 8).then(|| self.rest.get_i64())
    }

    /// A string behind its length in 16 bits.
    pub(crate) fn string(&mut self) -> Option<Arc<str>> {
        let length = self.i16()?;
        self.text(length)
    }

    /// A string behind its length in 16 bits; none inside if the length is -1.
    pub(crate) fn nullable_string(&mut self) -> Option<Option<Arc<str>>> {
        match self.i16()? {
            -1 => Some(None),
            length => self.text(length).map(Some),
        }
    }

    /// Bytes behind their length in 32 bits.
    pub(crate) fn bytes(&mut self) -> Option<Bytes> {
        let length = self.i32()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// What `item` reads, as often as the count in 32 bits says.
    pub(crate) fn array<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = u32::try_from(self.i32()?).ok()?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(item(self)?);
        }
        Some(items)
    }

    fn text(&mut self, length: i16) -> Option<Arc<str>> {
        let bytes = self.take(usize::try_from(length).ok()?)?;
        std::str::from_utf8(&bytes).ok().map(Arc::from)
    }

    fn take(&mut self, length: usize) -> Option<Bytes> {
        (self.rest.len() >= length).then(|| self.rest.split_to(length))
    }
}
