//! Settings are given and taken away while the cluster runs: `ConfigurationControlManager` (KIP-339).

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
use super::{Controller, topic_names};
use crate::configs::definition::{broker_config, group_config, topic_config};
use crate::configs::layers::Configs;
use crate::configs::operation::Operation;
use crate::configs::{
    ConfigResource, ConfigType, check_remote_storage_change, check_topic_configs,
    is_simulated_broker_config, is_simulated_group_config, is_simulated_topic_config,
};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, GroupId, TopicName};
use crate::input::ReplyTo;
use crate::metadata::MetadataRecord;
use crate::metadata::record::{ClearElrRecord, ConfigRecord, ConfigResourceType};

const MIN_ISR: &str = "min.insync.replicas";

/// What one setting becomes; none if it is taken away.
type Change = (Arc<str>, Option<Arc<str>>);

impl Controller {
    pub(super) fn handle_incremental_alter_configs(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::IncrementalAlterConfigsRequest,
    ) {
        let mut times_named: BTreeMap<(i8, &str), u32> = BTreeMap::new();
        for asked in &body.resources {
            *times_named.entry((asked.resource_type, asked.resource_name.as_str())).or_default() +=
                1;
        }
        let mut records = Vec::new();
        let mut response = kafka::IncrementalAlterConfigsResponse::default();
        for asked in &body.resources {
            // Those named twice are answered once.
            let key = (asked.resource_type, asked.resource_name.as_str());
            let Some(times) = times_named.remove(&key) else { continue };
            let changes = match times {
                1 => self.config_changes(asked),
                _ => Err(ApiError::new(ResponseError::InvalidRequest, "Duplicate resource.")),
            };
            let changes = changes.map(|(resource, changes)| {
                if !body.validate_only {
                    tell(ctx, &resource, &changes);
                    records.extend(config_records(asked, changes));
                }
            });
            response.responses.push(answer(asked, changes.err()));
        }
        records.extend(clear_elr_records(&records));
        self.write(ctx, &records);
        ctx.respond(from, response);
    }

    /// The value of a topic's setting as it is in force, as far as no single broker has its own.
    pub(super) fn topic_setting(&self, topic: &TopicName, name: &str) -> String {
        let own = self.image.topic_config(topic, name).map(|value| value.trim().to_owned());
        own.unwrap_or_else(|| self.topic_setting_default(name))
    }

    /// The value of a setting that a topic was not given.
    pub(crate) fn topic_setting_default(&self, name: &str) -> String {
        let layers = self.image.broker_layers(None, &self.broker_file);
        topic_config(name).map_or_else(String::new, |config| layers.topic_default(&config))
    }

    /// Checks what is asked of one topic or broker: all of it is done, or none.
    fn config_changes(
        &self,
        asked: &AlterConfigsResource,
    ) -> Result<(ConfigResource, Vec<Change>), ApiError> {
        let resource = config_resource(asked)?;
        let none = Configs::new();
        let present = self.present_configs(&resource).unwrap_or(&none);
        let mut after = present.clone();
        let mut changes = Vec::new();
        for config in &asked.configs {
            let name: Arc<str> = config.name.as_str().into();
            let value = new_value(&resource, config, present.get(&name))?;
            // Brokers are told even of what stays as it is: it makes them read files anew (KAFKA-14136).
            if present.get(&name) == value.as_ref() && matches!(resource, ConfigResource::Topic(_))
            {
                continue;
            }
            check_min_isr_change(&resource, &name, value.is_none())?;
            match &value {
                Some(value) => after.insert(name.clone(), value.clone()),
                None => after.remove(&name),
            };
            changes.push((name, value));
        }
        if let ConfigResource::Topic(_) = resource {
            let invalid = |message| ApiError::new(ResponseError::InvalidConfig, message);
            let has_tiers = self.settings.remote_log_storage_system;
            check_topic_configs(&after, has_tiers).map_err(invalid)?;
            check_remote_storage_change(present, &after).map_err(invalid)?;
        }
        if let ConfigResource::Group(_) = resource {
            let invalid = |message| ApiError::new(ResponseError::InvalidConfig, message);
            check_group_configs(&after).map_err(invalid)?;
        }
        self.check_existence(&resource)?;
        Ok((resource, changes))
    }

