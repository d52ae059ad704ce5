//! What all clients share: the cache of metadata and what keeps it fresh, the wait between retries,
//! the partitioner, and the names that messages carry.

pub mod alarm;
pub mod backoff;
pub mod error_messages;
pub mod errors;
pub mod metadata;
pub mod names;
pub mod partitioner;
pub mod security;
pub(crate) mod settings;
pub mod updater;

pub use alarm::Alarm;
pub use backoff::Backoff;
pub use metadata::{ClientMetadata, PartitionMetadata, TopicMetadata};
pub use partitioner::{Partitions, StickyPartitioner, murmur2, partition_for_key, to_positive};
pub use updater::MetadataUpdater;
