//! Records about the cluster as a whole.

use std::sync::Arc;

use super::DecodeError;
use crate::ids::{BrokerEpoch, BrokerId};
use crate::metadata::wire::{Reader, Writer};

/// The level of a feature was decided. `FeatureLevelRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureLevelRecord {
    /// The feature's name.
    pub name: Arc<str>,
    /// Its level; 0 switches it off.
    pub level: i16,
}

/// A block of producer ids was given to a broker. `ProducerIdsRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerIdsRecord {
    /// The broker.
    pub broker: BrokerId,
    /// The epoch of its registration.
    pub epoch: BrokerEpoch,
    /// The first id of the next block.
    pub next_producer_id: i64,
}

impl FeatureLevelRecord {
    pub(super) fn version(&self) -> u32 {
        0
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        out.string(&self.name);
        out.i16(self.level);
        out.no_tagged();
    }

    pub(super) fn read(input: &mut Reader<'_>, _version: u32) -> Result<Self, DecodeError> {
        let record = Self { name: input.string()?, level: input.i16()? };
        input.tagged(|_, _| Ok(()))?;
        Ok(record)
    }
}

impl ProducerIdsRecord {
    pub(super) fn version(&self) -> u32 {
        0
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        out.i32(self.broker.0);
        out.i64(self.epoch.0);
        out.i64(self.next_producer_id);
        out.no_tagged();
    }

    pub(super) fn read(input: &mut Reader<'_>, _version: u32) -> Result<Self, DecodeError> {
        let record = Self {
            broker: BrokerId(input.i32()?),
            epoch: BrokerEpoch(input.i64()?),
            next_producer_id: input.i64()?,
        };
        input.tagged(|_, _| Ok(()))?;
        Ok(record)
    }
}
