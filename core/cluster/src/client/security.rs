//! How a client connects to brokers, and who it says that it is there: `security.protocol`, `sasl.mechanism`,
//! `sasl.jaas.config`. Nothing is encrypted here, and a password goes where a client's own settings go.

use std::sync::Arc;

use crate::acl::Principal;
use crate::client::settings::Setting;

/// What `security.protocol` can be.
const PROTOCOLS: [&str; 4] = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
/// A line that says who a client is, as an example.
const EXAMPLE: &str = "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
                       required username=\"alice\" password=\"alice-secret\";";

/// How a client connects, and who it says that it is. By default it says nothing of that.
#[derive(Clone, Debug, PartialEq)]
pub struct Security {
    has_sasl: bool,
    mechanism: Arc<str>,
    login: Option<Login>,
}

/// A user's name and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: Arc<str>,
    /// The password.
    pub password: Arc<str>,
}

impl Default for Security {
    fn default() -> Self {
        Self { has_sasl: false, mechanism: "GSSAPI".into(), login: None }
    }
}

/// The names of the settings that say it.
pub const SECURITY_CONFIGS: [&str; 3] = ["sasl.jaas.config", "sasl.mechanism", "security.protocol"];

impl Security {
    /// Sets one of these settings from text. None if it is another setting.
    ///
    /// # Errors
    /// What is wrong with the value, and what to write instead.
    pub fn set(&mut self, name: &str, value: &str) -> Option<Result<(), String>> {
        let set = match name {
            "security.protocol" => self.set_protocol(value),
            "sasl.mechanism" => self.set_mechanism(value),
            "sasl.jaas.config" => self.set_jaas(value),
            _ => return None,
        };
        Some(set)
    }

    /// Whether the settings go together.
    ///
    /// # Errors
    /// What is missing, and what to write.
    pub fn check(&self) -> Result<(), String> {
        if !self.has_sasl {
            return Ok(());
        }
        if &*self.mechanism == "GSSAPI" {
            return Err(
                "sasl.mechanism is GSSAPI by default, which is Kerberos and not simulated: give \
                        sasl.mechanism=PLAIN"
                    .to_owned(),
            );
        }
        match &self.login {
            Some(_) => Ok(()),
            None => Err(format!(
                "Could not find a 'KafkaClient' entry in the JAAS configuration: give {EXAMPLE}"
            )),
        }
    }

    /// Who the client says that it is, and by what password; none if it does not say.
    pub fn login(&self) -> Option<&Login> {
        self.login.as_ref().filter(|_| self.has_sasl)
    }

    /// Who the client is to brokers that believe it.
    pub fn principal(&self) -> Option<Principal> {
        self.login().map(|login| Principal::user(&login.user))
    }

    fn set_protocol(&mut self, text: &str) -> Result<(), String> {
        let known = PROTOCOLS.iter().find(|known| known.eq_ignore_ascii_case(text));
        self.has_sasl = match known {
            Some(&"PLAINTEXT") => false,
            Some(&"SASL_PLAINTEXT") => true,
            Some(_) => {
                return Err("nothing is encrypted here, so there are no certificates either: use PLAINTEXT, or \
                            SASL_PLAINTEXT to say who the client is"
                    .to_owned());
            }
            None => {
                let known = "PLAINTEXT, SASL_PLAINTEXT, SASL_SSL, SSL";
                return Err(format!("String must be one of (case insensitive): {known}"));
            }
        };
        Ok(())
    }

    fn set_mechanism(&mut self, text: &str) -> Result<(), String> {
        match text {
            "PLAIN" | "GSSAPI" => {
                self.mechanism = text.into();
                Ok(())
            }
            "SCRAM-SHA-256" | "SCRAM-SHA-512" => Err(
                "SCRAM proves that a client knows the password without sending it, which is not simulated; who \
                 the client is comes to the same with PLAIN"
                    .to_owned(),
            ),
            "OAUTHBEARER" => Err(
                "tokens of another service are not simulated; say who the client is with PLAIN".to_owned(),
            ),
            _ => Err("it is PLAIN here; Kafka also knows GSSAPI, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER"
                .to_owned()),
        }
    }

    fn set_jaas(&mut self, text: &str) -> Result<(), String> {
        let options = jaas_options(text)?;
        let value = |wanted: &str| {
            let found = options.iter().find(|(name, _)| name == wanted);
            found
                .map(|(_, value)| Arc::from(value.as_str()))
                .ok_or_else(|| format!("it names no {wanted}; write {EXAMPLE}"))
        };
        self.login = Some(Login { user: value("username")?, password: value("password")? });
        Ok(())
    }
}

