//! What settings topics and brokers have, and where each comes from: `ConfigHelper`.

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::protocol::StrBytes;

use crate::broker::Broker;
use crate::configs::definition::{
    Definition, broker_config, broker_configs, group_configs, topic_configs,
};
use crate::configs::layers::{Source, Synonym};
use crate::configs::{ConfigType, definition::Update};
use crate::ctx::Ctx;
use crate::ids::{BrokerId, GroupId, TopicName};
use crate::input::ReplyTo;
use crate::metadata::TopicImage;
use crate::metadata::record::ConfigResourceType;

type Refusal = (ResponseError, String);

impl Broker {
    pub(super) fn on_describe_configs(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::DescribeConfigsRequest,
    ) {
        let results = request.resources.iter().map(|resource| {
            let answer = DescribeConfigsResult::default()
                .with_resource_type(resource.resource_type)
                .with_resource_name(resource.resource_name.clone());
            match self.described_configs(resource, request.include_synonyms) {
                Ok(configs) => answer.with_configs(configs).with_error_message(None),
                Err((error, message)) => answer
                    .with_error_code(error.code())
                    .with_error_message(Some(StrBytes::from_string(message))),
            }
        });
        let response = kafka::DescribeConfigsResponse::default().with_results(results.collect());
        ctx.respond(from, response);
    }

    /// All settings of a topic or of this broker with their synonyms, as it would answer who asks.
    pub(crate) fn settings_of(
        &self,
        resource: ConfigResourceType,
        name: &str,
    ) -> Option<Vec<DescribeConfigsResourceResult>> {
        let resource = DescribeConfigsResource::default()
            .with_resource_type(resource.0)
            .with_resource_name(StrBytes::from_string(name.to_owned()));
        self.described_configs(&resource, true).ok()
    }

