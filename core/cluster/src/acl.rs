//! Access control lists (KIP-11, KIP-290, KIP-801): who may do what with which resource, and who a client is.
//!
//! An entry allows or denies a principal an operation on the resources of a pattern. Brokers ask the [`Authorizer`] for
//! each thing that a client wants; what it refuses is an error code in the response.

use std::fmt;
use std::sync::Arc;

mod authorizer;
pub mod event;
mod filter;
mod kinds;
mod principal;
mod wire;

pub(crate) use authorizer::super_users;
pub use authorizer::{Action, Authorizer, Ruling};
pub use filter::{AclFilter, PatternFilter};
pub use kinds::{Operation, PatternType, Permission, ResourceType};
pub use principal::Principal;
pub(crate) use wire::by_resource;
pub use wire::described;

/// The name of the cluster as a resource: there is one.
pub const CLUSTER_NAME: &str = "kafka-cluster";
/// All names, all users, all hosts.
pub const WILDCARD: &str = "*";

/// A setting's value that names the authorizer of KRaft: the only one here.
pub const STANDARD_AUTHORIZER: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

/// The resources that an entry is about. `ResourcePattern`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourcePattern {
    /// What they are.
    pub resource_type: ResourceType,
    /// Their name, the beginning of it, or `*` for all.
    pub name: Arc<str>,
    /// How the name is meant.
    pub pattern_type: PatternType,
}

impl ResourcePattern {
    /// Whether a resource of that name is meant.
    pub fn covers(&self, name: &str) -> bool {
        match self.pattern_type {
            PatternType::Prefixed => name.starts_with(&*self.name),
            _ => *self.name == *name || &*self.name == WILDCARD,
        }
    }
}

impl fmt::Display for ResourcePattern {
    /// As Kafka's tools print it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource_type, name, pattern_type } = self;
        write!(
            f,
            "ResourcePattern(resourceType={resource_type}, name={name}, patternType={pattern_type})"
        )
    }
}

/// What an entry says of its resources. `AccessControlEntry`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessControlEntry {
    /// Whom it is about.
    pub principal: Principal,
    /// The address that they connect from, or `*`.
    pub host: Arc<str>,
    /// What they do.
    pub operation: Operation,
    /// Whether they may.
    pub permission: Permission,
}

impl fmt::Display for AccessControlEntry {
    /// As Kafka's tools print it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { principal, host, operation, permission } = self;
        write!(
            f,
            "(principal={principal}, host={host}, operation={operation}, permissionType={permission})"
        )
    }
}

/// An entry and the resources that it is about. `AclBinding`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acl {
    /// The resources.
    pub pattern: ResourcePattern,
    /// What it says of them.
    pub entry: AccessControlEntry,
}

impl fmt::Display for Acl {
    /// In words that a person reads: `allows User:alice READ on topic orders`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pattern, entry } = self;
        let verb = match entry.permission {
            Permission::Deny => "denies",
            _ => "allows",
        };
        let AccessControlEntry { principal, host, operation, .. } = entry;
        write!(f, "{verb} {principal} {operation} on {} ", pattern.resource_type.word())?;
        match (pattern.pattern_type, &*pattern.name) {
            (PatternType::Prefixed, name) => write!(f, "{name}… (prefixed)")?,
            (_, name) => f.write_str(name)?,
        }
        if &**host != WILDCARD { write!(f, " from {host}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
