//! What a broker looks at before it passes a change of settings on to the controller, and how the two
//! answers become one: `ConfigAdminManager`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::incremental_alter_configs_request::AlterConfigsResource;
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::protocol::StrBytes;

use crate::broker::Broker;
use crate::configs::ConfigType;
use crate::configs::definition::{Update, broker_config};
use crate::configs::operation::Operation;
use crate::ctx::Ctx;
use crate::ids::BrokerId;
use crate::input::ReplyTo;
use crate::metadata::record::ConfigResourceType;

/// Why a broker does not pass a change on.
type Refusal = (ResponseError, String);

/// A change of settings that is with the controller.
#[derive(Clone, Debug)]
pub(super) struct Alteration {
    request: Arc<kafka::IncrementalAlterConfigsRequest>,
    /// What the broker refused itself, by its place in the request.
    refused: BTreeMap<usize, Refusal>,
}

impl Broker {
    pub(super) fn on_alter_configs(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &Arc<kafka::IncrementalAlterConfigsRequest>,
    ) {
        let refused = self.refused(request);
        let alteration = Alteration { request: request.clone(), refused };
        let rest = alteration.for_the_controller();
        if rest.resources.is_empty() {
            let nothing = kafka::IncrementalAlterConfigsResponse::default();
            return ctx.respond(from, alteration.finish(&nothing));
        }
        self.forward_rest(ctx, from, rest.into(), Some(Box::new(alteration)));
    }

    fn refused(&self, request: &kafka::IncrementalAlterConfigsRequest) -> BTreeMap<usize, Refusal> {
        let key = |asked: &AlterConfigsResource| (asked.resource_type, asked.resource_name.clone());
        let mut times_named: BTreeMap<_, u32> = BTreeMap::new();
        for asked in &request.resources {
            *times_named.entry(key(asked)).or_default() += 1;
        }
        let refusal = |asked: &AlterConfigsResource| match times_named[&key(asked)] {
            1 => self.check_alteration(asked).err(),
            _ => Some(invalid_request("Each resource must appear at most once.")),
        };
        let resources = request.resources.iter().enumerate();
        resources.filter_map(|(place, asked)| Some((place, refusal(asked)?))).collect()
    }

    fn check_alteration(&self, asked: &AlterConfigsResource) -> Result<(), Refusal> {
        let names: BTreeSet<&str> =
            asked.configs.iter().map(|config| config.name.as_str()).collect();
        if names.len() < asked.configs.len() {
            return Err(invalid_request("Error due to duplicate config keys"));
        }
        let is_null = |config: &&kafka::incremental_alter_configs_request::AlterableConfig| {
            config.value.is_none()
                && Operation::read(config.config_operation) != Some(Operation::Delete)
        };
        let nulls: Vec<&str> =
            asked.configs.iter().filter(is_null).map(|config| config.name.as_str()).collect();
        if !nulls.is_empty() {
            let message = format!("Null value not supported for : {}", nulls.join(", "));
            return Err(invalid_request(message));
        }
        match ConfigResourceType(asked.resource_type) {
            ConfigResourceType::TOPIC | ConfigResourceType::GROUP => Ok(()),
            ConfigResourceType::BROKER => {
                let broker = self.named_broker(&asked.resource_name)?;
                self.check_broker_alteration(asked, broker)
            }
            other => Err(invalid_request(format!("Unknown resource type {}", other.0))),
        }
    }

    /// The broker that is named, which must be this one; or none, for all.
    fn named_broker(&self, name: &str) -> Result<Option<BrokerId>, Refusal> {
        if name.is_empty() {
            return Ok(None);
        }
        let id: i32 = name.parse().map_err(|_| {
            invalid_request(format!("Node id must be an integer, but it is: {name}"))
        })?;
        if BrokerId(id) != self.id {
            let message =
                format!("Unexpected broker id, expected {}, but received {name}", self.id);
            return Err(invalid_request(message));
        }
        Ok(Some(self.id))
    }

