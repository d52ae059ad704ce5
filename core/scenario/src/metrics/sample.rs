//! The cluster at one instant, in numbers: what charts are drawn from.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_cluster::ids::{BrokerId, ClientId, GroupId, TopicName, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::view::{ClusterView, ConsumerView, ProducerView, ReplicaRole};

use super::durations::Durations;
use super::tally::Tally;

/// The cluster at one instant, in numbers. What is called a total counts from the beginning of the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Time,
    /// How much time before `at` the latencies stand for.
    pub stretch: Span,
    /// What leaders have appended, by topic.
    pub topics: Vec<TopicSample>,
    /// Every broker.
    pub brokers: Vec<BrokerSample>,
    /// Every partition that the controller knows.
    pub partitions: Vec<PartitionSample>,
    /// What of tiered topics lies where; none without tiered storage.
    pub tiers: Option<TierSample>,
    /// How far each group lies behind.
    pub lags: Vec<LagSample>,
    /// Producers, those of applications among them.
    pub producers: Vec<ClientSample>,
    /// Consumers, those of applications among them.
    pub consumers: Vec<ClientSample>,
    /// From a Produce request's leaving its client to the answer's arrival.
    pub produce: Latency,
    /// From a Fetch request's leaving its client to the answer's arrival, with the wait for records.
    pub fetch: Latency,
    /// From a record's timestamp to its application's being done with it.
    pub end_to_end: Latency,
}

/// What leaders have appended to a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicSample {
    /// The topic.
    pub topic: TopicName,
    /// Records, in total.
    pub records: u64,
    /// Their bytes, in total.
    pub bytes: u64,
}

/// A broker, in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerSample {
    /// Which.
    pub broker: BrokerId,
    /// The bytes of all logs on its disk.
    pub disk_bytes: u64,
    /// Produce requests that wait for the ISR.
    pub produce_purgatory: u32,
    /// Fetches that wait for records.
    pub fetch_purgatory: u32,
    /// Requests that wait for its disk, and what waits for a process that stands still.
    pub waiting: u32,
}

/// A partition, in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionSample {
    /// Which.
    pub partition: TopicPartition,
    /// The size of its ISR.
    pub isr: u32,
    /// `min.insync.replicas`.
    pub min_isr: u32,
    /// The end of its leader's log, and the high watermark there; none without a leader.
    pub ends: Option<(Offset, Offset)>,
}

/// What of tiered topics lies where, in bytes of logs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TierSample {
    /// On all disks.
    pub disk_bytes: u64,
    /// In the remote store.
    pub remote_bytes: u64,
    /// On all disks, if there were no remote store: each replica would have all.
    pub without_bytes: u64,
}

/// How far a group lies behind in a partition.
#[derive(Clone, Debug, PartialEq)]
pub struct LagSample {
    /// The group.
    pub group: GroupId,
    /// The partition.
    pub partition: TopicPartition,
    /// Offsets between what it committed and the high watermark; none without a leader.
    pub lag: Option<u64>,
}

/// A client, in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientSample {
    /// Which.
    pub client: ClientId,
    /// The name that the person gave it.
    pub name: Arc<str>,
    /// Records that it sent, retries included; of a consumer, that its application got. In total.
    pub records: u64,
    /// Records in a producer's accumulator.
    pub waiting: u64,
}

/// How long requests took in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Latency {
    /// How many there were.
    pub count: u64,
    /// Half of them took no longer.
    pub p50: Span,
    /// 95 % of them took no longer.
    pub p95: Span,
    /// 99 % of them took no longer.
    pub p99: Span,
}

impl Sample {
    pub(super) fn take(at: Time, stretch: Span, view: &ClusterView, tally: &mut Tally) -> Self {
        let ends = leader_ends(view);
        Self {
            at,
            stretch,
            topics: tally.topic_samples(),
            brokers: brokers(view),
            partitions: partitions(view, &ends),
            tiers: tiers(view),
            lags: lags(view, &ends),
            producers: producers(view).map(producer).collect(),
            consumers: consumers(view).map(consumer).collect(),
            produce: Latency::of(&std::mem::take(&mut tally.stretch.produce)),
            fetch: Latency::of(&std::mem::take(&mut tally.stretch.fetch)),
            end_to_end: Latency::of(&std::mem::take(&mut tally.stretch.end_to_end)),
        }
    }

    /// This sample and the next as one: the numbers of the later, and the worse latencies.
    pub(super) fn joined(&self, next: &Self) -> Self {
        Self {
            stretch: self.stretch + next.stretch,
            produce: self.produce.or_worse(next.produce),
            fetch: self.fetch.or_worse(next.fetch),
            end_to_end: self.end_to_end.or_worse(next.end_to_end),
            ..next.clone()
        }
    }
}

