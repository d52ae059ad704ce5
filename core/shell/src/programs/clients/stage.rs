//! How far a tool around one of Kafka's clients is: first it looks for the cluster, then its client runs,
//! then that closes.

use std::fmt::Debug;

use highwater_cluster::consumer::ConsumerConfig;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::{ProgramConsumer, ProgramProducer};
use highwater_cluster::input::Input;
use highwater_cluster::producer::ProducerConfig;
use highwater_cluster::share_consumer::{ProgramShareConsumer, ShareConsumerConfig};

use super::bootstrap::{Bootstrap, Found};
use crate::admin::Server;

/// One of Kafka's clients within a command.
pub(crate) trait Client {
    /// Its settings.
    type Config: Clone + Debug;

    /// A client that has not begun.
    fn new(config: Self::Config) -> Self;
    /// Hands an input on.
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input);
    /// Begins to close it.
    fn close(&mut self, ctx: &mut Ctx<'_>);
    /// Whether it is at its end.
    fn is_closed(&self) -> bool;
}

/// How far a tool is.
#[derive(Clone, Debug, Default)]
pub(crate) enum Stage<C: Client> {
    /// It does not look yet.
    #[default]
    Starting,
    /// It looks for the cluster, with what its client will be.
    Looking(Bootstrap, Box<C::Config>),
    /// Its client runs.
    Open(C),
    /// Its client closes, or is closed.
    Closing(C),
    /// It was closed before it had a client.
    Over,
}

impl<C: Client> Stage<C> {
    /// Looks for the cluster at these servers. `who` it is, is told where nobody is there.
    pub(crate) fn look(
        &mut self,
        ctx: &mut Ctx<'_>,
        servers: &[Server],
        who: &str,
        config: C::Config,
    ) {
        let mut bootstrap = Bootstrap::new(servers.to_vec(), who.to_owned());
        bootstrap.begin(ctx);
        *self = Self::Looking(bootstrap, Box::new(config));
    }

    /// Hands on what reached the tool. True if the cluster was found by it, and the client has begun.
    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) -> bool {
        match self {
            Self::Looking(bootstrap, config) => {
                if bootstrap.handle(ctx, &input) != Found::Cluster {
                    return false;
                }
                let mut client = C::new((**config).clone());
                client.handle(ctx, Input::Start);
                *self = Self::Open(client);
                return true;
            }
            Self::Open(client) | Self::Closing(client) => client.handle(ctx, input),
            Self::Starting | Self::Over => {}
        }
        false
    }

    /// The client, from its beginning on.
    pub(crate) fn client(&self) -> Option<&C> {
        match self {
            Self::Open(client) | Self::Closing(client) => Some(client),
            _ => None,
        }
    }

    /// As [`Self::client`].
    pub(crate) fn client_mut(&mut self) -> Option<&mut C> {
        match self {
            Self::Open(client) | Self::Closing(client) => Some(client),
            _ => None,
        }
    }

    /// The client, while it is not asked to close.
    pub(crate) fn open(&mut self) -> Option<&mut C> {
        match self {
            Self::Open(client) => Some(client),
            _ => None,
        }
    }

    /// Closes the client; what has none is over.
    pub(crate) fn close(&mut self, ctx: &mut Ctx<'_>) {
        *self = match std::mem::replace(self, Self::Over) {
            Self::Open(mut client) => {
                client.close(ctx);
                Self::Closing(client)
            }
            Self::Closing(client) => Self::Closing(client),
            Self::Starting | Self::Looking(..) | Self::Over => Self::Over,
        };
    }

    /// Whether it looks for the cluster.
    pub(crate) fn is_looking(&self) -> bool {
        matches!(self, Self::Looking(..))
    }

    /// Whether it was asked to close.
    pub(crate) fn is_closing(&self) -> bool {
        matches!(self, Self::Closing(_) | Self::Over)
    }

    /// Whether nothing of it is left to wait for.
    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Self::Closing(client) => client.is_closed(),
            Self::Over => true,
            _ => false,
        }
    }
}

impl Client for ProgramConsumer {
    type Config = ConsumerConfig;

    fn new(config: ConsumerConfig) -> Self {
        ProgramConsumer::new(config)
    }

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        ProgramConsumer::handle(self, ctx, input);
    }

    fn close(&mut self, ctx: &mut Ctx<'_>) {
        ProgramConsumer::close(self, ctx);
    }

    fn is_closed(&self) -> bool {
        ProgramConsumer::is_closed(self)
    }
}

impl Client for ProgramShareConsumer {
    type Config = ShareConsumerConfig;

    fn new(config: ShareConsumerConfig) -> Self {
        ProgramShareConsumer::new(config)
    }

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        ProgramShareConsumer::handle(self, ctx, input);
    }

    fn close(&mut self, ctx: &mut Ctx<'_>) {
        ProgramShareConsumer::close(self, ctx);
    }

    fn is_closed(&self) -> bool {
        ProgramShareConsumer::is_closed(self)
    }
}

impl Client for ProgramProducer {
    type Config = ProducerConfig;

    fn new(config: ProducerConfig) -> Self {
        ProgramProducer::new(config)
    }

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        ProgramProducer::handle(self, ctx, input);
    }

    fn close(&mut self, ctx: &mut Ctx<'_>) {
        ProgramProducer::close(self, ctx);
    }

    fn is_closed(&self) -> bool {
        ProgramProducer::is_closed(self)
    }
}
