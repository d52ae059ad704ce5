//! The commands.

pub(crate) mod jopt;
pub(crate) mod json_file;
pub(crate) mod leader_election;
pub(crate) mod reassign;
pub(crate) mod servers;
pub(crate) mod topics;
pub(crate) mod verbs;
