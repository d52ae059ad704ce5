//! `kafka-configs.sh`: `ConfigCommand` of Kafka's tools, with what it prints.

use std::collections::VecDeque;
use std::sync::Arc;

use highwater_cluster::client::ClientMetadata;
use highwater_cluster::client::error_messages::kafka_message;
use highwater_cluster::configs::layers::Source;
use highwater_cluster::configs::{
    is_simulated_broker_config, is_simulated_group_config, is_simulated_topic_config,
};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::BrokerId;
use highwater_cluster::input::Input;
use highwater_cluster::message::{Request, Response};
use highwater_cluster::program::Program;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::describe_configs_request::DescribeConfigsResource;
use highwater_cluster::protocol::messages::describe_configs_response::DescribeConfigsResourceResult;
use highwater_cluster::protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use highwater_cluster::protocol::protocol::StrBytes;
use highwater_cluster::quota::QuotaValue;

use crate::admin::{Admin, Answer, CLIENT_ID, To};
use crate::command::Says;
use crate::java::hash_map_order;
use crate::programs::topics::error_class;
use crate::words::Word;

mod arguments;
mod changes;
mod options;
mod quotas;

use arguments::{Action, Arguments, EntityType};
pub(crate) use options::OPTIONS;

/// `AlterConfigOp.OpType`
const SET: i8 = 0;
const DELETE: i8 = 1;

/// The process for `kafka-configs.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => {
            let admin = Admin::new(arguments.servers.clone());
            let (entities, added) = (VecDeque::new(), Vec::new());
            Box::new(Configs { arguments, admin, entities, added, quotas: Vec::new() })
        }
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct Configs {
    arguments: Arguments,
    admin: Admin,
    /// Those that are still to be described; the first one is under way.
    entities: VecDeque<String>,
    /// The names of the settings that it gives.
    added: Vec<String>,
    /// The quotas that it gives.
    quotas: Vec<(String, QuotaValue)>,
}

/// Where the command stands after a step.
#[derive(Debug)]
enum Outcome {
    /// It printed what it had to.
    Done,
    /// Its arguments are wrong, as it says in a line.
    Wrong(String),
    /// It failed with this exception.
    Failed(String),
    /// It goes on with another call.
    Call(&'static str, Request, To),
}

impl Program for Configs {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        let outcome = match input {
            Input::Start => self.begin(ctx),
            Input::Interrupt => return ctx.exit(130),
            input => match self.admin.handle(ctx, &input) {
                Answer::Pending => return,
                Answer::Response(response) => self.on_response(ctx, &response),
                Answer::TimedOut(message) => Outcome::Failed(format!(
                    "org.apache.kafka.common.errors.TimeoutException: {message}"
                )),
            },
        };
        match outcome {
            Outcome::Done => ctx.exit(0),
            Outcome::Call(name, request, to) => self.admin.call(ctx, name, request, to),
            Outcome::Wrong(message) => {
                ctx.print_error(&message);
                ctx.exit(1);
            }
            Outcome::Failed(exception) => {
                let line = &self.arguments.line;
                ctx.print_error(&format!(
                    "Error while executing config command with args '{line}'"
                ));
                ctx.print_error(&format!("java.util.concurrent.ExecutionException: {exception}"));
                ctx.exit(1);
            }
        }
    }

