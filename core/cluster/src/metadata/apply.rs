//! What each record does to the image.

use std::collections::BTreeMap;

use highwater_log::{LeaderEpoch, Offset};

use super::record::{
    BrokerRegistrationChangeRecord, ClearElrRecord, ClientQuotaRecord, ConfigRecord,
    ConfigResourceType, PartitionChangeRecord, PartitionRecord, RegisterBrokerRecord, TopicRecord,
};
use super::{BrokerRegistration, MetadataImage, MetadataRecord, PartitionRegistration, TopicImage};
use crate::ids::{BrokerId, GroupId, PartitionEpoch, TopicId, TopicName, TopicPartition};

impl MetadataImage {
    /// Applies the record at an offset of the metadata log.
    ///
    /// # Panics
    /// If the record does not follow from those before it: a partition of a topic that is not there,
    /// or a broker that never registered. The active controller writes no such record.
    pub fn apply(&mut self, record: &MetadataRecord, offset: Offset) {
        match record {
            MetadataRecord::RegisterBroker(record) => self.register_broker(record),
            MetadataRecord::BrokerRegistrationChange(record) => self.change_broker(record),
            MetadataRecord::Topic(record) => self.add_topic(record),
            MetadataRecord::RemoveTopic(record) => self.remove_topic(record.topic_id),
            MetadataRecord::Partition(record) => self.add_partition(record),
            MetadataRecord::PartitionChange(record) => self.change_partition(record),
            MetadataRecord::Config(record) => self.configure(record),
            MetadataRecord::ClearElr(record) => self.clear_elr(record),
            MetadataRecord::ClientQuota(record) => self.limit(record),
            MetadataRecord::AccessControlEntry(record) => {
                self.acls.insert(record.id, record.acl.clone());
            }
            MetadataRecord::RemoveAccessControlEntry(record) => {
                self.acls.remove(&record.id);
            }
            MetadataRecord::ProducerIds(record) => {
                self.next_producer_id = record.next_producer_id;
            }
            // The features of this cluster never change: nothing asks what they are.
            MetadataRecord::FeatureLevel(_) | MetadataRecord::NoOp => {}
        }
        self.end_offset = offset.next();
    }

    /// The partitions that a record changes, as far as the image knows them: for a deletion, ask
    /// before the record is applied, for a creation after.
    pub fn partitions_touched_by(&self, record: &MetadataRecord) -> Vec<TopicPartition> {
        let (id, only) = match record {
            MetadataRecord::ClearElr(record) => {
                let is_meant =
                    |name: &TopicName| record.topic.as_ref().is_none_or(|topic| topic == name);
                let all = self.partitions().map(|(partition, _)| partition);
                return all.filter(|partition| is_meant(&partition.topic)).collect();
            }
            MetadataRecord::Partition(record) => (record.topic_id, Some(record.partition)),
            MetadataRecord::PartitionChange(record) => (record.topic_id, Some(record.partition)),
            MetadataRecord::RemoveTopic(record) => (record.topic_id, None),
            _ => return Vec::new(),
        };
        let Some((name, topic)) = self.topic_by_id(id) else { return Vec::new() };
        let indexes =
            topic.partitions.keys().filter(|index| only.is_none_or(|only| only == **index));
        indexes.map(|index| TopicPartition { topic: name.clone(), partition: *index }).collect()
    }

    fn register_broker(&mut self, record: &RegisterBrokerRecord) {
        let registration = BrokerRegistration {
            epoch: record.epoch,
            incarnation_id: record.incarnation_id,
            rack: record.rack.clone(),
            fenced: record.fenced,
            in_controlled_shutdown: record.in_controlled_shutdown,
        };
        self.brokers.insert(record.broker, registration);
    }

    fn change_broker(&mut self, record: &BrokerRegistrationChangeRecord) {
        let registration = self.brokers.get_mut(&record.broker).expect("the broker is registered");
        assert_eq!(registration.epoch, record.epoch, "the change is to the latest registration");
        if let Some(fenced) = record.fenced {
            registration.fenced = fenced;
        }
        registration.in_controlled_shutdown |= record.in_controlled_shutdown;
    }

