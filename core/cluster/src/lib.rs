//! The simulated world and the Kafka nodes in it: virtual clock, event queue, seeded randomness,
//! network, and the state machines of brokers, controllers and clients, which exchange Kafka's own
//! requests and responses.
//!
//! Nothing here reads a clock, draws randomness but from the scenario's seed, starts a thread, or
//! knows that it is being watched.
#![forbid(unsafe_code)]

pub mod acl;
pub mod action;
pub mod anatomy;
pub mod application;
pub mod authentication;
pub mod bounds;
mod broker;
pub mod bugs;
pub mod client;
pub mod cluster_spec;
pub mod configs;
pub mod consumer;
mod controller;
mod coordinator_error;
pub mod ctx;
pub mod embedded;
pub mod event;
pub mod fault;
mod group;
pub mod health;
pub mod ids;
pub mod input;
pub mod message;
pub mod metadata;
mod network;
mod node;
pub mod ownership;
pub mod process;
pub mod producer;
pub mod program;
pub mod quota;
mod raft;
#[cfg(feature = "real-clients")]
mod real_client;
mod refusal;
pub mod remote;
mod rng;
pub mod rules;
pub mod share;
pub mod share_consumer;
pub mod shared;
pub mod tables;
pub mod time;
pub mod timer;
mod trace;
mod transaction;
pub mod view;
#[cfg(feature = "real-clients")]
pub mod wire;
pub mod world;

pub use controller::FEATURES;
pub use highwater_log as log;
pub use kafka_protocol as protocol;
