//! Kafka's pure decisions: functions of what they are told, which know no node and no time. They are
//! open so that each can be held to recordings of Kafka's own.

pub use crate::consumer::assignor::{Assignments, Assignor, PartitionCounts, Subscriber};
pub use crate::controller::partition_change::{Election, PartitionChangeBuilder};
pub use crate::controller::placement::{Random, UsableBroker, place};
pub use crate::group::server_assignor::{AssignmentSpec, MemberSpec, Partitions, ServerAssignor};
