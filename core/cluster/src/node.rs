//! The kinds of nodes.

use std::sync::Arc;

use kafka_protocol::messages::ApiKey;

use crate::acl::Principal;
use crate::application::{AppConfig, Application, Forwarder};
use crate::broker::Broker;
use crate::cluster_spec::ClusterSpec;
use crate::consumer::{Consumer, ConsumerConfig};
use crate::controller::Controller;
use crate::ctx::Ctx;
use crate::embedded::ProgramConsumer;
use crate::ids::{BrokerId, ControllerId};
use crate::input::Input;
use crate::producer::{Producer, ProducerConfig};
use crate::program::Program;
use crate::share_consumer::{ShareConsumer, ShareConsumerConfig};

/// A node: a state machine that takes one input at a time.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "the world keeps each node in a box of its own")]
pub(crate) enum Node {
    Controller(Controller),
    Broker(Broker),
    Producer(Producer),
    Consumer(Consumer),
    Application(Box<Application>),
    /// A consumer with a producer for what its application fails on.
    Forwarder(Box<Forwarder>),
    /// A member of a share group.
    ShareConsumer(Box<ShareConsumer>),
    Process(Box<dyn Program>),
}

impl Node {
    pub(crate) fn new_controller(
        id: ControllerId,
        voters: Vec<ControllerId>,
        spec: &ClusterSpec,
    ) -> Self {
        Node::Controller(Controller::new(id, voters, spec))
    }

    pub(crate) fn new_broker(id: BrokerId, spec: &ClusterSpec) -> Self {
        Node::Broker(Broker::new(id, spec))
    }

    pub(crate) fn new_producer(config: ProducerConfig) -> Self {
        Node::Producer(Producer::new(config))
    }

    pub(crate) fn new_consumer(config: ConsumerConfig) -> Self {
        match Forwarder::topic(&config).cloned() {
            Some(topic) => Node::Forwarder(Box::new(Forwarder::new(config, topic))),
            None => Node::Consumer(Consumer::new(config)),
        }
    }

    pub(crate) fn new_application(config: AppConfig) -> Self {
        Node::Application(Box::new(Application::new(config)))
    }

    pub(crate) fn new_share_consumer(config: ShareConsumerConfig) -> Self {
        Node::ShareConsumer(Box::new(ShareConsumer::new(config)))
    }

    /// The consumer that the node is, or has.
    pub(crate) fn consumer(&self) -> Option<&Consumer> {
        match self {
            Node::Consumer(consumer) => Some(consumer),
            Node::Forwarder(forwarder) => Some(forwarder.consumer()),
            Node::Application(application) => Some(application.consumer()),
            Node::Process(program) => program.consumer().map(ProgramConsumer::inner),
            _ => None,
        }
    }

    /// Whether it is a connection of a client from outside the simulation.
    pub(crate) fn is_from_outside(&self) -> bool {
        #[cfg(feature = "real-clients")]
        if let Node::Process(program) = self {
            return program.connection().is_some();
        }
        false
    }

    /// The version in which a connection from outside asks that, if this is what it waits for.
    pub(crate) fn version_asked(&self, api: ApiKey) -> Option<i16> {
        #[cfg(feature = "real-clients")]
        if let Node::Process(program) = self {
            return program.connection()?.version_asked(api);
        }
        let _ = api;
        None
    }

    /// The `client.id` that the node itself chose.
    pub(crate) fn client_id(&self) -> Option<Arc<str>> {
        match self {
            Node::Process(program) => {
                let of_consumer = || Some(program.consumer()?.inner().client_id());
                let of_share = || Some(program.share_consumer()?.client_id());
                let of_producer = || Some(program.producer()?.inner().client_id());
                program.client_id().or_else(of_consumer).or_else(of_share).or_else(of_producer)
            }
            Node::Producer(producer) => Some(producer.client_id()),
            Node::ShareConsumer(consumer) => Some(consumer.client_id()),
            other => other.consumer().map(Consumer::client_id),
        }
    }

    /// Who it says that it is; none if it does not say.
    pub(crate) fn principal(&self) -> Option<Principal> {
        match self {
            Node::Process(program) => {
                let of_consumer = || program.consumer()?.inner().principal();
                let of_share = || program.share_consumer()?.principal();
                let of_producer = || program.producer()?.inner().principal();
                program.principal().or_else(of_consumer).or_else(of_share).or_else(of_producer)
            }
            Node::Producer(producer) => producer.principal(),
            Node::ShareConsumer(consumer) => consumer.principal(),
            other => other.consumer().and_then(Consumer::principal),
        }
    }

    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match self {
            Node::Controller(controller) => controller.handle(ctx, input),
            Node::Broker(broker) => broker.handle(ctx, input),
            Node::Producer(producer) => producer.handle(ctx, input),
            Node::Consumer(consumer) => consumer.handle(ctx, input),
            Node::Application(application) => application.handle(ctx, input),
            Node::Forwarder(forwarder) => forwarder.handle(ctx, input),
            Node::ShareConsumer(consumer) => consumer.handle(ctx, input),
            Node::Process(program) => program.handle(ctx, input),
        }
    }

    /// The node's process was killed: what it held in memory is gone.
    pub(crate) fn killed(&mut self) {
        match self {
            Node::Broker(broker) => broker.killed(),
            Node::Controller(controller) => controller.process_ended(),
            Node::Producer(_)
            | Node::Consumer(_)
            | Node::Application(_)
            | Node::Forwarder(_)
            | Node::ShareConsumer(_)
            | Node::Process(_) => {}
        }
    }
}