impl Latency {
    fn of(durations: &Durations) -> Self {
        Self {
            count: durations.count(),
            p50: durations.percentile(500),
            p95: durations.percentile(950),
            p99: durations.percentile(990),
        }
    }

    fn or_worse(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            p50: self.p50.max(other.p50),
            p95: self.p95.max(other.p95),
            p99: self.p99.max(other.p99),
        }
    }
}

/// The end of each partition's leader's log, and the high watermark there.
pub(super) type Ends<'a> = BTreeMap<&'a TopicPartition, (Offset, Offset)>;

/// What the leaders of partitions say of their logs.
pub(super) fn leader_ends(view: &ClusterView) -> Ends<'_> {
    let replicas = view.brokers.iter().flat_map(|broker| &broker.replicas);
    let leaders = replicas.filter(|replica| replica.role == ReplicaRole::Leader);
    // One that was cut off may still think that it leads: the later epoch counts.
    let mut newest: BTreeMap<&TopicPartition, _> = BTreeMap::new();
    for replica in leaders {
        let ends = (replica.log_end_offset, replica.high_watermark);
        let known = newest.entry(&replica.partition).or_insert((replica.leader_epoch, ends));
        if known.0 < replica.leader_epoch {
            *known = (replica.leader_epoch, ends);
        }
    }
    newest.into_iter().map(|(partition, (_, ends))| (partition, ends)).collect()
}

/// All producers, those of applications among them.
pub(super) fn producers(view: &ClusterView) -> impl Iterator<Item = &ProducerView> {
    view.producers.iter().chain(view.apps.iter().map(|app| &app.producer))
}

/// All consumers, those of applications among them.
pub(super) fn consumers(view: &ClusterView) -> impl Iterator<Item = &ConsumerView> {
    view.consumers.iter().chain(view.apps.iter().map(|app| &app.consumer))
}

fn producer(view: &ProducerView) -> ClientSample {
    ClientSample {
        client: view.client,
        name: view.name.clone(),
        records: view.sending.records_sent,
        waiting: view.records_waiting,
    }
}

fn consumer(view: &ConsumerView) -> ClientSample {
    ClientSample {
        client: view.client,
        name: view.name.clone(),
        records: view.records_consumed,
        waiting: 0,
    }
}

fn brokers(view: &ClusterView) -> Vec<BrokerSample> {
    let sample = |broker: &highwater_cluster::view::BrokerView| BrokerSample {
        broker: broker.id,
        disk_bytes: broker.replicas.iter().map(|replica| replica.size_bytes).sum(),
        produce_purgatory: broker.purgatory.produce,
        fetch_purgatory: broker.purgatory.fetch,
        waiting: broker.disk.waiting + broker.waiting_for_resume,
    };
    view.brokers.iter().map(sample).collect()
}

fn tiers(view: &ClusterView) -> Option<TierSample> {
    let mut sample = view.remote.is_enabled.then(TierSample::default)?;
    sample.remote_bytes = view.remote.log_bytes;
    for tier in &view.remote.partitions {
        let replicas = view.brokers.iter().flat_map(|broker| &broker.replicas);
        for replica in replicas.filter(|replica| replica.partition == tier.partition) {
            let is_gone = |end: Offset| end < replica.local_log_start_offset;
            let gone = tier.copied().filter(|segment| is_gone(segment.end_offset));
            sample.disk_bytes += replica.size_bytes;
            sample.without_bytes +=
                replica.size_bytes + gone.map(|segment| segment.size_bytes).sum::<u64>();
        }
    }
    Some(sample)
}

fn partitions(view: &ClusterView, ends: &Ends<'_>) -> Vec<PartitionSample> {
    let all = view.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|partition| (topic.min_insync_replicas, partition))
    });
    let sample =
        |(min_isr, partition): (u32, &highwater_cluster::view::PartitionView)| PartitionSample {
            partition: partition.partition.clone(),
            isr: partition.isr.len() as u32,
            min_isr,
            ends: partition.leader.and_then(|_| ends.get(&partition.partition).copied()),
        };
    all.map(sample).collect()
}

fn lags(view: &ClusterView, ends: &Ends<'_>) -> Vec<LagSample> {
    let all = view.groups.iter().flat_map(|group| {
        group.committed.iter().map(move |(partition, offset)| (&group.id, partition, *offset))
    });
    let sample = |(group, partition, committed): (&GroupId, &TopicPartition, Offset)| LagSample {
        group: group.clone(),
        partition: partition.clone(),
        lag: ends.get(partition).map(|(_, mark)| u64::try_from(mark.0 - committed.0).unwrap_or(0)),
    };
    all.map(sample).collect()
}