    fn client_id(&self) -> Option<Arc<str>> {
        Some(CLIENT_ID.into())
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Configs {
    fn begin(&mut self, ctx: &mut Ctx<'_>) -> Outcome {
        if self.arguments.entity_type == EntityType::Quotas {
            return self.begin_with_quotas(ctx);
        }
        let arguments = &self.arguments;
        match (arguments.action, &arguments.entity) {
            (Action::Alter, Some(entity)) => {
                let entity = entity.clone();
                self.alter(ctx, &entity)
            }
            // Whether it is there is looked up first, but for --all, and for the default of all.
            (Action::Describe, Some(entity))
                if arguments.all
                    || entity.is_empty()
                    || arguments.entity_type == EntityType::Groups =>
            {
                self.entities = [entity.clone()].into();
                self.describe_next(ctx)
            }
            _ => match arguments.entity_type {
                EntityType::Topics => {
                    Outcome::Call("listTopics", ClientMetadata::request_all().into(), To::Any)
                }
                EntityType::Brokers | EntityType::Groups | EntityType::Quotas => {
                    Outcome::Call("describeCluster", ClientMetadata::request([]).into(), To::Any)
                }
            },
        }
    }

    fn on_response(&mut self, ctx: &mut Ctx<'_>, response: &Response) -> Outcome {
        match response {
            Response::Metadata(body) => self.found(ctx, body),
            Response::DescribeConfigs(body) => self.described(ctx, body),
            Response::IncrementalAlterConfigs(body) => self.altered(ctx, body),
            Response::DescribeClientQuotas(body) => self.quotas_described(ctx, body),
            Response::AlterClientQuotas(body) => self.quotas_altered(ctx, body),
            other => unreachable!("nothing was asked that {:?} answers", other.api_key()),
        }
    }

    fn alter(&mut self, ctx: &mut Ctx<'_>, entity: &str) -> Outcome {
        let added = match changes::to_add(ctx, &self.arguments) {
            Ok(added) => added,
            Err(message) => return Outcome::Wrong(message),
        };
        self.added = added.keys().cloned().collect();
        let text = |text: &str| StrBytes::from_string(text.to_owned());
        let config = |name: &str, operation, value: &str| {
            AlterableConfig::default()
                .with_name(text(name))
                .with_config_operation(operation)
                .with_value(Some(text(value)))
        };
        let deleted = self.arguments.delete.iter().map(|name| config(name, DELETE, ""));
        let added = added.iter().map(|(name, value)| config(name, SET, value));
        let resource = AlterConfigsResource::default()
            .with_resource_type(self.resource_type())
            .with_resource_name(text(entity))
            .with_configs(deleted.chain(added).collect());
        let request =
            kafka::IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
        Outcome::Call("incrementalAlterConfigs", request.into(), self.to(entity))
    }

    fn altered(&self, ctx: &mut Ctx<'_>, body: &kafka::IncrementalAlterConfigsResponse) -> Outcome {
        let refused = body.responses.iter().find_map(|resource| {
            let error = ResponseError::try_from_code(resource.error_code)?;
            Some(exception(error, resource.error_message.as_ref()))
        });
        if let Some(exception) = refused {
            return Outcome::Failed(exception);
        }
        self.say_completed(ctx);
        let is_simulated = match self.arguments.entity_type {
            EntityType::Topics => is_simulated_topic_config,
            EntityType::Brokers => is_simulated_broker_config,
            EntityType::Groups | EntityType::Quotas => is_simulated_group_config,
        };
        for name in self.added.iter().filter(|name| !is_simulated(name)) {
            ctx.print_error(&format!(
                "Highwater: {name} is kept and shown, but nothing here acts on it"
            ));
        }
        Outcome::Done
    }

    fn say_completed(&self, ctx: &mut Ctx<'_>) {
        match self.arguments.entity.as_deref() {
            Some(name) if !name.is_empty() => {
                ctx.print(&format!("Completed updating config for {} {name}.", self.singular()));
            }
            _ => ctx.print(&format!(
                "Completed updating default config for {} in the cluster.",
                self.plural()
            )),
        }
    }

    /// The topics or brokers that there are have come.
    fn found(&mut self, ctx: &mut Ctx<'_>, body: &kafka::MetadataResponse) -> Outcome {
        let mut there: Vec<String> = match self.arguments.entity_type {
            EntityType::Topics => {
                let names = body.topics.iter().filter_map(|topic| topic.name.as_ref());
                names.map(|name| name.to_string()).collect()
            }
            EntityType::Brokers | EntityType::Groups | EntityType::Quotas => {
                body.brokers.iter().map(|broker| broker.node_id.0.to_string()).collect()
            }
        };
        match &self.arguments.entity {
            Some(name) if !there.contains(name) => {
                let kind = self.singular();
                ctx.print(&format!(
                    "The {kind} '{name}' doesn't exist and doesn't have dynamic config."
                ));
                return Outcome::Done;
            }
            Some(name) => self.entities = [name.clone()].into(),
            None => {
                match self.arguments.entity_type {
                    EntityType::Topics => {
                        there.sort();
                        hash_map_order(&mut there, String::as_str);
                    }
                    // The default of all comes last.
                    EntityType::Brokers | EntityType::Groups | EntityType::Quotas => {
                        there.push(String::new());
                    }
                }
                self.entities = there.into();
            }
        }
        self.describe_next(ctx)
    }

    fn describe_next(&self, ctx: &mut Ctx<'_>) -> Outcome {
        let Some(entity) = self.entities.front() else { return Outcome::Done };
        if entity.is_empty() {
            ctx.print(&format!("Default configs for {} in the cluster are:", self.plural()));
        } else {
            let which = if self.arguments.all { "All" } else { "Dynamic" };
            ctx.print(&format!("{which} configs for {} {entity} are:", self.singular()));
        }
        let resource = DescribeConfigsResource::default()
            .with_resource_type(self.resource_type())
            .with_resource_name(StrBytes::from_string(entity.clone()))
            .with_configuration_keys(None);
        let request = kafka::DescribeConfigsRequest::default()
            .with_resources(vec![resource])
            .with_include_synonyms(true);
        Outcome::Call("describeConfigs", request.into(), self.to(entity))
    }

    fn described(&mut self, ctx: &mut Ctx<'_>, body: &kafka::DescribeConfigsResponse) -> Outcome {
        let entity = self.entities.pop_front().unwrap_or_default();
        let Some(result) = body.results.first() else { return self.describe_next(ctx) };
        if let Some(error) = ResponseError::try_from_code(result.error_code) {
            return Outcome::Failed(exception(error, result.error_message.as_ref()));
        }
        // Only what the entity itself was given, unless all is asked for.
        let own = match (self.arguments.entity_type, entity.is_empty()) {
            (EntityType::Topics, _) => "DYNAMIC_TOPIC_CONFIG",
            (EntityType::Groups | EntityType::Quotas, _) => "DYNAMIC_GROUP_CONFIG",
            (EntityType::Brokers, false) => "DYNAMIC_BROKER_CONFIG",
            (EntityType::Brokers, true) => "DYNAMIC_DEFAULT_BROKER_CONFIG",
        };
        let is_shown = |config: &&DescribeConfigsResourceResult| {
            self.arguments.all || source(config.config_source) == own
        };
        let mut configs: Vec<_> = result.configs.iter().filter(is_shown).collect();
        configs.sort_by(|a, b| a.name.cmp(&b.name));
        configs.into_iter().for_each(|config| ctx.print(&config_line(config)));
        self.describe_next(ctx)
    }

    /// A broker is asked itself; of topics, and of what all brokers have, any broker knows.
    fn to(&self, entity: &str) -> To {
        match self.arguments.entity_type {
            EntityType::Topics | EntityType::Groups | EntityType::Quotas => To::Any,
            EntityType::Brokers => entity.parse().map_or(To::Any, |id| To::Broker(BrokerId(id))),
        }
    }

    /// `ConfigResource.Type`
    fn resource_type(&self) -> i8 {
        match self.arguments.entity_type {
            EntityType::Topics => 2,
            EntityType::Brokers => 4,
            EntityType::Groups | EntityType::Quotas => 32,
        }
    }

    fn plural(&self) -> &str {
        match self.arguments.entity_type {
            EntityType::Topics => "topics",
            EntityType::Brokers => "brokers",
            EntityType::Groups => "groups",
            EntityType::Quotas => &self.arguments.types,
        }
    }

    fn singular(&self) -> &str {
        self.plural().trim_end_matches('s')
    }
}

fn config_line(config: &DescribeConfigsResourceResult) -> String {
    let null = |value: &Option<StrBytes>| value.as_deref().unwrap_or("null").to_owned();
    let synonyms = config.synonyms.iter().map(|synonym| {
        format!("{}:{}={}", source(synonym.source), &*synonym.name, null(&synonym.value))
    });
    format!(
        "  {}={} sensitive={} synonyms={{{}}}",
        &*config.name,
        null(&config.value),
        config.is_sensitive,
        synonyms.collect::<Vec<_>>().join(", ")
    )
}

/// The name of a source of settings. `ConfigEntry.ConfigSource`.
fn source(id: i8) -> &'static str {
    match id {
        1..=5 | 8 => Source::from_id(id).name(),
        _ => "UNKNOWN",
    }
}

fn exception(error: ResponseError, message: Option<&StrBytes>) -> String {
    let message = message.map_or_else(|| kafka_message(error), |message| message.to_string());
    format!("{}: {message}", error_class(error))
}
