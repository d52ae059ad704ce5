//! Which entries are listed or taken away. `AclBindingFilter`.

use std::fmt;
use std::sync::Arc;

use super::{Acl, Operation, PatternType, Permission, Principal, ResourcePattern, ResourceType};

/// The patterns that are meant. `ResourcePatternFilter`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PatternFilter {
    /// What they are about.
    pub resource_type: ResourceType,
    /// Their name; none if it may be any.
    pub name: Option<Arc<str>>,
    /// How the name is meant: that of the pattern, or with `MATCH` that of a resource which patterns cover.
    pub pattern_type: PatternType,
}

impl PatternFilter {
    /// Whether a pattern is meant.
    pub fn matches(&self, pattern: &ResourcePattern) -> bool {
        if self.resource_type != ResourceType::Any && self.resource_type != pattern.resource_type {
            return false;
        }
        let is_specific = !matches!(self.pattern_type, PatternType::Any | PatternType::Match);
        if is_specific && self.pattern_type != pattern.pattern_type {
            return false;
        }
        match &self.name {
            None => true,
            Some(name) if self.pattern_type == PatternType::Match => pattern.covers(name),
            Some(name) => *name == pattern.name,
        }
    }
}

impl fmt::Display for PatternFilter {
    /// As Kafka's tools print it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource_type, name, pattern_type } = self;
        let name = name.as_deref().unwrap_or("<any>");
        write!(
            f,
            "ResourcePattern(resourceType={resource_type}, name={name}, patternType={pattern_type})"
        )
    }
}

/// The entries that are meant: what is none may be any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclFilter {
    /// What they are about.
    pub pattern: PatternFilter,
    /// Whom they are about.
    pub principal: Option<Principal>,
    /// Where from.
    pub host: Option<Arc<str>>,
    /// What is done.
    pub operation: Operation,
    /// Whether it may be done.
    pub permission: Permission,
}

impl AclFilter {
    /// Whether an entry is meant.
    pub fn matches(&self, acl: &Acl) -> bool {
        let entry = &acl.entry;
        self.pattern.matches(&acl.pattern)
            && self.principal.as_ref().is_none_or(|it| *it == entry.principal)
            && self.host.as_ref().is_none_or(|it| *it == entry.host)
            && (self.operation == Operation::Any || self.operation == entry.operation)
            && (self.permission == Permission::Any || self.permission == entry.permission)
    }
}
