//! What is drawn over virtual time, and from what.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_cluster::ids::{BrokerId, ClientId, GroupId, TopicName, TopicPartition};
use highwater_cluster::time::{Span, Time};
use highwater_texts::{fill, said};

use super::number::Thousandths;
use super::sample::{Latency, Sample};

/// A chart that can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    /// Records that leaders appended and that applications got.
    Throughput,
    /// How far groups lie behind.
    Lag,
    /// The sizes of ISRs.
    Isr,
    /// Records above the waterline.
    Dry,
    /// How long Produce requests take.
    Produce,
    /// How long Fetch requests take.
    Fetch,
    /// How old records are when they are done with.
    EndToEnd,
    /// What waits where.
    Queues,
    /// What logs take on disks.
    Disk,
    /// What tiered storage saves.
    Tiers,
}

/// A line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is of.
    pub label: String,
    /// Its values in order of time; none where there is nothing to tell.
    pub points: Vec<(Time, Option<Thousandths>)>,
}

impl Chart {
    /// All charts, in the order in which they are offered.
    pub const ALL: [Self; 10] = [
        Self::Throughput,
        Self::Lag,
        Self::Isr,
        Self::Dry,
        Self::Produce,
        Self::Fetch,
        Self::EndToEnd,
        Self::Queues,
        Self::Disk,
        Self::Tiers,
    ];

    /// What its lines are called, in English, with what is filled in in braces.
    pub const WORDS: [(&str, &str); 12] = [
        ("written", words::WRITTEN),
        ("read", words::READ),
        ("min-isr", words::MIN_ISR),
        ("disk", words::DISK),
        ("disks", words::DISKS),
        ("remote", words::REMOTE),
        ("without", words::WITHOUT),
        ("queue", words::QUEUE),
        ("produce-purgatory", words::PRODUCE_PURGATORY),
        ("fetch-purgatory", words::FETCH_PURGATORY),
        ("waiting", words::WAITING),
        ("accumulator", words::ACCUMULATOR),
    ];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Throughput => "Throughput",
            Self::Lag => "Lag of groups",
            Self::Isr => "Size of the ISR",
            Self::Dry => "Above the high watermark",
            Self::Produce => "Produce latency",
            Self::Fetch => "Fetch latency",
            Self::EndToEnd => "End-to-end latency",
            Self::Queues => "Queues",
            Self::Disk => "Disk use",
            Self::Tiers => "Tiered storage",
        }
    }

    /// What its values are in.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Throughput => "records/s",
            Self::Lag | Self::Dry => "records",
            Self::Isr => "replicas",
            Self::Produce | Self::Fetch | Self::EndToEnd => "ms",
            Self::Queues => "waiting",
            Self::Disk | Self::Tiers => "bytes",
        }
    }

    /// What it shows, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Throughput => {
                "Records that leaders appended to each topic, and that the applications of consumers got."
            }
            Self::Lag => {
                "Offsets between what a group has committed and the high watermark, in each partition."
            }
            Self::Isr => {
                "In-sync replicas of each partition, and min.insync.replicas where it is more than 1."
            }
            Self::Dry => {
                "Records in a leader's log that are not on the whole ISR yet: consumers do not see them, and they could still be lost."
            }
            Self::Produce => "From a Produce request's leaving its client to the answer.",
            Self::Fetch => {
                "From a Fetch request's leaving its client to the answer, with the wait for records up to fetch.max.wait.ms."
            }
            Self::EndToEnd => {
                "From a record's timestamp to the consuming application's being done with it."
            }
            Self::Queues => {
                "Requests in purgatory, what waits for a disk or a paused process, and records in the accumulators of producers."
            }
            Self::Disk => "Bytes of all logs on each broker's disk.",
            Self::Tiers => {
                "Bytes of tiered topics on all disks and in the remote store, and what the disks would hold without it: each replica all of it."
            }
        }
    }

    /// Its lines, in an order of their own that does not change as time goes on.
    pub fn lines(self, samples: &[Arc<Sample>]) -> Vec<Line> {
        let mut lines = Lines::default();
        for (index, sample) in samples.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|before| samples.get(before));
            self.add(&mut Put { lines: &mut lines, index }, sample, before.map(|before| &**before));
        }
        let times = samples.iter().map(|sample| sample.at);
        let line = |(what, mut values): (What<'_>, Vec<Option<Thousandths>>)| {
            values.resize(samples.len(), None);
            Line { label: what.label(), points: times.clone().zip(values).collect() }
        };
        lines.into_iter().map(line).collect()
    }

    fn add<'a>(self, put: &mut Put<'a, '_>, sample: &'a Sample, before: Option<&'a Sample>) {
        match self {
            Self::Throughput => throughput(put, sample, before),
            Self::Lag => {
                for lag in &sample.lags {
                    put.whole(What::Lag(&lag.group, &lag.partition), lag.lag);
                }
            }
            Self::Isr => isr(put, sample),
            Self::Dry => {
                for partition in &sample.partitions {
                    let dry = partition.ends.map(|(end, mark)| (end.0 - mark.0).max(0) as u64);
                    put.whole(What::Partition(&partition.partition), dry);
                }
            }
            Self::Produce => latency(put, sample.produce),
            Self::Fetch => latency(put, sample.fetch),
            Self::EndToEnd => latency(put, sample.end_to_end),
            Self::Queues => queues(put, sample),
            Self::Tiers => {
                let tiers = sample.tiers;
                put.whole(What::Tier(words::DISKS), tiers.map(|tiers| tiers.disk_bytes));
                put.whole(What::Tier(words::REMOTE), tiers.map(|tiers| tiers.remote_bytes));
                put.whole(What::Tier(words::WITHOUT), tiers.map(|tiers| tiers.without_bytes));
            }
            Self::Disk => {
                for broker in &sample.brokers {
                    put.whole(What::Disk(broker.broker), Some(broker.disk_bytes));
                }
            }
        }
    }
}

