//! What happens in applications, in sentences.

use highwater_cluster::application::AppEvent;

use super::{LogKind, Names, Narration, detail, list, story};

/// How what happened in an application is told.
pub(super) fn narrate_app(event: &AppEvent, names: &Names<'_>) -> Option<Narration> {
    let (told, client) = match event {
        AppEvent::Started { client, group, from, to, guarantee, .. } => {
            let told = story(LogKind::Other, "app-started")
                .with("group", group)
                .with("from", list(from))
                .with("to", to)
                .with("guarantee", guarantee.name());
            (told, client)
        }
        AppEvent::Closed { client } => (story(LogKind::Other, "app-closed"), client),
        AppEvent::Killed { client } => (story(LogKind::Fault, "app-killed"), client),
        AppEvent::Crashed { client, records } => {
            (story(LogKind::Fault, "app-crashed").with("records", records), client)
        }
        AppEvent::Failed { client, error } => {
            (story(LogKind::Fault, "app-failed").with("error", error), client)
        }
        AppEvent::Committed { client, records } => {
            (detail(LogKind::Other, "app-committed").with("records", records), client)
        }
        AppEvent::WentBack { client, records, error } => {
            let told = story(LogKind::Other, "app-went-back")
                .with("records", records)
                .with("error", error)
                .because("app-went-back.because");
            (told, client)
        }
        _ => return None,
    };
    Some(told.with("name", names.client(*client)))
}