    fn add_topic(&mut self, record: &TopicRecord) {
        let topic = TopicImage {
            id: record.topic_id,
            partitions: BTreeMap::new(),
            configs: BTreeMap::new(),
        };
        let before = self.topics.insert(record.name.clone(), topic);
        assert!(before.is_none(), "a topic is created once");
        self.topic_names.insert(record.topic_id, record.name.clone());
    }

    fn remove_topic(&mut self, id: TopicId) {
        let name = self.topic_names.remove(&id).expect("a topic that is deleted exists");
        self.topics.remove(&name);
    }

    fn add_partition(&mut self, record: &PartitionRecord) {
        let partitions = &mut self.topic_mut(record.topic_id).partitions;
        partitions.insert(record.partition, record.registration.clone());
    }

    fn change_partition(&mut self, record: &PartitionChangeRecord) {
        let partitions = &mut self.topic_mut(record.topic_id).partitions;
        let partition = partitions.get_mut(&record.partition).expect("the partition exists");
        *partition = partition.merge(record);
    }

    fn configure(&mut self, record: &ConfigRecord) {
        let name = &record.resource_name;
        let configs = match record.resource_type {
            ConfigResourceType::TOPIC => {
                let topic = self.topics.get_mut(&TopicName(name.clone()));
                &mut topic.expect("the topic of a setting exists").configs
            }
            ConfigResourceType::BROKER => {
                self.broker_configs.entry(name.parse().ok().map(BrokerId)).or_default()
            }
            ConfigResourceType::GROUP => {
                self.group_configs.entry(GroupId(name.clone())).or_default()
            }
            // Nothing else is simulated that has settings.
            _ => return,
        };
        match &record.value {
            Some(value) => configs.insert(record.name.clone(), value.clone()),
            None => configs.remove(&record.name),
        };
    }

    fn limit(&mut self, record: &ClientQuotaRecord) {
        let quotas = self.client_quotas.entry(record.entity.clone()).or_default();
        match record.value {
            Some(value) => quotas.insert(record.key.clone(), value),
            None => quotas.remove(&record.key),
        };
        if quotas.is_empty() {
            self.client_quotas.remove(&record.entity);
        }
    }

    fn clear_elr(&mut self, record: &ClearElrRecord) {
        let is_meant = |name: &TopicName| record.topic.as_ref().is_none_or(|topic| topic == name);
        let topics = self.topics.iter_mut().filter(|(name, _)| is_meant(name));
        for partition in topics.flat_map(|(_, topic)| topic.partitions.values_mut()) {
            *partition = partition.without_elr();
        }
    }

    fn topic_mut(&mut self, id: TopicId) -> &mut TopicImage {
        let name = self.topic_names.get(&id).expect("the topic exists");
        self.topics.get_mut(name).expect("names and topics belong together")
    }
}

impl PartitionRegistration {
    /// The registration without eligible leader replicas; that is a change only if there are any.
    pub(super) fn without_elr(&self) -> Self {
        if self.elr.is_empty() && self.last_known_elr.is_empty() {
            return self.clone();
        }
        self.merge(&PartitionChangeRecord {
            elr: Some(Vec::new()),
            last_known_elr: Some(Vec::new()),
            ..PartitionChangeRecord::default()
        })
    }

    /// The registration after a change. Each change is a partition epoch; a change that names a
    /// leader is a leader epoch, even if it is the same leader.
    pub fn merge(&self, change: &PartitionChangeRecord) -> Self {
        let or = |new: &Option<Vec<_>>, old: &Vec<_>| new.as_ref().unwrap_or(old).clone();
        let epochs = i32::from(change.leader.is_some());
        Self {
            replicas: or(&change.replicas, &self.replicas),
            isr: or(&change.isr, &self.isr),
            elr: or(&change.elr, &self.elr),
            last_known_elr: or(&change.last_known_elr, &self.last_known_elr),
            removing: or(&change.removing, &self.removing),
            adding: or(&change.adding, &self.adding),
            leader: change.leader.unwrap_or(self.leader),
            leader_epoch: LeaderEpoch(self.leader_epoch.0 + epochs),
            partition_epoch: PartitionEpoch(self.partition_epoch.0 + 1),
            recovering: change.recovering.unwrap_or(self.recovering),
        }
    }
}
