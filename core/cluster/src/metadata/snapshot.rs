//! Snapshots of the metadata (KIP-630): the records that are left when each takes back what a later
//! one makes obsolete, in batches between a header and a footer.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use highwater_log::{BatchBuilder, BatchOptions, ControlType, LeaderEpoch, Offset, TimestampMs};
use kafka_protocol::messages::snapshot_footer_record::SnapshotFooterRecord;
use kafka_protocol::messages::snapshot_header_record::SnapshotHeaderRecord;
use kafka_protocol::protocol::Encodable;

use super::record::{
    AccessControlEntryRecord, BrokerRegistrationChangeRecord, ClearElrRecord, ClientQuotaRecord,
    ConfigRecord, FeatureLevelRecord, PartitionRecord, ProducerIdsRecord, RegisterBrokerRecord,
    TopicRecord,
};
use super::{MetadataRecord, decode_batches};
use crate::ids::{BrokerId, PartitionIndex, TopicId};
use crate::quota::QuotaEntity;

/// How many records a batch of a snapshot has at most.
const RECORDS_PER_BATCH: usize = 1024;

/// The records that matter still, out of all that were written.
#[derive(Debug, Default)]
pub(crate) struct SnapshotRecords {
    features: BTreeMap<Arc<str>, FeatureLevelRecord>,
    brokers: BTreeMap<BrokerId, RegisterBrokerRecord>,
    topics: BTreeMap<TopicId, TopicRecord>,
    partitions: BTreeMap<(TopicId, PartitionIndex), PartitionRecord>,
    configs: BTreeMap<(i8, Arc<str>, Arc<str>), ConfigRecord>,
    client_quotas: BTreeMap<(QuotaEntity, Arc<str>), ClientQuotaRecord>,
    acls: BTreeMap<u128, AccessControlEntryRecord>,
    producer_ids: Option<ProducerIdsRecord>,
}

impl SnapshotRecords {
    /// Takes in the next record.
    pub(crate) fn add(&mut self, record: MetadataRecord) {
        match record {
            MetadataRecord::FeatureLevel(record) => {
                self.features.insert(record.name.clone(), record);
            }
            MetadataRecord::RegisterBroker(record) => {
                self.brokers.insert(record.broker, record);
            }
            MetadataRecord::BrokerRegistrationChange(record) => self.change_broker(&record),
            MetadataRecord::Topic(record) => {
                self.topics.insert(record.topic_id, record);
            }
            MetadataRecord::Partition(record) => {
                self.partitions.insert((record.topic_id, record.partition), record);
            }
            MetadataRecord::PartitionChange(record) => {
                let partition = self.partitions.get_mut(&(record.topic_id, record.partition));
                let partition = partition.expect("a partition is created before it changes");
                partition.registration = partition.registration.merge(&record);
                if let Some(directories) = record.directories {
                    partition.directories = directories;
                }
            }
            MetadataRecord::RemoveTopic(record) => self.remove_topic(record.topic_id),
            MetadataRecord::Config(record) => {
                let resource = (record.resource_type.0, record.resource_name.clone());
                let key = (resource.0, resource.1, record.name.clone());
                match record.value {
                    Some(_) => self.configs.insert(key, record),
                    None => self.configs.remove(&key),
                };
            }
            MetadataRecord::ClientQuota(record) => {
                let key = (record.entity.clone(), record.key.clone());
                match record.value {
                    Some(_) => self.client_quotas.insert(key, record),
                    None => self.client_quotas.remove(&key),
                };
            }
            MetadataRecord::AccessControlEntry(record) => {
                self.acls.insert(record.id, record);
            }
            MetadataRecord::RemoveAccessControlEntry(record) => {
                self.acls.remove(&record.id);
            }
            MetadataRecord::ProducerIds(record) => self.producer_ids = Some(record),
            MetadataRecord::ClearElr(record) => self.clear_elr(&record),
            MetadataRecord::NoOp => {}
        }
    }

