//! Records of the metadata log as `--cluster-metadata-decoder` shows them: each field by its name in
//! Kafka's record types.

use highwater_cluster::ids::{BrokerId, TopicId};
use highwater_cluster::metadata::MetadataRecord;
use highwater_cluster::metadata::record::{
    PartitionChangeRecord, PartitionRecord, RegisterBrokerRecord,
};
use serde_json::Value;

/// As a leader: there is none.
const NO_LEADER: i32 = -1;

/// The record with these bytes, as JSON.
pub(super) fn json(offset: i64, bytes: &[u8]) -> String {
    match MetadataRecord::decode(bytes) {
        Ok(record) => {
            let name = record.name();
            // Behind the version of the frame and the kind of the record, each of one byte.
            let version = bytes.get(2).copied().unwrap_or_default();
            let data = object(&fields(&record));
            format!("{{\"type\":\"{name}\",\"version\":{version},\"data\":{data}}}")
        }
        Err(why) => format!("Error at {offset}, skipping. {why:?}"),
    }
}

/// A field with its value as JSON.
type Field = (&'static str, String);

fn fields(record: &MetadataRecord) -> Vec<Field> {
    use MetadataRecord as M;
    match record {
        M::RegisterBroker(record) => register_broker(record),
        M::Topic(record) => {
            vec![("name", text(record.name.as_str())), ("topicId", uuid(record.topic_id.0))]
        }
        M::Partition(record) => partition(record),
        M::Config(record) => vec![
            ("resourceType", record.resource_type.0.to_string()),
            ("resourceName", text(&record.resource_name)),
            ("name", text(&record.name)),
            ("value", record.value.as_deref().map_or("null".to_owned(), text)),
        ],
        M::PartitionChange(record) => partition_change(record),
        M::RemoveTopic(record) => vec![("topicId", uuid(record.topic_id.0))],
        M::FeatureLevel(record) => {
            vec![("name", text(&record.name)), ("featureLevel", record.level.to_string())]
        }
        M::ProducerIds(record) => vec![
            ("brokerId", record.broker.to_string()),
            ("brokerEpoch", record.epoch.to_string()),
            ("nextProducerId", record.next_producer_id.to_string()),
        ],
        M::BrokerRegistrationChange(record) => {
            let mut fields = vec![
                ("brokerId", record.broker.to_string()),
                ("brokerEpoch", record.epoch.to_string()),
            ];
            if let Some(fenced) = record.fenced {
                fields.push(("fenced", if fenced { "1" } else { "-1" }.to_owned()));
            }
            if record.in_controlled_shutdown {
                fields.push(("inControlledShutdown", "1".to_owned()));
            }
            if !record.log_dirs.is_empty() {
                fields.push(("logDirs", uuids(&record.log_dirs)));
            }
            fields
        }
        M::ClearElr(record) => {
            vec![("topicName", text(record.topic.as_ref().map_or("", |topic| topic.as_str())))]
        }
        M::ClientQuota(record) => {
            let parts = record.entity.parts().map(|(kind, name)| {
                let name = name.to_nullable().map_or("null".to_owned(), |name| text(name));
                object(&[("entityType", text(kind)), ("entityName", name)])
            });
            let value = record.value.unwrap_or_default().to_string();
            vec![
                ("entity", list(parts)),
                ("key", text(&record.key)),
                ("value", value),
                ("remove", record.value.is_none().to_string()),
            ]
        }
        M::AccessControlEntry(record) => {
            let (pattern, entry) = (&record.acl.pattern, &record.acl.entry);
            vec![
                ("id", uuid(record.id)),
                ("resourceType", pattern.resource_type.code().to_string()),
                ("resourceName", text(&pattern.name)),
                ("patternType", pattern.pattern_type.code().to_string()),
                ("principal", text(&entry.principal.to_string())),
                ("host", text(&entry.host)),
                ("operation", entry.operation.code().to_string()),
                ("permissionType", entry.permission.code().to_string()),
            ]
        }
        M::RemoveAccessControlEntry(record) => vec![("id", uuid(record.id))],
        M::NoOp => Vec::new(),
    }
}

fn register_broker(record: &RegisterBrokerRecord) -> Vec<Field> {
    let endpoints = record.endpoints.iter().map(|endpoint| {
        object(&[
            ("name", text(&endpoint.name)),
            ("host", text(&endpoint.host)),
            ("port", endpoint.port.to_string()),
            ("securityProtocol", endpoint.security_protocol.to_string()),
        ])
    });
    let features = record.features.iter().map(|feature| {
        object(&[
            ("name", text(&feature.name)),
            ("minSupportedVersion", feature.min_supported_version.to_string()),
            ("maxSupportedVersion", feature.max_supported_version.to_string()),
        ])
    });
    let mut fields = vec![
        ("brokerId", record.broker.to_string()),
        ("isMigratingZkBroker", "false".to_owned()),
        ("incarnationId", uuid(record.incarnation_id)),
        ("brokerEpoch", record.epoch.to_string()),
        ("endPoints", list(endpoints)),
        ("features", list(features)),
        ("rack", record.rack.as_deref().map_or("null".to_owned(), text)),
        ("fenced", record.fenced.to_string()),
        ("inControlledShutdown", record.in_controlled_shutdown.to_string()),
    ];
    if !record.log_dirs.is_empty() {
        fields.push(("logDirs", uuids(&record.log_dirs)));
    }
    fields
}

fn partition(record: &PartitionRecord) -> Vec<Field> {
    let PartitionRecord { partition, topic_id, registration, directories } = record;
    let mut fields = vec![
        ("partitionId", partition.to_string()),
        ("topicId", uuid(topic_id.0)),
        ("replicas", brokers(&registration.replicas)),
        ("isr", brokers(&registration.isr)),
        ("removingReplicas", brokers(&registration.removing)),
        ("addingReplicas", brokers(&registration.adding)),
        ("leader", leader(registration.leader)),
    ];
    if registration.recovering {
        fields.push(("leaderRecoveryState", "1".to_owned()));
    }
    fields.push(("leaderEpoch", registration.leader_epoch.to_string()));
    fields.push(("partitionEpoch", registration.partition_epoch.to_string()));
    fields.push(("directories", uuids(directories)));
    for (name, ids) in [
        ("eligibleLeaderReplicas", &registration.elr),
        ("lastKnownElr", &registration.last_known_elr),
    ] {
        if !ids.is_empty() {
            fields.push((name, brokers(ids)));
        }
    }
    fields
}

fn partition_change(record: &PartitionChangeRecord) -> Vec<Field> {
    let mut fields =
        vec![("partitionId", record.partition.to_string()), ("topicId", uuid(record.topic_id.0))];
    let mut add = |name, value: Option<String>| fields.extend(value.map(|value| (name, value)));
    let ids = |ids: &Option<Vec<BrokerId>>| ids.as_deref().map(brokers);
    add("isr", ids(&record.isr));
    add("leader", record.leader.map(leader));
    add("replicas", ids(&record.replicas));
    add("removingReplicas", ids(&record.removing));
    add("addingReplicas", ids(&record.adding));
    add("leaderRecoveryState", record.recovering.map(|it| i32::from(it).to_string()));
    add("directories", record.directories.as_deref().map(uuids));
    add("eligibleLeaderReplicas", ids(&record.elr));
    add("lastKnownElr", ids(&record.last_known_elr));
    fields
}

fn object(fields: &[Field]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

fn list(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(","))
}

fn brokers(ids: &[BrokerId]) -> String {
    list(ids.iter().map(ToString::to_string))
}

fn uuids(ids: &[u128]) -> String {
    list(ids.iter().map(|id| uuid(*id)))
}

/// As Kafka prints an id of any kind.
fn uuid(id: u128) -> String {
    text(&TopicId(id).to_string())
}

fn leader(id: Option<BrokerId>) -> String {
    id.map_or(NO_LEADER, |id| id.0).to_string()
}

fn text(text: &str) -> String {
    Value::from(text).to_string()
}
