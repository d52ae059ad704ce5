//! The commands.

pub(crate) mod topics;
pub(crate) mod verbs;
