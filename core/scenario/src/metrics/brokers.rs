//! The metrics of brokers.

use std::collections::BTreeMap;

use highwater_cluster::ids::{BrokerId, NodeId, TopicName};
use highwater_cluster::view::{
    BrokerState, BrokerView, ClusterView, PartitionView, ReplicaRole, ReplicaView,
};

use super::kind;
use super::readings::{Reader, Reading, Value};
use super::sample::{Ends, leader_ends};
use super::tally::{ServerTally, Tally};

/// What the brokers that run answer.
pub(super) fn read(tally: &Tally, view: &ClusterView) -> Vec<Reading> {
    let ends = leader_ends(view);
    let running = view.brokers.iter().filter(|broker| broker.state != BrokerState::Stopped);
    running.flat_map(|broker| read_broker(tally, view, broker, &ends)).collect()
}

fn read_broker(
    tally: &Tally,
    view: &ClusterView,
    broker: &BrokerView,
    ends: &Ends<'_>,
) -> Vec<Reading> {
    let mut reader = Reader::new(format!("broker{}", broker.id));
    if let Some(counted) = tally.of_server(NodeId::Broker(broker.id)) {
        topics(&mut reader, counted);
        if view.remote.is_enabled {
            remote_requests(&mut reader, counted);
        }
        reader.say(&kind::ISR_SHRINKS, &[], Value::meter(&counted.isr_shrinks));
        reader.say(&kind::ISR_EXPANDS, &[], Value::meter(&counted.isr_expands));
        requests(&mut reader, counted);
    }
    replica_manager(&mut reader, view, broker);
    let lag = broker.replicas.iter().filter_map(|replica| follower_lag(replica, ends)).max();
    let tags = [("clientId", "Replica".to_owned())];
    reader.say(&kind::FETCHER_MAX_LAG, &tags, Value::whole(lag.unwrap_or(0)));
    let purgatory = [("Produce", broker.purgatory.produce), ("Fetch", broker.purgatory.fetch)];
    for (operation, waiting) in purgatory {
        let tags = [("delayedOperation", operation.to_owned())];
        reader.say(&kind::PURGATORY_SIZE, &tags, Value::whole(waiting));
    }
    remote_logs(&mut reader, view, broker.id);
    groups(&mut reader, view, broker.id);
    broker.replicas.iter().for_each(|replica| log(&mut reader, view, replica));
    reader.readings
}

fn topics(reader: &mut Reader, counted: &ServerTally) {
    for (topic, counts) in &counted.topics {
        let tags: Vec<_> = topic.iter().map(|topic| ("topic", topic.to_string())).collect();
        reader.say(&kind::MESSAGES_IN, &tags, Value::meter(&counts.messages_in));
        reader.say(&kind::BYTES_IN, &tags, Value::meter(&counts.bytes_in));
        reader.say(&kind::BYTES_OUT, &tags, Value::meter(&counts.bytes_out));
        reader.say(&kind::FAILED_PRODUCE, &tags, Value::meter(&counts.failed_produce));
        if topic.is_none() {
            let (taken, given) = (&counts.replication_bytes_in, &counts.replication_bytes_out);
            reader.say(&kind::REPLICATION_BYTES_IN, &[], Value::meter(taken));
            reader.say(&kind::REPLICATION_BYTES_OUT, &[], Value::meter(given));
        }
    }
}

fn remote_requests(reader: &mut Reader, counted: &ServerTally) {
    for (topic, counts) in &counted.topics {
        let tags: Vec<_> = topic.iter().map(|topic| ("topic", topic.to_string())).collect();
        let counts = &counts.remote;
        let meters = [
            (&kind::REMOTE_COPY_BYTES, &counts.copy_bytes),
            (&kind::REMOTE_COPY_REQUESTS, &counts.copy_requests),
            (&kind::REMOTE_COPY_ERRORS, &counts.copy_errors),
            (&kind::REMOTE_FETCH_BYTES, &counts.fetch_bytes),
            (&kind::REMOTE_FETCH_REQUESTS, &counts.fetch_requests),
            (&kind::REMOTE_FETCH_ERRORS, &counts.fetch_errors),
            (&kind::REMOTE_DELETE_REQUESTS, &counts.delete_requests),
            (&kind::REMOTE_DELETE_ERRORS, &counts.delete_errors),
        ];
        for (metric, meter) in meters {
            reader.say(metric, &tags, Value::meter(meter));
        }
    }
}

