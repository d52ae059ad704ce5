//! What conditions look at, and what they answer.

use std::collections::BTreeSet;

use highwater_cluster::ids::{BrokerId, TopicName};
use highwater_cluster::view::{BrokerView, ClusterView, ProducerView, TopicView};
use highwater_scenario::progress::{Progress, TopicProgress};
use highwater_scenario::session::Session;

use crate::model::Reason;

/// A run at one moment: its state and its history.
pub(super) struct Look<'a> {
    pub(super) session: &'a Session,
    pub(super) view: ClusterView,
}

/// Why a condition does not hold.
#[derive(Debug)]
pub(super) struct Unmet {
    pub(super) reason: Reason,
    pub(super) arguments: Vec<(&'static str, String)>,
}

impl<'a> Look<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        Self { session, view: session.view() }
    }

    /// The topic, which must be there.
    pub(super) fn topic(&self, name: &str) -> Result<&TopicView, Unmet> {
        let topic = self.view.topics.iter().find(|topic| topic.name.as_str() == name);
        topic.ok_or_else(|| Unmet::new(Reason::NoTopic).with("topic", name))
    }

    /// The producers that write or wrote to a topic.
    pub(super) fn producers(&self, topic: &str) -> impl Iterator<Item = &ProducerView> {
        self.view.producers.iter().filter(move |producer| producer.topic.as_str() == topic)
    }

    pub(super) fn broker(&self, id: BrokerId) -> Option<&BrokerView> {
        self.view.brokers.iter().find(|broker| broker.id == id)
    }

    pub(super) fn history(&self) -> &Progress {
        self.session.progress()
    }

    /// What happened to the records of a topic.
    pub(super) fn topic_history(&self, topic: &str) -> TopicProgress {
        self.history().topics.get(&TopicName::from(topic)).cloned().unwrap_or_default()
    }

    /// The broker with a replica of the topic that does not run, if there is one. One must have been
    /// down before, at least.
    pub(super) fn holder_down(&self, topic: &TopicView) -> Result<Option<BrokerId>, Unmet> {
        let holders: BTreeSet<BrokerId> = topic
            .partitions
            .iter()
            .flat_map(|partition| partition.replicas.iter().copied())
            .collect();
        if !self.history().stops.iter().any(|stop| holders.contains(&stop.broker)) {
            return Err(Unmet::new(Reason::NoBrokerDownYet).with("topic", &topic.name));
        }
        Ok(self.history().brokers_down.intersection(&holders).next().copied())
    }
}

impl Unmet {
    pub(super) fn new(reason: Reason) -> Self {
        Self { reason, arguments: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.arguments.push((name, value.to_string()));
        self
    }
}
