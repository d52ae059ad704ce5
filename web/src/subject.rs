//! What can be clicked and inspected.

use highwater_cluster::ids::{
    BrokerId, ClientId, ControllerId, GroupId, TopicName, TopicPartition,
};

use crate::anatomy::place::Place;

/// A thing on the stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A broker.
    Broker(BrokerId),
    /// A controller.
    Controller(ControllerId),
    /// A partition: all its replicas.
    Partition(TopicPartition),
    /// One replica of a partition.
    Replica(BrokerId, TopicPartition),
    /// A topic.
    Topic(TopicName),
    /// A producer.
    Producer(ClientId),
    /// A consumer.
    Consumer(ClientId),
    /// An application that reads, works and writes.
    App(ClientId),
    /// A client from outside the simulation, by one of its connections.
    RealClient(ClientId),
    /// A consumer group.
    Group(GroupId),
}

impl Subject {
    /// What is looked into at a place below the cluster.
    pub fn of(place: &Place) -> Self {
        match place {
            Place::Broker(id) => Self::Broker(*id),
            Place::Partition(partition) => Self::Partition(partition.clone()),
            Place::Replica(broker, partition, _) => Self::Replica(*broker, partition.clone()),
        }
    }

    /// Where it is opened, if it can be.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Broker(id) => Some(Place::Broker(*id)),
            Self::Partition(partition) | Self::Replica(_, partition) => {
                Some(Place::Partition(partition.clone()))
            }
            _ => None,
        }
    }
}
