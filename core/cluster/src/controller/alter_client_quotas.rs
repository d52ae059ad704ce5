//! AlterClientQuotas: quotas are given and taken away. `ClientQuotaControlManager`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::alter_client_quotas_request::{
    EntityData as Part, EntryData as Asked,
};
use kafka_protocol::messages::alter_client_quotas_response::{EntityData, EntryData};
use kafka_protocol::protocol::StrBytes;

use super::Controller;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::input::ReplyTo;
use crate::metadata::record::ClientQuotaRecord;
use crate::quota::event::QuotaEvent;
use crate::quota::{EntityName, IP_QUOTA_KEYS, QUOTA_KEYS, QuotaEntity, QuotaValue, Quotas};

impl Controller {
    pub(super) fn handle_alter_client_quotas(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::AlterClientQuotasRequest,
    ) {
        let mut records = Vec::new();
        let mut named = BTreeSet::new();
        let mut response = kafka::AlterClientQuotasResponse::default();
        for asked in &body.entries {
            let changes = entity(&asked.entity).and_then(|entity| {
                if !named.insert(entity.clone()) {
                    return Err(format!("Ignoring duplicate entity {entity}"));
                }
                changes(&entity, asked, self.image.client_quotas.get(&entity))
            });
            response.entries.push(answer(asked, changes.as_ref().err().map(String::as_str)));
            records.extend(changes.unwrap_or_default());
        }
        if !body.validate_only {
            for record in &records {
                let ClientQuotaRecord { entity, key: name, value } = record.clone();
                let changed = QuotaEvent::Changed { entity, name, value };
                ctx.emit(EventKind::Quota(Arc::new(changed)));
            }
            let records: Vec<_> = records.into_iter().map(Into::into).collect();
            self.write(ctx, &records);
        }
        ctx.respond(from, response);
    }
}

/// The entity that is named; the error is why it is none.
fn entity(parts: &[Part]) -> Result<QuotaEntity, String> {
    let mut entity = QuotaEntity::default();
    for part in parts {
        let kind = part.entity_type.as_str();
        let Some(place) = entity.part_mut(kind) else {
            return Err(format!("Unhandled client quota entity type: {kind}"));
        };
        if place.is_some() {
            return Err(format!(
                "Invalid empty client quota entity, duplicate entity entry {kind}"
            ));
        }
        if part.entity_name.as_deref() == Some("") {
            return Err(format!("Empty {kind} not supported"));
        }
        *place = Some(EntityName::from_nullable(part.entity_name.as_deref()));
    }
    let is_of_client = entity.user.is_some() || entity.client_id.is_some();
    match &entity.ip {
        Some(_) if is_of_client => Err(
            "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId"
                .to_owned(),
        ),
        // There is no DNS here: a name is resolvable to nothing.
        Some(EntityName::Named(ip)) if ip.parse::<core::net::IpAddr>().is_err() => {
            Err(format!("{ip} is not a valid IP or resolvable host."))
        }
        None if !is_of_client => Err("Invalid empty client quota entity".to_owned()),
        _ => Ok(entity),
    }
}

/// What changes; the error is why nothing does.
fn changes(
    entity: &QuotaEntity,
    asked: &Asked,
    known: Option<&Quotas>,
) -> Result<Vec<ClientQuotaRecord>, String> {
    let mut wanted: BTreeMap<&str, Option<QuotaValue>> = BTreeMap::new();
    for op in &asked.ops {
        let value = (!op.remove).then(|| QuotaValue::new(op.value));
        if wanted.insert(op.key.as_str(), value).is_some() {
            return Err(format!("Ignoring duplicate entity {entity}"));
        }
    }
    let keys: &[&str] = if entity.ip.is_some() { &IP_QUOTA_KEYS } else { &QUOTA_KEYS };
    for (key, value) in wanted.iter().filter_map(|(key, value)| Some((*key, (*value)?))) {
        if !keys.contains(&key) {
            return Err(format!("Invalid configuration key {key}"));
        }
        value.refusal(key).map_or(Ok(()), Err)?;
    }
    let changed = wanted.into_iter().filter(|(key, value)| {
        let known = known.and_then(|known| known.get(*key));
        value.as_ref().map_or(known.is_some(), |value| known != Some(value))
    });
    let record = |(key, value): (&str, Option<QuotaValue>)| ClientQuotaRecord {
        entity: entity.clone(),
        key: Arc::from(key),
        value,
    };
    Ok(changed.map(record).collect())
}

fn answer(asked: &Asked, error: Option<&str>) -> EntryData {
    let parts = asked.entity.iter().map(|part| {
        EntityData::default()
            .with_entity_type(part.entity_type.clone())
            .with_entity_name(part.entity_name.clone())
    });
    let answer = EntryData::default().with_entity(parts.collect());
    match error {
        None => answer.with_error_message(None),
        Some(message) => answer
            .with_error_code(ResponseError::InvalidRequest.code())
            .with_error_message(Some(StrBytes::from_string(message.to_owned()))),
    }
}

/// What a controller answers that is not the active one.
pub(crate) fn refused(
    body: &kafka::AlterClientQuotasRequest,
    code: i16,
) -> kafka::AlterClientQuotasResponse {
    let entries =
        body.entries.iter().map(|asked| answer(asked, None).with_error_code(code)).collect();
    kafka::AlterClientQuotasResponse::default().with_entries(entries)
}
