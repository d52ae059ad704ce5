//! What the tools around Kafka's producer and consumer share.

pub(crate) mod bootstrap;
pub(crate) mod command_config;
pub(crate) mod properties;
