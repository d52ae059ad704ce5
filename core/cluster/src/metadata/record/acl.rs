//! Access control lists.

use super::DecodeError;
use crate::acl::{
    AccessControlEntry, Acl, Operation, PatternType, Permission, Principal, ResourcePattern,
    ResourceType,
};
use crate::metadata::wire::{Reader, Writer};

/// An entry came to be. `AccessControlEntryRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessControlEntryRecord {
    /// Its id, a random one.
    pub id: u128,
    /// What it says.
    pub acl: Acl,
}

/// An entry was taken away. `RemoveAccessControlEntryRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoveAccessControlEntryRecord {
    /// Its id.
    pub id: u128,
}

impl AccessControlEntryRecord {
    pub(super) fn version(&self) -> u32 {
        0
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        let Acl { pattern, entry } = &self.acl;
        out.uuid(self.id);
        out.i8(pattern.resource_type.code());
        out.string(&pattern.name);
        out.i8(pattern.pattern_type.code());
        out.string(&entry.principal.to_string());
        out.string(&entry.host);
        out.i8(entry.operation.code());
        out.i8(entry.permission.code());
        out.no_tagged();
    }

    pub(super) fn read(input: &mut Reader<'_>, _version: u32) -> Result<Self, DecodeError> {
        let id = input.uuid()?;
        let pattern = ResourcePattern {
            resource_type: kind(ResourceType::from_code(input.i8()?), "no type of resource")?,
            name: input.string()?,
            pattern_type: kind(PatternType::from_code(input.i8()?), "no type of pattern")?,
        };
        let principal = Principal::parse(&input.string()?);
        let entry = AccessControlEntry {
            principal: kind(principal.ok(), "no principal")?,
            host: input.string()?,
            operation: kind(Operation::from_code(input.i8()?), "no operation")?,
            permission: kind(Permission::from_code(input.i8()?), "no permission")?,
        };
        input.tagged(|_, _| Ok(()))?;
        Ok(Self { id, acl: Acl { pattern, entry } })
    }
}

impl RemoveAccessControlEntryRecord {
    pub(super) fn version(&self) -> u32 {
        0
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        out.uuid(self.id);
        out.no_tagged();
    }

    pub(super) fn read(input: &mut Reader<'_>, _version: u32) -> Result<Self, DecodeError> {
        let id = input.uuid()?;
        input.tagged(|_, _| Ok(()))?;
        Ok(Self { id })
    }
}

fn kind<T>(known: Option<T>, what: &'static str) -> Result<T, DecodeError> {
    known.ok_or(DecodeError::InvalidValue(what))
}
