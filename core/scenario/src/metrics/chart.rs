//! What is drawn over virtual time, and from what.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_cluster::time::{Span, Time};

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
    pub const ALL: [Self; 9] = [
        Self::Throughput,
        Self::Lag,
        Self::Isr,
        Self::Dry,
        Self::Produce,
        Self::Fetch,
        Self::EndToEnd,
        Self::Queues,
        Self::Disk,
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
            Self::Disk => "bytes",
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
        }
    }

    /// Its lines, in an order of their own that does not change as time goes on.
    pub fn lines(self, samples: &[Arc<Sample>]) -> Vec<Line> {
        let mut lines = Lines {
            times: samples.iter().map(|sample| sample.at).collect(),
            lines: BTreeMap::new(),
        };
        for (index, sample) in samples.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|before| samples.get(before));
            self.add(&mut lines.at(index), sample, before.map(|before| &**before));
        }
        lines.finish()
    }

    fn add(self, put: &mut Put<'_>, sample: &Sample, before: Option<&Sample>) {
        match self {
            Self::Throughput => throughput(put, sample, before),
            Self::Lag => {
                for lag in &sample.lags {
                    put.whole(format!("{} {}", lag.group, lag.partition), lag.lag);
                }
            }
            Self::Isr => isr(put, sample),
            Self::Dry => {
                for partition in &sample.partitions {
                    let dry = partition.ends.map(|(end, mark)| (end.0 - mark.0).max(0) as u64);
                    put.whole(partition.partition.to_string(), dry);
                }
            }
            Self::Produce => latency(put, sample.produce),
            Self::Fetch => latency(put, sample.fetch),
            Self::EndToEnd => latency(put, sample.end_to_end),
            Self::Queues => queues(put, sample),
            Self::Disk => {
                for broker in &sample.brokers {
                    put.whole(format!("broker {}", broker.broker), Some(broker.disk_bytes));
                }
            }
        }
    }
}

/// The lines of a chart while they are made, by their labels.
struct Lines {
    times: Vec<Time>,
    lines: BTreeMap<String, Vec<Option<Thousandths>>>,
}

/// Puts values at one instant.
struct Put<'a> {
    lines: &'a mut Lines,
    index: usize,
}

impl Lines {
    fn at(&mut self, index: usize) -> Put<'_> {
        Put { lines: self, index }
    }

    fn finish(self) -> Vec<Line> {
        let Self { times, lines } = self;
        let line = |(label, mut values): (String, Vec<Option<Thousandths>>)| {
            values.resize(times.len(), None);
            Line { label, points: times.iter().copied().zip(values).collect() }
        };
        lines.into_iter().map(line).collect()
    }
}

impl Put<'_> {
    fn number(&mut self, label: String, value: Option<Thousandths>) {
        let values = self.lines.lines.entry(label).or_default();
        values.resize(self.index, None);
        values.push(value);
    }

    fn whole(&mut self, label: String, value: Option<u64>) {
        self.number(label, value.map(Thousandths::whole));
    }
}

fn throughput(put: &mut Put<'_>, sample: &Sample, before: Option<&Sample>) {
    let passed = sample.at.since(before.map_or(Time::ZERO, |before| before.at));
    let rate = |total: u64, earlier: Option<u64>| {
        let counted = total.saturating_sub(earlier.unwrap_or(0));
        Some(Thousandths::ratio(counted.saturating_mul(1_000), passed.millis()))
    };
    for topic in &sample.topics {
        let known =
            before.and_then(|before| before.topics.iter().find(|known| known.topic == topic.topic));
        let value = rate(topic.records, known.map(|known| known.records));
        put.number(format!("written to {}", topic.topic), value);
    }
    for consumer in &sample.consumers {
        let known = before.and_then(|before| {
            before.consumers.iter().find(|known| known.client == consumer.client)
        });
        let value = rate(consumer.records, known.map(|known| known.records));
        put.number(format!("read by {}", consumer.name), value);
    }
}

fn isr(put: &mut Put<'_>, sample: &Sample) {
    for partition in &sample.partitions {
        put.whole(partition.partition.to_string(), Some(u64::from(partition.isr)));
        if partition.min_isr > 1 {
            let label = format!("min.insync.replicas of {}", partition.partition.topic);
            if partition.partition.partition.0 == 0 {
                put.whole(label, Some(u64::from(partition.min_isr)));
            }
        }
    }
}

fn latency(put: &mut Put<'_>, latency: Latency) {
    let parts = [("p50", latency.p50), ("p95", latency.p95), ("p99", latency.p99)];
    for (label, Span(micros)) in parts {
        let value = (latency.count > 0).then_some(Thousandths(micros as i64));
        put.number(label.to_owned(), value);
    }
}

fn queues(put: &mut Put<'_>, sample: &Sample) {
    for broker in &sample.brokers {
        let id = broker.broker;
        put.whole(format!("broker {id}, produce purgatory"), Some(broker.produce_purgatory.into()));
        put.whole(format!("broker {id}, fetch purgatory"), Some(broker.fetch_purgatory.into()));
        put.whole(format!("broker {id}, disk or pause"), Some(broker.waiting.into()));
    }
    for producer in &sample.producers {
        put.whole(format!("{}, accumulator", producer.name), Some(producer.waiting));
    }
}
