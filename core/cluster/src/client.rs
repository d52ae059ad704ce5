//! What all clients share: the cache of metadata, the names that messages carry, the partitioner.

pub mod metadata;
pub mod names;
pub mod partitioner;

pub use metadata::{ClientMetadata, PartitionMetadata, TopicMetadata};
pub use partitioner::{StickyPartitioner, murmur2, partition_for_key, to_positive};
