//! What stands on the stage, without its state: the geometry follows from this alone.

use std::collections::BTreeSet;

use highwater_cluster::ids::{
    BrokerId, ClientId, ControllerId, GroupId, PartitionIndex, TopicName, TopicPartition,
};
use highwater_cluster::view::ClusterView;

use super::fold::fold;
use super::measures::Density;
use crate::shows::{Shown, Shows};

/// What stands on the stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// The controllers.
    pub controllers: Vec<ControllerId>,
    /// The brokers: the columns.
    pub brokers: Vec<BrokerId>,
    /// The rows of the matrix.
    pub rows: Vec<Row>,
    /// Which partitions have no row of their own, in words.
    pub folded: Option<String>,
    /// How much room there is for each broker.
    pub density: Density,
    /// The clients that stand by themselves: producers, and consumers without a group.
    pub alone: Vec<ClientId>,
    /// The groups with their consumers and applications that run.
    pub groups: Vec<(GroupId, Vec<ClientId>)>,
    /// Further connections of clients from outside, each with the one that stands for the client.
    pub connections: Vec<(ClientId, ClientId)>,
    /// Whether it is drawn for a narrow screen.
    pub is_narrow: bool,
    /// Whether brokers have a head that names them.
    pub names_brokers: bool,
}

/// A row of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// A partition.
    Partition(TopicPartition),
    /// A topic, its partitions folded away or beneath it.
    Topic {
        /// Which.
        topic: TopicName,
        /// How many partitions it has.
        partitions: usize,
        /// Whether they are shown beneath.
        is_open: bool,
        /// How many are shown beneath: all, or those that are not to be overlooked.
        shown: usize,
    },
}

impl Row {
    /// What it is a row of, however that stands.
    pub fn key(&self) -> (TopicName, Option<PartitionIndex>) {
        match self {
            Self::Partition(partition) => (partition.topic.clone(), Some(partition.partition)),
            Self::Topic { topic, .. } => (topic.clone(), None),
        }
    }
}

impl Shape {
    /// What stands on the stage, with the topics in `opened` unfolded and `selected` not folded away, as far as it `shows`.
    pub fn new(
        view: &ClusterView,
        opened: &BTreeSet<TopicName>,
        selected: Option<&TopicPartition>,
        is_narrow: bool,
        shows: Shows,
    ) -> Self {
        let folded = fold(view, opened, selected, is_narrow, shows.has(Shown::InternalTopics));
        let controllers = view.controllers.iter().filter(|_| shows.has(Shown::Controllers));
        let mut shape = Self {
            controllers: controllers.map(|controller| controller.id).collect(),
            brokers: view.brokers.iter().map(|broker| broker.id).collect(),
            folded: folded.words(),
            density: Density::of(view.brokers.len(), is_narrow),
            rows: folded.rows,
            is_narrow,
            names_brokers: shows.has(Shown::Brokers),
            ..Self::default()
        };
        let running = view.producers.iter().filter(|producer| !producer.is_closed);
        shape.alone = running.map(|producer| producer.client).collect();
        for consumer in view.consumers.iter().filter(|consumer| !consumer.is_closed) {
            if consumer.group.as_str().is_empty() || !shows.has(Shown::Groups) {
                shape.alone.push(consumer.client);
            } else {
                shape.join(&consumer.group, consumer.client);
            }
        }
        for app in view.apps.iter().filter(|app| !app.is_closed) {
            shape.join(&app.group, app.client);
        }
        for consumer in view.share_consumers.iter().filter(|consumer| !consumer.is_closed) {
            if shows.has(Shown::Groups) {
                shape.join(&consumer.group, consumer.client);
            } else {
                shape.alone.push(consumer.client);
            }
        }
        for real in &view.real_clients {
            match real.group.as_ref().filter(|_| shows.has(Shown::Groups)) {
                Some(group) => shape.join(group, real.client),
                None => shape.alone.push(real.client),
            }
            let further = real.connections.iter().map(|it| (it.client, real.client));
            shape.connections.extend(further.filter(|(one, other)| one != other));
        }
        shape
    }

    fn join(&mut self, group: &GroupId, client: ClientId) {
        match self.groups.iter_mut().find(|(known, _)| known == group) {
            Some((_, members)) => members.push(client),
            None => self.groups.push((group.clone(), vec![client])),
        }
    }
}
