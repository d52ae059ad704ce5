//! What can be asked of producers and consumers, and of what became of records.

use std::borrow::Cow;

use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::log::Log;
use highwater_cluster::view::{ConsumerView, PartitionView, ProducerView};
use highwater_scenario::chronicle::Happening;
use highwater_scenario::invariants::Anomaly;
use highwater_scenario::progress::TopicProgress;

use super::cluster::{count, large};
use super::{Arguments, Look, Moment, Unmet, Value};
use crate::model::Reason;

impl Look<'_> {
    pub(super) fn of_clients(
        &self,
        name: &str,
        with: &Arguments<'_>,
    ) -> Option<Result<Value, Unmet>> {
        let first = with.text(0);
        Some(match name {
            "producers" => {
                let runs = self.all_producers().filter(|producer| !producer.is_closed);
                let topic = with.may_text(0);
                let is_wanted = |producer: &&ProducerView| {
                    topic.as_ref().is_none_or(|topic| producer.topic.as_str() == topic)
                };
                Ok(count(runs.filter(is_wanted).count()))
            }
            "acks" => self.acks(&first),
            "producer_config" => self
                .all_producers()
                .find(|producer| *producer.name == *first)
                .ok_or_else(|| Unmet::no_client(&first))
                .map(|producer| setting(&producer.configs, &with.text(1))),
            "acknowledged" => Ok(large(self.topic_history(&first).acknowledged)),
            "acknowledged_while_down" => self
                .topic(&first)
                .map(|_| large(self.topic_history(&first).acknowledged_while_down)),
            "failed" => Ok(large(self.topic_history(&first).failed)),
            "waiting" => {
                let waiting = self
                    .producers_of(&first)
                    .map(|one| one.records_waiting + one.records_in_flight);
                Ok(large(waiting.sum()))
            }
            "lost" => Ok(large(self.lost(&first))),
            "consumers" => {
                let group = with.may_text(0);
                let runs = self.all_consumers().filter(|consumer| !consumer.is_closed);
                let is_wanted = |consumer: &&ConsumerView| {
                    group.as_ref().is_none_or(|group| consumer.group.as_str() == group)
                };
                Ok(count(runs.filter(is_wanted).count()))
            }
            "read" => Ok(self.read(with.may_text(0), with.may_text(1))),
            "read_by" => match self.done_by_share_consumer(&first) {
                Some(done) => Ok(large(done)),
                None => self.consumer(&first).map(|consumer| large(consumer.records_consumed)),
            },
            "started_at" => self.started_at(&first),
            "position" => self.consumer(&first).map(|consumer| {
                let wanted = TopicPartition::new(
                    &TopicName::from(with.text(1).as_str()),
                    i32::try_from(with.number(2)).unwrap_or(-1),
                );
                let owned = consumer.assignment.iter().find(|owned| owned.partition == wanted);
                Value::Number(owned.and_then(|owned| owned.position).map_or(-1, |offset| offset.0))
            }),
            "subscription" => {
                let name = with.may_text(0);
                let named = self
                    .all_consumers()
                    .filter(|one| name.as_deref().is_none_or(|name| *one.name == *name));
                let newest = named.last().ok_or_else(|| Unmet::no_client(&first));
                newest.map(|consumer| {
                    let topics: Vec<&str> = consumer.topics.iter().map(TopicName::as_str).collect();
                    Value::Text(topics.join(", "))
                })
            }
            "consumer_config" => {
                self.consumer(&first).map(|consumer| setting(&consumer.configs, &with.text(1)))
            }
            _ => return None,
        })
    }

    /// The producers, those within applications too.
    fn all_producers(&self) -> impl Iterator<Item = &ProducerView> {
        self.view.producers.iter().chain(self.view.apps.iter().map(|app| &app.producer))
    }

    /// The producers that write or wrote to a topic.
    pub(super) fn producers_of(&self, topic: &str) -> impl Iterator<Item = &ProducerView> {
        self.all_producers().filter(move |producer| producer.topic.as_str() == topic)
    }

    pub(super) fn all_consumers(&self) -> impl Iterator<Item = &ConsumerView> {
        self.view.consumers.iter().chain(self.view.apps.iter().map(|app| &app.consumer))
    }

    /// The newest consumer of that name.
    fn consumer(&self, name: &str) -> Result<&ConsumerView, Unmet> {
        let newest = self.all_consumers().filter(|consumer| &*consumer.name == name).last();
        newest.ok_or_else(|| Unmet::no_client(name))
    }

    /// Where the first consumer of that name began to read: at its first position. If the record there was
    /// gone, it was sent on before it had read anything: what it has read since tells from which of its
    /// positions it began.
    fn started_at(&self, name: &str) -> Result<Value, Unmet> {
        let moments = || self.session.progress().chronicle.moments();
        let resets = moments().filter(|moment| {
            moment.by.as_deref() == Some(name) && moment.what == Happening::PositionReset
        });
        let starts: Vec<i64> = resets.filter_map(|moment| moment.text.parse().ok()).collect();
        let first = *starts.first().ok_or_else(|| Unmet::no_client(name))?;
        let is_another = moments()
            .filter(|moment| moment.what == Happening::ConsumerStarted && &*moment.text == name)
            .nth(1)
            .is_some();
        let by_its_records =
            self.consumer(name).ok().filter(|_| !is_another).and_then(|consumer| {
                // Of several partitions nobody can say which one the records are of.
                let [owned] = &consumer.assignment[..] else { return None };
                let read = i64::try_from(consumer.records_consumed).ok()?;
                owned.position.map(|position| position.0 - read)
            });
        let start = by_its_records.filter(|start| starts.contains(start)).unwrap_or(first);
        Ok(Value::Number(start))
    }

    /// What happened to the records of a topic.
    fn topic_history(&self, topic: &str) -> TopicProgress {
        self.session.progress().topics.get(&TopicName::from(topic)).cloned().unwrap_or_default()
    }

    /// The acks of the producers that write to a topic now; a producer that was closed does no more harm,
    /// unless there is no other.
    fn acks(&self, topic: &str) -> Result<Value, Unmet> {
        let running: Vec<_> = self.producers_of(topic).filter(|one| !one.is_closed).collect();
        let last = self.producers_of(topic).last();
        let Some(first) = running.first().copied().or(last) else {
            return Err(Unmet::new(Reason::NoProducer).with("topic", topic));
        };
        // Of several, one with weaker acks decides: what it writes is not as safe as the rest.
        let weakest =
            running.iter().copied().min_by_key(|one| &*one.acks == "all").unwrap_or(first);
        Ok(Value::Text(weakest.acks.to_string()))
    }

    pub(super) fn other_acks(&self, topic: &str) -> Option<Unmet> {
        let Ok(Value::Text(found)) = self.acks(topic) else { return None };
        let producer = self.producers_of(topic).filter(|one| *one.acks == *found).last()?;
        Some(Unmet::new(Reason::OtherAcks).with("producer", &producer.name).with("topic", topic))
    }

    fn read(&self, group: Option<String>, topic: Option<String>) -> Value {
        match (group, topic) {
            (None, Some(topic)) => large(self.topic_history(&topic).consumed),
            (None, None) => {
                large(self.session.progress().topics.values().map(|topic| topic.consumed).sum())
            }
            (Some(group), topic) => {
                let members =
                    self.all_consumers().filter(|consumer| consumer.group.as_str() == group);
                let of_topic = members.filter(|consumer| {
                    let mut topics = consumer.topics.iter();
                    topic.as_ref().is_none_or(|topic| topics.any(|known| known.as_str() == topic))
                });
                large(of_topic.map(|consumer| consumer.records_consumed).sum())
            }
        }
    }

    /// The acknowledged records of a topic that are gone now, found lost or not.
    fn lost(&self, topic: &str) -> u64 {
        let name = TopicName::from(topic);
        let missing = self.session.invariants().acknowledged().missing(&name, self.session.world());
        missing + self.found_lost(topic).map(|(count, ..)| count).sum::<u64>()
    }

    /// What checkers found to be lost of a topic: how many, from where on, and when.
    fn found_lost(
        &self,
        topic: &str,
    ) -> impl Iterator<Item = (u64, (&TopicPartition, i64), Moment)> {
        self.session.invariants().found().iter().filter_map(move |finding| match &finding.what {
            Anomaly::LostWrite { partition, first, last, .. }
                if partition.topic.as_str() == topic =>
            {
                let count = u64::try_from(last.0 - first.0 + 1).unwrap_or(0);
                let moment = self.moment(finding.event);
                Some((count, (partition, first.0), moment))
            }
            _ => None,
        })
    }

    pub(super) fn what_is_lost(&self, topic: &str) -> Option<Unmet> {
        let name = TopicName::from(topic);
        let mut found = self.found_lost(topic);
        if let Some((count, (partition, offset), moment)) = found.next() {
            let lost = count + found.map(|(count, ..)| count).sum::<u64>();
            let unmet = Unmet::new(Reason::RecordsLost)
                .with("topic", topic)
                .with("lost", lost)
                .with("partition", partition)
                .with("offset", offset);
            return Some(Unmet { broke: Some(moment), ..unmet });
        }
        let told = self.session.invariants().acknowledged();
        let missing = told.missing(&name, self.session.world());
        let unmet = Unmet::new(Reason::RecordsMissing).with("acknowledged", told.count(&name));
        Some(unmet.with("missing", missing))
    }

    /// The leader's log of a partition, with what is in the remote tier; without a leader, the longest.
    pub(super) fn leading_log(&self, partition: &PartitionView) -> Option<Cow<'_, Log>> {
        let logs = self.session.world().logs();
        let of_partition = logs.filter(|(_, known, _)| **known == partition.partition);
        let best = of_partition.max_by_key(|(broker, _, log)| {
            (partition.leader == Some(*broker), log.log_end_offset())
        });
        let (broker, ..) = best?;
        self.session.world().whole_log(broker, &partition.partition)
    }
}

fn setting(configs: &[(std::sync::Arc<str>, std::sync::Arc<str>)], name: &str) -> Value {
    let value =
        configs.iter().find(|(known, _)| &**known == name).map(|(_, value)| value.to_string());
    Value::Text(value.unwrap_or_default())
}