    fn clear_elr(&mut self, record: &ClearElrRecord) {
        let topics = &self.topics;
        let is_meant = |id: &TopicId| match &record.topic {
            Some(name) => topics.get(id).is_some_and(|topic| topic.name == *name),
            None => true,
        };
        for (_, partition) in self.partitions.iter_mut().filter(|((id, _), _)| is_meant(id)) {
            partition.registration = partition.registration.without_elr();
        }
    }

    /// The bytes of the snapshot.
    pub(crate) fn encode(self, last_contained: TimestampMs) -> Bytes {
        let mut header = SnapshotHeaderRecord::default();
        header.last_contained_log_timestamp = last_contained.0;
        let footer = SnapshotFooterRecord::default();
        let mut out = Writer { bytes: BytesMut::new(), next: Offset(0), now: last_contained };
        out.control(ControlType::SnapshotHeader, &header);
        for records in self.in_order().chunks(RECORDS_PER_BATCH) {
            out.records(records);
        }
        out.control(ControlType::SnapshotFooter, &footer);
        out.bytes.freeze()
    }

    /// The records, each after those that it builds on.
    fn in_order(self) -> Vec<MetadataRecord> {
        let mut records: Vec<MetadataRecord> = Vec::new();
        records.extend(self.features.into_values().map(MetadataRecord::from));
        records.extend(self.brokers.into_values().map(MetadataRecord::from));
        records.extend(self.topics.into_values().map(MetadataRecord::from));
        records.extend(self.partitions.into_values().map(MetadataRecord::from));
        records.extend(self.configs.into_values().map(MetadataRecord::from));
        records.extend(self.client_quotas.into_values().map(MetadataRecord::from));
        records.extend(self.acls.into_values().map(MetadataRecord::from));
        records.extend(self.producer_ids.map(MetadataRecord::from));
        records
    }

    fn change_broker(&mut self, change: &BrokerRegistrationChangeRecord) {
        let broker = self.brokers.get_mut(&change.broker);
        let broker = broker.expect("a broker registers before its registration changes");
        broker.fenced = change.fenced.unwrap_or(broker.fenced);
        broker.in_controlled_shutdown |= change.in_controlled_shutdown;
        if !change.log_dirs.is_empty() {
            broker.log_dirs.clone_from(&change.log_dirs);
        }
    }

    fn remove_topic(&mut self, id: TopicId) {
        let Some(topic) = self.topics.remove(&id) else { return };
        self.partitions.retain(|(of, _), _| *of != id);
        let topic_type = super::record::ConfigResourceType::TOPIC.0;
        self.configs.retain(|(kind, name, _), _| *kind != topic_type || *name != topic.name.0);
    }
}

/// The records of a snapshot.
///
/// # Panics
/// If the bytes are no snapshot: only what a controller wrote is read.
pub(crate) fn decode_snapshot(bytes: &Bytes) -> Vec<MetadataRecord> {
    let records = decode_batches(bytes.clone()).expect("a snapshot of ours can be read");
    records.into_iter().map(|(_, record)| record).collect()
}

/// Puts batches one behind the other.
struct Writer {
    bytes: BytesMut,
    next: Offset,
    now: TimestampMs,
}

impl Writer {
    fn control(&mut self, kind: ControlType, message: &impl Encodable) {
        let mut value = BytesMut::new();
        message
            .encode(&mut value, 0)
            .unwrap_or_else(|_| panic!("a message of ours fits its version"));
        self.push(&BatchBuilder::control(kind, &value, self.now));
    }

    fn records(&mut self, records: &[MetadataRecord]) {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        for record in records {
            builder.append(self.now, None, Some(&record.encode()), &[]);
        }
        self.push(&builder);
    }

    fn push(&mut self, builder: &BatchBuilder) {
        let batch = builder.build(self.next, LeaderEpoch(0));
        self.next = batch.last_offset().next();
        self.bytes.extend_from_slice(batch.bytes());
    }
}
