//! What a person does to the cluster that no Kafka command does.

use std::fmt;
use std::sync::Arc;

use crate::application::AppConfig;
use crate::consumer::{ConsumerCommand, ConsumerConfig};
use crate::fault::Fault;
use crate::ids::{BrokerId, ControllerId, NodeId};
use crate::producer::{ProducerCall, ProducerConfig};
use crate::share_consumer::ShareConsumerConfig;

/// What a person does to the cluster that no Kafka command does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Starts a broker's process.
    StartBroker(BrokerId),
    /// Asks a broker for a controlled shutdown.
    StopBroker(BrokerId),
    /// Kills a broker's process; what it wrote stays.
    KillBroker(BrokerId),
    /// Starts a controller's process.
    StartController(ControllerId),
    /// Asks a controller to shut down: one that leads resigns first.
    StopController(ControllerId),
    /// Kills a controller's process; what it wrote stays.
    KillController(ControllerId),
    /// Lets nothing pass between two nodes.
    CutLink(NodeId, NodeId),
    /// Lets messages pass again.
    HealLink(NodeId, NodeId),
    /// Starts a producer.
    StartProducer(Box<ProducerConfig>),
    /// Closes a producer: it sends what it holds, then ends.
    CloseProducer(Arc<str>),
    /// Kills a producer's process: what it had not sent is gone, and a transaction stays open.
    KillProducer(Arc<str>),
    /// Lets the application behind a producer make a call.
    CallProducer(Arc<str>, Box<ProducerCall>),
    /// Starts a consumer.
    StartConsumer(Box<ConsumerConfig>),
    /// Closes a consumer: it commits and leaves its group.
    CloseConsumer(Arc<str>),
    /// Kills a consumer's process: its group learns of it when its session times out.
    KillConsumer(Arc<str>),
    /// Starts an application that reads, works and writes.
    StartApp(Box<AppConfig>),
    /// Closes an application: it settles what it has begun, then ends.
    CloseApp(Arc<str>),
    /// Kills an application's process.
    KillApp(Arc<str>),
    /// Starts a share consumer.
    StartShareConsumer(Box<ShareConsumerConfig>),
    /// Closes a share consumer: it says what it is done with, gives back the rest, and leaves its group.
    CloseShareConsumer(Arc<str>),
    /// Kills a share consumer's process; `silently` if its machine loses power, so that no broker sees the
    /// connection end.
    KillShareConsumer {
        /// Its name.
        name: Arc<str>,
        /// Whether no broker is told.
        silently: bool,
    },
    /// Has the application behind a consumer do something.
    Consumer(Arc<str>, ConsumerCommand),
    /// Injects a fault, or undoes one.
    Fault(Fault),
}

/// Why an action could not be done. Printed, it is a sentence with a way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionError(pub String);

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
