//! Whom a broker believes that they are who they say: the users of its `PlainLoginModule`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::client::security::{Login, jaas_options};

/// The setting of brokers that has the users of `SASL_PLAINTEXT` with `PLAIN`: `user_alice="alice-secret"`.
pub const USERS_CONFIG: &str = "listener.name.sasl_plaintext.plain.sasl.jaas.config";

/// What the names of a user's option begin with.
const USER: &str = "user_";

/// The users that a broker knows, with their passwords.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Users(BTreeMap<Arc<str>, Arc<str>>);

impl Users {
    /// The users of a broker's settings; none if these name none: then everybody is believed.
    pub fn of<'a>(config: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        config(USERS_CONFIG).and_then(|text| Self::read(text).ok())
    }

    /// Reads the setting.
    ///
    /// # Errors
    /// What Kafka's `JaasConfig` says, or that it names no user.
    pub fn read(text: &str) -> Result<Self, String> {
        let options = jaas_options(text)?;
        let user = |(name, password): (String, String)| {
            let name = name.strip_prefix(USER)?;
            Some((Arc::from(name), Arc::from(password)))
        };
        let users: BTreeMap<_, _> = options.into_iter().filter_map(user).collect();
        match users.is_empty() {
            true => Err("it names no users; write user_alice=\"alice-secret\" for each".to_owned()),
            false => Ok(Self(users)),
        }
    }

    /// Whether somebody is a user with that password.
    pub fn know(&self, login: &Login) -> bool {
        self.0.get(&login.user) == Some(&login.password)
    }
}
