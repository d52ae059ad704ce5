//! What happened with access control lists, as lines of the trace.

use std::fmt;

use crate::acl::event::AclEvent;

pub(super) fn fmt_acl(event: &AclEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match event {
        AclEvent::Created { acl } => write!(f, "acl: {acl}"),
        AclEvent::Deleted { acl } => write!(f, "acl taken away: {acl}"),
        AclEvent::AuthenticationFailed { broker, client, user } => {
            write!(f, "broker {broker} does not believe {client} that it is {user}")
        }
        // As Kafka's authorizer log has it, but for the count of references.
        AclEvent::Denied {
            broker,
            client,
            principal,
            host,
            operation,
            resource,
            name,
            api,
            ruling,
        } => write!(
            f,
            "broker {broker} to {client}: Principal = {principal} is Denied operation = {operation} from host = \
             {host} on resource = {}:LITERAL:{name} for request = {api:?} based on rule {ruling}",
            resource.title()
        ),
    }
}