/// The remote tiers of the partitions that a broker leads, by topic, and under none all together, as Kafka adds them up.
fn remote_logs(reader: &mut Reader, view: &ClusterView, broker: BrokerId) {
    let led = view.remote.partitions.iter().filter(|partition| partition.leader == broker);
    let mut topics: BTreeMap<Option<&TopicName>, [u64; 4]> = BTreeMap::new();
    for partition in led {
        let size = partition.segments.iter().map(|segment| segment.size_bytes).sum();
        let (lag_bytes, lag) = (partition.copy_lag_bytes, u64::from(partition.copy_lag_segments));
        let own = [lag_bytes, lag, size, partition.segments.len() as u64];
        for topic in [None, Some(&partition.partition.topic)] {
            let sums = topics.entry(topic).or_default();
            sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
        }
    }
    for (topic, [lag_bytes, lag_segments, size, count]) in topics {
        let tags: Vec<_> = topic.iter().map(|topic| ("topic", topic.to_string())).collect();
        reader.say(&kind::REMOTE_COPY_LAG_BYTES, &tags, Value::whole(lag_bytes));
        reader.say(&kind::REMOTE_COPY_LAG_SEGMENTS, &tags, Value::whole(lag_segments));
        reader.say(&kind::REMOTE_LOG_SIZE, &tags, Value::whole(size));
        reader.say(&kind::REMOTE_LOG_METADATA_COUNT, &tags, Value::whole(count));
    }
}

fn requests(reader: &mut Reader, counted: &ServerTally) {
    for (request, counts) in &counted.requests {
        let tags = [("request", (*request).to_owned())];
        reader.say(&kind::REQUESTS, &tags, Value::meter(&counts.count));
        reader.say(&kind::TOTAL_TIME, &tags, Value::Histogram(counts.total.clone()));
    }
}

fn replica_manager(reader: &mut Reader, view: &ClusterView, broker: &BrokerView) {
    let led = || {
        view.topics.iter().flat_map(|topic| {
            let own = topic.partitions.iter().filter(|own| own.leader == Some(broker.id));
            own.map(|partition| (topic.min_insync_replicas as usize, partition))
        })
    };
    // More cannot be asked for than there are replicas (KIP-966).
    let min_isr = |asked: usize, partition: &PartitionView| asked.min(partition.replicas.len());
    let count = |is_counted: &dyn Fn(usize, &PartitionView) -> bool| {
        led().filter(|(asked, partition)| is_counted(*asked, partition)).count()
    };
    let under = count(&|_, partition| partition.isr.len() < partition.replicas.len());
    let under_min = count(&|asked, partition| partition.isr.len() < min_isr(asked, partition));
    let at_min = count(&|asked, partition| partition.isr.len() == min_isr(asked, partition));
    reader.count(&kind::PARTITION_COUNT, broker.replicas.len());
    reader.count(&kind::LEADER_COUNT, led().count());
    reader.count(&kind::UNDER_REPLICATED, under);
    reader.count(&kind::UNDER_MIN_ISR, under_min);
    reader.count(&kind::AT_MIN_ISR, at_min);
}

fn groups(reader: &mut Reader, view: &ClusterView, broker: BrokerId) {
    let own = || view.groups.iter().filter(|group| group.coordinator == broker);
    let consumer = own().filter(|group| group.assignment_epoch.is_some()).count();
    for (protocol, count) in [("consumer", consumer), ("classic", own().count() - consumer)] {
        reader.say(&kind::GROUP_COUNT, &[("protocol", protocol.to_owned())], Value::whole(count));
    }
}

fn follower_lag(replica: &ReplicaView, ends: &Ends<'_>) -> Option<u64> {
    let (end, _) = ends.get(&replica.partition)?;
    let is_follower = replica.role == ReplicaRole::Follower;
    let lag = u64::try_from(end.0 - replica.log_end_offset.0).unwrap_or(0);
    is_follower.then_some(lag)
}

fn log(reader: &mut Reader, view: &ClusterView, replica: &ReplicaView) {
    let partition = &replica.partition;
    let tags =
        [("topic", partition.topic.to_string()), ("partition", partition.partition.to_string())];
    reader.say(&kind::LOG_SIZE, &tags, Value::whole(replica.size_bytes));
    reader.say(&kind::LOG_START, &tags, Value::whole(replica.log_start_offset.0));
    reader.say(&kind::LOG_END, &tags, Value::whole(replica.log_end_offset.0));
    reader.say(&kind::LOG_SEGMENTS, &tags, Value::whole(replica.segments));
    let known = view.topics.iter().find(|topic| topic.name == partition.topic);
    let known = known.and_then(|topic| {
        topic.partitions.iter().find(|candidate| candidate.partition == *partition)
    });
    let is_leader = replica.role == ReplicaRole::Leader;
    let led = known.filter(|_| is_leader);
    let (isr, replicas) = led.map_or((0, 0), |led| (led.isr.len(), led.replicas.len()));
    reader.say(&kind::ISR_COUNT, &tags, Value::whole(isr));
    reader.say(&kind::REPLICAS_COUNT, &tags, Value::whole(replicas));
    let withheld = replica.high_watermark.0 - replica.last_stable_offset.0;
    reader.say(&kind::LSO_LAG, &tags, Value::whole(if is_leader { withheld } else { 0 }));
}
