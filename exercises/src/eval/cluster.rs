//! What can be asked of topics, replicas and brokers.

use std::collections::BTreeSet;

use highwater_cluster::configs::BrokerConfig;
use highwater_cluster::ids::{BrokerId, TopicName};
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::tables::ConfigOf;
use highwater_cluster::view::{BrokerState, PartitionView, ReplicaView, TopicView};
use highwater_scenario::session::Session;

use super::{Arguments, Look, Unmet, Value};
use crate::model::Reason;

impl Look<'_> {
    pub(super) fn of_cluster(
        &self,
        name: &str,
        with: &Arguments<'_>,
    ) -> Option<Result<Value, Unmet>> {
        let topic = || self.topic(&with.text(0));
        let partitions = || topic().map(|topic| chosen(topic, with.may_number(1)));
        let leaders = |measure: &dyn Fn(&ReplicaView) -> i64| {
            let replicas = partitions()?;
            let found = replicas.iter().filter_map(|partition| self.leading(partition));
            Ok(Value::Number(found.map(measure).sum()))
        };
        Some(match name {
            "topic_exists" => Ok(Value::Truth(topic().is_ok())),
            "topics" => {
                Ok(count(self.view.topics.iter().filter(|topic| !topic.is_internal).count()))
            }
            "partitions" => topic().map(|topic| count(topic.partitions.len())),
            "replication" => topic().map(|topic| {
                let factors = topic.partitions.iter().map(|partition| partition.replicas.len());
                count(factors.min().unwrap_or(0))
            }),
            "min_isr" => topic().map(|topic| Value::Number(i64::from(topic.min_insync_replicas))),
            "config" => topic().map(|topic| Value::Text(self.config(topic, &with.text(1)))),
            "config_number" => topic().map(|topic| {
                Value::Number(self.config(topic, &with.text(1)).parse().unwrap_or_default())
            }),
            "log_end" => leaders(&|replica| replica.log_end_offset.0),
            "log_start" => leaders(&|replica| replica.log_start_offset.0),
            "high_watermark" => leaders(&|replica| replica.high_watermark.0),
            "last_stable" => leaders(&|replica| replica.last_stable_offset.0),
            "segments" => leaders(&|replica| i64::from(replica.segments)),
            "bytes" => leaders(&|replica| i64::try_from(replica.size_bytes).unwrap_or(i64::MAX)),
            "leader" => partitions().map(|partitions| {
                let leader = partitions.first().and_then(|partition| partition.leader);
                Value::Number(leader.map_or(-1, |broker| i64::from(broker.0)))
            }),
            "leaderships" => {
                let broker = with.number(0);
                let topic = with.may_text(1);
                let topics = self.view.topics.iter().filter(|known| match &topic {
                    Some(topic) => known.name.as_str() == topic,
                    None => !known.is_internal,
                });
                let leads = |partition: &&PartitionView| {
                    partition.leader.is_some_and(|leader| i64::from(leader.0) == broker)
                };
                Ok(count(topics.flat_map(|topic| &topic.partitions).filter(leads).count()))
            }
            "isr" => partitions().map(|partitions| {
                count(partitions.iter().map(|partition| partition.isr.len()).min().unwrap_or(0))
            }),
            "in_sync" => topic().map(|topic| {
                let complete = |partition: &PartitionView| {
                    partition.replicas.iter().all(|replica| partition.isr.contains(replica))
                };
                Value::Truth(topic.partitions.iter().all(complete))
            }),
            "brokers" => {
                let runs =
                    self.view.brokers.iter().filter(|broker| broker.state == BrokerState::Running);
                Ok(count(runs.count()))
            }
            "broker_state" => Ok(Value::Text(self.broker_state(with.number(0)).to_owned())),
            "was_down" => match with.may_text(0) {
                Some(topic) => {
                    self.topic(&topic).map(|topic| Value::Truth(self.holder_was_down(topic)))
                }
                None => Ok(Value::Truth(!self.session.progress().stops.is_empty())),
            },
            _ => return None,
        })
    }

    /// The topic, which must be there.
    pub(super) fn topic(&self, name: &str) -> Result<&TopicView, Unmet> {
        let topic = self.view.topics.iter().find(|topic| topic.name.as_str() == name);
        topic.ok_or_else(|| Unmet::no_topic(name))
    }

    /// The leader's replica of a partition; without a leader, the one whose log is the longest.
    pub(super) fn leading(&self, partition: &PartitionView) -> Option<&ReplicaView> {
        let replicas = self.view.brokers.iter().flat_map(|broker| {
            let replicas = broker.replicas.iter().map(move |replica| (broker.id, replica));
            replicas.filter(|(_, replica)| replica.partition == partition.partition)
        });
        let leads = |broker: BrokerId| partition.leader == Some(broker);
        replicas
            .max_by_key(|(broker, replica)| (leads(*broker), replica.log_end_offset))
            .map(|(_, replica)| replica)
    }

    fn config(&self, topic: &TopicView, setting: &str) -> String {
        let rows = self.session.world().config_table(&ConfigOf::Topic(topic.name.clone()));
        let row = rows.into_iter().flatten().find(|row| row.name == setting);
        row.and_then(|row| row.value).unwrap_or_default()
    }

    fn broker_state(&self, id: i64) -> &'static str {
        let broker = self.view.brokers.iter().find(|broker| i64::from(broker.id.0) == id);
        match broker.map(|broker| (broker.state, broker.was_killed)) {
            Some((BrokerState::Running, _)) => "running",
            Some((BrokerState::Starting, _)) => "starting",
            Some((BrokerState::ShuttingDown, _)) => "shutting down",
            Some((BrokerState::Stopped, true)) => "killed",
            Some((BrokerState::Stopped, false)) => "stopped",
            None => "not there",
        }
    }

    fn holder_was_down(&self, topic: &TopicView) -> bool {
        let holders = holders(topic);
        self.session.progress().stops.iter().any(|stop| holders.contains(&stop.broker))
    }

    /// The broker with a replica of the topic that does not run, if there is one.
    fn holder_down(&self, topic: &TopicView) -> Option<BrokerId> {
        self.session.progress().brokers_down.intersection(&holders(topic)).next().copied()
    }

    /// Why not every replica is in sync.
    pub(super) fn not_in_sync(&self, topic: &str) -> Option<Unmet> {
        let topic = self.topic(topic).ok()?;
        if let Some(broker) = self.holder_down(topic) {
            return Some(Unmet::new(Reason::BrokerStillDown).with("broker", broker));
        }
        topic.partitions.iter().find_map(|partition| {
            let broker =
                partition.replicas.iter().find(|replica| !partition.isr.contains(replica))?;
            let unmet = Unmet::new(Reason::CatchingUp)
                .with("partition", &partition.partition)
                .with("replicas", set(&partition.replicas))
                .with("isr", set(&partition.isr))
                .with("broker", broker);
            Some(unmet)
        })
    }

    /// Not enough was acknowledged while a broker was down: what is, or was, in the way?
    pub(super) fn why_not_written(&self, topic: &str) -> Result<Unmet, Unmet> {
        let topic = self.topic(topic)?;
        if !self.holder_was_down(topic) {
            return Ok(Unmet::new(Reason::NoBrokerDownYet).with("topic", &topic.name));
        }
        let unmet = match self.holder_down(topic) {
            Some(broker) => self.what_holds_writes_up(topic, broker),
            None => match refused(self.session, &topic.name) {
                0 => Unmet::new(Reason::NoBrokerDownNow),
                refused => Unmet::new(Reason::WasRefused)
                    .with("refused", refused)
                    .with("min", topic.min_insync_replicas),
            },
        };
        Ok(unmet.with("topic", &topic.name))
    }

    fn what_holds_writes_up(&self, topic: &TopicView, broker: BrokerId) -> Unmet {
        let view = self.view.brokers.iter().find(|known| known.id == broker);
        let is_fenced = view.is_some_and(|broker| broker.is_fenced);
        let in_isr = topic.partitions.iter().any(|partition| partition.isr.contains(&broker));
        if !is_fenced && in_isr {
            let timeout = BrokerConfig::new(self.session.world().spec(), broker).session_timeout;
            return Unmet::new(Reason::NotFencedYet)
                .with("broker", broker)
                .with("timeout", timeout);
        }
        if let Some(partition) =
            topic.partitions.iter().find(|partition| partition.leader.is_none())
        {
            let partition = &partition.partition;
            return Unmet::new(Reason::NoLeader)
                .with("broker", broker)
                .with("partition", partition);
        }
        let min = topic.min_insync_replicas;
        let small = topic.partitions.iter().find(|partition| partition.isr.len() < min as usize);
        if let Some(partition) = small {
            return Unmet::new(Reason::BelowMinInsync)
                .with("partition", &partition.partition)
                .with("isr", partition.isr.len())
                .with("min", min)
                .with("refused", refused(self.session, &topic.name));
        }
        let is_written = self.producers_of(topic.name.as_str()).any(|producer| !producer.is_closed);
        let reason = if is_written { Reason::TooFewWhileDown } else { Reason::NobodyWrites };
        Unmet::new(reason).with("broker", broker)
    }
}

/// The partitions of a topic, or the one that was asked for.
pub(super) fn chosen(topic: &TopicView, partition: Option<i64>) -> Vec<&PartitionView> {
    let is_wanted = |known: &&PartitionView| {
        partition.is_none_or(|wanted| i64::from(known.partition.partition.0) == wanted)
    };
    topic.partitions.iter().filter(is_wanted).collect()
}

pub(super) fn count(number: usize) -> Value {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

pub(super) fn large(number: u64) -> Value {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

fn holders(topic: &TopicView) -> BTreeSet<BrokerId> {
    topic.partitions.iter().flat_map(|partition| partition.replicas.iter().copied()).collect()
}

/// The batches of a topic that leaders refused for want of in-sync replicas.
fn refused(session: &Session, topic: &TopicName) -> u64 {
    let errors = [ResponseError::NotEnoughReplicas, ResponseError::NotEnoughReplicasAfterAppend];
    errors.into_iter().map(|error| session.progress().refused(topic, error)).sum()
}

fn set(brokers: &[BrokerId]) -> String {
    let ids: Vec<String> = brokers.iter().map(ToString::to_string).collect();
    format!("{{{}}}", ids.join(", "))
}
