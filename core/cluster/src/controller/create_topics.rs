//! Topics are created: `ReplicationControlManager.createTopics`.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::{
    CreatableTopicConfigs, CreatableTopicResult,
};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use super::mutation_quota::Permits;
use super::new_topic::ApiError;
use super::{Controller, topic_names};
use crate::configs::definition::{Definition, topic_configs};
use crate::configs::layers::{Configs, Source};
use crate::configs::{ConfigResource, check_topic_configs, is_simulated_topic_config};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{PartitionIndex, TopicId, TopicName};
use crate::input::ReplyTo;
use crate::metadata::record::{
    ConfigRecord, ConfigResourceType, DIRECTORY_UNASSIGNED, PartitionRecord, TopicRecord,
};
use crate::metadata::{MetadataRecord, PartitionRegistration};

/// A topic that is to be created.
struct NewTopic {
    name: TopicName,
    id: TopicId,
    configs: Configs,
    partitions: Vec<PartitionRegistration>,
}

impl Controller {
    pub(super) fn handle_create_topics(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::CreateTopicsRequest,
    ) {
        let mut times_named: BTreeMap<&str, u32> = BTreeMap::new();
        for topic in &body.topics {
            *times_named.entry(topic.name.as_str()).or_default() += 1;
        }
        let mut room = self.settings.max_partitions.saturating_sub(self.image.partitions().count());
        let mut permits = self.permits(ctx, from, ApiKey::CreateTopics);
        let mut records = Vec::new();
        let mut response = kafka::CreateTopicsResponse::default();
        for asked in &body.topics {
            let is_duplicate = times_named[asked.name.as_str()] > 1;
            let result = match self.new_topic(ctx, asked, is_duplicate, (&mut room, &mut permits)) {
                Ok(topic) => {
                    if !body.validate_only {
                        topic.tell(ctx);
                        topic.add_records(&mut records);
                    }
                    self.created(&topic)
                }
                Err(ApiError { error, message }) => CreatableTopicResult::default()
                    .with_name(asked.name.clone())
                    .with_error_code(error.code())
                    .with_error_message(Some(StrBytes::from_string(message))),
            };
            response.topics.push(result);
        }
        self.write(ctx, &records);
        response.throttle_time_ms = self.settle_permits(ctx, permits);
        ctx.respond(from, response);
    }

    /// Checks what is asked for. `room` is how many partitions there may still be, `permits` how many its client may have.
    fn new_topic(
        &self,
        ctx: &mut Ctx<'_>,
        asked: &CreatableTopic,
        is_duplicate: bool,
        (room, permits): (&mut usize, &mut Permits),
    ) -> Result<NewTopic, ApiError> {
        let name = TopicName::from(asked.name.as_str());
        if is_duplicate {
            return Err(ApiError::new(ResponseError::InvalidRequest, "Duplicate topic name."));
        }
        self.check_name(&name)?;
        let configs = check_configs(asked, self.settings.remote_log_storage_system)?;
        let count = self.partitions_asked_for(asked);
        if count > *room {
            ctx.halt_at_partitions();
            return Err(ApiError::new(
                ResponseError::PolicyViolation,
                "Unable to perform excessively large batch operation.",
            ));
        }
        let partitions = self.new_partitions(ctx, asked)?;
        permits.take(count)?;
        *room -= count;
        Ok(NewTopic { name, id: random_topic_id(ctx), configs, partitions })
    }

    fn check_name(&self, name: &TopicName) -> Result<(), ApiError> {
        if name.as_str() == crate::metadata::METADATA_TOPIC {
            let message = format!("Creation of internal topic {name} is prohibited.");
            return Err(ApiError::new(ResponseError::InvalidRequest, message));
        }
        if self.image.topics.contains_key(name) {
            let message = format!("Topic '{name}' already exists.");
            return Err(ApiError::new(ResponseError::TopicAlreadyExists, message));
        }
        topic_names::validate(name.as_str())
            .map_err(|message| ApiError::new(ResponseError::InvalidTopicException, message))?;
        match topic_names::find_collision(name.as_str(), self.image.topics.keys()) {
            Some(other) => {
                let message = format!("Topic '{name}' collides with existing topic: {other}");
                Err(ApiError::new(ResponseError::InvalidTopicException, message))
            }
            None => Ok(()),
        }
    }

