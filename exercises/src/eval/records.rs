//! What can be asked of the records in the leaders' logs.

use std::collections::{BTreeMap, BTreeSet};

use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::log::{Offset, Record};

use super::cluster::{chosen, count};
use super::{Arguments, Look, Unmet, Value};

/// As many records of a topic as are looked at.
const MOST: usize = 200_000;

/// The records of all topics that are not Kafka's own, by topic and partition: read when they are first
/// asked for.
#[derive(Debug, Default)]
pub(super) struct Records(BTreeMap<(TopicName, i64), Vec<Record>>);

impl Look<'_> {
    pub(super) fn of_records(
        &self,
        name: &str,
        with: &Arguments<'_>,
    ) -> Option<Result<Value, Unmet>> {
        let (topic, partition) = (with.text(0), with.may_number(1));
        Some(match name {
            "records" => {
                let (key, value) = (with.may_text(2), with.may_text(3));
                self.count_records(&topic, partition, &|record| {
                    let has_key = key.as_ref().is_none_or(|key| is(record.key.as_deref(), key));
                    let value = value.as_ref();
                    has_key && value.is_none_or(|part| contains(record.value.as_deref(), part))
                })
            }
            "keyless" => self.count_records(&topic, None, &|record| record.key.is_none()),
            "tombstones" => {
                let key = with.may_text(1);
                self.count_records(&topic, None, &|record| {
                    let has_key = key.as_ref().is_none_or(|key| is(record.key.as_deref(), key));
                    record.value.is_none() && has_key
                })
            }
            "keys" => self.topic(&topic).map(|_| {
                let all = self.all_of(&topic).flat_map(|(_, records)| records);
                count(all.filter_map(|record| record.key.clone()).collect::<BTreeSet<_>>().len())
            }),
            "spread" => self.topic(&topic).map(|_| {
                let key = with.may_text(1);
                let has_some = |records: &[Record]| {
                    let has_key = |record: &Record| {
                        key.as_ref().is_none_or(|key| is(record.key.as_deref(), key))
                    };
                    records.iter().any(has_key)
                };
                count(self.all_of(&topic).filter(|(_, records)| has_some(records)).count())
            }),
            "keys_stay" => self.topic(&topic).map(|_| {
                let mut homes = BTreeMap::new();
                let mut stay = true;
                for (partition, records) in self.all_of(&topic) {
                    for key in records.iter().filter_map(|record| record.key.as_ref()) {
                        stay &= *homes.entry(key.clone()).or_insert(partition) == partition;
                    }
                }
                Value::Truth(stay)
            }),
            "value_at" => self.topic(&topic).map(|_| {
                let mut all = self.all_of(&topic).filter(|(known, _)| Some(*known) == partition);
                let records = all.next().map(|(_, records)| records).unwrap_or_default();
                let record = records.iter().find(|record| record.offset.0 == with.number(2));
                let value = record.and_then(|record| record.value.as_deref()).unwrap_or_default();
                Value::Text(String::from_utf8_lossy(value).into_owned())
            }),
            _ => return None,
        })
    }

    /// How many records of a partition stand before an offset.
    pub(super) fn records_before(&self, partition: &TopicPartition, offset: Offset) -> u64 {
        let wanted = i64::from(partition.partition.0);
        let mut all = self.all_of(partition.topic.as_str()).filter(|(known, _)| *known == wanted);
        let records = all.next().map(|(_, records)| records).unwrap_or_default();
        records.iter().filter(|record| record.offset < offset).count() as u64
    }

    fn count_records(
        &self,
        topic: &str,
        partition: Option<i64>,
        is_wanted: &dyn Fn(&Record) -> bool,
    ) -> Result<Value, Unmet> {
        self.topic(topic)?;
        let chosen =
            self.all_of(topic).filter(|(known, _)| partition.is_none_or(|one| one == *known));
        let records = chosen.flat_map(|(_, records)| records);
        Ok(count(records.filter(|record| is_wanted(record)).count()))
    }

    /// The records of a topic, by partition.
    fn all_of(&self, topic: &str) -> impl Iterator<Item = (i64, &[Record])> {
        let records = self.records.get_or_init(|| self.read_records());
        let topic = topic.to_owned();
        let of_topic = records.0.iter().filter(move |((known, _), _)| known.as_str() == topic);
        of_topic.map(|((_, partition), records)| (*partition, records.as_slice()))
    }

    fn read_records(&self) -> Records {
        let mut all = Records::default();
        for topic in self.view.topics.iter().filter(|topic| !topic.is_internal) {
            for partition in chosen(topic, None) {
                let Some(log) = self.leading_log(partition) else { continue };
                // What is below its start was deleted, though its batch may be there still.
                let start = log.log_start_offset();
                let batches = log.batches().filter(|batch| !batch.header().is_control);
                let records = batches.filter_map(|batch| batch.records().ok()).flatten();
                let records = records.filter(|record| record.offset >= start).take(MOST);
                let key = (topic.name.clone(), i64::from(partition.partition.partition.0));
                all.0.insert(key, records.collect());
            }
        }
        all
    }
}

fn is(bytes: Option<&[u8]>, text: &str) -> bool {
    bytes == Some(text.as_bytes())
}

fn contains(bytes: Option<&[u8]>, text: &str) -> bool {
    bytes.is_some_and(|bytes| String::from_utf8_lossy(bytes).contains(text))
}
