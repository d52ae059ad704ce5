//! DescribeClientQuotas: which quotas there are. `ClientQuotasImage.describe`.

use std::collections::BTreeMap;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::describe_client_quotas_request::ComponentData;
use kafka_protocol::messages::describe_client_quotas_response::{EntityData, EntryData, ValueData};
use kafka_protocol::protocol::StrBytes;

use crate::broker::Broker;
use crate::ctx::Ctx;
use crate::input::ReplyTo;
use crate::quota::{ENTITY_TYPES, EntityName, QuotaEntity, Quotas};

/// How a part of an entity is to be.
#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    /// This one, or the default.
    Exactly(EntityName),
    /// Any.
    Any,
}

impl Broker {
    pub(in crate::broker) fn on_describe_client_quotas(
        &self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::DescribeClientQuotasRequest,
    ) {
        let response = kafka::DescribeClientQuotasResponse::default();
        ctx.respond(
            from,
            match filter(&request.components) {
                Ok(wanted) => {
                    let known = self.process.image.client_quotas.iter();
                    let found = known.filter(|(entity, _)| fits(entity, &wanted, request.strict));
                    let entries = found.map(|(entity, quotas)| entry(entity, quotas)).collect();
                    response.with_error_message(None).with_entries(Some(entries))
                }
                Err((error, message)) => response
                    .with_error_code(error.code())
                    .with_error_message(Some(StrBytes::from_string(message)))
                    .with_entries(None),
            },
        );
    }
}

/// What is asked for, by kind.
fn filter(
    components: &[ComponentData],
) -> Result<BTreeMap<&'static str, Wanted>, (ResponseError, String)> {
    let invalid = |message: &str| (ResponseError::InvalidRequest, message.to_owned());
    let mut wanted = BTreeMap::new();
    for component in components {
        let kind = component.entity_type.as_str();
        if kind.is_empty() {
            return Err(invalid("Invalid empty entity type."));
        }
        let known = ENTITY_TYPES.into_iter().find(|known| *known == kind);
        let Some(known) = known else {
            let message = format!("Unsupported entity type {kind}");
            return Err((ResponseError::UnsupportedVersion, message));
        };
        let part = match (component.match_type, component._match.as_deref()) {
            (0, Some(name)) => Wanted::Exactly(EntityName::Named(name.into())),
            (0, None) => {
                let message = "Request specified MATCH_TYPE_EXACT, but set match string to null.";
                return Err(invalid(message));
            }
            (1, None) => Wanted::Exactly(EntityName::Default),
            (1, Some(_)) => {
                let message =
                    "Request specified MATCH_TYPE_DEFAULT, but also specified a match string.";
                return Err(invalid(message));
            }
            (2, None) => Wanted::Any,
            (2, Some(_)) => {
                let message =
                    "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.";
                return Err(invalid(message));
            }
            (other, _) => return Err(invalid(&format!("Unknown match type {other}"))),
        };
        if wanted.insert(known, part).is_some() {
            let message = format!("Entity type {kind} cannot appear more than once in the filter.");
            return Err(invalid(&message));
        }
    }
    if wanted.contains_key("ip") && wanted.len() > 1 {
        return Err(invalid("Invalid entity filter component combination."));
    }
    Ok(wanted)
}

fn fits(entity: &QuotaEntity, wanted: &BTreeMap<&'static str, Wanted>, is_strict: bool) -> bool {
    if is_strict && entity.parts().count() != wanted.len() {
        return false;
    }
    wanted.iter().all(|(kind, wanted)| match (entity.part(kind), wanted) {
        (Some(name), Wanted::Exactly(wanted)) => name == wanted,
        (Some(_), Wanted::Any) => true,
        (None, _) => false,
    })
}

fn entry(entity: &QuotaEntity, quotas: &Quotas) -> EntryData {
    let parts = entity.parts().map(|(kind, name)| {
        let name = name.to_nullable().map(|name| StrBytes::from_string(name.to_string()));
        EntityData::default()
            .with_entity_type(StrBytes::from_static_str(kind))
            .with_entity_name(name)
    });
    let values = quotas.iter().map(|(key, value)| {
        ValueData::default()
            .with_key(StrBytes::from_string(key.to_string()))
            .with_value(value.get())
    });
    EntryData::default().with_entity(parts.collect()).with_values(values.collect())
}
