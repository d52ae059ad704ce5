//! What happens with access control lists, in sentences.

use highwater_cluster::acl::event::AclEvent;
use highwater_cluster::acl::{Acl, Permission, Ruling};
use highwater_cluster::protocol::messages::ApiKey;

use super::{LogKind, Names, Narration, detail, story};

/// How what happened with access control lists is told. Resources stand as in the log of Kafka's authorizer.
pub(super) fn narrate_acl(event: &AclEvent, names: &Names<'_>) -> Narration {
    match event {
        AclEvent::Created { acl } => of_entry(acl, ["acl-allows", "acl-denies"]),
        AclEvent::Deleted { acl } => {
            of_entry(acl, ["acl-allows-no-longer", "acl-denies-no-longer"])
        }
        AclEvent::AuthenticationFailed { broker, client, user } => {
            story(LogKind::Other, "authentication-failed")
                .with("broker", broker)
                .said("name", names.node(*client))
                .with("user", user)
        }
        AclEvent::Denied {
            broker,
            client,
            principal,
            operation,
            resource,
            name,
            api,
            ruling,
            ..
        } => {
            let told = match ruling {
                Ruling::Entry(_) => "denied-by-entry",
                Ruling::SuperUser | Ruling::Default { .. } => "denied-by-default",
            };
            detail(kind(*api), told)
                .with("broker", broker)
                .said("name", names.node(*client))
                .with("principal", principal)
                .with("operation", operation)
                .with("resource", format!("{}:LITERAL:{name}", resource.title()))
        }
    }
}

fn of_entry(acl: &Acl, [allows, denies]: [&'static str; 2]) -> Narration {
    let Acl { pattern, entry } = acl;
    let told = match entry.permission {
        Permission::Deny => denies,
        Permission::Any | Permission::Allow => allows,
    };
    let resource =
        format!("{}:{}:{}", pattern.resource_type.title(), pattern.pattern_type, pattern.name);
    story(LogKind::Other, told)
        .with("principal", &entry.principal)
        .with("operation", entry.operation)
        .with("resource", resource)
}

/// What a request is about.
fn kind(api: ApiKey) -> LogKind {
    match api {
        ApiKey::Produce | ApiKey::InitProducerId => LogKind::Produce,
        ApiKey::Fetch | ApiKey::ShareFetch => LogKind::Consume,
        ApiKey::JoinGroup
        | ApiKey::SyncGroup
        | ApiKey::Heartbeat
        | ApiKey::ConsumerGroupHeartbeat
        | ApiKey::ShareGroupHeartbeat
        | ApiKey::OffsetCommit
        | ApiKey::OffsetFetch
        | ApiKey::FindCoordinator => LogKind::Group,
        _ => LogKind::Other,
    }
}
