//! The commands.

pub(crate) mod calls;
pub(crate) mod configs;
pub(crate) mod consumer_groups;
pub(crate) mod delete_records;
pub(crate) mod jopt;
pub(crate) mod json_file;
pub(crate) mod leader_election;
pub(crate) mod metadata_quorum;
pub(crate) mod reassign;
pub(crate) mod servers;
pub(crate) mod topics;
pub(crate) mod verbs;
