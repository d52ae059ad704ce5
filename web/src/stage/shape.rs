//! What stands on the stage, without its state: the geometry follows from this alone.

use std::collections::BTreeSet;

use highwater_cluster::ids::{
    BrokerId, ClientId, ControllerId, GroupId, TopicName, TopicPartition,
};
use highwater_cluster::view::ClusterView;

/// A topic with more partitions is folded to one row, unless it is opened.
const MOST_UNFOLDED: usize = 12;

/// The rows that are drawn. The rest is named, not drawn.
const MOST_ROWS: usize = 240;

/// What stands on the stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// The controllers.
    pub controllers: Vec<ControllerId>,
    /// The brokers: the columns.
    pub brokers: Vec<BrokerId>,
    /// The rows of the matrix.
    pub rows: Vec<Row>,
    /// How many partitions have no row, for want of room.
    pub left_out: usize,
    /// The clients that stand by themselves: producers, and consumers without a group.
    pub alone: Vec<ClientId>,
    /// The groups with their consumers and applications that run.
    pub groups: Vec<(GroupId, Vec<ClientId>)>,
    /// Whether it is drawn for a narrow screen.
    pub is_narrow: bool,
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
    },
}

impl Shape {
    /// What stands on the stage, with the topics in `opened` unfolded.
    pub fn new(view: &ClusterView, opened: &BTreeSet<TopicName>, is_narrow: bool) -> Self {
        let mut shape = Self {
            controllers: view.controllers.iter().map(|controller| controller.id).collect(),
            brokers: view.brokers.iter().map(|broker| broker.id).collect(),
            is_narrow,
            ..Self::default()
        };
        // Kafka's own topics stand below those that people made.
        for internal in [false, true] {
            for topic in view.topics.iter().filter(|topic| topic.is_internal == internal) {
                let partitions = topic.partitions.len();
                let folds = topic.is_internal || partitions > MOST_UNFOLDED;
                let is_open = opened.contains(&topic.name);
                if folds {
                    shape.rows.push(Row::Topic { topic: topic.name.clone(), partitions, is_open });
                }
                if !folds || is_open {
                    let room = MOST_ROWS.saturating_sub(shape.rows.len());
                    shape.left_out += partitions.saturating_sub(room);
                    let shown = topic.partitions.iter().take(room);
                    shape
                        .rows
                        .extend(shown.map(|partition| Row::Partition(partition.partition.clone())));
                }
            }
        }
        let running = view.producers.iter().filter(|producer| !producer.is_closed);
        shape.alone = running.map(|producer| producer.client).collect();
        for consumer in view.consumers.iter().filter(|consumer| !consumer.is_closed) {
            if consumer.group.as_str().is_empty() {
                shape.alone.push(consumer.client);
            } else {
                shape.join(&consumer.group, consumer.client);
            }
        }
        for app in view.apps.iter().filter(|app| !app.is_closed) {
            shape.join(&app.group, app.client);
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
