//! The kinds of nodes.

use crate::broker::Broker;
use crate::cluster_spec::ClusterSpec;
use crate::consumer::{Consumer, ConsumerConfig};
use crate::controller::Controller;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, ControllerId};
use crate::input::Input;
use crate::producer::{Producer, ProducerConfig};
use crate::program::Program;

/// A node: a state machine that takes one input at a time.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "the world keeps each node in a box of its own")]
pub(crate) enum Node {
    Controller(Controller),
    Broker(Broker),
    Producer(Producer),
    Consumer(Consumer),
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
        Node::Consumer(Consumer::new(config))
    }

    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match self {
            Node::Controller(controller) => controller.handle(ctx, input),
            Node::Broker(broker) => broker.handle(ctx, input),
            Node::Producer(producer) => producer.handle(ctx, input),
            Node::Consumer(consumer) => consumer.handle(ctx, input),
            Node::Process(program) => program.handle(ctx, input),
        }
    }

    /// The node's process was killed: what it held in memory is gone.
    pub(crate) fn killed(&mut self) {
        match self {
            Node::Broker(broker) => broker.killed(),
            Node::Controller(controller) => controller.process_ended(),
            Node::Producer(_) | Node::Consumer(_) | Node::Process(_) => {}
        }
    }
}
