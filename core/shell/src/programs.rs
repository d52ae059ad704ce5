//! The commands.

pub(crate) mod configs;
pub(crate) mod servers;
pub(crate) mod topics;
pub(crate) mod verbs;
