//! The commands.

pub(crate) mod configs;
pub(crate) mod delete_records;
pub(crate) mod metadata_quorum;
pub(crate) mod servers;
pub(crate) mod topics;
pub(crate) mod verbs;
