//! Who a client is to the brokers.

use std::fmt;
use std::sync::Arc;

/// Who a client is: a kind, which is `User` here as nearly everywhere, and a name. `KafkaPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principal {
    kind: Arc<str>,
    name: Arc<str>,
}

/// The kind of nearly all.
const USER: &str = "User";

impl Principal {
    /// The user of that name.
    pub fn user(name: &str) -> Self {
        Self { kind: USER.into(), name: name.into() }
    }

    /// Whoever does not say who they are: `User:ANONYMOUS`.
    pub fn anonymous() -> Self {
        Self::user("ANONYMOUS")
    }

    /// In an entry: all users.
    pub fn everybody() -> Self {
        Self::user(super::WILDCARD)
    }

    /// Its name, without the kind: what quotas go by.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Reads `User:alice`. `SecurityUtils.parseKafkaPrincipal`.
    ///
    /// # Errors
    /// What Kafka says of a text that is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some((kind, name)) => Ok(Self { kind: kind.into(), name: name.into() }),
            None => Err(format!(
                "expected a string in format principalType:principalName but got {text}"
            )),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.name)
    }
}
