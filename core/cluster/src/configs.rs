//! The settings of brokers and topics that the engine knows, by Kafka's names and with Kafka's
//! defaults.

use std::fmt;

use crate::cluster_spec::ClusterSpec;
use crate::ids::{BrokerId, GroupId, TopicName};
use crate::time::Span;

pub mod definition;
mod kind;
pub mod layers;
pub(crate) mod operation;
mod security;
mod sentences;
mod simulated;
mod topic;
mod valid;

pub use kind::{ConfigKind, Extent};
use layers::Configs;
pub use sentences::{sentence, sentences};
pub use simulated::{
    is_simulated_broker_config, is_simulated_group_config, is_simulated_topic_config,
};
pub use topic::{check_remote_storage_change, check_topic_configs};
pub use valid::{ConfigType, Holds, Valid};

/// Declares the settings of a broker: field, Kafka's name, Kafka's default.
macro_rules! broker_configs {
    ($($(#[$doc:meta])* $field:ident: $kind:ty = $name:literal, $default:expr;)*) => {
        /// A broker's settings, as they are in force.
        #[derive(Clone, Debug, PartialEq)]
        pub struct BrokerConfig {
            $($(#[$doc])* pub $field: $kind,)*
        }

        /// The names of all settings of a broker that are simulated, with their defaults.
        pub const BROKER_CONFIGS: &[(&str, i64)] = &[$(($name, $default),)*];

        /// The settings that are true or false, which stand as 1 and 0 among the numbers.
        const BOOLEANS: &[(&str, bool)] = &[$(($name, <$kind as Setting>::IS_BOOLEAN),)*];

        impl BrokerConfig {
            /// The settings of one broker of a cluster.
            pub fn new(spec: &ClusterSpec, broker: BrokerId) -> Self {
                Self::read(|name| spec.config(broker, name))
            }

            /// The settings of a broker, by the text of those that it was given.
            pub fn read<'a>(given: impl Fn(&'static str) -> Option<&'a str>) -> Self {
                Self { $($field: Setting::from_number(number($name, given($name), $default)),)* }
            }
        }
    };
}

broker_configs! {
    /// How often a broker tells the controller that it lives.
    heartbeat_interval: Span = "broker.heartbeat.interval.ms", 2_000;
    /// How long the controller waits for a heartbeat until it fences the broker.
    session_timeout: Span = "broker.session.timeout.ms", 9_000;
    /// How long a follower may lag until the leader drops it from the ISR.
    replica_lag_time_max: Span = "replica.lag.time.max.ms", 30_000;
    /// How long a follower's fetch waits for records.
    replica_fetch_wait_max: Span = "replica.fetch.wait.max.ms", 500;
    /// How long a follower waits after a failed fetch.
    replica_fetch_backoff: Span = "replica.fetch.backoff.ms", 1_000;
    /// How long a follower waits for the answer to a fetch.
    replica_socket_timeout: Span = "replica.socket.timeout.ms", 30_000;
    /// The bytes that a follower fetches of one partition at once.
    replica_fetch_max_bytes: i64 = "replica.fetch.max.bytes", 1_048_576;
    /// How often high watermarks are written down.
    high_watermark_checkpoint_interval: Span = "replica.high.watermark.checkpoint.interval.ms", 5_000;
    /// How many in-sync replicas acks=all needs.
    min_insync_replicas: i64 = "min.insync.replicas", 1;
    /// The replicas of a topic for which none are named.
    default_replication_factor: i64 = "default.replication.factor", 1;
    /// The partitions of a topic for which none are named.
    num_partitions: i64 = "num.partitions", 1;
    /// Whether a topic that a client asks for comes to be by that.
    auto_create_topics: bool = "auto.create.topics.enable", 1;
    /// Whether preferred leaders are elected now and then without being asked for.
    auto_leader_rebalance: bool = "auto.leader.rebalance.enable", 1;
    /// How often, in seconds.
    leader_imbalance_check_interval_seconds: i64 = "leader.imbalance.check.interval.seconds", 300;
    /// Whether a replica that is not in sync may lead when no other is left.
    unclean_leader_election: bool = "unclean.leader.election.enable", 0;
    /// How often partitions without leader are looked for that may have such a leader.
    unclean_election_interval: Span = "unclean.leader.election.interval.ms", 300_000;
    /// The largest batch that is taken.
    message_max_bytes: i64 = "message.max.bytes", 1_048_588;
    /// The size at which a log goes on in the next file.
    log_segment_bytes: i64 = "log.segment.bytes", 1_073_741_824;
    /// The age at which a log goes on in the next file.
    log_roll_ms: i64 = "log.roll.ms", 604_800_000;
    /// The age at which whole segments are deleted; -1 for never.
    log_retention_ms: i64 = "log.retention.ms", 604_800_000;
    /// The size of a log beyond which whole segments are deleted; -1 for none.
    log_retention_bytes: i64 = "log.retention.bytes", -1;
    /// How long after its start a broker looks for segments to delete for the first time.
    log_initial_task_delay: Span = "log.initial.task.delay.ms", 30_000;
    /// How often a broker looks for segments to delete.
    log_retention_check_interval: Span = "log.retention.check.interval.ms", 300_000;
    /// How long the cleaner rests when no log is due.
    log_cleaner_backoff: Span = "log.cleaner.backoff.ms", 15_000;
    /// How long a tombstone is kept once the cleaner has met it.
    log_cleaner_delete_retention_ms: i64 = "log.cleaner.delete.retention.ms", 86_400_000;
    /// How often producers are forgotten that have been silent for long.
    producer_id_expiration_check_interval: Span = "producer.id.expiration.check.interval.ms", 600_000;
    /// How many records a log may hold that are not flushed (`flush.messages` of a topic).
    log_flush_interval_messages: i64 = "log.flush.interval.messages", i64::MAX;
    /// How long a log may hold records that are not flushed (`flush.ms` of a topic). Not given, it is
    /// `log.flush.scheduler.interval.ms`.
    log_flush_interval_ms: i64 = "log.flush.interval.ms", i64::MAX;
    /// How often a broker looks for logs to flush; by default never.
    log_flush_scheduler_interval_ms: i64 = "log.flush.scheduler.interval.ms", i64::MAX;
    /// The partitions of `__consumer_offsets`.
    offsets_topic_num_partitions: i64 = "offsets.topic.num.partitions", 50;
    /// The replicas of `__consumer_offsets`.
    offsets_topic_replication_factor: i64 = "offsets.topic.replication.factor", 3;
    /// The partitions of `__transaction_state`.
    transaction_topic_num_partitions: i64 = "transaction.state.log.num.partitions", 50;
    /// The replicas of `__transaction_state`.
    transaction_topic_replication_factor: i64 = "transaction.state.log.replication.factor", 3;
    /// How many in-sync replicas a write to `__transaction_state` needs.
    transaction_topic_min_isr: i64 = "transaction.state.log.min.isr", 2;
    /// The size at which a log of `__transaction_state` goes on in the next file.
    transaction_topic_segment_bytes: i64 = "transaction.state.log.segment.bytes", 104_857_600;
    /// The longest `transaction.timeout.ms` that a producer may ask for.
    transaction_max_timeout_ms: i64 = "transaction.max.timeout.ms", 900_000;
    /// How often a coordinator looks for transactions that take too long.
    transaction_abort_timed_out_interval: Span = "transaction.abort.timed.out.transaction.cleanup.interval.ms", 10_000;
    /// How often a coordinator looks for transactional ids that nobody uses.
    transaction_remove_expired_interval: Span = "transaction.remove.expired.transaction.cleanup.interval.ms", 3_600_000;
    /// How long a transactional id is kept that nobody uses.
    transactional_id_expiration_ms: i64 = "transactional.id.expiration.ms", 604_800_000;
    /// Whether a leader asks the coordinator before it appends for a transaction.
    transaction_partition_verification: bool = "transaction.partition.verification.enable", 1;
    /// How long a leader waits until it asks again to add a partition to a transaction.
    add_partitions_retry_backoff: Span = "add.partitions.to.txn.retry.backoff.ms", 20;
    /// How long it goes on asking.
    add_partitions_retry_backoff_max: Span = "add.partitions.to.txn.retry.backoff.max.ms", 100;
    /// How long the first rebalance of an empty group waits for more members.
    group_initial_rebalance_delay: Span = "group.initial.rebalance.delay.ms", 3_000;
    /// The shortest session that a member may ask for.
    group_min_session_timeout: Span = "group.min.session.timeout.ms", 6_000;
    /// The longest session that a member may ask for.
    group_max_session_timeout: Span = "group.max.session.timeout.ms", 1_800_000;
    /// How long a member of the consumer protocol may be silent.
    group_consumer_session_timeout: Span = "group.consumer.session.timeout.ms", 45_000;
    /// How often a member of the consumer protocol is to send a heartbeat.
    group_consumer_heartbeat_interval: Span = "group.consumer.heartbeat.interval.ms", 5_000;
    /// How long a group of the consumer protocol waits at least between two target assignments.
    group_consumer_assignment_interval: Span = "group.consumer.assignment.interval.ms", 1_000;
    /// How many members a group of the consumer protocol may have.
    group_consumer_max_size: i64 = "group.consumer.max.size", 2_147_483_647;
    /// How many minutes offsets are kept of a group that is empty, or no longer reads the topic.
    offsets_retention_minutes: i64 = "offsets.retention.minutes", 10_080;
    /// How often offsets are looked for that are too old.
    offsets_retention_check_interval: Span = "offsets.retention.check.interval.ms", 600_000;
    /// How long a member of a share group may be silent.
    group_share_session_timeout: Span = "group.share.session.timeout.ms", 45_000;
    /// How often a member of a share group is to send a heartbeat.
    group_share_heartbeat_interval: Span = "group.share.heartbeat.interval.ms", 5_000;
    /// How long a share group waits at least between two target assignments.
    group_share_assignment_interval: Span = "group.share.assignment.interval.ms", 1_000;
    /// How many members a share group may have.
    group_share_max_size: i64 = "group.share.max.size", 200;
    /// How many share sessions a broker has at most.
    group_share_max_share_sessions: i64 = "group.share.max.share.sessions", 2_000;
    /// How long records are locked that a share consumer got.
    group_share_record_lock_duration: Span = "group.share.record.lock.duration.ms", 30_000;
    /// How often a record is handed out at most.
    group_share_delivery_count_limit: i64 = "group.share.delivery.count.limit", 5;
    /// How many records of a share partition may be in flight.
    group_share_partition_max_record_locks: i64 = "group.share.partition.max.record.locks", 2_000;
    /// How long a group coordinator waits until it asks a share coordinator again to begin with a partition.
    group_share_initialize_retry_interval: Span = "group.share.initialize.retry.interval.ms", 30_000;
    /// The partitions of `__share_group_state`.
    share_state_topic_num_partitions: i64 = "share.coordinator.state.topic.num.partitions", 50;
    /// The replicas of `__share_group_state`.
    share_state_topic_replication_factor: i64 = "share.coordinator.state.topic.replication.factor", 3;
    /// How many in-sync replicas a write to `__share_group_state` needs.
    share_state_topic_min_isr: i64 = "share.coordinator.state.topic.min.isr", 2;
    /// The size at which a log of `__share_group_state` goes on in the next file.
    share_state_topic_segment_bytes: i64 = "share.coordinator.state.topic.segment.bytes", 104_857_600;
    /// After how many updates of a share partition all of it is written down anew.
    share_snapshot_update_records: i64 = "share.coordinator.snapshot.update.records.per.snapshot", 500;
    /// How long a share coordinator waits until what it wrote is on the ISR.
    share_coordinator_write_timeout: Span = "share.coordinator.write.timeout.ms", 5_000;
    /// Whether brokers have tiered storage (KIP-405).
    remote_log_storage_system: bool = "remote.log.storage.system.enable", 0;
    /// How often a broker looks after the remote tier of a partition.
    remote_log_manager_task_interval: Span = "remote.log.manager.task.interval.ms", 30_000;
    /// How long a fetch waits for the remote store (KIP-1018).
    remote_fetch_max_wait: Span = "remote.fetch.max.wait.ms", 500;
    /// How long a question for an offset waits for the remote store.
    remote_list_offsets_timeout: Span = "remote.list.offsets.request.timeout.ms", 30_000;
    /// The partitions of `__remote_log_metadata`.
    remote_metadata_topic_num_partitions: i64 = "rlmm.config.remote.log.metadata.topic.num.partitions", 50;
    /// The replicas of `__remote_log_metadata`.
    remote_metadata_topic_replication_factor: i64 = "rlmm.config.remote.log.metadata.topic.replication.factor", 3;
    /// How long a broker waits for the answer of another node.
    request_timeout: Span = "request.timeout.ms", 30_000;
    /// How long a voter waits for a leader to be elected, or twice that, by chance.
    quorum_election_timeout: Span = "controller.quorum.election.timeout.ms", 1_000;
    /// How long the last successor of a leader that resigns waits until it stands for election.
    quorum_election_backoff_max: Span = "controller.quorum.election.backoff.max.ms", 1_000;
    /// How long a voter bears it that it cannot fetch from the leader.
    quorum_fetch_timeout: Span = "controller.quorum.fetch.timeout.ms", 2_000;
    /// How long a voter waits for the answer of another.
    quorum_request_timeout: Span = "controller.quorum.request.timeout.ms", 2_000;
    /// How long a voter waits after a request that failed.
    quorum_retry_backoff: Span = "controller.quorum.retry.backoff.ms", 20;
    /// How many bytes of records there are between two snapshots of the metadata.
    metadata_snapshot_bytes: i64 = "metadata.log.max.record.bytes.between.snapshots", 20_971_520;
    /// How many bytes of metadata log and snapshots are kept.
    metadata_retention_bytes: i64 = "metadata.max.retention.bytes", 104_857_600;
}

/// A setting that is given as a whole number.
trait Setting {
    const IS_BOOLEAN: bool = false;
    fn from_number(number: i64) -> Self;
}

impl Setting for Span {
    fn from_number(number: i64) -> Self {
        Span::from_millis(number)
    }
}

impl Setting for bool {
    const IS_BOOLEAN: bool = true;
    fn from_number(number: i64) -> Self {
        number != 0
    }
}

impl Setting for i64 {
    fn from_number(number: i64) -> Self {
        number
    }
}

/// What settings are given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigResource {
    /// A topic.
    Topic(TopicName),
    /// One broker.
    Broker(BrokerId),
    /// All brokers.
    AllBrokers,
    /// A group.
    Group(GroupId),
}

impl fmt::Display for ConfigResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigResource::Topic(topic) => write!(f, "topic {topic}"),
            ConfigResource::Broker(broker) => write!(f, "broker {broker}"),
            ConfigResource::AllBrokers => f.write_str("all brokers"),
            ConfigResource::Group(group) => write!(f, "group {group}"),
        }
    }
}