    /// Whether the settings, with what was given before, could be applied.
    fn check_broker_alteration(
        &self,
        asked: &AlterConfigsResource,
        broker: Option<BrokerId>,
    ) -> Result<(), Refusal> {
        let mut after = self.process.image.broker_configs.get(&broker).cloned().unwrap_or_default();
        for config in &asked.configs {
            let name: Arc<str> = config.name.as_str().into();
            let operation = Operation::read(config.config_operation).ok_or_else(|| {
                invalid_request(format!("Unknown operations type {}", config.config_operation))
            })?;
            let value = config.value.as_deref().unwrap_or_default();
            match operation {
                Operation::Set => drop(after.insert(name, value.into())),
                Operation::Delete => drop(after.remove(&name)),
                Operation::Append | Operation::Subtract => {
                    let known = broker_config(&name);
                    let Some(list) = known.filter(|known| known.config_type == ConfigType::List)
                    else {
                        let what = operation.name().to_lowercase();
                        let message =
                            format!("Config value {what} is not allowed for config key: {name}");
                        return Err((ResponseError::InvalidConfig, message));
                    };
                    let before = after.get(&name).map(|value| &**value).or(list.default);
                    let changed = operation.change_list(before.unwrap_or_default(), value);
                    after.insert(name, changed.into());
                }
            }
        }
        check_dynamic(after.iter().map(|(name, value)| (&**name, &**value)), broker.is_some())
    }
}

impl Alteration {
    /// What the broker did not refuse itself.
    fn for_the_controller(&self) -> kafka::IncrementalAlterConfigsRequest {
        let resources = self.request.resources.iter().enumerate();
        let rest = resources.filter(|(place, _)| !self.refused.contains_key(place));
        kafka::IncrementalAlterConfigsRequest::default()
            .with_validate_only(self.request.validate_only)
            .with_resources(rest.map(|(_, asked)| asked.clone()).collect())
    }

    /// What the controller said, and what the broker had refused before.
    pub(super) fn finish(
        &self,
        body: &kafka::IncrementalAlterConfigsResponse,
    ) -> kafka::IncrementalAlterConfigsResponse {
        let mut of_controller = body.responses.iter();
        let answers = self.request.resources.iter().enumerate().map(|(place, asked)| {
            let answer = AlterConfigsResourceResponse::default()
                .with_resource_type(asked.resource_type)
                .with_resource_name(asked.resource_name.clone());
            match self.refused.get(&place) {
                Some((error, message)) => answer
                    .with_error_code(error.code())
                    .with_error_message(Some(StrBytes::from_string(message.clone()))),
                // The controller answers in the order of what it was asked.
                None => of_controller.next().cloned().unwrap_or(answer),
            }
        });
        kafka::IncrementalAlterConfigsResponse::default().with_responses(answers.collect())
    }
}

/// `DynamicBrokerConfig.validateConfigs`
fn check_dynamic<'a>(
    configs: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    is_one_broker: bool,
) -> Result<(), Refusal> {
    let names_with = |wanted: &[Update]| {
        let has = |name: &&str| broker_config(name).is_some_and(|c| wanted.contains(&c.update));
        let names: Vec<&str> = configs.clone().map(|(name, _)| name).filter(has).collect();
        names.join(", ")
    };
    let refuse = |message: &str, names: String| match names.is_empty() {
        true => Ok(()),
        false => Err(invalid_request(format!("{message}: [{names}]"))),
    };
    refuse(
        "Cannot update these configs dynamically",
        names_with(&[Update::ReadOnly, Update::Internal]),
    )?;
    refuse(
        "These security configs can be dynamically updated only per-listener using the listener prefix",
        names_with(&[Update::PerListener]),
    )?;
    for (name, value) in configs.clone() {
        let known = broker_config(base_name(name));
        known.map_or(Ok(()), |config| config.check(value)).map_err(invalid_request)?;
    }
    if is_one_broker {
        return Ok(());
    }
    let prefixed = configs.clone().map(|(name, _)| name).filter(|name| base_name(name) != *name);
    let of_listeners: Vec<&str> = prefixed.collect();
    let per_broker = [names_with(&[Update::PerBroker]), of_listeners.join(", ")];
    let per_broker: Vec<&str> =
        per_broker.iter().map(String::as_str).filter(|names| !names.is_empty()).collect();
    refuse(
        "Cannot update these configs at default cluster level, broker id must be specified",
        per_broker.join(", "),
    )
}

/// The name of a setting without the listener that it is for: `listener.name.NAME.`
fn base_name(name: &str) -> &str {
    let of_listener = name.strip_prefix("listener.name.").and_then(|rest| rest.split_once('.'));
    of_listener.map_or(name, |(_, base)| base)
}

fn invalid_request(message: impl Into<String>) -> Refusal {
    (ResponseError::InvalidRequest, message.into())
}
