//! Settings that topics and brokers are given while they run: those by which replication is throttled
//! (KIP-73), and whether a topic may have a leader that was out of sync.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::protocol::StrBytes;

use super::new_topic::ApiError;
use super::{Controller, topic_configs};
use crate::ctx::Ctx;
use crate::ids::TopicName;
use crate::input::ReplyTo;
use crate::metadata::MetadataRecord;
use crate::metadata::record::{ConfigRecord, ConfigResourceType};

/// `ConfigResource.Type` on the wire.
const TOPIC: i8 = 2;
const BROKER: i8 = 4;
/// `AlterConfigOp.OpType` on the wire.
const SET: i8 = 0;
const DELETE: i8 = 1;

const OF_TOPICS: &[&str] = &[
    "leader.replication.throttled.replicas",
    "follower.replication.throttled.replicas",
    "unclean.leader.election.enable",
];
const OF_BROKERS: &[&str] = &[
    "leader.replication.throttled.rate",
    "follower.replication.throttled.rate",
    "replica.alter.log.dirs.io.max.bytes.per.second",
];

impl Controller {
    pub(super) fn handle_running_configs(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::IncrementalAlterConfigsRequest,
    ) {
        let mut records: Vec<MetadataRecord> = Vec::new();
        let mut response = kafka::IncrementalAlterConfigsResponse::default();
        for resource in &body.resources {
            let answer = AlterConfigsResourceResponse::default()
                .with_resource_type(resource.resource_type)
                .with_resource_name(resource.resource_name.clone())
                .with_error_message(None);
            response.responses.push(match self.config_records(resource) {
                Ok(changed) => {
                    records.extend(changed);
                    answer
                }
                Err(ApiError { error, message }) => answer
                    .with_error_code(error.code())
                    .with_error_message(Some(StrBytes::from_string(message))),
            });
        }
        if !body.validate_only {
            self.write(ctx, &records);
        }
        ctx.respond(from, response);
    }

    /// The records of what changes. A setting that is taken away where it was not given is none.
    fn config_records(
        &self,
        resource: &AlterConfigsResource,
    ) -> Result<Vec<MetadataRecord>, ApiError> {
        let name: Arc<str> = Arc::from(resource.resource_name.as_str());
        let (resource_type, known) = match resource.resource_type {
            TOPIC => {
                let topic = self.image.topics.get(&TopicName(name.clone()));
                let topic = topic.ok_or_else(|| {
                    ApiError::new(
                        ResponseError::UnknownTopicOrPartition,
                        "The topic does not exist.",
                    )
                })?;
                (ConfigResourceType::TOPIC, &topic.configs)
            }
            BROKER => {
                static NONE: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
                let known = self.image.broker_configs.get(&name).unwrap_or(&NONE);
                (ConfigResourceType::BROKER, known)
            }
            other => {
                let message = format!("Unexpected resource type {other}.");
                return Err(ApiError::new(ResponseError::InvalidRequest, message));
            }
        };
        let mut records = Vec::new();
        for config in &resource.configs {
            let value = new_value(resource.resource_type, config)?;
            let setting: Arc<str> = Arc::from(config.name.as_str());
            if known.get(&setting).map(|value| &**value) != value {
                let (resource_name, value) = (name.clone(), value.map(Arc::from));
                records.push(
                    ConfigRecord { resource_type, resource_name, name: setting, value }.into(),
                );
            }
        }
        Ok(records)
    }
}

/// The value that a setting gets; none if it is taken away.
fn new_value(resource_type: i8, config: &AlterableConfig) -> Result<Option<&str>, ApiError> {
    let invalid = |message| ApiError::new(ResponseError::InvalidConfig, message);
    let name = config.name.as_str();
    let known = if resource_type == TOPIC { OF_TOPICS } else { OF_BROKERS };
    if !known.contains(&name) {
        let message = format!("Highwater: {name} cannot be changed while the cluster runs");
        return Err(invalid(message));
    }
    match (config.config_operation, config.value.as_deref()) {
        (DELETE, _) => Ok(None),
        (SET, Some(value)) if resource_type == TOPIC => {
            topic_configs::validate(name, value).map_err(invalid)?;
            Ok(Some(value))
        }
        (SET, Some(value)) if value.parse::<i64>().is_ok_and(|rate| rate >= 0) => Ok(Some(value)),
        (SET, Some(value)) => Err(invalid(format!(
            "Invalid value {value} for configuration {name}: Value must be at least 0"
        ))),
        _ => Err(invalid(format!("Highwater: {name} can be set or deleted"))),
    }
}
