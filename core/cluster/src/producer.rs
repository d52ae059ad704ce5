//! A producer.

use std::sync::Arc;

use crate::ctx::Ctx;
use crate::ids::ClientId;
use crate::input::Input;
use crate::view::ProducerView;

/// A producer's settings and what it is to send.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerConfig {
    /// The name that the person gives it.
    pub name: Arc<str>,
}

/// A producer.
#[derive(Clone, Debug)]
pub(crate) struct Producer {
    config: ProducerConfig,
}

impl Producer {
    pub(crate) fn new(config: ProducerConfig) -> Self {
        Self { config }
    }

    pub(crate) fn handle(&mut self, _ctx: &mut Ctx<'_>, _input: Input) {}

    pub(crate) fn view(&self, _client: ClientId) -> ProducerView {
        unimplemented!("{}", self.config.name)
    }
}
