//! Records about topics and settings.

use std::sync::Arc;

use super::DecodeError;
use crate::ids::{TopicId, TopicName};
use crate::metadata::wire::{Reader, Writer};

/// A topic was created. `TopicRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicRecord {
    /// Its name.
    pub name: TopicName,
    /// Its id.
    pub topic_id: TopicId,
}

/// A topic was deleted, with its partitions and settings. `RemoveTopicRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoveTopicRecord {
    /// Its id.
    pub topic_id: TopicId,
}

/// The eligible leader replicas are forgotten: `min.insync.replicas` has changed, by which they were
/// eligible (KIP-966). `ClearElrRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClearElrRecord {
    /// The topic; none for all.
    pub topic: Option<TopicName>,
}

/// A setting was given or taken away. `ConfigRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigRecord {
    /// What kind of thing it is a setting of.
    pub resource_type: ConfigResourceType,
    /// The name of that thing.
    pub resource_name: Arc<str>,
    /// The setting's name.
    pub name: Arc<str>,
    /// Its value; none if it is taken away.
    pub value: Option<Arc<str>>,
}

/// What a setting is a setting of, by Kafka's number. `ConfigResource.Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigResourceType(pub i8);

impl ConfigResourceType {
    /// A topic.
    pub const TOPIC: Self = Self(2);
    /// A broker, or all of them if the name is empty.
    pub const BROKER: Self = Self(4);
    /// A group.
    pub const GROUP: Self = Self(32);
}

impl TopicRecord {
    pub(super) fn version(&self) -> u32 {
        0
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        out.string(self.name.as_str());
        out.uuid(self.topic_id.0);
        out.no_tagged();
    }

    pub(super) fn read(input: &mut Reader<'_>, _version: u32) -> Result<Self, DecodeError> {
        let record = Self { name: TopicName(input.string()?), topic_id: TopicId(input.uuid()?) };
        input.tagged(|_, _| Ok(()))?;
        Ok(record)
    }
}

impl RemoveTopicRecord {
    pub(super) fn version(&self) -> u32 {
        0
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        out.uuid(self.topic_id.0);
        out.no_tagged();
    }

    pub(super) fn read(input: &mut Reader<'_>, _version: u32) -> Result<Self, DecodeError> {
        let record = Self { topic_id: TopicId(input.uuid()?) };
        input.tagged(|_, _| Ok(()))?;
        Ok(record)
    }
}

impl ConfigRecord {
    pub(super) fn version(&self) -> u32 {
        0
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        out.i8(self.resource_type.0);
        out.string(&self.resource_name);
        out.string(&self.name);
        out.nullable_string(self.value.as_deref());
        out.no_tagged();
    }

    pub(super) fn read(input: &mut Reader<'_>, _version: u32) -> Result<Self, DecodeError> {
        let record = Self {
            resource_type: ConfigResourceType(input.i8()?),
            resource_name: input.string()?,
            name: input.string()?,
            value: input.nullable_string()?,
        };
        input.tagged(|_, _| Ok(()))?;
        Ok(record)
    }
}

impl ClearElrRecord {
    pub(super) fn version(&self) -> u32 {
        0
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        out.string(self.topic.as_ref().map_or("", TopicName::as_str));
        out.no_tagged();
    }

    pub(super) fn read(input: &mut Reader<'_>, _version: u32) -> Result<Self, DecodeError> {
        let name = input.string()?;
        input.tagged(|_, _| Ok(()))?;
        Ok(Self { topic: (!name.is_empty()).then_some(TopicName(name)) })
    }
}
