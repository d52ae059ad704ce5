//! Quotas of clients.

use std::sync::Arc;

use super::DecodeError;
use crate::metadata::wire::{Reader, Writer};
use crate::quota::{EntityName, QuotaEntity, QuotaValue};

/// A quota was given to an entity or taken away. `ClientQuotaRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientQuotaRecord {
    /// Whom it limits.
    pub entity: QuotaEntity,
    /// The setting's name.
    pub key: Arc<str>,
    /// Its value; none if it is taken away.
    pub value: Option<QuotaValue>,
}

impl ClientQuotaRecord {
    pub(super) fn version(&self) -> u32 {
        0
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        let parts: Vec<(&str, &EntityName)> = self.entity.parts().collect();
        out.list(&parts, |out, (kind, name)| {
            out.string(kind);
            out.nullable_string(name.to_nullable().map(|name| &**name));
            out.no_tagged();
        });
        out.string(&self.key);
        out.i64(self.value.map_or(0, QuotaValue::to_bits));
        out.bool(self.value.is_none());
        out.no_tagged();
    }

    pub(super) fn read(input: &mut Reader<'_>, _version: u32) -> Result<Self, DecodeError> {
        let parts = input.list(|input| {
            let (kind, name) = (input.string()?, input.nullable_string()?);
            input.tagged(|_, _| Ok(()))?;
            Ok((kind, name))
        })?;
        let mut entity = QuotaEntity::default();
        for (kind, name) in parts {
            let part = entity.part_mut(&kind);
            let part = part.ok_or(DecodeError::InvalidValue("no kind of entity"))?;
            *part = Some(EntityName::from_nullable(name.as_deref()));
        }
        let key = input.string()?;
        let value = QuotaValue::from_bits(input.i64()?);
        let is_removed = input.bool()?;
        input.tagged(|_, _| Ok(()))?;
        Ok(Self { entity, key, value: (!is_removed).then_some(value) })
    }
}
