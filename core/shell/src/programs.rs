//! The commands.

pub(crate) mod clients;
pub(crate) mod configs;
pub(crate) mod console_consumer;
pub(crate) mod console_producer;
pub(crate) mod delete_records;
pub(crate) mod jopt;
pub(crate) mod json_file;
pub(crate) mod kcat;
pub(crate) mod leader_election;
pub(crate) mod metadata_quorum;
pub(crate) mod producer_perf;
pub(crate) mod reassign;
pub(crate) mod run_class;
pub(crate) mod servers;
pub(crate) mod topics;
pub(crate) mod verbs;
