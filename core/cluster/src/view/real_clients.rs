//! What can be seen of clients from outside the simulation.

use std::sync::Arc;

use kafka_protocol::messages::ApiKey;

use crate::ids::{BrokerId, ClientId, GroupId};

/// A client from outside the simulation, such as a program of one's own: the connections that name the same `client.id`.
///
/// A member of a group is a client by itself, for a group may have many that name the same.
#[derive(Clone, Debug, PartialEq)]
pub struct RealClientView {
    /// The connection that stands for it: that of the member to its coordinator, else the first.
    pub client: ClientId,
    /// Its `client.id`; the name of its connection if it gives none.
    pub name: Arc<str>,
    /// The library that it is written with, and its version, if it tells (KIP-511).
    pub software: Option<Arc<str>>,
    /// The group that it is a member of.
    pub group: Option<GroupId>,
    /// Its connections, in the order in which they were opened; never none.
    pub connections: Vec<ConnectionView>,
}

impl RealClientView {
    /// The records that brokers have acknowledged to it.
    pub fn records_produced(&self) -> u64 {
        self.connections.iter().map(|connection| connection.records_produced).sum()
    }

    /// The records that it was sent.
    pub fn records_fetched(&self) -> u64 {
        self.connections.iter().map(|connection| connection.records_fetched).sum()
    }
}

/// A connection of a client to a broker.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionView {
    /// The connection, as the network knows it.
    pub client: ClientId,
    /// The broker.
    pub broker: BrokerId,
    /// What it has asked and is not answered yet.
    pub waits_for: Option<ApiKey>,
    /// The records that the broker has acknowledged.
    pub records_produced: u64,
    /// The records that the broker has sent.
    pub records_fetched: u64,
}