    fn described_configs(
        &self,
        resource: &DescribeConfigsResource,
        with_synonyms: bool,
    ) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
        let name = resource.resource_name.as_str();
        let mut configs = match ConfigResourceType(resource.resource_type) {
            ConfigResourceType::TOPIC => {
                let topic = self.process.image.topics.get(&TopicName::from(name));
                self.configs_of_topic(topic.ok_or_else(|| {
                    let message = "This server does not host this topic-partition.";
                    (ResponseError::UnknownTopicOrPartition, message.to_owned())
                })?)
            }
            ConfigResourceType::BROKER if name.is_empty() => self.configs_of_all_brokers(),
            ConfigResourceType::BROKER => {
                self.check_is_me(name)?;
                self.configs_of_broker()
            }
            ConfigResourceType::GROUP => self.configs_of_group(&GroupId::from(name)),
            other => {
                let message = format!("Unsupported resource type: {}", other.0);
                return Err((ResponseError::InvalidRequest, message));
            }
        };
        let keys = resource.configuration_keys.as_deref().unwrap_or_default();
        configs.retain(|config| keys.is_empty() || keys.contains(&config.name));
        if !with_synonyms {
            configs.iter_mut().for_each(|config| config.synonyms.clear());
        }
        Ok(configs)
    }

    fn check_is_me(&self, name: &str) -> Result<(), Refusal> {
        let refuse = |message| Err((ResponseError::InvalidRequest, message));
        match name.parse::<i32>() {
            Ok(id) if BrokerId(id) == self.id => Ok(()),
            Ok(_) => refuse(format!(
                "Unexpected broker id, expected {} or empty string, but received {name}",
                self.id
            )),
            Err(_) => refuse(format!("Broker id must be an integer, but it is: {name}")),
        }
    }

    fn configs_of_topic(&self, topic: &TopicImage) -> Vec<DescribeConfigsResourceResult> {
        let layers = self.layers();
        let describe = |config: Definition| {
            let own = topic.configs.get(config.name).map(|value| &**value);
            let first = config.synonyms().next();
            let mut synonyms = first.map_or_else(Vec::new, |(name, _)| layers.synonyms(name));
            let value = match own {
                Some(value) => value.trim().to_owned(),
                None => layers.topic_default(&config),
            };
            let own =
                own.map(|_| Synonym { name: config.name, value: &value, source: Source::Topic });
            synonyms.splice(0..0, own);
            described(config.name, Some(&config), Some(&value), &synonyms).with_read_only(false)
        };
        topic_configs().filter(Definition::is_shown).map(describe).collect()
    }

    /// What a group was given counts before what the broker has for all groups.
    fn configs_of_group(&self, group: &GroupId) -> Vec<DescribeConfigsResourceResult> {
        let layers = self.layers();
        let own = self.process.image.configs_of_group(group);
        let describe = |config: Definition| {
            let given = own.and_then(|own| own.get(config.name)).map(|value| &**value);
            let of_brokers = format!("group.{}", config.name);
            let default = layers.value(&of_brokers).or(config.default);
            let value = given.or(default).map(str::trim);
            let own =
                given.map(|value| Synonym { name: config.name, value, source: Source::Group });
            let synonyms: Vec<Synonym<'_>> = own.into_iter().collect();
            described(config.name, Some(&config), value, &synonyms).with_read_only(false)
        };
        group_configs().map(describe).collect()
    }

    fn configs_of_broker(&self) -> Vec<DescribeConfigsResourceResult> {
        let layers = self.layers();
        let mut configs: Vec<_> = broker_configs()
            .filter(|config| config.is_shown() || layers.given(config.name).is_some())
            .map(|config| {
                let synonyms = layers.synonyms(config.name);
                described(config.name, Some(&config), layers.value(config.name), &synonyms)
            })
            .collect();
        // What was given by a name that Kafka does not know is shown too.
        for name in [layers.own, layers.shared].into_iter().flatten().flat_map(|all| all.keys()) {
            let is_new = !configs.iter().any(|config| config.name == **name);
            if broker_config(name).is_none() && is_new {
                configs.push(described(name, None, layers.given(name), &layers.synonyms(name)));
            }
        }
        configs
    }

    fn configs_of_all_brokers(&self) -> Vec<DescribeConfigsResourceResult> {
        let layers = self.layers();
        let given = layers.shared.into_iter().flatten();
        given
            .map(|(name, value)| {
                let mut synonyms = layers.synonyms(name);
                synonyms.retain(|synonym| synonym.source == Source::DynamicDefaultBroker);
                described(name, broker_config(name).as_ref(), Some(value), &synonyms)
            })
            .collect()
    }
}

/// A setting as it is told; the value of what is secret, or of what Kafka does not know, is not.
fn described(
    name: &str,
    definition: Option<&Definition>,
    value: Option<&str>,
    synonyms: &[Synonym<'_>],
) -> DescribeConfigsResourceResult {
    let is_sensitive = definition.is_none_or(Definition::is_sensitive);
    let told = |value: &str| (!is_sensitive).then(|| StrBytes::from_string(value.to_owned()));
    let source = synonyms.first().map_or(Source::Default, |synonym| synonym.source);
    let is_dynamic = definition
        .is_none_or(|config| !matches!(config.update, Update::ReadOnly | Update::Internal));
    let synonym = |synonym: &Synonym<'_>| {
        DescribeConfigsSynonym::default()
            .with_name(StrBytes::from_string(synonym.name.to_owned()))
            .with_value(told(synonym.value))
            .with_source(synonym.source.id())
    };
    DescribeConfigsResourceResult::default()
        .with_name(StrBytes::from_string(name.to_owned()))
        .with_value(value.and_then(told))
        .with_config_source(source.id())
        .with_is_sensitive(is_sensitive)
        .with_read_only(!is_dynamic)
        .with_config_type(definition.map_or(0, |config| ConfigType::id(config.config_type)))
        .with_synonyms(synonyms.iter().map(synonym).collect())
}
