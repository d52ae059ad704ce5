//! The metadata of the cluster, as its log tells it.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_log::{LeaderEpoch, Offset};

use crate::acl::Acl;
use crate::configs::layers::{BrokerLayers, Configs};
use crate::ids::{
    BrokerEpoch, BrokerId, GroupId, PartitionEpoch, PartitionIndex, TopicId, TopicName,
    TopicPartition,
};
use crate::quota::{QuotaEntity, Quotas};

mod apply;
mod batches;
pub mod record;
mod snapshot;
mod views;
pub(crate) mod wire;

pub(crate) use batches::decode_log;
pub use batches::{decode_batches, encode_batch};
pub use record::{DecodeError, MetadataRecord};
pub(crate) use snapshot::{SnapshotRecords, decode_snapshot};
pub use views::{is_internal, is_kept_by_kafka};

/// The topic of the metadata log. It has one partition, and no broker hosts it.
pub const METADATA_TOPIC: &str = "__cluster_metadata";
/// The id of that topic: `AAAAAAAAAAAAAAAAAAAAAQ`.
pub const METADATA_TOPIC_ID: TopicId = TopicId(1);

/// The metadata of the cluster: what follows from the records of the metadata log, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetadataImage {
    /// The brokers that have registered.
    pub brokers: BTreeMap<BrokerId, BrokerRegistration>,
    /// The topics by name.
    pub topics: BTreeMap<TopicName, TopicImage>,
    /// The names of the topics by id.
    pub topic_names: BTreeMap<TopicId, TopicName>,
    /// The end of what is applied: the offset after the last record.
    pub end_offset: Offset,
    /// The settings that single brokers were given, and under none those that all were given.
    pub broker_configs: BTreeMap<Option<BrokerId>, Configs>,
    /// The settings that groups were given.
    pub group_configs: BTreeMap<GroupId, Configs>,
    /// The quotas of clients.
    pub client_quotas: BTreeMap<QuotaEntity, Quotas>,
    /// The entries of the access control lists, by their ids.
    pub acls: BTreeMap<u128, Acl>,
    /// The first producer id that no broker has been given.
    pub next_producer_id: i64,
}

/// A broker as it registered, and what the controller lets it do.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerRegistration {
    /// The offset of the registration.
    pub epoch: BrokerEpoch,
    /// Tells one run of the broker's process from another.
    pub incarnation_id: u128,
    /// Its `broker.rack`.
    pub rack: Option<Arc<str>>,
    /// Whether it is shut out.
    pub fenced: bool,
    /// Whether it asked for a controlled shutdown.
    pub in_controlled_shutdown: bool,
}

/// A topic.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicImage {
    /// Its id.
    pub id: TopicId,
    /// Its partitions.
    pub partitions: BTreeMap<PartitionIndex, PartitionRegistration>,
    /// The settings that were given to it.
    pub configs: BTreeMap<Arc<str>, Arc<str>>,
}

/// A partition, as the controller has registered it.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionRegistration {
    /// Its replicas, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// Its in-sync replicas.
    pub isr: Vec<BrokerId>,
    /// Its eligible leader replicas (KIP-966).
    pub elr: Vec<BrokerId>,
    /// The members of its last known ISR that were neither kept nor became eligible (KIP-966).
    pub last_known_elr: Vec<BrokerId>,
    /// Replicas that a reassignment removes.
    pub removing: Vec<BrokerId>,
    /// Replicas that a reassignment adds.
    pub adding: Vec<BrokerId>,
    /// Its leader; none if no replica may lead.
    pub leader: Option<BrokerId>,
    /// One higher with each leader.
    pub leader_epoch: LeaderEpoch,
    /// One higher with each change.
    pub partition_epoch: PartitionEpoch,
    /// Whether its leader was elected uncleanly and is still to recover.
    pub recovering: bool,
}

impl MetadataImage {
    /// The registration of a partition.
    pub fn partition(&self, partition: &TopicPartition) -> Option<&PartitionRegistration> {
        self.topics.get(&partition.topic)?.partitions.get(&partition.partition)
    }

    /// A setting of a topic, if it was given one.
    pub fn topic_config(&self, topic: &TopicName, name: &str) -> Option<&str> {
        self.topics.get(topic)?.configs.get(name).map(|value| &**value)
    }

    /// The settings that a group was given.
    pub fn configs_of_group(&self, group: &GroupId) -> Option<&Configs> {
        self.group_configs.get(group)
    }

    /// The settings of a broker, or of none in particular, by where they come from. `file` is what stands
    /// in its file.
    pub fn broker_layers<'a>(
        &'a self,
        broker: Option<BrokerId>,
        file: &'a Configs,
    ) -> BrokerLayers<'a> {
        BrokerLayers {
            own: broker.and_then(|id| self.broker_configs.get(&Some(id))),
            shared: self.broker_configs.get(&None),
            file,
        }
    }

    /// A setting of a broker that it was given while it runs, itself or as one of all.
    pub fn broker_config(&self, broker: BrokerId, name: &str) -> Option<&str> {
        let of = |broker: Option<BrokerId>| self.broker_configs.get(&broker)?.get(name);
        of(Some(broker)).or_else(|| of(None)).map(|value| &**value)
    }

    /// The topic of that id.
    pub fn topic_by_id(&self, id: TopicId) -> Option<(&TopicName, &TopicImage)> {
        let name = self.topic_names.get(&id)?;
        self.topics.get_key_value(name)
    }

    /// All partitions of all topics, in order.
    pub fn partitions(&self) -> impl Iterator<Item = (TopicPartition, &PartitionRegistration)> {
        self.topics.iter().flat_map(|(name, topic)| {
            topic.partitions.iter().map(|(index, partition)| {
                (TopicPartition { topic: name.clone(), partition: *index }, partition)
            })
        })
    }

    /// Whether a broker takes part: it is neither fenced nor shutting down.
    pub fn is_active(&self, broker: BrokerId) -> bool {
        self.brokers
            .get(&broker)
            .is_some_and(|broker| !broker.fenced && !broker.in_controlled_shutdown)
    }
}