/// What a line is of. The order is that of the lines of a chart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What<'a> {
    Written(&'a TopicName),
    Read(ClientId, &'a str),
    Partition(&'a TopicPartition),
    MinIsr(&'a TopicName),
    Lag(&'a GroupId, &'a TopicPartition),
    Percentile(&'static str),
    Disk(BrokerId),
    Tier(&'static str),
    Queue(&'static str, BrokerId),
    Accumulator(ClientId, &'a str),
}

/// What lines are called, in English.
mod words {
    pub const WRITTEN: &str = "written to {topic}";
    pub const READ: &str = "read by {consumer}";
    pub const MIN_ISR: &str = "min.insync.replicas of {topic}";
    pub const DISK: &str = "broker {broker}";
    pub const DISKS: &str = "on all disks";
    pub const REMOTE: &str = "in the remote store";
    pub const WITHOUT: &str = "on disks without it";
    pub const QUEUE: &str = "broker {broker}, {queue}";
    pub const PRODUCE_PURGATORY: &str = "produce purgatory";
    pub const FETCH_PURGATORY: &str = "fetch purgatory";
    pub const WAITING: &str = "disk or pause";
    pub const ACCUMULATOR: &str = "{producer}, accumulator";
}

impl What<'_> {
    /// What the line is called, in the language in force.
    fn label(&self) -> String {
        let filled = |sentence, arguments: &[(&str, String)]| fill(said(sentence), arguments);
        match self {
            What::Written(topic) => filled(words::WRITTEN, &[("topic", topic.to_string())]),
            What::Read(_, name) => filled(words::READ, &[("consumer", (*name).to_owned())]),
            What::Partition(partition) => partition.to_string(),
            What::MinIsr(topic) => filled(words::MIN_ISR, &[("topic", topic.to_string())]),
            What::Lag(group, partition) => format!("{group} {partition}"),
            What::Percentile(name) => (*name).to_owned(),
            What::Tier(name) => said(name).to_owned(),
            What::Disk(broker) => filled(words::DISK, &[("broker", broker.to_string())]),
            What::Queue(queue, broker) => {
                let queue = said(queue).to_owned();
                filled(words::QUEUE, &[("broker", broker.to_string()), ("queue", queue)])
            }
            What::Accumulator(_, name) => {
                filled(words::ACCUMULATOR, &[("producer", (*name).to_owned())])
            }
        }
    }
}

type Lines<'a> = BTreeMap<What<'a>, Vec<Option<Thousandths>>>;

/// Puts values at one instant.
struct Put<'a, 'b> {
    lines: &'b mut Lines<'a>,
    index: usize,
}

impl<'a> Put<'a, '_> {
    fn number(&mut self, what: What<'a>, value: Option<Thousandths>) {
        let values = self.lines.entry(what).or_default();
        values.resize(self.index, None);
        values.push(value);
    }

    fn whole(&mut self, what: What<'a>, value: Option<u64>) {
        self.number(what, value.map(Thousandths::whole));
    }
}

fn throughput<'a>(put: &mut Put<'a, '_>, sample: &'a Sample, before: Option<&'a Sample>) {
    let passed = sample.at.since(before.map_or(Time::ZERO, |before| before.at));
    let rate = |total: u64, earlier: Option<u64>| {
        let counted = total.saturating_sub(earlier.unwrap_or(0));
        Some(Thousandths::ratio(counted.saturating_mul(1_000), passed.millis()))
    };
    for topic in &sample.topics {
        let mut known = before.iter().flat_map(|before| &before.topics);
        let known = known.find(|known| known.topic == topic.topic);
        let value = rate(topic.records, known.map(|known| known.records));
        put.number(What::Written(&topic.topic), value);
    }
    for consumer in &sample.consumers {
        let mut known = before.iter().flat_map(|before| &before.consumers);
        let known = known.find(|known| known.client == consumer.client);
        let value = rate(consumer.records, known.map(|known| known.records));
        put.number(What::Read(consumer.client, &consumer.name), value);
    }
}

fn isr<'a>(put: &mut Put<'a, '_>, sample: &'a Sample) {
    for partition in &sample.partitions {
        put.whole(What::Partition(&partition.partition), Some(u64::from(partition.isr)));
        // It is the same for all partitions of a topic.
        if partition.min_isr > 1 && partition.partition.partition.0 == 0 {
            let topic = &partition.partition.topic;
            put.whole(What::MinIsr(topic), Some(u64::from(partition.min_isr)));
        }
    }
}

fn latency(put: &mut Put<'_, '_>, latency: Latency) {
    let parts = [("p50", latency.p50), ("p95", latency.p95), ("p99", latency.p99)];
    for (name, Span(micros)) in parts {
        let value = (latency.count > 0).then_some(Thousandths(micros as i64));
        put.number(What::Percentile(name), value);
    }
}

fn queues<'a>(put: &mut Put<'a, '_>, sample: &'a Sample) {
    for broker in &sample.brokers {
        let waiting = [
            (words::PRODUCE_PURGATORY, broker.produce_purgatory),
            (words::FETCH_PURGATORY, broker.fetch_purgatory),
            (words::WAITING, broker.waiting),
        ];
        for (queue, count) in waiting {
            put.whole(What::Queue(queue, broker.broker), Some(count.into()));
        }
    }
    for producer in &sample.producers {
        put.whole(What::Accumulator(producer.client, &producer.name), Some(producer.waiting));
    }
}
