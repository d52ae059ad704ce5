//! The settings of brokers by which they know and judge their clients. Kafka's own table has not all of them: the
//! authorizer and the login module read theirs by themselves.

use super::boolean;
use crate::acl::{STANDARD_AUTHORIZER, super_users};
use crate::authentication::{USERS_CONFIG, Users};

/// Checks one of these settings; none if it is another. The error says what is wrong and what to write.
pub(super) fn check(name: &str, value: &str) -> Option<Result<(), String>> {
    Some(match name {
        "authorizer.class.name" if value.is_empty() || value == STANDARD_AUTHORIZER => Ok(()),
        "authorizer.class.name" => {
            Err(format!("{name} is {STANDARD_AUTHORIZER} here or nothing, not {value}"))
        }
        "super.users" => super_users(value).map(|_| ()).map_err(|error| {
            format!("{name} takes principals such as User:admin;User:root: {error}")
        }),
        "allow.everyone.if.no.acl.found" => match boolean(value) {
            Some(_) => Ok(()),
            None => Err(format!("{name} takes true or false, not {value}")),
        },
        USERS_CONFIG => Users::read(value).map(|_| ()).map_err(|error| {
            format!(
                "{name} takes org.apache.kafka.common.security.plain.PlainLoginModule required \
                 user_alice=\"alice-secret\";: {error}"
            )
        }),
        _ => return None,
    })
}
