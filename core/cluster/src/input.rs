//! What reaches a node.

use bytes::Bytes;

use crate::consumer::ConsumerCommand;
use crate::ids::{ClientId, CorrelationId, NodeId};
use crate::message::{Request, Response};
use crate::producer::ProducerCall;
use crate::timer::Timer;

/// What reaches a node.
#[derive(Clone, Debug)]
pub enum Input {
    /// The node's process begins.
    Start,
    /// A request came.
    Request(ReplyTo, Request),
    /// A response to a request of the node came.
    Response(CorrelationId, Response),
    /// A request of the node will not be answered.
    Failed(CorrelationId, Failure),
    /// A timer of the node ran out.
    Timer(Timer),
    /// The person has a consumer's application do something.
    Consumer(ConsumerCommand),
    /// The person asks the node to end in good order.
    Stop,
    /// A line was typed to the node's standard input.
    Line(String),
    /// The node's standard input has come to its end.
    EndOfInput,
    /// Ctrl-C.
    Interrupt,
    /// A process that the node started wrote a line to it.
    ChildLine(ClientId, String),
    /// A process that the node started has ended, with this exit code.
    ChildExited(ClientId, i32),
    /// The application behind a producer makes a call, by a person's hand.
    Call(Box<ProducerCall>),
    /// The connection with a client is gone.
    ClientGone(NodeId),
    /// Bytes came from a client outside the simulation.
    Bytes(Bytes),
}

/// Where the response to a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyTo {
    /// Who asked.
    pub node: NodeId,
    /// The number by which the asker finds its request again.
    pub correlation_id: CorrelationId,
    /// The client whose request a broker passes on: what Kafka's Envelope says (KIP-590), which is left out here.
    pub on_behalf_of: Option<NodeId>,
}

/// Why a request will not be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The time that the sender waits is over.
    TimedOut,
    /// The connection broke, or was refused.
    Disconnected,
}
