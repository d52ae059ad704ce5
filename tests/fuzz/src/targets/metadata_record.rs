//! Records of the metadata log: what a broker reads of what the controller wrote.

use bytes::Bytes;
use highwater_cluster::ids::{
    BrokerEpoch, BrokerId, PartitionEpoch, PartitionIndex, TopicId, TopicName,
};
use highwater_cluster::metadata::record::{
    BrokerEndpoint, BrokerFeature, BrokerRegistrationChangeRecord, ConfigRecord,
    ConfigResourceType, FeatureLevelRecord, PartitionChangeRecord, PartitionRecord,
    ProducerIdsRecord, RegisterBrokerRecord, RemoveTopicRecord, TopicRecord,
};
use highwater_cluster::metadata::{
    MetadataRecord, PartitionRegistration, decode_batches, encode_batch,
};
use highwater_log::LeaderEpoch;

use super::Target;
use crate::batches::{NOW, damage};
use crate::mutate;
use crate::rng::Rng;

pub struct MetadataRecords {
    corpus: Vec<MetadataRecord>,
}

impl MetadataRecords {
    pub fn new() -> Self {
        let mut corpus = about_topics();
        corpus.extend(about_brokers());
        Self { corpus }
    }
}

impl Target for MetadataRecords {
    /// A damaged record; or, told apart by its first byte, a damaged batch of records.
    fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        let record = rng.pick(&self.corpus);
        let mut input = if rng.once_in(4) {
            let records = [record.clone(), rng.pick(&self.corpus).clone()];
            let mut batch = encode_batch(&records, NOW).to_vec();
            damage(rng, &mut batch);
            batch
        } else {
            record.encode()
        };
        mutate::bytes(rng, &mut input);
        input
    }

    fn run(&self, input: &[u8]) {
        if let Ok(record) = MetadataRecord::decode(input) {
            let again = record.encode();
            assert_eq!(
                MetadataRecord::decode(&again).as_ref(),
                Ok(&record),
                "written as {again:?}"
            );
        }
        if let Ok(records) = decode_batches(Bytes::copy_from_slice(input)) {
            let records: Vec<_> = records.into_iter().map(|(_, record)| record).collect();
            let again = decode_batches(encode_batch(&records, NOW)).expect("what is written reads");
            assert!(again.into_iter().map(|(_, record)| record).eq(records));
        }
    }
}

fn about_topics() -> Vec<MetadataRecord> {
    let brokers = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect::<Vec<_>>();
    let (partition, topic_id) = (PartitionIndex(3), TopicId(0x0102));
    let registration = PartitionRegistration {
        replicas: brokers(&[1, 2, 3]),
        isr: brokers(&[1, 2]),
        elr: brokers(&[3]),
        last_known_elr: Vec::new(),
        removing: brokers(&[3]),
        adding: brokers(&[4]),
        leader: Some(BrokerId(1)),
        leader_epoch: LeaderEpoch(5),
        partition_epoch: PartitionEpoch(6),
        recovering: false,
    };
    let change = PartitionChangeRecord {
        partition,
        topic_id,
        isr: Some(brokers(&[1, 2])),
        leader: Some(None),
        elr: Some(brokers(&[3])),
        recovering: Some(true),
        directories: Some(vec![7, 8]),
        ..PartitionChangeRecord::default()
    };
    let config = ConfigRecord {
        resource_type: ConfigResourceType(2),
        resource_name: "orders".into(),
        name: "retention.ms".into(),
        value: Some("1000".into()),
    };
    vec![
        TopicRecord { name: TopicName::from("orders"), topic_id }.into(),
        PartitionRecord { partition, topic_id, registration, directories: vec![1, 2, 3] }.into(),
        change.into(),
        ConfigRecord { value: None, ..config.clone() }.into(),
        config.into(),
        RemoveTopicRecord { topic_id }.into(),
        MetadataRecord::NoOp,
    ]
}

fn about_brokers() -> Vec<MetadataRecord> {
    let (broker, epoch) = (BrokerId(2), BrokerEpoch(9));
    let endpoint = BrokerEndpoint {
        name: "PLAINTEXT".into(),
        host: "broker2".into(),
        port: 9092,
        security_protocol: 0,
    };
    let feature = BrokerFeature {
        name: "metadata.version".into(),
        min_supported_version: 7,
        max_supported_version: 27,
    };
    let registration = RegisterBrokerRecord {
        broker,
        incarnation_id: 5,
        epoch,
        endpoints: vec![endpoint],
        features: vec![feature],
        rack: Some("a".into()),
        fenced: true,
        in_controlled_shutdown: false,
        log_dirs: vec![1],
    };
    vec![
        registration.into(),
        BrokerRegistrationChangeRecord::fencing(broker, epoch, true).into(),
        BrokerRegistrationChangeRecord::controlled_shutdown(broker, epoch).into(),
        FeatureLevelRecord { name: "metadata.version".into(), level: 27 }.into(),
        ProducerIdsRecord { broker, epoch, next_producer_id: 1_000 }.into(),
    ]
}