/// What stands in a broker's file: what the scenario's header says, and what makes it this broker.
pub fn broker_file(spec: &ClusterSpec, broker: BrokerId) -> Configs {
    let mut file = spec.configs.clone();
    file.extend(spec.broker_configs.get(&broker).cloned().unwrap_or_default());
    let id = broker.to_string();
    let listener = format!("PLAINTEXT://broker{id}:9092");
    for (name, value) in [
        ("broker.id", id.as_str()),
        ("controller.listener.names", "CONTROLLER"),
        ("listeners", &listener),
        ("node.id", &id),
        ("process.roles", "broker"),
    ] {
        file.insert(name.into(), value.into());
    }
    let place = usize::try_from(broker.0 - 1).ok();
    if let Some(rack) = place.and_then(|place| spec.racks.get(place)) {
        file.insert("broker.rack".into(), rack.clone());
    }
    file
}

/// A setting that is a number. One that is none counts as not given: who writes settings down checks
/// them with [`check_broker_config`].
fn number(name: &str, given: Option<&str>, default: i64) -> i64 {
    let parsed = given.and_then(|text| match is_boolean(name) {
        true => boolean(text).map(i64::from),
        false => text.trim().parse().ok(),
    });
    parsed.unwrap_or(default)
}

/// Checks a broker's setting: the name is one that is simulated, the value one that it can take.
pub fn check_broker_config(name: &str, value: &str) -> Result<(), String> {
    if !is_simulated_broker_config(name) {
        return Err(match definition::broker_config(name) {
            Some(_) => ConfigKind::Broker.not_simulated(name),
            None => format!("{name} is not a broker setting that is simulated"),
        });
    }
    if let Some(checked) = security::check(name, value) {
        return checked;
    }
    if is_boolean(name) {
        return match boolean(value) {
            Some(_) => Ok(()),
            None => Err(format!("{name} takes true or false, not {value}")),
        };
    }
    if BROKER_CONFIGS.iter().any(|(known, _)| *known == name) {
        return match value.parse::<i64>() {
            Ok(number) if number >= 0 => Ok(()),
            _ => Err(format!("{name} takes a whole number from 0 up, not {value}")),
        };
    }
    definition::broker_config(name).map_or(Ok(()), |config| config.check(value))
}

fn is_boolean(name: &str) -> bool {
    BOOLEANS.iter().any(|(known, is_boolean)| *is_boolean && *known == name)
}

/// `true` or `false` in whatever letters, as Kafka reads it.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") { Some(true) } else { is("false").then_some(false) }
}