    fn present_configs(&self, resource: &ConfigResource) -> Option<&Configs> {
        match resource {
            ConfigResource::Topic(topic) => Some(&self.image.topics.get(topic)?.configs),
            ConfigResource::Broker(broker) => self.image.broker_configs.get(&Some(*broker)),
            ConfigResource::AllBrokers => self.image.broker_configs.get(&None),
            ConfigResource::Group(group) => self.image.group_configs.get(group),
        }
    }

    fn check_existence(&self, resource: &ConfigResource) -> Result<(), ApiError> {
        match resource {
            ConfigResource::Topic(topic) if !self.image.topics.contains_key(topic) => {
                let message = format!("The topic '{topic}' does not exist.");
                Err(ApiError::new(ResponseError::UnknownTopicOrPartition, message))
            }
            ConfigResource::Broker(broker) if !self.image.brokers.contains_key(broker) => {
                let message = format!("No broker with id {broker} found.");
                Err(ApiError::new(ResponseError::BrokerIdNotRegistered, message))
            }
            _ => Ok(()),
        }
    }
}

fn tell(ctx: &mut Ctx<'_>, resource: &ConfigResource, changes: &[Change]) {
    for (name, value) in changes {
        let (resource, name) = (resource.clone(), name.clone());
        let changed = EventKind::ConfigChanged { resource, name, value: value.clone() };
        ctx.emit(changed);
    }
    let is_simulated = match resource {
        ConfigResource::Topic(_) => is_simulated_topic_config,
        ConfigResource::Broker(_) | ConfigResource::AllBrokers => is_simulated_broker_config,
        ConfigResource::Group(_) => is_simulated_group_config,
    };
    for (name, value) in changes {
        if value.is_some() && !is_simulated(name) {
            let (resource, name) = (resource.clone(), name.clone());
            ctx.emit(EventKind::ConfigNotSimulated { resource, name });
        }
    }
}

/// Checks all settings that a group is given (`GroupConfig.validate`).
fn check_group_configs(configs: &Configs) -> Result<(), String> {
    for (name, value) in configs {
        let Some(known) = group_config(name) else {
            return Err(format!("Unknown group config name: {name}"));
        };
        let duration = value.trim().strip_prefix("by_duration:");
        let is_duration = name.ends_with("offset.reset")
            && duration.is_some_and(|text| crate::consumer::duration_ms(text).is_some());
        if !is_duration {
            known.check(value)?;
        }
    }
    let dead_letters = "errors.deadletterqueue.topic.name";
    match configs.get(dead_letters) {
        Some(topic) if topic.trim().starts_with("__") => {
            Err(format!("{dead_letters}: DLQ topic name must not start with '__'"))
        }
        _ => Ok(()),
    }
}

/// What settings are asked for, with the names that Kafka refuses.
fn config_resource(asked: &AlterConfigsResource) -> Result<ConfigResource, ApiError> {
    let refuse = |message: String| Err(ApiError::new(ResponseError::InvalidRequest, message));
    let name = asked.resource_name.as_str();
    match ConfigResourceType(asked.resource_type) {
        ConfigResourceType::TOPIC if name.is_empty() => {
            refuse("Default topic resources are not allowed.".to_owned())
        }
        ConfigResourceType::TOPIC => match topic_names::validate(name) {
            Ok(()) => Ok(ConfigResource::Topic(TopicName::from(name))),
            Err(message) => Err(ApiError::new(ResponseError::InvalidTopicException, message)),
        },
        ConfigResourceType::BROKER if name.is_empty() => Ok(ConfigResource::AllBrokers),
        ConfigResourceType::BROKER => match name.parse::<i32>() {
            Ok(id) if id >= 0 => Ok(ConfigResource::Broker(BrokerId(id))),
            Ok(_) => refuse("Invalid negative broker ID.".to_owned()),
            Err(_) => refuse("Unable to parse broker name as a base 10 number.".to_owned()),
        },
        ConfigResourceType::GROUP if name.is_empty() => {
            refuse("Default group resources are not allowed.".to_owned())
        }
        ConfigResourceType::GROUP => Ok(ConfigResource::Group(GroupId::from(name))),
        other => refuse(format!("Unknown resource type {}", other.0)),
    }
}

