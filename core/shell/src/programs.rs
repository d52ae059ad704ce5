//! The commands.

pub(crate) mod delete_records;
pub(crate) mod servers;
pub(crate) mod topics;
pub(crate) mod verbs;
