//! The rules of Kafka's `StandardAuthorizer`, as functions of the entries that there are.

use std::collections::BTreeSet;
use std::fmt;

use crate::configs::boolean;

use super::{Acl, Operation, PatternType, Permission, Principal, ResourceType, WILDCARD};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action<'a> {
    /// Who.
    pub principal: &'a Principal,
    /// The address that they connect from.
    pub host: &'a str,
    /// What they want to do.
    pub operation: Operation,
    /// With what.
    pub resource: ResourceType,
    /// Its name.
    pub name: &'a str,
}

/// Why somebody may do what they want, or may not.
#[derive(Clone, Debug, PartialEq)]
pub enum Ruling {
    /// Super users may do everything.
    SuperUser,
    /// An entry says so.
    Entry(Acl),
    /// No entry says so: nobody may, but where `allow.everyone.if.no.acl.found` lets everyone to what no entry is about.
    Default {
        /// Whether it is that.
        is_allowed: bool,
    },
}

impl Ruling {
    /// Whether they may.
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::SuperUser => true,
            Self::Entry(acl) => acl.entry.permission == Permission::Allow,
            Self::Default { is_allowed } => *is_allowed,
        }
    }
}

impl fmt::Display for Ruling {
    /// As Kafka's authorizer log has it, but for the entry, which is said as in `kafka-acls.sh`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SuperUser => f.write_str("SuperUser"),
            Self::Entry(acl) => write!(f, "MatchingAcl({acl})"),
            Self::Default { is_allowed: true } => f.write_str("DefaultAllow"),
            Self::Default { is_allowed: false } => f.write_str("DefaultDeny"),
        }
    }
}

/// The authorizer's settings. `StandardAuthorizer`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Authorizer {
    super_users: BTreeSet<Principal>,
    allows_without_acl: bool,
}

impl Authorizer {
    /// The authorizer that a broker's settings ask for; none if they name none: then everybody may do everything.
    pub fn of<'a>(config: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        config("authorizer.class.name").filter(|class| !class.trim().is_empty())?;
        let named = config("super.users").unwrap_or_default();
        let super_users = super_users(named).unwrap_or_default();
        let allows_without_acl = config("allow.everyone.if.no.acl.found")
            .is_some_and(|text| boolean(text) == Some(true));
        Some(Self { super_users, allows_without_acl })
    }

    /// Whether somebody may do what they want. The order of the entries makes no difference to that.
    pub fn authorize<'a>(
        &self,
        acls: impl Iterator<Item = &'a Acl>,
        action: &Action<'_>,
    ) -> Ruling {
        if self.super_users.contains(action.principal) {
            return Ruling::SuperUser;
        }
        let (mut allowing, mut has_any) = (None, false);
        let is_about = |acl: &&Acl| {
            acl.pattern.resource_type == action.resource && acl.pattern.covers(action.name)
        };
        for acl in acls.filter(is_about) {
            has_any = true;
            match permission(acl, action) {
                // Nothing outweighs a denial.
                Some(Permission::Deny) => return Ruling::Entry(acl.clone()),
                Some(_) => allowing = allowing.or(Some(acl)),
                None => {}
            }
        }
        match allowing {
            Some(acl) => Ruling::Entry(acl.clone()),
            None => Ruling::Default { is_allowed: !has_any && self.allows_without_acl },
        }
    }

    /// Whether somebody may do that with any resource of the kind, whichever it is. `authorizeByResourceType`
    pub fn authorize_any<'a>(
        &self,
        acls: impl Iterator<Item = &'a Acl> + Clone,
        action: &Action<'_>,
    ) -> bool {
        // What no entry names in particular stands for all the others.
        let unnamed = Action { name: "\u{0}", ..*action };
        if self.authorize(acls.clone(), &unnamed).is_allowed() {
            return true;
        }
        let named = acls.clone().filter(|acl| {
            acl.pattern.resource_type == action.resource
                && permission(acl, action) == Some(Permission::Allow)
        });
        let is_denied = |name: &str, is_prefix: bool| {
            acls.clone().any(|acl| {
                let is_same_kind = acl.pattern.resource_type == action.resource;
                let denies = permission(acl, action) == Some(Permission::Deny);
                let is_prefixed = acl.pattern.pattern_type == PatternType::Prefixed;
                let covers_all = is_prefixed || !is_prefix || &*acl.pattern.name == WILDCARD;
                is_same_kind && denies && covers_all && acl.pattern.covers(name)
            })
        };
        named
            .map(|acl| (&*acl.pattern.name, acl.pattern.pattern_type == PatternType::Prefixed))
            .any(|(name, is_prefix)| !is_denied(name, is_prefix))
    }
}

/// The principals of `super.users`, which are separated by semicolons.
///
/// # Errors
/// What Kafka says of one that is none.
pub(crate) fn super_users(text: &str) -> Result<BTreeSet<Principal>, String> {
    let named = text.split(';').map(str::trim).filter(|text| !text.is_empty());
    named.map(Principal::parse).collect()
}

/// What an entry about a resource says of an action on it; none if it says nothing of it.
fn permission(acl: &Acl, action: &Action<'_>) -> Option<Permission> {
    let entry = &acl.entry;
    let is_of_principal =
        entry.principal == *action.principal || entry.principal == Principal::everybody();
    let is_of_host = &*entry.host == WILDCARD || *entry.host == *action.host;
    let is_of_operation = entry.operation == Operation::All
        || match entry.permission {
            Permission::Allow => entry.operation.implies(action.operation),
            _ => entry.operation == action.operation,
        };
    (is_of_principal && is_of_host && is_of_operation).then_some(entry.permission)
}