/// What a setting becomes by one operation.
fn new_value(
    resource: &ConfigResource,
    config: &AlterableConfig,
    present: Option<&Arc<str>>,
) -> Result<Option<Arc<str>>, ApiError> {
    let definition = match resource {
        ConfigResource::Topic(_) => topic_config(&config.name),
        ConfigResource::Broker(_) | ConfigResource::AllBrokers => broker_config(&config.name),
        ConfigResource::Group(_) => group_config(&config.name),
    };
    let operation = Operation::read(config.config_operation).ok_or_else(|| {
        let message = format!("Unknown operations type {}", config.config_operation);
        ApiError::new(ResponseError::InvalidRequest, message)
    })?;
    let given = config.value.as_deref();
    match (operation, given) {
        (Operation::Delete, _) => Ok(None),
        (_, None) => {
            let message = format!("Null value not supported for : {}", &*config.name);
            Err(ApiError::new(ResponseError::InvalidRequest, message))
        }
        (Operation::Set, Some(value)) => Ok(Some(value.into())),
        (Operation::Append | Operation::Subtract, Some(_))
            if definition.is_none_or(|known| known.config_type != ConfigType::List) =>
        {
            let message = format!(
                "Can't {} to key {} because its type is not LIST.",
                operation.name(),
                &*config.name
            );
            Err(ApiError::new(ResponseError::InvalidConfig, message))
        }
        (operation, Some(value)) => {
            let default = || definition.and_then(|known| known.default);
            let before = present.map(|value| &**value).or_else(default).unwrap_or_default();
            Ok(Some(operation.change_list(before, value).into()))
        }
    }
}

/// With eligible leader replicas the whole cluster has one `min.insync.replicas` (KIP-966): no broker
/// may have its own, and it is never taken away.
fn check_min_isr_change(
    resource: &ConfigResource,
    name: &str,
    is_removal: bool,
) -> Result<(), ApiError> {
    let refused = match resource {
        _ if name != MIN_ISR || !Controller::ELR_ENABLED => return Ok(()),
        ConfigResource::Broker(_) => format!("Broker-level {MIN_ISR} cannot be altered"),
        ConfigResource::AllBrokers if is_removal => {
            format!("Cluster-level {MIN_ISR} cannot be removed")
        }
        _ => return Ok(()),
    };
    Err(ApiError::new(ResponseError::InvalidConfig, format!("{refused} while ELR is enabled.")))
}

fn config_records(
    asked: &AlterConfigsResource,
    changes: Vec<Change>,
) -> impl Iterator<Item = MetadataRecord> {
    let resource_type = ConfigResourceType(asked.resource_type);
    let resource_name: Arc<str> = asked.resource_name.as_str().into();
    changes.into_iter().map(move |(name, value)| {
        ConfigRecord { resource_type, resource_name: resource_name.clone(), name, value }.into()
    })
}

/// Who was eligible by the old `min.insync.replicas` is not by the new one.
fn clear_elr_records(records: &[MetadataRecord]) -> Vec<MetadataRecord> {
    let clear = |record: &MetadataRecord| match record {
        MetadataRecord::Config(config) if &*config.name == MIN_ISR && Controller::ELR_ENABLED => {
            let is_topic = config.resource_type == ConfigResourceType::TOPIC;
            let topic = is_topic.then(|| TopicName(config.resource_name.clone()));
            Some(ClearElrRecord { topic }.into())
        }
        _ => None,
    };
    records.iter().filter_map(clear).collect()
}

fn answer(asked: &AlterConfigsResource, error: Option<ApiError>) -> AlterConfigsResourceResponse {
    let answer = AlterConfigsResourceResponse::default()
        .with_resource_type(asked.resource_type)
        .with_resource_name(asked.resource_name.clone());
    match error {
        None => answer.with_error_message(None),
        Some(ApiError { error, message }) => answer
            .with_error_code(error.code())
            .with_error_message(Some(StrBytes::from_string(message))),
    }
}

/// What a controller answers that is not the active one.
pub(crate) fn refused(
    body: &kafka::IncrementalAlterConfigsRequest,
    code: i16,
) -> kafka::IncrementalAlterConfigsResponse {
    let refused =
        body.resources.iter().map(|asked| answer(asked, None).with_error_code(code)).collect();
    kafka::IncrementalAlterConfigsResponse::default().with_responses(refused)
}
