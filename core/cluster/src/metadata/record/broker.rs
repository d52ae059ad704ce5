//! Records about brokers.

use std::sync::Arc;

use super::DecodeError;
use crate::ids::{BrokerEpoch, BrokerId};
use crate::metadata::wire::{Reader, Tagged, Writer};

/// A broker registered. `RegisterBrokerRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterBrokerRecord {
    /// The broker.
    pub broker: BrokerId,
    /// Tells one run of the broker's process from another.
    pub incarnation_id: u128,
    /// The epoch of the registration.
    pub epoch: BrokerEpoch,
    /// Where it can be reached.
    pub endpoints: Vec<BrokerEndpoint>,
    /// The features that it knows.
    pub features: Vec<BrokerFeature>,
    /// Its `broker.rack`.
    pub rack: Option<Arc<str>>,
    /// Whether it is shut out.
    pub fenced: bool,
    /// Whether it asked for a controlled shutdown.
    pub in_controlled_shutdown: bool,
    /// The ids of its log directories.
    pub log_dirs: Vec<u128>,
}

/// A listener of a broker.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerEndpoint {
    /// The listener's name.
    pub name: Arc<str>,
    /// The host.
    pub host: Arc<str>,
    /// The port.
    pub port: u16,
    /// The number of the security protocol; 0 is PLAINTEXT.
    pub security_protocol: i16,
}

/// A feature that a broker knows.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerFeature {
    /// Its name.
    pub name: Arc<str>,
    /// The lowest level that the broker supports.
    pub min_supported_version: i16,
    /// The highest level that the broker supports.
    pub max_supported_version: i16,
}

/// A broker was fenced or unfenced, or shuts down. `BrokerRegistrationChangeRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerRegistrationChangeRecord {
    /// The broker.
    pub broker: BrokerId,
    /// The epoch of its registration.
    pub epoch: BrokerEpoch,
    /// Whether it is shut out from now on; none if that did not change.
    pub fenced: Option<bool>,
    /// Whether it begins a controlled shutdown.
    pub in_controlled_shutdown: bool,
    /// The ids of its log directories; empty if they did not change.
    pub log_dirs: Vec<u128>,
}

impl RegisterBrokerRecord {
    pub(super) fn version(&self) -> u32 {
        3
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        out.i32(self.broker.0);
        // Whether it is a ZooKeeper broker in migration: there is none in Kafka 4.
        out.bool(false);
        out.uuid(self.incarnation_id);
        out.i64(self.epoch.0);
        out.list(&self.endpoints, |out, endpoint| {
            out.string(&endpoint.name);
            out.string(&endpoint.host);
            out.u16(endpoint.port);
            out.i16(endpoint.security_protocol);
            out.no_tagged();
        });
        out.list(&self.features, |out, feature| {
            out.string(&feature.name);
            out.i16(feature.min_supported_version);
            out.i16(feature.max_supported_version);
            out.no_tagged();
        });
        out.nullable_string(self.rack.as_deref());
        out.bool(self.fenced);
        out.bool(self.in_controlled_shutdown);
        let mut tagged = Tagged::default();
        if !self.log_dirs.is_empty() {
            tagged.add(0, |out| out.uuids(&self.log_dirs));
        }
        out.tagged(tagged);
    }

    pub(super) fn read(input: &mut Reader<'_>, version: u32) -> Result<Self, DecodeError> {
        let broker = BrokerId(input.i32()?);
        if version >= 2 {
            input.bool()?;
        }
        let mut record = Self {
            broker,
            incarnation_id: input.uuid()?,
            epoch: BrokerEpoch(input.i64()?),
            endpoints: input.list(BrokerEndpoint::read)?,
            features: input.list(BrokerFeature::read)?,
            rack: input.nullable_string()?,
            fenced: input.bool()?,
            in_controlled_shutdown: version >= 1 && input.bool()?,
            log_dirs: Vec::new(),
        };
        input.tagged(|tag, field| {
            if (tag, version) == (0, 3) {
                record.log_dirs = field.list(Reader::uuid)?;
            }
            Ok(())
        })?;
        Ok(record)
    }
}

impl BrokerEndpoint {
    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let endpoint = Self {
            name: input.string()?,
            host: input.string()?,
            port: input.u16()?,
            security_protocol: input.i16()?,
        };
        input.tagged(|_, _| Ok(()))?;
        Ok(endpoint)
    }
}

impl BrokerFeature {
    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let feature = Self {
            name: input.string()?,
            min_supported_version: input.i16()?,
            max_supported_version: input.i16()?,
        };
        input.tagged(|_, _| Ok(()))?;
        Ok(feature)
    }
}

impl BrokerRegistrationChangeRecord {
    /// A change that fences the broker, or unfences it.
    pub fn fencing(broker: BrokerId, epoch: BrokerEpoch, fenced: bool) -> Self {
        let (in_controlled_shutdown, log_dirs) = (false, Vec::new());
        Self { broker, epoch, fenced: Some(fenced), in_controlled_shutdown, log_dirs }
    }

    /// A change that begins a controlled shutdown.
    pub fn controlled_shutdown(broker: BrokerId, epoch: BrokerEpoch) -> Self {
        let (in_controlled_shutdown, log_dirs) = (true, Vec::new());
        Self { broker, epoch, fenced: None, in_controlled_shutdown, log_dirs }
    }

    /// The lowest version that can say it, as Kafka writes it.
    pub(super) fn version(&self) -> u32 {
        match (self.in_controlled_shutdown, self.log_dirs.is_empty()) {
            (_, false) => 2,
            (true, true) => 1,
            (false, true) => 0,
        }
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        out.i32(self.broker.0);
        out.i64(self.epoch.0);
        let mut tagged = Tagged::default();
        if let Some(fenced) = self.fenced {
            tagged.add(0, |out| out.i8(if fenced { 1 } else { -1 }));
        }
        if self.in_controlled_shutdown {
            tagged.add(1, |out| out.i8(1));
        }
        if !self.log_dirs.is_empty() {
            tagged.add(2, |out| out.uuids(&self.log_dirs));
        }
        out.tagged(tagged);
    }

    pub(super) fn read(input: &mut Reader<'_>, version: u32) -> Result<Self, DecodeError> {
        let mut record = Self {
            broker: BrokerId(input.i32()?),
            epoch: BrokerEpoch(input.i64()?),
            fenced: None,
            in_controlled_shutdown: false,
            log_dirs: Vec::new(),
        };
        input.tagged(|tag, field| {
            match tag {
                0 => record.fenced = fenced(field.i8()?)?,
                1 if version >= 1 => record.in_controlled_shutdown = shutting_down(field.i8()?)?,
                2 if version >= 2 => record.log_dirs = field.list(Reader::uuid)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(record)
    }
}

fn fenced(value: i8) -> Result<Option<bool>, DecodeError> {
    match value {
        -1 => Ok(Some(false)),
        0 => Ok(None),
        1 => Ok(Some(true)),
        _ => Err(DecodeError::InvalidValue("Fenced is -1, 0 or 1")),
    }
}

fn shutting_down(value: i8) -> Result<bool, DecodeError> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(DecodeError::InvalidValue("InControlledShutdown is 0 or 1")),
    }
}