/// The options of a JAAS entry: a module's class, `required`, then names with values, and a semicolon.
///
/// # Errors
/// What Kafka's `JaasConfig` says.
pub(crate) fn jaas_options(text: &str) -> Result<Vec<(String, String)>, String> {
    let text = text.trim();
    let entry = text.strip_suffix(';').ok_or("JAAS config entry not terminated by semi-colon")?;
    let mut rest = entry.trim_start();
    let mut word = || {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, left) = rest.split_at(end);
        rest = left.trim_start();
        word
    };
    let module = word();
    if module.is_empty() {
        return Err("Login module not specified in JAAS config".to_owned());
    }
    if !["required", "requisite", "sufficient", "optional"].contains(&word()) {
        return Err("Login module control flag is not available in the JAAS config".to_owned());
    }
    let mut options = Vec::new();
    while !rest.is_empty() {
        let named = rest.split_once('=');
        let (name, left) =
            named.ok_or(format!("Value not specified for key '{rest}' in JAAS config"))?;
        let (name, left) = (name.trim(), left.trim_start());
        // Java's `StreamTokenizer` takes either kind of quote.
        let in_quotes = |quote| left.strip_prefix(quote).and_then(|left| left.split_once(quote));
        let quoted = in_quotes('"').or_else(|| in_quotes('\''));
        let (value, left) = quoted
            .unwrap_or_else(|| left.split_at(left.find(char::is_whitespace).unwrap_or(left.len())));
        if name.is_empty() || value.is_empty() {
            return Err(format!("Value not specified for key '{name}' in JAAS config"));
        }
        options.push((name.to_owned(), value.to_owned()));
        rest = left.trim_start();
    }
    Ok(options)
}

/// A client's settings, with these among them.
pub(crate) trait Secured {
    fn security(&self) -> &Security;
    fn security_mut(&mut self) -> &mut Security;
}

/// `security.protocol`.
pub(crate) const fn protocol<C: Secured>() -> Setting<C> {
    Setting {
        name: "security.protocol",
        set: |config, text| config.security_mut().set_protocol(text),
        show: |config| match config.security().has_sasl {
            true => "SASL_PLAINTEXT".to_owned(),
            false => "PLAINTEXT".to_owned(),
        },
    }
}

/// `sasl.mechanism`.
pub(crate) const fn mechanism<C: Secured>() -> Setting<C> {
    Setting {
        name: "sasl.mechanism",
        set: |config, text| config.security_mut().set_mechanism(text),
        show: |config| config.security().mechanism.to_string(),
    }
}

/// `sasl.jaas.config`. Kafka shows none of a password either.
pub(crate) const fn jaas<C: Secured>() -> Setting<C> {
    Setting {
        name: "sasl.jaas.config",
        set: |config, text| config.security_mut().set_jaas(text),
        show: |config| match config.security().login {
            Some(_) => "[hidden]".to_owned(),
            None => "null".to_owned(),
        },
    }
}

/// Says where a client's settings hold these.
macro_rules! secured {
    ($config:ty) => {
        impl $crate::client::security::Secured for $config {
            fn security(&self) -> &$crate::client::security::Security {
                &self.security
            }

            fn security_mut(&mut self) -> &mut $crate::client::security::Security {
                &mut self.security
            }
        }
    };
}
pub(crate) use secured;

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"alice\" \
                         password=\"alice-secret\";";

    fn security(settings: &[(&str, &str)]) -> Result<Security, String> {
        let mut security = Security::default();
        for (name, value) in settings {
            security.set(name, value).expect("it is one of these settings")?;
        }
        security.check().map(|()| security)
    }

    #[test]
    fn three_settings_say_who_a_client_is() {
        let check = |settings: &[(&str, &str)], expected: Option<&str>| {
            let who = security(settings).expect("they go together").principal();
            assert_eq!(who.map(|who| who.to_string()).as_deref(), expected, "{settings:?}");
        };
        check(&[], None);
        check(&[("sasl.jaas.config", ALICE)], None);
        let all = [
            ("security.protocol", "sasl_plaintext"),
            ("sasl.mechanism", "PLAIN"),
            ("sasl.jaas.config", ALICE),
        ];
        check(&all, Some("User:alice"));
        let bare = "x.PlainLoginModule required  username=bob password = pw ;";
        check(&[all[0], all[1], ("sasl.jaas.config", bare)], Some("User:bob"));
        let single = "x.PlainLoginModule required username='bob' password='it is \"secret\"';";
        check(&[all[0], all[1], ("sasl.jaas.config", single)], Some("User:bob"));
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_write() {
        let check = |settings: &[(&str, &str)], part: &str| {
            let error = security(settings).expect_err("something is wrong");
            assert!(error.contains(part), "{settings:?}: {error}");
        };
        let sasl = ("security.protocol", "SASL_PLAINTEXT");
        check(&[("security.protocol", "TLS")], "String must be one of (case insensitive)");
        check(&[("security.protocol", "SASL_SSL")], "nothing is encrypted here");
        check(&[("sasl.mechanism", "SCRAM-SHA-512")], "comes to the same with PLAIN");
        check(&[sasl], "give sasl.mechanism=PLAIN");
        check(&[sasl, ("sasl.mechanism", "PLAIN")], "Could not find a 'KafkaClient' entry");
        check(&[("sasl.jaas.config", "x required a=b")], "not terminated by semi-colon");
        check(&[("sasl.jaas.config", ";")], "Login module not specified");
        check(&[("sasl.jaas.config", "x username=a;")], "control flag is not available");
        check(&[("sasl.jaas.config", "x required username=\"a\";")], "names no password");
        check(
            &[("sasl.jaas.config", "x required username;")],
            "Value not specified for key 'username'",
        );
    }
}