    fn created(&self, topic: &NewTopic) -> CreatableTopicResult {
        let replicas = topic.partitions.first().map_or(0, |partition| partition.replicas.len());
        let layers = self.image.broker_layers(None, &self.broker_file);
        let configs = topic_configs().filter(Definition::is_shown).map(|config| {
            let own = topic.configs.get(config.name).map(|value| value.to_string());
            let source = if own.is_some() { Source::Topic } else { Source::Default };
            let value = own.unwrap_or_else(|| layers.topic_default(&config));
            CreatableTopicConfigs::default()
                .with_name(StrBytes::from_static_str(config.name))
                .with_value(Some(StrBytes::from_string(value)))
                .with_config_source(source.id())
        });
        CreatableTopicResult::default()
            .with_name(StrBytes::from_string(topic.name.to_string()).into())
            .with_topic_id(Uuid::from_u128(topic.id.0))
            .with_error_message(None)
            .with_num_partitions(topic.partitions.len() as i32)
            .with_replication_factor(replicas as i16)
            .with_configs(Some(configs.collect()))
    }
}

impl NewTopic {
    fn tell(&self, ctx: &mut Ctx<'_>) {
        let replicas = self.partitions.first().map_or(0, |partition| partition.replicas.len());
        ctx.emit(EventKind::TopicCreated {
            topic: self.name.clone(),
            partitions: self.partitions.len() as u32,
            replication_factor: replicas as u32,
        });
        for name in self.configs.keys().filter(|name| !is_simulated_topic_config(name)) {
            let (resource, name) = (ConfigResource::Topic(self.name.clone()), name.clone());
            ctx.emit(EventKind::ConfigNotSimulated { resource, name });
        }
    }

    /// The topic, then its settings, then its partitions, as Kafka writes them.
    fn add_records(&self, records: &mut Vec<MetadataRecord>) {
        let topic_id = self.id;
        records.push(TopicRecord { name: self.name.clone(), topic_id }.into());
        for (name, value) in &self.configs {
            let config = ConfigRecord {
                resource_type: ConfigResourceType::TOPIC,
                resource_name: self.name.0.clone(),
                name: name.clone(),
                value: Some(value.clone()),
            };
            records.push(config.into());
        }
        records.extend(partition_records(topic_id, 0, &self.partitions));
    }
}

/// The records of partitions that are new, of which the first has that index.
pub(super) fn partition_records(
    topic_id: TopicId,
    first: i32,
    partitions: &[PartitionRegistration],
) -> impl Iterator<Item = MetadataRecord> {
    (first..).zip(partitions).map(move |(index, registration)| {
        let partition = PartitionRecord {
            partition: PartitionIndex(index),
            topic_id,
            registration: registration.clone(),
            directories: vec![DIRECTORY_UNASSIGNED; registration.replicas.len()],
        };
        partition.into()
    })
}

/// The settings that are asked for; of one that is named twice, the last.
fn check_configs(asked: &CreatableTopic, has_tiers: bool) -> Result<Configs, ApiError> {
    let invalid = |message| ApiError::new(ResponseError::InvalidConfig, message);
    let nulls = asked.configs.iter().filter(|config| config.value.is_none());
    let nulls: Vec<&str> = nulls.map(|config| config.name.as_str()).collect();
    if !nulls.is_empty() {
        let message = format!("Null value not supported for topic configs: {}", nulls.join(","));
        return Err(invalid(message));
    }
    let mut configs = BTreeMap::new();
    for config in &asked.configs {
        let value = config.value.as_deref().unwrap_or_default();
        configs.insert(Arc::from(config.name.as_str()), Arc::from(value));
    }
    check_topic_configs(&configs, has_tiers).map_err(invalid)?;
    Ok(configs)
}

/// A random id, as `Uuid.randomUuid` draws one: of version 4, and never one that begins with a dash,
/// which command lines would take for an option.
fn random_topic_id(ctx: &mut Ctx<'_>) -> TopicId {
    loop {
        let random = ctx.random("topic-id");
        let bits = u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
        let version_4 = bits & !(0xf << 76) | 0x4 << 76;
        let id = TopicId(version_4 & !(0b11 << 62) | 0b10 << 62);
        if !id.to_string().starts_with('-') {
            return id;
        }
    }
}
