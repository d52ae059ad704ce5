//! What the tools around Kafka's producer and consumer share.

pub(crate) mod bootstrap;
pub(crate) mod command_config;
pub(crate) mod exception;
pub(crate) mod properties;
pub(crate) mod stage;
