//! The tables that tools for Kafka show: brokers, topics and their partitions, messages, consumer groups,
//! transactions, and settings. Plain data, made on request; nothing here changes a world.
//!
//! A figure means what it means in Kafka's own tools. So the log end offset of a group's partition is
//! the leader's high watermark, which is what ListOffsets answers, and the lag is counted from there.

mod brokers;
mod configs;
mod find;
mod groups;
mod messages;
mod search;
mod topics;
mod transactions;

pub use brokers::{BrokerRow, brokers};
pub use configs::{ConfigOf, ConfigRow};
pub use groups::{GroupPartitionRow, GroupRow, MemberRow, group_partitions, groups, members};
pub use messages::{Found, MessageCursor, MessageOrder, MessageQuery, MessageRow, MessageStart};
pub use topics::{PartitionRow, TopicRow, partitions};
pub use transactions::{TransactionRow, transactions};
