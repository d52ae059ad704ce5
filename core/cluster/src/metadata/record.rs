//! The records of the metadata log, in Kafka's own format: a frame version, the record's API key and
//! version, then its fields in the flexible encoding.

use std::fmt;

mod acl;
mod broker;
mod cluster;
mod partition;
mod quota;
#[cfg(test)]
mod tests;
mod topic;

pub use acl::{AccessControlEntryRecord, RemoveAccessControlEntryRecord};
pub use broker::{
    BrokerEndpoint, BrokerFeature, BrokerRegistrationChangeRecord, RegisterBrokerRecord,
};
pub use cluster::{FeatureLevelRecord, ProducerIdsRecord};
pub use partition::{DIRECTORY_UNASSIGNED, PartitionChangeRecord, PartitionRecord};
pub use quota::ClientQuotaRecord;
pub use topic::{ClearElrRecord, ConfigRecord, ConfigResourceType, RemoveTopicRecord, TopicRecord};

use super::wire::{Reader, Writer};

/// The version of the frame around each record: `MetadataRecordSerde`.
const FRAME_VERSION: u32 = 1;

/// Declares the records: API key, newest version that is read, and the name that Kafka's tools print.
macro_rules! records {
    ($($(#[$doc:meta])* $name:ident($record:ident) = $key:literal, up to $newest:literal, $print:literal;)*) => {
        /// A record of the metadata log.
        #[derive(Clone, Debug, PartialEq)]
        pub enum MetadataRecord {
            $($(#[$doc])* $name($record),)*
            /// Says nothing: the active controller writes it to move the log on.
            NoOp,
        }

        impl MetadataRecord {
            /// The name that Kafka's dump tool prints.
            pub fn name(&self) -> &'static str {
                match self {
                    $(MetadataRecord::$name(_) => $print,)*
                    MetadataRecord::NoOp => "NO_OP_RECORD",
                }
            }

            /// The bytes of the record's value.
            pub fn encode(&self) -> Vec<u8> {
                let mut out = Writer::default();
                out.unsigned_varint(FRAME_VERSION);
                match self {
                    $(MetadataRecord::$name(record) => {
                        let version = record.version();
                        out.unsigned_varint($key);
                        out.unsigned_varint(version);
                        record.write(&mut out, version);
                    })*
                    MetadataRecord::NoOp => {
                        out.unsigned_varint(NO_OP_KEY);
                        out.unsigned_varint(0);
                        out.no_tagged();
                    }
                }
                out.finish()
            }

            fn read(key: u32, version: u32, input: &mut Reader<'_>) -> Result<Self, DecodeError> {
                match key {
                    $($key if version <= $newest => {
                        Ok(MetadataRecord::$name($record::read(input, version)?))
                    })*
                    NO_OP_KEY if version == 0 => {
                        input.tagged(|_, _| Ok(()))?;
                        Ok(MetadataRecord::NoOp)
                    }
                    $($key)|* | NO_OP_KEY => Err(DecodeError::UnsupportedVersion { key, version }),
                    _ => Err(DecodeError::UnknownKey(key)),
                }
            }
        }

        $(
            impl From<$record> for MetadataRecord {
                fn from(record: $record) -> Self {
                    MetadataRecord::$name(record)
                }
            }
        )*
    };
}

const NO_OP_KEY: u32 = 20;

records! {
    /// A broker registered.
    RegisterBroker(RegisterBrokerRecord) = 0, up to 3, "REGISTER_BROKER_RECORD";
    /// A topic was created; its settings and partitions follow.
    Topic(TopicRecord) = 2, up to 0, "TOPIC_RECORD";
    /// A partition was created.
    Partition(PartitionRecord) = 3, up to 2, "PARTITION_RECORD";
    /// A setting of a topic or broker was given or taken away.
    Config(ConfigRecord) = 4, up to 0, "CONFIG_RECORD";
    /// A partition changed.
    PartitionChange(PartitionChangeRecord) = 5, up to 2, "PARTITION_CHANGE_RECORD";
    /// A topic was deleted.
    RemoveTopic(RemoveTopicRecord) = 9, up to 0, "REMOVE_TOPIC_RECORD";
    /// The level of a feature was decided.
    FeatureLevel(FeatureLevelRecord) = 12, up to 0, "FEATURE_LEVEL_RECORD";
    /// A quota of clients was given or taken away.
    ClientQuota(ClientQuotaRecord) = 14, up to 0, "CLIENT_QUOTA_RECORD";
    /// A block of producer ids was given out.
    ProducerIds(ProducerIdsRecord) = 15, up to 0, "PRODUCER_IDS_RECORD";
    /// A broker was fenced or unfenced, or shuts down.
    BrokerRegistrationChange(BrokerRegistrationChangeRecord) = 17, up to 2, "BROKER_REGISTRATION_CHANGE_RECORD";
    /// An entry of the access control lists came to be.
    AccessControlEntry(AccessControlEntryRecord) = 18, up to 0, "ACCESS_CONTROL_ENTRY_RECORD";
    /// An entry of the access control lists was taken away.
    RemoveAccessControlEntry(RemoveAccessControlEntryRecord) = 19, up to 0, "REMOVE_ACCESS_CONTROL_ENTRY_RECORD";
    /// The eligible leader replicas of a topic, or of all, are forgotten.
    ClearElr(ClearElrRecord) = 28, up to 0, "CLEAR_ELR_RECORD";
}

/// Why bytes are no metadata record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes end within a field.
    Truncated,
    /// The frame is of a version that is not known.
    UnsupportedFrame(u32),
    /// No record has this API key, or none that is simulated.
    UnknownKey(u32),
    /// The record is of a version that is not known.
    UnsupportedVersion {
        /// The record's API key.
        key: u32,
        /// The version.
        version: u32,
    },
    /// A string is no UTF-8.
    InvalidUtf8,
    /// A field holds what it cannot hold.
    InvalidValue(&'static str),
    /// Bytes follow the record.
    Garbage(usize),
    /// The batch around the records is corrupt.
    CorruptBatch,
}

impl MetadataRecord {
    /// Reads the bytes of a record's value.
    ///
    /// # Errors
    /// If they are not exactly one record of a kind and version that is known.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        match input.unsigned_varint()? {
            FRAME_VERSION => {}
            other => return Err(DecodeError::UnsupportedFrame(other)),
        }
        let key = input.unsigned_varint()?;
        let version = input.unsigned_varint()?;
        let record = Self::read(key, version, &mut input)?;
        match input.remaining() {
            0 => Ok(record),
            bytes => Err(DecodeError::Garbage(bytes)),
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Truncated => f.write_str("the bytes end within a field"),
            DecodeError::UnsupportedFrame(version) => {
                write!(f, "frame version {version} is not known")
            }
            DecodeError::UnknownKey(key) => write!(f, "no record has API key {key}"),
            DecodeError::UnsupportedVersion { key, version } => {
                write!(f, "version {version} of record {key} is not known")
            }
            DecodeError::InvalidUtf8 => f.write_str("a string is no UTF-8"),
            DecodeError::InvalidValue(what) => f.write_str(what),
            DecodeError::Garbage(bytes) => {
                write!(f, "found {bytes} byte(s) of garbage after the record")
            }
            DecodeError::CorruptBatch => f.write_str("the batch is corrupt"),
        }
    }
}

impl std::error::Error for DecodeError {}
