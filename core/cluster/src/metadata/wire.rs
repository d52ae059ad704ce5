//! Kafka's flexible encoding, as far as metadata records use it: numbers in network order, compact
//! strings and arrays, uuids, tagged fields.

use std::sync::Arc;

use highwater_log::varint::{read_unsigned_varint, write_unsigned_varint};

use crate::ids::BrokerId;
use crate::metadata::record::DecodeError;

/// Reads fields off the front of some bytes. Never trusts a length that it finds there.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

/// Appends fields.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

/// The tagged fields at the end of a struct, in ascending order of their tags.
#[derive(Debug, Default)]
pub(crate) struct Tagged {
    fields: Vec<(u32, Vec<u8>)>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn unsigned_varint(&mut self) -> Result<u32, DecodeError> {
        read_unsigned_varint(&mut self.rest).ok_or(DecodeError::Truncated)
    }

    pub(crate) fn bool(&mut self) -> Result<bool, DecodeError> {
        Ok(self.i8()? != 0)
    }

    pub(crate) fn i8(&mut self) -> Result<i8, DecodeError> {
        Ok(i8::from_be_bytes(self.array()?))
    }

    pub(crate) fn i16(&mut self) -> Result<i16, DecodeError> {
        Ok(i16::from_be_bytes(self.array()?))
    }

    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(crate) fn i32(&mut self) -> Result<i32, DecodeError> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    pub(crate) fn i64(&mut self) -> Result<i64, DecodeError> {
        Ok(i64::from_be_bytes(self.array()?))
    }

    pub(crate) fn uuid(&mut self) -> Result<u128, DecodeError> {
        Ok(u128::from_be_bytes(self.array()?))
    }

    pub(crate) fn string(&mut self) -> Result<Arc<str>, DecodeError> {
        self.nullable_string()?.ok_or(DecodeError::InvalidValue("null where a string is required"))
    }

    pub(crate) fn nullable_string(&mut self) -> Result<Option<Arc<str>>, DecodeError> {
        let Some(length) = self.length()? else { return Ok(None) };
        let text = std::str::from_utf8(self.take(length)?);
        text.map(|text| Some(Arc::from(text))).map_err(|_| DecodeError::InvalidUtf8)
    }

    pub(crate) fn list<T>(
        &mut self,
        item: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        self.nullable_list(item)?.ok_or(DecodeError::InvalidValue("null where a list is required"))
    }

    pub(crate) fn nullable_list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<Vec<T>>, DecodeError> {
        let Some(length) = self.length()? else { return Ok(None) };
        // Every item takes a byte at least: what is longer than that is no list, and is not
        // allocated for.
        if length > self.remaining() {
            return Err(DecodeError::Truncated);
        }
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(item(self)?);
        }
        Ok(Some(items))
    }

    pub(crate) fn brokers(&mut self) -> Result<Vec<BrokerId>, DecodeError> {
        self.list(|reader| reader.i32().map(BrokerId))
    }

    pub(crate) fn nullable_brokers(&mut self) -> Result<Option<Vec<BrokerId>>, DecodeError> {
        self.nullable_list(|reader| reader.i32().map(BrokerId))
    }

    /// Hands each tagged field to `field`, which reads what it knows; the rest is skipped.
    pub(crate) fn tagged(
        &mut self,
        mut field: impl FnMut(u32, &mut Reader<'a>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        for _ in 0..self.unsigned_varint()? {
            let tag = self.unsigned_varint()?;
            let size = self.unsigned_varint()?;
            let size = usize::try_from(size).map_err(|_| DecodeError::Truncated)?;
            field(tag, &mut Reader::new(self.take(size)?))?;
        }
        Ok(())
    }

    /// A compact length: one more than it means, or zero for null.
    fn length(&mut self) -> Result<Option<usize>, DecodeError> {
        let length = self.unsigned_varint()?.checked_sub(1);
        length.map(|length| usize::try_from(length).map_err(|_| DecodeError::Truncated)).transpose()
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }
}

impl Writer {
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn unsigned_varint(&mut self, value: u32) {
        write_unsigned_varint(&mut self.bytes, value);
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.i8(i8::from(value));
    }

    pub(crate) fn i8(&mut self, value: i8) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub(crate) fn i16(&mut self, value: i16) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub(crate) fn i32(&mut self, value: i32) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub(crate) fn i64(&mut self, value: i64) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub(crate) fn uuid(&mut self, value: u128) {
        self.bytes.extend(value.to_be_bytes());
    }

    pub(crate) fn string(&mut self, value: &str) {
        self.length(value.len());
        self.bytes.extend(value.as_bytes());
    }

    pub(crate) fn nullable_string(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.string(value),
            None => self.unsigned_varint(0),
        }
    }

    pub(crate) fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.length(items.len());
        for each in items {
            item(self, each);
        }
    }

    pub(crate) fn brokers(&mut self, brokers: &[BrokerId]) {
        self.list(brokers, |writer, broker| writer.i32(broker.0));
    }

    pub(crate) fn uuids(&mut self, uuids: &[u128]) {
        self.list(uuids, |writer, uuid| writer.uuid(*uuid));
    }

    pub(crate) fn tagged(&mut self, tagged: Tagged) {
        self.unsigned_varint(narrow(tagged.fields.len()));
        for (tag, field) in tagged.fields {
            self.unsigned_varint(tag);
            self.unsigned_varint(narrow(field.len()));
            self.bytes.extend(field);
        }
    }

    pub(crate) fn no_tagged(&mut self) {
        self.unsigned_varint(0);
    }

    fn length(&mut self, length: usize) {
        self.unsigned_varint(narrow(length) + 1);
    }
}

impl Tagged {
    /// Adds a field. Tags are added in ascending order.
    pub(crate) fn add(&mut self, tag: u32, write: impl FnOnce(&mut Writer)) {
        assert!(self.fields.last().is_none_or(|(last, _)| *last < tag), "tags ascend");
        let mut writer = Writer::default();
        write(&mut writer);
        self.fields.push((tag, writer.finish()));
    }

    /// Adds a list of brokers, if there is one.
    pub(crate) fn add_brokers(&mut self, tag: u32, brokers: Option<&[BrokerId]>) {
        if let Some(brokers) = brokers {
            self.add(tag, |writer| writer.brokers(brokers));
        }
    }
}

fn narrow(length: usize) -> u32 {
    u32::try_from(length).expect("a metadata record is far shorter than 4 GiB")
}
