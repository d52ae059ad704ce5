//! A consumer.

use std::sync::Arc;

use crate::ctx::Ctx;
use crate::ids::ClientId;
use crate::input::Input;
use crate::view::ConsumerView;

/// A consumer's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerConfig {
    /// The name that the person gives it.
    pub name: Arc<str>,
}

impl ConsumerConfig {
    /// A consumer with Kafka's defaults.
    pub fn new(name: &str, _group: crate::ids::GroupId, _topics: Vec<crate::ids::TopicName>) -> Self {
        Self { name: name.into() }
    }

    /// Sets a setting by Kafka's name.
    pub fn set(&mut self, _name: &str, _value: &str) -> Result<(), String> {
        Ok(())
    }
}

/// A consumer.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    config: ConsumerConfig,
}

impl Consumer {
    pub(crate) fn new(config: ConsumerConfig) -> Self {
        Self { config }
    }

    pub(crate) fn handle(&mut self, _ctx: &mut Ctx<'_>, _input: Input) {}

    pub(crate) fn view(&self, _client: ClientId, _is_running: bool) -> ConsumerView {
        unimplemented!("{}", self.config.name)
    }
}
