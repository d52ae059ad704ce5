//! The metrics that are known, by the names that Kafka gives them in JMX, and what each means.

/// A metric as Kafka names it.
#[derive(Debug, PartialEq)]
pub struct Metric {
    /// The domain of its MBean, such as `kafka.server`.
    pub domain: &'static str,
    /// The MBean's `type`.
    pub mbean_type: &'static str,
    /// The MBean's `name`; of a [`Style::Attribute`] the name of the attribute.
    pub name: &'static str,
    /// What kind of figure it is.
    pub style: Style,
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

/// What kind of figure a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A Yammer meter of a broker: `Count` and `OneMinuteRate`.
    Meter,
    /// A Yammer gauge of a broker: `Value`.
    Gauge,
    /// A Yammer histogram of a broker: `Count`, `Mean`, `99thPercentile`.
    Histogram,
    /// An attribute of an MBean of Kafka's own metrics, as clients have them.
    Attribute,
}

const fn metric(
    style: Style,
    [domain, mbean_type, name]: [&'static str; 3],
    meaning: &'static str,
) -> Metric {
    Metric { domain, mbean_type, name, style, meaning }
}

const fn meter(name: [&'static str; 3], meaning: &'static str) -> Metric {
    metric(Style::Meter, name, meaning)
}

const fn gauge(name: [&'static str; 3], meaning: &'static str) -> Metric {
    metric(Style::Gauge, name, meaning)
}

const fn attribute(name: [&'static str; 3], meaning: &'static str) -> Metric {
    metric(Style::Attribute, name, meaning)
}

/// Declares metrics, each with its style, the three parts of its name, and its meaning.
macro_rules! metrics {
    ($($id:ident: $style:ident $domain:literal $type:literal $name:literal, $meaning:literal;)*) => {
        $(pub(super) static $id: Metric = $style([$domain, $type, $name], $meaning);)*

        impl Metric {
            /// All that are known.
            pub const ALL: &[&Self] = &[$(&$id),*];
        }
    };
}

const fn histogram(name: [&'static str; 3], meaning: &'static str) -> Metric {
    metric(Style::Histogram, name, meaning)
}

metrics! {
    MESSAGES_IN: meter "kafka.server" "BrokerTopicMetrics" "MessagesInPerSec",
        "Records that this broker appended as leader. Without a topic: those of all topics.";
    BYTES_IN: meter "kafka.server" "BrokerTopicMetrics" "BytesInPerSec",
        "Bytes of record batches that this broker appended as leader, as they came: compressed, if the producer compressed them.";
    BYTES_OUT: meter "kafka.server" "BrokerTopicMetrics" "BytesOutPerSec",
        "Bytes of records that consumers fetched from this broker.";
    REPLICATION_BYTES_IN: meter "kafka.server" "BrokerTopicMetrics" "ReplicationBytesInPerSec",
        "Bytes of records that this broker appended as follower.";
    REPLICATION_BYTES_OUT: meter "kafka.server" "BrokerTopicMetrics" "ReplicationBytesOutPerSec",
        "Bytes of records that followers fetched from this broker.";
    FAILED_PRODUCE: meter "kafka.server" "BrokerTopicMetrics" "FailedProduceRequestsPerSec",
        "Batches that this leader refused, such as with too few in-sync replicas. What a client only has to send elsewhere does not count.";
    REMOTE_COPY_BYTES: meter "kafka.server" "BrokerTopicMetrics" "RemoteCopyBytesPerSec",
        "Bytes of closed segments that this leader copied to the remote store.";
    REMOTE_COPY_REQUESTS: meter "kafka.server" "BrokerTopicMetrics" "RemoteCopyRequestsPerSec",
        "Segments that this leader began to copy to the remote store.";
    REMOTE_COPY_ERRORS: meter "kafka.server" "BrokerTopicMetrics" "RemoteCopyErrorsPerSec",
        "Segments that the remote store did not take. It should be 0.";
    REMOTE_FETCH_BYTES: meter "kafka.server" "BrokerTopicMetrics" "RemoteFetchBytesPerSec",
        "Bytes of records that this broker read from the remote store for consumers.";
    REMOTE_FETCH_REQUESTS: meter "kafka.server" "BrokerTopicMetrics" "RemoteFetchRequestsPerSec",
        "Fetches that this broker read from the remote store for.";
    REMOTE_FETCH_ERRORS: meter "kafka.server" "BrokerTopicMetrics" "RemoteFetchErrorsPerSec",
        "Fetches that the remote store did not answer. It should be 0.";
    REMOTE_DELETE_REQUESTS: meter "kafka.server" "BrokerTopicMetrics" "RemoteDeleteRequestsPerSec",
        "Segments that this leader deleted from the remote store, or tried to.";
    REMOTE_DELETE_ERRORS: meter "kafka.server" "BrokerTopicMetrics" "RemoteDeleteErrorsPerSec",
        "Segments that the remote store did not delete. It should be 0.";
    REMOTE_COPY_LAG_BYTES: gauge "kafka.server" "BrokerTopicMetrics" "RemoteCopyLagBytes",
        "Bytes of closed segments that this leader has yet to copy to the remote store. They cannot leave its disk.";
    REMOTE_COPY_LAG_SEGMENTS: gauge "kafka.server" "BrokerTopicMetrics" "RemoteCopyLagSegments",
        "Closed segments that this leader has yet to copy to the remote store.";
    REMOTE_LOG_SIZE: gauge "kafka.server" "BrokerTopicMetrics" "RemoteLogSizeBytes",
        "Bytes in the remote store of the partitions that this broker leads.";
    REMOTE_LOG_METADATA_COUNT: gauge "kafka.server" "BrokerTopicMetrics" "RemoteLogMetadataCount",
        "Segments in the remote store of the partitions that this broker leads.";
    UNDER_REPLICATED: gauge "kafka.server" "ReplicaManager" "UnderReplicatedPartitions",
        "Partitions that this broker leads whose ISR is smaller than their replicas. It should be 0.";
    UNDER_MIN_ISR: gauge "kafka.server" "ReplicaManager" "UnderMinIsrPartitionCount",
        "Partitions that this broker leads with fewer in-sync replicas than min.insync.replicas: they refuse acks=all, and their high watermark stands still. It should be 0.";
    AT_MIN_ISR: gauge "kafka.server" "ReplicaManager" "AtMinIsrPartitionCount",
        "Partitions that this broker leads with just min.insync.replicas: losing one more stops writing with acks=all.";
    PARTITION_COUNT: gauge "kafka.server" "ReplicaManager" "PartitionCount",
        "Replicas on this broker.";
    LEADER_COUNT: gauge "kafka.server" "ReplicaManager" "LeaderCount",
        "Partitions that this broker leads. It should be about even over the brokers.";
    ISR_SHRINKS: meter "kafka.server" "ReplicaManager" "IsrShrinksPerSec",
        "How often this leader dropped a follower from an ISR because it lagged. What the controller does when it fences a broker is not counted.";
    ISR_EXPANDS: meter "kafka.server" "ReplicaManager" "IsrExpandsPerSec",
        "How often this leader took a follower back into an ISR.";
    FETCHER_MAX_LAG: gauge "kafka.server" "ReplicaFetcherManager" "MaxLag",
        "How many offsets the follower on this broker that is furthest behind has yet to copy.";
    PURGATORY_SIZE: gauge "kafka.server" "DelayedOperationPurgatory" "PurgatorySize",
        "Requests that wait: Produce for the ISR, Fetch for records.";
    GROUP_COUNT: gauge "kafka.server" "group-coordinator-metrics" "group-count",
        "Groups that this broker coordinates, by protocol.";
    REQUESTS: meter "kafka.network" "RequestMetrics" "RequestsPerSec",
        "Requests of this kind that arrived. Fetches of consumers and of followers are told apart.";
    TOTAL_TIME: histogram "kafka.network" "RequestMetrics" "TotalTimeMs",
        "Time from a request's arrival to its answer's leaving, with any wait in purgatory. Old requests count less and less.";
    LOG_SIZE: gauge "kafka.log" "Log" "Size", "Bytes of this replica's log.";
    LOG_START: gauge "kafka.log" "Log" "LogStartOffset", "The first offset of this replica's log.";
    LOG_END: gauge "kafka.log" "Log" "LogEndOffset",
        "The offset that the next record in this replica's log gets.";
    LOG_SEGMENTS: gauge "kafka.log" "Log" "NumLogSegments", "Segments of this replica's log.";
    ISR_COUNT: gauge "kafka.cluster" "Partition" "InSyncReplicasCount",
        "The size of this partition's ISR, as its leader has it; 0 on a broker that does not lead it.";
    REPLICAS_COUNT: gauge "kafka.cluster" "Partition" "ReplicasCount",
        "The replicas of this partition; 0 on a broker that does not lead it.";
    LSO_LAG: gauge "kafka.cluster" "Partition" "LastStableOffsetLag",
        "How far the last stable offset lies below the high watermark: what an open transaction withholds from readers of committed records.";
    ACTIVE_CONTROLLERS: gauge "kafka.controller" "KafkaController" "ActiveControllerCount",
        "1 on the controller that is active. Over all controllers the sum should be 1.";
    OFFLINE_PARTITIONS: gauge "kafka.controller" "KafkaController" "OfflinePartitionsCount",
        "Partitions without a leader: they can neither be written nor read. It should be 0.";
    TOPICS: gauge "kafka.controller" "KafkaController" "GlobalTopicCount", "Topics of the cluster.";
    PARTITIONS: gauge "kafka.controller" "KafkaController" "GlobalPartitionCount",
        "Partitions of the cluster.";
    IMBALANCE: gauge "kafka.controller" "KafkaController" "PreferredReplicaImbalanceCount",
        "Partitions that are not led by the first of their replicas.";
    ACTIVE_BROKERS: gauge "kafka.controller" "KafkaController" "ActiveBrokerCount",
        "Brokers that are registered and not fenced.";
    FENCED_BROKERS: gauge "kafka.controller" "KafkaController" "FencedBrokerCount",
        "Brokers that are registered, and shut out because their heartbeats stopped. It should be 0.";
    UNCLEAN_ELECTIONS: meter "kafka.controller" "ControllerStats" "UncleanLeaderElectionsPerSec",
        "Elections of a leader from outside the ISR, which may lose records. It should be 0.";
    RAFT_EPOCH: attribute "kafka.server" "raft-metrics" "current-epoch", "The epoch of the quorum.";
    RAFT_LEADER: attribute "kafka.server" "raft-metrics" "current-leader",
        "The controller that leads the quorum as far as this one knows; -1 for none.";
    RAFT_HIGH_WATERMARK: attribute "kafka.server" "raft-metrics" "high-watermark",
        "Up to where this controller knows the metadata log to be committed.";
    RAFT_LOG_END: attribute "kafka.server" "raft-metrics" "log-end-offset",
        "Where this controller's metadata log ends.";
    RECORD_SEND_TOTAL: attribute "kafka.producer" "producer-metrics" "record-send-total",
        "Records sent, those that were sent again among them.";
    RECORD_SEND_RATE: attribute "kafka.producer" "producer-metrics" "record-send-rate",
        "Records sent per second, over the last 30 s. A producer that has just begun is divided by 30 s all the same, in Kafka too.";
    RECORD_ERROR_TOTAL: attribute "kafka.producer" "producer-metrics" "record-error-total",
        "Records that the producer gave up: the application got an exception.";
    RECORD_RETRY_TOTAL: attribute "kafka.producer" "producer-metrics" "record-retry-total",
        "Batches that were sent again. Kafka counts their records; here the batches are counted.";
    BATCH_SIZE_AVG: attribute "kafka.producer" "producer-metrics" "batch-size-avg",
        "Bytes of a batch on average. Small batches under load: raise linger.ms or batch.size.";
    COMPRESSION_RATE_AVG: attribute "kafka.producer" "producer-metrics" "compression-rate-avg",
        "Size of batches after compression by the size before: 1 is none.";
    RECORDS_PER_REQUEST: attribute "kafka.producer" "producer-metrics" "records-per-request-avg",
        "Records in a Produce request on average.";
    QUEUE_TIME_AVG: attribute "kafka.producer" "producer-metrics" "record-queue-time-avg",
        "Milliseconds that a batch waits in the accumulator on average.";
    QUEUE_TIME_MAX: attribute "kafka.producer" "producer-metrics" "record-queue-time-max",
        "The longest that a batch waited in the accumulator, in milliseconds.";
    REQUEST_LATENCY_AVG: attribute "kafka.producer" "producer-metrics" "request-latency-avg",
        "Milliseconds from a Produce request to its answer on average.";
    REQUEST_LATENCY_MAX: attribute "kafka.producer" "producer-metrics" "request-latency-max",
        "The longest that a Produce request took, in milliseconds.";
    PRODUCE_THROTTLE_AVG: attribute "kafka.producer" "producer-metrics" "produce-throttle-time-avg",
        "Milliseconds for which a Produce request made this producer wait on average, by a quota. Without quotas it is 0.";
    PRODUCE_THROTTLE_MAX: attribute "kafka.producer" "producer-metrics" "produce-throttle-time-max",
        "The longest that a quota made this producer wait, in milliseconds.";
    REQUESTS_IN_FLIGHT: attribute "kafka.producer" "producer-metrics" "requests-in-flight",
        "Requests that wait for their answers.";
    BUFFER_TOTAL: attribute "kafka.producer" "producer-metrics" "buffer-total-bytes",
        "buffer.memory, in bytes.";
    BUFFER_AVAILABLE: attribute "kafka.producer" "producer-metrics" "buffer-available-bytes",
        "What is left of buffer.memory. At 0 the application waits in send().";
    RECORDS_LAG_MAX: attribute "kafka.consumer" "consumer-fetch-manager-metrics" "records-lag-max",
        "The largest lag of this consumer's partitions: records between its position and what it could read.";
    RECORDS_LAG: attribute "kafka.consumer" "consumer-fetch-manager-metrics" "records-lag",
        "The lag of this consumer in a partition, as its last fetch told.";
    RECORDS_CONSUMED_TOTAL: attribute "kafka.consumer" "consumer-fetch-manager-metrics" "records-consumed-total",
        "Records that the application got.";
    RECORDS_CONSUMED_RATE: attribute "kafka.consumer" "consumer-fetch-manager-metrics" "records-consumed-rate",
        "Records that the application got per second, over the last 30 s.";
    FETCH_TOTAL: attribute "kafka.consumer" "consumer-fetch-manager-metrics" "fetch-total",
        "Fetch requests that were answered.";
    FETCH_LATENCY_AVG: attribute "kafka.consumer" "consumer-fetch-manager-metrics" "fetch-latency-avg",
        "Milliseconds from a Fetch request to its answer on average, with the wait for records up to fetch.max.wait.ms.";
    FETCH_LATENCY_MAX: attribute "kafka.consumer" "consumer-fetch-manager-metrics" "fetch-latency-max",
        "The longest that a Fetch request took, in milliseconds.";
    FETCH_THROTTLE_AVG: attribute "kafka.consumer" "consumer-fetch-manager-metrics" "fetch-throttle-time-avg",
        "Milliseconds for which a Fetch request made this consumer wait on average, by a quota. Without quotas it is 0.";
    FETCH_THROTTLE_MAX: attribute "kafka.consumer" "consumer-fetch-manager-metrics" "fetch-throttle-time-max",
        "The longest that a quota made this consumer wait, in milliseconds.";
    ASSIGNED_PARTITIONS: attribute "kafka.consumer" "consumer-coordinator-metrics" "assigned-partitions",
        "Partitions that this consumer owns.";
}
