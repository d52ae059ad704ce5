//! Quotas of users, client ids and addresses: `alterQuotaConfigs`, `describeQuotaConfigs`.

use std::collections::BTreeSet;

use highwater_cluster::ctx::Ctx;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::alter_client_quotas_request::{
    EntityData, EntryData, OpData,
};
use highwater_cluster::protocol::messages::describe_client_quotas_request::ComponentData;
use highwater_cluster::protocol::messages::describe_client_quotas_response::EntryData as Known;
use highwater_cluster::protocol::protocol::StrBytes;
use highwater_cluster::quota::{EntityName, IP_QUOTA_KEYS, QUOTA_KEYS, QuotaEntity, QuotaValue};

use super::arguments::{Action, Arguments};
use super::{Configs, Outcome, changes, exception};
use crate::admin::To;
use crate::java::hash_map_order;

/// A part of an entity: its kind as the protocol names it, and who, the empty name being the default; nobody in
/// particular is everybody.
pub(super) type Part = (&'static str, Option<String>);

/// The parts of the entity that types and names come to. The error is what the tool says.
pub(super) fn entity(types: &[&str], names: &[String]) -> Result<Vec<Part>, String> {
    if names.len() > types.len() {
        return Err("More entity names specified than entity types".to_owned());
    }
    let kind = |name: &&str| match *name {
        "users" => "user",
        "clients" => "client-id",
        _ => "ip",
    };
    let names = names.iter().cloned().map(Some).chain(std::iter::repeat(None));
    Ok(types.iter().map(kind).zip(names).collect())
}

impl Configs {
    /// What there is now is always asked first: to show it, or to know what can be taken away.
    pub(super) fn begin_with_quotas(&mut self, ctx: &mut Ctx<'_>) -> Outcome {
        if self.arguments.action == Action::Alter {
            match quota_changes(ctx, &self.arguments) {
                Ok(quotas) => self.quotas = quotas,
                Err(message) => return Outcome::Wrong(message),
            }
        }
        let component = |(kind, name): &Part| {
            let component =
                ComponentData::default().with_entity_type(StrBytes::from_static_str(kind));
            match name.as_deref() {
                None => component.with_match_type(2).with_match(None),
                Some("") => component.with_match_type(1).with_match(None),
                Some(name) => component
                    .with_match_type(0)
                    .with_match(Some(StrBytes::from_string(name.to_owned()))),
            }
        };
        let request = kafka::DescribeClientQuotasRequest::default()
            .with_components(self.arguments.parts.iter().map(component).collect())
            .with_strict(true);
        Outcome::Call("describeClientQuotas", request.into(), To::Any)
    }

    pub(super) fn quotas_described(
        &mut self,
        ctx: &mut Ctx<'_>,
        body: &kafka::DescribeClientQuotasResponse,
    ) -> Outcome {
        if let Some(error) = ResponseError::try_from_code(body.error_code) {
            return Outcome::Failed(exception(error, body.error_message.as_ref()));
        }
        let known = body.entries.as_deref().unwrap_or_default();
        match self.arguments.action {
            Action::Describe => {
                known.iter().for_each(|entry| ctx.print(&line(entry)));
                Outcome::Done
            }
            Action::Alter => self.alter_quotas(known.first()),
        }
    }

    fn alter_quotas(&self, known: Option<&Known>) -> Outcome {
        let arguments = &self.arguments;
        let has = |name: &str| known.is_some_and(|it| it.values.iter().any(|it| *it.key == *name));
        let missing: Vec<&str> =
            arguments.delete.iter().map(String::as_str).filter(|name| !has(name)).collect();
        if !missing.is_empty() {
            return Outcome::Wrong(format!("Invalid config(s): {}", missing.join(",")));
        }
        let text = |text: &str| StrBytes::from_string(text.to_owned());
        let deleted = arguments.delete.iter().map(|name| {
            let nothing = QuotaValue::default().get();
            OpData::default().with_key(text(name)).with_value(nothing).with_remove(true)
        });
        let added = self
            .quotas
            .iter()
            .map(|(name, value)| OpData::default().with_key(text(name)).with_value(value.get()));
        let part = |(kind, name): &Part| {
            let name = name.as_deref().filter(|name| !name.is_empty());
            EntityData::default()
                .with_entity_type(StrBytes::from_static_str(kind))
                .with_entity_name(name.map(text))
        };
        let entry = EntryData::default()
            .with_entity(arguments.parts.iter().map(part).collect())
            .with_ops(deleted.chain(added).collect());
        let request = kafka::AlterClientQuotasRequest::default().with_entries(vec![entry]);
        Outcome::Call("alterClientQuotas", request.into(), To::Any)
    }

    pub(super) fn quotas_altered(
        &self,
        ctx: &mut Ctx<'_>,
        body: &kafka::AlterClientQuotasResponse,
    ) -> Outcome {
        let refused = body.entries.iter().find_map(|entry| {
            let error = ResponseError::try_from_code(entry.error_code)?;
            Some(exception(error, entry.error_message.as_ref()))
        });
        if let Some(exception) = refused {
            return Outcome::Failed(exception);
        }
        self.say_completed(ctx);
        let names = self.quotas.iter().map(|(name, _)| name);
        for name in names.filter(|name| !QUOTA_KEYS.contains(&name.as_str())) {
            ctx.print_error(&format!(
                "Highwater: {name} is kept and shown, but nothing here acts on it"
            ));
        }
        Outcome::Done
    }
}

/// The quotas to give. The error is what the tool says.
fn quota_changes(
    ctx: &Ctx<'_>,
    arguments: &Arguments,
) -> Result<Vec<(String, QuotaValue)>, String> {
    let added = changes::to_add(ctx, arguments)?;
    let (keys, what): (&[&str], &str) = match arguments.parts.first() {
        Some(("ip", _)) => (&IP_QUOTA_KEYS, "connection quota"),
        Some(("user", _)) if arguments.parts.len() == 1 => {
            (&QUOTA_KEYS, "quota and SCRAM credential")
        }
        _ => (&QUOTA_KEYS, "quota"),
    };
    let unknown = |names: &mut dyn Iterator<Item = &String>, done: &str| {
        let unknown: BTreeSet<&str> =
            names.map(String::as_str).filter(|name| !keys.contains(name)).collect();
        let unknown: Vec<&str> = unknown.into_iter().collect();
        match unknown.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "Only {what} configs can be {done} for '{}' using --bootstrap-server. Unexpected config names: \
                 Set({})",
                arguments.types,
                unknown.join(", ")
            )),
        }
    };
    unknown(&mut added.keys(), "added")?;
    unknown(&mut arguments.delete.iter(), "deleted")?;
    let value = |(name, text): (String, String)| match QuotaValue::parse(&text) {
        Some(value) => Ok((name, value)),
        None => Err(format!("Cannot parse quota configuration value for {name}: {text}")),
    };
    added.into_iter().map(value).collect()
}

/// The quotas of an entity as the tool prints them.
fn line(entry: &Known) -> String {
    let mut entity = QuotaEntity::default();
    for part in &entry.entity {
        if let Some(place) = entity.part_mut(&part.entity_type) {
            *place = Some(EntityName::from_nullable(part.entity_name.as_deref()));
        }
    }
    let mut values: Vec<_> = entry.values.iter().collect();
    hash_map_order(&mut values, |value| value.key.as_str());
    let values: Vec<String> = values
        .iter()
        .map(|value| format!("{}={}", &*value.key, QuotaValue::new(value.value)))
        .collect();
    format!("Quota configs for {entity} are {}", values.join(", "))
}
